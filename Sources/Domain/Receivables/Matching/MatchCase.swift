/// A document that the payer's words name.
package struct NamedItem: Equatable, Sendable {
    package let customer: ID<Customer>
    package let item: OpenItem
    /// The document's full amount.
    package let amount: Money
    /// The reference of ours that the words hold: the document's number, or that of its order.
    package let reference: String
    package let strength: ReferenceStrength
    package init(customer: ID<Customer>, item: OpenItem, amount: Money, reference: String, strength: ReferenceStrength = .whole) {
        (self.customer, self.item, self.amount, self.reference, self.strength) = (customer, item, amount, reference, strength)
    }
}

/// How a payer is known, the surest last: a mandate is signed by one customer for us, an account or a name may be shared.
package enum PayerEvidence: String, Sendable, Comparable, CaseIterable {
    case name, iban, mandate, account
    /// What is kept of a customer; by account it is known to the channel alone.
    package static let storedKinds: [PayerEvidence] = [.iban, .mandate, .name]
    package static func < (left: PayerEvidence, right: PayerEvidence) -> Bool { left.strength < right.strength }
    var strength: Int {
        switch self {
        case .name: 0
        case .iban: 1
        case .mandate: 2
        case .account: 3
        }
    }
}

/// One receipt with everything known that bears on it.
package struct MatchCase: Sendable {
    package var cash: Money
    package var policy = MatchPolicy.standard
    /// The day that decides whether a cash discount was earned; nil earns none.
    package var paidOn: Day?
    /// Debit items that the words name, open or settled.
    package var named: [NamedItem] = []
    /// Open credit items that the words name.
    package var credits: [NamedItem] = []
    /// The payers' own items that the words may mean: a number with one slip, the end of a number.
    package var hinted: [NamedItem] = []
    /// The same of items of the payers that are settled and were worth the cash.
    package var hintedSettled: [NamedItem] = []
    /// Customers that the payer's identity stands for.
    package var payers: [(customer: ID<Customer>, evidence: PayerEvidence)] = []
    /// Parents and children of the payers.
    package var family: Set<ID<Customer>> = []
    /// The payers' and their family's open debit items in the receipt's currency, oldest due first.
    package var items: [ID<Customer>: [OpenItem]] = [:]
    package var openCredits: [ID<Customer>: [OpenItem]] = [:]
    /// Customers with too many items to be listed here: they are matched by reference alone.
    package var unlisted: Set<ID<Customer>> = []
    package var oldestFirst: Set<ID<Customer>> = []
    /// Customers whose names resemble that of a payer who is not known.
    package var resembling: [ID<Customer>] = []
    /// Open items of the same amount as one that an unknown payer names, with a number that differs in one digit.
    package var slips: [NamedItem] = []
    /// The largest shortfall taken as a bank charge, in minor units; the policy bounds its share of what is named.
    package var toleranceMinor: Int64 = 0
    /// What documents come to without value added tax, where the policy withholds of that.
    package var netMinor: [Int64: Int64] = [:]
    /// Numbers of our own shape in the text that name nothing open or settled of this currency.
    package var unread: [String] = []
    /// The first number in the text that names nothing and is not the amount.
    package var strangeNumber: String?
    /// Whether the text may be cut before its end, or holds more numbers than are compared with the payer's items.
    package var isReadInPart = false
    /// Documents in another currency that the words name.
    package var otherCurrency: [String] = []
    /// What the words say of the money beside what they name.
    package var says = PaymentWords()
    /// The month that the words of a receipt without reference name, and a settled document of the payer, issued in it, that was worth the
    /// cash.
    package var settledInMonth: (month: NamedMonth, item: OpenItem)?
    /// Whether the words that speak of something kept back name a credit of ours for it, used up or not.
    package var namesCredit = false
    /// Whether the payer's name is that of other customers, and not that of the customer whose account this is or whose document is named.
    package var goesByAnothersName = false
    /// Another customer than the payer whom the words name, as they write it.
    package var speaksOf: String?
    /// Whether the payer's name is none of the customer's, and the words do not name the customer either: it may pay for others as well.
    package var paysInForeignName = false
    /// Whether the words of somebody else name the customer, by name or number, whose document they name, and no neighbour of that number.
    package var namesOwner = false
    /// Settled documents named whose settlement did not name them: then, or now, another was meant.
    package var settledUnnamed: [NamedItem] = []
    /// Whether the words list further numbers, written short behind a document's.
    package var goesOn = false
    /// Open documents that the words name and the linked advice does not.
    package var unadvised: [NamedItem] = []
    /// Items that an earlier receipt, which waits for a person, may have been meant for.
    package var claimed: Set<Int64> = []
    /// The same, of receipts whose payers are not known.
    package var claimedByStrangers: Set<Int64> = []
    /// Whether so many open items have the receipt's amount that it tells nothing of which one is meant: a price, not an amount.
    package var isCommonAmount = false
    /// What the advice linked to the receipt names.
    package var advice: AdviceCase?
    /// The head of the hierarchy of each payer and of each customer named, where documents of several customers are named.
    package var roots: [ID<Customer>: ID<Customer>] = [:]
    /// What is known of the payers' habits.
    package var habits: [ID<Customer>: [CashHabit: HabitStrength]] = [:]
    package init(cash: Money) { self.cash = cash }

    /// Customers whose documents the words or the advice name.
    package var namedCustomers: Set<ID<Customer>> { Set((named + credits).map(\.customer)) }

    /// Whether the named documents add up to the cash and every payer known is their customer: then nothing else needs to be read.
    package var isSettledByName: Bool {
        guard let customer = named.first?.customer, named.allSatisfy({ $0.customer == customer && $0.strength > .weak }), !payers.isEmpty
        else { return false }
        return named.reduce(0) { $0 + $1.item.open.minor } == cash.minor && payers.allSatisfy { $0.customer == customer }
            && named.allSatisfy { isIssued($0.item) }
    }

    /// The items that this receipt may be meant for, should it wait: those named, by their customer or by amount, and the few of its amount
    /// that are the payer's, or of customers with a name like the payer's.
    package var claims: [Int64] {
        let known = Set(payers.map(\.customer)),
            spoken = named.filter { one in
                one.item.open.minor > 0
                    && (known.contains(one.customer) || one.item.open == cash || (known.isEmpty && one.strength >= .number))
            }
        let equal = (known.isEmpty ? Set(resembling) : known).flatMap { items[$0, default: []] }.filter { $0.open == cash }
        return spoken.map(\.item.id) + (equal.count <= policy.claimLimit ? equal.map(\.id).sorted() : [])
    }

    func isIssued(_ item: OpenItem) -> Bool { paidOn.map { item.effectiveOn <= $0 } ?? true }

    /// The one customer that all evidence agrees on; nil when it leaves several, or contradicts itself.
    var knownPayer: ID<Customer>? {
        guard let one = payers.first?.customer else { return nil }
        if payers.allSatisfy({ $0.customer == one }) { return one }
        let byEvidence = Dictionary(grouping: payers, by: \.evidence).values.map { Set($0.map(\.customer)) }
        guard let first = byEvidence.first else { return nil }
        let agreed = byEvidence.dropFirst().reduce(first) { $0.intersection($1) }
        return agreed.count == 1 ? agreed.first : nil
    }

    /// How the payer is known as that customer, at best.
    func evidence(for customer: ID<Customer>) -> PayerEvidence? { payers.filter { $0.customer == customer }.map(\.evidence).max() }
}
