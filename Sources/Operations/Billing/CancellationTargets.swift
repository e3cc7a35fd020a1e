import Domain
import Store

/// Finds the invoice that a cancellation cancels: the customer's only one that has each of its lines, article and price alike and
/// in at least that quantity; or, among several, the only one with exactly these quantities.
struct CancellationTargets {
    private struct Article: Hashable {
        let sku: String
        let priceMicro: Int64
    }
    private struct Candidate {
        var item: OpenItem
        let customer: ID<Customer>
        var quantities: [Article: Int64] = [:]
    }

    private var candidates: [Int64: Candidate] = [:]
    private var byCustomer: [ID<Customer>: [Int64]] = [:]

    init(_ entity: ID<Entity>, _ drafts: [DocumentDraft], in tx: any Transaction) throws {
        let customers = Set(drafts.map(\.customer.value)), articles = Set(drafts.flatMap { $0.lines.map(\.line.sku) })
        guard !customers.isEmpty else { return }
        let months = try ItemMonths(entity, in: tx).all
        // A one-time customer's account is shared by strangers: nothing there can be told.
        try tx.forEach(
            """
            SELECT i.id, i.customer_id, i.number, i.due_on, i.open_minor, i.currency, l.sku, l.price_micro, l.quantity_milli,
              i.effective_on,
                   (SELECT MAX(a.effective_on) FROM allocation a
                     WHERE a.entity_id = i.entity_id AND a.debit_item_id = i.id AND a.amount_minor < 0)
              FROM open_item i
              JOIN invoice_line l ON l.entity_id = i.entity_id AND l.invoice_id = i.id
              JOIN customer c ON c.entity_id = i.entity_id AND c.id = i.customer_id
             WHERE i.entity_id = \(entity) AND substr(i.effective_on, 1, 7) IN \(texts: months)
               AND i.customer_id IN \(ids: customers) AND i.kind = 'invoice' AND l.sku IN \(texts: articles)
               AND substr(c.number, 1, 9) <> 'ONE-TIME-'
            """
        ) { row in
            let id = row.integer(0)
            if candidates[id] == nil {
                let item = OpenItem(
                    id: id, number: row.text(2), effectiveOn: max(row.day(9), row.optionalDay(10) ?? row.day(9)), dueOn: row.day(3),
                    open: row.money(4, row.currency(5)))
                candidates[id] = Candidate(item: item, customer: row.id(1))
                byCustomer[row.id(1), default: []].append(id)
            }
            candidates[id]?.quantities[Article(sku: row.text(6), priceMicro: row.integer(7)), default: 0] += row.integer(8)
        }
        // What earlier credit notes took is not there to be cancelled again: their quantities are negative.
        try tx.forEach(
            """
            SELECT n.preceding_id, l.sku, l.price_micro, l.quantity_milli
              FROM invoice n JOIN invoice_line l ON l.entity_id = n.entity_id AND l.invoice_id = n.id
             WHERE n.entity_id = \(entity) AND n.preceding_id IS NOT NULL AND n.preceding_id IN \(ids: candidates.keys)
            """
        ) { row in
            candidates[row.integer(0)]?.quantities[Article(sku: row.text(1), priceMicro: row.integer(2)), default: 0] += row.integer(3)
        }
    }

    func invoice(for draft: DocumentDraft) -> Int64? {
        var wanted: [Article: Int64] = [:]
        for line in draft.lines {
            wanted[Article(sku: line.line.sku, priceMicro: line.line.priceMicro), default: 0] -= line.line.quantityMilli
        }
        let fitting = byCustomer[draft.customer, default: []].filter { id in
            guard let candidate = candidates[id], candidate.item.open.currency == draft.currency else { return false }
            return wanted.allSatisfy { article, quantity in candidate.quantities[article, default: 0] >= quantity }
        }
        if fitting.count == 1 { return fitting[0] }
        let exact = fitting.filter { id in wanted.allSatisfy { article, quantity in candidates[id]?.quantities[article] == quantity } }
        return exact.count == 1 ? exact[0] : nil
    }

    /// Counts what the draft cancels as gone from the invoice.
    mutating func take(_ draft: DocumentDraft, from invoice: Int64) {
        for line in draft.lines {
            candidates[invoice]?.quantities[Article(sku: line.line.sku, priceMicro: line.line.priceMicro), default: 0] +=
                line.line.quantityMilli
        }
    }

    /// Settles what is left of the invoice with the credit note; the rest of either stays open.
    mutating func apply(_ creditNote: inout OpenItem, to invoice: Int64, on day: Day, _ books: inout Books) -> Bool {
        guard var candidate = candidates[invoice], candidate.item.open.minor > 0 else { return false }
        books.allocate(&candidate.item, with: &creditNote, min(candidate.item.open, -creditNote.open), on: day, rule: "cancellation")
        candidates[invoice] = candidate
        return true
    }
}
