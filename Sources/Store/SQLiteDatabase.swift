import CSQLiteSettings
import Domain
import GRDB
import GRDBSQLite

/// SQLite inside the process: one writer that commits waiting bodies together, many readers.
package final class SQLiteDatabase: Database {
    let pool: DatabasePool
    private let writer = CommitQueue(label: "florin.sqlite.writer", entitiesApart: false)
    /// Touched on the writer's queue alone.
    private nonisolated(unsafe) let writerStatements = SQLiteStatements()
    private nonisolated(unsafe) var caution = Caution()
    private let inserter = SQLiteInserter()
    private let checkpointer: SQLiteCheckpointer
    private let syncer: SQLiteSyncer
    /// Groups of so many are synced beside the next.
    private static let leavesSyncFrom = 4

    /// - Parameters:
    ///   - path: A file; it is made when absent.
    ///   - logPages: The log is copied into the file from so many pages on: a page that many commits change is copied once.
    /// - Errors: refuses to start unless SQLite confirms WAL with `synchronous = FULL` on the writer.
    package init(path: String, logPages: Int = 24_000) throws {
        checkpointer = SQLiteCheckpointer(path: path, limit: logPages)
        syncer = SQLiteSyncer(path: path)
        _ = settingsTaken
        _ = logIsJoined
        var configuration = Configuration()
        configuration.busyMode = .timeout(60)
        configuration.prepareDatabase {
            try $0.execute(sql: "PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY; PRAGMA recursive_triggers = ON")
        }
        let settings = configuration
        pool = try faulted(path) { try DatabasePool(path: path, configuration: settings) }
        // GRDB sets synchronous = NORMAL while it opens the pool, so FULL is set after that, and read back.
        let opened = pool
        let setting = try faulted(path) { [checkpointer] in
            try opened.writeWithoutTransaction { db in
                checkpointer.watch(db.sqliteConnection)
                try db.execute(sql: "PRAGMA synchronous = FULL")
                return (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
            }
        }
        guard setting == (2, "wal") else {
            throw DatabaseFault(
                code: "florin:durability",
                message: "\(path): SQLite did not accept WAL with synchronous=FULL; move the file to a local disk",
                statement: "PRAGMA synchronous")
        }
    }

    package func enqueue(_ body: WaitingBody) { writer.enqueue(body) { self.commit($0) } }

    package func committer(of entity: ID<Entity>) -> any TaskExecutor { writer }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        let value = try await pool.read { try body(SQLiteTransaction($0, SQLiteStatements())) }
        try await syncer.settled()
        return value
    }

    package func migrate(through version: Int64) async throws {
        try await write(entity: ID(0)) { try applyMigrations(in: $0, dialect: .sqlite, through: version) }
    }

    package func close() async {
        await withCheckedContinuation { closed in
            writer.run {
                self.checkpointer.close()
                self.syncer.close()
                // A prepared statement keeps its connection open.
                self.pool.writeWithoutTransaction { _ in self.writerStatements.forget() }
                try? self.pool.close()
                closed.resume()
            }
        }
    }

    private func commit(_ group: [WaitingBody]) {
        // One alone is answered sooner by the thread that is awake.
        let leavesSync = group.count >= Self.leavesSyncFrom || syncer.isBehind
        do {
            try syncer.admit(leavesSync: leavesSync)
        } catch {
            for entry in group { entry.finish(error) }
            return
        }
        let commit = Result {
            try pool.writeWithoutTransaction { db in
                var attempt = caution.attempt()
                while true {
                    let tx = SQLiteTransaction(db, writerStatements, inserter, expectsNew: attempt == .asNew)
                    do { return try Self.commit(group, tx, db, attempt, leavesSync) } catch let refused as GroupRefused {
                        attempt = caution.attempt(after: refused)
                    }
                }
            }
        }
        let answer: @Sendable ((any Error)?) -> Void = { fault in
            for (at, entry) in group.enumerated() {
                switch commit {
                case .success(let committed): entry.finish(committed.failures[at] ?? fault)
                case .failure(let error): entry.finish(error)
                }
            }
        }
        if case .failure(let fault as DatabaseFault) = commit, fault.isUnsynced { syncer.fail() }
        if leavesSync { syncer.finish(try? commit.get().log, answer) } else { answer(nil) }
        if case .success = commit, checkpointer.isDue() {
            pool.writeWithoutTransaction { checkpointer.finish(on: $0.sqliteConnection) }
        }
    }

    /// What each body threw, nil for those that are committed; and the log that is to be synced.
    private typealias Committed = (failures: [(any Error)?], log: SQLiteLog.Unsynced?)

    /// Savepoints copy every page they touch: they are laid only once a body of the group is known to refuse.
    private static func commit(
        _ group: [WaitingBody], _ tx: SQLiteTransaction, _ db: GRDB.Database, _ attempt: GroupAttempt, _ leavesSync: Bool
    ) throws -> Committed {
        var failures = [(any Error)?](repeating: nil, count: group.count)
        try tx.run("BEGIN IMMEDIATE")
        do {
            if attempt == .apart {
                for (at, entry) in group.enumerated() {
                    do { try run(entry, tx) } catch { failures[at] = error }
                }
            } else {
                do {
                    try WaitingBody.runTogether(group) { tx }
                    try tx.settle()
                } catch { throw GroupRefused(error, bodies: group.count, attempt) ?? error }
            }
            return (failures, try SQLiteLog.joining(db.sqliteConnection, leavesSync: leavesSync) { try tx.run("COMMIT") })
        } catch {
            tx.abandon()
            if sqlite3_get_autocommit(db.sqliteConnection) == 0 { try tx.run("ROLLBACK") }
            throw error
        }
    }

    private static func run(_ entry: WaitingBody, _ tx: SQLiteTransaction) throws {
        try tx.run("SAVEPOINT body")
        do {
            try entry.run(tx)
            try tx.run("RELEASE body")
        } catch {
            tx.abandon()
            try tx.run("ROLLBACK TO body")
            try tx.run("RELEASE body")
            throw error
        }
    }
}

private let logIsJoined = SQLiteLog.install()

/// SQLite refuses them once a connection is open; they are a matter of speed only.
private let settingsTaken = florin_sqlite_without_memory_statistics() == SQLITE_OK && SQLitePageCache.install()
