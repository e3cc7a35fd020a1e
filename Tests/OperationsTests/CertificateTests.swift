import Domain
import Operations
import Store
import TestSupport
import Testing

/// Each match carries a certificate that separate code checks against the facts.
@Suite struct CertificateTests {
    private static let iban = "DE02120300000000202051"

    /// One receipt of each kind that is posted without a person, and one that a person answers.
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer Werkzeuge GmbH", ibans: [Self.iban])
        try await shop.customer("C2", "Smith & Sons Ltd.")
        for gross in [101_10, 62_20, 33_30, 48_40] as [Int64] { _ = try await shop.invoice("C1", gross, on: "2026-01-05") }
        try await shop.order("PO-77812", "C2", net: 40_00, on: "2026-01-07", country: "US")
        try await shop.bill(on: "2026-01-07")
        try await shop.pays(40_00, "your order po-77812", on: "2026-01-20")
        try await shop.pays(50_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20")
        try await shop.pays(62_20, "thanks", iban: Self.iban, on: "2026-01-21")
        try await shop.pays(33_30 + 48_40 + 51_10, iban: Self.iban, on: "2026-01-22")
        try await shop.pays(7_77, "?", on: "2026-01-23")
        return shop
    }

    private func report(_ shop: Shop) async throws -> VerifyMatches.Report {
        try await shop.database.read { try VerifyMatches(shop.entity).run(in: $0) }
    }

    @Test(arguments: Engine.available) func everyPostingIsVerified(engine: Engine) async throws {
        let shop = try await shop(engine)
        #expect(try await shop.rules() == ["reference_exact", "reference_part", "payer_amount", "payer_balance"])
        #expect(try await report(shop) == VerifyMatches.Report(verified: 4, manual: 0, faults: []))
        try await shop.proves()
    }

    /// Customers who are kept in their own letters are known by what their bank writes in Latin ones, and the certificates verify.
    @Test(arguments: Engine.available) func aBanksLatinLettersTellThePayer(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let names = [
            ("Müller Werkzeuge GmbH", "MUELLER WERKZEUGE GMBH"), ("Софарма Трейдинг АД", "SOFARMA TREYDING AD"),
            ("Παπαδόπουλος Α.Ε.", "PAPADOPOYLOS AE"), ("Kwiatkowski Sp. z o.o.", "Kwiatkowski SP ZOO"),
        ]
        for (at, name) in names.enumerated() {
            try await shop.customer("C\(at)", name.0)
            _ = try await shop.invoice("C\(at)", 40_10 + Int64(at), on: "2026-01-05")
        }
        for (at, name) in names.enumerated() { try await shop.pays(40_10 + Int64(at), "thank you", from: name.1, on: "2026-01-20") }
        #expect(try await shop.queue() == [])
        #expect(try await shop.rules() == Array(repeating: "payer_amount", count: names.count))
        #expect(try await report(shop) == VerifyMatches.Report(verified: names.count, manual: 0, faults: []))
        try await shop.proves()
    }

    /// What is taken back and applied again keeps both histories, and both verify.
    @Test(arguments: Engine.available) func takingBackKeepsBothHistories(engine: Engine) async throws {
        let shop = try await shop(engine)
        let receipt = try #require(try await shop.receipts().first)
        try await shop.unapply(receipt, on: "2026-01-25")
        let applied = ApplyByHand(
            shop.entity, method: "bank", externalID: receipt, customer: "C2", [.init("INV-2026-000005", Money(minor: 40_00, .gbp))],
            reason: "as it was",
            on: "2026-01-26")
        try await shop.run { try applied.run(in: $0, at: $1) }
        #expect(try await report(shop) == VerifyMatches.Report(verified: 4, manual: 2, faults: []))
        try await shop.proves()
    }

    /// Whoever reaches the database behind the program's back is found, by the certificate alone.
    @Test(arguments: [
        ("UPDATE application SET certificate = replace(certificate, 'rest 0', 'rest 1')", "do not make up"),
        ("UPDATE application SET certificate = replace(certificate, 'line ', 'lime ')", "cannot be read"),
        ("UPDATE application SET certificate = NULL WHERE rule = 'payer_amount'", "without a certificate"),
        ("UPDATE application SET rule = 'reference_over' WHERE rule = 'payer_amount'", "the certificate is of rule payer_amount"),
        ("UPDATE receipt SET remittance = 'nothing'", "does not stand in 'nothing'"),
        ("UPDATE receipt SET remittance = '|' WHERE remittance = 'INV-2026-000001'", "INV-2026-000001 does not stand"),
        ("UPDATE receipt SET payer_iban = 'DE89370400440532013000' WHERE payer_iban IS NOT NULL", "is no account of customer"),
        (
            "UPDATE open_item SET amount_minor = amount_minor + 1 WHERE number = 'INV-2026-000002'",
            "had 6221 open, the certificate says 6220"
        ),
        (
            "UPDATE allocation SET amount_minor = amount_minor - 1 WHERE rule = 'payer_amount'",
            "6219 were allocated, the certificate says 6220"
        ),
        (
            "UPDATE allocation SET debit_item_id = (SELECT id FROM open_item WHERE number = 'INV-2026-000003') WHERE rule = 'payer_amount'",
            "0 were allocated"
        ),
        ("DELETE FROM customer_identity", "is no account of customer"),
    ])
    func tamperingIsFound(statement: String, fault: String) async throws {
        let shop = try await shop(.sqlite)
        for trigger in try await shop.texts("SELECT name FROM sqlite_master WHERE type = 'trigger'") {
            try await shop.sql(SQL(text: "DROP TRIGGER \(trigger)", values: []))
        }
        try await shop.sql(SQL(text: statement, values: []))
        let faults = try await report(shop).faults
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }

    /// A certificate that says its solution is the only one is counted again, another way.
    @Test func aSecondSolutionIsFound() throws {
        func certificate(_ opens: [(Int64, Int64)]) throws -> CertificateReader {
            let items = opens.map { "open \($0.0) \($0.1)" }.joined(separator: "\n")
            return try CertificateReader(
                """
                florin-match-1
                policy standard 0
                cash 300 EUR 2026-01-05
                rule payer_items
                row medium 3
                customer 1
                \(items)
                line 1 100
                line 2 200
                rest 0
                signal 75 all
                margin 15
                unique 2 3 \(opens.map { String($0.0) }.joined(separator: " "))
                """)
        }
        #expect(try certificate([(1, 100), (2, 200), (3, 250)]).contradictions == [])
        #expect(
            try certificate([(1, 100), (2, 200), (3, 300)]).contradictions == ["of 3 items at most 2 add up to the cash in several ways"])
    }
}
