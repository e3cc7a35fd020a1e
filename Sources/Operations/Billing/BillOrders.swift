import Domain
import Store

/// Bills confirmed orders whose time has come: each by itself, or collected by week or month, as agreed with the customer.
///
/// One run is one transaction of at most `orderLimit` orders; run it again while it reports more. Sales come first, so that
/// cancellations find what they cancel.
package struct BillOrders: Sendable {
    package static let orderLimit = 1_000

    package struct Report: Equatable, Sendable {
        package var invoices = 0
        package var creditNotes = 0
        package var noCharge = 0
        /// Credit notes that found the invoice they cancel.
        package var cancellationsApplied = 0
        /// By currency code, minor units, tax included.
        package var invoiced: [String: Int64] = [:]
        package var credited: [String: Int64] = [:]
        package var hasMore = false
        package init() {}
    }

    private let entity: ID<Entity>
    private let on: Day
    private let kind: OrderIntake.Kind
    package init(_ entity: ID<Entity>, _ kind: OrderIntake.Kind, on day: Day) { (self.entity, self.kind, on) = (entity, kind, day) }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        var report = Report()
        let drafts = try drafts(in: tx, &report)
        // Decide.
        var billable: [(draft: DocumentDraft, totals: DocumentTotals)] = [], free: [ID<Order>] = []
        for draft in drafts {
            let totals = draft.totals
            if totals.gross.minor == 0 { free += draft.orders } else { billable.append((draft, totals)) }
        }
        let targets = kind == .cancellation ? try CancellationTargets(entity, billable.map(\.draft), in: tx) : nil
        // Write.
        try write(billable, targets, &books, tx, &report)
        try tx.repeated(
            "UPDATE sales_order SET state = 'no_charge' WHERE entity_id = $1 AND id = $2", 2,
            free.flatMap { [.integer(entity.value), .integer($0.value)] })
        report.noCharge = free.count
        try books.close(in: tx)
        return report
    }

    private func write(
        _ billable: [(draft: DocumentDraft, totals: DocumentTotals)], _ targets: CancellationTargets?, _ books: inout Books,
        _ tx: any Transaction, _ report: inout Report
    ) throws {
        var next: [DocumentSeries: Int64] = [:], targets = targets, billed: [SQLValue] = []
        for series in DocumentSeries.allCases {
            let count = billable.count { ($0.totals.gross.minor > 0) == (series == .invoice) }
            if count > 0 { next[series] = try series.draw(count, entity, on: on, in: tx) }
        }
        for (draft, totals) in billable {
            var draft = draft
            let series: DocumentSeries = totals.gross.minor > 0 ? .invoice : .creditNote
            let sequence = next[series]!
            next[series] = sequence + 1
            let target = series == .creditNote ? targets?.invoice(for: draft) : nil
            draft.preceding = target
            if let target { targets?.take(draft, from: target) }
            var item = try books.issue(draft, totals, number: series.number(sequence, on: on), on: on)
            for order in draft.orders { billed += [.integer(item.id), .integer(entity.value), .integer(order.value)] }
            if series == .invoice {
                report.invoices += 1
                report.invoiced[draft.currency.code, default: 0] += totals.gross.minor
            } else {
                report.creditNotes += 1
                report.credited[draft.currency.code, default: 0] -= totals.gross.minor
            }
            if let target, targets?.apply(&item, to: target, on: on, &books) == true { report.cancellationsApplied += 1 }
        }
        try tx.repeated("UPDATE sales_order SET state = 'billed', document_id = $1 WHERE entity_id = $2 AND id = $3", 3, billed)
    }

    /// The orders to bill, grouped into documents; a customer's group is never split between two runs.
    private func drafts(in tx: any Transaction, _ report: inout Report) throws -> [DocumentDraft] {
        let week = on + -((on.weekday.rawValue + 1) % 7)  // the Sunday that ends the last whole week
        let month = on.endOfMonth == on ? on : Day(year: on.parts.year, month: on.parts.month, day: 1)! + -1
        var waiting = try tx.rows(
            """
            SELECT o.id, o.external_id, o.customer_id, o.ordered_on, o.currency, c.terms_days, c.billing, d.basis_points, d.days
              FROM sales_order o JOIN customer c ON c.entity_id = o.entity_id AND c.id = o.customer_id
              LEFT JOIN discount_terms d ON d.entity_id = c.entity_id AND d.customer_id = c.id
             WHERE o.entity_id = \(entity) AND o.state = 'confirmed' AND o.kind = \(kind.rawValue)
               AND o.ordered_on <= CASE c.billing WHEN 'order' THEN \(on) WHEN 'weekly' THEN \(week) ELSE \(month) END
             ORDER BY o.customer_id, o.ordered_on, o.id LIMIT \(Self.orderLimit + 1)
            """, WaitingOrder.init)
        if waiting.count > Self.orderLimit {
            report.hasMore = true
            let last = waiting.last!.customer
            let whole = waiting.prefix { $0.customer != last }
            // A customer alone with more than a run's worth is billed in parts rather than never.
            waiting = Array(whole.isEmpty ? waiting.prefix(Self.orderLimit) : whole)
        }
        let lines = try lines(of: waiting, in: tx)
        var drafts: [DocumentDraft] = [], open: [GroupKey: Int] = [:]
        for order in waiting {
            let billed = lines[order.id, default: []].map { DocumentDraft.Line(order: order.id, line: $0) }
            let key = GroupKey(customer: order.customer, currency: order.currency)
            if order.collects, kind == .sale, let at = open[key] {
                drafts[at].orders.append(order.id)
                drafts[at].lines += billed
                continue
            }
            open[key] = drafts.count
            drafts.append(
                DocumentDraft(
                    customer: order.customer, termsDays: order.termsDays, discount: order.discount, currency: order.currency,
                    orderNumber: order.collects && kind == .sale ? nil : order.externalID, orders: [order.id], lines: billed))
        }
        return drafts
    }

    private func lines(of orders: [WaitingOrder], in tx: any Transaction) throws -> [ID<Order>: [PlacedOrder.Line]] {
        let currencies = Dictionary(orders.map { ($0.id, $0.currency) }, uniquingKeysWith: { first, _ in first })
        var lines: [ID<Order>: [PlacedOrder.Line]] = [:]
        try tx.forEach(
            """
            SELECT order_id, sku, description, quantity_milli, price_micro, net_minor, tax_category, tax_bp FROM sales_order_line
             WHERE entity_id = \(entity) AND order_id IN \(ids: orders.map(\.id.value)) ORDER BY order_id, line
            """
        ) { row in
            let order: ID<Order> = row.id(0)
            guard let currency = currencies[order] else { return }
            lines[order, default: []].append(
                PlacedOrder.Line(
                    sku: row.text(1), description: row.text(2), quantityMilli: row.integer(3), priceMicro: row.integer(4),
                    net: row.money(5, currency), treatment: VATTreatment(row.word(6), basisPoints: row.integer(7))))
        }
        return lines
    }
}

private struct GroupKey: Hashable {
    let customer: ID<Customer>
    let currency: Currency
}

private struct WaitingOrder {
    let id: ID<Order>
    let externalID: String
    let customer: ID<Customer>
    let currency: Currency
    let termsDays: Int
    let discount: DiscountTerms?
    let collects: Bool

    init(_ row: Row) {
        (id, externalID, customer, currency) = (row.id(0), row.text(1), row.id(2), row.currency(4))
        (termsDays, collects) = (Int(row.integer(5)), row.text(6) != "order")
        discount = row.discountTerms(7)
    }
}
