import Dispatch
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

    package func enqueue(_ body: WaitingBody) {
        // One lane an entity: its operations would only queue for the book's row lock on other connections.
        lanes[Int(UInt64(bitPattern: body.entity.value) % UInt64(lanes.count))].enqueue(body)
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        let lane = lanes[next.add(1, ordering: .relaxed).newValue % lanes.count]
        return try await lane.run { connection in
            try connection.committed("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") { try body(PostgresTransaction(connection)) }
        }
    }

    package func migrate() async throws { try await asOwner { try applyMigrations(in: $0, dialect: .postgres) } }

    /// A transaction with the rights of the connection's own user, for work on the schema itself.
    package func asOwner(_ body: @escaping @Sendable (any Transaction) throws -> Void) async throws {
        try await lanes[0].run { connection in
            try connection.takeRights(ofOwner: true)
            try connection.committed("BEGIN") { try body(PostgresTransaction(connection)) }
        }
    }

    package func close() async { for lane in lanes { await lane.close() } }
}

extension PostgresConnection {
    /// Runs `body` between `begin` and COMMIT, or rolls back.
    fileprivate func committed<Value>(_ begin: StaticString, _ body: () throws -> Value) throws -> Value {
        do {
            try send(begin)
            let value = try body()
            try send("COMMIT")
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
    private static let attempts = 5
    /// serialization_failure, deadlock_detected, lock_not_available, and the lost connections.
    private static let passing: Set<String> = ["40001", "40P01", "55P03", "08006", "08001", "57P01"]
    /// At most this many bodies share one commit, so that the first of them does not wait for a crowd.
    private static let groupLimit = 256

    private let url: String
    private let queue: DispatchQueue
    private let waiting = Mutex<[WaitingBody]>([])
    private var current: PostgresConnection?

    init(url: String, number: Int) throws {
        self.url = url
        queue = DispatchQueue(label: "florin.postgres.\(number)")
        current = try PostgresConnection(url: url)
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body(self.connection()) }) }
        }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.current = nil; continuation.resume()
            }
        }
    }

    func enqueue(_ body: WaitingBody) {
        waiting.withLock { $0.append(body) }
        queue.async { self.commitWaiting() }
    }

    /// Opens the connection again when it was lost.
    private func connection() throws -> PostgresConnection {
        if let current, current.isAlive { return current }
        let fresh = try PostgresConnection(url: url)
        current = fresh
        return fresh
    }

    /// Commits together what waits of one entity, the oldest first.
    private func commitWaiting() {
        let group = waiting.withLock { queue in
            guard let entity = queue.first?.entity else { return [WaitingBody]() }
            let group = Array(queue.prefix(Self.groupLimit).prefix { $0.entity == entity })
            queue.removeFirst(group.count)
            return group
        }
        guard !group.isEmpty else { return }  // an earlier turn took this body along
        var attempt = 1, isolated = false
        while true {
            var committing = false
            do {
                let failures = try commit(group, isolated: isolated, &committing)
                for (body, failure) in zip(group, failures) { body.finish(failure) }
                return
            } catch is GroupRefused {
                isolated = true
            } catch {
                // A connection lost during COMMIT leaves the outcome unknown: only the caller, with its idempotency key, may repeat.
                let unknown = committing && current?.isAlive != true
                guard isPassing(error), attempt < Self.attempts, !unknown else {
                    for body in group { body.finish(error) }
                    return
                }
                attempt += 1
            }
        }
    }

    /// - Parameter isolated: Each body has a savepoint of its own; without it one that throws takes the whole group back.
    /// - Returns: What each body threw; nil for those that are committed.
    private func commit(_ group: [WaitingBody], isolated: Bool, _ committing: inout Bool) throws -> [(any Error)?] {
        let connection = try connection(), tx = PostgresTransaction(connection)
        var failures = [(any Error)?](repeating: nil, count: group.count)
        do {
            // Lays down the owner's rights, so that the database itself protects recorded facts.
            try connection.takeRights(ofOwner: false)
            try connection.send("BEGIN ISOLATION LEVEL READ COMMITTED")
            if isolated {
                for (at, body) in group.enumerated() { failures[at] = try run(body, tx, connection) }
            } else {
                do {
                    try WaitingBody.runTogether(group, in: tx)
                    // What was sent ahead must have gone well before COMMIT makes it everybody's.
                    if group.count > 1 { try connection.collect() }
                } catch {
                    if group.count == 1 || isPassing(error) { throw error }
                    throw GroupRefused()
                }
            }
            committing = true
            try connection.send("COMMIT")
            try connection.collect()
            return failures
        } catch {
            try connection.rollback()
            throw error
        }
    }

    private func isPassing(_ error: any Error) -> Bool { (error as? DatabaseFault).map { Self.passing.contains($0.code) } ?? false }

    /// Runs a body behind a savepoint; what it throws is its own, unless the whole transaction must be tried again.
    private func run(_ body: WaitingBody, _ tx: PostgresTransaction, _ connection: PostgresConnection) throws -> (any Error)? {
        try connection.send("SAVEPOINT body")
        do {
            try body.run(tx)
            try connection.send("RELEASE body")
            try connection.collect()
            return nil
        } catch {
            if isPassing(error) { throw error }
            try connection.send("ROLLBACK TO body")
            try connection.send("RELEASE body")
            try connection.collect()
            return error
        }
    }
}
