import Domain
import Store

/// Says that a receipt is not ours: it waits among the receipts to return and is not matched again unless somebody takes that back.
package struct SetReceiptAside: Sendable {
    private let entity: ID<Entity>
    private let method, externalID, reason: String
    private let on: Day
    static let rule = "not_ours"
    package init(_ entity: ID<Entity>, method: String, externalID: String, reason: String, on day: Day) {
        (self.entity, self.method, self.externalID, self.reason, on) = (entity, method, externalID, reason, day)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        guard !reason.isEmpty else { throw SliceRefusal.noReason }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let found = try tx.first(
            SQL(
                text: RecordedReceipt.query + " AND r.external_id = $2 AND r.method = $3",
                values: [.integer(entity.value), .text(externalID), .text(method)]), RecordedReceipt.init)
        guard let receipt = found else { throw ReceiptRefusal.unknown(externalID) }
        guard receipt.cash.open == -receipt.intake.amount else { throw ReceiptRefusal.partlyApplied(externalID) }
        // Write.
        let id: ID<JournalEntry> = books.newID(), amount = receipt.intake.amount, customer = receipt.intake.customer
        let day = books.openDay(max(on, receipt.cash.effectiveOn)), account: Account = customer == nil ? .unappliedCash : .receivables
        books.append(.application, receipt: receipt.id, rule: Self.rule, reason, on: on)
        try books.post(
            id, on: day, kind: Self.rule, memo: externalID,
            [Posting(account, customer, debit: amount), Posting(.receiptsToReturn, customer, credit: amount)])
        var debit = books.add(
            NewOpenItem(
                id: id.value, kind: .adjustment, account: account, customer: customer, number: externalID, effectiveOn: day, dueOn: day,
                amount: amount))
        var cash = receipt.cash
        books.allocate(&debit, with: &cash, amount, on: day, rule: Self.rule)
        try tx.run("DELETE FROM cash_queue WHERE entity_id = \(entity) AND receipt_id = \(receipt.id)")
        try tx.run("DELETE FROM cash_candidate WHERE entity_id = \(entity) AND receipt_id = \(receipt.id)")
        try books.close(in: tx)
    }
}
