import Domain
import Testing

@Suite struct MoneyTests {
    @Test(
        arguments: [
            (100_000, .jpy, 1_000_000_000), (1_500_000, .kwd, 15_000_000), (1_000_00, .eur, 10_000_000), (-5, .eur, -500),
            (Money.bound, .jpy, Int64.max), (-Money.bound, .jpy, -Int64.max),
        ] as [(Int64, Currency, Int64)])
    func currenciesAreComparedByTheirMajorUnits(minor: Int64, currency: Currency, counted: Int64) {
        #expect(Money(minor: minor, currency).tenThousandths == counted)
    }

    /// A hundred of one currency waits with the weight of a hundred of another.
    @Test func theQueueComparesMajorUnits() throws {
        let day = try #require(Day("2026-03-01")), euros = queueWeight(Money(minor: 100_00, .eur), bookedOn: day)
        for other in [Money(minor: 100, .jpy), Money(minor: 100_000, .kwd)] {
            // The logarithm is straight between powers of two: up to a twelfth of a doubling off.
            #expect((euros - queueWeight(other, bookedOn: day)).magnitude < 1 << 17)
        }
        #expect(queueWeight(Money(minor: 100_00, .jpy), bookedOn: day) > queueWeight(Money(minor: 9_000_00, .eur), bookedOn: day))
    }

    @Test(
        arguments: [
            (0, "EUR", "0.00 EUR"), (-5, "EUR", "−0.05 EUR"), (999_99, "GBP", "999.99 GBP"), (1_016_03, "EUR", "1,016.03 EUR"),
            (-1_234_567_89, "USD", "−1,234,567.89 USD"), (-100, "JPY", "−100 JPY"), (1_000, "JPY", "1,000 JPY"),
            (1_234_567, "KWD", "1,234.567 KWD"),
        ] as [(Int64, String, String)])
    func peopleReadThousands(minor: Int64, currency: String, text: String) {
        #expect(Money(minor: minor, Currency(currency)!).readable == text)
    }

    @Test(arguments: [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4), ("HUF", 2), ("ISK", 0)])
    func exponents(code: String, exponent: Int) {
        #expect(Currency(code)?.exponent == exponent)
        #expect(Currency(code)?.code == code)
    }

    @Test(arguments: ["", "EU", "EURO", "eur", "XXX", "ÉUR", "E R"])
    func noCurrency(code: String) { #expect(Currency(code) == nil) }

    @Test(
        arguments: [
            // dividend, divisor → half away from zero, half to even, down
            (5, 2, 3, 2, 2), (-5, 2, -3, -2, -2), (7, 2, 4, 4, 3), (-7, 2, -4, -4, -3), (1, 3, 0, 0, 0), (2, 3, 1, 1, 0),
            (-2, 3, -1, -1, 0), (4, 2, 2, 2, 2),
        ] as [(Int64, Int64, Int64, Int64, Int64)])
    func rounds(dividend: Int64, divisor: Int64, away: Int64, even: Int64, down: Int64) {
        #expect(quotient(Int128(dividend), Int128(divisor), .halfAwayFromZero) == away)
        #expect(quotient(Int128(dividend), Int128(divisor), .halfToEven) == even)
        #expect(quotient(Int128(dividend), Int128(divisor), .down) == down)
    }

    @Test func theMiddleOfAProductMayExceed64Bits() {
        #expect(scaled(Money.bound, by: 1_000_000_000, over: 1_000_000_000, .halfToEven) == Money.bound)
        #expect(scaled(.max, by: 2, over: 1, .down) == nil)
    }

    @Test func britishVAT() {
        #expect(Money(minor: 12_34, .gbp).times(Rate(basisPoints: 2000), .halfAwayFromZero).minor == 2_47)
        #expect(Money(minor: -12_34, .gbp).times(Rate(basisPoints: 2000), .halfAwayFromZero).minor == -2_47)
    }

    @Test(
        arguments: [
            (100, [1, 1, 1], [34, 33, 33]), (-100, [1, 1, 1], [-34, -33, -33]), (5, [0, 3, 7], [0, 2, 3]), (0, [1, 2], [0, 0]),
            (1, [5, 5], [1, 0]),
        ] as [(Int64, [Int64], [Int64])])
    func splits(whole: Int64, weights: [Int64], parts: [Int64]) {
        #expect(Money(minor: whole, .eur).split(over: weights).map(\.minor) == parts)
    }

    @Test(arguments: 0..<500) func splittingLosesNoUnit(seed: UInt64) {
        var random = SplitMix64(state: seed)
        let whole = Money(minor: .random(in: -Money.entryBound...Money.entryBound, using: &random), .kwd)
        let weights = (0..<Int.random(in: 1...50, using: &random)).map { _ in Int64.random(in: 1...1_000_000, using: &random) }
        let parts = whole.split(over: weights)
        #expect(parts.total(in: .kwd) == whole)
        let sum = weights.reduce(0, +)
        for (part, weight) in zip(parts, weights) {
            let exact = Int128(whole.minor) * Int128(weight)
            #expect((exact - Int128(part.minor) * Int128(sum)).magnitude <= sum.magnitude)
        }
    }

    @Test(
        arguments: [
            ("12", 12, 0), ("-0.50", -50, 2), ("+8.850", 8850, 3), (".5", 5, 1), ("5.", 5, 0), ("9223372036854775807", .max, 0),
        ] as [(String, Int64, Int)])
    func readsDecimals(text: String, units: Int64, scale: Int) { #expect(DecimalNumber(text) == DecimalNumber(units: units, scale: scale)) }

    @Test(arguments: ["", ".", "-", "1,5", "1e3", "1.2.3", " 1", "١", "9223372036854775808", "0.1234567890", "--1"])
    func refusesDecimals(text: String) { #expect(DecimalNumber(text) == nil) }

    @Test func aFractionOfAMinorUnitIsNeverRoundedAway() {
        #expect(DecimalNumber("8.850")!.units(atScale: 2) == 885)
        #expect(DecimalNumber("8.855")!.units(atScale: 2) == nil)
        #expect(DecimalNumber("8")!.units(atScale: 3) == 8000)
    }
}

/// Seeded, so that a failing seed replays: Steele, Lea & Flood, 2014.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
