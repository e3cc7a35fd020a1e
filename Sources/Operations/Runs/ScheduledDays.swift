import Domain
import Store

/// The work of every business day through today that is not done yet, each day once, however many servers try.
package struct ScheduledDays: Sendable {
    /// The job's name in the list of runs.
    package static let job = "day"

    private let database: any Database
    private let entity: ID<Entity>
    private let terms: DayRun.Terms
    private let clock: @Sendable () -> Instant

    package init(_ database: any Database, _ entity: ID<Entity>, _ terms: DayRun.Terms, clock: @escaping @Sendable () -> Instant) {
        (self.database, self.entity, self.terms, self.clock) = (database, entity, terms, clock)
    }

    /// - Returns: The days this call did; none when they are done or another server is at it.
    package func run(through today: Day) async throws -> [Day] {
        var days: [Day] = []
        while let lease = try await taken(through: today) {
            do { try await work(lease) } catch let lost as JobLease.Refused { throw lost } catch {
                let report = "\(error)"
                try await database.write(entity: entity) { try lease.giveBack(report, in: $0) }
                throw error
            }
            days.append(lease.on)
        }
        return days
    }

    private func taken(through today: Day) async throws -> JobLease? {
        let take = TakeJob(entity, Self.job, through: today), now = clock()
        return try await database.write(entity: entity) { try take.run(in: $0, at: now) }
    }

    private func work(_ lease: JobLease) async throws {
        let day = DayRun(database, entity, on: lease.on, terms, lease: lease, clock: clock)
        let billed = try await day.bill(), cash = try await day.applyCash(), dunned = try await day.dun()
        let figures = RecordFigures(entity, on: lease.on), now = clock()
        let report =
            "\(billed.invoices) invoices, \(billed.creditNotes) credit notes, \(cash.applied) receipts applied, \(cash.queued) for a person, "
            + (dunned.blocked ?? "\(dunned.notices) notices")
        try await database.write(entity: entity) { tx in
            try lease.hold(in: tx, at: now)
            try figures.run(in: tx)
            try lease.finish(report, in: tx)
        }
    }
}
