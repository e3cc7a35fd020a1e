import Domain
import Operations
import Store
import TestSupport
import Testing

/// One receipt pays documents of several customers: posted within a hierarchy; asked across it, unless an advice pays each to the unit.
@Suite struct HierarchyMatchingTests {
    private static let iban = "DE02120300000000202051"

    /// Group owns North and South; Other stands alone. North owes 100.00 (…1), South 60.00 (…2), Other 40.00 (…3), Group 25.00 (…4).
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        let profiles = [("G", "Group Holding AG", nil), ("N", "North GmbH", "G"), ("S", "South GmbH", "G"), ("O", "Other Ltd", nil)].map {
            CustomerProfile(
                number: $0.0, name: $0.1, country: "GB", currency: .gbp, ibans: $0.0 == "G" ? [Self.iban] : [], parentNumber: $0.2)
        }
        try await shop.run { [entity = shop.entity] tx, now in _ = try SaveCustomers(entity, profiles).run(in: tx, at: now) }
        for (customer, gross) in [("N", 100_00), ("S", 60_00), ("O", 40_00), ("G", 25_00)] as [(String, Int64)] {
            _ = try await shop.invoice(customer, gross, on: "2026-01-05")
        }
        return shop
    }

    private func open(_ shop: Shop) async throws -> [Int64?] {
        var open: [Int64?] = []
        for at in 1...4 { open.append(try await shop.open("INV-2026-00000\(at)")) }
        return open
    }

    /// What each customer's account says, by postings and by open items.
    private func accounts(_ shop: Shop) async throws -> [String] {
        try await shop.texts(
            """
            SELECT c.number || ' ' || CAST((SELECT SUM(p.amount_minor) FROM posting p
                    WHERE p.entity_id = c.entity_id AND p.account = '1200' AND p.customer_id = c.id) AS TEXT) || ' ' ||
                   CAST((SELECT SUM(i.open_minor) FROM open_item i
                    WHERE i.entity_id = c.entity_id AND i.account = '1200' AND i.customer_id = c.id) AS TEXT)
              FROM customer c WHERE c.entity_id = 1 ORDER BY c.number
            """)
    }

    /// The mother pays for two daughters and itself, or a stranger's account does: the documents are named to the unit.
    @Test(arguments: Engine.available, [iban, "CH9300762011623852957"])
    func aParentPaysForItsChildren(engine: Engine, iban: String) async throws {
        let shop = try await shop(engine)
        try await shop.pays(185_00, "INV-2026-000001 INV-2026-000002 INV-2026-000004", iban: iban, on: "2026-01-20")
        #expect(try await shop.rules() == ["reference_hierarchy"])
        #expect(try await open(shop) == [0, 0, 40_00, 0])
        #expect(try await accounts(shop) == ["G 0 0", "N 0 0", "O 4000 4000", "S 0 0"])
        #expect(try await shop.unapplied() == 0)
        #expect(try await shop.certified("member").count == 2)
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
        // Whose the account is, a payment for several does not say.
        let learned: SQL = "SELECT value FROM payer_sighting WHERE entity_id = 1"
        #expect(try await shop.texts(learned) == [])
        try await shop.proves()
    }

    /// The channel knew the mother from the start: its credit goes over to the daughters' accounts.
    @Test(arguments: Engine.available) func anIdentifiedParentPays(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.receive("T1", 185_00, "INV-2026-000001 INV-2026-000002 INV-2026-000004", from: "G", on: "2026-01-20")
        #expect(try await shop.rules() == ["reference_hierarchy"])
        #expect(try await accounts(shop) == ["G 0 0", "N 0 0", "O 4000 4000", "S 0 0"])
        try await shop.receive("T2", 40_00, "INV-2026-000003", from: "O", on: "2026-01-21")
        try await shop.unapply("T1", method: "till", on: "2026-01-22")
        #expect(try await accounts(shop) == ["G -16000 -16000", "N 10000 10000", "O 0 0", "S 6000 6000"])
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 2, manual: 1))
        try await shop.proves()
    }

    /// One child's invoice, paid by the mother whom the channel named: the child's account is settled by postings too.
    @Test(arguments: Engine.available) func anIdentifiedParentPaysForOneChild(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.receive("T1", 100_00, "INV-2026-000001", from: "G", on: "2026-01-20")
        #expect(try await accounts(shop) == ["G 2500 2500", "N 0 0", "O 4000 4000", "S 6000 6000"])
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
        try await shop.proves()
    }

    /// An advice says it line by line, part payments too.
    @Test(arguments: Engine.available) func anAdviceOfAParent(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(130_00, "TR-778899", iban: Self.iban, on: "2026-01-20")
        let told = [Told("INV-2026-000001", 100_00), Told("INV-2026-000002", 30_00)]
        try await shop.advises(shop.advice("TR-778899", of: 130_00, told), on: "2026-01-21")
        #expect(try await shop.rules() == ["remittance_advice"])
        #expect(try await accounts(shop) == ["G 2500 2500", "N 0 0", "O 4000 4000", "S 3000 3000"])
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
        try await shop.proves()
    }

    /// Customers that do not belong together, or a payer who is none of them: a person decides.
    @Test(arguments: Engine.available) func acrossHierarchiesAPersonDecides(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(140_00, "INV-2026-000001 INV-2026-000003", iban: Self.iban, on: "2026-01-20")
        try await shop.customer("X", "Stranger Ltd", ibans: ["GB29NWBK60161331926819"])
        try await shop.pays(160_00, "INV-2026-000001 INV-2026-000002", iban: "GB29NWBK60161331926819", on: "2026-01-20")
        try await shop.pays(140_01, "TR-778899", on: "2026-01-20")
        let told = [Told("INV-2026-000001", 100_00), Told("INV-2026-000003", 40_00), Told("INV-2026-000004", 1)]
        try await shop.advises(shop.advice("TR-778899", of: 140_01, told), on: "2026-01-21")
        #expect(
            try await shop.queue() == [
                "the references name documents of 2 customers", "the references name documents of 2 customers",
                "the advice names documents of customers that do not belong together",
            ])
        #expect(try await open(shop) == [100_00, 60_00, 40_00, 25_00])
        try await shop.proves()
    }

    /// An agency's advice pays the documents of customers that do not belong together, each to the unit.
    @Test(arguments: Engine.available) func anAgencyCollectsForSeveral(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(140_00, "TR-778899", iban: "CH9300762011623852957", on: "2026-01-20")
        let told = [Told("INV-2026-000001", 100_00), Told("INV-2026-000003", 40_00)]
        try await shop.advises(shop.advice("TR-778899", of: 140_00, told), on: "2026-01-21")
        #expect(try await shop.rules() == ["remittance_advice"])
        #expect(try await open(shop) == [0, 60_00, 0, 25_00])
        #expect(try await accounts(shop) == ["G 2500 2500", "N 0 0", "O 0 0", "S 6000 6000"])
        #expect(try await shop.unapplied() == 0)
        #expect(try await shop.certified("member").count == 1)
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
        // The agency's account is none of theirs.
        let learned: SQL = "SELECT value FROM payer_sighting WHERE entity_id = 1"
        #expect(try await shop.texts(learned) == [])
        try await shop.proves()
        let receipt = try #require(try await shop.receipts().first)
        try await shop.unapply(receipt, on: "2026-01-23")
        #expect(try await open(shop) == [100_00, 60_00, 40_00, 25_00])
        #expect(try await accounts(shop) == ["G 2500 2500", "N 10000 10000", "O 4000 4000", "S 6000 6000"])
        #expect(try await shop.unapplied() == 140_00)
        #expect(try await shop.verification().faults == [])
        try await shop.proves()
    }

    /// A part of a document, one named twice, or a payer who belongs to one of the customers: nobody's collection.
    @Test(
        arguments: Engine.available,
        [
            ("CH9300762011623852957", [("1", 100_00), ("3", 39_99)]),
            ("CH9300762011623852957", [("1", 100_00), ("3", 30_00), ("3", 10_00)]),
            (iban, [("1", 100_00), ("3", 40_00)]),
        ] as [(String, [(String, Int64)])])
    func whatIsNoCollectionIsAsked(engine: Engine, paid: (iban: String, lines: [(number: String, minor: Int64)])) async throws {
        let shop = try await shop(engine), sum = paid.lines.reduce(0) { $0 + $1.minor }
        try await shop.pays(sum, "TR-778899", iban: paid.iban, on: "2026-01-20")
        let told = paid.lines.map { Told("INV-2026-00000\($0.number)", $0.minor) }
        try await shop.advises(shop.advice("TR-778899", of: sum, told), on: "2026-01-21")
        #expect(try await shop.queue() == ["the advice names documents of customers that do not belong together"])
        #expect(try await open(shop) == [100_00, 60_00, 40_00, 25_00])
        try await shop.proves()
    }

    /// Less than the sum, or one document too many: nothing is divided by guess.
    @Test(arguments: Engine.available) func anInexactSumIsAsked(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(159_99, "INV-2026-000001 INV-2026-000002", iban: Self.iban, on: "2026-01-20")
        #expect(try await shop.queue() == ["the references name documents of 2 customers"])
        #expect(try await open(shop) == [100_00, 60_00, 40_00, 25_00])
    }

    /// Divided cash that is taken back, or that the bank takes back, is whole again first.
    @Test(arguments: Engine.available, [false, true]) func dividedCashComesTogetherAgain(engine: Engine, byBank: Bool) async throws {
        let shop = try await shop(engine)
        try await shop.pays(160_00, "INV-2026-000001 INV-2026-000002", iban: Self.iban, e2e: "E1", on: "2026-01-20")
        #expect(try await open(shop) == [0, 0, 40_00, 25_00])
        if byBank {
            #expect(try await shop.statement("R", [.returned(160_00, e2e: "E1", on: "2026-01-23")]).returns == 1)
            #expect(try await shop.balance(.bank) == 0)
            #expect(try await shop.unapplied() == 0)
        } else {
            let receipt = try #require(try await shop.receipts().first)
            try await shop.unapply(receipt, on: "2026-01-23")
            #expect(try await shop.unapplied() == 160_00)
            try await shop.byHand(receipt, of: "N", [("INV-2026-000001", 100_00)], on: "2026-01-24")
            #expect(try await shop.open("INV-2026-000001") == 0)
            try await shop.unapply(receipt, on: "2026-01-25")
        }
        #expect(try await open(shop) == [100_00, 60_00, 40_00, 25_00])
        #expect(try await accounts(shop) == ["G 2500 2500", "N 10000 10000", "O 4000 4000", "S 6000 6000"])
        #expect(try await shop.verification().faults == [])
        try await shop.proves()
    }
}
