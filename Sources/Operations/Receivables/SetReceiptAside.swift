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
        try books.move(receipt, to: .receiptsToReturn, rule: Self.rule, reason, on: on, in: tx)
        try books.close(in: tx)
    }
}

extension Books {
    /// Takes a receipt that nothing is applied of out of the customers' money, whole: it waits for nobody any more.
    mutating func move(
        _ receipt: RecordedReceipt, to account: Account, rule: String, _ reason: String, on: Day, in tx: any Transaction
    ) throws {
        let id: ID<JournalEntry> = newID(), number = receipt.intake.externalID, amount = receipt.intake.amount
        let customer = receipt.intake.customer, from: Account = customer == nil ? .unappliedCash : .receivables
        let day = openDay(max(on, receipt.cash.effectiveOn))
        append(.application, receipt: receipt.id, rule: rule, reason, on: on)
        try post(
            id, on: day, kind: rule, memo: number,
            [Posting(from, customer, debit: amount), Posting(account, customer, credit: amount)])
        var debit = add(
            NewOpenItem(
                id: id.value, kind: .adjustment, account: from, customer: customer, number: number, effectiveOn: day, dueOn: day,
                amount: amount))
        var cash = receipt.cash
        allocate(&debit, with: &cash, amount, on: day, rule: rule)
        try tx.run("DELETE FROM cash_queue WHERE entity_id = \(entity) AND receipt_id = \(receipt.id)")
        try tx.run("DELETE FROM cash_candidate WHERE entity_id = \(entity) AND receipt_id = \(receipt.id)")
    }
}
