import Domain
import Store

/// Lines of an invoice or a credit note as it was issued, a page at a time; a document taken over from a former system has none.
package struct DocumentLines: Sendable {
    package struct Row: Sendable {
        /// 1-based.
        package let line: Int64
        package let goods: GoodsLine
        /// The order that the line bills; nil where none is known.
        package let order: ID<Order>?
    }

    private let entity: ID<Entity>
    private let document: ID<Invoice>
    private let after: ListPlace?
    private let limit: Int
    package init(_ entity: ID<Entity>, _ document: ID<Invoice>, after: ListPlace? = nil, limit: Int = ListLimit.page) {
        (self.entity, self.document, self.after, self.limit) = (entity, document, after, limit)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Row> {
        try .read(
            """
            SELECT l.line, l.sku, l.description, l.quantity_milli, l.price_micro, l.net_minor, l.tax_bp, d.currency, l.order_id
              FROM invoice_line l JOIN invoice d ON d.entity_id = l.entity_id AND d.id = l.invoice_id
             WHERE l.entity_id = $1 AND l.invoice_id = $2
            """, ListOrder("l.line", .integer, id: "l.line"), after: after, limit: limit,
            values: [.integer(entity.value), .integer(document.value)], in: tx
        ) { row in
            let goods = GoodsLine(row, from: 1, row.currency(7))
            return (Row(line: row.integer(0), goods: goods, order: row.integer(8) == 0 ? nil : row.id(8)), ListPlace("", row.integer(0)))
        }
    }
}

/// What settled a document, in the order of recording: every allocation with the item on its other side.
package struct DocumentSettlements: Sendable {
    package struct Row: Sendable {
        /// Of the allocation.
        package let id: Int64
        package let on: Day
        /// The item on the other side.
        package let item: Int64
        package let kind: String
        package let number: String
        /// The receipt whose cash it is; nil for anything else.
        package let receipt: ID<Receipt>?
        /// Below zero where it takes an earlier one back.
        package let amount: Money
        package let rule: String
        /// The allocation that it takes back.
        package let reverses: Int64?
        /// Whether it was taken back.
        package let isReversed: Bool
    }

    private let entity: ID<Entity>
    private let document: ID<Invoice>
    private let after: ListPlace?
    private let limit: Int
    private let moment: ReportMoment?

    /// - Parameter moment: Allocations of that day or before that were recorded by then; nil tells of now.
    package init(
        _ entity: ID<Entity>, _ document: ID<Invoice>, after: ListPlace? = nil, limit: Int = ListLimit.page, at moment: ReportMoment? = nil
    ) {
        (self.entity, self.document, self.after, self.limit, self.moment) = (entity, document, after, limit, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Row> {
        var values: [SQLValue] = [.integer(entity.value), .integer(document.value)]
        let known = try moment?.condition("a.effective_on", "a.id", &values, in: tx) ?? "",
            taken = try moment?.condition("b.effective_on", "b.id", &values, in: tx) ?? ""
        // Cash on a customer's account came by the leg that stands just before it.
        return try .read(
            """
            SELECT a.id, a.effective_on, o.id, o.kind, o.number,
                   COALESCE((SELECT MIN(l.credit_item_id) FROM allocation l
                              WHERE l.entity_id = o.entity_id AND l.debit_item_id = o.id - 1 AND l.rule = 'identification'),
                            (SELECT r.id FROM receipt r WHERE r.entity_id = o.entity_id AND r.id = o.id)),
                   a.amount_minor, o.currency, a.rule, a.reverses_id,
                   (SELECT MIN(b.id) FROM allocation b
                     WHERE b.entity_id = a.entity_id AND b.credit_item_id = a.credit_item_id AND b.reverses_id = a.id\(taken))
              FROM allocation a
              JOIN open_item o ON o.entity_id = a.entity_id
               AND o.id = CASE WHEN a.debit_item_id = $2 THEN a.credit_item_id ELSE a.debit_item_id END
             WHERE a.entity_id = $1 AND (a.debit_item_id = $2 OR a.credit_item_id = $2)\(known)
            """, ListOrder("a.id", .integer, id: "a.id"), after: after, limit: limit, values: values, in: tx
        ) { row in
            let settled = Row(
                id: row.integer(0), on: row.day(1), item: row.integer(2), kind: row.text(3), number: row.text(4),
                receipt: row.text(3) == "receipt" ? row.optionalID(5) : nil, amount: row.money(6, row.currency(7)), rule: row.text(8),
                reverses: row.optionalInteger(9), isReversed: !row.isNull(10))
            return (settled, ListPlace("", settled.id))
        }
    }
}

/// Dunning notices in which a document stood, the first first.
package struct DocumentNotices: Sendable {
    package struct Row: Sendable {
        package let id: Int64
        package let on: Day
        package let level: Int
    }

    private let entity: ID<Entity>
    private let document: ID<Invoice>
    private let after: ListPlace?
    private let limit: Int
    private let moment: ReportMoment?

    /// - Parameter moment: Notices of that day or before that were recorded by then; nil tells of now.
    package init(
        _ entity: ID<Entity>, _ document: ID<Invoice>, after: ListPlace? = nil, limit: Int = ListLimit.page, at moment: ReportMoment? = nil
    ) {
        (self.entity, self.document, self.after, self.limit, self.moment) = (entity, document, after, limit, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Row> {
        var values: [SQLValue] = [.integer(entity.value), .integer(document.value)]
        let known = try moment?.condition("n.sent_on", "n.id", &values, in: tx) ?? ""
        return try .read(
            """
            SELECT n.id, n.sent_on, i.level
              FROM dunning_notice_item i JOIN dunning_notice n ON n.entity_id = i.entity_id AND n.id = i.notice_id
             WHERE i.entity_id = $1 AND i.item_id = $2\(known)
            """, ListOrder("n.id", .integer, id: "n.id"), after: after, limit: limit, values: values, in: tx
        ) { (Row(id: $0.integer(0), on: $0.day(1), level: Int($0.integer(2))), ListPlace("", $0.integer(0))) }
    }
}

/// Finds a document by its legal number.
package struct DocumentKey: Sendable {
    private let entity: ID<Entity>
    private let number: String
    private let moment: ReportMoment?

    /// - Parameter moment: Only if it was issued on that day or before and known by then; nil finds any.
    package init(_ entity: ID<Entity>, number: String, at moment: ReportMoment? = nil) {
        (self.entity, self.number, self.moment) = (entity, number, moment)
    }

    package func run(in tx: any Transaction) throws -> ID<Invoice>? {
        var values: [SQLValue] = [.integer(entity.value), .text(number)]
        let known = try moment?.condition("issued_on", "id", &values, in: tx) ?? ""
        return try tx.first(SQL(text: "SELECT id FROM invoice WHERE entity_id = $1 AND number = $2\(known)", values: values)) {
            $0.id(0)
        }
    }
}

/// The open item of a document: what was open of it, and what of that stood apart.
package struct DocumentStanding: Sendable {
    package let id: Int64
    package let kind: String
    package let on: Day
    package let dueOn: Day
    package let amount: Money
    package let open: Money
    package let standing: StandingSum

    /// - Parameter isNow: The kept open amount answers.
    /// - Returns: nil where there was none.
    package static func read(
        _ moment: ReportMoment, _ document: ID<Invoice>, isNow: Bool, in tx: any Transaction
    ) throws -> DocumentStanding? {
        var values: [SQLValue] = [.integer(moment.entity.value)]
        let horizon = try moment.horizon(in: tx), source = isNow ? "open_item x" : openItemsSource(moment, &values, horizon)
        values.append(.integer(document.value))
        let text = """
            SELECT x.id, x.kind, x.effective_on, x.due_on, x.currency, x.amount_minor, x.open_minor
              FROM \(source) WHERE \(isNow ? "x.entity_id = $1 AND " : "")x.id = $\(values.count)
            """
        let apart =
            try standingSlices(moment.entity, [document.value], on: moment.asOf, knownThrough: horizon, in: tx)[document.value] ?? []
        return try tx.first(SQL(text: text, values: values)) { row in
            let currency = row.currency(4)
            return DocumentStanding(
                id: row.integer(0), kind: row.text(1), on: row.day(2), dueOn: row.day(3), amount: row.money(5, currency),
                open: row.money(6, currency), standing: apart.sum(in: currency))
        }
    }
}
