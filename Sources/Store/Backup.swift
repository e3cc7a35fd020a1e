import Domain
import Foundation
import GRDB
import Glibc

/// A backup: one SQLite file with every table, whichever engine the books live on. It is itself a set of books that can be proven.
package struct BackupFile: Sendable {
    private let queue: DatabaseQueue

    /// Opens a backup without changing it.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        queue = try faulted(path) { try DatabaseQueue(path: path, configuration: configuration) }
        do {
            guard try read({ try schemaVersion(in: $0) }) == nil else { return }
        } catch let fault as DatabaseFault {
            throw DatabaseFault(code: fault.code, message: "\(path): \(fault.message)", statement: fault.statement)
        }
        throw DatabaseFault(code: "florin:backup", message: "\(path): is no backup of florin", statement: "")
    }

    /// Whether a file is a backup: one file without a log beside it, which books in use never are.
    package static func isBackup(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        let head = (try? file.read(upToCount: 20)).map { [UInt8]($0) } ?? []
        return head.count == 20 && head.starts(with: "SQLite format 3\0".utf8) && head[18] == 1 && (try? BackupFile(path: path)) != nil
    }

    package func read<Value>(_ body: (any Transaction) throws -> Value) throws -> Value {
        try queue.read { try body(SQLiteTransaction($0, SQLiteStatements())) }
    }

    package func rowCounts() throws -> [(table: String, rows: Int64)] {
        try read { tx in
            try copiedTables(tx).map { table in
                (table.name, try tx.first(SQL(text: "SELECT count(*) FROM \(table.name)", values: [])) { $0.integer(0) } ?? 0)
            }
        }
    }

    package func close() throws { try queue.close() }

    /// Does `body` with a backup as this program reads it: with the file itself or, of an older version, with a copy in the temporary
    /// folder, which is brought up to date and removed afterwards.
    ///
    /// - Errors: `DatabaseFault` of a newer version.
    package static func broughtUpToDate<Value: Sendable>(
        _ path: String, _ body: @Sendable (BackupFile) async throws -> Value
    ) async throws -> Value {
        let file = try BackupFile(path: path)
        let version = try file.read { try schemaVersion(in: $0) } ?? 0
        guard version <= migrations.last!.version else { throw DatabaseFault.newer(version) }
        guard version < migrations.last!.version else {
            let value = try await body(file)
            try file.close()
            return value
        }
        try file.close()
        let current = FileManager.default.temporaryDirectory.appending(
            path: "florin-restore-\(ProcessInfo.processInfo.globallyUniqueString)"
        ).path
        defer { removeDatabase(current) }
        try FileManager.default.copyItem(atPath: path, toPath: current)
        let books = try SQLiteDatabase(path: current)
        try await books.migrate()
        await books.close()
        let copy = try BackupFile(path: current), value = try await body(copy)
        try copy.close()
        return value
    }
}

extension SQLiteDatabase {
    func copied(to partial: String) throws {
        let queue = try faulted(partial) { try DatabaseQueue(path: partial) }
        try faulted(partial) {
            try pool.backup(to: queue)
            try closeAsOneFile(queue)
        }
    }
}

extension PostgresDatabase {
    func copied(to partial: String) async throws {
        let queue = try faulted(partial) { try DatabaseQueue(path: partial) }
        try await read { source in
            let version: Int64? = try source.first("SELECT MAX(version) FROM schema_version") { $0.optionalInteger(0) } ?? nil
            try queue.writeWithoutTransaction { db in
                let copy = SQLiteTransaction(db, SQLiteStatements())
                try copy.run("BEGIN IMMEDIATE")
                do {
                    try applyMigrations(in: copy, dialect: .sqlite, through: version ?? .max)
                    try copyRows(of: copiedTables(copy), from: source, to: copy)
                    try copy.run("COMMIT")
                } catch {
                    try copy.run("ROLLBACK")
                    throw error
                }
            }
        }
        try faulted(partial) { try closeAsOneFile(queue) }
    }
}

extension Database {
    /// Writes a backup of one consistent moment while others go on writing, with the schema that is there. The file appears under its
    /// name once it is whole.
    ///
    /// - Errors: `DatabaseFault` when something has the name already: of two backups under one name, the first that is whole has it.
    package func backup(to path: String) async throws {
        guard !FileManager.default.fileExists(atPath: path) else { throw taken(path) }
        let partial = "\(path).\(UUID().uuidString)\(partialEnding(beside: path))"
        removeAbandoned(beside: path)
        do {
            switch self {
            case let database as SQLiteDatabase: try database.copied(to: partial)
            case let database as PostgresDatabase: try await database.copied(to: partial)
            default: preconditionFailure("an engine copies its books")
            }
            try rename(partial, to: path)
        } catch {
            removeDatabase(partial)
            throw error
        }
    }

    /// Fills an empty database from a backup, in one transaction; a backup of an older version is brought up to date on the way.
    ///
    /// - Parameter prove: Reads the backup before anything of it is written: what it throws leaves the database empty.
    /// - Errors: `DatabaseFault` when the database holds books already.
    package func restore(from path: String, proving prove: @escaping @Sendable (any Transaction) throws -> Void) async throws {
        try await read { try requireNoBooks(in: $0) }
        try await BackupFile.broughtUpToDate(path) { file in
            try file.read(prove)
            try await fill(from: file)
        }
    }

    private func fill(from file: BackupFile) async throws {
        try await write(entity: ID(0)) { tx in
            try requireNoBooks(in: tx)
            try file.read { try copyRows(of: copiedTables($0), from: $0, to: tx) }
        }
    }
}

private func requireNoBooks(in tx: any Transaction) throws {
    guard try tx.first("SELECT count(*) FROM entity", { $0.integer(0) }) == 0 else {
        throw DatabaseFault(code: "florin:exists", message: "the database holds books already; restore into a new one", statement: "")
    }
}

private struct CopiedTable {
    let name: String
    let columns: [(name: String, kind: Table.Kind)]
    let key: [Int]
}

/// Rows read in one go.
private let page = 2_000

private func copiedTables(_ catalog: any Transaction) throws -> [CopiedTable] {
    let names = try catalog.rows(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' AND name <> 'schema_version' ORDER BY name"
    ) { $0.text(0) }
    return try names.map { name in
        let columns = try catalog.rows("SELECT name, type, pk FROM pragma_table_info(\(name)) ORDER BY cid") {
            row -> (String, Table.Kind, Int64) in
            let kind: Table.Kind =
                switch row.text(1) {
                case "INTEGER": .integer
                case "BLOB": .bytes
                default: .text
                }
            return (row.text(0), kind, row.integer(2))
        }
        let key = columns.indices.filter { columns[$0].2 > 0 }.sorted { columns[$0].2 < columns[$1].2 }
        return CopiedTable(name: name, columns: columns.map { ($0.0, $0.1) }, key: key)
    }
}

/// Copies page by page in the order of the primary key, so that memory does not grow with the books.
private func copyRows(of tables: [CopiedTable], from source: any Transaction, to target: any Transaction) throws {
    for table in tables {
        let kinds = table.columns.map(\.kind), key = table.key.map { table.columns[$0].name }.joined(separator: ", ")
        let places = (1...table.key.count).map { "$\($0)" }.joined(separator: ", ")
        let select = "SELECT \(table.columns.map(\.name).joined(separator: ", ")) FROM \(table.name)",
            order = "ORDER BY \(key) LIMIT \(page)"
        let marks = table.columns.map { "\($0.name):\($0.kind.mark)" }.joined(separator: " ")
        var after: [SQLValue]?, batch = RowBatch(Table(table.name, marks))
        repeat {
            batch.removeAll()
            let query =
                after.map { SQL(text: "\(select) WHERE (\(key)) > (\(places)) \(order)", values: $0) }
                ?? SQL(text: "\(select) \(order)", values: [])
            try source.forEach(query) { row in
                for (at, kind) in kinds.enumerated() {
                    if row.isNull(at) {
                        batch.appendNull()
                    } else {
                        switch kind {
                        case .integer: batch.append(row.integer(at))
                        case .text: batch.append(row.text(at))
                        case .bytes: batch.append(row.bytes(at))
                        }
                    }
                }
                after = table.key.map { kinds[$0] == .integer ? .integer(row.integer($0)) : .text(row.text($0)) }
            }
            try target.insert(batch)
            try target.forEach("SELECT 1") { _ in }  // waits for the page, so that no more than one is on its way
        } while batch.count == page
    }
}

extension Table.Kind {
    fileprivate var mark: String {
        switch self {
        case .integer: "i"
        case .text: "t"
        case .bytes: "b"
        }
    }
}

/// nil when the file holds no books of ours.
private func schemaVersion(in tx: any Transaction) throws -> Int64? {
    guard try tx.first("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'", { _ in true }) != nil else { return nil }
    return try tx.first("SELECT MAX(version) FROM schema_version") { $0.optionalInteger(0) } ?? nil
}

/// Without a journal beside it, so that one file is the whole backup.
private func closeAsOneFile(_ queue: DatabaseQueue) throws {
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
    try queue.close()
}

private func taken(_ path: String) -> DatabaseFault {
    DatabaseFault(code: "florin:exists", message: "\(path): exists already; name a new file", statement: "")
}

/// Gives a whole file its name, and replaces nothing that has it by now.
private func rename(_ partial: String, to path: String) throws {
    guard link(partial, path) != 0 else {
        unlink(partial)
        return
    }
    guard errno != EEXIST else { throw taken(path) }
    // Some file systems know no second name for a file.
    try FileManager.default.moveItem(atPath: partial, toPath: path)
}

/// How the names of backups end that are not whole yet.
private func partialEnding(beside path: String) -> String {
    let kind = URL(filePath: path).pathExtension
    return ".\(kind.isEmpty ? "backup" : kind).partial"
}

/// What backups that were killed more than a day ago left in the folder, under names that end as this one's does.
private func removeAbandoned(beside path: String) {
    let folder = URL(filePath: path).deletingLastPathComponent(), ending = partialEnding(beside: path)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where ["", "-wal", "-shm", "-journal"].contains(where: { name.hasSuffix(ending + $0) }) {
        let file = folder.appending(path: name).path
        let changed = (try? FileManager.default.attributesOfItem(atPath: file))?[.modificationDate] as? Date
        if let changed, changed < Date(timeIntervalSinceNow: -86_400) { unlink(file) }
    }
}

/// Removes a SQLite file and what stands beside it.
package func removeDatabase(_ path: String) {
    for name in [path, path + "-wal", path + "-shm", path + "-journal"] where FileManager.default.fileExists(atPath: name) { unlink(name) }
}
