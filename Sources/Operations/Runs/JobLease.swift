import Domain
import Store

/// A job of one business date, held by one worker until its lease ends.
///
/// The fence grows with every taking. A worker that slept through its lease holds an old one, and each of its writes is refused.
package struct JobLease: Equatable, Sendable {
    package enum Refused: Refusal {
        case lost(JobLease)
        package var category: RefusalCategory { .conflict }
        package var code: String { "job_lease_lost" }
        package var message: String {
            switch self {
            case .lost(let lease): "another worker took over \(lease.name) of \(lease.on.iso8601): this one stops, nothing is done twice"
            }
        }
    }

    /// How long a silent worker keeps its job when nothing else is said; every write moves the end on.
    package static let seconds: Int64 = 300

    package let name: String
    package let on: Day
    package let fence: Int64
    private let entity: ID<Entity>
    private let seconds: Int64

    fileprivate init(_ entity: ID<Entity>, _ name: String, on day: Day, fence: Int64, seconds: Int64) {
        (self.entity, self.name, on, self.fence, self.seconds) = (entity, name, day, fence, seconds)
    }

    /// First statement of each transaction of the job: locks the job's row, proves the fence and moves the lease on.
    package func hold(in tx: any Transaction, at now: Instant) throws {
        let held = try tx.changes(
            """
            UPDATE job SET leased_until = \(now.microseconds + seconds * 1_000_000)
             WHERE entity_id = \(entity) AND name = \(name) AND business_on = \(on) AND state = 'running' AND fence = \(fence)
            """)
        guard held == 1 else { throw Refused.lost(self) }
    }

    /// The job is done for its business date, once and for all.
    ///
    /// - Parameter now: When it ended; nil where nobody tells.
    package func finish(_ report: String, in tx: any Transaction, at now: Instant? = nil) throws {
        try conclude("done", report, in: tx, at: now)
    }

    /// The job failed: another worker may take it at once.
    package func giveBack(_ report: String, in tx: any Transaction) throws { try conclude("waiting", report, in: tx) }

    private func conclude(_ state: String, _ report: String, in tx: any Transaction, at now: Instant? = nil) throws {
        let held = try tx.changes(
            """
            UPDATE job SET state = \(state), leased_until = 0, report = \(report), ended_at = \(now?.microseconds)
             WHERE entity_id = \(entity) AND name = \(name) AND business_on = \(on) AND state = 'running' AND fence = \(fence)
            """)
        guard held == 1 else { throw Refused.lost(self) }
    }
}

/// Takes the earliest business date whose job is not done, so that after downtime each missed date runs once and in order.
package struct TakeJob: Sendable {
    private let entity: ID<Entity>
    private let name: String
    private let today: Day
    private let seconds: Int64

    /// - Parameters:
    ///   - today: The latest business date that may run; also the first one of a job that never ran.
    ///   - seconds: How long the job stays with a worker that is silent.
    package init(_ entity: ID<Entity>, _ name: String, through today: Day, seconds: Int64 = JobLease.seconds) {
        (self.entity, self.name, self.today, self.seconds) = (entity, name, today, seconds)
    }

    /// - Returns: nil when every date through today is done, or another worker holds the next one.
    package func run(in tx: any Transaction, at now: Instant) throws -> JobLease? {
        let until = now.microseconds + seconds * 1_000_000
        let day = try nextDay(in: tx)
        guard day <= today else { return nil }
        let fence = try tx.first(
            """
            INSERT INTO job (entity_id, name, business_on, state, fence, leased_until, started_at)
            VALUES (\(entity), \(name), \(day), 'running', 1, \(until), \(now))
            ON CONFLICT (entity_id, name, business_on) DO UPDATE
            SET state = 'running', fence = job.fence + 1, leased_until = excluded.leased_until,
                started_at = COALESCE(job.started_at, excluded.started_at)
             WHERE job.state <> 'done' AND job.leased_until < \(now)
            RETURNING fence
            """
        ) { $0.integer(0) }
        return fence.map { JobLease(entity, name, on: day, fence: $0, seconds: seconds) }
    }

    private func nextDay(in tx: any Transaction) throws -> Day {
        let unfinished = try tx.first(
            "SELECT MIN(business_on) FROM job WHERE entity_id = \(entity) AND name = \(name) AND state <> 'done'"
        ) { $0.optionalDay(0) }
        if let day = unfinished ?? nil { return day }
        let done = try tx.first("SELECT MAX(business_on) FROM job WHERE entity_id = \(entity) AND name = \(name) AND state = 'done'") {
            $0.optionalDay(0)
        }
        return (done ?? nil).map { $0 + 1 } ?? today
    }
}
