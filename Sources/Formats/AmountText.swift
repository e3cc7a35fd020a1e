import Domain

/// The number of a text whose decimals follow a comma or a point, whichever comes last; blanks, apostrophes and the other mark
/// before it set thousands apart. A sign may stand at either end.
///
/// - Returns: nil for what is no number. `1,234` is 1.234: a single mark always stands before decimals.
func decimalNumber(_ text: some StringProtocol) -> DecimalNumber? {
    var bytes = text.utf8.filter { !$0.isBlank && $0 != UInt8(ascii: "'") }
    if let last = bytes.last, last == UInt8(ascii: "-") || last == UInt8(ascii: "+") {
        bytes.removeLast()
        bytes.insert(last, at: 0)
    }
    let comma = UInt8(ascii: ","), point = UInt8(ascii: ".")
    let mark = bytes.last { $0 == comma || $0 == point }
    let markCount = bytes.count { $0 == mark }
    guard bytes.contains(where: \.isDigit) else { return nil }
    // A mark that comes twice sets thousands apart.
    let plain = bytes.compactMap { byte -> UInt8? in
        guard byte == comma || byte == point else { return byte }
        return byte == mark && markCount == 1 ? point : nil
    }
    return DecimalNumber(String(decoding: plain, as: UTF8.self))
}

/// Whole minor units, more decimals than the currency has rounded half away from zero.
///
/// - Returns: nil above `bound`.
func minorUnits(_ number: DecimalNumber, in currency: Currency, upTo bound: Int64) -> (minor: Int64, isExact: Bool)? {
    let exact = number.units(atScale: currency.exponent)
    let rounded =
        exact == nil && number.scale > currency.exponent
        ? quotient(Int128(number.units), Int128(powerOfTen(number.scale - currency.exponent)), .halfAwayFromZero) : exact
    guard let minor = rounded, minor.magnitude <= bound.magnitude else { return nil }
    return (minor, exact != nil)
}

/// Two letters, two digits, up to 30 letters and digits (ISO 13616).
func isIBAN(_ number: String) -> Bool {
    let bytes = Array(number.utf8)
    func isCapital(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
    return (5...34).contains(bytes.count) && bytes.prefix(2).allSatisfy(isCapital) && bytes[2].isDigit && bytes[3].isDigit
        && bytes.allSatisfy { isCapital($0) || $0.isDigit }
}
