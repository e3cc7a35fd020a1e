import Domain
import Testing

@Suite struct DunningNoticeTests {
    private static let today = day("2026-03-01")

    private static func day(_ text: String) -> Day {
        guard let day = Day(text) else { preconditionFailure("\(text) is no day") }
        return day
    }

    private static func item(_ id: Int64, overdue: Int, open: Int64 = 100_00, level: Int = 0, noticeDaysAgo: Int? = nil) -> OverdueItem {
        let due = today + -overdue
        let item = OpenItem(id: id, number: "INV-\(id)", effectiveOn: due + -30, dueOn: due, open: Money(minor: open, .eur))
        return OverdueItem(item, level: level, lastNoticeOn: noticeDaysAgo.map { today + -$0 })
    }

    /// Days overdue, level reached, days since its notice → level of the notice, or nil.
    @Test(
        arguments: [
            (1, 0, nil, 1), (14, 0, nil, 1), (400, 0, nil, 1), (14, 1, 13, nil), (15, 1, 14, 2), (15, 1, 10, 2), (15, 1, 9, nil),
            (400, 1, 10, 2),
            (29, 2, 20, nil), (30, 2, 10, 3), (30, 2, 9, nil), (400, 3, 300, nil), (1, 0, 0, nil), (1, 0, 1, 1),
        ] as [(Int, Int, Int?, Int?)])
    func anItemClimbsOneLevelAtATime(overdue: Int, level: Int, noticeDaysAgo: Int?, next: Int?) {
        let item = Self.item(1, overdue: overdue, level: level, noticeDaysAgo: noticeDaysAgo)
        #expect(dunningNotice(for: [item], on: Self.today, .standard)?.level == next)
    }

    @Test func oneRisingItemBringsAllOverdueOnesAlong() throws {
        let items = [
            Self.item(3, overdue: 20, level: 1, noticeDaysAgo: 3), Self.item(1, overdue: 2), Self.item(2, overdue: 2),
            Self.item(4, overdue: 99, level: 3, noticeDaysAgo: 30),
        ]
        let notice = try #require(dunningNotice(for: items, on: Self.today, .standard))
        #expect(notice.lines.map(\.item.id) == [4, 3, 1, 2])  // oldest due first
        #expect(notice.lines.map(\.level) == [3, 1, 1, 1])
        #expect(notice.lines.map(\.overdueDays) == [99, 20, 2, 2])
        #expect(notice.level == 3 && notice.total.minor == 400_00)
    }

    @Test func nothingRisesNothingIsSent() {
        #expect(dunningNotice(for: [], on: Self.today, .standard) == nil)
        #expect(dunningNotice(for: [Self.item(1, overdue: 20, level: 3, noticeDaysAgo: 40)], on: Self.today, .standard) == nil)
    }

    @Test(arguments: [(99, nil), (100, 1)] as [(Int64, Int?)]) func theMinimumIsForTheLetter(open: Int64, level: Int?) {
        #expect(dunningNotice(for: [Self.item(1, overdue: 5, open: open)], on: Self.today, .standard)?.level == level)
        let halves = [Self.item(1, overdue: 5, open: open / 2), Self.item(2, overdue: 5, open: open - open / 2)]
        #expect(dunningNotice(for: halves, on: Self.today, .standard)?.level == level)
    }

    /// Never twice on one day, whatever the ladder says.
    @Test func aLadderWithoutWaitingStillWaitsADay() {
        let ladder = DunningLadder(
            levels: [.init(overdueDays: 1, daysSinceNotice: 0, title: "A"), .init(overdueDays: 1, daysSinceNotice: 0, title: "B")],
            minimumMinor: 0,
            feedAgeDays: 5)
        #expect(dunningNotice(for: [Self.item(1, overdue: 5, level: 1, noticeDaysAgo: 0)], on: Self.today, ladder) == nil)
        #expect(dunningNotice(for: [Self.item(1, overdue: 5, level: 1, noticeDaysAgo: 1)], on: Self.today, ladder)?.level == 2)
    }

    @Test func theLetterListsItemsAndTotal() throws {
        let notice = try #require(
            dunningNotice(for: [Self.item(1, overdue: 5), Self.item(22, overdue: 3, open: 1_234_50)], on: Self.today, .standard))
        let letter = DunningLetter(
            notice, ladder: .standard, seller: Party(name: "Example Ltd", country: "GB"), customer: "Meyer", on: Self.today,
            known: "Known: all.")
        #expect(letter.subject == "Payment reminder: 1,334.50 EUR overdue on 1 Mar 2026")
        let lines = letter.body.split(separator: "\n").map(String.init)
        #expect(lines.contains("  INV-1   due 24 Feb 2026    100.00 EUR  5 days overdue"))
        #expect(lines.contains("  INV-22  due 26 Feb 2026  1,234.50 EUR  3 days overdue"))
        #expect(lines.contains { $0.hasPrefix("  Total") && $0.hasSuffix("1,334.50 EUR") })
        let late = try #require(dunningNotice(for: [Self.item(1, overdue: 1)], on: Self.today, .standard))
        let word = DunningLetter(
            late, ladder: .standard, seller: Party(name: "Example Ltd", country: "GB"), customer: "Meyer", on: Self.today, known: "")
        #expect(word.body.contains("100.00 EUR  1 day overdue") && word.body.contains("this item is past its due day:"))
        #expect(word.body.contains("name the invoice number. If") && letter.body.contains("name the invoice numbers. If"))
        #expect(letter.body.contains("these items are past their due day:"))
        #expect(lines.first == "Dear Meyer," && lines.last == "Known: all.")
        #expect(!letter.body.contains("Pay to") && letter.body.contains("look into it at once.\n\nExample Ltd\n\nKnown: all."))
        let address = PostalAddress(street: "12 Orchard Lane", postalCode: "E1 6AN", city: "London")
        let account = PaymentAccount(iban: "GB33BUKB20201555555555", bic: "BUKBGB22")
        let seller = Party(name: "Example Ltd", country: "GB", address: address, account: account)
        let paid = DunningLetter(late, ladder: .standard, seller: seller, customer: "Meyer", on: Self.today, known: "Known: all.").body
        #expect(
            paid.contains(
                "at once.\n\nPay to:\n  Example Ltd\n  IBAN GB33 BUKB 2020 1555 5555 55\n  BIC BUKBGB22\n\nExample Ltd\n12 Orchard Lane\n"))
        #expect(paid.hasSuffix("\nE1 6AN London\nGB\n\nKnown: all."))
    }
}
