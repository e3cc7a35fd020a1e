import Domain
import Store

/// What one invoice or credit note bills.
struct DocumentDraft {
    struct Line {
        let order: ID<Order>
        let line: PlacedOrder.Line
    }
    let customer: ID<Customer>
    let termsDays: Int
    var discount: DiscountTerms?
    let currency: Currency
    let orderNumber: String?
    var preceding: Int64?
    var orders: [ID<Order>]
    var lines: [Line]
    var totals: DocumentTotals { DocumentTotals(lines.map { .init(net: $0.line.net, $0.line.treatment) }, in: currency) }
}

extension Books {
    /// Issues a document: its rows, its journal entry and its open item, all under one id.
    ///
    /// - Parameter totals: The draft's; gross above zero makes an invoice, below zero a credit note, zero traps.
    /// - Returns: The open item.
    mutating func issue(_ draft: DocumentDraft, _ totals: DocumentTotals, number: String, on day: Day) throws -> OpenItem {
        let gross = totals.gross
        precondition(gross.minor != 0)
        let isInvoice = gross.minor > 0, sign: Int64 = isInvoice ? 1 : -1
        let id: ID<JournalEntry> = newID(), dueOn = isInvoice ? day + draft.termsDays : day
        append(.invoice) { batch in
            batch.append(id.value)
            batch.append(number)
            batch.append(isInvoice ? 380 : 381)
            batch.append(draft.customer.value)
            batch.append(day.iso8601)
            batch.append(dueOn.iso8601)
            batch.append(draft.currency.code)
            for money in [totals.net, totals.tax, gross] { batch.append(sign * money.minor) }
            batch.append(draft.orderNumber)
            batch.append(draft.preceding)
        }
        for (at, line) in draft.lines.enumerated() {
            append(.invoiceLine) { batch in
                batch.append(id.value)
                batch.append(Int64(at + 1))
                batch.append(line.order.value)
                batch.append(line.line)
            }
        }
        try post(id, on: day, kind: isInvoice ? "invoice" : "credit_note", memo: number, totals.postings(customer: draft.customer))
        var item = add(
            NewOpenItem(
                id: id.value, kind: isInvoice ? .invoice : .creditNote, account: .receivables, customer: draft.customer, number: number,
                effectiveOn: day, dueOn: dueOn, amount: gross))
        if isInvoice, let terms = draft.discount, let discount = terms.discount(of: gross, issuedOn: day) {
            append(discount, of: id.value, draft.currency)
            append(.discountRate) { batch in
                batch.append(id.value)
                batch.append(terms.basisPoints)
            }
            item.discount = discount
        }
        return item
    }

    mutating func append(_ discount: CashDiscount, of item: Int64, _ currency: Currency) {
        append(.cashDiscount) { batch in
            batch.append(item)
            batch.append(discount.until.iso8601)
            batch.append(currency.code)
            batch.append(discount.minor)
        }
    }
}
