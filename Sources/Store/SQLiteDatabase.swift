import Dispatch
import Domain
import GRDB
import GRDBSQLite
import Synchronization

/// SQLite inside the process: one writer that commits waiting bodies together, many readers.
package final class SQLiteDatabase: Database {
    /// At most this many bodies share one commit, so that the first of them does not wait for a crowd.
    private static let groupLimit = 256

    private let pool: DatabasePool
    private let writer = DispatchQueue(label: "florin.sqlite.writer")
    private let waiting = Mutex<[Waiting]>([])

    /// A body with its continuation inside: `run` executes it, `finish` tells the caller once the commit is known.
    private struct Waiting: Sendable {
        let run: @Sendable (SQLiteTransaction) throws -> Void
        let finish: @Sendable ((any Error)?) -> Void
    }

    /// - Parameter path: A file; it is made when absent.
    /// - Errors: refuses to start unless SQLite confirms WAL with `synchronous = FULL` on the writer.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(60)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY") }
        pool = try DatabasePool(path: path, configuration: configuration)
        // GRDB sets synchronous = NORMAL while it opens the pool, so FULL is set after that, and read back.
        let setting = try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            return (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
        }
        guard setting == (2, "wal") else {
            throw DatabaseFault(
                code: "florin:durability", message: "\(path): SQLite did not accept WAL with synchronous=FULL; move the file to a local disk",
                statement: "PRAGMA synchronous")
        }
    }

    package func write<Value: Sendable>(
        entity: ID<Entity>, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let box = Outcome<Value>()
            let entry = Waiting(
                run: { tx in
                    do { let value = try body(tx); box.value.withLock { $0 = .success(value) } } catch {
                        box.value.withLock { $0 = .failure(error) }
                        throw error
                    }
                },
                finish: { failure in
                    if let failure { return continuation.resume(throwing: failure) }
                    continuation.resume(with: box.value.withLock { $0! })
                })
            waiting.withLock { $0.append(entry) }
            writer.async { self.commitWaiting() }
        }
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try await pool.read { try body(SQLiteTransaction($0)) }
    }

    package func migrate() async throws {
        try await write(entity: ID(0)) { try applyMigrations(in: $0, dialect: .sqlite) }
    }

    package func close() async { try? pool.close() }

    private func commitWaiting() {
        let group = waiting.withLock { queue in
            let group = Array(queue.prefix(Self.groupLimit))
            queue.removeFirst(group.count)
            return group
        }
        guard !group.isEmpty else { return }  // an earlier turn took this body along
        var failures = [(any Error)?](repeating: nil, count: group.count)
        do {
            try pool.writeWithoutTransaction { db in
                let tx = SQLiteTransaction(db)
                try tx.run("BEGIN IMMEDIATE")
                do {
                    for (at, entry) in group.enumerated() {
                        do { try Self.isolated(entry, in: tx) } catch { failures[at] = error }
                    }
                    try tx.run("COMMIT")
                } catch {
                    if sqlite3_get_autocommit(db.sqliteConnection) == 0 { try tx.run("ROLLBACK") }
                    throw error
                }
            }
            for (entry, failure) in zip(group, failures) { entry.finish(failure) }
        } catch {
            for (entry, failure) in zip(group, failures) { entry.finish(failure ?? error) }
        }
    }

    private static func isolated(_ entry: Waiting, in tx: SQLiteTransaction) throws {
        try tx.run("SAVEPOINT body")
        do {
            try entry.run(tx)
            try tx.run("RELEASE body")
        } catch {
            try tx.run("ROLLBACK TO body")
            try tx.run("RELEASE body")
            throw error
        }
    }
}

/// Carries a result from the writer's thread to the caller's continuation.
private final class Outcome<Value: Sendable>: Sendable {
    let value = Mutex<Result<Value, any Error>?>(nil)
}
