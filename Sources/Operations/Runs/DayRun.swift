import Domain
import Store

/// The operations of a business day, each in as many transactions as its volume needs. Killed at any point and run again, it goes on
/// where it was: each step takes only what is still to be done.
package struct DayRun: Sendable {
    package struct Terms: Equatable, Sendable {
        package var ladder: DunningLadder
        /// The largest shortfall of a payment taken as a bank charge, in minor units.
        package var toleranceMinor: Int64
        /// What one person releases alone of one customer within a day, in minor units.
        package var releaseAloneMinor: Int64 = 5_000_000
        /// How late a customer may be before new orders wait; nil takes them.
        package var overdueHold: OverdueHold?
        /// Who may give up how much alone.
        package var writeOff = WriteOffPolicy()
        /// What cash application posts without a person.
        package var policy: MatchPolicy
        package init(ladder: DunningLadder = .standard, toleranceMinor: Int64 = 0, policy: MatchPolicy = .standard) {
            (self.ladder, self.toleranceMinor, self.policy) = (ladder, toleranceMinor, policy)
        }
    }

    private let database: any Database
    private let entity: ID<Entity>
    private let on: Day
    private let today: Day
    private let terms: Terms
    private let lease: JobLease?
    private let clock: @Sendable () -> Instant

    /// - Parameters:
    ///   - today: What day it is. Of a day before it nobody is written to any more: a letter leaves today, knowing what today is known.
    ///     nil: `day`, whatever the clock says.
    ///   - lease: The job this run belongs to; each transaction proves that it is still held. nil for a run by hand.
    package init(
        _ database: any Database, _ entity: ID<Entity>, on day: Day, today: Day? = nil, _ terms: Terms, lease: JobLease? = nil,
        clock: @escaping @Sendable () -> Instant
    ) {
        (self.database, self.entity, on, self.today) = (database, entity, day, today ?? day)
        (self.terms, self.lease, self.clock) = (terms, lease, clock)
    }

    /// Bills sales first, then adjustments, then cancellations, so that these find what they cancel.
    package func bill() async throws -> BillOrders.Report {
        var total = BillOrders.Report()
        for kind in [OrderIntake.Kind.sale, .adjustment, .cancellation] {
            var hasMore = true
            while hasMore {
                let now = clock(), operation = BillOrders(entity, kind, on: on)
                let report = try await write(at: now) { try operation.run(in: $0, at: now) }
                total.add(report)
                hasMore = report.hasMore
            }
        }
        return total
    }

    /// - Parameter only: These receipts, as far as they wait; nil for every one that does.
    package func applyCash(only: [ID<Receipt>]? = nil) async throws -> ApplyReceipts.Report {
        var total = ApplyReceipts.Report(), after: Int64? = 0
        while let start = after {
            let now = clock(),
                operation = ApplyReceipts(
                    entity, on: on, after: start, only: only, toleranceMinor: terms.toleranceMinor, policy: terms.policy)
            let report = try await write(at: now) { try operation.run(in: $0, at: now) }
            total.add(report)
            after = report.through
        }
        return total
    }

    package func dun() async throws -> RunDunning.Report {
        try await judgePromises()
        guard on >= today else { return .dayIsOver }
        var total = RunDunning.Report(), after: Int64? = 0
        while let start = after {
            let now = clock(), operation = RunDunning(entity, on: on, terms.ladder, after: start)
            let report = try await write(at: now) { try operation.run(in: $0, at: now) }
            total.add(report)
            after = report.through
        }
        return total
    }

    /// Ends the day: answers to requests that nobody repeats any more are forgotten, and the day's figures recorded.
    ///
    /// - Parameter finish: Behind the figures, in their transaction.
    package func end(_ finish: @escaping @Sendable (any Transaction, Instant) throws -> Void = { _, _ in }) async throws {
        try await forgetAnswers()
        let now = clock(), figures = RecordFigures(entity, on: on)
        try await write(at: now) { tx in
            try figures.run(in: tx, at: now)
            try finish(tx, now)
        }
    }

    private func forgetAnswers() async throws {
        let forget = ForgetAnswers(entity), start = clock()
        while true {
            let keys = try await database.read { try forget.keys(in: $0, at: start) }
            guard !keys.isEmpty else { return }
            for first in stride(from: 0, to: keys.count, by: ForgetAnswers.batch) {
                let some = keys[first..<min(first + ForgetAnswers.batch, keys.count)]
                try await write(at: clock()) { try forget.run(some, in: $0, at: start) }
            }
        }
    }

    private func judgePromises() async throws {
        var broken = JudgePromises.sliceLimit
        while broken == JudgePromises.sliceLimit {
            let now = clock(), operation = JudgePromises(entity, on: on)
            broken = try await write(at: now) { try operation.run(in: $0, at: now) }
        }
    }

    private func write<Value: Sendable>(
        at now: Instant, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        // Told to stop, it stops here: between two transactions.
        try Task.checkCancellation()
        let lease = lease
        return try await database.writeStep(entity: entity) { tx in
            try lease?.hold(in: tx, at: now)
            return try body(tx)
        }
    }
}

extension BillOrders.Report {
    package mutating func add(_ other: Self) {
        invoices += other.invoices
        creditNotes += other.creditNotes
        noCharge += other.noCharge
        cancellationsApplied += other.cancellationsApplied
        invoiced.merge(other.invoiced, uniquingKeysWith: +)
        credited.merge(other.credited, uniquingKeysWith: +)
    }
}

extension ApplyReceipts.Report {
    package mutating func add(_ other: Self) {
        applied += other.applied
        queued += other.queued
        lines += other.lines
        rules.merge(other.rules, uniquingKeysWith: +)
        appliedMinor.merge(other.appliedMinor, uniquingKeysWith: +)
        onAccountMinor.merge(other.onAccountMinor, uniquingKeysWith: +)
        queuedMinor.merge(other.queuedMinor, uniquingKeysWith: +)
    }
}

extension RunDunning.Report {
    package mutating func add(_ other: Self) {
        notices += other.notices
        byLevel.merge(other.byLevel, uniquingKeysWith: +)
        totalMinor.merge(other.totalMinor, uniquingKeysWith: +)
        unappliedCash += other.unappliedCash
        heldItems += other.heldItems
        unreached += other.unreached
        blocked = blocked ?? other.blocked
    }
}
