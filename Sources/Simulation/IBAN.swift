import Domain

/// The account that a customer pays from: `GB`, check digits, `NWBK601331`, eight digits. No such account need exist.
///
/// Numbers below 50,000,000 are their own accounts; all other customers share the upper half by hash.
package func accountIBAN(of customerNumber: String) -> String {
    let digits = String(account(of: customerNumber))
    let body = "NWBK601331" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
    guard let rest = IBAN.remainder97("\(body)GB00") else { preconditionFailure("letters and digits only") }
    return "GB\((98 - rest) / 10)\((98 - rest) % 10)\(body)"
}

private func account(of customerNumber: String) -> Int {
    let isNumber = customerNumber.utf8.count <= 8 && customerNumber.utf8.allSatisfy { (48...57).contains($0) }
    if isNumber, let number = Int(customerNumber), number < 50_000_000 { return number }
    var random = SeededRandom(seed: 0, about: customerNumber)
    return random.within(50_000_000...99_999_999)
}
