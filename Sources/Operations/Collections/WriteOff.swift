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
                "\(wanted.amount.readable)\(wanted.sumText.map { ", \($0)," } ?? "") is above what \(role) may give up: "
                    + "it takes a second person with that right"
            }
        }
    }
    /// What counts against a limit, each with what is given up now.
    package struct Counted: Equatable, Sendable {
        /// What stands written off of the document, whoever gave it up.
        package let document: Money
        /// What stands written off for the customer that the same person gave up alone on the same day.
        package let person: Money
        package init(document: Money, person: Money) {
            (self.document, self.person) = (document, person)
        }
        package var largest: Money { max(document, person) }
    }
    package struct Wanted: Equatable, Sendable {
        package let amount: Money
        package let counted: Counted
        package init(amount: Money, counted: Counted) {
            (self.amount, self.counted) = (amount, counted)
        }

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
        /// Of the person or the key, whose other keys count with it; nil is the command line.
        package let id: Int64?
        package init(_ role: Role, second: Role? = nil, name: String, id: Int64? = nil) {
            (self.role, self.second, self.name, self.id) = (role, second, name, id)
        }
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
        let standing = try GivenUp(entity, amount.currency).sums(document: item.id, by: by, on: on, in: tx)
        return Wanted(
            amount: amount, counted: Counted(document: amount + standing.document, person: amount + standing.person))
    }

    /// - Returns: How much was given up.
    @discardableResult package func run(in tx: any Transaction, at now: Instant) throws -> Money {
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
        return amount
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
