import Domain
import Store

/// The figures a finance person asks for first, on any day by any knowledge: the cash, what is owed, what waits.
package struct TodayFigures: Sendable {
    /// So many of a kind, and their sum in one currency.
    package struct Waiting: Equatable, Sendable {
        package let count: Int
        package let total: Money
    }
    package let on: Day
    /// One a currency, in the order of their codes.
    package let positions: [Today.Position]
    /// Receipts that wait for a person or for a customer's answer, by currency.
    package let receipts: [Waiting]
    /// Held orders, by currency.
    package let orders: [Waiting]
    /// Acts that wait for a second person.
    package let approvalCount: Int

    /// - Parameter isNow: The kept queue and states answer; what stood at an earlier moment is counted from the facts.
    package static func read(_ moment: ReportMoment, isNow: Bool, in tx: any Transaction) throws -> TodayFigures {
        let past = isNow ? nil : moment
        return TodayFigures(
            on: moment.asOf, positions: try positions(moment, in: tx), receipts: try receipts(moment.entity, past, in: tx),
            orders: try orders(moment.entity, past, in: tx), approvalCount: try approvals(moment.entity, past, in: tx))
    }

    static func positions(_ moment: ReportMoment, in tx: any Transaction) throws -> [Today.Position] {
        let balances = try balances(moment, in: tx)
        let aging = try AgingReport(moment).totals(in: tx),
            currencies = Set(aging.map(\.currency)).union(balances.values.flatMap(\.keys)).sorted { $0.code < $1.code }
        return currencies.map { currency in
            Today.Position(
                bank: balances["1000"]?[currency] ?? .zero(currency), unapplied: -(balances["1290"]?[currency] ?? .zero(currency)),
                receivables: aging.first { $0.currency == currency } ?? AgingRow(asOf: moment.asOf, in: currency))
        }
    }

    /// Of bank and unapplied cash: from the kept sums by day, or from the postings when an earlier state of knowledge is asked for.
    private static func balances(_ moment: ReportMoment, in tx: any Transaction) throws -> [String: [Currency: Money]] {
        var balances: [String: [Currency: Money]] = [:]
        guard moment.knownAt == nil else {
            for line in try TrialBalanceReport(moment).lines(in: tx) where ["1000", "1290"].contains(line.account) {
                balances[line.account, default: [:]][line.balance.currency] = line.balance
            }
            return balances
        }
        try tx.forEach(
            """
            SELECT account, currency, CAST(SUM(debit_minor - credit_minor) AS BIGINT) FROM account_day
             WHERE entity_id = \(moment.entity) AND account IN ('1000', '1290') AND effective_on <= \(moment.asOf)
             GROUP BY account, currency
            """
        ) { balances[$0.text(0), default: [:]][$0.currency(1)] = $0.money(2, $0.currency(1)) }
        return balances
    }

    private static func waiting(_ text: String, _ values: [SQLValue], in tx: any Transaction) throws -> [Waiting] {
        try tx.rows(SQL(text: text, values: values)) { Waiting(count: Int($0.integer(1)), total: $0.money(2, $0.currency(0))) }
    }

    private static func receipts(_ entity: ID<Entity>, _ moment: ReportMoment?, in tx: any Transaction) throws -> [Waiting] {
        var values: [SQLValue] = [.integer(entity.value)]
        let source = try waitingSource(moment, &values, in: tx)
        return try waiting(
            """
            SELECT r.currency, count(*), CAST(SUM(r.amount_minor) AS BIGINT)
              FROM \(source) q JOIN receipt r ON r.entity_id = $1 AND r.id = q.receipt_id GROUP BY r.currency ORDER BY r.currency
            """, values, in: tx)
    }

    private static func orders(_ entity: ID<Entity>, _ moment: ReportMoment?, in tx: any Transaction) throws -> [Waiting] {
        var values: [SQLValue] = [.integer(entity.value)], known = "", billed = "", state = "o.state"
        if let moment {
            known = try moment.condition("o.ordered_on", "o.id", &values, in: tx)
            billed = try moment.condition("d.issued_on", "d.id", &values, in: tx)
            state = OrderList.state(knowing: try moment.condition("e.happened_on", "e.id", &values, in: tx))
        }
        let document = moment == nil ? "" : "LEFT JOIN invoice d ON d.entity_id = o.entity_id AND d.id = o.document_id\(billed)"
        return try waiting(
            """
            SELECT o.currency, count(*), CAST(SUM(o.gross_minor) AS BIGINT)
              FROM sales_order o \(document)
             WHERE o.entity_id = $1\(known) AND \(state) = 'held' GROUP BY o.currency ORDER BY o.currency
            """, values, in: tx)
    }

    private static func approvals(_ entity: ID<Entity>, _ moment: ReportMoment?, in tx: any Transaction) throws -> Int {
        guard let moment else { return try ReadApprovals(entity).count(in: tx) }
        let until = moment.last
        return try tx.first(
            """
            SELECT count(*) FROM approval
             WHERE entity_id = \(entity) AND asked_at <= \(until) AND (decided_at IS NULL OR decided_at > \(until))
            """
        ) { Int($0.integer(0)) } ?? 0
    }
}

extension ReportMoment {
    /// The same with its day as an instant: for what bears none of its own but has an id.
    var throughLast: ReportMoment { ReportMoment(entity, asOf: asOf, knownAt: Instant(microseconds: last)) }
    /// The last instant, in microseconds, at which an act is of that day or before and known: of acts that bear no business day.
    var last: Int64 { min(knownAt?.microseconds ?? .max, Int64((asOf + 1).number) * 86_400_000_000 - 1) }
}
