/// An amount as a person types it, not knowing its currency yet: `1234.5`, `1,234.50`, `1.234,50`, `1 234,50` and `12,5`.
///
/// Thousands are groups of exactly three digits. Of a point and a comma the later one stands before the decimals; a comma alone does unless
/// it may part thousands, as the desk writes them; a point alone always does.
package struct TypedAmount: Equatable, Sendable {
    /// All digits as one number, 0 to 10^16.
    private let digits: Int64
    /// How many of them are decimals.
    private let decimals: Int
    /// `1,500` may be a thousand and a half where a currency has three decimals.
    private let isUncertain: Bool

    /// - Returns: nil for a text that is no amount.
    package init?(_ text: String) {
        let plain = text.replacing("\u{A0}", with: " ").replacing("\u{202F}", with: " ")
        let bytes = Array(plain.utf8.drop { $0 == 32 }.reversed().drop { $0 == 32 }.reversed())
        let point = UInt8(ascii: "."), comma = UInt8(ascii: ",")
        guard (1...24).contains(bytes.count), bytes.allSatisfy({ (48...57).contains($0) || [point, comma, 32].contains($0) }) else {
            return nil
        }
        let mark = Self.decimalMark(in: bytes), last = mark.flatMap { bytes.lastIndex(of: $0) } ?? bytes.count
        let whole = bytes[..<last], fraction = bytes[min(last + 1, bytes.count)...]
        guard fraction.allSatisfy({ (48...57).contains($0) }), mark == nil || !fraction.isEmpty, !whole.isEmpty || mark != nil,
            Self.isGrouped(whole)
        else { return nil }
        let all = (whole + fraction).filter { (48...57).contains($0) }
        guard !all.isEmpty, all.count <= 16, let digits = Int64(String(decoding: all, as: UTF8.self)) else { return nil }
        (self.digits, decimals) = (digits, fraction.count)
        isUncertain = mark == nil && bytes.count { $0 == comma } == 1 && !bytes.contains(32) && whole.count <= 7
    }

    /// In minor units; nil for more decimals than the currency has, or where a comma may stand for thousands or for its decimals.
    package func minor(_ currency: Currency) -> Int64? {
        guard decimals <= currency.exponent, !(isUncertain && currency.exponent == 3) else { return nil }
        let (minor, isBeyond) = digits.multipliedReportingOverflow(by: powerOfTen(currency.exponent - decimals))
        return isBeyond || minor > Money.entryBound.magnitude ? nil : minor
    }

    /// In minor units of a currency with so many decimals, read in every way that it can be.
    package func minors(exponent: Int) -> [Int64] {
        var ways: [Int64] = []
        for decimals in [decimals] + (isUncertain ? [3] : []) where decimals <= exponent {
            let (minor, isBeyond) = digits.multipliedReportingOverflow(by: powerOfTen(exponent - decimals))
            if !isBeyond, minor <= Money.entryBound.magnitude { ways.append(minor) }
        }
        return ways
    }

    private static func decimalMark(in bytes: [UInt8]) -> UInt8? {
        let point = UInt8(ascii: "."), comma = UInt8(ascii: ",")
        let points = bytes.count { $0 == point }, commas = bytes.count { $0 == comma }
        if let lastPoint = bytes.lastIndex(of: point), let lastComma = bytes.lastIndex(of: comma) {
            return lastPoint > lastComma ? point : comma
        }
        if points == 1 { return point }
        guard commas == 1, let at = bytes.firstIndex(of: comma) else { return nil }
        let mayGroup = bytes.count - at - 1 == 3 && (1...3).contains(at) && bytes.first != UInt8(ascii: "0")
        return mayGroup ? nil : comma
    }

    /// Digits alone, or groups of three behind a first one of one to three, all parted by the same sign.
    private static func isGrouped(_ whole: ArraySlice<UInt8>) -> Bool {
        guard let sign = whole.first(where: { !(48...57).contains($0) }) else { return true }
        let groups = whole.split(separator: sign, omittingEmptySubsequences: false)
        return (1...3).contains(groups[0].count) && groups.dropFirst().allSatisfy { $0.count == 3 }
            && groups.allSatisfy { $0.allSatisfy { (48...57).contains($0) } }
    }
}
