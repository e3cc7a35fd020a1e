import Domain
import Testing

/// A payer who names no document may name the month that the payment is for.
@Suite struct NamedMonthTests {
    private static let meyer = ID<Customer>(1)

    private func day(_ text: String) throws -> Day { try #require(Day(text)) }

    @Test(arguments: [
        ("Abo 07/2025", "2025-07-15"), ("Lizenz Februar 2025", "2025-02-01"), ("LIZENZ FEB. 25", "2025-02-28"),
        ("Wartung März 2025", "2025-03-31"),
        ("hosting 2025-05 thanks", "2025-05-01"), ("abonnement février", "2019-02-01"), ("subscription Mai 2025, Mai 2025", "2025-05-01"),
        ("May 2025", "2025-05-09"),
    ])
    func readsTheMonthThatIsNamed(text: String, day named: String) throws {
        #expect(try #require(NamedMonth(in: text)).isIn(try day(named)))
    }

    @Test(arguments: [
        "", "Rechnung 4711", "thanks, May", "August Meyer GmbH", "12.07.2025", "Juni/Juli 2025", "07/2025 und 08/2025", "13/2025", "Mars 7",
        "RG 07/2025/4711",
    ])
    func readsNoMonthElsewhere(text: String) { #expect(NamedMonth(in: text) == nil) }

    /// Meyer has one item of the cash open; another of the amount, issued two months before, is settled.
    private func index(issued: String, due: String, settled: String? = nil) throws -> MatchIndex {
        var index = MatchIndex(holdsAll: true)
        index.add(Self.meyer, name: "Meyer")
        index.add(.iban, "IBAN1", Self.meyer)
        func add(_ id: Int64, _ issued: String, _ due: String, open: Int64) throws {
            let item = OpenItem(
                id: id, number: "4\(id)0001", effectiveOn: try day(issued), dueOn: try day(due), open: Money(minor: open, .eur))
            index.add(MatchIndex.Item(item, customer: Self.meyer, amount: Money(minor: 49_01, .eur)))
        }
        try add(1, issued, due, open: 49_01)
        if let settled { try add(2, settled, settled, open: 0) }
        return index
    }

    private func reason(_ index: MatchIndex, _ text: String) throws -> String? {
        var receipt = index.matchCase(
            index.read(PayerWords(iban: "IBAN1", remittance: text)), cash: Money(minor: 49_01, .eur), paidOn: try day("2025-09-03"))
        receipt.policy = .strict
        guard case .ask(let reason, _) = decide(receipt) else { return nil }
        return reason
    }

    /// The payment is made once more, perhaps: the open item is of another month.
    @Test func aMonthThatIsPaidAlreadyIsDoubted() throws {
        let both = try index(issued: "2025-08-21", due: "2025-09-20", settled: "2025-07-21")
        #expect(
            try reason(both, "Abo 07/2025")
                == "no reference, and of the month that the words name 420001 is settled already and was 49.01 EUR")
        for text in ["Abo 08/2025", "Abo 06/2025", "Abo"] { #expect(try reason(both, text) == nil) }
        #expect(try reason(try index(issued: "2025-08-21", due: "2025-09-20"), "Abo 07/2025") == nil)
    }

    /// A discount that one of two equal items still earns may have been taken of the other, too late.
    @Test func aDiscountMayBeTakenOfEitherOfTwoEqualItems() throws {
        var receipt = MatchCase(cash: Money(minor: 48_03, .eur))
        receipt.policy = .strict
        receipt.paidOn = try day("2025-02-17")
        receipt.payers = [(Self.meyer, .iban)]
        func item(_ id: Int64, _ issued: String, until: String) throws -> OpenItem {
            OpenItem(
                id: id, number: "INV-\(id)", effectiveOn: try day(issued), dueOn: try day(issued) + 30, open: Money(minor: 49_01, .eur),
                discount: CashDiscount(minor: 98, until: try day(until)))
        }
        receipt.items = [Self.meyer: [try item(1, "2025-02-01", until: "2025-02-10"), try item(2, "2025-02-15", until: "2025-02-25")]]
        guard case .ask(let reason, _) = decide(receipt) else {
            Issue.record("posted")
            return
        }
        #expect(reason == "no reference, and several items of 49.01 EUR: the discount may be taken of any")
        receipt.items[Self.meyer]?.removeFirst()
        guard case .apply(let match) = decide(receipt) else {
            Issue.record("asked")
            return
        }
        #expect(match.rule == .payerAmount && match.lines.map(\.itemID) == [2])
    }
}
