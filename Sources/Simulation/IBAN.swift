/// The account that a customer pays from: `GB`, check digits, `NWBK601331`, eight digits. No such account need exist.
///
/// Numbers below 50,000,000 are their own accounts; all other customers share the upper half by hash.
package func accountIBAN(of customerNumber: String) -> String {
    let digits = String(account(of: customerNumber))
    let body = "NWBK601331" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
    guard let rest = remainder97("\(body)GB00") else { preconditionFailure("letters and digits only") }
    return "GB\((98 - rest) / 10)\((98 - rest) % 10)\(body)"
}

private func account(of customerNumber: String) -> Int {
    let isNumber = customerNumber.utf8.count <= 8 && customerNumber.utf8.allSatisfy { (48...57).contains($0) }
    if isNumber, let number = Int(customerNumber), number < 50_000_000 { return number }
    var random = SeededRandom(seed: 0, about: customerNumber)
    return random.within(50_000_000...99_999_999)
}

/// Whether country, length and check digits hold. No blanks.
///
/// - Source: ISO 13616-1: two letters, two check digits 02…98, 15 to 34 characters in all; ISO 7064 mod 97-10.
package func isIBAN(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard (15...34).contains(bytes.count), bytes[..<2].allSatisfy({ (65...90).contains($0) }),
        bytes[2..<4].allSatisfy({ (48...57).contains($0) }),
        let check = Int(text.dropFirst(2).prefix(2)), (2...98).contains(check)
    else { return false }
    return remainder97(String(text.dropFirst(4) + text.prefix(4))) == 1
}

/// - Returns: nil for anything but digits and capitals.
private func remainder97(_ text: String) -> Int? {
    var rest = 0
    for byte in text.utf8 {
        switch byte {
        case 48...57: rest = (rest * 10 + Int(byte - 48)) % 97
        case 65...90: rest = (rest * 100 + Int(byte - 55)) % 97
        default: return nil
        }
    }
    return rest
}
