import Domain
import Store

/// A run that a person or a program started: listed while it goes on, and with its report once it has ended.
///
/// Its lease says that it lives and keeps nobody out: a run takes only what is still to be done, so two at a time do nothing twice.
package struct HandRun: Sendable {
    package enum End: String, Sendable { case done, failed }

    private static let leaseMicroseconds: Int64 = 30_000_000
    /// The report of one that did not come to its end.
    package static let stopped = "stopped before its end; a new run goes on where it was"

    private let entity: ID<Entity>
    package let id: ID<HandRun>

    package static func begin(
        _ entity: ID<Entity>, _ name: String, on day: Day, by person: String, in tx: any Transaction, at now: Instant
    ) throws -> HandRun {
        var books = try Books(lock: entity, at: now, in: tx)
        let id: ID<HandRun> = books.newID(), until = now.microseconds + leaseMicroseconds
        try endSilent(entity, in: tx, at: now)
        try tx.run(
            """
            INSERT INTO hand_run (entity_id, id, name, business_on, started_by, started_at, state, leased_until)
            VALUES (\(entity), \(id), \(name), \(day), \(person), \(now), 'running', \(until))
            """)
        try books.close(in: tx)
        return HandRun(entity: entity, id: id)
    }

    /// Ends those whose lease is over: they went down with their server.
    static func endSilent(_ entity: ID<Entity>, in tx: any Transaction, at now: Instant) throws {
        let silent = try tx.rows(
            """
            UPDATE hand_run SET state = 'failed', ended_at = \(now), report = \(stopped)
             WHERE entity_id = \(entity) AND state = 'running' AND leased_until < \(now) RETURNING id
            """
        ) { $0.integer(0) }
        guard !silent.isEmpty else { return }
        try tx.run(
            """
            UPDATE run_step SET state = 'failed', ended_at = \(now), report = \(stopped)
             WHERE entity_id = \(entity) AND run_id IN \(ids: silent) AND state = 'running'
            """)
    }

    /// Moves the end of its lease on.
    package func hold(in tx: any Transaction, at now: Instant) throws {
        try tx.run(
            "UPDATE hand_run SET leased_until = \(now.microseconds + Self.leaseMicroseconds) WHERE entity_id = \(entity) AND id = \(id)")
    }

    package func end(_ end: End, _ report: String, in tx: any Transaction, at now: Instant) throws {
        try tx.run(
            """
            UPDATE hand_run SET state = \(end.rawValue), ended_at = \(now), report = \(report)
             WHERE entity_id = \(entity) AND id = \(id)
            """)
    }
}
