import Domain
import Testing

/// What a known payer leaves unpaid: within which limit it is which difference, and when it waits.
@Suite struct ToleranceTests {
    private static let meyer = ID<Customer>(1)

    private static func item(_ id: Int64, _ open: Int64, late discount: Int64? = nil) -> OpenItem {
        OpenItem(
            id: id, number: "INV-\(id)", effectiveOn: Day(number: 20_480), dueOn: Day(number: 20_510), open: Money(minor: open, .eur),
            discount: discount.map { CashDiscount(minor: $0, until: Day(number: 20_490)) })
    }

    /// Meyer, known by account, names each of the items that are listed with its amount.
    private static func receipt(_ cash: Int64, naming items: [(OpenItem, of: Int64)], _ policy: MatchPolicy) -> MatchCase {
        var receipt = MatchCase(cash: Money(minor: cash, .eur))
        receipt.policy = policy
        receipt.paidOn = Day(number: 20_500)
        receipt.payers = [(meyer, .iban)]
        receipt.named = items.map {
            NamedItem(customer: meyer, item: $0.0, amount: Money(minor: $0.of, .eur), reference: $0.0.number)
        }
        receipt.items = [meyer: items.map(\.0)]
        return receipt
    }

    private static func policy(
        _ policy: MatchPolicy = .standard, short: Int64 = 0, share: Int64 = 1_000, rates: [Int64] = [],
        of base: Tolerances.Withholding.Base = .gross
    ) -> MatchPolicy {
        var policy = policy
        policy.tolerances.shortMinor = short
        policy.tolerances.shortShare = share
        policy.tolerances.withholding = .init(rates: rates, of: base)
        return policy
    }

    /// The differences booked, as `kind amount`; the rule where there are none; the reason where a person is asked.
    private static func outcome(_ receipt: MatchCase) -> String {
        switch decide(receipt) {
        case .ask(let reason, _): reason
        case .apply(let match):
            match.adjustments.isEmpty
                ? match.rule.rawValue : match.adjustments.map { "\($0.kind.rawValue) \($0.amount.minor)" }.joined(separator: ", ")
        }
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let cash: Int64
        var naming: [Int64] = [100_00]
        var bank: Int64 = 0
        var short: Int64 = 0
        var share: Int64 = 1_000
        var rates: [Int64] = []
        var net: Int64?
        let outcome: String
        var testDescription: String { "\(cash) of \(naming): \(outcome)" }
    }

    @Test(arguments: [
        Row(cash: 99_99, outcome: "rounding 1"),
        Row(cash: 99_98, outcome: "reference_part"),
        Row(cash: 98_00, bank: 2_00, outcome: "bank_charge 200"),
        Row(cash: 97_99, bank: 2_00, outcome: "reference_part"),
        Row(cash: 95_00, short: 5_00, outcome: "short_payment 500"),
        Row(cash: 94_99, short: 5_00, outcome: "reference_part"),
        Row(cash: 97_00, short: 5_00, share: 300, outcome: "short_payment 300"),
        Row(cash: 96_99, short: 5_00, share: 300, outcome: "reference_part"),
        Row(cash: 90_00, short: 50_00, outcome: "short_payment 1000"),
        Row(cash: 89_99, short: 50_00, outcome: "reference_part"),
        Row(cash: 99_99, short: 5_00, outcome: "rounding 1"),
        Row(cash: 90_00, rates: [500, 1_000], outcome: "withholding 1000"),
        Row(cash: 95_00, rates: [500, 1_000], outcome: "withholding 500"),
        Row(cash: 90_01, rates: [500, 1_000], outcome: "reference_part"),
        Row(cash: 89_99, rates: [500, 1_000], outcome: "reference_part"),
        Row(cash: 144_00, naming: [100_00, 60_00], rates: [1_000], outcome: "withholding 1000, withholding 600"),
        // A tenth of 1.05 is 0.11 of each, or 0.21 of both.
        Row(cash: 1_88, naming: [1_05, 1_05], rates: [1_000], outcome: "withholding 11, withholding 11"),
        Row(cash: 1_89, naming: [1_05, 1_05], rates: [1_000], outcome: "withholding 11, withholding 10"),
        Row(cash: 92_00, rates: [1_000], net: 80_00, outcome: "withholding 800"),
        Row(cash: 90_00, rates: [1_000], net: 80_00, outcome: "reference_part"),
        Row(
            cash: 98_50, bank: 2_00, short: 5_00,
            outcome:
                "1.50 EUR less than is named, which may be within the tolerance of bank charges or within the tolerance of short payments"),
        Row(cash: 96_00, bank: 2_00, short: 5_00, outcome: "short_payment 400"),
        Row(
            cash: 95_00, short: 5_00, rates: [500],
            outcome:
                "5.00 EUR less than is named, which may be within the tolerance of short payments or tax withheld at 5 % of the gross amount"
        ),
        Row(cash: 96_00, short: 5_00, rates: [500], outcome: "short_payment 400"),
        // A hundredth of 1.00 is as small as rounding.
        Row(
            cash: 99, naming: [1_00], rates: [100],
            outcome: "0.01 EUR less than is named, which may be rounding or tax withheld at 1 % of the gross amount"),
        Row(cash: 95_00, naming: [95_00, 5_00], short: 5_00, outcome: "5.00 EUR less than is named, which is what INV-2 has open"),
    ])
    func oneDifferenceAlone(row: Row) {
        let items = row.naming.enumerated().map { (Self.item(Int64($0.offset) + 1, $0.element), of: $0.element) }
        let policy = Self.policy(short: row.short, share: row.share, rates: row.rates, of: row.net == nil ? .gross : .net)
        var receipt = Self.receipt(row.cash, naming: items, policy)
        receipt.toleranceMinor = row.bank
        if let net = row.net { receipt.netMinor = [1: net] }
        #expect(Self.outcome(receipt) == row.outcome)
    }

    /// A net amount that nobody knows proves no rate; what was paid in part has borne its difference.
    @Test func whatIsNotKnownWhole() {
        let net = Self.policy(rates: [1_000], of: .net), both = Self.policy(short: 5_00, rates: [1_000])
        #expect(Self.outcome(Self.receipt(90_00, naming: [(Self.item(1, 100_00), of: 100_00)], net)) == "reference_part")
        #expect(Self.outcome(Self.receipt(90_00, naming: [(Self.item(1, 100_00), of: 200_00)], both)) == "reference_part")
        #expect(Self.outcome(Self.receipt(97_00, naming: [(Self.item(1, 100_00), of: 200_00)], both)) == "reference_part")
    }

    /// Under `strict` a rate alone is no proof: a tenth less may be a part payment. The words make it one.
    @Test func strictWantsTheWord() {
        var receipt = Self.receipt(90_00, naming: [(Self.item(1, 100_00), of: 100_00)], Self.policy(.strict, rates: [1_000]))
        #expect(
            Self.outcome(receipt) == "10.00 EUR less than is named: tax withheld at 10 % of the gross amount, if it is not a part payment")
        receipt.says = [.keptBack, .withheld]
        #expect(Self.outcome(receipt) == "withholding 1000")
    }

    /// What else may be meant by the same money.
    @Test(arguments: [MatchPolicy.standard, .strict]) func anythingElseAsks(policy: MatchPolicy) {
        let policy = Self.policy(policy, short: 5_00), first = Self.item(1, 100_00)
        func receipt(_ cash: Int64 = 97_00, _ item: OpenItem = first) -> MatchCase {
            Self.receipt(cash, naming: [(item, of: 100_00)], policy)
        }
        let less = "3.00 EUR less than is named"
        #expect(Self.outcome(receipt()) == "short_payment 300")
        #expect(Self.outcome(receipt(97_00, Self.item(1, 100_00, late: 3_00))) == "\(less), which is a cash discount that was not earned")
        var words = receipt()
        words.says = [.keptBack]
        #expect(Self.outcome(words) == "\(less), and the words say that something is kept back")
        words.says = [.keptBack, .withheld]
        #expect(Self.outcome(words) == "\(less), and the words say that tax is withheld")
        var number = receipt()
        number.strangeNumber = "4711"
        #expect(Self.outcome(number) == "\(less), and 4711 in the text is no number that we know")
        var credits = receipt()
        credits.openCredits = [Self.meyer: [Self.item(8, -1_00), Self.item(9, -2_00)]]
        let netted = policy.differences == .post ? "reference_credit" : "\(less), which is what open credits are worth"
        #expect(Self.outcome(credits) == netted)
        var others = receipt()
        others.items[Self.meyer]? += [Self.item(2, 40_00), Self.item(3, 57_00)]
        #expect(Self.outcome(others) == "\(less), and items that are not named may add up to what is paid")
        others.items[Self.meyer]?[2] = Self.item(3, 57_01)
        #expect(Self.outcome(others) == "short_payment 300")
    }

    /// Off until a company asks for it, and then part of what a certificate names.
    @Test func offUntilSet() {
        let policy = Self.policy(short: 1)
        #expect(Tolerances().shortMinor == 0 && Tolerances().withholding.rates == [])
        #expect(MatchPolicy.standard.text.contains("tolerances") == false)
        #expect(policy.text.contains("tolerances bank charge share 1000 short 1 share 1000 withholding never"))
    }

    @Test(arguments: [
        ("INV-1 less 10% WHT", true), ("INV-1 tax withheld", true), ("INV-1 ritenuta d'acconto", true),
        ("INV-1 abzgl. Quellensteuer", true),
        ("INV-1 retención IRPF", true), ("INV-1 less claim", false), ("INV-1 thank you", false),
    ])
    func theWordsForIt(text: String, isSaid: Bool) {
        var words = PayerWords()
        words.remittance = text
        let index = MatchIndex(holdsAll: true)
        let receipt = index.matchCase(index.read(words), cash: Money(minor: 90_00, .eur), paidOn: Day(number: 20_500))
        #expect(receipt.says.contains(.withheld) == isSaid)
    }

    @Test(arguments: [(1_000, "10 %"), (1_050, "10.5 %"), (1_055, "10.55 %"), (5, "0.05 %"), (105, "1.05 %")] as [(Int64, String)])
    func basisPointsAreReadAsPerCent(basisPoints: Int64, text: String) { #expect(percent(basisPoints) == text) }
}
