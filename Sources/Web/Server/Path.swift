import HTTPTypes

/// Finds the entry of a table whose path a request has; a part in braces takes any text.
struct PathTable<Entry: Sendable>: Sendable {
    /// Entries are large: they are found, not copied.
    final class Row: Sendable {
        fileprivate let parts: [Substring]
        let entry: Entry
        fileprivate init(_ path: String, _ entry: Entry) {
            (parts, self.entry) = (path.split(separator: "/", omittingEmptySubsequences: true), entry)
        }
    }
    struct Match: Sendable {
        fileprivate let row: Row
        let values: [String: String]
        var entry: Entry { row.entry }
    }

    private var byCount: [Int: [Row]] = [:]
    /// What is found at the paths without braces.
    private var written: [String: [Match]] = [:]

    init(_ entries: [(path: String, entry: Entry)]) {
        for (path, entry) in entries {
            let row = Row(path, entry)
            byCount[row.parts.count, default: []].append(row)
        }
        // A part that is written out goes before one that takes any text.
        for count in byCount.keys { byCount[count]?.sort { $0.parts.count { $0.hasPrefix("{") } < $1.parts.count { $0.hasPrefix("{") } } }
        for (path, _) in entries where !path.contains("{") { written[path] = matches(of: path) }
    }

    /// Every entry of that path, with the values of its parts: the same path may be there for several methods.
    func entries(at path: String) -> [Match] { written[path] ?? matches(of: path) }

    private func matches(of path: String) -> [Match] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        var found: [Match] = []
        for row in byCount[parts.count] ?? [] {
            var values: [String: String] = [:], fits = true
            for (pattern, part) in zip(row.parts, parts) where fits {
                if pattern.hasPrefix("{") {
                    values[String(pattern.dropFirst().dropLast())] = percentDecoded(part)
                } else {
                    fits = pattern == part
                }
            }
            if fits { found.append(Match(row: row, values: values)) }
        }
        // `/runs/day` is not a run of that id.
        return found.filter { $0.row.parts == found[0].row.parts }
    }
}

/// `a%20b` → `a b`; a broken escape or what is no UTF-8 stays as it is written. A zero byte, which a database takes for the end of a text or for
/// a fault, becomes another control character: what refuses those refuses it.
func percentDecoded(_ text: some StringProtocol, plusIsBlank: Bool = false) -> String {
    guard text.utf8.contains(where: { $0 == 37 || (plusIsBlank && $0 == 43) }) else { return String(text) }
    var bytes: [UInt8] = [], rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == 37, rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.first != 43,
            rest.first != 45
        {
            bytes.append(max(value, 1))
            rest.removeFirst(2)
        } else {
            bytes.append(plusIsBlank && byte == 43 ? 32 : byte)
        }
    }
    return String(validating: bytes, as: UTF8.self) ?? String(text)
}

/// The pairs of a query or of a form's body, in order.
func formPairs(_ text: some StringProtocol) -> [(name: String, value: String)] {
    text.split(separator: "&").map { pair in
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (percentDecoded(parts[0], plusIsBlank: true), parts.count > 1 ? percentDecoded(parts[1], plusIsBlank: true) : "")
    }
}

/// No field of a form has more than one line, or what no keyboard types.
func holdsControl(_ text: String) -> Bool { text.utf8.contains { $0 < 32 || $0 == 127 } }

extension HTTPFields {
    /// The field's values, joined by commas as RFC 9110 has it: one walk over a request's few fields, where the subscript makes an index of
    /// them first.
    func value(_ name: HTTPField.Name) -> String? {
        let wanted = name.canonicalName
        var value: String?
        for field in self where field.name.canonicalName == wanted { value = value.map { "\($0), \(field.value)" } ?? field.value }
        return value
    }
}
