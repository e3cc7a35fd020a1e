import Domain
import Synchronization

/// Whether the books still have the schema of this program: a newer one may bring them on while this one runs.
package final class SchemaWatch: Sendable {
    private struct Seen {
        var newer: DatabaseFault?
        var at: ContinuousClock.Instant?
    }
    /// How long a look is good for.
    private static let interval = Duration.seconds(10)
    private let database: any Database
    private let seen = Mutex(Seen())
    package init(_ database: any Database) { self.database = database }

    /// - Parameter isDue: Looks now, however short ago it was looked.
    /// - Errors: `DatabaseFault` with `isNewer`, from then on always; what reading throws.
    nonisolated(nonsending) package func check(now isDue: Bool = false) async throws {
        let now = ContinuousClock.now
        let (newer, looks) = seen.withLock { seen in
            let looks = isDue || seen.at.map { now - $0 >= Self.interval } ?? true
            // One looks, the others go on meanwhile.
            if looks { seen.at = now }
            return (seen.newer, looks)
        }
        if let newer { throw newer }
        guard looks else { return }
        do { try await database.read { try $0.requireKnownSchema() } } catch let fault as DatabaseFault where fault.isNewer {
            seen.withLock { $0.newer = fault }
            throw fault
        } catch {
            seen.withLock { $0.at = nil }
            throw error
        }
    }
}

extension Transaction {
    /// Refuses books that a newer program brought on.
    ///
    /// - Errors: `DatabaseFault` with `isNewer`.
    package func requireKnownSchema() throws {
        let version: Int64? = try first("SELECT MAX(version) FROM schema_version") { $0.optionalInteger(0) } ?? nil
        if let version, version > migrations.last!.version { throw DatabaseFault.newer(version) }
    }
}

extension Database {
    /// As `write`, for work of many transactions: each looks whether a newer program has brought the books on, and is nothing then.
    ///
    /// - Errors: `DatabaseFault` with `isNewer` beside those of `write`.
    nonisolated(nonsending) package func writeStep<Value: Sendable>(
        entity: ID<Entity>, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await write(entity: entity) { tx in
            let value = try body(tx)
            // Behind its statements, which may have waited for the locks of the one that brings the schema on.
            try tx.requireKnownSchema()
            return value
        }
    }
}
