import Domain
import Testing

@Suite struct CashDiscountTests {
    private let until = Day("2026-01-15")!

    /// 2 % of 1.25 is 0.03; of the 0.65 that a credit note leaves it is 0.01, though 3 in 125 would make it 0.02.
    @Test func whatIsLeftIsCountedByTheRate() throws {
        let terms = try #require(DiscountTerms(basisPoints: 200, days: 10))
        let discount = try #require(terms.discount(of: Money(minor: 1_25, .eur), issuedOn: until + -10))
        #expect(discount == CashDiscount(minor: 3, until: until))
        #expect(discount.left(afterCredits: 60, of: 1_25, basisPoints: 200) == CashDiscount(minor: 1, until: until))
        #expect(discount.left(afterCredits: 60, of: 1_25, basisPoints: nil) == CashDiscount(minor: 2, until: until))
    }

    @Test func nothingIsLeftOfWhatWasCreditedWhole() {
        let discount = CashDiscount(minor: 3, until: until)
        #expect(discount.left(afterCredits: 0, of: 1_25, basisPoints: nil) == discount)
        #expect(discount.left(afterCredits: 1_25, of: 1_25, basisPoints: 200) == nil)
        #expect(discount.left(afterCredits: 1_24, of: 1_25, basisPoints: 200) == nil, "2 % of 0.01 come to nothing")
    }

    @Test func anOfferSaysRateDayAndAmount() {
        func terms(_ basisPoints: Int64?) -> String {
            DiscountOffer(CashDiscount(minor: 2_00, until: until), of: Money(minor: 100_00, .eur), basisPoints: basisPoints).terms
        }
        #expect(terms(200) == "2 % if paid by 15 Jan 2026: 98.00 EUR")
        #expect(terms(250).hasPrefix("2.5 % if") && terms(205).hasPrefix("2.05 % if"))
        #expect(terms(nil) == "2.00 EUR if paid by 15 Jan 2026: 98.00 EUR")
    }

    @Test(arguments: [
        ("GB33BUKB20201555555555", true), ("GB33BUKB20201555555556", false), ("GB33", false), ("gb33BUKB20201555555555", false),
    ])
    func anIBANHasItsCheckDigits(text: String, isRight: Bool) { #expect((PaymentAccount.fault(iban: text) == nil) == isRight) }

    @Test(arguments: [("BUKBGB22", true), ("BUKBGB22XXX", true), ("BUKBGB2", false), ("12KBGB22", false), ("BUKBGB22xxx", false)])
    func aBICHasItsShape(text: String, isRight: Bool) { #expect((PaymentAccount.fault(bic: text) == nil) == isRight) }
}
