import Domain
import Operations
import Store
import TestSupport
import Testing

/// Money that goes back: by the bank's return, or by a person who takes an application back.
@Suite struct ReturnTests {
    private static let iban = "DE02120300000000202051"

    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: [Self.iban])
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        return shop
    }

    @Test(arguments: Engine.available) func aReturnReopensTheInvoice(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(100_00, "INV-2026-000001", iban: Self.iban, e2e: "E1", on: "2026-01-20")
        #expect(try await shop.open("INV-2026-000001") == 0)
        let report = try await shop.statement("R", [.returned(100_00, e2e: "E1", on: "2026-01-23")])
        #expect(report.returns == 1 && report.debits == 0)
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        #expect(try await shop.balance(.bank) == 0)
        #expect(try await shop.balance(.receivables) == 100_00)
        #expect(try await shop.statement("R", [.returned(100_00, e2e: "E1", on: "2026-01-23")]).known == 1)
        #expect(try await shop.balance(.bank) == 0)
        // The days between keep their truth.
        #expect(try await shop.aging(asOf: "2026-01-21")["GBP"] == nil)
        try await shop.pays(100_00, "INV-2026-000001", iban: Self.iban, e2e: "E2", on: "2026-01-27")
        #expect(try await shop.open("INV-2026-000001") == 0)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aReturnOfUnappliedCash(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(55_00, "what for?", e2e: "E1", on: "2026-01-20")
        #expect(try await shop.unapplied() == 55_00)
        #expect(try await shop.statement("R", [.returned(55_00, e2e: "E1", reason: "AC04", on: "2026-01-22")]).returns == 1)
        #expect(try await shop.unapplied() == 0)
        #expect(try await shop.applyCash(on: "2026-01-22") == ApplyReceipts.Report())
        // Nothing is left to decide, so nobody should be asked.
        #expect(try await shop.queue() == [])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aReturnOfAnUnknownReceiptWaitsOnBankClearing(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(100_00, "INV-2026-000001", e2e: "E1", on: "2026-01-20")
        let report = try await shop.statement(
            "R", [.returned(100_00, e2e: "E9", on: "2026-01-23"), .returned(99_00, e2e: "E1", on: "2026-01-23")])
        #expect(report.returns == 0 && report.debits == 2)
        #expect(try await shop.open("INV-2026-000001") == 0)
        #expect(try await shop.balance(.bankClearing) == 199_00)
        try await shop.proves()
    }

    /// A receipt goes back once; a second debit of that id is something a person explains, in the same statement or a later one.
    @Test(arguments: Engine.available, [true, false]) func aReceiptGoesBackOnce(engine: Engine, inOneStatement: Bool) async throws {
        let shop = try await shop(engine)
        try await shop.pays(100_00, "INV-2026-000001", e2e: "E1", on: "2026-01-20")
        let debits: [BankEntry] = [.returned(100_00, e2e: "E1", on: "2026-01-23"), .returned(100_00, e2e: "E1", on: "2026-01-24")]
        var returns = 0
        for statement in inOneStatement ? [debits] : debits.map({ [$0] }) {
            returns += try await shop.statement("R\(statement[0].bookedOn.iso8601)", statement).returns
        }
        #expect(returns == 1)
        #expect(try await shop.balance(.receivables) == 100_00)
        #expect(try await shop.balance(.bankClearing) == 100_00)
        try await shop.proves()
    }

    /// Two receipts under one end-to-end id: two returns take both back.
    @Test(arguments: Engine.available) func twoReceiptsOfOneIDGoBackEach(engine: Engine) async throws {
        let shop = try await shop(engine)
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-06")
        try await shop.pays(100_00, "INV-2026-000001", e2e: "E1", on: "2026-01-20")
        try await shop.pays(100_00, "INV-2026-000002", e2e: "E1", on: "2026-01-21")
        for day in ["2026-01-23", "2026-01-24"] as [Day] {
            #expect(try await shop.statement("R\(day.number)", [.returned(100_00, e2e: "E1", on: day)]).returns == 1)
        }
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        #expect(try await shop.open("INV-2026-000002") == 100_00)
        try await shop.proves()
    }

    /// The charge was granted for a payment that never came: the whole invoice is open again, and no fee was borne.
    @Test(arguments: Engine.available) func aReturnTakesTheToleratedChargeBackToo(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(98_50, "INV-2026-000001", iban: Self.iban, e2e: "E1", on: "2026-01-20", tolerance: 2_00)
        try await shop.statement("R", [.returned(98_50, e2e: "E1", on: "2026-01-23")])
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        #expect(try await shop.balance(.bankFees) == 0)
        try await shop.proves()
    }

    /// The payment was applied to an invoice issued after it, and the bank dates the return in between.
    @Test(arguments: Engine.available) func aReturnDatedBeforeTheApplication(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(33_00, "payment", iban: Self.iban, e2e: "E1", on: "2026-01-20")
        _ = try await shop.invoice("C1", 33_00, on: "2026-01-30")
        #expect(try await shop.applyCash(on: "2026-01-30").applied == 1)
        try await shop.statement("R", [.returned(33_00, e2e: "E1", on: "2026-01-25")])
        #expect(try await shop.open("INV-2026-000002") == 33_00)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aReturnOfACustomersOwnReceipt(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.receive("T1", 100_00, "INV-2026-000001", from: "C1", e2e: "E1", on: "2026-01-20")
        #expect(try await shop.open("INV-2026-000001") == 0)
        #expect(try await shop.statement("R", [.returned(100_00, e2e: "E1", reason: "MD06", on: "2026-02-23")]).returns == 1)
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        #expect(try await shop.balance(.receivables) == 100_00)
        try await shop.proves()
    }

    /// The bank says what it kept: the payer paid the whole invoice, and the charge is ours.
    @Test(arguments: Engine.available) func aStatedChargeIsOurs(engine: Engine) async throws {
        let shop = try await shop(engine)
        var entry = BankEntry.credit(97_00, "INV-2026-000001", iban: Self.iban, e2e: "E1", on: "2026-01-20")
        entry.transactions[0].charges = Money(minor: -3_00, .gbp)
        try await shop.statement("S", [entry])
        #expect(try await shop.applyCash(on: "2026-01-20").applied == 1)
        #expect(try await shop.open("INV-2026-000001") == 0)
        #expect(try await shop.balance(.bank) == 97_00)
        #expect(try await shop.balance(.bankFees) == 3_00)
        try await shop.proves()
    }

    /// What goes back is what was collected; what the bank takes for it is a fee, not the customer's debt.
    @Test(arguments: Engine.available) func aReturnWithItsFee(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(100_00, "INV-2026-000001", iban: Self.iban, e2e: "E1", on: "2026-01-20")
        var known = BankEntry.returned(103_00, e2e: "E1", on: "2026-01-23")
        known.transactions[0].charges = Money(minor: -3_00, .gbp)
        #expect(try await shop.statement("R", [known]).returns == 1)
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        #expect(try await shop.balance(.bank) == -3_00)
        #expect(try await shop.balance(.bankFees) == 3_00)
        var unknown = BankEntry.returned(53_00, e2e: "E2", on: "2026-01-24")
        unknown.transactions[0].charges = Money(minor: -3_00, .gbp)
        #expect(try await shop.statement("R2", [unknown]).debits == 1)
        #expect(try await shop.balance(.bankClearing) == 53_00)
        #expect(try await shop.balance(.bank) == -56_00)
        try await shop.proves()
    }

    /// No end-to-end id: the mandate, or the account, tells the customer, and only one receipt has the amount.
    @Test(arguments: Engine.available, [true, false]) func aReturnThatNamesItsPayerAlone(engine: Engine, byMandate: Bool) async throws {
        let shop = try await shop(engine)
        _ = try await shop.invoice("C1", 60_00, on: "2026-01-06")
        try await shop.pays(100_00, "INV-2026-000001", iban: Self.iban, mandate: "m-1", on: "2026-01-20")
        try await shop.pays(60_00, "INV-2026-000002", iban: Self.iban, mandate: "m-1", on: "2026-01-21")
        func returned(_ minor: Int64, on day: Day) -> BankEntry {
            var entry = BankEntry.returned(minor, e2e: nil, on: day)
            if byMandate { entry.transactions[0].mandateID = "M-1" } else { entry.transactions[0].counterpartyIBAN = Self.iban }
            return entry
        }
        #expect(try await shop.statement("R1", [returned(60_00, on: "2026-01-23")]).returns == 1)
        #expect(try await shop.open("INV-2026-000001") == 0)
        #expect(try await shop.open("INV-2026-000002") == 60_00)
        // The same amount again: the first went back already, and is not taken twice.
        #expect(try await shop.statement("R2", [returned(60_00, on: "2026-01-24")]).returns == 0)
        try await shop.pays(60_00, "INV-2026-000002", iban: Self.iban, mandate: "m-1", on: "2026-01-26")
        _ = try await shop.invoice("C1", 60_00, on: "2026-01-27")
        try await shop.pays(60_00, "INV-2026-000003", iban: Self.iban, mandate: "m-1", on: "2026-01-28")
        // Two receipts have the amount: a person tells which.
        #expect(try await shop.statement("R3", [returned(60_00, on: "2026-01-30")]).returns == 0)
        try await shop.proves()
    }

    /// Receipts and a return in one entry: each is booked by its own sign.
    @Test(arguments: Engine.available) func aReturnAmongReceipts(engine: Engine) async throws {
        let shop = try await shop(engine)
        _ = try await shop.invoice("C1", 80_00, on: "2026-01-06")
        try await shop.pays(100_00, "INV-2026-000001", e2e: "E1", on: "2026-01-20")
        let parts = [("E2", 80_00, nil), ("E1", -100_00, "AM04"), ("E3", 70_00, nil)].map { id, minor, reason in
            BankEntry.Transaction(
                amount: Money(minor: Int64(minor), .gbp), endToEndID: id, counterpartyIBAN: Self.iban,
                remittance: id == "E2" ? "INV-2026-000002" : "", returnReason: reason)
        }
        let report = try await shop.statement("M", [.batch(parts, total: 50_00, on: "2026-01-23")])
        #expect((report.receipts, report.returns, report.debits) == (2, 1, 0))
        #expect(try await shop.applyCash(on: "2026-01-23").applied == 1)
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        #expect(try await shop.open("INV-2026-000002") == 0)
        #expect(try await shop.balance(.bank) == 150_00)
        try await shop.proves()
    }

    /// What an entry's transactions do not agree on is nobody's when it cannot be divided.
    @Test(arguments: Engine.available) func aBatchThatCannotBeDivided(engine: Engine) async throws {
        let shop = try await shop(engine)
        let parts = ["INV-2026-000001", "INV-9"].map { text in
            BankEntry.Transaction(
                counterpartyName: text == "INV-9" ? "Other" : "Meyer GmbH", counterpartyIBAN: text == "INV-9" ? nil : Self.iban)
        }
        #expect(try await shop.statement("M", [.batch(parts, total: 100_00, on: "2026-01-23")]).receipts == 1)
        #expect(try await shop.applyCash(on: "2026-01-23").applied == 0)
        try await shop.proves()
    }

    /// A batch of returns in one debit entry.
    @Test(arguments: Engine.available) func aBatchOfReturns(engine: Engine) async throws {
        let shop = try await shop(engine)
        _ = try await shop.invoice("C1", 60_00, on: "2026-01-06")
        try await shop.pays(100_00, "INV-2026-000001", e2e: "E1", on: "2026-01-20")
        try await shop.pays(60_00, "INV-2026-000002", e2e: "E2", on: "2026-01-20")
        let parts = [("E1", 100_00), ("E2", 60_00)].map { id, minor in
            BankEntry.Transaction(amount: Money(minor: -Int64(minor), .gbp), endToEndID: id, returnReason: "AM04")
        }
        #expect(try await shop.statement("R", [.batch(parts, total: -160_00, on: "2026-01-23")]).returns == 2)
        #expect(try await shop.balance(.receivables) == 160_00)
        try await shop.proves()
    }
}
