import Domain

/// `minor × 10^-exponent` as files write it: `-27.00`.
func decimalText(_ minor: Int128, exponent: Int) -> String {
    let digits = String(minor.magnitude)
    let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count)) + digits
    let sign = minor < 0 ? "-" : ""
    return exponent == 0 ? sign + padded : "\(sign)\(padded.dropLast(exponent)).\(padded.suffix(exponent))"
}

/// As people read it: `−27.00`, with a minus sign.
func readableText(_ minor: Int128, exponent: Int) -> String { decimalText(minor, exponent: exponent).replacing("-", with: "\u{2212}") }

func decimalText(_ minor: Int128, _ currency: Currency) -> String { decimalText(minor, exponent: currency.exponent) }
func readableText(_ minor: Int128, _ currency: Currency) -> String { readableText(minor, exponent: currency.exponent) }
