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
        let version: Int64?
        do {
            version = try await database.read { tx -> Int64? in
                try tx.first("SELECT MAX(version) FROM schema_version") { $0.optionalInteger(0) } ?? nil
            }
        } catch {
            seen.withLock { $0.at = nil }
            throw error
        }
        let fault = version.flatMap { $0 > migrations.last!.version ? DatabaseFault.newer($0) : nil }
        seen.withLock { $0.newer = $0.newer ?? fault }
        if let fault { throw fault }
    }
}
