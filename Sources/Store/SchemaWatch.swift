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
        let (newer, at) = seen.withLock { ($0.newer, $0.at) }
        if let newer { throw newer }
        if !isDue, let at, ContinuousClock.now - at < Self.interval { return }
        let version = try await database.read { tx -> Int64? in
            try tx.first("SELECT MAX(version) FROM schema_version") { $0.optionalInteger(0) } ?? nil
        }
        let fault = version.flatMap { $0 > migrations.last!.version ? DatabaseFault.newer($0) : nil }
        seen.withLock { seen in
            seen.newer = seen.newer ?? fault
            seen.at = ContinuousClock.now
        }
        if let fault { throw fault }
    }
}
