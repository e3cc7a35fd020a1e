import Domain
import Store

/// What somebody owes or is owed, item by item, the latest first, a page at a time: documents, receipts and what was booked with them.
package struct OpenItemList: Sendable {
    package enum Filter: String, CaseIterable, Sendable { case open, overdue, settled, all }
    package struct Line: NamesCustomer, Sendable {
        package let id: Int64
        package let kind: OpenItem.Kind
        /// A receipt's own number, on what was booked with it too.
        package let number: String
        /// Empty for cash whose payer is not known.
        package let customerNumber: String
        package internal(set) var customerName: String
        package let on: Day
        package let dueOn: Day
        /// Below zero for what is owed to the customer, as what is open of it.
        package let amount: Money
        package let open: Money
        /// What of it stands apart.
        package fileprivate(set) var standing: StandingSum
        /// The receipt that it is of; nil for anything else.
        package fileprivate(set) var receipt: ID<Receipt>?
    }

    private let entity: ID<Entity>
    private let on: Day
    private let filter: Filter
    private let kind: OpenItem.Kind?
    private let narrowed: ListFilter
    private let after: ListPlace?
    private let limit: Int
    private let id: Int64?
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - kind: nil lists all.
    ///   - narrowed: By the customer, by the item's own day and by its amount, a credit's below zero.
    ///   - id: Only this one.
    ///   - moment: Items of that day or before and what was open of them by that knowledge, with the names of then; nil tells of now.
    package init(
        _ entity: ID<Entity>, on day: Day, _ filter: Filter = .open, _ kind: OpenItem.Kind? = nil, where narrowed: ListFilter = .none,
        after: ListPlace? = nil, limit: Int = ListLimit.page, id: Int64? = nil, at moment: ReportMoment? = nil
    ) {
        (self.entity, on, self.filter, self.kind, self.narrowed) = (entity, moment?.asOf ?? day, filter, kind, narrowed)
        (self.after, self.limit, self.id, self.moment) = (after, limit, id, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Line> {
        var values: [SQLValue] = [.integer(entity.value)], account: (customer: ID<Customer>, months: [String])?
        if let number = narrowed.customer {
            guard let customer = try customerIDs(entity, numbers: [number], in: tx)[number] else { return ListPage([]) }
            account = (customer, try ItemMonths(entity, in: tx).all)
        }
        let horizon = try moment?.horizon(in: tx) ?? .max
        let source = moment.map { openItemsSource($0, &values, horizon, of: account) } ?? "open_item x"
        let condition = shown(account, &values)
        var page = try ListPage<Line>.read(
            """
            SELECT x.id, x.kind, x.number, COALESCE(c.number, ''), COALESCE(c.name, ''), x.effective_on, x.due_on, x.currency, x.amount_minor,
                   x.open_minor
              FROM \(source) LEFT JOIN customer c ON c.entity_id = $1 AND c.id = x.customer_id
             WHERE \(moment == nil ? "x.entity_id = $1 AND " : "")\(condition)
            """, ListOrder("x.id", .integer, id: "x.id", descending: true), after: after, limit: limit, values: values, in: tx
        ) { row in
            let currency = row.currency(7)
            let line = Line(
                id: row.integer(0), kind: row.word(1), number: row.text(2), customerNumber: row.text(3), customerName: row.text(4),
                on: row.day(5), dueOn: row.day(6), amount: row.money(8, currency), open: row.money(9, currency),
                standing: StandingSum(currency))
            return (line, ListPlace("", line.id))
        }
        let slices = try standingSlices(entity, page.rows.map(\.id), on: on, knownThrough: horizon, in: tx)
        let receipts = try ItemReceipts(entity, of: page.rows.map { ($0.kind.rawValue, $0.number) }, in: tx)
        for at in page.rows.indices {
            let line = page.rows[at]
            page.rows[at].standing = (slices[line.id] ?? []).sum(in: line.amount.currency)
            page.rows[at].receipt = receipts[line.id, line.kind.rawValue, line.number]?.id
        }
        try page.name(at: moment, in: tx)
        return page
    }

    /// Which items `x` are shown.
    private func shown(_ account: (customer: ID<Customer>, months: [String])?, _ values: inout [SQLValue]) -> String {
        var condition: String
        switch filter {
        case .open: condition = "x.open_minor <> 0"
        case .overdue:
            values.append(.text(on.iso8601))
            condition = "x.open_minor <> 0 AND x.open_minor > 0 AND x.due_on < $\(values.count)"
        case .settled: condition = "x.open_minor = 0"
        // None is of nothing.
        case .all: condition = "x.amount_minor <> 0"
        }
        if let kind {
            values.append(.text(kind.rawValue))
            condition += " AND x.kind = $\(values.count)"
        }
        if let account {
            values.append(.integer(account.customer.value))
            condition += " AND x.customer_id = $\(values.count)"
            // What is open has an index by customer, anything else by its months.
            if moment == nil, filter == .settled || filter == .all {
                values.append(.texts(account.months))
                condition += " AND substr(x.effective_on, 1, 7) IN (SELECT value FROM §texts($\(values.count)))"
            }
        }
        if let id {
            values.append(.integer(id))
            condition += " AND x.id = $\(values.count)"
        }
        return condition + narrowed.condition(day: "x.effective_on", amount: "x.amount_minor", currency: "x.currency", &values)
    }
}
