import Domain
import Store
import TestSupport
import Testing

@testable import Operations

/// Books of several currencies: what is asked in one is answered in that one.
@Suite struct SeveralCurrencyTests {
    /// Documents in pounds and in euros, and receipts that wait: one in pounds, two in euros, of which one was asked about.
    private func books(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine), entity = shop.entity, day: Day = "2026-03-01"
        try await shop.customer("C1", "Meyer GmbH", email: "ap@meyer.example")
        for currency in [Currency.gbp, .eur, .gbp, .eur] { _ = try await shop.invoice("C1", 100_00, on: day, currency: currency) }
        let amounts = [("R1", 33_33, .gbp), ("R2", 44_44, .eur), ("R3", 55_55, .eur)] as [(String, Int64, Currency)]
        let receipts = amounts.map { number, minor, currency in
            ReceiptIntake(
                method: "bank", externalID: number, bookedOn: day, amount: Money(minor: minor, currency), customer: nil, remittance: "?")
        }
        try await shop.run { tx, now in _ = try RecordReceipts(entity, receipts, on: day).run(in: tx, at: now) }
        try await shop.applyCash(on: day)
        let asked = try #require(try await shop.number("SELECT id FROM receipt WHERE entity_id = \(entity) AND external_id = 'R3'"))
        let ask = AskCustomer(entity, ID(asked), customer: "C1", question: "What for?", answerBy: day + 7, role: "clerk", on: day)
        try await shop.run { tx, now in _ = try ask.run(in: tx, at: now) }
        return shop
    }

    @Test(arguments: Engine.available) func waitingReceiptsAreCountedByTheirCurrency(engine: Engine) async throws {
        let shop = try await books(engine)
        let today = try await shop.database.read { try ReadToday(shop.entity, on: "2026-03-02").run(in: $0) }
        #expect(today.receiptCount == 2 && today.askedCount == 1)
        #expect(today.positions.map(\.bank.currency) == [.eur, .gbp])
        let counts = [Currency.eur, .gbp, .jpy].map { today.waiting(in: $0) }
        #expect(counts.map(\.waiting) == [1, 1, 0] && counts.map(\.asked) == [1, 0, 0])
        let later = try await shop.database.read { try ReadToday(shop.entity, on: "2026-03-09").run(in: $0).waiting(in: .eur) }
        #expect(later.waiting == 2 && later.asked == 0, "the day to answer by is over")
    }

    @Test(arguments: Engine.available, [1, 2, 50]) func anAccountsJournalIsOfOneCurrency(engine: Engine, limit: Int) async throws {
        let shop = try await books(engine)
        try await shop.database.read { tx in
            let all = try JournalList(shop.entity).page(in: tx).rows
            for (account, currency) in [("1200", .eur), ("1000", .gbp), ("1290", .eur), ("1200", .jpy)] as [(String, Currency)] {
                let own = try whole {
                    try JournalList(shop.entity, where: ListFilter(currency: currency), after: $0, limit: limit, account: account).page(
                        in: tx)
                }
                let wanted = all.filter { $0.postings.contains { $0.account == account && $0.amount.currency == currency } }
                #expect(own.map(\.id) == wanted.map(\.id) && wanted.isEmpty == (currency == .jpy), "\(account) \(currency.code)")
            }
        }
    }
}
