import Domain
import Store

/// A run that a person or a program started: listed while it goes on, and with its report once it has ended.
///
/// It holds no lease: a run takes only what is still to be done, so two at a time do nothing twice.
package struct HandRun: Sendable {
    package enum End: String, Sendable { case done, failed }

    /// Longer than any run takes: what began before and never ended went down with its server.
    static let limitSeconds: Int64 = 21_600
    /// The report of one that did not come to its end.
    package static let stopped = "stopped before its end; a new run goes on where it was"

    private let entity: ID<Entity>
    package let id: ID<HandRun>

    package static func begin(
        _ entity: ID<Entity>, _ name: String, on day: Day, by person: String, in tx: any Transaction, at now: Instant
    ) throws -> HandRun {
        var books = try Books(lock: entity, at: now, in: tx)
        let id: ID<HandRun> = books.newID()
        try tx.run(
            """
            UPDATE hand_run SET state = 'failed', ended_at = \(now), report = \(stopped)
             WHERE entity_id = \(entity) AND state = 'running' AND started_at < \(now.microseconds - limitSeconds * 1_000_000)
            """)
        try tx.run(
            """
            INSERT INTO hand_run (entity_id, id, name, business_on, started_by, started_at, state)
            VALUES (\(entity), \(id), \(name), \(day), \(person), \(now), 'running')
            """)
        try books.close(in: tx)
        return HandRun(entity: entity, id: id)
    }

    package func end(_ end: End, _ report: String, in tx: any Transaction, at now: Instant) throws {
        try tx.run(
            """
            UPDATE hand_run SET state = \(end.rawValue), ended_at = \(now), report = \(report)
             WHERE entity_id = \(entity) AND id = \(id)
            """)
    }
}
