import Domain
import Testing

/// Several invoices in one payment, of which the words write out the first and of the others the last digits.
@Suite struct ListedNumbersTests {
    private static let payer = ID<Customer>(1)

    private static func decision(_ words: String, _ minor: Int64, of numbers: [String], _ policy: MatchPolicy = .strict) -> MatchDecision {
        var index = MatchIndex(holdsAll: true)
        index.add(payer, name: "Anna Busch")
        index.add(.iban, "DE02120300000000202051", payer)
        for (at, number) in numbers.enumerated() {
            let amount = Money(minor: 100_10 + Int64(at) * 37_41, .eur)
            let item = OpenItem(id: Int64(at + 1), number: number, effectiveOn: Day("2026-01-05")!, dueOn: Day("2026-02-04")!, open: amount)
            index.add(MatchIndex.Item(item, customer: payer, amount: amount))
        }
        let reading = index.read(PayerWords(name: "Anna Busch", iban: "DE02120300000000202051", remittance: words))
        var receipt = index.matchCase(reading, cash: Money(minor: minor, .eur), paidOn: Day("2026-02-01")!)
        receipt.policy = policy
        return decide(receipt)
    }

    private static let series = (1...9).map { "INV-2026-00010\($0)" }
    private static let plain = (1...9).map { "471\($0)" }

    /// What the items at these places, from 0, add up to.
    private static func sum(_ places: [Int]) -> Int64 { places.reduce(0) { $0 + 100_10 + Int64($1) * 37_41 } }

    @Test(arguments: [
        ("INV-2026-000101/102/104", series, [0, 1, 3]), ("INV-2026-000101, 02 und 04", series, [0, 1, 3]),
        ("INV-2026-000101/000102", series, [0, 1]), ("INV-2026-000103-106", series, [2, 3, 4, 5]),
        ("INV-2026-000103 bis 106, 108", series, [2, 3, 4, 5, 7]), ("invoices INV-2026-000101 + 105 & 107 thank you", series, [0, 4, 6]),
        ("RE 4711/12", plain, [0, 1]), ("Rechnungen 4711, 13 und 19", plain, [0, 2, 8]), ("4712–4715", plain, [1, 2, 3, 4]),
        ("INV-2026-000102, INV-2026-000103, 105", series, [1, 2, 4]),
    ])
    func theLastDigitsNameTheOthers(words: String, numbers: [String], places: [Int]) throws {
        guard case .apply(let match) = Self.decision(words, Self.sum(places), of: numbers) else {
            Issue.record("\(words): \(Self.decision(words, Self.sum(places), of: numbers))")
            return
        }
        #expect(match.lines.map { Int($0.itemID) - 1 }.sorted() == places && match.rest.minor == 0)
    }

    /// More is paid than is named, other items are open, and the text names, or was cut before it named, something else: no credit is left.
    @Test(arguments: ["INV-2026-000101 und 88123", "INV-2026-000101,", String(repeating: "unsere Zahlung ", count: 9) + "INV-2026-000101"])
    func whatMayNameMoreLeavesNoCredit(words: String) {
        let paid = Self.sum([0]) + 5_55
        for (policy, words) in [(MatchPolicy.strict, words), (.standard, words)] {
            guard case .ask(let reason, _) = Self.decision(words, paid, of: Self.series, policy) else {
                Issue.record("\(words) was posted")
                continue
            }
            #expect(reason.contains("more than the documents named have open"))
        }
        guard case .apply = Self.decision("INV-2026-000101 vielen Dank", paid, of: Self.series, .standard) else {
            Issue.record("what names no more waits")
            return
        }
    }

    /// Zeros name no number, least of all one without digits.
    @Test func zerosNameNothing() {
        guard case .ask = Self.decision("4711, 0000", Self.sum([0, 1]), of: ["4711", "ABC"]) else {
            Issue.record("an item without digits was taken for 0000")
            return
        }
    }

    /// What adds up without them needs them not, and what does not add up waits: nothing of a list is posted alone.
    @Test func aListThatDoesNotAddUpWaits() {
        for policy in [MatchPolicy.strict, .standard] {
            let decision = Self.decision("INV-2026-000101/102/104", Self.sum([0, 1, 3]) + 5_00, of: Self.series, policy)
            guard case .ask(let reason, _) = decision else {
                Issue.record("\(decision)")
                continue
            }
            #expect(reason.contains("the text goes on with INV-2026-000102") || policy == .strict, "\(reason)")
        }
        guard case .apply(let match) = Self.decision("INV-2026-000101 / 12 pieces", Self.sum([0]), of: Self.series) else {
            Issue.record("an exact amount waits")
            return
        }
        #expect(match.lines.map(\.itemID) == [1])
    }
}
