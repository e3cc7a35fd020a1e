import Domain
import Store

/// The two times of a report: the business day it speaks of, and what was known when it is asked.
package struct ReportMoment: Equatable, Sendable {
    package let entity: ID<Entity>
    package let asOf: Day
    /// nil is everything known now.
    package let knownAt: Instant?
    package init(_ entity: ID<Entity>, asOf: Day, knownAt: Instant? = nil) {
        (self.entity, self.asOf, self.knownAt) = (entity, asOf, knownAt)
    }

    /// The same knowledge on another day.
    package func on(_ day: Day) -> ReportMoment { ReportMoment(entity, asOf: day, knownAt: knownAt) }

    /// The last day whose end was known, UTC; nil where everything known now counts.
    package var lastDayOver: Day? { knownAt.map { Instant(microseconds: $0.microseconds + 1).day + -1 } }

    /// The last id known: facts above it were recorded later.
    package func horizon(in tx: any Transaction) throws -> Int64 {
        try knownAt.map { try lastID(recordedBy: $0, in: tx) } ?? .max
    }

    /// The last day and the last id that count.
    func bound(in tx: any Transaction) throws -> (day: Day, id: Int64) { (asOf, try horizon(in: tx)) }

    /// The last id known of what has no business day of its own: it was recorded by the end of the day, UTC, too.
    func recordedHorizon(in tx: any Transaction) throws -> Int64 {
        let end = Instant(microseconds: Int64((asOf + 1).number) * 86_400_000_000 - 1)
        return try lastID(recordedBy: min(end, knownAt ?? end), in: tx)
    }

    private func lastID(recordedBy instant: Instant, in tx: any Transaction) throws -> Int64 {
        try tx.first(
            "SELECT last_id FROM seal WHERE entity_id = \(entity) AND recorded_at <= \(instant) ORDER BY last_id DESC LIMIT 1"
        ) { $0.integer(0) } ?? 0
    }

    /// Leaves in what is of that day or before and was recorded by then.
    ///
    /// - Parameters: `day` and `id` are columns, from the program.
    func condition(_ day: String, _ id: String, _ values: inout [SQLValue], in tx: any Transaction) throws -> String {
        values += [.text(asOf.iso8601), .integer(try horizon(in: tx))]
        return " AND \(day) <= $\(values.count - 1) AND \(id) <= $\(values.count)"
    }

    /// Whether the kept figures answer: everything known counts, and nothing is effective after the day.
    package func isCurrent(in tx: any Transaction) throws -> Bool {
        guard knownAt == nil else { return false }
        let later = try tx.first("SELECT count(*) FROM account_day WHERE entity_id = \(entity) AND effective_on > \(asOf)") {
            $0.integer(0)
        }
        return later == 0
    }

    package var title: String {
        "as of \(asOf.iso8601)" + (knownAt.map { ", as known at \($0.iso8601)" } ?? "")
    }
}

extension Day {
    /// After every day that is booked.
    static let latest = Day(number: 2_932_896)
}
