/// A decimal number as files and people write it: `units × 10^-scale`, exact.
///
/// - Bounds: scale 0…9 and |units| < 2^63; text beyond either is refused, never rounded.
package struct DecimalNumber: Hashable, Sendable {
    package let units: Int64
    package let scale: Int

    package init(units: Int64, scale: Int) {
        precondition((0...9).contains(scale))
        (self.units, self.scale) = (units, scale)
    }

    /// - Parameter text: An optional sign, digits, at most one `.`: `12`, `-0.5`, `+8.850`, `.5`. ASCII only; no
    ///   exponent, no grouping.
    package init?(_ text: some StringProtocol) {
        guard
            let number = text.utf8.withContiguousStorageIfAvailable({ Self(utf8: $0) })
                ?? Array(text.utf8).withUnsafeBufferPointer({ Self(utf8: $0) })
        else { return nil }
        self = number
    }

    private init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        var units: Int64 = 0, scale = 0, digits = 0, pointSeen = false, negative = false
        for (at, byte) in text.enumerated() {
            switch byte {
            case UInt8(ascii: "-") where at == 0: negative = true
            case UInt8(ascii: "+") where at == 0: break
            case UInt8(ascii: ".") where !pointSeen: pointSeen = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (tens, over) = units.multipliedReportingOverflow(by: 10)
                let (sum, past) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
                guard !over, !past else { return nil }
                units = sum
                digits += 1
                if pointSeen { scale += 1 }
            default: return nil
            }
        }
        guard digits > 0, scale <= 9 else { return nil }
        self.init(units: negative ? -units : units, scale: scale)
    }

    /// Sign, digits, a point and `scale` decimals: `-0.50`.
    package var text: String {
        let digits = String(units.magnitude), padded = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
        return (units < 0 ? "-" : "") + (scale == 0 ? padded : "\(padded.dropLast(scale)).\(padded.suffix(scale))")
    }

    /// This number in units of `10^-scale`, or nil when it has more decimals than that or does not fit.
    package func units(atScale scale: Int) -> Int64? {
        if scale >= self.scale {
            let (value, over) = units.multipliedReportingOverflow(by: powerOfTen(scale - self.scale))
            return over ? nil : value
        }
        let divisor = powerOfTen(self.scale - scale)
        return units % divisor == 0 ? units / divisor : nil
    }
}

/// 10^exponent for 0…18.
package func powerOfTen(_ exponent: Int) -> Int64 {
    precondition((0...18).contains(exponent))
    return (0..<exponent).reduce(Int64(1)) { power, _ in power * 10 }
}
