import Domain
import Testing

/// Who pays for several customers says for whom; who names another pays for that one.
@Suite struct SpokenCustomersTests {
    private static let anna = ID<Customer>(1), peter = ID<Customer>(2), manager = "Meyer Hausverwaltung GmbH"
    private static let iban = "DE02120300000000202051"
    private static let day = Day("2026-02-10")!

    /// Anna Busch and Peter Köhler, each with one item of 95.00.
    private static func index(ofIBAN payers: [ID<Customer>], contract: (number: String, issued: [String])? = nil) -> MatchIndex {
        var index = MatchIndex(holdsAll: true)
        for (customer, name, number) in [(anna, "Anna Busch", "K-10901"), (peter, "Peter Köhler", "10902"), (ID(3), "Erika Lang", "10903")]
        {
            index.add(customer, name: name, number: number)
            for spelling in nameSpellings(name) { index.add(.name, spelling, customer) }
        }
        for payer in payers { index.add(.iban, iban, payer) }
        func add(_ id: Int64, _ number: String, _ customer: ID<Customer>, issued: String, order: String? = nil) {
            let on = Day(issued)!, open = Money(minor: 95_00, .eur)
            let item = OpenItem(id: id, number: number, effectiveOn: on, dueOn: on + 14, open: open)
            index.add(MatchIndex.Item(item, customer: customer, amount: open, orderNumber: order))
        }
        guard let contract else {
            add(1, "INV-2026-000001", anna, issued: "2026-02-01")
            add(2, "INV-2026-000002", peter, issued: "2026-02-01")
            return index
        }
        for (at, issued) in contract.issued.enumerated() {
            add(Int64(at + 1), "INV-2026-00000\(at + 1)", anna, issued: issued, order: contract.number)
        }
        return index
    }

    private static func decided(
        _ words: String, _ index: MatchIndex, name: String = manager, policy: MatchPolicy = .strict
    ) -> String {
        let reading = index.read(PayerWords(name: name, iban: iban, remittance: words))
        var receipt = index.matchCase(reading, cash: Money(minor: 95_00, .eur), paidOn: day)
        receipt.policy = policy
        switch decide(receipt) {
        case .apply(let match): return match.lines.map { index[item: $0.itemID]!.item.number }.joined(separator: " ")
        case .ask(let reason, _): return reason
        }
    }

    /// A manager's account, known for both: the whole name, or the number with us, tells the one.
    @Test(arguments: [
        ("Rechnung Anna Busch", "INV-2026-000001"), ("Busch, Anna", "the payer may be several customers"),
        ("fuer PETER KOEHLER Februar", "INV-2026-000002"), ("Peter Köhler", "INV-2026-000002"), ("Kd.Nr. 10902", "INV-2026-000002"),
        ("10902", "INV-2026-000002"), ("Rechnung", "the payer may be several customers"),
        ("Anna Busch und Peter Köhler", "the payer may be several customers"),
    ])
    func oneOfSeveral(words: String, tells: String) {
        #expect(Self.decided(words, Self.index(ofIBAN: [Self.anna, Self.peter])) == tells)
        #expect(Self.decided(words, Self.index(ofIBAN: [Self.anna, Self.peter]), policy: .standard) == tells)
    }

    /// An account known for Anna alone, whose owner names another: her item of that amount is not meant, whatever the policy.
    @Test(arguments: [("Rechnung Peter Köhler", "PETER KOHLER"), ("i.A. ERIKA LANG", "ERIKA LANG"), ("Kundennr 10902", "10902")])
    func another(words: String, written: String) {
        for policy in [MatchPolicy.strict, .standard] {
            let reason = Self.decided(words, Self.index(ofIBAN: [Self.anna]), name: "Anna Busch", policy: policy)
            #expect(reason == "no reference, and the words name another customer: \(written)")
        }
    }

    /// Strict wants the payer to go by the customer's name, or to name the customer: an account that paid for one may pay for others.
    @Test(arguments: [
        ("Meyer Hausverwaltung GmbH", "", false), ("Meyer Hausverwaltung GmbH", "Anna Busch", true), ("BUSCH, ANNA", "", true),
        ("Frau Anna Busch", "", true), ("ANNA BUS", "", true), ("Anna Meyer-Busch", "", true), ("Jan Busch", "", false),
    ])
    func anAccountInAnothersName(name: String, words: String, isPosted: Bool) {
        let index = Self.index(ofIBAN: [Self.anna])
        let isAsked = "no reference, and the payer's name is not the customer's: it may pay for another"
        #expect(Self.decided(words, index, name: name) == (isPosted ? "INV-2026-000001" : isAsked))
        #expect(Self.decided(words, index, name: name, policy: .standard) == "INV-2026-000001")
    }

    /// Two customers of one name, one of whom pays: the words name the payer as well.
    @Test func aNamesakeIsNotAnother() {
        var index = Self.index(ofIBAN: [Self.anna])
        index.add(ID(4), name: "Anna Busch", number: "10904")
        index.add(.name, "ANNABUSCH", ID(4))
        #expect(Self.decided("Kursbeitrag Anna Busch", index, name: "Busch Anna") == "INV-2026-000001")
    }

    /// The payer's own number with us is no unknown number; the like of it is.
    @Test(arguments: [("Kundennummer 10902", true), ("10902 Februar", true), ("10907 Februar", false)])
    func theOwnNumber(words: String, isPosted: Bool) {
        let decided = Self.decided(words, Self.index(ofIBAN: [Self.peter]), name: "Peter Köhler")
        #expect(decided == (isPosted ? "INV-2026-000002" : "no reference, and 10907 in the text is no number that we know"))
    }

    /// A contract's number names what was issued under it by then: not the next months, and not one alone that is far ahead.
    @Test(arguments: [
        (["2026-02-01", "2026-03-01", "2026-04-01"], "Vertrag V025524", "INV-2026-000001"),
        (["2026-02-01", "2026-03-01"], "V025524", "INV-2026-000001"), (["2026-02-20"], "Bestellung V025524", "INV-2026-000001"),
        (["2026-10-20"], "Bestellung V025524", "INV-2026-000001 is dated after it was paid"),
        (["2026-02-20"], "Anzahlung V025524", "INV-2026-000001 is dated after it was paid"),
        (["2026-02-01"], "Vertrag V049970", "no reference, and V049970 in the text is no number that we know"),
    ])
    func aContract(issued: [String], words: String, tells: String) {
        let index = Self.index(ofIBAN: [Self.anna], contract: ("V025524", issued))
        #expect(Self.decided(words, index, name: "Anna Busch") == tells)
    }
}
