import Domain
import Testing

@Suite struct OrderRuleTests {
    private static let states: [OrderState] = [.held, .confirmed, .billed, .cancelled, .noCharge]
    private static let events: [OrderState.Event] = [.release, .cancel, .bill, .waive]

    /// The whole life of an order; every other pair is refused.
    @Test func onlyTheseStepsArePossible() {
        var steps: [String] = []
        for state in Self.states {
            for event in Self.events {
                if let next = state.after(event) { steps.append("\(state.rawValue) \(event.rawValue) \(next.rawValue)") }
            }
        }
        #expect(
            steps == [
                "held released confirmed", "held cancelled cancelled", "confirmed cancelled cancelled", "confirmed bill billed",
                "confirmed waive no_charge",
            ])
    }

    /// Seller, buyer, day → category and basis points; the buyer has a VAT number of its country.
    @Test(
        arguments: [
            ("GB", "GB", "2026-01-05", "S", 2000), ("GB", "IM", "2026-01-05", "S", 2000), ("GB", "ZZ", "2026-01-05", "S", 2000),
            ("GB", "DE", "2011-03-01", "AE", 0), ("GB", "DE", "2020-12-31", "AE", 0), ("GB", "DE", "2021-01-01", "G", 0),
            ("DE", "GB", "2020-12-31", "AE", 0), ("DE", "GB", "2021-01-01", "G", 0), ("DE", "DE", "2026-01-05", "S", 1900),
            ("DE", "AT", "2026-01-05", "AE", 0), ("DE", "CH", "2026-01-05", "G", 0), ("DE", "US", "2026-01-05", "G", 0),
            ("DE", "HR", "2013-06-30", "G", 0), ("DE", "HR", "2013-07-01", "AE", 0), ("HR", "DE", "2013-06-30", "G", 0),
            ("CH", "DE", "2026-01-05", "G", 0), ("DE", "IM", "2026-01-05", "G", 0), ("FI", "FI", "2026-01-05", "S", 2550),
        ] as [(String, String, String, String, Int64)])
    func treatsASupply(seller: String, buyer: String, day: String, category: String, basisPoints: Int64) throws {
        let day = try #require(Day(day))
        let treatment = try #require(vatTreatment(seller: seller, buyer: buyer, vatNumber: "\(buyer)123456789", on: day))
        #expect(treatment.category.rawValue == category && treatment.basisPoints == basisPoints)
    }

    /// Seller, buyer, VAT number, day → category and basis points.
    @Test(
        arguments: [
            // From 2020 on the number is what frees a supply within the Union from tax; before, the buyer is taken for a business.
            ("DE", "AT", nil, "2019-12-31", "AE", 0), ("DE", "AT", nil, "2020-01-01", "S", 1900),
            ("DE", "AT", "ATU12345678", "2026-01-05", "AE", 0), ("DE", "AT", "PL1234567890", "2026-01-05", "AE", 0),
            ("DE", "AT", "DE123456789", "2026-01-05", "S", 1900), ("DE", "AT", "123456789", "2026-01-05", "S", 1900),
            ("DE", "AT", "CHE123456789", "2026-01-05", "S", 1900), ("DE", "GR", "EL123456789", "2026-01-05", "AE", 0),
            ("GR", "DE", "EL123456789", "2026-01-05", "S", 2400), ("GB", "FR", nil, "2011-03-01", "AE", 0),
            ("GB", "FR", nil, "2020-03-01", "S", 2000), ("GB", "FR", nil, "2026-01-05", "G", 0),
            // Goods for Northern Ireland go within the Union.
            ("DE", "GB", "XI123456789", "2026-01-05", "AE", 0), ("DE", "GB", "GB123456789", "2026-01-05", "G", 0),
            ("DE", "GB", nil, "2026-01-05", "G", 0), ("DE", "US", nil, "2026-01-05", "G", 0), ("DE", "DE", nil, "2026-01-05", "S", 1900),
        ] as [(String, String, String?, String, String, Int64)])
    func asksForAVATNumber(seller: String, buyer: String, number: String?, day: String, category: String, basisPoints: Int64) throws {
        let day = try #require(Day(day))
        let treatment = try #require(vatTreatment(seller: seller, buyer: buyer, vatNumber: number, on: day))
        #expect(treatment.category.rawValue == category && treatment.basisPoints == basisPoints)
    }

    /// Country, day, rate.
    @Test(
        arguments: [
            ("DE", "2020-06-30", 1900), ("DE", "2020-07-01", 1600), ("DE", "2020-12-31", 1600), ("DE", "2021-01-01", 1900),
            ("EE", "2023-12-31", 2000), ("EE", "2024-01-01", 2200), ("EE", "2025-06-30", 2200), ("EE", "2025-07-01", 2400),
            ("FI", "2024-08-31", 2400), ("FI", "2024-09-01", 2550), ("LU", "2022-12-31", 1700), ("LU", "2023-01-01", 1600),
            ("LU", "2024-01-01", 1700), ("RO", "2025-07-31", 1900), ("RO", "2025-08-01", 2100), ("SK", "2024-12-31", 2000),
            ("SK", "2025-01-01", 2300), ("CH", "2023-12-31", 770), ("CH", "2024-01-01", 810), ("GB", "2010-12-01", 2000),
        ] as [(String, String, Int64)])
    func theRateIsTheDays(country: String, day: String, basisPoints: Int64) throws {
        let day = try #require(Day(day)), treatment = vatTreatment(seller: country, buyer: country, vatNumber: nil, on: day)
        #expect(treatment == VATTreatment(.standard, basisPoints: basisPoints))
    }

    @Test(
        arguments: [
            ("UK", "UK is no ISO 3166-1 code; write GB"), ("EL", "EL is no ISO 3166-1 code; write GR"),
            ("XI", "XI is no ISO 3166-1 code; write GB, and XI before the VAT number"),
            ("QQ", "QQ is no ISO 3166-1 code; write two capitals such as GB"),
            ("gb", "gb is no ISO 3166-1 code; write two capitals such as GB"),
            ("", " is no ISO 3166-1 code; write two capitals such as GB"),
            ("GBR", "GBR is no ISO 3166-1 code; write two capitals such as GB"),
            ("GB", nil), ("XX", "XX is no ISO 3166-1 code; write two capitals such as GB"), ("ZZ", nil), ("EU", nil),
        ] as [(String, String?)])
    func aWrongCountryIsToldTheRightOne(code: String, fault: String?) {
        #expect(Country.fault(in: code) == fault)
        #expect(Country.codes.contains(code) == (fault == nil))
    }

    @Test func anUnknownSellersRateIsNotGuessed() throws {
        let day = try #require(Day("2026-01-05"))
        for seller in ["US", "ZZ", "", "XX"] { #expect(vatTreatment(seller: seller, buyer: seller, vatNumber: nil, on: day) == nil) }
    }

    @Test func creditIsCountedOrderByOrder() {
        func eur(_ minor: Int64) -> Money { Money(minor: minor, .eur) }
        var exposure = CreditExposure(limit: eur(100), open: eur(40), confirmed: eur(10))
        #expect(exposure.hold(eur(50)) == nil && exposure.confirmed == eur(60))
        #expect(exposure.hold(eur(1)) == "credit limit 1.00 EUR: 0.40 EUR open + 0.60 EUR confirmed + 0.01 EUR this order = 1.01 EUR")
        #expect(exposure.confirmed == eur(60))
        #expect(exposure.hold(Money(minor: 1, .usd)) == "the credit limit is in EUR, the order in USD")
        var credit = CreditExposure(limit: eur(100), open: eur(-50), confirmed: eur(0))
        #expect(credit.hold(eur(150)) == nil && credit.hold(eur(1)) != nil)
        var back = CreditExposure(limit: eur(100), open: eur(900), confirmed: eur(-420))
        #expect(back.hold(eur(1)) == "credit limit 1.00 EUR: 9.00 EUR open − 4.20 EUR confirmed + 0.01 EUR this order = 4.81 EUR")
        var owing = CreditExposure(limit: eur(100), open: eur(-50), confirmed: eur(0))
        #expect(owing.hold(eur(200)) == "credit limit 1.00 EUR: −0.50 EUR open + 0.00 EUR confirmed + 2.00 EUR this order = 1.50 EUR")
        var none = CreditExposure(limit: eur(0), open: eur(0), confirmed: eur(0))
        #expect(none.hold(eur(0)) == nil && none.hold(eur(1)) != nil)
    }
}
