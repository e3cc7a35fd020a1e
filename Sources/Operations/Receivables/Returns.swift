import Domain
import Store

/// Money that a bank took back: the receipt it belongs to is undone, its invoices are open again.
struct Returns {
    /// A direct debit that was never authorised may be returned so long after it was collected.
    private static let months = 13

    private let entity: ID<Entity>
    /// Receipts by end-to-end id, the newest first.
    private var receipts: [String: [Int64]] = [:]
    /// Receipts by a mandate or an account of the customer whose cash they became.
    private var receiptsOfPayer: [String: [Int64]] = [:]
    private var taken: Set<Int64> = []

    /// Reads the receipts that the returned transactions may belong to: of the same end-to-end id; where the bank tells none, of the same
    /// amount and the customer whose mandate or account it tells.
    init(_ entity: ID<Entity>, of entries: [BankEntry], in tx: any Transaction) throws {
        self.entity = entity
        let debits = entries.filter { $0.amount.minor < 0 }, returned = debits.flatMap(\.transactions)
        try readReceipts(ofPayersOf: debits, in: tx)
        let ids = Set(returned.compactMap(\.endToEndID))
        guard !ids.isEmpty else { return }
        try tx.forEach(
            """
            SELECT end_to_end_id, id FROM receipt
             WHERE entity_id = \(entity) AND end_to_end_id IS NOT NULL AND end_to_end_id IN \(texts: ids) ORDER BY booked_on DESC, id DESC
            """
        ) { receipts[$0.text(0), default: []].append($0.integer(1)) }
    }

    private mutating func readReceipts(ofPayersOf debits: [BankEntry], in tx: any Transaction) throws {
        let unnamed = debits.filter { $0.isReversal || $0.transactions.contains { $0.returnReason != nil } }
        let keys = Set(unnamed.flatMap(\.transactions).filter { $0.endToEndID == nil }.flatMap(payerKeys))
        let amounts = Set(unnamed.flatMap(\.transactions).compactMap { one in one.amount.map { $0.minor - (one.charges?.minor ?? 0) } })
        guard !keys.isEmpty, let first = unnamed.map(\.bookedOn).min() else { return }
        var payers: [ID<Customer>: [String]] = [:]
        try tx.forEach(
            """
            SELECT value, customer_id FROM customer_identity
             WHERE entity_id = \(entity) AND kind IN ('iban', 'mandate') AND value IN \(texts: keys)
            """
        ) { payers[$0.id(1), default: []].append($0.text(0)) }
        guard !payers.isEmpty else { return }
        let months = try ItemMonths(entity, in: tx).since(first.adding(months: -Self.months, anchor: first.parts.day))
        try tx.forEach(
            """
            SELECT o.customer_id, r.id FROM open_item o JOIN receipt r ON r.entity_id = o.entity_id AND r.external_id = o.number
             WHERE o.entity_id = \(entity) AND o.customer_id IN \(ids: payers.keys.map(\.value)) AND o.kind = 'receipt'
               AND substr(o.effective_on, 1, 7) IN \(texts: months) AND o.amount_minor IN \(ids: amounts) ORDER BY r.id
            """
        ) { row in
            for key in payers[row.id(0), default: []] where receiptsOfPayer[key]?.last != row.integer(1) {
                receiptsOfPayer[key, default: []].append(row.integer(1))
            }
        }
    }

    private func payerKeys(_ transaction: BankEntry.Transaction) -> [String] {
        [transaction.mandateID.map(comparableMandate), transaction.counterpartyNumber].compactMap { $0 }
    }

    /// The receipts a return may belong to, the likeliest first.
    private func candidates(_ transaction: BankEntry.Transaction) -> [Int64] {
        if let endToEndID = transaction.endToEndID { return receipts[endToEndID, default: []] }
        return payerKeys(transaction).lazy.compactMap { receiptsOfPayer[$0] }.first ?? []
    }

    /// Books the return against its receipt: the newest of that id and amount, booked by then, whose money has not gone back yet; by the
    /// payer alone, only where there is one.
    ///
    /// - Returns: false when there is none and a person must explain the debit.
    mutating func take(_ returned: KeyedEntry.Returned, on day: Day, _ books: inout Books, _ tx: any Transaction) throws -> Bool {
        var found: [AppliedReceipt] = []
        for id in candidates(returned.transaction) where !taken.contains(id) {
            let receipt = try AppliedReceipt(entity, id, in: tx)
            guard receipt.amount == -returned.amount, receipt.bookedOn <= day, !receipt.isReturned else { continue }
            found.append(receipt)
            if returned.transaction.endToEndID != nil || found.count > 1 { break }
        }
        guard found.count == 1 else { return false }
        taken.insert(found[0].id)
        try book(&found[0], returned, on: day, &books)
        let waited = try tx.changes("DELETE FROM cash_queue WHERE entity_id = \(entity) AND receipt_id = \(found[0].id)")
        if waited > 0 { books.append(question: "", about: found[0].id, weight: 0, on: day) }
        try tx.run("DELETE FROM cash_candidate WHERE entity_id = \(entity) AND receipt_id = \(found[0].id)")
        return true
    }

    private func book(_ receipt: inout AppliedReceipt, _ returned: KeyedEntry.Returned, on day: Day, _ books: inout Books) throws {
        let day = books.openDay(day), rule = "return \(returned.transaction.returnReason ?? "reversal")"
        try receipt.reopen(on: day, rule: rule, &books)
        if receipt.isDivided { try receipt.moveBack(on: day, rule: rule, &books) }
        let id: ID<JournalEntry> = books.newID(), amount = -returned.amount,
            account: Account = receipt.customer == nil ? .unappliedCash : .receivables
        let fees = returned.charges.map { charges in
            [Posting(.bankFees, receipt.customer, debit: -charges), Posting(.bank, receipt.customer, credit: -charges)]
        }
        try books.post(
            id, on: day, kind: "return", memo: receipt.number,
            [Posting(account, receipt.customer, debit: amount), Posting(.bank, receipt.customer, credit: amount)] + (fees ?? []))
        var debit = books.add(
            NewOpenItem(
                id: id.value, kind: .return, account: account, customer: receipt.customer, number: receipt.number, effectiveOn: day,
                dueOn: day,
                amount: amount))
        receipt.settle(&debit, on: day, rule: "return", &books)
    }
}
