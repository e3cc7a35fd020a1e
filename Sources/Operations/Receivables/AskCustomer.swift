import Domain
import Store

/// Asks a customer what a receipt is for: a mail that names it leaves through the outbox, and the receipt waits for the answer until a day.
package struct AskCustomer: Sendable {
    package static let dayLimit = 90
    private static let itemLimit = 20

    private let entity: ID<Entity>
    private let receipt: ID<Receipt>
    private let customerNumber, question, role: String
    private let answerBy: Day
    private let on: Day

    /// - Parameters:
    ///   - question: Put to the customer as it is.
    ///   - answerBy: From that day's end on the receipt waits for a person again.
    package init(_ entity: ID<Entity>, _ receipt: ID<Receipt>, customer: String, question: String, answerBy: Day, role: String, on day: Day)
    {
        (self.entity, self.receipt, customerNumber, self.question) = (entity, receipt, customer, question)
        (self.answerBy, self.role, on) = (answerBy, role, day)
    }

    /// - Returns: The address it goes to.
    package func run(in tx: any Transaction, at now: Instant) throws -> String {
        guard answerBy >= on, answerBy - on <= Self.dayLimit else { throw ReceiptRefusal.answerDay }
        guard !question.isEmpty else { throw SliceRefusal.noReason }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let found = try tx.first(
            """
            SELECT r.amount_minor, r.currency, r.booked_on, COALESCE(r.payer_name, ''), r.remittance,
                   r.structured_reference, r.end_to_end_id
              FROM cash_queue q JOIN receipt r ON r.entity_id = q.entity_id AND r.id = q.receipt_id
             WHERE q.entity_id = \(entity) AND q.receipt_id = \(receipt)
            """
        ) { row in
            Asked(
                amount: row.money(0, row.currency(1)), bookedOn: row.day(2), payer: row.text(3), remittance: row.text(4),
                reference: row.optionalText(5) ?? row.optionalText(6))
        }
        guard let asked = found else { throw ReceiptRefusal.notWaiting(String(receipt.value)) }
        let customer = try tx.first(
            """
            SELECT c.id, c.name, c.email, e.name FROM customer c JOIN entity e ON e.entity_id = c.entity_id
             WHERE c.entity_id = \(entity) AND c.number = \(customerNumber)
            """
        ) { (id: $0.integer(0), name: $0.text(1), email: $0.optionalText(2), seller: $0.text(3)) }
        guard let customer else { throw ReceiptRefusal.unknownCustomer(customerNumber) }
        guard let email = customer.email else { throw SendStatement.Refused.noAddress(customerNumber) }
        let items = try openItems(of: customer.id, in: asked.amount.currency, tx)
        // Write.
        let id: ID<Receipt> = books.newID()
        books.append(.receiptInquiry) { batch in
            batch.append(id.value)
            batch.append(receipt.value)
            batch.append(customer.id)
            batch.append(on.iso8601)
            batch.append(answerBy.iso8601)
            batch.append(question)
            batch.append(role)
        }
        try tx.run("UPDATE cash_queue SET asked_until = \(answerBy) WHERE entity_id = \(entity) AND receipt_id = \(receipt)")
        let subject = "Your payment of \(asked.amount.readable) on \(asked.bookedOn.words)"
        let body = letter(asked, items, customer: customer.name, seller: customer.seller)
        try books.write(outbox: outboxRow(entity, id: id.value, key: "inquiry-\(id.value)", email, subject, body, at: now), in: tx)
        try books.close(in: tx)
        return email
    }

    private struct Asked {
        let amount: Money, bookedOn: Day, payer, remittance: String
        /// The payer's own: structured, or end to end.
        let reference: String?
    }

    private func openItems(of customer: Int64, in currency: Currency, _ tx: any Transaction) throws -> [String] {
        try tx.rows(
            """
            SELECT number, due_on, open_minor FROM open_item
             WHERE entity_id = \(entity) AND open_minor <> 0 AND open_minor > 0 AND customer_id = \(customer) AND currency = \(currency)
             ORDER BY due_on, id LIMIT \(Self.itemLimit)
            """
        ) { "  \($0.text(0))  due \($0.day(1).words)  \($0.money(2, currency).readable)" }
    }

    private func letter(_ asked: Asked, _ items: [String], customer: String, seller: String) -> String {
        let isOne = items.count == 1
        return """
            Dear \(customer),

            we received \(asked.amount.readable) on \(asked.bookedOn.words)\(asked.payer.isEmpty ? "" : " from \(asked.payer)").
            \(asked.remittance.isEmpty ? "It came without a message." : "It said: \(asked.remittance)")\
            \(asked.reference.map { "\nIts reference: \($0)" } ?? "")

            \(question)
            \(items.isEmpty ? "" : "\nBy our books \(isOne ? "this item is" : "these items are") open:\n\n\(items.joined(separator: "\n"))\n")
            Please answer this message by \(answerBy.words).

            \(seller)
            """
    }
}
