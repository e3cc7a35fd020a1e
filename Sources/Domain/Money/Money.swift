/// An exact amount of one currency.
///
/// - Units: `minor` counts ISO 4217 minor units: EUR 12.34 is 1234, JPY 1234 is 1234, KWD 1.234 is 1234.
/// - Bounds: |minor| ≤ 10^18 for sums, or this traps; books refuse what would pass it. Entry points refuse above 10^12 (EUR ten billion).
/// - Errors: mixing currencies traps: a programmer error, never input; decoding refuses it first.
/// - Source: ISO 4217; EN 16931-1 BT-5.
package struct Money: Hashable, Sendable {
    package let minor: Int64
    package let currency: Currency

    package static let bound: Int64 = 1_000_000_000_000_000_000
    /// The largest amount that a file, a request or a person may enter.
    package static let entryBound: Int64 = 1_000_000_000_000

    package init(minor: Int64, _ currency: Currency) {
        precondition(minor.magnitude <= Self.bound.magnitude, "amount out of bounds")
        self.minor = minor
        self.currency = currency
    }

    package static func zero(_ currency: Currency) -> Money { Money(minor: 0, currency) }

    package static func + (left: Money, right: Money) -> Money {
        precondition(left.currency == right.currency, "two currencies in one sum")
        return Money(minor: left.minor + right.minor, left.currency)
    }

    package static func - (left: Money, right: Money) -> Money { left + -right }
    package static prefix func - (money: Money) -> Money { Money(minor: -money.minor, money.currency) }

    /// The share `numerator ÷ denominator` of this amount.
    package func times(_ rate: Rate, _ rounding: Rounding) -> Money {
        guard let minor = scaled(minor, by: rate.numerator, over: rate.denominator, rounding) else {
            preconditionFailure("amount out of bounds")
        }
        return Money(minor: minor, currency)
    }
}

extension Money: Comparable {
    package static func < (left: Money, right: Money) -> Bool {
        precondition(left.currency == right.currency, "two currencies in one comparison")
        return left.minor < right.minor
    }
}

extension Money {
    /// What it counts in a list of several currencies, where no rate is known: by what people read, not by minor units.
    ///
    /// - Units: ten-thousandths of the major unit; what would pass `Int64` counts as its largest.
    package var tenThousandths: Int64 {
        let (value, isBeyond) = minor.multipliedReportingOverflow(by: currency.minorTenThousandths)
        return isBeyond || value == .min ? (minor > 0 ? Int64.max : -Int64.max) : value
    }
}

extension Sequence<Money> {
    /// The sum, or zero `currency` when empty: an empty list has no currency of its own.
    package func total(in currency: Currency) -> Money { reduce(.zero(currency), +) }
}

extension Money {
    /// Splits this amount over parts in proportion to `weights` without losing a unit.
    ///
    /// Each part gets its share rounded towards zero; the units left over go one each to the largest remainders, ties
    /// to the earlier part (Hare quota).
    /// - Parameter weights: None negative, not all zero.
    package func split(over weights: [Int64]) -> [Money] {
        let whole = weights.reduce(Int128(0)) { $0 + Int128($1) }
        precondition(whole > 0 && weights.allSatisfy { $0 >= 0 })
        var parts: [Int64] = [], remainders: [(rest: UInt128, at: Int)] = []
        for (at, weight) in weights.enumerated() {
            let (share, rest) = (Int128(minor) * Int128(weight)).quotientAndRemainder(dividingBy: whole)
            parts.append(Int64(share))
            remainders.append((rest.magnitude, at))
        }
        let left = minor - parts.reduce(0, +)
        remainders.sort { ($1.rest, $0.at) < ($0.rest, $1.at) }
        for (_, at) in remainders.prefix(Int(left.magnitude)) { parts[at] += left.signum() }
        return parts.map { Money(minor: $0, currency) }
    }
}

extension Money {
    /// The amount as files write it: sign, digits, a point and the currency's decimals, no grouping: `-1234.50`.
    package var decimal: String { written(isReadable: false) }

    /// The amount as people read it: thousands grouped by a comma, then the currency: `1,234.50 EUR`; below zero with a minus sign
    /// (U+2212).
    package var readable: String { written(isReadable: true) }

    /// U+2212 in UTF-8, its last byte first.
    private static let minusSign: [UInt8] = [0x92, 0x88, 0xE2]

    /// Certificates and reports write millions of amounts: each is put together from its end, in place.
    private func written(isReadable: Bool) -> String {
        // Nineteen digits, a sign of three bytes, a point, six commas, a blank and a code at most.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { buffer in
            var at = buffer.count, left = minor.magnitude, count = 0
            func put(_ byte: UInt8) {
                at -= 1
                buffer[at] = byte
            }
            if isReadable {
                for letter in [2, 1, 0] { put(currency.letter(letter)) }
                put(UInt8(ascii: " "))
            }
            let exponent = currency.exponent
            while left > 0 || count <= exponent {
                if count == exponent, exponent > 0 { put(UInt8(ascii: ".")) }
                if isReadable, count > exponent, (count - exponent).isMultiple(of: 3) { put(UInt8(ascii: ",")) }
                put(UInt8(ascii: "0") + UInt8(left % 10))
                left /= 10
                count += 1
            }
            if minor < 0 { for byte in isReadable ? Self.minusSign : [UInt8(ascii: "-")] { put(byte) } }
            return String(decoding: UnsafeBufferPointer(rebasing: buffer[at...]), as: UTF8.self)
        }
    }
}

/// A count with its noun: `1 order`, `1,200 orders`.
package func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(grouped(count)) \(count == 1 ? one : many ?? one + "s")"
}

/// A count as people read it: 12345 as `12,345`.
package func grouped(_ count: Int) -> String {
    var digits = String(count.magnitude), groups = ""
    while digits.count > 3 {
        groups = "," + digits.suffix(3) + groups
        digits.removeLast(3)
    }
    return (count < 0 ? "\u{2212}" : "") + digits + groups
}
