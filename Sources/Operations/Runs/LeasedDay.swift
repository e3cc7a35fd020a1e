import Domain
import Store

/// A business day in the hands of the worker that holds its lease: each step is written down as it begins and as it ends.
package struct LeasedDay: Sendable {
    package let lease: JobLease
    private let database: any Database
    private let entity: ID<Entity>
    private let day: DayRun
    private let clock: @Sendable () -> Instant

    /// Takes the earliest business day through `last` whose work is not done.
    ///
    /// - Parameter today: What day it is, as `DayRun` takes it; nil: `last`.
    /// - Returns: nil when none is left, or another worker is at it.
    package static func taken(
        _ database: any Database, _ entity: ID<Entity>, _ terms: DayRun.Terms, through last: Day, today: Day? = nil,
        leaseSeconds: Int64 = JobLease.seconds, clock: @escaping @Sendable () -> Instant
    ) async throws -> LeasedDay? {
        let take = TakeJob(entity, ScheduledDays.job, through: last, seconds: leaseSeconds), now = clock()
        let lease = try await database.writeStep(entity: entity) { tx in
            try HandRun.endSilent(entity, in: tx, at: now)
            return try take.run(in: tx, at: now)
        }
        return lease.map { lease in
            LeasedDay(
                lease: lease, database: database, entity: entity,
                day: DayRun(database, entity, on: lease.on, today: today ?? last, terms, lease: lease, clock: clock), clock: clock)
        }
    }

    package func bill() async throws -> BillOrders.Report { try await step(.billing, { try await day.bill() }, \.said) }
    package func applyCash() async throws -> ApplyReceipts.Report { try await step(.cash, { try await day.applyCash() }, \.said) }
    package func dun() async throws -> RunDunning.Report { try await step(.dunning, { try await day.dun() }, \.said) }

    /// Records the day's figures; its work is done then, once and for all.
    ///
    /// - Parameter dunned: nil where nobody was to be reminded on that day.
    package func end(_ billed: BillOrders.Report, _ cash: ApplyReceipts.Report, _ dunned: RunDunning.Report?) async throws {
        let reminded = dunned.map { [$0.blocked ?? "\($0.notices) notices", $0.unreachedText] } ?? []
        let report = [
            "\(billed.invoices) invoices, \(billed.creditNotes) credit notes, \(cash.applied) receipts applied, \(cash.queued) for a person"
        ]
        let text = (report + reminded.compactMap { $0 }).joined(separator: ", ")
        let lease = lease
        try await day.end { tx, now in try lease.finish(text, in: tx, at: now) }
    }

    private func step<Report: Sendable>(
        _ name: RunStep.Name, _ work: () async throws -> Report, _ said: (Report) -> String
    ) async throws -> Report {
        let entity = entity, lease = lease, begun = clock()
        let row = try await database.writeStep(entity: entity) { tx in
            try lease.hold(in: tx, at: begun)
            return try RunStep.begin(entity, RunID.scheduled(lease.on), name, in: tx, at: begun)
        }
        do {
            let report = try await work(), text = said(report), ended = clock()
            try await database.writeStep(entity: entity) { tx in
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
