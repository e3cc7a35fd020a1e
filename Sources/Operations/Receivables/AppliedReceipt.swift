import Domain
import Store

/// A receipt's cash with everything that was settled by it, on the accounts of all customers it was moved to, and the differences that were
/// booked with it.
struct AppliedReceipt {
    /// A part of the cash on its way from where it came in to a customer's account.
    private struct Leg {
        var item: OpenItem
        let allocation: AllocatedAmount
        let customer: ID<Customer>
        /// Which of `credits` it became.
        let credit: Int
    }
    private struct Settled {
        let allocation: AllocatedAmount
        var debit: OpenItem
        let debitKind: String
        /// Which of `credits` settled it.
        let credit: Int
        /// The leg by which the cash went to the receipts that are to be returned.
        var isAside: Bool { credit == 0 && debitKind == OpenItem.Kind.adjustment.rawValue }
    }
    private struct Credit {
        var item: OpenItem
        let customer: ID<Customer>?
        /// nil for cash.
        let postings: [(account: Account, amount: Money)]?
    }

    let id: Int64
    let amount: Money
    let number: String
    let bookedOn: Day
    /// Where the cash came in: nil for unapplied cash.
    private let payer: ID<Customer>?
    /// The cash as it came in, then the legs' credits, then the differences.
    private var credits: [Credit]
    private var legs: [Leg] = []
    private var settled: [Settled] = []
    /// What was booked when the receipt was found not to be ours.
    private var asidePostings: [(account: Account, amount: Money)] = []

    /// Whose account the cash stands on; nil while it is unapplied or divided.
    var customer: ID<Customer>? { legs.isEmpty ? payer : isDivided ? nil : legs[0].customer }
    /// Whether the cash stands on more accounts than one.
    var isDivided: Bool { legs.count > 1 || payer != nil && !legs.isEmpty }

    init(_ entity: ID<Entity>, _ receipt: Int64, in tx: any Transaction) throws {
        id = receipt
        let cash = try Self.item(entity, receipt, in: tx)
        (number, amount, bookedOn, payer) = (cash.item.number, -cash.amount, cash.bookedOn, cash.customer)
        credits = [Credit(item: cash.item, customer: cash.customer, postings: nil)]
        for leg in try Self.standing(entity, "credit_item_id", receipt, in: tx) where leg.kind == OpenItem.Kind.transfer.rawValue {
            let credit = try Self.item(entity, leg.item.id + 1, in: tx)
            guard let customer = credit.customer else { preconditionFailure("cash is moved to a customer") }
            legs.append(Leg(item: leg.item, allocation: leg.allocation, customer: customer, credit: credits.count))
            credits.append(Credit(item: credit.item, customer: customer, postings: nil))
        }
        for customer in Set([payer].compactMap { $0 } + legs.map(\.customer)).sorted(by: { $0.value < $1.value }) {
            for difference in try Self.adjustments(entity, customer, number, in: tx) {
                credits.append(
                    Credit(item: difference, customer: customer, postings: try Self.postings(entity, of: difference.id, in: tx)))
            }
        }
        for (at, credit) in credits.enumerated() {
            settled += try Self.standing(entity, "credit_item_id", credit.item.id, in: tx).filter { one in
                !legs.contains { $0.item.id == one.item.id }
            }.map { Settled(allocation: $0.allocation, debit: $0.item, debitKind: $0.kind, credit: at) }
        }
        if let aside = settled.first(where: \.isAside) { asidePostings = try Self.postings(entity, of: aside.debit.id, in: tx) }
    }

    /// Whether the bank took the money back already.
    var isReturned: Bool { settled.contains { $0.debitKind == OpenItem.Kind.return.rawValue } }

    /// Takes every allocation back, and the differences that were booked for it.
    mutating func reopen(on day: Day, rule: String, _ books: inout Books) throws {
        var debits: [Int64: OpenItem] = [:]
        for one in settled {
            // Two parts of one debit must see each other.
            var debit = debits[one.debit.id] ?? one.debit
            books.unallocate(one.allocation, &debit, &credits[one.credit].item, on: day, rule: rule)
            debits[debit.id] = debit
        }
        if let leg = settled.first(where: \.isAside).flatMap({ debits[$0.debit.id] }) { try bringBack(leg, on: day, rule, &books) }
        settled.removeAll()
        for at in credits.indices where credits[at].postings != nil && credits[at].item.open.minor < 0 {
            try reverseAdjustment(at, on: day, rule, &books)
        }
    }

    /// Settles a debit with the cash where it stands now, as far as both reach.
    mutating func settle(_ debit: inout OpenItem, on day: Day, rule: String, _ books: inout Books) {
        let at = legs.first?.credit ?? 0, part = min(debit.open, -credits[at].item.open)
        if part.minor > 0 { books.allocate(&debit, with: &credits[at].item, part, on: day, rule: rule) }
    }

    /// On whose account some of the cash is still open; nil when nothing is.
    var creditor: ID<Customer>? { credits.first { $0.postings == nil && $0.item.open.minor < 0 }?.customer }

    /// What of the cash is still open on a customer's account, above zero; nil when nothing is.
    func credit(of customer: ID<Customer>) -> Money? {
        let open = credits.indices.filter { isCash($0, of: customer) }.map { -credits[$0].item.open }.total(in: amount.currency)
        return open.minor > 0 ? open : nil
    }

    /// Settles a part of a debit with the cash that stands on its customer's account.
    mutating func settle(
        _ debit: inout OpenItem, _ part: Money, of customer: ID<Customer>, on day: Day, rule: String, _ books: inout Books
    ) {
        var rest = part
        for at in credits.indices where isCash(at, of: customer) && rest.minor > 0 {
            let part = min(rest, -credits[at].item.open)
            guard part.minor > 0 else { continue }
            books.allocate(&debit, with: &credits[at].item, part, on: day, rule: rule)
            rest = rest - part
        }
        precondition(rest.minor == 0, "no more is settled than is open")
    }

    private func isCash(_ at: Int, of customer: ID<Customer>) -> Bool {
        credits[at].postings == nil && credits[at].customer == customer
    }

    /// Moves the cash back to where it came in: each customer's credit is used up, the receipt's own item is open again.
    mutating func moveBack(on day: Day, rule: String, _ books: inout Books) throws {
        let account: Account = payer == nil ? .unappliedCash : .receivables
        for var leg in legs {
            let amount = leg.allocation.amount, day = books.openDay(max(day, leg.item.effectiveOn))
            books.unallocate(leg.allocation, &leg.item, &credits[0].item, on: day, rule: rule)
            let id: ID<JournalEntry> = books.newID(), creditID: ID<JournalEntry> = books.newID()
            try books.post(
                id, on: day, kind: "identification_reversal", memo: number, reverses: ID(leg.item.id),
                [Posting(.receivables, leg.customer, debit: amount), Posting(account, payer, credit: amount)])
            var debit = books.add(
                NewOpenItem(
                    id: id.value, kind: .transfer, account: .receivables, customer: leg.customer, number: number, effectiveOn: day,
                    dueOn: day, amount: amount))
            var credit = books.add(
                NewOpenItem(
                    id: creditID.value, kind: .transfer, account: account, customer: payer, number: number, effectiveOn: day, dueOn: day,
                    amount: -amount))
            let part = min(amount, -credits[leg.credit].item.open)
            if part.minor > 0 { books.allocate(&debit, with: &credits[leg.credit].item, part, on: day, rule: rule) }
            books.allocate(&leg.item, with: &credit, amount, on: day, rule: rule)
        }
        legs.removeAll()
    }

    /// The receipt is ours after all: it leaves the receipts to return.
    private func bringBack(_ leg: OpenItem, on day: Day, _ rule: String, _ books: inout Books) throws {
        var leg = leg
        let id: ID<JournalEntry> = books.newID(), day = books.openDay(max(day, leg.effectiveOn))
        try books.post(
            id, on: day, kind: "not_ours_reversal", memo: number, reverses: ID(leg.id),
            asidePostings.map { Posting($0.account, customer, debit: -$0.amount) })
        var credit = books.add(
            NewOpenItem(
                id: id.value, kind: .adjustment, account: customer == nil ? .unappliedCash : .receivables, customer: customer,
                number: number,
                effectiveOn: day, dueOn: day, amount: -leg.open))
        books.allocate(&leg, with: &credit, leg.open, on: day, rule: rule)
    }

    /// Posts the opposite of what a difference was booked as.
    private mutating func reverseAdjustment(_ at: Int, on day: Day, _ rule: String, _ books: inout Books) throws {
        let credit = credits[at], amount = -credit.item.open, day = books.openDay(max(day, credit.item.effectiveOn))
        let id: ID<JournalEntry> = books.newID()
        try books.post(
            id, on: day, kind: "adjustment_reversal", memo: number, reverses: ID(credit.item.id),
            (credit.postings ?? []).map { Posting($0.account, credit.customer, debit: -$0.amount) })
        var debit = books.add(
            NewOpenItem(
                id: id.value, kind: .adjustment, account: .receivables, customer: credit.customer, number: number, effectiveOn: day,
                dueOn: day,
                amount: amount))
        books.allocate(&debit, with: &credits[at].item, amount, on: day, rule: rule)
    }
}

extension AppliedReceipt {
    private static let columns = """
        i.id, i.number, i.effective_on, i.due_on, i.open_minor, i.currency,
               (SELECT MAX(r.effective_on) FROM allocation r WHERE r.entity_id = i.entity_id AND r.debit_item_id = i.id
                 AND r.amount_minor < 0),
               (SELECT MAX(r.effective_on) FROM allocation r WHERE r.entity_id = i.entity_id AND r.credit_item_id = i.id
                 AND r.amount_minor < 0)
        """

    private static func openItem(_ row: Row) -> OpenItem {
        let days = [row.day(2), row.optionalDay(6), row.optionalDay(7)].compactMap { $0 }
        return OpenItem(
            id: row.integer(0), number: row.text(1), effectiveOn: days.max() ?? days[0], dueOn: row.day(3),
            open: row.money(4, row.currency(5)))
    }

    private static func item(
        _ entity: ID<Entity>, _ id: Int64, in tx: any Transaction
    ) throws -> (item: OpenItem, customer: ID<Customer>?, amount: Money, bookedOn: Day) {
        let found = try tx.first(
            SQL(
                text: "SELECT \(columns), i.customer_id, i.amount_minor FROM open_item i WHERE i.entity_id = $1 AND i.id = $2",
                values: [.integer(entity.value), .integer(id)])
        ) { (openItem($0), $0.optionalID(8) as ID<Customer>?, $0.money(9, $0.currency(5)), $0.day(2)) }
        guard let found else { preconditionFailure("a receipt has its open item") }
        return found
    }

    static func postings(
        _ entity: ID<Entity>, of entry: Int64, in tx: any Transaction
    ) throws -> [(account: Account, amount: Money)] {
        try tx.rows("SELECT account, amount_minor, currency FROM posting WHERE entity_id = \(entity) AND entry_id = \(entry) ORDER BY line")
        { row in (row.word(0), row.money(1, row.currency(2))) }
    }

    /// Differences booked with the receipt that are not reversed: still settling something.
    private static func adjustments(
        _ entity: ID<Entity>, _ customer: ID<Customer>, _ number: String, in tx: any Transaction
    ) throws -> [OpenItem] {
        let text = """
            SELECT \(columns) FROM open_item i
             WHERE i.entity_id = $1 AND i.customer_id = $2 AND i.kind = 'adjustment' AND i.number = $3 AND i.amount_minor < 0
               AND NOT EXISTS (SELECT 1 FROM journal_entry e WHERE e.entity_id = i.entity_id AND e.id > i.id AND e.reverses_id = i.id)
             ORDER BY i.id
            """
        return try tx.rows(SQL(text: text, values: [.integer(entity.value), .integer(customer.value), .text(number)]), openItem)
    }

    /// Allocations of an item that nothing took back, with the item on the other side.
    private static func standing(
        _ entity: ID<Entity>, _ side: StaticString, _ id: Int64, in tx: any Transaction
    ) throws -> [(item: OpenItem, kind: String, allocation: AllocatedAmount)] {
        let text = """
            SELECT \(columns), i.kind, a.id, a.amount_minor, a.effective_on
              FROM allocation a JOIN open_item i ON i.entity_id = a.entity_id AND i.id = a.debit_item_id
             WHERE a.entity_id = $1 AND a.\(side) = $2 AND a.amount_minor > 0
               AND NOT EXISTS (SELECT 1 FROM allocation b
                                WHERE b.entity_id = a.entity_id AND b.\(side) = a.\(side) AND b.reverses_id = a.id)
             ORDER BY a.id
            """
        return try tx.rows(SQL(text: text, values: [.integer(entity.value), .integer(id)])) { row in
            let item = openItem(row)
            return (
                item, row.text(8),
                AllocatedAmount(id: row.id(9), amount: row.money(10, item.open.currency), effectiveOn: row.day(11))
            )
        }
    }
}
