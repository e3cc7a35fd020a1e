/// Who sells or buys, as a document names it.
///
/// - Source: EN 16931-1 BG-4 (seller) and BG-7 (buyer); Directive 2006/112/EC, article 226 (3) to (5).
package struct Party: Equatable, Sendable {
    package var name: String
    /// ISO 3166-1 alpha-2.
    package var country: String
    package var vatNumber: String?
    package var address: PostalAddress?
    /// Where the seller is registered, as its law wants it on letters: `Companies House 01234567`.
    package var registration: String?
    /// Where the seller is paid.
    package var account: PaymentAccount?

    package init(
        name: String, country: String, vatNumber: String? = nil, address: PostalAddress? = nil, registration: String? = nil,
        account: PaymentAccount? = nil
    ) {
        (self.name, self.country, self.vatNumber) = (name, country, vatNumber)
        (self.address, self.registration, self.account) = (address, registration, account)
    }

    /// What stands at the foot of a letter.
    package var signature: String {
        var lines = [name] + (address.map { $0.lines + [country] } ?? [])
        if let registration { lines.append(registration) }
        if let vatNumber { lines.append("VAT number \(vatNumber)") }
        return lines.joined(separator: "\n")
    }
}

/// Where mail reaches somebody; the country stands beside it.
///
/// - Bounds: Each part is one line of 1 to 100 characters; at least one part is there.
/// - Source: EN 16931-1 BT-35, BT-37, BT-38 (seller) and BT-50, BT-52, BT-53 (buyer).
package struct PostalAddress: Hashable, Sendable {
    package static let partLimit = 100
    package let street, postalCode, city: String?

    /// - Returns: nil when there is no part.
    package init?(street: String?, postalCode: String?, city: String?) {
        guard street != nil || postalCode != nil || city != nil else { return nil }
        (self.street, self.postalCode, self.city) = (street, postalCode, city)
    }

    /// As an envelope has them.
    package var lines: [String] {
        let place = [postalCode, city].compactMap(\.self).joined(separator: " ")
        return [street, place.isEmpty ? nil : place].compactMap(\.self)
    }
}

/// The account that a payer is to pay to.
///
/// - Source: EN 16931-1 BG-17: BT-84 (ISO 13616) and BT-86 (ISO 9362).
package struct PaymentAccount: Equatable, Sendable {
    /// Without blanks.
    package let iban: String
    package let bic: String?
    package init(iban: String, bic: String?) { (self.iban, self.bic) = (iban, bic) }

    /// In a letter: whom to pay, and where.
    package func request(to name: String) -> String {
        "Pay to:\n  \(name)\n  IBAN \(grouped(iban))" + (bic.map { "\n  BIC \($0)" } ?? "")
    }

    /// What is wrong with an IBAN; nil when nothing is.
    package static func fault(iban text: String) -> String? {
        IBAN.fault(in: text).map { _ in "\(text) is no IBAN: write it as on a bank statement, such as GB33BUKB20201555555555" }
    }

    /// What is wrong with a BIC; nil when nothing is.
    package static func fault(bic text: String) -> String? {
        let bytes = Array(text.utf8), isLetter = bytes.prefix(6).allSatisfy { (65...90).contains($0) }
        let isWord = bytes.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
        return [8, 11].contains(bytes.count) && isLetter && isWord
            ? nil : "\(text) is no BIC: write 8 or 11 letters and digits, such as BUKBGB22"
    }
}

/// An IBAN in groups of four, as it is printed; anything else as it is.
package func grouped(_ account: String) -> String {
    guard account.utf8.count >= 15, account.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) }) else { return account }
    var groups: [Substring] = [], rest = account[...]
    while !rest.isEmpty {
        groups.append(rest.prefix(4))
        rest = rest.dropFirst(4)
    }
    return groups.joined(separator: " ")
}
