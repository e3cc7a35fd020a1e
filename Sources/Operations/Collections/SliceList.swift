import Domain
import Store

/// What stands apart and waits for a person or a day, and what did, the oldest first, a page at a time.
package struct SliceList: Sendable {
    /// Something is left of it; the same, and its day is over; nothing is left.
    package enum Filter: String, CaseIterable, Sendable { case standing, overdue, ended, all }
    package struct Line: NamesCustomer, Sendable {
        package let slice: StandingSlice
        package let document: String
        package let dueOn: Day
        package let customerNumber: String
        package internal(set) var customerName: String
    }

    private let entity: ID<Entity>
    private let on: Day
    private let kind: Slice.Kind?
    private let state: Filter
    private let after: ListPlace?
    private let limit: Int
    private let id: ID<Slice>?
    private let filter: ListFilter
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - kind: nil lists all.
    ///   - filter: By the day on which it was set apart and the amount that was.
    ///   - id: Only this one.
    ///   - moment: What stood apart on that day by that knowledge; nil tells of now.
    package init(
        _ entity: ID<Entity>, on day: Day, _ kind: Slice.Kind? = nil, _ state: Filter = .standing, where filter: ListFilter = .none,
        after: ListPlace? = nil,
        limit: Int = ListLimit.page, id: ID<Slice>? = nil, at moment: ReportMoment? = nil
    ) {
        (self.entity, on, self.kind, self.after, self.limit) = (entity, moment?.asOf ?? day, kind, after, limit)
        (self.state, self.id) = (state, id)
        (self.filter, self.moment) = (filter, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Line> {
        var values: [SQLValue] = [
            .integer(entity.value), .text(on.iso8601), .integer(try moment?.horizon(in: tx) ?? .max),
            kind.map { .text($0.rawValue) } ?? .null,
        ]
        // What is left now is kept, and has an index.
        let open = moment == nil ? "s.open_minor" : "(\(StandingSlice.open))"
        var condition = moment == nil ? "" : " AND s.id <= $3"
        switch state {
        case .standing: condition += " AND \(open) <> 0"
        case .overdue: condition += " AND \(open) <> 0 AND s.due_on IS NOT NULL AND s.due_on < $2"
        case .ended: condition += " AND \(open) = 0"
        case .all: break
        }
        condition += filter.condition(day: "s.opened_on", amount: "s.amount_minor", currency: "s.currency", &values)
        if let customer = filter.customerID(&values) { condition += " AND s.customer_id = \(customer)" }
        if let id {
            values.append(.integer(id.value))
            condition += " AND s.id = $\(values.count)"
        }
        var page = try ListPage<Line>.read(
            """
            SELECT \(StandingSlice.columns), i.number, i.due_on, c.number, c.name
              FROM slice s
              JOIN open_item i ON i.entity_id = s.entity_id AND i.id = s.item_id
              JOIN customer c ON c.entity_id = s.entity_id AND c.id = s.customer_id
             WHERE s.entity_id = $1 AND s.opened_on <= $2 AND (CAST($4 AS TEXT) IS NULL OR s.kind = $4)\(condition)
            """, ListOrder("s.id", .integer, id: "s.id"), after: after, limit: limit, values: values, in: tx
        ) { row in
            let slice = StandingSlice(row)
            return (
                Line(slice: slice, document: row.text(13), dueOn: row.day(14), customerNumber: row.text(15), customerName: row.text(16)),
                ListPlace("", slice.slice.id)
            )
        }
        try page.name(at: moment, in: tx)
        return page
    }

    /// What stands, one sum a kind and currency.
    package func sums(in tx: any Transaction) throws -> [(kind: Slice.Kind, count: Int, open: Money)] {
        let then: [SQLValue] = try moment.map { [.text(on.iso8601), .integer(try $0.horizon(in: tx))] } ?? []
        let source =
            then.isEmpty
            ? "slice WHERE entity_id = $1 AND"
            : """
            (SELECT s.kind, s.currency, \(StandingSlice.open) AS open_minor FROM slice s
              WHERE s.entity_id = $1 AND s.opened_on <= $2 AND s.id <= $3) x WHERE
            """
        let text = """
            SELECT kind, currency, count(*), CAST(SUM(open_minor) AS BIGINT) FROM \(source) open_minor <> 0
             GROUP BY kind, currency ORDER BY kind, currency
            """
        return try tx.rows(SQL(text: text, values: [.integer(entity.value)] + then)) { row in
            let kind: Slice.Kind = row.word(0)
            return (kind, Int(row.integer(2)), row.money(3, row.currency(1)))
        }
    }
}
