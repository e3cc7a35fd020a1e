import Domain
import Store

/// Takes the application of a receipt back: its invoices are open again, the cash is unapplied again, both histories stay.
package struct UnapplyReceipt: Sendable {
    package enum Refused: Refusal {
        case unknown(String)
        case notApplied(String)

        package var category: RefusalCategory {
            switch self {
            case .unknown: .missing
            case .notApplied: .conflict
            }
        }
        package var code: String {
            switch self {
            case .unknown: "receipt_not_found"
            case .notApplied: "receipt_not_applied"
            }
        }
        package var message: String {
            switch self {
            case .unknown(let number): "receipt \(number) does not exist"
            case .notApplied(let number): "receipt \(number) is not applied: there is nothing to take back"
            }
        }
    }

    private let entity: ID<Entity>
    private let method, externalID, reason: String
    private let on: Day
    package init(_ entity: ID<Entity>, method: String, externalID: String, reason: String, on day: Day) {
        (self.entity, self.method, self.externalID, self.reason, on) = (entity, method, externalID, reason, day)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let found = try tx.first(
            "SELECT id FROM receipt WHERE entity_id = \(entity) AND external_id = \(externalID) AND method = \(method)"
        ) { $0.integer(0) }
        guard let id = found else { throw Refused.unknown(externalID) }
        let application = try tx.first(
            "SELECT id, rule FROM application WHERE entity_id = \(entity) AND receipt_id = \(id) ORDER BY id DESC LIMIT 1"
        ) { ($0.integer(0), $0.text(1)) }
        guard let application, application.1 != "unapplied" else { throw Refused.notApplied(externalID) }
        var receipt = try AppliedReceipt(entity, id, in: tx)
        // Write.
        receipt.reopen(on: on, rule: "unapplied", &books)
        if let leg = receipt.identification, let customer = receipt.customer {
            try moveBack(&receipt, leg: leg, cash: id, customer, &books, tx)
        }
        let entry: ID<Receipt> = books.newID()
        books.append(.application) { batch in
            batch.append(entry.value)
            batch.append(id)
            batch.append(on.iso8601)
            batch.append("unapplied")
            batch.append(reason)
            batch.append(application.0)
        }
        try books.close(in: tx)
    }

    /// The reverse of an identification: the customer's credit is used up, the receipt's own item is open again.
    private func moveBack(
        _ receipt: inout AppliedReceipt, leg: Int64, cash: Int64, _ customer: ID<Customer>, _ books: inout Books, _ tx: any Transaction
    ) throws {
        let amount = receipt.amount, currency = amount.currency, number = receipt.number
        let identification = try tx.first(
            "SELECT id, effective_on FROM allocation WHERE entity_id = \(entity) AND debit_item_id = \(leg) AND amount_minor > 0 ORDER BY id LIMIT 1"
        ) { ($0.id(0) as ID<Allocation>, $0.day(1)) }
        guard let (allocation, legDay) = identification else { preconditionFailure("an identification has its allocation") }
        var debitLeg = OpenItem(id: leg, number: number, dueOn: legDay, open: .zero(currency))
        var item = OpenItem(id: cash, number: number, dueOn: legDay, open: .zero(currency))
        books.unallocate(allocation, &debitLeg, &item, amount, on: on, rule: "unapplied")
        let id: ID<JournalEntry> = books.newID(), creditID: ID<JournalEntry> = books.newID()
        try books.post(
            id, on: on, kind: "identification_reversal", memo: number, reverses: ID(leg),
            [Posting(.receivables, customer, debit: amount), Posting(.unappliedCash, nil, credit: amount)])
        books.add(
            NewOpenItem(
                id: id.value, kind: .transfer, account: .receivables, customer: customer, number: number, effectiveOn: on, dueOn: on, amount: amount))
        books.add(
            NewOpenItem(
                id: creditID.value, kind: .transfer, account: .unappliedCash, customer: nil, number: number, effectiveOn: on, dueOn: on,
                amount: -amount))
        var debit = OpenItem(id: id.value, number: number, dueOn: on, open: amount)
        receipt.settle(&debit, on: on, rule: "unapplied", &books)
        var credit = OpenItem(id: creditID.value, number: number, dueOn: on, open: -amount)
        books.allocate(&debitLeg, with: &credit, amount, on: on, rule: "unapplied")
    }
}
