/// International bank account numbers: what is wrong with one, and those that a text lists.
///
/// - Source: ISO 13616-1: country, two check digits 02…98, 15 to 34 capitals and digits in all; ISO 7064 mod 97-10; lengths of the
///   registry.
package enum IBAN {
    /// What is wrong with an account that is written as an IBAN, and what to do; nil when nothing is. No blanks.
    package static func fault(in account: String) -> String? {
        let country = String(account.prefix(2)), count = account.utf8.count
        if let length = lengths[country], length != count {
            return "\(account) has \(count) characters, an IBAN of \(country) has \(length): \(wayForward)"
        }
        return isValid(account) ? nil : "\(account) has wrong check digits, a character may be mistyped: \(wayForward)"
    }

    private static let wayForward = "read it again from a bank statement or the mandate, or ask the payer"

    /// Whether characters, length and check digits hold. No blanks.
    package static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (15...34).contains(bytes.count), isBegun(text), let check = Int(text.dropFirst(2).prefix(2)), (2...98).contains(check) else {
            return false
        }
        return remainder97(String(text.dropFirst(4) + text.prefix(4))) == 1
    }

    /// Whether it begins as an IBAN does: two capitals and two digits.
    package static func isBegun(_ text: String) -> Bool {
        let head = Array(text.utf8.prefix(4))
        return head.count == 4 && head[..<2].allSatisfy { (65...90).contains($0) } && head[2...].allSatisfy { (48...57).contains($0) }
    }

    /// The accounts of a text, split by blanks; an IBAN may stand in groups of up to four.
    ///
    /// - Returns: Without blanks, IBANs in capitals; what does not begin as an IBAN as it is, for some banks have none.
    package static func accounts(in text: String) -> [String] {
        let pieces = text.split(whereSeparator: \.isWhitespace).map(String.init)
        var accounts: [String] = [], at = 0
        while at < pieces.count {
            var account = pieces[at].uppercased()
            guard isBegun(account) else {
                accounts.append(pieces[at])
                at += 1
                continue
            }
            at += 1
            while !isValid(account), at < pieces.count, pieces[at].utf8.count <= 4, account.utf8.count < 34 {
                account += pieces[at].uppercased()
                at += 1
            }
            accounts.append(account)
        }
        return accounts
    }

    /// - Returns: nil for anything but digits and capitals.
    package static func remainder97(_ text: String) -> Int? {
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

    private static let lengths: [String: Int] = Dictionary(
        uniqueKeysWithValues: list.split(whereSeparator: \.isWhitespace).map { (String($0.prefix(2)), Int($0.dropFirst(2)) ?? 0) })

    private static let list = """
        AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18
        GR27 GT28 HR21 HU28 IE22 IL23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24
        PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26 VA22 VG24 XK20
        """
}
