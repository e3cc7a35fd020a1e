import Domain
import Store

/// Takes the last write-off of a document back, because the money came after all or the decision was wrong: the document is open again, and
/// a slice that was given up stands again.
package struct ReverseWriteOff: Sendable {
    private let entity: ID<Entity>
    private let document, reason: String
    private let on: Day
    static let rule = "write_off_reversal"
    package init(_ entity: ID<Entity>, document: String, reason: String, on day: Day) {
        (self.entity, self.document, self.reason, on) = (entity, document, reason, day)
    }

    package enum Refused: Refusal {
        case nothingGivenUp(String)
        package var category: RefusalCategory { .conflict }
        package var code: String { "write_off_missing" }
        package var message: String {
            switch self {
            case .nothingGivenUp(let number): "nothing of document \(number) is written off"
            }
        }
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        guard !reason.isEmpty else { throw SliceRefusal.noReason }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        var (debit, customer) = try DocumentItem.debit(entity, document: document, in: tx)
        let last = try tx.first(
            """
            SELECT a.id, a.credit_item_id, a.amount_minor, a.effective_on FROM allocation a
             WHERE a.entity_id = \(entity) AND a.debit_item_id = \(debit.id) AND a.rule = \(WriteOff.rule) AND a.amount_minor > 0
               AND NOT EXISTS (SELECT 1 FROM allocation b WHERE b.entity_id = a.entity_id AND b.debit_item_id = a.debit_item_id
                                  AND b.reverses_id = a.id)
             ORDER BY a.id DESC LIMIT 1
            """
        ) { (id: $0.id(0) as ID<Allocation>, credit: $0.integer(1), minor: $0.integer(2), on: $0.day(3)) }
        guard let last else { throw Refused.nothingGivenUp(document) }
        let amount = Money(minor: last.minor, debit.open.currency), entry = ID<JournalEntry>(last.credit)
        let postings = try AppliedReceipt.postings(entity, of: last.credit, in: tx)
        var credit = OpenItem(
            id: last.credit, number: "\(WriteOff.rule) \(document)", effectiveOn: last.on,
            dueOn: try DocumentItem.dueOn(entity, last.credit, in: tx),
            open: .zero(amount.currency))
        // Write.
        let day = books.openDay(max(on, debit.effectiveOn, last.on)), rule = Self.rule
        books.unallocate(AllocatedAmount(id: last.id, amount: amount, effectiveOn: last.on), &debit, &credit, on: day, rule: rule)
        let id: ID<JournalEntry> = books.newID()
        try books.post(
            id, on: day, kind: rule, memo: "\(document): \(reason)", reverses: entry,
            postings.map { Posting($0.account, customer, debit: -$0.amount) })
        var counter = books.add(
            NewOpenItem(
                id: id.value, kind: .adjustment, account: .receivables, customer: customer, number: "\(WriteOff.rule) \(document)",
                effectiveOn: day, dueOn: day, amount: amount))
        books.allocate(&counter, with: &credit, amount, on: day, rule: rule)
        try books.close(in: tx)
    }
}
