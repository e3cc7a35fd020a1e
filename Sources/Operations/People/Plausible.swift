/// What may be written where people say who they are: it comes back in pages, logs and mails.
package enum Plausible {
    /// In Unicode scalars.
    package static let nameLimit = 200
    /// In bytes.
    ///
    /// - Source: RFC 5321, section 4.5.3.1.3, without the angle brackets.
    package static let mailAddressLimit = 254

    /// Whether it may be a name: something to see, on one line.
    package static func isName(_ text: String, limit: Int = nameLimit) -> Bool {
        text.unicodeScalars.count <= limit && text.contains { !$0.isWhitespace } && text.unicodeScalars.allSatisfy(isPrintable)
    }

    /// Whether mail could go there: a mailbox of 64 bytes at most without quotes, at a host of two labels or more.
    package static func isMailAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= mailAddressLimit, parts.count == 2, (1...64).contains(parts[0].utf8.count),
            text.unicodeScalars.allSatisfy({ isPrintable($0) && !$0.properties.isWhitespace })
        else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return !parts[0].contains { "()<>[]:;,\\\"".contains($0) } && labels.count >= 2
            && labels.allSatisfy { (1...63).contains($0.utf8.count) && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
