import Domain

/// Ids as programs see them: a prefix that names the noun and the id in Crockford's base 32, 13 letters.
package enum PrefixedID {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    package static func text(_ prefix: String, _ id: Int64) -> String {
        let width = prefix.utf8.count + 14
        return String(unsafeUninitializedCapacity: width) { letters in
            var (_, at) = letters.initialize(from: prefix.utf8)
            letters[at] = UInt8(ascii: "_")
            var rest = UInt64(bitPattern: id)
            at = width
            for _ in 0..<13 {
                at -= 1
                letters[at] = digits[Int(rest & 31)]
                rest >>= 5
            }
            return width
        }
    }

    /// - Returns: nil unless the text has that prefix and exactly 13 letters of the alphabet.
    package static func id(_ prefix: String, _ text: String) -> Int64? {
        guard text.hasPrefix(prefix + "_"), text.utf8.count == prefix.utf8.count + 14 else { return nil }
        var value: UInt64 = 0
        for byte in text.utf8.suffix(13) {
            guard let digit = digits.firstIndex(of: byte), value >> 59 == 0 else { return nil }
            value = value << 5 | UInt64(digit)
        }
        return Int64(exactly: value)
    }

    /// As a pattern of JSON Schema.
    package static func pattern(_ prefix: String) -> String { "^\(prefix)_0[0-7][0-9a-hjkmnp-tv-z]{11}$" }
}
