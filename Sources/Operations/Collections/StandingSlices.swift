import Domain
import Store

/// A slice with what people want to know of it.
package struct StandingSlice: Sendable {
    /// Its open amount is that of the day asked for.
    package let slice: Slice
    package let item: Int64
    package let currency: Currency
    package let amount: Money
    package let openedOn: Day
    package let plan: Int64?
    package let code: ReasonCode?
    package let customerCode: String?
    package let reason: String
    package let role: String
    package var open: Money { Money(minor: slice.open, currency) }
}

/// The slices of these items as they stood on a day, by item and in the order of their opening.
///
/// - Parameters:
///   - horizon: The last id known.
///   - ended: Whether those are wanted too that nothing is left of.
func standingSlices(
    _ entity: ID<Entity>, _ items: [Int64], on day: Day, knownThrough horizon: Int64 = .max, ended: Bool = false, in tx: any Transaction
) throws -> [Int64: [StandingSlice]] {
    guard !items.isEmpty else { return [:] }
    let text =
        "SELECT \(StandingSlice.columns) FROM slice s WHERE s.entity_id = $1 AND s.opened_on <= $2 AND s.id <= $3"
        + " AND s.item_id IN (SELECT value FROM §integers($4)) ORDER BY s.id"
    let found = try tx.rows(
        SQL(text: text, values: [.integer(entity.value), .text(day.iso8601), .integer(horizon), .integers(items)]), StandingSlice.init)
    return Dictionary(grouping: found.filter { ended || $0.slice.open > 0 }, by: \.item)
}

/// What nobody is reminded of, by item and in minor units above zero: in dispute, deducted, or promised or planned for a day to come.
func leftAlone(_ entity: ID<Entity>, _ items: [Int64], on day: Day, in tx: any Transaction) throws -> [Int64: Int64] {
    try standingSlices(entity, items, on: day, in: tx)
        .mapValues { $0.filter { $0.slice.isLeftAlone(on: day) }.reduce(0) { $0 + $1.slice.open } }.filter { $0.value > 0 }
}

/// What stands apart on a moment, by customer and currency: disputes with deductions, and promises with plans.
func standingSums(_ moment: ReportMoment, in tx: any Transaction) throws -> [CustomerCurrency: StandingSum] {
    let text = "SELECT s.customer_id, \(StandingSlice.columns) FROM slice s WHERE s.entity_id = $1 AND s.opened_on <= $2 AND s.id <= $3"
    var sums: [CustomerCurrency: StandingSum] = [:]
    try tx.forEach(
        SQL(text: text, values: [.integer(moment.entity.value), .text(moment.asOf.iso8601), .integer(try moment.horizon(in: tx))])
    ) {
        row in
        let slice = StandingSlice(row, from: 1), key = CustomerCurrency(customer: row.integer(0), currency: slice.currency)
        sums[key, default: StandingSum(slice.currency)].add(slice)
    }
    return sums
}

struct CustomerCurrency: Hashable { let customer: Int64, currency: Currency }

/// What of an amount stands apart.
package struct StandingSum: Equatable, Sendable {
    /// Disputes and deductions.
    package private(set) var disputed: Money
    /// Promises and instalments, broken ones left out.
    package private(set) var promised: Money
    package init(_ currency: Currency) { (disputed, promised) = (.zero(currency), .zero(currency)) }

    mutating func add(_ slice: StandingSlice) {
        if slice.slice.kind.hasDay { promised = promised + slice.open } else { disputed = disputed + slice.open }
    }
    mutating func add(_ other: StandingSum) { (disputed, promised) = (disputed + other.disputed, promised + other.promised) }
}

extension [StandingSlice] {
    package func sum(in currency: Currency) -> StandingSum {
        reduce(into: StandingSum(currency)) { $0.add($1) }
    }
}

extension StandingSlice {
    /// What is left of a slice; `$2` is the day, `$3` the horizon.
    static let open = """
        s.amount_minor - COALESCE((SELECT CAST(SUM(CASE WHEN e.event = 'reopened' THEN -e.amount_minor ELSE e.amount_minor END) AS BIGINT)
                                            FROM slice_event e WHERE e.entity_id = s.entity_id AND e.slice_id = s.id
                                             AND e.happened_on <= $2 AND e.id <= $3), 0)
        """
    static let columns = """
        s.id, s.kind, s.due_on,
               \(open),
               s.item_id, s.currency, s.amount_minor, s.opened_on, s.plan_id, s.reason_code, s.customer_code, s.reason, s.role
        """

    init(_ row: Row) { self.init(row, from: 0) }

    init(_ row: Row, from at: Int) {
        slice = Slice(row, from: at)
        item = row.integer(at + 4)
        currency = row.currency(at + 5)
        amount = row.money(at + 6, currency)
        openedOn = row.day(at + 7)
        plan = row.optionalInteger(at + 8)
        code = row.optionalText(at + 9).flatMap { ReasonCode(rawValue: $0) }
        customerCode = row.optionalText(at + 10)
        reason = row.text(at + 11)
        role = row.text(at + 12)
    }
}

/// One slice's life on one document: what was set apart, and everything that happened to it.
package struct SliceHistory: Sendable {
    package struct Event: Sendable {
        package let event: Slice.Event
        package let amount: Money
        package let on: Day
        package let reason: String
        package let role: String
    }
    package let slice: StandingSlice
    package let events: [Event]

    /// disputed, deducted, promised or planned while it stands; else what became of it.
    package func state(on day: Day) -> String {
        guard slice.slice.open == 0 else { return slice.slice.isLeftAlone(on: day) ? slice.slice.kind.rawValue : "overdue" }
        guard let last = events.last(where: { $0.event != .reopened }) else { return slice.slice.kind.rawValue }
        guard last.event == .settled, let dueOn = slice.slice.dueOn else { return last.event.rawValue }
        return last.on <= dueOn ? "kept" : "paid_late"
    }
}

/// Reads all slices of one document, the ended ones too.
package struct ReadSlices: Sendable {
    private let entity: ID<Entity>
    private let item: Int64
    private let on: Day
    private let moment: ReportMoment?

    /// - Parameter moment: What was set apart and happened through that day and was recorded by then; nil tells of everything.
    package init(_ entity: ID<Entity>, item: Int64, on day: Day, at moment: ReportMoment? = nil) {
        (self.entity, self.item, on, self.moment) = (entity, item, moment?.asOf ?? day, moment)
    }

    package func run(in tx: any Transaction) throws -> [SliceHistory] {
        let through = moment?.asOf ?? .latest, horizon = try moment?.horizon(in: tx) ?? .max
        let slices = try standingSlices(entity, [item], on: on, knownThrough: horizon, ended: true, in: tx)[item] ?? []
        var events: [Int64: [SliceHistory.Event]] = [:]
        try tx.forEach(
            """
            SELECT slice_id, event, amount_minor, happened_on, reason, role FROM slice_event
             WHERE entity_id = \(entity) AND slice_id IN \(ids: slices.map(\.slice.id)) AND happened_on <= \(through) AND id <= \(horizon)
             ORDER BY id
            """
        ) { row in
            guard let slice = slices.first(where: { $0.slice.id == row.integer(0) }) else { return }
            events[slice.slice.id, default: []].append(
                .init(
                    event: row.word(1), amount: row.money(2, slice.currency), on: row.day(3), reason: row.text(4),
                    role: row.text(5)))
        }
        return slices.map { SliceHistory(slice: $0, events: events[$0.slice.id] ?? []) }
    }
}
