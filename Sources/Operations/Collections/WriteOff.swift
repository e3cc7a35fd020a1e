import Domain
import Store

/// Gives up a part of an item, or a slice of it: the customer owes it no more, and it is charged by its reason to bad debt, to
/// discounts allowed or, where it is tax withheld, to what the customer's state owes.
package struct WriteOff: Sendable {
    package enum Refused: Refusal {
        case aboveLimit(Wanted, String)
        package var category: RefusalCategory { .conflict }
        package var code: String { "above_limit" }
        package var message: String {
            switch self {
            case .aboveLimit(let wanted, let role):
                "\(wanted.amount.readable)\(wanted.sumText.map { ", \($0)," } ?? "") is above what \(role) may give up: it takes a second person with that right"
            }
        }
    }
    /// What counts against a limit, each with what is given up now.
    package struct Counted: Equatable, Sendable {
        /// What stands written off of the document, whoever gave it up.
        package let document: Money
        /// What stands written off for the customer that the same person gave up alone on the same day.
        package let person: Money
        package init(document: Money, person: Money) { (self.document, self.person) = (document, person) }
        package var largest: Money { max(document, person) }
    }
    package struct Wanted: Equatable, Sendable {
        package let amount: Money
        package let counted: Counted
        package init(amount: Money, counted: Counted) { (self.amount, self.counted) = (amount, counted) }

        /// The sum that counts, where it is more than the amount.
        package var sumText: String? {
            guard counted.largest > amount else { return nil }
            let why = counted.document >= counted.person ? "written off of this document" : "given up alone for this customer today"
            return "which makes \(counted.largest.readable) \(why)"
        }
    }
    /// Whoever decides, and who approves where it takes two.
    package struct Decision: Sendable {
        package let role: Role
        package let second: Role?
        package let name: String
        package init(_ role: Role, second: Role? = nil, name: String) { (self.role, self.second, self.name) = (role, second, name) }
    }

    private let entity: ID<Entity>
    private let document, reason: String
    private let slice: ID<Slice>?
    private let amount: Money?
    private let code: ReasonCode
    private let policy: WriteOffPolicy
    private let by: Decision
    private let on: Day
    static let rule = "write_off"

    /// - Parameters:
    ///   - slice: A dispute or a deduction of the document; nil gives up what nothing stands on.
    ///   - amount: nil gives up all of the slice, or all that nothing stands on.
    package init(
        _ entity: ID<Entity>, document: String, slice: ID<Slice>? = nil, _ amount: Money? = nil, code: ReasonCode, reason: String,
        _ policy: WriteOffPolicy, by decision: Decision, on day: Day
    ) {
        (self.entity, self.document, self.slice, self.amount, self.code, self.reason) = (entity, document, slice, amount, code, reason)
        (self.policy, by, on) = (policy, decision, day)
    }

    /// - Returns: What it gives up, before it is done, and what counts with it: for the question whether one person may.
    package func wanted(in tx: any Transaction) throws -> Wanted {
        let item = try SlicedItem(entity, document: document, in: tx)
        let limit = try slice.map { try open(of: $0, item, in: tx) } ?? item.free
        let amount = amount ?? limit
        guard amount.currency == limit.currency, amount.minor > 0 || limit.minor == 0 else { throw SliceRefusal.notAnAmount }
        guard amount.minor > 0, amount <= limit else { throw SliceRefusal.aboveFree(document, free: limit) }
        let standing = try GivenUp(entity, amount.currency).sums(document: item.id, by: by.name, on: on, in: tx)
        return Wanted(
            amount: amount, counted: Counted(document: amount + standing.document, person: amount + standing.person))
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        guard !reason.isEmpty else { throw SliceRefusal.noReason }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let wanted = try wanted(in: tx), amount = wanted.amount
        guard policy.allows(wanted.counted, by: by.role, second: by.second) else { throw Refused.aboveLimit(wanted, by.role.rawValue) }
        var (debit, customer) = try DocumentItem.debit(entity, document: document, in: tx)
        let tax = try tax(of: debit, amount, in: tx)
        // Write.
        let id: ID<JournalEntry> = books.newID(), day = books.openDay(max(on, debit.effectiveOn)), net = amount - tax
        var postings = [Posting(code.account, customer, debit: net), Posting(.receivables, customer, credit: amount)]
        if tax.minor != 0 { postings.insert(Posting(.outputVAT, customer, debit: tax), at: 1) }
        try books.post(id, on: day, kind: Self.rule, memo: "\(document), \(code.rawValue): \(reason)\(GivenUp.ending(by))", postings)
        var credit = books.add(
            NewOpenItem(
                id: id.value, kind: .adjustment, account: .receivables, customer: customer, number: "\(Self.rule) \(document)",
                effectiveOn: day, dueOn: day, amount: -amount))
        books.allocate(&debit, with: &credit, amount, on: day, rule: Self.rule, as: .writeOff(slice: slice?.value))
        try books.close(in: tx)
    }

    private func open(of slice: ID<Slice>, _ item: SlicedItem, in tx: any Transaction) throws -> Money {
        let found = try tx.first("SELECT item_id, id, kind, due_on, open_minor FROM slice WHERE entity_id = \(entity) AND id = \(slice)") {
            (item: $0.integer(0), slice: Slice($0))
        }
        guard let found, found.item == item.id else { throw SliceRefusal.unknown }
        guard !found.slice.kind.hasDay else { throw SliceRefusal.notDisputed(document) }
        guard found.slice.open > 0 else { throw SliceRefusal.closed(document) }
        return Money(minor: found.slice.open, item.open.currency)
    }

    /// The output VAT that falls with it.
    private func tax(of debit: OpenItem, _ amount: Money, in tx: any Transaction) throws -> Money {
        let isOld = policy.vatReliefDays.map { on - debit.dueOn >= $0 } ?? false
        guard code.isConcession || isOld && code.isLoss else { return .zero(amount.currency) }
        return try taxShare(entity, of: debit.id, amount, in: tx)
    }
}

/// Takes the last write-off of a document back, because the money came after all or the decision was wrong: the document is open again, and a
/// slice that was given up stands again.
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

/// A document's item as settling needs it.
enum DocumentItem {
    static func debit(
        _ entity: ID<Entity>, document: String, in tx: any Transaction
    ) throws -> (item: OpenItem, customer: ID<Customer>) {
        let found = try tx.first(
            """
            SELECT i.id, i.number, i.effective_on, i.due_on, i.open_minor, i.currency, i.customer_id,
                   (SELECT MAX(a.effective_on) FROM allocation a
                     WHERE a.entity_id = i.entity_id AND a.debit_item_id = i.id AND a.amount_minor < 0)
              FROM invoice d JOIN open_item i ON i.entity_id = d.entity_id AND i.id = d.id
             WHERE d.entity_id = \(entity) AND d.number = \(document) AND i.amount_minor > 0
            """
        ) { row in
            let item = OpenItem(
                id: row.integer(0), number: row.text(1), effectiveOn: max(row.day(2), row.optionalDay(7) ?? row.day(2)), dueOn: row.day(3),
                open: row.money(4, row.currency(5)))
            return (item, row.id(6) as ID<Customer>)
        }
        guard let found else { throw SliceRefusal.unknownDocument(document) }
        return found
    }

    static func dueOn(_ entity: ID<Entity>, _ item: Int64, in tx: any Transaction) throws -> Day {
        guard let day = try tx.first("SELECT due_on FROM open_item WHERE entity_id = \(entity) AND id = \(item)", { $0.day(0) }) else {
            preconditionFailure("an allocation names items that exist")
        }
        return day
    }
}

/// How much of a part of a document is tax, in the document's own proportion.
func taxShare(_ entity: ID<Entity>, of document: Int64, _ amount: Money, in tx: any Transaction) throws -> Money {
    let parts = try tx.first("SELECT tax_minor, gross_minor FROM invoice WHERE entity_id = \(entity) AND id = \(document)") {
        ($0.integer(0), $0.integer(1))
    }
    guard let (part, whole) = parts, whole > 0, let share = scaled(amount.minor, by: part, over: whole, .halfAwayFromZero) else {
        return .zero(amount.currency)
    }
    return Money(minor: share, amount.currency)
}
