import Domain
import Store

/// The work of every business day through today that is not done yet, each day once, however many servers try.
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

    /// - Returns: The days this call did; none when they are done or another server is at it.
    /// - Errors: `CancellationError` when it was told to stop: what is committed stands, and another worker may take the day at once.
    package func run(through today: Day) async throws -> [Day] {
        var days: [Day] = []
        while let lease = try await taken(through: today) {
            told(lease, .taken)
            do { try await work(lease) } catch let lost as JobLease.Refused { throw lost } catch {
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

    private func taken(through today: Day) async throws -> JobLease? {
        let take = TakeJob(entity, Self.job, through: today, seconds: leaseSeconds), now = clock()
        return try await database.write(entity: entity) { try take.run(in: $0, at: now) }
    }

    private func work(_ lease: JobLease) async throws {
        let day = DayRun(database, entity, on: lease.on, terms, lease: lease, clock: clock)
        let billed = try await step(.billing, lease, { try await day.bill() }, \.said)
        let cash = try await step(.cash, lease, { try await day.applyCash() }, \.said)
        let dunned = try await step(.dunning, lease, { try await day.dun() }, \.said)
        let figures = RecordFigures(entity, on: lease.on), now = clock()
        let report =
            "\(billed.invoices) invoices, \(billed.creditNotes) credit notes, \(cash.applied) receipts applied, \(cash.queued) for a person, "
            + (dunned.blocked ?? "\(dunned.notices) notices") + (dunned.unreachedText.map { ", \($0)" } ?? "")
        try await database.write(entity: entity) { tx in
            try lease.hold(in: tx, at: now)
            try figures.run(in: tx, at: now)
            try lease.finish(report, in: tx, at: now)
        }
    }

    /// Writes down that a step began and how it ended, each as the holder of the day.
    private func step<Report: Sendable>(
        _ name: RunStep.Name, _ lease: JobLease, _ work: () async throws -> Report, _ said: (Report) -> String
    ) async throws -> Report {
        let entity = entity, begun = clock()
        let row = try await database.write(entity: entity) { tx in
            try lease.hold(in: tx, at: begun)
            return try RunStep.begin(entity, RunID.scheduled(lease.on), name, in: tx, at: begun)
        }
        do {
            let report = try await work(), text = said(report), ended = clock()
            try await database.write(entity: entity) { tx in
                try lease.hold(in: tx, at: ended)
                try row.end(.done, text, in: tx, at: ended)
            }
            return report
        } catch let lost as JobLease.Refused { throw lost } catch {
            let why = error is CancellationError ? HandRun.stopped : faultTold(error), ended = clock()
            try await database.write(entity: entity) { try row.end(.failed, why, in: $0, at: ended) }
            throw error
        }
    }
}
