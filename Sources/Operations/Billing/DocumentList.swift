import Domain
import Store

/// Invoices and credit notes, a page at a time.
package struct DocumentList: Sendable {
    package enum Filter: String, CaseIterable, Sendable { case all, open, overdue }
    package enum Order: String, CaseIterable, Sendable { case newest, due, largest }
    package struct Line: Sendable {
        package let id: ID<Invoice>
        package let number: String
        package let isCreditNote: Bool
        package let customerNumber: String
        package let customerName: String
        package let issuedOn: Day
        package let dueOn: Day
        /// Below zero for a credit note.
        package let gross: Money
        package let open: Money
        /// What of it stands apart on the day.
        package fileprivate(set) var slices: [StandingSlice] = []
    }

    private let entity: ID<Entity>
    private let on: Day
    private let filter: Filter
    private let order: Order
    /// Whether the chosen order is turned around.
    package let isReversed: Bool
    private let after: ListPlace?
    private let limit: Int
    private let number: String?
    private let moment: ReportMoment?
    private let late: DaysLate?
    private let currency: Currency?

    /// - Parameters:
    ///   - moment: Documents and what was open of them on that day by that knowledge; names are as they are now. nil tells of now.
    ///   - number: Only this one.
    ///   - late: Only those that still ask for money and are so late on the day.
    ///   - order: All documents stand newest or largest first, open ones by due day or newest first; another order is taken as the first of these.
    package init(
        _ entity: ID<Entity>, on day: Day, _ filter: Filter = .all, _ order: Order? = nil, reversed: Bool = false,
        after: ListPlace? = nil, limit: Int = ListLimit.page, number: String? = nil, late: DaysLate? = nil, currency: Currency? = nil,
        at moment: ReportMoment? = nil
    ) {
        let orders = Self.orders(of: filter)
        (self.entity, on, self.filter, self.after, self.limit) = (entity, moment?.asOf ?? day, filter, after, limit)
        (self.number, self.moment, self.late, self.currency) = (number, moment, late, currency)
        self.order = order.flatMap { orders.contains($0) ? $0 : nil } ?? orders[0]
        isReversed = reversed && order == self.order
    }

    /// Each has an index that gives the rows in that order.
    package static func orders(of filter: Filter) -> [Order] { filter == .all ? [.newest, .largest] : [.due, .newest] }
    package var chosen: Order { order }

    package func page(in tx: any Transaction) throws -> ListPage<Line> {
        var values: [SQLValue] = [.integer(entity.value)], condition = ""
        let past = try moment.map { openItemsSource($0, &values, try $0.horizon(in: tx)) }
        let source = past.map { "(SELECT x.* FROM \($0))" } ?? "open_item", own = past == nil ? " AND i.entity_id = $1" : ""
        switch filter {
        case .all: break
        case .open: condition = " AND i.open_minor <> 0"
        case .overdue:
            values.append(.text(on.iso8601))
            condition = " AND i.open_minor <> 0 AND i.open_minor > 0 AND i.due_on < $\(values.count)"
        }
        if let late { condition += dueCondition(late, &values) }
        if let currency {
            values.append(.text(currency.code))
            condition += " AND i.currency = $\(values.count)"
        }
        if order == .largest { condition += " AND i.kind IN ('invoice', 'credit_note', 'opening')" }  // as the index has it
        if let number {
            values.append(.text(number))
            condition += " AND i.number = $\(values.count)"
        }
        let listOrder =
            switch order {
            case .newest:
                filter == .all
                    ? ListOrder("d.id", .integer, id: "d.id", descending: !isReversed)
                    : ListOrder("i.id", .integer, id: "i.id", descending: !isReversed)
            case .due: ListOrder("i.due_on", .text, id: "i.id", descending: isReversed)
            case .largest: ListOrder("i.amount_minor", .integer, id: "i.id", descending: !isReversed)
            }
        var page = try ListPage<Line>.read(
            """
            SELECT i.id, i.number, i.kind, c.number, c.name, i.effective_on, i.due_on, i.currency, i.amount_minor, i.open_minor
              FROM \(source) i
              JOIN invoice d ON d.entity_id = $1 AND d.id = i.id
              JOIN customer c ON c.entity_id = d.entity_id AND c.id = d.customer_id
             WHERE d.entity_id = $1\(own)\(condition)
            """, listOrder, after: after, limit: limit, values: values, in: tx
        ) { row in
            let currency = row.currency(7)
            let line = Line(
                id: row.id(0), number: row.text(1), isCreditNote: row.text(2) == "credit_note", customerNumber: row.text(3),
                customerName: row.text(4),
                issuedOn: row.day(5), dueOn: row.day(6), gross: row.money(8, currency),
                open: row.money(9, currency))
            return (line, ListPlace(order == .due ? row.text(6) : String(row.integer(8)), row.integer(0)))
        }
        let horizon = try moment?.horizon(in: tx) ?? .max
        let slices = try standingSlices(entity, page.rows.map(\.id.value), on: on, knownThrough: horizon, in: tx)
        for at in page.rows.indices { page.rows[at].slices = slices[page.rows[at].id.value] ?? [] }
        return page
    }

    private func dueCondition(_ late: DaysLate, _ values: inout [SQLValue]) -> String {
        let due = late.dueDays(on: on)
        var condition = " AND i.open_minor <> 0 AND i.open_minor > 0"
        for (sign, day) in [(">=", due.first), ("<=", due.last)] {
            guard let day else { continue }
            values.append(.text(day.iso8601))
            condition += " AND i.due_on \(sign) $\(values.count)"
        }
        return condition
    }
}

/// An invoice or credit note with its lines and what settled it.
package struct DocumentView: Sendable {
    package struct Line: Sendable {
        package let sku: String
        package let description: String
        package let quantityMilli: Int64
        package let priceMicro: Int64
        package let net: Money
        package let taxBasisPoints: Int
    }
    package struct Settlement: Sendable {
        package let on: Day
        /// Of the item on the other side.
        package let kind: String
        /// A receipt's is its name.
        package fileprivate(set) var number: String
        package let receipt: ID<Receipt>?
        /// Below zero where an earlier settlement was taken back.
        package let amount: Money
        package let rule: String
    }
    package let document: DocumentList.Line
    package let sellerName: String
    package let sellerVAT: String?
    package let customerCountry: String
    package let customerVAT: String?
    package let net: Money
    package let tax: Money
    /// What may be kept of an invoice that is paid by its day.
    package let discount: CashDiscount?
    package let orderNumber: String?
    /// The orders that were billed on it, at most `orderLimit`.
    package let orders: [(id: ID<Order>, number: String)]
    /// The invoice that a credit note refers to.
    package let preceding: String?
    package let lines: [Line]
    package let settlements: [Settlement]
    package let notices: [(on: Day, level: Int)]
    /// Everything that was ever set apart of it.
    package let slices: [SliceHistory]
    package static let lineLimit = 500
    package static let orderLimit = 20
}

/// Reads one document by its number; nil when there is none.
package struct ReadDocument: Sendable {
    private let entity: ID<Entity>
    private let number: String
    private let on: Day
    package init(_ entity: ID<Entity>, number: String, on day: Day) { (self.entity, self.number, on) = (entity, number, day) }

    package func run(in tx: any Transaction) throws -> DocumentView? {
        let head = try tx.first(
            """
            SELECT d.id, d.type_code, c.number, c.name, d.issued_on, d.due_on, d.currency, d.gross_minor, i.open_minor, d.net_minor, d.tax_minor,
                   d.order_number, p.number, e.name, e.vat_number, c.country, c.vat_number, s.discount_minor, s.until_on
              FROM invoice d
              JOIN customer c ON c.entity_id = d.entity_id AND c.id = d.customer_id
              JOIN open_item i ON i.entity_id = d.entity_id AND i.id = d.id
              JOIN entity e ON e.entity_id = d.entity_id
              LEFT JOIN invoice p ON p.entity_id = d.entity_id AND p.id = d.preceding_id
              LEFT JOIN cash_discount s ON s.entity_id = d.entity_id AND s.item_id = d.id
             WHERE d.entity_id = \(entity) AND d.number = \(number)
            """
        ) { row in
            let currency = row.currency(6), isCreditNote = row.integer(1) == 381, sign: Int64 = isCreditNote ? -1 : 1
            return (
                DocumentList.Line(
                    id: row.id(0), number: number, isCreditNote: isCreditNote, customerNumber: row.text(2), customerName: row.text(3),
                    issuedOn: row.day(4),
                    dueOn: row.day(5), gross: Money(minor: sign * row.integer(7), currency), open: row.money(8, currency)),
                net: Money(minor: sign * row.integer(9), currency), tax: Money(minor: sign * row.integer(10), currency),
                order: row.optionalText(11),
                preceding: row.optionalText(12), seller: row.text(13), sellerVAT: row.optionalText(14), country: row.text(15),
                vat: row.optionalText(16), discount: row.optionalInteger(17).map { CashDiscount(minor: $0, until: row.day(18)) }
            )
        }
        guard var head else { return nil }
        let history = try ReadSlices(entity, item: head.0.id.value, on: on).run(in: tx)
        head.0.slices = history.map(\.slice).filter { $0.slice.open > 0 }
        return DocumentView(
            document: head.0, sellerName: head.seller, sellerVAT: head.sellerVAT, customerCountry: head.country, customerVAT: head.vat,
            net: head.net,
            tax: head.tax, discount: head.discount, orderNumber: head.order, orders: try orders(of: head.0.id, in: tx),
            preceding: head.preceding,
            lines: try lines(of: head.0.id, head.net.currency, in: tx),
            settlements: try settlements(of: head.0.id, head.net.currency, in: tx), notices: try notices(of: head.0.id, in: tx),
            slices: history)
    }

    private func orders(of id: ID<Invoice>, in tx: any Transaction) throws -> [(id: ID<Order>, number: String)] {
        try tx.rows(
            """
            SELECT o.id, o.external_id FROM sales_order o
             WHERE o.entity_id = \(entity)
               AND o.id IN (SELECT l.order_id FROM invoice_line l WHERE l.entity_id = \(entity) AND l.invoice_id = \(id))
             ORDER BY o.id LIMIT \(DocumentView.orderLimit)
            """
        ) { (id: $0.id(0), number: $0.text(1)) }
    }

    private func lines(of id: ID<Invoice>, _ currency: Currency, in tx: any Transaction) throws -> [DocumentView.Line] {
        try tx.rows(
            """
            SELECT sku, description, quantity_milli, price_micro, net_minor, tax_bp FROM invoice_line
             WHERE entity_id = \(entity) AND invoice_id = \(id) ORDER BY line LIMIT \(DocumentView.lineLimit)
            """
        ) {
            DocumentView.Line(
                sku: $0.text(0), description: $0.text(1), quantityMilli: $0.integer(2), priceMicro: $0.integer(3),
                net: $0.money(4, currency), taxBasisPoints: Int($0.integer(5)))
        }
    }

    private func settlements(of id: ID<Invoice>, _ currency: Currency, in tx: any Transaction) throws -> [DocumentView.Settlement] {
        var settlements = try tx.rows(
            """
            SELECT a.effective_on, o.kind, o.number, r.id, a.amount_minor, a.rule
              FROM allocation a
              JOIN open_item o ON o.entity_id = a.entity_id AND o.id = CASE WHEN a.debit_item_id = \(id) THEN a.credit_item_id ELSE a.debit_item_id END
              LEFT JOIN receipt r ON r.entity_id = o.entity_id AND o.kind = 'receipt' AND r.external_id = o.number
             WHERE a.entity_id = \(entity) AND (a.debit_item_id = \(id) OR a.credit_item_id = \(id)) ORDER BY a.id
            """
        ) {
            DocumentView.Settlement(
                on: $0.day(0), kind: $0.text(1), number: $0.text(2), receipt: $0.optionalID(3),
                amount: $0.money(4, currency), rule: $0.text(5))
        }
        let names = try ReceiptNames(entity, settlements.map(\.number), in: tx)
        for at in settlements.indices { settlements[at].number = names[settlements[at].number] }
        return settlements
    }

    private func notices(of id: ID<Invoice>, in tx: any Transaction) throws -> [(on: Day, level: Int)] {
        try tx.rows(
            """
            SELECT n.sent_on, i.level FROM dunning_notice_item i JOIN dunning_notice n ON n.entity_id = i.entity_id AND n.id = i.notice_id
             WHERE i.entity_id = \(entity) AND i.item_id = \(id) ORDER BY n.id
            """
        ) { (on: $0.day(0), level: Int($0.integer(1))) }
    }
}
