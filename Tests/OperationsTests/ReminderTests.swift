import Domain
import Operations
import Store
import TestSupport
import Testing

/// What a reminder says and asks for, where other systems ask for too much, too little or in the wrong money.
@Suite struct ReminderTests {
    private func letters(_ shop: Shop) async throws -> [String] {
        try await shop.texts("SELECT payload FROM outbox WHERE entity_id = 1 ORDER BY id")
    }

    /// Meyer owes 100.00, due on 2026-02-04, and has a credit note that names no invoice.
    private func shop(_ engine: Engine, credit: Int64) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", email: "books@meyer.example")
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        try await shop.order("X1", "C1", [item("CAKE", -1, at: credit)], on: "2026-01-20", kind: .cancellation, country: "US")
        try await shop.bill(on: "2026-01-20")
        #expect(try await shop.open("CN-2026-000001") == -credit)
        return shop
    }

    @Test(arguments: Engine.available) func anOpenCreditNoteIsListedAndSetOff(engine: Engine) async throws {
        let shop = try await shop(engine, credit: 30_00)
        let report = try await shop.dun(on: "2026-02-10")
        #expect(report.notices == 1 && report.totalMinor == ["GBP": 70_00])
        let letter = try #require(try await letters(shop).first)
        #expect(letter.hasPrefix("Payment reminder: 70.00 GBP overdue on 10 Feb 2026\n"))
        #expect(letter.contains("  CN-2026-000001   of  20 Jan 2026  −30.00 GBP  credit, set off\n"))
        let lines = try await shop.texts(
            "SELECT CAST(level AS TEXT) || ' ' || CAST(open_minor AS TEXT) FROM dunning_notice_item WHERE entity_id = 1 ORDER BY line")
        #expect(lines == ["1 10000", "0 -3000"])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func whoHasMoreCreditThanDebtIsNotReminded(engine: Engine) async throws {
        let shop = try await shop(engine, credit: 100_00)
        #expect(try await shop.dun(on: "2026-02-10").notices == 0)
        _ = try await shop.invoice("C1", 5_00, on: "2026-01-25")  // due on 2026-02-24
        #expect(try await shop.dun(on: "2026-02-25").totalMinor == ["GBP": 5_00])
        try await shop.proves()
    }

    /// A credit of one currency is no credit of another.
    @Test(arguments: Engine.available) func eachLetterIsInItsOwnCurrency(engine: Engine) async throws {
        let shop = try await shop(engine, credit: 30_00)
        _ = try await shop.invoice("C1", 150_000, on: "2026-01-05", currency: .jpy)
        _ = try await shop.invoice("C1", 50_00, on: "2026-01-05", currency: .eur)
        #expect(try await shop.dun(on: "2026-02-10").totalMinor == ["GBP": 70_00, "JPY": 1_500, "EUR": 50_00])
        for letter in try await letters(shop) {
            let named = ["GBP", "JPY", "EUR"].filter { letter.contains(" \($0)") }
            #expect(named.count == 1, "\(letter)")
        }
        #expect(try await letters(shop).contains { $0.contains(" 1,500 JPY") && !$0.contains("1,500.00") && !$0.contains("15.00") })
        try await shop.proves()
    }

    /// Each reminder is a dated document of its own: what it said stays, whatever is paid later.
    @Test(arguments: Engine.available) func aReminderStaysAsItWasSent(engine: Engine) async throws {
        let shop = try await shop(engine, credit: 30_00)
        try await shop.dun(on: "2026-02-10")
        let sent = try await letters(shop)
        try await shop.dun(on: "2026-02-25")
        let both = try await letters(shop)
        #expect(both.count == 2 && both.first == sent.first)
        #expect(both.last?.hasPrefix("Second reminder: 70.00 GBP overdue on 25 Feb 2026\n") == true)
        // What only we understand stays in the books.
        #expect(both.allSatisfy { $0.contains("Payments known to us on ") && !$0.contains("through entry") })
        let evidence = try await shop.texts("SELECT evidence FROM dunning_notice WHERE entity_id = 1 ORDER BY id")
        #expect(evidence.count == 2 && evidence.allSatisfy { $0.contains("Decided on 2026-02-") && $0.contains("through entry") })
    }

    /// An overpayment nobody uses is in the aging, and the customer gets no reminder while it is.
    @Test(arguments: Engine.available) func anUnusedOverpaymentIsSeen(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: ["DE02120300000000202051"])
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        try await shop.pays(130_00, "INV-2026-000001", iban: "DE02120300000000202051", on: "2026-02-04")
        let row = try #require(try await shop.aging(asOf: "2026-02-10")["GBP"])
        #expect(row.total.minor == -30_00 && row.creditCount == 1)
        #expect(try await shop.balance(.receivables) == -30_00)
    }
}
