import Domain
import Operations
import Store
import TestSupport
import Testing

/// Accounts, mandates and names by which a payer is known: given, learned, shown, taken away.
@Suite struct PayerIdentityTests {
    private static let iban = "DE02120300000000202051"

    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer Werkzeuge GmbH", mandates: ["MND 2026-17/a"])
        try await shop.customer("C2", "Smith & Sons Ltd.", ibans: [Self.iban])
        for gross in [101_10, 62_20, 33_30] as [Int64] { _ = try await shop.invoice("C1", gross, on: "2026-01-05") }
        return shop
    }

    private func report(_ shop: Shop) async throws -> VerifyMatches.Report {
        try await shop.database.read { try VerifyMatches(shop.entity).run(in: $0) }
    }

    /// `kind value source` of each, with what speaks against it.
    private func identities(_ shop: Shop, of customer: String = "C1") async throws -> [String] {
        try await shop.database.read { tx in
            try CustomerIdentities(shop.entity, customer: customer).run(in: tx).map { line in
                let others = line.others.isEmpty ? "" : " also \(line.others.joined(separator: " "))"
                return
                    "\(line.evidence.rawValue) \(line.value) \(line.source)\(others)\(line.revokedOn.map { " until \($0.iso8601)" } ?? "")"
            }
        }
    }

    private func revoke(_ shop: Shop, _ evidence: PayerEvidence, _ value: String) async throws {
        let operation = RevokeIdentity(shop.entity, evidence, value, of: "C1", role: "clerk", reason: "sold", on: "2026-01-22")
        try await shop.run { try operation.run(in: $0, at: $1) }
    }

    /// A mandate is its customer's, whoever holds the account that is debited, and the certificate is held against it.
    @Test(arguments: Engine.available) func aMandateTellsThePayer(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(
            62_20, "monthly collection", from: "H. Holder", iban: "GB29NWBK60161331926819", mandate: "mnd 2026-17/A", on: "2026-01-20")
        #expect(try await shop.rules() == ["payer_amount"])
        #expect(try await shop.open("INV-2026-000002") == 0)
        let certificate = try #require(try await shop.texts("SELECT certificate FROM application").first)
        #expect(certificate.contains("payer \(try await shop.id(of: "C1").value) mandate\n"), "\(certificate)")
        #expect(try await report(shop) == VerifyMatches.Report(verified: 1, manual: 0, faults: []))
        try await shop.proves()
    }

    /// Meyer pays for Smith, or for the customer with that number: Meyer's own item of the amount is not meant.
    @Test(arguments: Engine.available) func theWordsNameAnotherCustomer(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.customer("10902", "Köhler Garten AG")
        for words in ["i.A. Smith & Sons", "Kundennr. 10902"] {
            try await shop.pays(62_20, words, from: "MEYER WERKZEUGE GMBH", on: "2026-01-20")
        }
        let reason = "no reference, and the words name another customer: "
        #expect(try await shop.queue().sorted() == [reason + "10902", reason + "SMITH SONS"])
        try await shop.pays(33_30, "Meyer Werkzeuge", from: "MEYER WERKZEUGE GMBH", on: "2026-01-21")
        #expect(try await shop.rules() == ["payer_amount"])
        try await shop.proves()
    }

    @Test func aMandateChangedBehindTheProgramIsFound() async throws {
        let shop = try await shop(.sqlite)
        try await shop.pays(62_20, "collection", mandate: "MND2026-17/A", on: "2026-01-20")
        try await shop.sql("DROP TRIGGER receipt_mandate_no_update")
        try await shop.sql("UPDATE receipt_mandate SET mandate_id = 'MND-18'")
        #expect(try await report(shop).faults.contains { $0.contains("MND-18 is no mandate of customer") })
        let proof = try await shop.database.read { try CheckBooks(shop.entity).run(in: $0) }
        #expect(!proof.faults.isEmpty)
    }

    /// One customer's mandate on another's account contradicts itself: a person decides.
    @Test(arguments: Engine.available) func aMandateAgainstTheAccountWaits(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(62_20, "collection", iban: Self.iban, mandate: "MND2026-17/A", on: "2026-01-20")
        #expect(try await shop.queue() == ["the payer may be several customers"])
    }

    /// A mandate that settled a customer's invoices twice by reference tells the payer the third time.
    @Test(arguments: Engine.available) func aMandateIsLearned(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(101_10, "INV-2026-000001", from: "H. Holder", mandate: "M-99", on: "2026-01-20")
        try await shop.pays(62_20, "INV-2026-000002", from: "Holder & Co", mandate: "M-99", on: "2026-01-21")
        #expect(try await identities(shop).contains("mandate M-99 receipt"))
        try await shop.pays(33_30, "collection", from: "Somebody else", mandate: "M-99", on: "2026-01-22")
        #expect(try await shop.rules().last == "payer_amount")
        #expect(try await report(shop).faults == [])
        try await shop.proves()
    }

    /// What is taken away is not used, not learned again and not brought back by a file, until a person gives it again.
    @Test(arguments: Engine.available) func whatIsTakenAwayStaysAway(engine: Engine) async throws {
        let shop = try await shop(engine)
        #expect(try await identities(shop) == ["mandate MND2026-17/A master", "name MEYERWERKZEUGE master"])
        try await revoke(shop, .mandate, "mnd 2026-17/a")
        #expect(try await identities(shop).last == "mandate MND2026-17/A person until 2026-01-22")
        await #expect(throws: IdentityRefusal.self) { try await revoke(shop, .mandate, "MND2026-17/A") }
        for (gross, number) in [(101_10, "INV-2026-000001"), (62_20, "INV-2026-000002")] as [(Int64, String)] {
            try await shop.pays(gross, number, from: "Meyer Werkzeuge", mandate: "MND2026-17/A", on: "2026-01-23")
        }
        try await shop.customer("C1", "Meyer Werkzeuge GmbH", mandates: ["MND 2026-17/a"])
        try await shop.pays(33_30, "collection", mandate: "MND2026-17/A", on: "2026-01-24")
        #expect(try await shop.queue() == ["no reference found and the payer is not known"])
        try await shop.run { try GiveIdentity(shop.entity, .mandate, "MND 2026-17/a", of: "C1").run(in: $0, at: $1) }
        await #expect(throws: IdentityRefusal.self) {
            try await shop.run { try GiveIdentity(shop.entity, .mandate, "MND2026-17/A", of: "C1").run(in: $0, at: $1) }
        }
        #expect(try await identities(shop).first == "mandate MND2026-17/A person")
        try await shop.applyCash(on: "2026-01-25")
        #expect(try await shop.queue() == [])
        #expect(try await shop.rules().last == "payer_amount")
        #expect(try await report(shop).faults == [])
        try await shop.proves()
    }

    /// One that stands for two customers says so on the page of each.
    @Test(arguments: Engine.available) func aSharedIdentityNamesTheOthers(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.customer("C3", "Holding AG", ibans: [Self.iban])
        #expect(try await identities(shop, of: "C3").first == "iban \(Self.iban) master also C2")
    }
}
