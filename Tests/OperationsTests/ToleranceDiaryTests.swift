import Domain
import Operations
import Store
import TestSupport
import Testing

/// Typed differences through the books: each on its own account, stated on the certificate, proven again by the verification.
@Suite struct ToleranceDiaryTests {
    private static let iban = Shop.meyerIBAN

    private func policy(
        _ policy: MatchPolicy = .standard, short: Int64 = 0, rates: [Int64] = [], of base: Tolerances.Withholding.Base = .gross
    ) -> MatchPolicy {
        var policy = policy
        policy.tolerances.shortMinor = short
        policy.tolerances.withholding = .init(rates: rates, of: base)
        return policy
    }

    private func pays(_ minor: Int64, _ text: String, _ shop: Shop, tolerance: Int64 = 0, _ policy: MatchPolicy) async throws {
        let entry = BankEntry.credit(
            minor, text, iban: Self.iban, on: "2026-01-20", reference: "B\(shop.tick().microseconds)", in: shop.currency)
        try await shop.statement("S\(shop.tick().microseconds)", [entry])
        let operation = ApplyReceipts(shop.entity, on: "2026-01-20", toleranceMinor: tolerance, policy: policy)
        _ = try await shop.run { try operation.run(in: $0, at: $1) }
    }

    private func verifies(_ shop: Shop, _ count: Int, _ location: SourceLocation = #_sourceLocation) async throws {
        #expect(try await shop.verification() == VerifyMatches.Report(verified: count), sourceLocation: location)
        try await shop.proves(location)
    }

    @Test(arguments: Engine.available) func taxThatIsWithheldIsOwedByTheState(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [100_00, 60_00, 80_00]), policy = policy(rates: [500, 1_000])
        try await pays(144_00, "INV-2026-000001, INV-2026-000002 less 10% WHT", shop, policy)
        try await pays(75_99, "INV-2026-000003", shop, policy)
        #expect(try await shop.rules() == ["reference_tolerance", "reference_part"])
        #expect(try await shop.open("INV-2026-000001") == 0)
        #expect(try await shop.open("INV-2026-000002") == 0)
        #expect(try await shop.open("INV-2026-000003") == 4_01)
        #expect(try await shop.balance(.withholdingTax) == 16_00)
        #expect(try await shop.balance(.receivables) == 4_01)
        try await verifies(shop, 2)
    }

    /// The rate is of the net amount: 10 % of 100.00, of 120.00 with tax. The tax that was invoiced stays owed.
    @Test(arguments: Engine.available) func taxOfTheNetAmount(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, []), policy = policy(rates: [1_000], of: .net)
        for id in ["A", "B"] { try await shop.order(id, "C1", net: 100_00, on: "2026-01-05") }
        try await shop.bill(on: "2026-01-05")
        #expect(try await shop.open("INV-2026-000001") == 120_00)
        try await pays(110_00, "INV-2026-000001", shop, policy)
        try await pays(108_00, "INV-2026-000002", shop, policy)
        #expect(try await shop.rules() == ["reference_tolerance", "reference_part"])
        #expect(try await shop.balance(.withholdingTax) == 10_00)
        #expect(try await shop.balance(.outputVAT) == -40_00)
        try await verifies(shop, 2)
    }

    /// Exactly the limit is given up, a unit more stays open; what is taken back is owed again, and the loss with it.
    @Test(arguments: Engine.available) func aShortPaymentIsGivenUpWithinItsLimit(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [100_00, 100_00]), policy = policy(short: 5_00)
        try await pays(95_00, "INV-2026-000001", shop, policy)
        try await pays(94_99, "INV-2026-000002", shop, policy)
        #expect(try await shop.rules() == ["reference_tolerance", "reference_part"])
        #expect(try await shop.open("INV-2026-000001") == 0)
        #expect(try await shop.open("INV-2026-000002") == 5_01)
        #expect(try await shop.balance(.shortPayments) == 5_00)
        #expect(try await shop.certified("limit") == [])
        try await verifies(shop, 2)
        try await shop.unapply(try #require(try await shop.receipts().first), on: "2026-01-25")
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        #expect(try await shop.balance(.shortPayments) == 0)
        try await shop.proves()
    }

    /// Two limits that both hold explain nothing: the receipt waits, and nothing is booked.
    @Test(arguments: Engine.available) func twoDifferencesThatFitWait(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [100_00]), policy = policy(short: 10_00, rates: [500])
        try await pays(95_00, "INV-2026-000001", shop, tolerance: 2_00, policy)
        let limits = "within the tolerance of short payments or tax withheld at 5 % of the gross amount"
        #expect(try await shop.queue() == ["5.00 GBP less than is named, which may be \(limits)"])
        #expect(try await shop.candidates() == ["C1 INV-2026-000001 9500: named as INV-2026-000001"])
        for account in [Account.shortPayments, .withholdingTax, .bankFees] { #expect(try await shop.balance(account) == 0) }
        try await verifies(shop, 0)
    }

    /// `strict` posts a rate only when the words say that tax is withheld.
    @Test(arguments: Engine.available) func strictPostsWhatIsSaid(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [100_00, 100_00]), policy = policy(.strict, rates: [1_500])
        try await pays(85_00, "INV-2026-000001", shop, policy)
        try await pays(85_00, "INV-2026-000002 withholding tax 15%", shop, policy)
        #expect(
            try await shop.queue() == [
                "15.00 GBP less than is named: tax withheld at 15 % of the gross amount, if it is not a part payment"
            ])
        #expect(try await shop.rules() == ["reference_tolerance"])
        #expect(try await shop.certified("withholding") == ["withholding gross 1500"])
        #expect(try await shop.balance(.withholdingTax) == 15_00)
        try await verifies(shop, 1)
    }

    /// Limits count hundredths of a unit in every currency.
    @Test(arguments: Engine.available) func limitsScaleWithTheCurrency(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [1_000_00, 1_000_00], currency: .jpy), policy = policy(short: 5_00)
        try await pays(995, "INV-2026-000001", shop, policy)
        try await pays(994, "INV-2026-000002", shop, policy)
        #expect(try await shop.open("INV-2026-000001") == 0)
        #expect(try await shop.open("INV-2026-000002") == 6)
        #expect(try await shop.balance(.shortPayments) == 5)
        try await verifies(shop, 2)
    }

    /// A limit, a base, an account or a kind that was changed is found without the engine.
    @Test(arguments: [
        (
            "certificate = replace(certificate, 'limit short_payment 500', 'limit short_payment 300')",
            "the difference is none, booked as short_payment"
        ),
        ("certificate = replace(certificate, 'limit short_payment 500 1000', 'limit bank_charge 500 1000')", "by its limits"),
        ("certificate = replace(certificate, 'adjust short_payment', 'adjust bank_charge')", "booked as bank_charge"),
        ("certificate = replace(certificate, 'limit rounding 1 1000', 'limit bank_charge 500 1000')", "is bank_charge or short_payment"),
    ])
    func aChangedLimitIsFound(change: String, fault: String) async throws {
        let shop = try await Shop.owed(.sqlite, [100_00])
        try await pays(95_50, "INV-2026-000001", shop, policy(short: 5_00))
        #expect(try await shop.certified("limit") == ["limit rounding 1 1000", "limit short_payment 500 1000"])
        try await shop.unprotect()
        try await shop.asOwner(SQL(text: "UPDATE application SET \(change) WHERE entity_id = 1", values: []))
        let faults = try await shop.verification().faults
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }

    @Test(arguments: [
        ("UPDATE posting SET account = '6000' WHERE entity_id = 1 AND account = '1300'", "its withholding is booked to account 6000"),
        ("UPDATE invoice SET net_minor = net_minor - 1, tax_minor = tax_minor + 1 WHERE entity_id = 1", "which is not its amount"),
        (
            "UPDATE application SET certificate = replace(certificate, 'base ', 'base 1') WHERE entity_id = 1",
            "of an item that is not settled"
        ),
    ])
    func aChangedFactIsFound(statement: String, fault: String) async throws {
        let shop = try await Shop.owed(.sqlite, [])
        try await shop.order("A", "C1", net: 100_00, on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        try await pays(110_00, "INV-2026-000001", shop, policy(rates: [1_000], of: .net))
        try await shop.unprotect()
        try await shop.asOwner(SQL(text: statement, values: []))
        let faults = try await shop.verification().faults
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }

    /// The page and the report say each limit with its account.
    @Test func theRulesSayEachLimit() {
        let notes = CashRules(policy(short: 5_00, rates: [500, 1_050], of: .net), toleranceMinor: 2_00).table.notes
        #expect(notes.contains("Withholding tax: 5 %, 10.5 % of the net amount, to 1300 Withholding tax receivable."))
        #expect(notes.contains("Short payment: at most 500 hundredths and 10 % of what is named, to 6150 Short payments."))
        #expect(notes.contains("Bank charge: at most 200 hundredths and 10 % of what is named, to 6000 Bank fees."))
        #expect(notes.contains("Rounding: at most 1 minor units and 10 % of what is named, to 6300 Rounding differences."))
        let off = CashRules(.standard, toleranceMinor: 0).table.notes
        #expect(off.contains("Withholding tax: never.") && off.contains("Short payment: never.") && off.contains("Bank charge: never."))
    }
}
