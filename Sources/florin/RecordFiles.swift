import Domain
import Formats
import Operations

func readCustomers(_ path: String) throws -> [CustomerRow] {
    try readRecords(path, needed: CustomerRow.needed) { try CustomerRow($0) }
}

func readOpeningItems(_ path: String) throws -> [OpeningItem] {
    try readRecords(path, needed: ["number", "customer", "issued_on", "due_on", "currency", "open"]) { fields in
        let open = try fields.money(try fields.text("open"), "open", try fields.currency("currency"))
        guard open.minor != 0 else { throw fields.fault("open", "is zero: only what is open is taken over") }
        let issued = try fields.day("issued_on"), due = try fields.day("due_on")
        guard due >= issued else { throw fields.fault("due_on", "\(due.iso8601) lies before issued_on \(issued.iso8601)") }
        var discount: CashDiscount?
        if let text = fields.optional("discount") {
            let amount = try fields.money(text, "discount", open.currency)
            guard amount.minor > 0, amount < open else {
                throw fields.fault("discount", "\(text): write an amount above zero and below what is open")
            }
            discount = CashDiscount(minor: amount.minor, until: try fields.day("discount_until"))
        }
        return OpeningItem(
            number: try fields.text("number"), customerNumber: try fields.text("customer"), issuedOn: issued, dueOn: due, open: open,
            discount: discount,
            references: ["order_number", "purchase_order", "delivery_number"].compactMap(fields.optional))
    }
}
