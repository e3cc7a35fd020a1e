import Dispatch
import Domain
import Synchronization

/// PostgreSQL through libpq: a pool whose connections each run whole transactions on a thread of their own.
package final class PostgresDatabase: Database {
    /// A conflict or a lost connection is tried this often in all.
    private static let attempts = 5
    /// serialization_failure, deadlock_detected, lock_not_available, and the lost connections.
    private static let passing: Set<String> = ["40001", "40P01", "55P03", "08006", "08001", "57P01"]

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

    package func write<Value: Sendable>(
        entity: ID<Entity>, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        // One lane an entity: its operations would only queue for the book's row lock on other connections.
        let lane = lanes[Int(UInt64(bitPattern: entity.value) % UInt64(lanes.count))]
        return try await lane.run { try Self.committed(on: $0, "BEGIN ISOLATION LEVEL READ COMMITTED", role: true, body) }
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        let lane = lanes[next.add(1, ordering: .relaxed).newValue % lanes.count]
        return try await lane.run { try Self.committed(on: $0, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", role: false, body) }
    }

    package func migrate() async throws { try await asOwner { try applyMigrations(in: $0, dialect: .postgres) } }

    /// A transaction with the rights of the connection's own user, for work on the schema itself.
    package func asOwner(_ body: @escaping @Sendable (any Transaction) throws -> Void) async throws {
        try await lanes[0].run { try Self.committed(on: $0, "BEGIN", role: false, body) }
    }

    package func close() async { for lane in lanes { await lane.close() } }

    /// - Parameter role: Whether to lay down the owner's rights, so that the database itself protects recorded facts.
    private static func committed<Value>(
        on lane: borrowing Lane.Session, _ begin: String, role: Bool, _ body: (any Transaction) throws -> Value
    ) throws -> Value {
        var attempt = 1
        while true {
            let connection = try lane.connection()
            var committing = false
            do {
                try connection.execute(begin)
                if role { try connection.execute("SET LOCAL ROLE florin_app") }
                let value = try body(PostgresTransaction(connection))
                committing = true
                try connection.execute("COMMIT")
                return value
            } catch {
                if connection.isAlive { try connection.execute("ROLLBACK") }
                // A connection lost during COMMIT leaves the outcome unknown: only the caller, with its idempotency key, may repeat.
                let unknown = committing && !connection.isAlive
                guard let fault = error as? DatabaseFault, passing.contains(fault.code), attempt < attempts, !unknown else { throw error }
                attempt += 1
            }
        }
    }
}

/// A connection and the queue that alone touches it.
private final class Lane: @unchecked Sendable {
    /// Opens the connection again when it was lost.
    final class Session {
        private let url: String
        private var current: PostgresConnection?
        init(url: String) throws { (self.url, current) = (url, try PostgresConnection(url: url)) }

        func connection() throws -> PostgresConnection {
            if let current, current.isAlive { return current }
            let fresh = try PostgresConnection(url: url)
            current = fresh
            return fresh
        }
        func close() { current = nil }
    }

    private let queue: DispatchQueue
    private let session: Session

    init(url: String, number: Int) throws {
        queue = DispatchQueue(label: "florin.postgres.\(number)")
        session = try Session(url: url)
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable (borrowing Session) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body(self.session) }) }
        }
    }

    func close() async { await withCheckedContinuation { continuation in queue.async { self.session.close(); continuation.resume() } } }
}
