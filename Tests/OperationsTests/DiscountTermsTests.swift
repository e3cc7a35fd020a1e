import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct DiscountTermsTests {
    private static let iban = "DE02120300000000202051"

    /// Two per cent within ten days: the invoice says amount and day, a payment by then settles it, a later one leaves the discount open.
    @Test(arguments: Engine.available) func aDiscountIsAgreedBilledAndEarnedByItsDay(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: [Self.iban], discount: DiscountTerms(basisPoints: 200, days: 10))
        try await shop.order("A1", "C1", net: 1_000_00, on: "2026-01-05")
        try await shop.order("A2", "C1", net: 100_00, on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        #expect(try await discount(shop, "INV-2026-000001") == CashDiscount(minor: 24_00, until: "2026-01-15"))
        try await shop.pays(1_176_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-15")
        #expect(try await shop.open("INV-2026-000001") == 0)
        try await shop.pays(117_60, "INV-2026-000002", iban: Self.iban, on: "2026-01-16")
        #expect(try await shop.open("INV-2026-000002") == 2_40)
        #expect(try await shop.rules() == ["reference_discount", "reference_part"])
        try await shop.proves()
    }

    /// What is agreed anew holds from the next invoice on; a customer that is given without terms has none.
    @Test(arguments: Engine.available) func termsEndWithTheNextInvoice(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        for (at, terms) in [DiscountTerms(basisPoints: 300, days: 8), DiscountTerms(basisPoints: 150, days: 14), nil].enumerated() {
            try await shop.customer("C1", "Meyer GmbH", discount: terms)
            try await shop.order("A\(at)", "C1", net: 100_00, on: "2026-01-05")
            try await shop.bill(on: "2026-01-05")
        }
        #expect(try await discount(shop, "INV-2026-000001") == CashDiscount(minor: 3_60, until: "2026-01-13"))
        #expect(try await discount(shop, "INV-2026-000002") == CashDiscount(minor: 1_80, until: "2026-01-19"))
        #expect(try await discount(shop, "INV-2026-000003") == nil)
        try await shop.proves()
    }

    /// 40 of 100 are credited: 2 % of what is left may be kept. What was paid of it in part changes nothing, for the rate is of the price.
    @Test(arguments: Engine.available) func aDiscountFollowsWhatCreditNotesLeave(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: [Self.iban], discount: DiscountTerms(basisPoints: 200, days: 10))
        try await shop.order("A1", "C1", [item("TEA", 10, at: 100_00)], on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        try await shop.cancel("X1", "C1", [item("TEA", -4, at: 100_00)], on: "2026-01-08")
        #expect(try await shop.bill(on: "2026-01-08").cancellationsApplied == 1)
        let number = "INV-2026-000001",
            view = try #require(
                try await shop.database.read { try ReadDocument(shop.entity, number: number, on: "2026-01-08").run(in: $0) })
        #expect(view.discount?.discount == CashDiscount(minor: 24_00, until: "2026-01-15"), "as it was issued")
        #expect(view.discountLeft == CashDiscount(minor: 14_40, until: "2026-01-15"))
        #expect(view.discount?.terms == "2 % if paid by 15 Jan 2026: 1,176.00 GBP")
        try await shop.pays(100_00, number, iban: Self.iban, on: "2026-01-09")
        try await shop.pays(605_60, number, iban: Self.iban, on: "2026-01-15")
        #expect(try await shop.open(number) == 0)
        #expect(try await shop.rules() == ["reference_part", "reference_discount"])
        try await shop.proves()
    }

    /// The amount that was right before the credit note is short now.
    @Test(arguments: Engine.available) func theDiscountOfWhatWasCreditedIsNotEarned(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: [Self.iban], discount: DiscountTerms(basisPoints: 200, days: 10))
        try await shop.order("A1", "C1", [item("TEA", 10, at: 100_00)], on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        try await shop.cancel("X1", "C1", [item("TEA", -4, at: 100_00)], on: "2026-01-08")
        try await shop.bill(on: "2026-01-08")
        try await shop.pays(696_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-15")
        #expect(try await shop.open("INV-2026-000001") == 24_00)
        try await shop.proves()
    }

    private func discount(_ shop: Shop, _ number: String) async throws -> CashDiscount? {
        try await shop.database.read { try ReadDocument(shop.entity, number: number, on: "2026-01-05").run(in: $0)?.discount?.discount }
    }
}
