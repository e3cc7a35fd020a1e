import Domain
import Synchronization

/// PostgreSQL through libpq: a pool whose connections each run whole transactions on a thread of their own.
package final class PostgresDatabase: Database {
    private let lanes: [Lane]
    private let next = Atomic<Int>(0)
    private let url: String

    /// - Parameters:
    ///   - url: `postgres://user@host:port/database`, or anything else that libpq takes.
    ///   - connections: At least 1.
    package init(url: String, connections: Int = 4) throws {
        precondition(connections > 0)
        self.url = url
        lanes = try (0..<connections).map { try Lane(url: url, number: $0) }
    }

    package func enqueue(_ body: WaitingBody) { lane(of: body.entity).enqueue(body) }

    package func committer(of entity: ID<Entity>) -> any TaskExecutor { lane(of: entity).queue }

    /// One lane an entity: its operations would only queue for the book's row lock on other connections.
    private func lane(of entity: ID<Entity>) -> Lane { lanes[Int(UInt64(bitPattern: entity.value) % UInt64(lanes.count))] }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        let lane = lanes[next.add(1, ordering: .relaxed).newValue % lanes.count]
        return try await lane.run(isRepeatable: true) { connection in
            try connection.committed(.beginReading) { try body(PostgresTransaction(connection)) }
        }
    }

    package func migrate(through version: Int64) async throws {
        try await asOwner { tx in
            // Of programs that start together one goes on; the others find its work done.
            try tx.run("SELECT pg_advisory_xact_lock(hashtextextended(CAST(current_schema() AS text), 7310))")
            try applyMigrations(in: tx, dialect: .postgres, through: version)
        }
    }

    /// A transaction with the rights of the connection's own user, for work on the schema itself.
    package func asOwner(_ body: @escaping @Sendable (any Transaction) throws -> Void) async throws {
        try await lanes[0].run { connection in
            try connection.takeRights(ofOwner: true)
            try connection.committed(.beginWriting) { try body(PostgresTransaction(connection)) }
        }
    }

    package func close() async { for lane in lanes { await lane.close() } }
}

extension StatementText {
    fileprivate static let beginReading = StatementText(written: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    fileprivate static let beginWriting = StatementText(written: "BEGIN ISOLATION LEVEL READ COMMITTED")
    fileprivate static let commit = StatementText(written: "COMMIT")
}

extension PostgresConnection {
    /// Runs `body` between `begin` and COMMIT, or rolls back.
    fileprivate func committed<Value>(_ begin: StatementText, _ body: () throws -> Value) throws -> Value {
        do {
            try send(begin, [])
            let value = try body()
            try send(.commit, [])
            try collect()
            return value
        } catch {
            try rollback()
            throw error
        }
    }

    fileprivate func rollback() throws {
        guard isAlive else { return }
        do { try collect() } catch let fault as DatabaseFault where fault.code.hasPrefix("25") || isAlive {
            // What was still on its way failed with the transaction; the caller has the first error already.
        }
        try send("ROLLBACK")
        try collect()
    }
}

/// A connection and the queue that alone touches it.
private final class Lane: @unchecked Sendable {
    /// A conflict or a lost connection is tried this often in all.
    private static let tries = 5
    /// serialization_failure, deadlock_detected, lock_not_available, and the lost connections.
    private static let passing: Set<String> = ["40001", "40P01", "55P03", "08006", "08001", "57P01", "57P02"]

    private let url: String
    let queue: CommitQueue
    private var current: PostgresConnection?
    private var caution = Caution()

    init(url: String, number: Int) throws {
        self.url = url
        queue = CommitQueue(label: "florin.postgres.\(number)", entitiesApart: true)
        current = try PostgresConnection(url: url)
    }

    /// - Parameter isRepeatable: Runs again, once, on a fresh connection when its own was lost.
    func run<Value: Sendable>(
        isRepeatable: Bool = false, _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.run {
                continuation.resume(
                    with: Result {
                        let connection = try self.connection()
                        connection.isForMany = false
                        do { return try body(connection) } catch  where isRepeatable && !connection.isAlive {
                            return try body(try self.connection())
                        }
                    })
            }
        }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            queue.run {
                self.current = nil; continuation.resume()
            }
        }
    }

    func enqueue(_ body: WaitingBody) {
        queue.enqueue(body) {
            self.commit($0)
            // What is committed stays so, whether or not it could be counted.
            try? self.current?.countGrownTables()
        }
    }

    /// Opens the connection again when it was lost.
    private func connection() throws -> PostgresConnection {
        if let current, current.isAlive { return current }
        let fresh = try PostgresConnection(url: url)
        current = fresh
        return fresh
    }

    private func commit(_ group: [WaitingBody]) {
        var tries = 1, attempt = caution.attempt()
        while true {
            var committing = false
            do {
                let failures = try commit(group, attempt, &committing)
                for (body, failure) in zip(group, failures) { body.finish(failure) }
                return
            } catch let refused as GroupRefused {
                attempt = caution.attempt(after: refused)
            } catch {
                // A connection lost during COMMIT leaves the outcome unknown: only the caller, with its idempotency key, may repeat.
                let unknown = committing && current?.isAlive != true
                guard isPassing(error), tries < Self.tries, !unknown else {
                    for body in group { body.finish(error) }
                    return
                }
                tries += 1
            }
        }
    }

    /// - Returns: What each body threw; nil for those that are committed.
    private func commit(_ group: [WaitingBody], _ attempt: GroupAttempt, _ committing: inout Bool) throws -> [(any Error)?] {
        let connection = try connection()
        var failures = [(any Error)?](repeating: nil, count: group.count)
        do {
            // Lays down the owner's rights, so that the database itself protects recorded facts.
            try connection.takeRights(ofOwner: false)
            connection.isForMany = group.count > 1
            try connection.send(.beginWriting, [])
            if attempt == .apart {
                for (at, body) in group.enumerated() { failures[at] = try run(body, connection) }
            } else {
                try WaitingBody.runTogether(group) { PostgresTransaction(connection, expectsNew: attempt == .asNew) }
            }
            committing = true
            // Behind a statement that failed, the server runs nothing more of a pipeline, COMMIT neither.
            try connection.send(.commit, [])
            try connection.collect()
            return failures
        } catch {
            try connection.rollback()
            if connection.isAlive, !isPassing(error), let refused = GroupRefused(error, bodies: group.count, attempt) { throw refused }
            throw error
        }
    }

    private func isPassing(_ error: any Error) -> Bool { (error as? DatabaseFault).map { Self.passing.contains($0.code) } ?? false }

    /// Runs a body behind a savepoint; what it throws is its own, unless the whole transaction must be tried again.
    private func run(_ body: WaitingBody, _ connection: PostgresConnection) throws -> (any Error)? {
        try connection.send("SAVEPOINT body")
        do {
            try body.run(PostgresTransaction(connection))
            try connection.send("RELEASE body")
            try connection.collect()
            return nil
        } catch {
            if isPassing(error) { throw error }
            // What it sent ahead may have failed too, and the server runs nothing more until that is told.
            do { try connection.collect() } catch let ahead where !isPassing(ahead) && connection.isAlive {}
            try connection.send("ROLLBACK TO body")
            try connection.send("RELEASE body")
            try connection.collect()
            return error
        }
    }
}
