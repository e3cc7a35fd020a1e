import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct UnapplyTests {
    private static let iban = "DE02120300000000202051"

    /// Meyer owes 100.00 and has paid it on 2026-01-20.
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: [Self.iban])
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        try await shop.pays(100_00, "INV-2026-000001", iban: Self.iban, e2e: "E1", on: "2026-01-20")
        return shop
    }

    @Test(arguments: Engine.available) func theInvoiceIsOpenAndTheCashUnappliedAgain(engine: Engine) async throws {
        let shop = try await shop(engine)
        let receipt = try #require(try await shop.receipts().first)
        try await shop.unapply(receipt, on: "2026-01-25")
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        #expect(try await shop.unapplied() == 100_00)
        #expect(try await shop.rules() == ["reference_exact", "unapplied"])
        let reason = try await shop.texts("SELECT explanation FROM application WHERE entity_id = 1 AND reverses_id IS NOT NULL")
        #expect(reason == ["applied to the wrong invoice"])
        try await shop.proves()
    }

    /// What one person took back, no run decides again; a person does, as often as it takes.
    @Test(arguments: Engine.available) func applyingAgainIsAPersonsDecision(engine: Engine) async throws {
        let shop = try await shop(engine)
        let receipt = try #require(try await shop.receipts().first)
        for day in ["2026-01-25", "2026-01-27"] as [Day] {
            try await shop.unapply(receipt, on: day)
            #expect(try await shop.applyCash(on: day).applied == 0)
            #expect(try await shop.queue() == ["taken back: applied to the wrong invoice"])
            #expect(try await shop.aging(asOf: day)["GBP"]?.credits.minor == -100_00)
            try await shop.byHand(receipt, of: "C1", [("INV-2026-000001", 100_00)], on: day + 1)
            #expect(try await shop.open("INV-2026-000001") == 0)
            #expect(try await shop.unapplied() == 0)
            #expect(try await shop.queue() == [])
        }
        #expect(try await shop.rules() == ["reference_exact", "unapplied", "manual", "unapplied", "manual"])
        // No day is told twice: before the taking back it was settled, and so it stays.
        #expect(try await shop.aging(asOf: "2026-01-24")["GBP"] == nil)
        try await shop.proves()
    }

    /// While the invoice was open again, a transfer that the bank dates earlier pays it.
    @Test(arguments: Engine.available) func anotherReceiptOfAnEarlierDayTakesItsPlace(engine: Engine) async throws {
        let shop = try await shop(engine)
        let receipt = try #require(try await shop.receipts().first)
        try await shop.unapply(receipt, on: "2026-01-25")
        try await shop.pays(100_00, "INV-2026-000001", on: "2026-01-18")
        #expect(try await shop.open("INV-2026-000001") == 0)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func twiceIsRefused(engine: Engine) async throws {
        let shop = try await shop(engine)
        let receipt = try #require(try await shop.receipts().first)
        try await shop.unapply(receipt, on: "2026-01-25")
        await refuses("receipt_not_applied") { try await shop.unapply(receipt, on: "2026-01-25") }
        await refuses("receipt_not_found") { try await shop.unapply("nobody", on: "2026-01-25") }
        await refuses("receipt_not_found") { try await shop.unapply(receipt, method: "till", on: "2026-01-25") }
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func cashThatWasNeverAppliedHasNothingToTakeBack(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(5_00, "?", on: "2026-01-21")
        let receipt = try #require(try await shop.receipts().last)
        await refuses("receipt_not_applied") { try await shop.unapply(receipt, on: "2026-01-25") }
    }

    /// The money is gone: there is no application left to take back, and no cash to apply again.
    @Test(arguments: Engine.available) func aReturnedReceiptCannotBeTakenBack(engine: Engine) async throws {
        let shop = try await shop(engine)
        let receipt = try #require(try await shop.receipts().first)
        try await shop.statement("R", [.returned(100_00, e2e: "E1", on: "2026-01-23")])
        await refuses("receipt_not_applied") { try await shop.unapply(receipt, on: "2026-01-25") }
        #expect(try await shop.unapplied() == 0)
        #expect(try await shop.applyCash(on: "2026-01-25").applied == 0)
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        try await shop.proves()
    }

    /// Taken back, applied again, and then returned by the bank.
    @Test(arguments: Engine.available) func aReturnAfterApplyingAgain(engine: Engine) async throws {
        let shop = try await shop(engine)
        let receipt = try #require(try await shop.receipts().first)
        try await shop.unapply(receipt, on: "2026-01-25")
        try await shop.byHand(receipt, of: "C1", [("INV-2026-000001", 100_00)], on: "2026-01-26")
        #expect(try await shop.statement("R", [.returned(100_00, e2e: "E1", on: "2026-01-28")]).returns == 1)
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        #expect(try await shop.unapplied() == 0)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aReturnWhileTheCashIsUnapplied(engine: Engine) async throws {
        let shop = try await shop(engine)
        let receipt = try #require(try await shop.receipts().first)
        try await shop.unapply(receipt, on: "2026-01-25")
        #expect(try await shop.statement("R", [.returned(100_00, e2e: "E1", on: "2026-01-28")]).returns == 1)
        #expect(try await shop.unapplied() == 0)
        #expect(try await shop.applyCash(on: "2026-01-29").applied == 0)
        try await shop.proves()
    }

    /// The month of the payment is closed when it is applied: everything moves to an open day, and can be taken back from there.
    @Test(arguments: Engine.available) func acrossAClosedPeriod(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: [Self.iban])
        try await shop.statement("1", [.credit(70_00, "payment", iban: Self.iban, on: "2026-01-20")])
        try await shop.close(through: "2026-01-31")
        _ = try await shop.invoice("C1", 70_00, on: "2026-02-01")
        try await shop.applyCash(on: "2026-02-05")
        #expect(try await shop.open("INV-2026-000001") == 0)
        try await shop.proves()
        let receipt = try #require(try await shop.receipts().first)
        try await shop.unapply(receipt, on: "2026-02-07")
        #expect(try await shop.unapplied() == 70_00)
        try await shop.proves()
    }

    /// Taking back on a day before the application: nothing is open before it stands.
    @Test(arguments: Engine.available) func aTakingBackDatedBeforeTheApplication(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: [Self.iban])
        try await shop.statement("1", [.credit(70_00, "payment", iban: Self.iban, on: "2026-01-20")])
        _ = try await shop.invoice("C1", 70_00, on: "2026-02-01")
        try await shop.applyCash(on: "2026-02-05")
        let receipt = try #require(try await shop.receipts().first)
        try await shop.unapply(receipt, on: "2026-01-25")
        #expect(try await shop.unapplied() == 70_00)
        try await shop.proves()
    }

    /// A receipt whose customer was known from the start is applied again like any other.
    @Test(arguments: Engine.available) func aKnownCustomersReceiptIsAppliedAgain(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH")
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        try await shop.receive("T1", 100_00, "INV-2026-000001", from: "C1", on: "2026-01-20")
        try await shop.unapply("T1", method: "till", on: "2026-01-21")
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        try await shop.proves()
        try await shop.byHand("T1", method: "till", of: "C1", [("INV-2026-000001", 100_00)], on: "2026-01-22")
        #expect(try await shop.open("INV-2026-000001") == 0)
        #expect(try await shop.queue() == [])
        try await shop.proves()
    }

    /// One receipt over several invoices, over and over: residuals stay exactly zero or whole.
    @Test(arguments: Engine.available) func manyRoundsLeaveNoResidue(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: [Self.iban])
        for gross in [33_33, 33_33, 33_34] as [Int64] { _ = try await shop.invoice("C1", gross, on: "2026-01-05") }
        try await shop.pays(100_00, "INV-2026-000001 INV-2026-000002 INV-2026-000003", on: "2026-01-06")
        let receipt = try #require(try await shop.receipts().first)
        let lines: [(String, Int64)] = [("INV-2026-000001", 33_33), ("INV-2026-000002", 33_33), ("INV-2026-000003", 33_34)]
        for round in 0..<20 {
            try await shop.unapply(receipt, on: Day("2026-01-07") + round)
            #expect(try await shop.balance(.receivables) == 100_00)
            try await shop.byHand(receipt, of: "C1", lines, on: Day("2026-01-07") + round)
            #expect(try await shop.balance(.receivables) == 0)
        }
        try await shop.proves()
    }
}
