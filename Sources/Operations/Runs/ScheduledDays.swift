import Domain
import Store

/// The work of every business day that is not done yet, each day once, however many servers try.
package struct ScheduledDays: Sendable {
    /// The job's name in the list of runs.
    package static let job = "day"

    private let database: any Database
    private let entity: ID<Entity>
    private let terms: DayRun.Terms
    private let leaseSeconds: Int64
    private let clock: @Sendable () -> Instant
    private let told: @Sendable (JobLease, Stage) -> Void

    package enum Stage: String, Sendable { case taken, done, stopped, failed }

    /// - Parameter told: Hears of each day as it is taken and as it ends.
    package init(
        _ database: any Database, _ entity: ID<Entity>, _ terms: DayRun.Terms, leaseSeconds: Int64 = JobLease.seconds,
        clock: @escaping @Sendable () -> Instant, told: @escaping @Sendable (JobLease, Stage) -> Void = { _, _ in }
    ) {
        (self.database, self.entity, self.terms, self.leaseSeconds) = (database, entity, terms, leaseSeconds)
        (self.clock, self.told) = (clock, told)
    }

    /// - Parameters:
    ///   - last: The last one whose hour has come.
    ///   - today: What day it is, as `DayRun` takes it; nil: `last`.
    /// - Returns: The days this call did; none when they are done or another server is at it.
    /// - Errors: `CancellationError` when it was told to stop: what is committed stands, and another worker may take the day at once.
    package func run(through last: Day, today: Day? = nil) async throws -> [Day] {
        var days: [Day] = []
        while let day = try await taken(through: last, today: today) {
            let lease = day.lease
            told(lease, .taken)
            do {
                let billed = try await day.bill(), cash = try await day.applyCash(), dunned = try await day.dun()
                try await day.end(billed, cash, dunned)
            } catch let lost as JobLease.Refused { throw lost } catch {
                let isStopped = error is CancellationError,
                    report = isStopped ? "stopped before its end; it goes on where it was" : faultTold(error)
                try await database.write(entity: entity) { try lease.giveBack(report, in: $0) }
                told(lease, isStopped ? .stopped : .failed)
                throw error
            }
            told(lease, .done)
            days.append(lease.on)
            try Task.checkCancellation()
        }
        return days
    }

    private func taken(through last: Day, today: Day?) async throws -> LeasedDay? {
        try await .taken(database, entity, terms, through: last, today: today, leaseSeconds: leaseSeconds, clock: clock)
    }
}
