/// How a fraction of a minor unit becomes a whole one. Every rounding point names its rule.
package enum Rounding: Sendable {
    /// Half away from zero: tax and line amounts (EN 16931-1, 6.4; commercial rounding).
    case halfAwayFromZero
    /// Half to even: interest and statistics, where many roundings must not drift.
    case halfToEven
    /// Towards zero: nothing is ever granted that was not earned (discounts, part shares).
    case down
}

/// `value × numerator ÷ denominator`, exact in 128 bits and rounded once.
///
/// - Parameter denominator: Above zero.
/// - Returns: nil when the result does not fit 64 bits.
package func scaled(_ value: Int64, by numerator: Int64, over denominator: Int64, _ rounding: Rounding) -> Int64? {
    quotient(Int128(value) * Int128(numerator), Int128(denominator), rounding)
}

/// `dividend ÷ divisor` rounded once; nil when it does not fit 64 bits. `divisor` is above zero.
package func quotient(_ dividend: Int128, _ divisor: Int128, _ rounding: Rounding) -> Int64? {
    precondition(divisor > 0)
    let (whole, rest) = dividend.quotientAndRemainder(dividingBy: divisor)
    let twice = rest.magnitude * 2, half = divisor.magnitude
    let away: Bool =
        switch rounding {
        case .down: false
        case .halfAwayFromZero: twice >= half
        case .halfToEven: twice > half || (twice == half && whole & 1 == 1)
        }
    return Int64(exactly: away ? whole + (dividend < 0 ? -1 : 1) : whole)
}
