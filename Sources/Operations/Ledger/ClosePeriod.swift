import Domain
import Store

/// Closes every day up to one: nothing is booked on them any more, and what comes late is booked on the first day after them.
package struct ClosePeriod: Sendable {
    private let entity: ID<Entity>
    private let day, today: Day

    package init(_ entity: ID<Entity>, through day: Day, today: Day) { (self.entity, self.day, self.today) = (entity, day, today) }

    /// - Errors: `LedgerRefusal.periodRuns` for a day that is not over, `.periodClosed` for one that is closed.
    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Decide.
        guard day < today else { throw LedgerRefusal.periodRuns(day) }
        if let closed = books.closedThrough, day <= closed { throw LedgerRefusal.periodClosed(day, through: closed) }
        // Write.
        try tx.run("INSERT INTO period (entity_id, ends_on, closed_at) VALUES (\(entity), \(day), \(books.recordedAt))")
        try tx.run("UPDATE book SET closed_through = \(day) WHERE entity_id = \(entity)")
        try books.cover(.period, key: [.text(day.iso8601)], tx)
        try books.close(in: tx)
    }
}

/// The periods that ended by a day and were closed by an instant, the latest first.
package struct PeriodList: Sendable {
    package struct Period: Equatable, Sendable {
        package let endsOn: Day
        package let closedAt: Instant
    }

    private let moment: ReportMoment
    package init(_ moment: ReportMoment) { self.moment = moment }

    package func run(in tx: any Transaction) throws -> [Period] {
        try tx.rows(
            """
            SELECT ends_on, closed_at FROM period
             WHERE entity_id = \(moment.entity) AND ends_on <= \(moment.asOf) AND closed_at <= \(moment.knownAt?.microseconds ?? .max)
             ORDER BY ends_on DESC
            """
        ) { Period(endsOn: $0.day(0), closedAt: Instant(microseconds: $0.integer(1))) }
    }
}
