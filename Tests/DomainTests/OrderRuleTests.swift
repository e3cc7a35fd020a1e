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

    /// Seller, buyer, day → category and basis points, or nil.
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
        let day = try #require(Day(day)), treatment = try #require(vatTreatment(seller: seller, buyer: buyer, on: day))
        #expect(treatment.category.rawValue == category && treatment.basisPoints == basisPoints)
    }

    @Test func anUnknownSellersRateIsNotGuessed() throws {
        let day = try #require(Day("2026-01-05"))
        for seller in ["US", "ZZ", "", "XX"] { #expect(vatTreatment(seller: seller, buyer: seller, on: day) == nil) }
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
