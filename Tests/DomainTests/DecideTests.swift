import Domain
import Testing

/// The whole of automatic cash application as a table: what is known of a receipt, and what is done with it.
@Suite struct DecideTests {
    private static let meyer = ID<Customer>(1), smith = ID<Customer>(2)

    private static func invoice(_ id: Int64, _ open: Int64) -> OpenItem {
        guard let day = Day("2026-01-05") else { preconditionFailure("a day") }
        return OpenItem(id: id, number: "INV-\(id)", effectiveOn: day, dueOn: day + Int(id), open: Money(minor: open, .eur))
    }

    /// Meyer owes 100 (1) and 60 (2), Smith 100 (3); 4 is Meyer's and settled, it was 80; 5 is Meyer's, 30 are left of 90.
    private static let world: [Int64: NamedItem] = [
        1: NamedItem(customer: meyer, item: invoice(1, 100), amount: Money(minor: 100, .eur), reference: "INV-1"),
        2: NamedItem(customer: meyer, item: invoice(2, 60), amount: Money(minor: 60, .eur), reference: "INV-2"),
        3: NamedItem(customer: smith, item: invoice(3, 100), amount: Money(minor: 100, .eur), reference: "INV-3"),
        4: NamedItem(customer: meyer, item: invoice(4, 0), amount: Money(minor: 80, .eur), reference: "INV-4"),
        5: NamedItem(customer: meyer, item: invoice(5, 30), amount: Money(minor: 90, .eur), reference: "INV-5"),
    ]

    private static func receipt(
        _ cash: Int64, naming: [Int64], from payers: [(ID<Customer>, PayerEvidence)], oldestFirst: Bool = false, tolerance: Int64 = 0,
        unread: [String] = []
    ) -> MatchCase {
        var receipt = MatchCase(cash: Money(minor: cash, .eur))
        receipt.named = naming.compactMap { world[$0] }
        receipt.payers = payers.map { (customer: $0.0, evidence: $0.1) }
        receipt.items = [meyer: [invoice(1, 100), invoice(2, 60)], smith: [invoice(3, 100)]].filter { customer, _ in
            payers.contains { $0.0 == customer }
        }
        if oldestFirst { receipt.oldestFirst = [meyer, smith] }
        receipt.toleranceMinor = tolerance
        receipt.unread = unread
        return receipt
    }

    struct Applied: CustomTestStringConvertible, Sendable {
        let cash: Int64
        let naming: [Int64]
        let payer: Int64?
        var oldestFirst = false
        var tolerance: Int64 = 0
        let rule: MatchRule
        let lines: [Int64: Int64]
        var rest: Int64 = 0
        var charge: Int64 = 0
        var testDescription: String { "\(cash) naming \(naming) from \(payer ?? 0): \(rule.rawValue)" }
    }

    @Test(arguments: [
        Applied(cash: 100, naming: [1], payer: nil, rule: .referenceExact, lines: [1: 100]),
        Applied(cash: 100, naming: [1], payer: 1, rule: .referenceExact, lines: [1: 100]),
        Applied(cash: 60, naming: [2], payer: 2, rule: .referenceExact, lines: [2: 60]),  // a third party pays
        Applied(cash: 160, naming: [1, 2], payer: nil, rule: .referenceExact, lines: [1: 100, 2: 60]),
        Applied(cash: 160, naming: [1, 2, 4], payer: nil, rule: .referenceExact, lines: [1: 100, 2: 60]),  // 4 is settled
        Applied(cash: 160, naming: [1], payer: 1, rule: .referenceExact, lines: [1: 100, 2: 60]),  // the rest is the other one
        Applied(cash: 60, naming: [1, 2], payer: 1, rule: .referenceExact, lines: [2: 60]),  // only one of them fits
        Applied(cash: 40, naming: [1], payer: 1, rule: .referencePart, lines: [1: 40]),
        Applied(cash: 97, naming: [1], payer: 1, tolerance: 3, rule: .referenceTolerance, lines: [1: 100], charge: 3),
        Applied(cash: 96, naming: [1], payer: 1, tolerance: 3, rule: .referencePart, lines: [1: 96]),
        Applied(cash: 158, naming: [1, 2], payer: 1, tolerance: 3, rule: .referenceTolerance, lines: [1: 100, 2: 60], charge: 2),
        Applied(cash: 89, naming: [1], payer: 1, tolerance: 50, rule: .referencePart, lines: [1: 89]),  // over a tenth
        Applied(cash: 28, naming: [5], payer: 1, tolerance: 3, rule: .referencePart, lines: [5: 28]),  // the first part bore a charge
        Applied(cash: 130, naming: [1], payer: 1, rule: .referenceOver, lines: [1: 100], rest: 30),
        Applied(cash: 120, naming: [1, 2], payer: 1, oldestFirst: true, rule: .oldestFirst, lines: [1: 100, 2: 20]),
        Applied(cash: 80, naming: [4], payer: 1, rule: .paidAgain, lines: [:], rest: 80),
        Applied(cash: 60, naming: [], payer: 1, rule: .payerAmount, lines: [2: 60]),
        Applied(cash: 160, naming: [], payer: 1, rule: .payerBalance, lines: [1: 100, 2: 60]),
        Applied(cash: 130, naming: [], payer: 1, oldestFirst: true, rule: .oldestFirst, lines: [1: 100, 2: 30]),
        Applied(cash: 200, naming: [], payer: 1, oldestFirst: true, rule: .oldestFirst, lines: [1: 100, 2: 60], rest: 40),
    ])
    func applies(_ row: Applied) throws {
        let payers = row.payer.map { [(ID<Customer>($0), PayerEvidence.iban)] } ?? []
        let receipt = Self.receipt(row.cash, naming: row.naming, from: payers, oldestFirst: row.oldestFirst, tolerance: row.tolerance)
        guard case .apply(let match) = decide(receipt) else {
            Issue.record("\(decide(receipt))")
            return
        }
        #expect(match.rule == row.rule)
        #expect(Dictionary(uniqueKeysWithValues: match.lines.map { ($0.itemID, $0.amount.minor) }) == row.lines)
        #expect(match.rest.minor == row.rest && match.charge.minor == row.charge)
        // Nothing is lost: cash and charge are the lines and the rest.
        #expect(row.cash + match.charge.minor == row.lines.values.reduce(0, +) + match.rest.minor)
        #expect(!match.explanation.isEmpty)
    }

    @Test(
        arguments: [
            ([1, 3], [1], 200, "the references name documents of 2 customers"),
            ([4], [2], 80, "the document named is settled already"),
            ([4], [], 80, "the document named is settled already"),
            ([4], [1], 79, "the document named is settled already"),
            ([1], [], 40, "0.40 EUR paid against 1.00 EUR named, and the payer is not known"),
            ([1], [2], 40, "0.40 EUR paid against 1.00 EUR named, and the payer is another customer"),
            ([1], [], 130, "1.30 EUR paid against 1.00 EUR named, and the payer is not known"),
            ([3], [1], 100, "the reference names another customer's document of the same amount as the payer's own"),
            ([1, 2], [1], 120, "1.20 EUR does not cover the 2 documents named"),
            ([], [], 100, "no reference found and the payer is not known"),
            ([], [1, 2], 100, "the payer may be several customers"),
            ([], [1], 77, "no reference, and no item of 0.77 EUR"),
        ] as [([Int64], [Int64], Int64, String)])
    func asks(naming: [Int64], payers: [Int64], cash: Int64, reason: String) {
        let receipt = Self.receipt(cash, naming: naming, from: payers.map { (ID($0), .iban) })
        guard case .ask(let text, let candidates) = decide(receipt) else {
            Issue.record("\(decide(receipt))")
            return
        }
        #expect(text == reason)
        #expect(candidates.count <= 10 && candidates.allSatisfy { $0.amount.minor <= cash })
        #expect(naming.isEmpty && payers.isEmpty || !candidates.isEmpty)
        #expect(Set(candidates.compactMap(\.itemID)).count == candidates.compactMap(\.itemID).count)
    }

    /// A payer is known when everything that is known of it agrees; a name may narrow an account that several use, and the other way.
    @Test(
        arguments: [
            ([(1, .iban), (1, .name)], 1), ([(1, .iban), (2, .iban), (1, .name)], 1), ([(1, .iban), (1, .name), (2, .name)], 1),
            ([(1, .account)], 1),
            ([(2, .name), (1, .iban)], nil), ([(1, .name), (2, .name)], nil), ([(1, .iban), (2, .iban)], nil), ([], nil),
        ] as [([(Int64, PayerEvidence)], Int64?)])
    func allEvidenceMustAgree(payers: [(Int64, PayerEvidence)], payer: Int64?) {
        let receipt = Self.receipt(60, naming: [], from: payers.map { (ID($0.0), $0.1) })
        switch decide(receipt) {
        case .apply(let match): #expect(match.customer.value == payer && match.rule == .payerAmount)
        case .ask: #expect(payer == nil)
        }
    }

    /// A number of our own shape that names nothing is a slip somewhere: only a sum that fits without it is sure enough.
    @Test(
        arguments: [
            (100, [1], true), (40, [1], false), (130, [1], false), (60, [], false), (160, [], false),
        ] as [(Int64, [Int64], Bool)])
    func anUnreadNumberIsAQuestion(cash: Int64, naming: [Int64], isApplied: Bool) {
        let receipt = Self.receipt(cash, naming: naming, from: [(Self.meyer, .iban)], oldestFirst: true, unread: ["INV-2026-000099"])
        switch decide(receipt) {
        case .apply(let match): #expect(isApplied && match.rule == .referenceExact)
        case .ask(let reason, _): #expect(!isApplied && reason.hasPrefix("INV-2026-000099 in the text is no "))
        }
    }

    /// It names one document and pays exactly another: which of the two is meant, only the payer knows.
    @Test(
        arguments: [
            ([1], 60, "it names INV-1 and pays exactly what another item has open"),
            ([1, 4], 80, "it names a settled document of exactly that amount together with an open one"),
        ] as [([Int64], Int64, String)])
    func anAmountThatSpeaksAgainstTheReference(naming: [Int64], cash: Int64, reason: String) {
        guard case .ask(let text, _) = decide(Self.receipt(cash, naming: naming, from: [(Self.meyer, .iban)])) else {
            Issue.record("nothing is sure here")
            return
        }
        #expect(text == reason)
    }

    /// A name alone is weak: it may find the one item that fits, not spread cash over the oldest.
    @Test func aNameAloneDoesNotSpreadCash() {
        let byName = Self.receipt(130, naming: [], from: [(Self.meyer, .name)], oldestFirst: true)
        guard case .ask = decide(byName) else {
            Issue.record("a name is not enough")
            return
        }
        let byAccount = Self.receipt(130, naming: [], from: [(Self.meyer, .name), (Self.meyer, .iban)], oldestFirst: true)
        guard case .apply(let match) = decide(byAccount) else {
            Issue.record("name and account agree")
            return
        }
        #expect(match.rule == .oldestFirst)
    }

    /// Equal amounts and no reference: nobody guesses, unless the customer's policy says which comes first.
    @Test func equalAmountsNeedAPolicy() {
        var receipt = Self.receipt(100, naming: [], from: [(Self.meyer, .iban)])
        receipt.items[Self.meyer] = [Self.invoice(1, 100), Self.invoice(5, 100), Self.invoice(2, 60)]
        guard case .ask(let reason, _) = decide(receipt) else {
            Issue.record("two items of 1.00 fit")
            return
        }
        #expect(reason == "2 items of 1.00 EUR, and no reference")
        receipt.oldestFirst = [Self.meyer]
        guard case .apply(let match) = decide(receipt) else {
            Issue.record("the older of the two")
            return
        }
        #expect(match.lines.map(\.itemID) == [1] && match.rest.minor == 0)
    }
}
