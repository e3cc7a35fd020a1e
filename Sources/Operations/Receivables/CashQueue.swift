import Domain
import Store

/// Receipts that wait, by money and age, a page at a time.
package struct CashQueue: Sendable {
    /// For a person, for the answer of a customer who was asked, or for either.
    package enum Filter: String, CaseIterable, Sendable { case waiting, asked, all }
    package struct Line: Sendable {
        package let receipt: ID<Receipt>
        package let bookedOn: Day
        package let amount: Money
        package let payer: String
        package let remittance: String
        package let reason: String
        package let queuedOn: Day
        /// The day by which the customer was asked to answer.
        package let askedUntil: Day?
    }

    package struct Count: Sendable {
        package let waiting: Int
        package let asked: Int
    }

    private let entity: ID<Entity>
    private let on: Day
    private let filter: Filter
    private let after: ListPlace?
    private let limit: Int
    private let narrowed: ListFilter
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - narrowed: By the day of booking and the amount; of a customer those that it paid or, now, may have paid.
    ///   - moment: What waited on that day by that knowledge, with the reason it had then; nil tells of now.
    package init(
        _ entity: ID<Entity>, on day: Day, _ filter: Filter = .waiting, where narrowed: ListFilter = .none, after: ListPlace? = nil,
        limit: Int = ListLimit.page, at moment: ReportMoment? = nil
    ) {
        (self.entity, on, self.filter, self.after, self.limit) = (entity, moment?.asOf ?? day, filter, after, limit)
        (self.narrowed, self.moment) = (narrowed, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Line> { try read(after, limit, in: tx) }

    /// Where a receipt stands; nil when it does not wait.
    package func place(of receipt: ID<Receipt>, in tx: any Transaction) throws -> ListPlace? {
        try tx.first("SELECT weight FROM cash_queue WHERE entity_id = \(entity) AND receipt_id = \(receipt)") {
            ListPlace(String($0.integer(0)), receipt.value)
        }
    }

    /// The receipt that follows that place, behind the last one the one before it; nil when none waits.
    package func neighbour(of place: ListPlace, in tx: any Transaction) throws -> ID<Receipt>? {
        try (read(place, 1, in: tx).rows.first ?? read(nil, 1, fromTheEnd: true, in: tx).rows.first)?.receipt
    }

    private func read(
        _ after: ListPlace?, _ limit: Int, fromTheEnd: Bool = false, in tx: any Transaction
    ) throws -> ListPage<Line> {
        var values: [SQLValue] = [.integer(entity.value), .text(on.iso8601)]
        let source = try waitingSource(moment, &values, in: tx)
        var condition = shown + narrowed.condition(day: "r.booked_on", amount: "q.amount_minor", currency: "r.currency", &values)
        if let customer = narrowed.customerID(&values) {
            let proposed = "SELECT k.receipt_id FROM cash_candidate k WHERE k.entity_id = $1 AND k.customer_id = \(customer)"
            condition += " AND (r.customer_id = \(customer)\(moment == nil ? " OR r.id IN (\(proposed))" : ""))"
        }
        return try .read(
            """
            SELECT r.id, r.booked_on, r.currency, r.amount_minor, COALESCE(r.payer_name, ''), r.remittance, q.reason, q.queued_on,
                   q.asked_until, q.weight
              FROM \(source) q JOIN receipt r ON r.entity_id = $1 AND r.id = q.receipt_id
             WHERE \(condition)
            """, ListOrder("q.weight", .integer, id: "q.receipt_id", descending: !fromTheEnd), after: after, limit: limit,
            values: values, in: tx
        ) { row in
            let amount = row.money(3, row.currency(2))
            let line = Line(
                receipt: row.id(0), bookedOn: row.day(1), amount: amount, payer: row.text(4), remittance: row.text(5), reason: row.text(6),
                queuedOn: row.day(7), askedUntil: row.optionalDay(8))
            return (line, ListPlace(String(row.integer(9)), row.integer(0)))
        }
    }

    /// Of the whole queue, whatever narrows the list down.
    package func count(in tx: any Transaction) throws -> Int {
        guard moment == nil else {
            var values: [SQLValue] = [.integer(entity.value), .text(on.iso8601)]
            let source = try waitingSource(moment, &values, in: tx)
            let text = "SELECT count(*) FROM \(source) q WHERE \(shown)"
            return try tx.first(SQL(text: text, values: values)) { Int($0.integer(0)) } ?? 0
        }
        // Whoever was asked stands in an index of a handful; the others are what is left of all.
        let asked =
            try tx.first("SELECT count(*) FROM cash_queue WHERE entity_id = \(entity) AND asked_until IS NOT NULL AND asked_until >= \(on)")
        {
            $0.integer(0)
        } ?? 0
        guard filter != .asked else { return Int(asked) }
        let all = try tx.first("SELECT count(*) FROM cash_queue WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0
        return Int(filter == .all ? all : all - asked)
    }

    /// Of the whole queue as it is now.
    package func counts(in tx: any Transaction) throws -> [Currency: Count] {
        var counts: [Currency: Count] = [:]
        try tx.forEach(
            """
            SELECT r.currency, count(*), count(*) FILTER (WHERE q.asked_until >= \(on))
              FROM cash_queue q JOIN receipt r ON r.entity_id = q.entity_id AND r.id = q.receipt_id
             WHERE q.entity_id = \(entity) GROUP BY r.currency
            """
        ) { row in
            let asked = Int(row.integer(2))
            counts[row.currency(0)] = Count(waiting: Int(row.integer(1)) - asked, asked: asked)
        }
        return counts
    }

    /// The day is asked for in any case: PostgreSQL wants a place for each value.
    private var shown: String {
        filter == .all ? "CAST($2 AS TEXT) IS NOT NULL" : "COALESCE(q.asked_until, '0000-00-00') \(filter == .asked ? ">=" : "<") $2"
    }
}
