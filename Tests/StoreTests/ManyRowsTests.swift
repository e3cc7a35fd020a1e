import Domain
import Foundation
import Store
import TestSupport
import Testing

private struct Refused: Error {}
private let entity = ID<Entity>(1)

/// Many rows, which the database writes while the transaction goes on, and a long log, which is copied into the file while others are
/// written.
@Suite struct ManyRowsTests {
    private func count(_ database: any Store.Database, _ condition: StaticString = "") async throws -> Int64 {
        let query = SQL(text: "SELECT count(*) FROM journal_entry WHERE entity_id = $1 \(condition)", values: [.integer(entity.value)])
        return try await database.read { try $0.first(query) { $0.integer(0) } ?? -1 }
    }

    /// What was inserted is there for the next statement, also where rows are inserted while others are read.
    @Test(arguments: Engine.available) func rowsAreThereForTheNextStatement(engine: Engine) async throws {
        let database = try await engine.make()
        let seen = try await database.write(entity: entity) { tx in
            var seen: [Int64] = []
            for start in stride(from: Int64(0), to: 4_000, by: 1_000) {
                try tx.insert(journalRows(entity, start..<start + 500, memo: "first"))
                try tx.insert(journalRows(entity, start + 500..<start + 1_000, memo: "second"))
                try tx.run("UPDATE book SET seal_count = seal_count WHERE entity_id = \(entity)")
                seen.append(try tx.first("SELECT count(*) FROM journal_entry WHERE entity_id = \(entity)") { $0.integer(0) } ?? -1)
            }
            try tx.forEach("SELECT id FROM journal_entry WHERE entity_id = \(entity) AND id < 2 ORDER BY id") { row in
                let start = 10_000 + row.integer(0) * 1_000
                try tx.insert(journalRows(entity, start..<start + 300, memo: "while reading"))
            }
            return seen
        }
        #expect(seen == [1_000, 2_000, 3_000, 4_000])
        #expect(try await count(database) == 4_600)
    }

    /// A row that the database refuses fails its transaction whole, wherever it is told; the neighbours and those who come later are
    /// served.
    @Test(arguments: Engine.available, [1, 5, 300] as [Int64]) func aRowThatIsRefused(engine: Engine, rows: Int64) async throws {
        let database = try await engine.make()
        try await database.write(entity: entity) { try $0.insert(journalRows(entity, 999..<1_000, memo: "stands")) }
        for turn in Int64(1)...20 {
            async let neighbour: Void = database.write(entity: entity) { tx in
                try tx.insert(journalRows(entity, turn * 10_000..<turn * 10_000 + rows, memo: "neighbour"))
            }
            await #expect(throws: DatabaseFault.self) {
                try await database.write(entity: entity) { tx in
                    try tx.insert(journalRows(entity, 1_000 - rows..<1_000, memo: "refused"))
                    if turn % 3 == 0 { try tx.insert(journalRows(entity, 5_000..<5_000 + rows, memo: "refused")) }
                    if turn % 2 == 0 {
                        _ = try tx.first("SELECT count(*) FROM journal_entry WHERE entity_id = \(entity)") { $0.integer(0) }
                    }
                }
            }
            try await neighbour
        }
        // A body that changes its mind while its rows are written takes them back.
        await #expect(throws: Refused.self) {
            try await database.write(entity: entity) { tx in
                try tx.insert(journalRows(entity, 5_000..<5_500, memo: "refused"))
                throw Refused()
            }
        }
        #expect(try await count(database, "AND memo = 'refused'") == 0)
        #expect(try await count(database) == 1 + 20 * rows)
    }

    /// The log stays short while commits and readers go on, and the file holds everything.
    @Test func theLogIsCopiedBesideTheWriter() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "florin-log-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "books.sqlite").path, pages = 100
        let database = try SQLiteDatabase(path: path, logPages: pages)
        try await database.migrate()
        var seen: [Int64] = [], longest = 0
        for turn in Int64(0)..<400 {
            async let reading = count(database)
            try await database.write(entity: entity) { tx in
                try tx.insert(journalRows(entity, turn * 300..<turn * 300 + 300, memo: String(repeating: "m", count: 60)))
            }
            seen.append(try await reading)
            let length = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int ?? 0
            longest = max(longest, length)
        }
        #expect(seen == seen.sorted())
        #expect(longest < 20 * pages * 4_120, "the log grew to \(longest) bytes")
        #expect(try await count(database) == 120_000)
        await database.close()
        let again = try SQLiteDatabase(path: path)
        #expect(try await count(again) == 120_000)
        #expect(try await again.read { try $0.first("PRAGMA integrity_check") { $0.text(0) } } == "ok")
        await again.close()
    }

    /// One engine would keep it, the other cut the text there: neither takes it, one row or many.
    @Test(arguments: Engine.available, [1, 20, 2_000]) func aZeroByteIsRefused(engine: Engine, rows: Int) async throws {
        let database = try await engine.make()
        await #expect(throws: DatabaseFault.self) {
            try await database.write(entity: entity) { try $0.insert(journalRows(entity, 0..<Int64(rows), memo: "a\u{0}b")) }
        }
        await #expect(throws: DatabaseFault.self) {
            try await database.write(entity: entity) { try $0.run("UPDATE book SET seal_count = 1 WHERE 'a' = \("a\u{0}b")") }
        }
        #expect(try await count(database) == 0)
    }
}
