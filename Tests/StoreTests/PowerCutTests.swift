import CSQLiteSettings
import Domain
import Foundation
import GRDB
import Store
import Synchronization
import TestSupport
import Testing

/// What happens to the log's file below everything of ours, in order: SQLite's own way to files is asked to tell.
private enum DiskRecord {
    enum Event {
        case write(at: Int, [UInt8])
        case truncate(Int)
        case sync
    }
    static let events = Mutex<[Event]>([])
    /// Whether the disk refuses to confirm.
    static let isFailing = Mutex(false)
    static let marker = "power-cut"
    private nonisolated(unsafe) static let system = sqlite3_vfs_find("unix")!
    private nonisolated(unsafe) static let open = system.pointee.xOpen!
    private nonisolated(unsafe) static let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    private nonisolated(unsafe) static var original = sqlite3_io_methods()

    /// From now on, for logs in folders that bear the marker.
    static func begin() {
        _ = open
        system.pointee.xOpen = { vfs, name, handle, flags, opened in
            let code = DiskRecord.open(vfs, name, handle, flags, opened)
            if code == SQLITE_OK, flags & SQLITE_OPEN_WAL != 0, let name, String(cString: name).contains(DiskRecord.marker) {
                DiskRecord.original = handle!.pointee.pMethods.pointee
                DiskRecord.setMethods()
                handle!.pointee.pMethods = UnsafePointer(DiskRecord.methods)
            }
            return code
        }
    }

    static func end() { system.pointee.xOpen = open }

    private static func setMethods() {
        methods.initialize(to: original)
        methods.pointee.xWrite = { file, bytes, count, at in
            let copy = [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            DiskRecord.events.withLock { $0.append(.write(at: Int(at), copy)) }
            return DiskRecord.original.xWrite(file, bytes, count, at)
        }
        methods.pointee.xSync = { file, flags in
            guard !DiskRecord.isFailing.withLock({ $0 }) else { return SQLITE_IOERR }
            let code = DiskRecord.original.xSync(file, flags)
            DiskRecord.events.withLock { $0.append(.sync) }
            return code
        }
        methods.pointee.xTruncate = { file, size in
            DiskRecord.events.withLock { $0.append(.truncate(Int(size))) }
            return DiskRecord.original.xTruncate(file, size)
        }
    }

    /// The log's file as a disk may hold it when power fails after the first `count` events: what was synced whole, of the rest any
    /// sectors.
    static func image(after count: Int, of events: [Event], using random: inout SystemRandomNumberGenerator) -> [UInt8] {
        var image: [UInt8] = []
        let synced = events.prefix(count).lastIndex { if case .sync = $0 { true } else { false } } ?? -1
        for (at, event) in events.prefix(count).enumerated() {
            switch event {
            case .sync: break
            case .truncate(let size): image.removeLast(max(image.count - size, 0))
            case .write(let start, let bytes):
                if image.count < start + bytes.count { image += [UInt8](repeating: 0, count: start + bytes.count - image.count) }
                for sector in stride(from: 0, to: bytes.count, by: 512) where at < synced || Bool.random(using: &random) {
                    let part = bytes[sector..<min(sector + 512, bytes.count)]
                    image.replaceSubrange(start + sector..<start + sector + part.count, with: part)
                }
            }
        }
        return image
    }
}

/// What many tasks saw.
private final class Seen<Value: Sendable>: Sendable {
    private let list = Mutex<[Value]>([])
    var all: [Value] { list.withLock { $0 } }
    func add(_ value: Value) { list.withLock { $0.append(value) } }
}

@Suite(.serialized) struct PowerCutTests {
    private let entity = ID<Entity>(1)

    private func entries(_ ids: Range<Int64>, memo: String = String(repeating: "m", count: 700)) -> RowBatch {
        journalRows(entity, ids, memo: memo)
    }

    /// Commits of one to 200 rows, some larger than what is joined, some that outgrow the cache, some taken back; then power fails at 300
    /// points.
    @Test func whatWasAnsweredStandsAfterAPowerCut() async throws {
        DiskRecord.begin()
        defer { DiskRecord.end() }
        var random = SystemRandomNumberGenerator()
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (database, before) = try await Self.fresh(in: folder)
        /// How many rows were answered for once so many events had happened.
        var answered: [(events: Int, rows: Int64)] = [(0, 0)], rows: Int64 = 0
        for turn in 0..<60 {
            let next = rows..<rows + Int64([1, 3, 40, 200][turn % 4])
            if turn % 7 == 3 {
                try? await database.write(entity: entity) {
                    try $0.run("PRAGMA cache_size = 10")
                    try $0.insert(entries(next, memo: "taken back"))
                    throw CancellationError()
                }
            }
            try await database.write(entity: entity) {
                try $0.run(turn % 5 == 4 ? "PRAGMA cache_size = 10" : "PRAGMA cache_size = -262144")
                try $0.insert(entries(next))
            }
            rows = next.upperBound
            answered.append((DiskRecord.events.withLock { $0.count }, rows))
        }
        let events = DiskRecord.events.withLock { $0 }
        #expect(events.contains { if case .write(_, let bytes) = $0 { bytes.count > 4_120 } else { false } }, "nothing was joined")
        for _ in 0..<300 {
            let cut = Int.random(in: 0...events.count, using: &random)
            let kept = try standing(before, DiskRecord.image(after: cut, of: events, using: &random), in: folder)
            let promised = answered.last { $0.events <= cut }!.rows
            #expect(kept.rows >= promised && answered.contains { $0.rows == kept.rows }, "after event \(cut) of \(events.count)")
            #expect(kept.isSound && kept.strangers == 0, "after event \(cut) of \(events.count)")
        }
        await database.close()
    }

    /// Many at once, whose commits are synced beside the writer: what was answered, and what was read, stands after power fails at 200
    /// points, and each transaction whole.
    @Test func whatManyWereAnsweredStandsAfterAPowerCut() async throws {
        DiskRecord.begin()
        defer { DiskRecord.end() }
        var random = SystemRandomNumberGenerator()
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (database, before) = try await Self.fresh(in: folder)
        let answered = Seen<(events: Int, first: Int64)>(), read = Seen<(events: Int, rows: Int64)>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in Int64(0)..<32 {
                group.addTask {
                    for turn in Int64(0)..<12 {
                        let first = (writer * 12 + turn) * 3
                        try await database.write(entity: entity) { try $0.insert(entries(first..<first + 3)) }
                        answered.add((DiskRecord.events.withLock { $0.count }, first))
                    }
                }
            }
            group.addTask {
                for _ in 0..<60 {
                    let rows = try await database.read { try $0.first("SELECT count(*) FROM journal_entry") { $0.integer(0) } ?? 0 }
                    read.add((DiskRecord.events.withLock { $0.count }, rows))
                }
            }
            try await group.waitForAll()
        }
        let events = DiskRecord.events.withLock { $0 }
        let promises = answered.all, readings = read.all
        let syncs = events.count { if case .sync = $0 { true } else { false } }
        #expect(promises.count == 384 && syncs < 384, "nothing was committed together")
        for _ in 0..<200 {
            let cut = Int.random(in: 0...events.count, using: &random)
            let kept = try ids(before, DiskRecord.image(after: cut, of: events, using: &random), in: folder)
            for promise in promises where promise.events <= cut {
                #expect(kept.contains(promise.first), "entry \(promise.first) was answered for before event \(cut) of \(events.count)")
            }
            for reading in readings where reading.events <= cut { #expect(kept.count >= reading.rows, "what was read is gone") }
            #expect(kept.allSatisfy { kept.contains($0 / 3 * 3) && kept.contains($0 / 3 * 3 + 2) }, "half a transaction stands")
        }
        await database.close()
    }

    /// The disk does not confirm: nobody is told that anything is done, nothing is read or written any more, until the database is opened
    /// again.
    @Test func nothingIsAnsweredThatTheDiskDidNotConfirm() async throws {
        DiskRecord.begin()
        defer { DiskRecord.end() }
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (database, _) = try await Self.fresh(in: folder)
        try await database.write(entity: entity) { try $0.insert(entries(0..<3)) }
        DiskRecord.isFailing.withLock { $0 = true }
        let refusals = Seen<String>()
        await withTaskGroup(of: Void.self) { group in
            for writer in Int64(1)..<64 {
                group.addTask {
                    do { try await database.write(entity: entity) { try $0.insert(entries(writer * 3..<writer * 3 + 3)) } } catch {
                        refusals.add((error as? DatabaseFault)?.code ?? "\(error)")
                    }
                }
            }
        }
        DiskRecord.isFailing.withLock { $0 = false }
        #expect(refusals.all.count == 63, "somebody was told that it is done")
        #expect(refusals.all.contains("florin:durability"))
        await #expect(throws: DatabaseFault.self) { try await database.write(entity: entity) { try $0.insert(entries(900..<903)) } }
        await #expect(throws: DatabaseFault.self) { try await database.read { try $0.first("SELECT 1") { $0.integer(0) } } }
        await database.close()
        let again = try SQLiteDatabase(path: folder.appending(path: "books.sqlite").path)
        try await again.write(entity: entity) { try $0.insert(entries(900..<903)) }
        await again.close()
    }

    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "\(DiskRecord.marker)-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// A database whose log is empty and recorded from now on, and its file, which must stay as it is: what the log holds is not copied
    /// there.
    private static func fresh(in folder: URL) async throws -> (SQLiteDatabase, Data) {
        let path = folder.appending(path: "books.sqlite").path
        let made = try SQLiteDatabase(path: path)
        try await made.migrate()
        await made.close()
        let before = try Data(contentsOf: URL(filePath: path))
        DiskRecord.events.withLock { $0 = [] }
        return (try SQLiteDatabase(path: path), before)
    }

    /// The entries that SQLite finds in the files.
    private func ids(_ database: Data, _ log: [UInt8], in folder: URL) throws -> Set<Int64> {
        try found(database, log, in: folder) { Set(try Int64.fetchAll($0, sql: "SELECT id FROM journal_entry")) }
    }

    /// What SQLite itself finds in the files.
    private func standing(_ database: Data, _ log: [UInt8], in folder: URL) throws -> (rows: Int64, strangers: Int64, isSound: Bool) {
        try found(database, log, in: folder) { db in
            (
                try Int64.fetchOne(db, sql: "SELECT count(*) FROM journal_entry") ?? -1,
                try Int64.fetchOne(db, sql: "SELECT count(*) FROM journal_entry WHERE memo = 'taken back'") ?? -1,
                try String.fetchOne(db, sql: "PRAGMA quick_check") == "ok"
            )
        }
    }

    private func found<Value>(
        _ database: Data, _ log: [UInt8], in folder: URL, _ read: (GRDB.Database) throws -> Value
    ) throws -> Value {
        let copy = folder.appending(path: "cut.sqlite").path
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + end) }
        try database.write(to: URL(filePath: copy))
        try Data(log).write(to: URL(filePath: copy + "-wal"))
        var configuration = Configuration()
        configuration.readonly = false
        return try DatabaseQueue(path: copy, configuration: configuration).read(read)
    }

    /// Another process writes where a transaction that was taken back had written before it: the log is copied after each commit and begun
    /// anew.
    @Test func aTransactionTakenBackLeavesNothingForLater() async throws {
        let (writer, other) = try await Engine.sqlite.makePair()
        for database in [writer, other] { try await database.write(entity: entity) { try $0.run("PRAGMA wal_autocheckpoint = 1") } }
        for turn in Int64(0)..<20 {
            try? await writer.write(entity: entity) {
                try $0.run("PRAGMA cache_size = 10")
                try $0.insert(entries(turn * 1_000..<turn * 1_000 + 300, memo: "taken back"))
                throw CancellationError()
            }
            try await other.write(entity: entity) { try $0.insert(entries(turn * 1_000..<turn * 1_000 + 100)) }
            try await writer.write(entity: entity) { try $0.insert(entries(turn * 1_000 + 100..<turn * 1_000 + 110)) }
        }
        let (count, sound) = try await other.read { tx in
            (
                try tx.first("SELECT count(*) FROM journal_entry WHERE memo <> 'taken back'") { $0.integer(0) },
                try tx.first("PRAGMA integrity_check") { $0.text(0) }
            )
        }
        #expect(count == 2_200 && sound == "ok")
    }
}
