import Domain
import Store

/// Open items to customers' credit: credit notes, cash on account and cash whose payer is not known; the largest first, a page at a time.
package struct CreditList: Sendable {
    package struct Line: NamesCustomer, Sendable {
        package let kind: String
        /// Empty for cash whose payer is not known.
        package let customerNumber: String
        package internal(set) var customerName: String
        /// A receipt's is its name.
        package fileprivate(set) var number: String
        package let on: Day
        /// Below zero, as what is open of it.
        package let amount: Money
        package let open: Money
        /// nil for what is no receipt's.
        package fileprivate(set) var receipt: ID<Receipt>?
    }

    private let entity: ID<Entity>
    private let on: Day
    private let currency: Currency?
    private let after: ListPlace?
    private let limit: Int
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - currency: Only items in it.
    ///   - moment: What was open on that day by that knowledge, with the names of then; nil tells of the day by what is known now.
    package init(
        _ entity: ID<Entity>, on day: Day, in currency: Currency? = nil, after: ListPlace? = nil, limit: Int = ListLimit.page,
        at moment: ReportMoment? = nil
    ) {
        (self.entity, on, self.currency, self.after, self.limit) = (entity, moment?.asOf ?? day, currency, after, limit)
        self.moment = moment
    }

    /// Every row of a former moment, which no index tells.
    package func rankingThen(in tx: any Transaction) throws -> Ranking? {
        guard let moment else { return nil }
        var values: [SQLValue] = [.integer(entity.value)]
        let source = "(SELECT x.* FROM \(openItemsSource(moment, &values, try moment.horizon(in: tx))))", shown = shown(&values)
        return try .rows("SELECT i.id, \(order.column) FROM \(source) i WHERE \(shown)", values, order, in: tx)
    }

    private var order: ListOrder { ListOrder(tenThousandths(of: "i.open_minor", in: "i.currency"), .integer, id: "i.id") }

    private func shown(_ values: inout [SQLValue]) -> String {
        "i.amount_minor < 0 AND i.open_minor < 0"
            + ListFilter(currency: currency).condition(currency: "i.currency", &values)
    }

    /// - Parameter ranking: `rankingThen` of this moment; without it, every row is read.
    package func page(in tx: any Transaction, by ranking: Ranking? = nil) throws -> ListPage<Line> {
        let today = ReportMoment(entity, asOf: on), then = try moment ?? (today.isCurrent(in: tx) ? nil : today)
        var values: [SQLValue] = [.integer(entity.value)]
        let past = try then.map { openItemsSource($0, &values, try $0.horizon(in: tx)) }
        let source = past.map { "(SELECT x.* FROM \($0))" } ?? "open_item", own = past == nil ? " AND i.entity_id = $1" : ""
        let places = try ranking?.page(after: after, limit: limit) ?? places(source, own, values, in: tx)
        values.append(.integers(places.rows))
        let text = """
            SELECT i.id, i.kind, COALESCE(c.number, ''), COALESCE(c.name, 'Unidentified cash'), i.number, i.effective_on, i.currency,
                   i.amount_minor, i.open_minor
              FROM \(source) i LEFT JOIN customer c ON c.entity_id = $1 AND c.id = i.customer_id
             WHERE i.id IN (SELECT value FROM §integers($\(values.count)))\(own)
            """
        var lines: [Int64: Line] = [:]
        try tx.forEach(SQL(text: text, values: values)) { row in
            let currency = row.currency(6)
            lines[row.integer(0)] = Line(
                kind: row.text(1), customerNumber: row.text(2), customerName: row.text(3), number: row.text(4), on: row.day(5),
                amount: row.money(7, currency), open: row.money(8, currency))
        }
        let names = try ReceiptNames(entity, lines.values.map(\.number), in: tx)
        let receipts = try ItemReceipts(entity, of: lines.values.map { ($0.kind, $0.number) }, in: tx)
        let rows = places.rows.compactMap { id -> Line? in
            guard var line = lines[id] else { return nil }
            line.receipt = receipts[id, line.kind, line.number]?.id
            line.number = names[line.number]
            return line
        }
        var page = ListPage(rows, next: places.next)
        try page.name(at: then, in: tx)
        return page
    }

    /// The ids of a page, before anything is joined to them.
    private func places(_ source: String, _ own: String, _ values: [SQLValue], in tx: any Transaction) throws -> ListPage<Int64> {
        let unit = try currency?.minorTenThousandths ?? minorTenThousandths(entity, in: tx)
        if let unit, source == "open_item" { return try placesByAmount(inUnitsOf: unit, in: tx) }
        var values = values
        return try .read(
            "SELECT i.id, i.open_minor, i.currency FROM \(source) i WHERE i.open_minor <> 0 AND \(shown(&values))\(own)", order,
            after: after,
            limit: limit,
            values: values, in: tx
        ) { row in (row.integer(0), ListPlace(String(row.money(1, row.currency(2)).tenThousandths), row.integer(0))) }
    }

    /// No more is open of an item than its amount: the index by amount is read until nothing further on can stand on the page.
    private func placesByAmount(inUnitsOf unit: Int64, in tx: any Transaction) throws -> ListPage<Int64> {
        let start = after?.inMinorUnits(of: unit).minorAndID ?? (.min, 0)
        var reach = 4 * limit
        while true {
            var values: [SQLValue] = [.integer(entity.value)]
            let condition = ListFilter(currency: currency).condition(currency: "i.currency", &values)
            values.append(.integer(Int64(reach)))
            let text = """
                SELECT i.id, i.open_minor, i.amount_minor, i.currency FROM open_item i
                 WHERE i.entity_id = $1 AND i.amount_minor < 0 AND i.open_minor <> 0\(condition)
                 ORDER BY i.amount_minor, i.id LIMIT $\(values.count)
                """
            let found = try tx.rows(SQL(text: text, values: values)) {
                (id: $0.integer(0), open: $0.money(1, $0.currency(3)), amount: $0.integer(2))
            }
            let bound = found.count < reach ? 0 : found[reach - 1].amount
            let rows = found.filter { $0.open.minor < bound && ($0.open.minor, $0.id) > start }
                .sorted { ($0.open.minor, $0.id) < ($1.open.minor, $1.id) }
            if rows.count > limit || bound == 0 {
                let last = rows.count > limit ? rows[limit - 1] : nil
                return ListPage(
                    rows.prefix(limit).map(\.id), next: last.map { ListPlace(String($0.open.tenThousandths), $0.id) })
            }
            reach *= 4
        }
    }
}

extension ListPlace {
    fileprivate var minorAndID: (Int64, Int64) { (Int64(value) ?? 0, id) }
}
