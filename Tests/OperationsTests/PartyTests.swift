import Domain
import Operations
import Store
import TestSupport
import Testing

/// Documents name their parties as they were; letters as they are.
@Suite struct PartyTests {
    private static let wien = PostalAddress(street: "Hauptstr. 1", postalCode: "1010", city: "Wien")
    private static let graz = PostalAddress(street: "Ring 2", postalCode: "8010", city: "Graz")

    private func view(_ number: String, _ shop: Shop) async throws -> DocumentView {
        try #require(try await shop.database.read { try ReadDocument(shop.entity, number: number, on: "2026-01-05").run(in: $0) })
    }

    @Test(arguments: Engine.available) func aDocumentKeepsTheNamesItWasIssuedWith(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH")
        let first = try await shop.invoice("C1", 10_00, on: "2026-01-05")
        try await shop.customer("C1", "Meyer AG", address: Self.wien)
        let second = try await shop.invoice("C1", 20_00, on: "2026-01-06")
        try await shop.customer("C1", "Meyer AG", address: Self.graz)
        let third = try await shop.invoice("C1", 30_00, on: "2026-01-07")
        let buyers = [try await view(first, shop).buyer, try await view(second, shop).buyer, try await view(third, shop).buyer]
        #expect(buyers.map(\.name) == ["Meyer GmbH", "Meyer AG", "Meyer AG"])
        #expect(buyers.map(\.address) == [nil, Self.wien, Self.graz])
        try await shop.proves()
    }

    /// An address that is told later is told of earlier documents too; one that nothing is said of stays.
    @Test(arguments: Engine.available) func anAddressIsAddedAndKept(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH")
        let first = try await shop.invoice("C1", 10_00, on: "2026-01-05")
        try await shop.customer("C1", "Meyer GmbH", address: Self.wien)
        #expect(try await view(first, shop).buyer.address == Self.wien)
        let profile = CustomerProfile(number: "C1", name: "Meyer GmbH", country: "GB", currency: .gbp)
        try await shop.run { _ = try SaveCustomers(shop.entity, [profile], unsaid: ["C1": [.address]]).run(in: $0, at: $1) }
        let kept = try await shop.database.read { try customerProfiles(shop.entity, ["C1"], in: $0)["C1"]?.address }
        #expect(kept == Self.wien)
        #expect(try await shop.number("SELECT count(*) FROM party WHERE entity_id = 1") == 1)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func theSellersDataIsThatOfTheDay(engine: Engine) async throws {
        let shop = try await Shop.open(engine), first = try await shop.invoice("C1", 10_00, on: "2026-01-05")
        #expect(try await view(first, shop).seller == Party(name: "Example Trading Ltd", country: "GB"))
        for _ in 1...2 { try await shop.run { try SaveSeller(shop.entity, CoveredShop.seller).run(in: $0, at: $1) } }
        #expect(try await shop.number("SELECT count(*) FROM party WHERE entity_id = 1") == 1)
        let second = try await shop.invoice("C1", 20_00, on: "2026-01-06")
        var moved = CoveredShop.seller
        moved.account = PaymentAccount(iban: "DE02120300000000202051", bic: nil)
        try await shop.run { [moved] in try SaveSeller(shop.entity, moved).run(in: $0, at: $1) }
        let third = try await shop.invoice("C1", 30_00, on: "2026-01-07")
        let ibans = [
            try await view(first, shop).seller, try await view(second, shop).seller, try await view(third, shop).seller,
        ].map { $0.account?.iban }
        #expect(ibans == ["GB33BUKB20201555555555", "GB33BUKB20201555555555", "DE02120300000000202051"])
        #expect(try await view(second, shop).seller.name == "Example Trading Ltd")
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func lettersSayWhereToPayAndWhatMayBeKept(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.run { try SaveSeller(shop.entity, CoveredShop.seller).run(in: $0, at: $1) }
        try await shop.customer("C1", "Meyer GmbH", email: "ap@meyer.example", discount: DiscountTerms(basisPoints: 200, days: 100))
        let number = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        try await shop.dun(on: "2026-02-20")
        let moment = ReportMoment(shop.entity, asOf: "2026-02-20")
        try await shop.run { _ = try SendStatement(moment, customerNumber: "C1", on: moment.asOf).run(in: $0, at: $1) }
        let letters = try await shop.texts("SELECT payload FROM outbox WHERE entity_id = 1 ORDER BY id")
        #expect(letters.count == 2)
        for letter in letters {
            #expect(
                letter.contains("IBAN GB33 BUKB 2020 1555 5555 55") && letter.contains("12 Orchard Lane") && letter.contains("GB123456789"))
        }
        #expect(letters.last?.contains("\(number): 2 % if paid by 15 Apr 2026: 98.00 GBP") == true)
    }

    /// What Directive 2006/112/EC, article 226, asks for beside names: the day of supply, and VAT by rate with the reason where there is
    /// none.
    @Test(arguments: Engine.available) func aDocumentHasItsSuppliesAndTaxes(engine: Engine) async throws {
        let shop = try await Shop.open(engine, country: "DE", currency: .eur)
        try await shop.customer("W", billing: .weekly, country: "DE")
        try await shop.order("A1", "W", net: 100_00, on: "2026-01-05", country: "DE", currency: .eur)
        try await shop.order("A2", "W", net: 50_00, on: "2026-01-07", country: "US", currency: .eur)
        try await shop.bill(on: "2026-01-12")
        let view = try await view("INV-2026-000001", shop)
        #expect(view.suppliedOn == "2026-01-05"..."2026-01-07")
        #expect(view.taxes.map(\.treatment) == [VATTreatment(.standard, basisPoints: 1900), VATTreatment(.export, basisPoints: 0)])
        #expect(view.taxes.map(\.taxable.minor) == [100_00, 50_00] && view.taxes.map(\.tax.minor) == [19_00, 0])
        let reasons = view.taxes.map { $0.treatment.reason(seller: "DE", on: "2026-01-05") }
        #expect(reasons[0] == nil && reasons[1]?.contains("article 146") == true)
        #expect(VATTreatment(.reverseCharge, basisPoints: 0).reason(seller: "DE", on: "2026-01-05")?.hasPrefix("Reverse charge") == true)
    }
}
