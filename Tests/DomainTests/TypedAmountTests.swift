import Domain
import Testing

/// An amount means what the person who typed it meant, or nothing.
@Suite struct TypedAmountTests {
    @Test(
        arguments: [
            ("1234.50", 1_234_50), ("1,234.50", 1_234_50), ("1.234,50", 1_234_50), ("1 234,50", 1_234_50), (" 1\u{A0}234.50 ", 1_234_50),
            ("1,50", 1_50), ("12,5", 12_50),
            ("1,234", 1_234_00), ("1,234,567.89", 1_234_567_89), ("1.234.567,89", 1_234_567_89), (".5", 50), (",50", 50), ("0,500", nil),
            ("007.10", 7_10), ("10000000000", 1_000_000_000_000), ("10000000000.01", nil), ("1.234", nil), ("1,2,3", nil), ("1,,2", nil),
            ("1,2.3.4", nil), ("12,34.5", nil), ("1.2,3.4", nil), ("1,234 567", nil), ("5.", nil), ("5,", nil), (".", nil), (",", nil),
            ("", nil), (" ", nil), ("-5", nil), ("1e3", nil), ("١٢", nil), ("99999999999999999", nil),
        ] as [(String, Int64?)])
    func euros(text: String, minor: Int64?) { #expect(TypedAmount(text)?.minor(.eur) == minor) }

    @Test(
        arguments: [
            ("1.234", "KWD", 1_234), ("1,234", "KWD", nil), ("1,2345", "KWD", nil), ("1,5", "KWD", 1_500),
            ("10,500.125", "KWD", 10_500_125),
            ("10,500", "JPY", 10_500), ("10500", "JPY", 10_500), ("0.5", "JPY", nil), ("0,5", "JPY", nil),
        ] as [(String, String, Int64?)])
    func otherDecimals(text: String, code: String, minor: Int64?) throws {
        #expect(TypedAmount(text)?.minor(try #require(Currency(code))) == minor)
    }

    @Test func whatIsSearchedForIsReadInEveryWay() {
        #expect(TypedAmount("10,500")?.minors(exponent: 3) == [10_500_000, 10_500])
        #expect(TypedAmount("10,500")?.minors(exponent: 0) == [10_500])
        #expect(TypedAmount("37.035")?.minors(exponent: 2) == [])
    }
}
