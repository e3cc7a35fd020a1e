/// Where somebody outside may be told something: https, a name, perhaps a port, a path and a query.
///
/// - Bounds: Names of 2 to 9 labels. The last begins with a letter, as that of no address does, however it is written: 127.0.0.1, 127.1,
///   0x7f.1, [::1].
/// - Source: RFC 3986. `@` is left out of queries: some readers take what follows it there for the host.
enum WebAddress {
    static let limit = 1_000
    static let pattern =
        "^https://([A-Za-z0-9-]{1,63}\\.){1,8}[A-Za-z][A-Za-z0-9-]{0,62}"
        + "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
        + "(/([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
        + "(\\?([A-Za-z0-9._~!$&'()*+,;=:?/-]|%[0-9A-Fa-f]{2})*)?$"

    /// What is wrong with it; nil when nothing is.
    static func fault(in text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count <= limit else { return "write at most \(limit) characters" }
        guard bytes.starts(with: "https://".utf8) else { return "begin with https://" }
        guard !bytes.contains(UInt8(ascii: "#")) else { return "leave out # and what follows it" }
        let rest = bytes.dropFirst(8), end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        guard !rest[..<end].contains(UInt8(ascii: "@")) else { return "leave out user and password: each event is signed" }
        let place = rest[..<end].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard isName(place[0]) else { return "write a name of letters, digits, . and - for the host, such as shop.example.com" }
        guard place.count == 1 || place.count == 2 && isPort(place[1]) else { return "write a port from 1 to 65535" }
        let query = rest[end...].firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex
        guard isWritten(rest[end..<query], besides: ":@"), isWritten(rest[query...].dropFirst(), besides: ":?") else {
            return "write blanks and unusual characters as %20, a % and two hexadecimal digits each"
        }
        return nil
    }

    private static func isName(_ host: ArraySlice<UInt8>) -> Bool {
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (2...9).contains(labels.count), let first = labels.last?.first, isLetterOrDigit(first), first > UInt8(ascii: "9") else {
            return false
        }
        return labels.allSatisfy {
            (1...63).contains($0.count) && $0.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isPort(_ digits: ArraySlice<UInt8>) -> Bool {
        guard (1...5).contains(digits.count), digits.first != UInt8(ascii: "0"), digits.allSatisfy({ (48...57).contains($0) }) else {
            return false
        }
        return digits.reduce(0) { $0 * 10 + Int($1) - 48 } <= 65_535
    }

    private static func isWritten(_ part: ArraySlice<UInt8>, besides more: String) -> Bool {
        var rest = part
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst(), let low = rest.popFirst(), isHexadecimal(high), isHexadecimal(low) else { return false }
            } else if !isLetterOrDigit(byte), !"._~!$&'()*+,;=/-".utf8.contains(byte), !more.utf8.contains(byte) {
                return false
            }
        }
        return true
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}
