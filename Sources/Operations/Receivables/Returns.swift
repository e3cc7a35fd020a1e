import Domain
import Store

/// Money that a bank took back: the receipt it belongs to is undone, its invoices are open again.
struct Returns {
    private struct Original {
        let receipt: AppliedReceipt
        var taken = false
    }
    private var originals: [String: [Original]] = [:]

    /// Reads the receipts that the returned transactions may belong to: same end-to-end id.
    init(_ entity: ID<Entity>, of entries: [BankEntry], in tx: any Transaction) throws {
        let ids = Set(
            entries.filter { $0.amount.minor < 0 }.flatMap(\.transactions).compactMap(\.endToEndID))
        guard !ids.isEmpty else { return }
        let found = try tx.rows(
            "SELECT id, end_to_end_id FROM receipt WHERE entity_id = \(entity) AND end_to_end_id IN \(texts: ids) ORDER BY id"
        ) { ($0.integer(0), $0.text(1)) }
        for (id, endToEndID) in found {
            originals[endToEndID, default: []].append(Original(receipt: try AppliedReceipt(entity, id, in: tx)))
        }
    }

    /// Books the return against its receipt; false when none fits and a person must explain the debit.
    mutating func take(_ returned: KeyedEntry.Returned, on day: Day, _ books: inout Books) throws -> Bool {
        guard let endToEndID = returned.transaction.endToEndID,
            let at = originals[endToEndID]?.firstIndex(where: { !$0.taken && $0.receipt.amount == -returned.amount })
        else { return false }
        originals[endToEndID]![at].taken = true
        var receipt = originals[endToEndID]![at].receipt
        receipt.reopen(on: day, rule: "return \(returned.transaction.returnReason ?? "reversal")", &books)
        let id: ID<JournalEntry> = books.newID(), amount = -returned.amount, account: Account = receipt.customer == nil ? .unappliedCash : .receivables
        try books.post(
            id, on: day, kind: "return", memo: receipt.number,
            [Posting(account, receipt.customer, debit: amount), Posting(.bank, receipt.customer, credit: amount)])
        books.add(
            NewOpenItem(
                id: id.value, kind: .return, account: account, customer: receipt.customer, number: receipt.number, effectiveOn: day, dueOn: day,
                amount: amount))
        var debit = OpenItem(id: id.value, number: receipt.number, dueOn: day, open: amount)
        receipt.settle(&debit, on: day, rule: "return", &books)
        return true
    }
}

/// A receipt's credit with everything that was allocated from it.
struct AppliedReceipt {
    private struct Settled {
        let allocation: ID<Allocation>
        var debit: OpenItem
        let amount: Money
    }

    let amount: Money
    let number: String
    /// nil while the cash is unapplied.
    let customer: ID<Customer>?
    /// The journal entry that moved the cash from unapplied to the customer, with its leg there.
    let identification: Int64?
    private(set) var credit: OpenItem
    private var settled: [Settled] = []

    init(_ entity: ID<Entity>, _ receipt: Int64, in tx: any Transaction) throws {
        // The cash sits on the receipt's own item, or, once identified, on the item that follows the leg which took it along.
        let leg = try tx.first(
            """
            SELECT a.debit_item_id FROM allocation a
             WHERE a.entity_id = \(entity) AND a.credit_item_id = \(receipt) AND a.rule = 'identification'
               AND NOT EXISTS (SELECT 1 FROM allocation b WHERE b.entity_id = a.entity_id AND b.credit_item_id = a.credit_item_id AND b.reverses_id = a.id)
            """
        ) { $0.integer(0) }
        let item = leg.map { $0 + 1 } ?? receipt
        let found = try tx.first(
            "SELECT number, due_on, open_minor, currency, customer_id, amount_minor FROM open_item WHERE entity_id = \(entity) AND id = \(item)"
        ) { row in
            let currency = row.currency(3)
            let item = OpenItem(id: item, number: row.text(0), dueOn: row.day(1), open: Money(minor: row.integer(2), currency))
            return (item: item, customer: row.optionalID(4) as ID<Customer>?, amount: Money(minor: -row.integer(5), currency))
        }
        guard let found else { preconditionFailure("a receipt has its open item") }
        (credit, customer, amount, number, identification) = (found.item, found.customer, found.amount, found.item.number, leg)
        settled = try tx.rows(
            """
            SELECT a.id, i.id, i.number, i.due_on, i.open_minor, i.currency, a.amount_minor
              FROM allocation a JOIN open_item i ON i.entity_id = a.entity_id AND i.id = a.debit_item_id
             WHERE a.entity_id = \(entity) AND a.credit_item_id = \(credit.id) AND a.amount_minor > 0
               AND NOT EXISTS (SELECT 1 FROM allocation b WHERE b.entity_id = a.entity_id AND b.credit_item_id = a.credit_item_id AND b.reverses_id = a.id)
             ORDER BY a.id
            """
        ) { row in
            let currency = row.currency(5)
            let debit = OpenItem(id: row.integer(1), number: row.text(2), dueOn: row.day(3), open: Money(minor: row.integer(4), currency))
            return Settled(allocation: row.id(0), debit: debit, amount: Money(minor: row.integer(6), currency))
        }
    }

    /// Takes every allocation back.
    mutating func reopen(on day: Day, rule: String, _ books: inout Books) {
        for at in settled.indices {
            books.unallocate(settled[at].allocation, &settled[at].debit, &credit, settled[at].amount, on: day, rule: rule)
        }
        settled.removeAll()
    }

    /// Settles a debit with the credit, as far as both reach.
    mutating func settle(_ debit: inout OpenItem, on day: Day, rule: String, _ books: inout Books) {
        let part = min(debit.open, -credit.open)
        if part.minor > 0 { books.allocate(&debit, with: &credit, part, on: day, rule: rule) }
    }
}
