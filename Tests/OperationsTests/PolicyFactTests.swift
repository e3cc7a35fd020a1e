import Domain
import Operations
import Store
import TestSupport
import Testing

/// Rules of an installation's own: each certificate's points, limits and margin are held against the text that its version is taken from.
@Suite struct PolicyFactTests {
    private static let iban = "DE02120300000000202051"
    private static let policy = {
        var policy = MatchPolicy.standard
        (policy.weights.reference, policy.weights.iban) = (61, 44)
        (policy.minimumScore, policy.minimumMargin) = (70, 20)
        policy.tolerances.shortMinor = 5_00
        if let at = policy.rows.firstIndex(where: { $0.name == "medium 1" }) { policy.rows[at].action = .propose }
        return policy
    }()

    /// Meyer pays one invoice whole and one 2.00 short.
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer Werkzeuge GmbH", ibans: [Self.iban])
        for gross in [101_10, 62_20] as [Int64] { _ = try await shop.invoice("C1", gross, on: "2026-01-05") }
        try await shop.statement(
            "1",
            [
                .credit(101_10, "INV-2026-000001", iban: Self.iban, on: "2026-01-20", reference: "A"),
                .credit(60_20, "INV-2026-000002", iban: Self.iban, on: "2026-01-20", reference: "B"),
            ])
        let operation = ApplyReceipts(shop.entity, on: "2026-01-20", toleranceMinor: 1_00, policy: Self.policy)
        _ = try await shop.run { try operation.run(in: $0, at: $1) }
        #expect(try await shop.rules() == ["reference_exact", "reference_tolerance"])
        return shop
    }

    @Test(arguments: Engine.available) func pointsAndLimitsAreTheRulesOwn(engine: Engine) async throws {
        let shop = try await shop(engine)
        #expect(try await shop.certified("signal").contains("signal 61 reference whole"))
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 2))
        try await shop.proves()
    }

    /// Each of them would be sound under the rules of every installation, or under none that is known.
    @Test(
        arguments: Engine.available,
        [
            ("signal 61 ", "signal 45 ", "has 45 points, the policy gives 61"), ("margin 20", "margin 15", "the policy wants 20"),
            ("row high ", "row low ", "does not post by the policy"),
            ("limit short_payment 500", "limit short_payment 900", "limit of short_payment 900"),
            ("limit short_payment 500 1000", "limit short_payment 500 900", "limit of short_payment 500"),
            ("limit bank_charge 100", "limit bank_charge 150", "limit of bank_charge 150"),
            ("policy standard ", "policy standard 0", "is not on record"),
        ])
    func whatTheRulesDoNotSayIsFound(engine: Engine, change: (from: String, to: String, fault: String)) async throws {
        let shop = try await shop(engine)
        try await shop.unprotect()
        try await shop.asOwner(
            """
            UPDATE application SET certificate = replace(certificate, \(change.from), \(change.to)) WHERE entity_id = 1
            """)
        let faults = try await shop.verification().faults
        #expect(faults.contains { $0.contains(change.fault) }, "\(faults)")
    }

    /// The version is the text's own: whoever changes the weights of a policy leaves its certificates without one.
    @Test(arguments: Engine.available) func aChangedTextIsNoPolicy(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.unprotect()
        try await shop.asOwner("UPDATE cash_policy_text SET policy = replace(policy, 'reference=61', 'reference=45') WHERE entity_id = 1")
        let faults = try await shop.verification().faults
        #expect(faults.count == 2 && faults.allSatisfy { $0.hasSuffix("is not on record") }, "\(faults)")
    }

    /// Books from before texts were kept: what the certificates say of themselves and of the facts is proven, and their number is told.
    @Test(arguments: Engine.available) func withoutTextsTheirNumberIsTold(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.unprotect()
        try await shop.asOwner("DELETE FROM cash_policy_text WHERE entity_id = 1")
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 2, unweighed: 2))
    }

    /// Rules that are the same are kept once; a receipt that a channel brings is applied by rules on record too.
    @Test(arguments: Engine.available) func rulesAreKeptOnce(engine: Engine) async throws {
        let shop = try await shop(engine)
        _ = try await shop.invoice("C1", 40_00, on: "2026-01-21")
        let receipt = ReceiptIntake(
            method: "till", externalID: "T1", bookedOn: "2026-01-22", amount: Money(minor: 40_00, .gbp),
            customer: try await shop.id(of: "C1"),
            remittance: "INV-2026-000003")
        let operation = RecordReceipts(shop.entity, [receipt], on: "2026-01-22", toleranceMinor: 1_00, policy: Self.policy)
        _ = try await shop.run { try operation.run(in: $0, at: $1) }
        #expect(try await shop.number("SELECT count(*) FROM cash_policy_text WHERE entity_id = 1") == 1)
        var other = Self.policy
        other.weights.account = 43
        _ = try await shop.invoice("C1", 50_00, on: "2026-01-21")
        let next = ReceiptIntake(
            method: "till", externalID: "T2", bookedOn: "2026-01-22", amount: Money(minor: 50_00, .gbp),
            customer: try await shop.id(of: "C1"),
            remittance: "INV-2026-000004")
        let later = RecordReceipts(shop.entity, [next], on: "2026-01-22", policy: other)
        _ = try await shop.run { try later.run(in: $0, at: $1) }
        #expect(try await shop.number("SELECT count(*) FROM cash_policy_text WHERE entity_id = 1") == 2)
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 4))
        try await shop.proves()
    }
}
