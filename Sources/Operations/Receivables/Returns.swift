import Domain
import Store

/// Money that a bank took back: the receipt it belongs to is undone, its invoices are open again.
struct Returns {
    private let entity: ID<Entity>
    /// Receipts by end-to-end id, the newest first.
    private var receipts: [String: [Int64]] = [:]
    private var taken: Set<Int64> = []

    /// Reads the receipts that the returned transactions may belong to: same end-to-end id.
    init(_ entity: ID<Entity>, of entries: [BankEntry], in tx: any Transaction) throws {
        self.entity = entity
        let ids = Set(entries.filter { $0.amount.minor < 0 }.flatMap(\.transactions).compactMap(\.endToEndID))
        guard !ids.isEmpty else { return }
        try tx.forEach(
            """
            SELECT end_to_end_id, id FROM receipt
             WHERE entity_id = \(entity) AND end_to_end_id IS NOT NULL AND end_to_end_id IN \(texts: ids) ORDER BY booked_on DESC, id DESC
            """
        ) { receipts[$0.text(0), default: []].append($0.integer(1)) }
    }

    /// Books the return against its receipt: the newest of that id and amount, booked by then, whose money has not gone back yet.
    ///
    /// - Returns: false when there is none and a person must explain the debit.
    mutating func take(_ returned: KeyedEntry.Returned, on day: Day, _ books: inout Books, _ tx: any Transaction) throws -> Bool {
        guard let endToEndID = returned.transaction.endToEndID else { return false }
        for id in receipts[endToEndID, default: []] where !taken.contains(id) {
            var receipt = try AppliedReceipt(entity, id, in: tx)
            guard receipt.amount == -returned.amount, receipt.bookedOn <= day, !receipt.isReturned else { continue }
            taken.insert(id)
            try book(&receipt, returned, on: day, &books)
            try tx.run("DELETE FROM cash_queue WHERE entity_id = \(entity) AND receipt_id = \(id)")
            try tx.run("DELETE FROM cash_candidate WHERE entity_id = \(entity) AND receipt_id = \(id)")
            return true
        }
        return false
    }

    private func book(_ receipt: inout AppliedReceipt, _ returned: KeyedEntry.Returned, on day: Day, _ books: inout Books) throws {
        let day = books.openDay(day), rule = "return \(returned.transaction.returnReason ?? "reversal")"
        try receipt.reopen(on: day, rule: rule, &books)
        if receipt.isDivided { try receipt.moveBack(on: day, rule: rule, &books) }
        let id: ID<JournalEntry> = books.newID(), amount = -returned.amount,
            account: Account = receipt.customer == nil ? .unappliedCash : .receivables
        try books.post(
            id, on: day, kind: "return", memo: receipt.number,
            [Posting(account, receipt.customer, debit: amount), Posting(.bank, receipt.customer, credit: amount)])
        var debit = books.add(
            NewOpenItem(
                id: id.value, kind: .return, account: account, customer: receipt.customer, number: receipt.number, effectiveOn: day,
                dueOn: day,
                amount: amount))
        receipt.settle(&debit, on: day, rule: "return", &books)
    }
}
