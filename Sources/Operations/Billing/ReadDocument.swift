import Domain
import Store

/// An invoice or credit note with its lines and what settled it.
package struct DocumentView: Sendable {
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
    /// As they were when it was issued.
    package let seller, buyer: Party
    /// The first and the last day of the orders on it, by which their tax was decided; nil for what a former system issued.
    package let suppliedOn: ClosedRange<Day>?
    package let net: Money
    package let tax: Money
    /// By category and rate; empty for what a former system issued.
    package let taxes: [DocumentTotals.Breakdown]
    /// As it was issued: what may be kept of an invoice that is paid by its day.
    package let discount: DiscountOffer?
    /// What of it may be kept now: credit notes take their part of it along.
    package let discountLeft: CashDiscount?
    package let orderNumber: String?
    /// The orders that were billed on it, at most `orderLimit`.
    package let orders: [(id: ID<Order>, number: String)]
    /// The invoice that a credit note refers to.
    package let preceding: String?
    package let lines: [GoodsLine]
    /// Whether there are more lines than were asked for.
    package let hasMoreLines: Bool
    package let settlements: [Settlement]
    package let notices: [(on: Day, level: Int)]
    /// Everything that was ever set apart of it.
    package let slices: [SliceHistory]
    package static let lineLimit = 500
    /// More than any document has.
    package static let allLines = 1_000_000
    package static let orderLimit = 20
}

/// Reads one document by its number; nil when there is none.
package struct ReadDocument: Sendable {
    private let entity: ID<Entity>
    private let number: String
    private let on: Day
    private let lineLimit: Int

    /// - Parameter lineLimit: At most so many of its lines.
    package init(_ entity: ID<Entity>, number: String, on day: Day, lineLimit: Int = DocumentView.lineLimit) {
        (self.entity, self.number, on, self.lineLimit) = (entity, number, day, lineLimit)
    }

    package func run(in tx: any Transaction) throws -> DocumentView? {
        let head = try tx.first(
            """
            SELECT d.id, d.type_code, c.number, c.name, d.issued_on, d.due_on, d.currency, d.gross_minor, i.open_minor, d.net_minor,
              d.tax_minor,
                   d.order_number, p.number, d.customer_id, s.discount_minor, s.until_on,
                   (SELECT CAST(COALESCE(SUM(a.amount_minor), 0) AS BIGINT) FROM allocation a
                      JOIN open_item n ON n.entity_id = a.entity_id AND n.id = a.credit_item_id AND n.kind = 'credit_note'
                     WHERE a.entity_id = d.entity_id AND a.debit_item_id = d.id),
                   r.basis_points
              FROM invoice d
              JOIN customer c ON c.entity_id = d.entity_id AND c.id = d.customer_id
              JOIN open_item i ON i.entity_id = d.entity_id AND i.id = d.id
              LEFT JOIN invoice p ON p.entity_id = d.entity_id AND p.id = d.preceding_id
              LEFT JOIN cash_discount s ON s.entity_id = d.entity_id AND s.item_id = d.id
              LEFT JOIN discount_rate r ON r.entity_id = d.entity_id AND r.item_id = d.id
             WHERE d.entity_id = \(entity) AND d.number = \(number)
            """
        ) { row in
            let currency = row.currency(6), isCreditNote = row.integer(1) == 381, sign: Int64 = isCreditNote ? -1 : 1
            let gross = Money(minor: sign * row.integer(7), currency)
            return (
                DocumentList.Line(
                    id: row.id(0), number: number, isCreditNote: isCreditNote, customerNumber: row.text(2), customerName: row.text(3),
                    issuedOn: row.day(4),
                    dueOn: row.day(5), gross: gross, open: row.money(8, currency)),
                net: Money(minor: sign * row.integer(9), currency), tax: Money(minor: sign * row.integer(10), currency),
                order: row.optionalText(11),
                preceding: row.optionalText(12), customer: row.id(13) as ID<Customer>,
                discount: row.optionalInteger(14).map {
                    DiscountOffer(CashDiscount(minor: $0, until: row.day(15)), of: gross, basisPoints: row.optionalInteger(17))
                },
                left: row.cashDiscount(14, of: gross)
            )
        }
        guard var head else { return nil }
        let history = try ReadSlices(entity, item: head.0.id.value, on: on).run(in: tx)
        head.0.slices = history.map(\.slice).filter { $0.slice.open > 0 }
        let id = head.0.id, lines = try lines(of: id, head.net.currency, in: tx)
        return DocumentView(
            document: head.0, seller: try ReadParty(entity, of: id).run(in: tx),
            buyer: try ReadParty(entity, head.customer, of: id).run(in: tx), suppliedOn: try suppliedOn(id, in: tx),
            net: head.net, tax: head.tax, taxes: try taxes(of: id, head.net.currency, in: tx),
            discount: head.discount, discountLeft: head.left, orderNumber: head.order, orders: try orders(of: id, in: tx),
            preceding: head.preceding, lines: Array(lines.prefix(lineLimit)), hasMoreLines: lines.count > lineLimit,
            settlements: try settlements(of: head.0.id, head.net.currency, in: tx), notices: try notices(of: head.0.id, in: tx),
            slices: history)
    }

    private func suppliedOn(_ id: ID<Invoice>, in tx: any Transaction) throws -> ClosedRange<Day>? {
        try tx.first(
            """
            SELECT MIN(o.ordered_on), MAX(o.ordered_on) FROM sales_order o
             WHERE o.entity_id = \(entity)
               AND o.id IN (SELECT l.order_id FROM invoice_line l WHERE l.entity_id = \(entity) AND l.invoice_id = \(id))
            """
        ) { row in row.optionalDay(0).map { $0...row.day(1) } } ?? nil
    }

    private func taxes(of id: ID<Invoice>, _ currency: Currency, in tx: any Transaction) throws -> [DocumentTotals.Breakdown] {
        let sums = try tx.rows(
            """
            SELECT tax_category, tax_bp, CAST(SUM(net_minor) AS BIGINT) FROM invoice_line WHERE entity_id = \(entity) AND invoice_id = \(id)
             GROUP BY tax_category, tax_bp ORDER BY tax_bp DESC, tax_category
            """
        ) { DocumentTotals.Line(net: $0.money(2, currency), VATTreatment($0.word(0), basisPoints: $0.integer(1))) }
        return DocumentTotals(sums, in: currency).breakdown
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

    private func lines(of id: ID<Invoice>, _ currency: Currency, in tx: any Transaction) throws -> [GoodsLine] {
        try tx.rows(
            """
            SELECT sku, description, quantity_milli, price_micro, net_minor, tax_bp FROM invoice_line
             WHERE entity_id = \(entity) AND invoice_id = \(id) ORDER BY line LIMIT \(lineLimit + 1)
            """
        ) { GoodsLine($0, currency) }
    }

    private func settlements(of id: ID<Invoice>, _ currency: Currency, in tx: any Transaction) throws -> [DocumentView.Settlement] {
        var settlements = try tx.rows(
            """
            SELECT a.effective_on, o.kind, o.number, r.id, a.amount_minor, a.rule
              FROM allocation a
              JOIN open_item o ON o.entity_id = a.entity_id
                AND o.id = CASE WHEN a.debit_item_id = \(id) THEN a.credit_item_id ELSE a.debit_item_id END
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
