/// One field of a message: `:61:` and all lines up to the next field.
struct MT940Field {
    var tag: String
    /// 1-based.
    var line: Int
    var lastLine: Int
    /// Lines as they stand, without control characters, each told apart by a line feed.
    var text: String
    /// The count of characters before the text on its first line: the tag.
    var tagWidth: Int
}

/// Splits a file into fields, whatever stands around the messages.
final class MT940Fields {
    private let lines: TextLines
    private var open: MT940Field?
    private var ahead: Substring?
    private var pieces: ArraySlice<Substring> = []
    private(set) var isInterim = false
    /// `940`, as the SWIFT block around the message says; empty where there is none.
    private(set) var messageType = ""

    private static let fieldBound = 64 * 1024

    init(path: String) throws(FileFault) { lines = try TextLines(path: path) }

    var line: Int { lines.number }

    /// - Returns: nil at the end of the file.
    func next() throws(FileFault) -> MT940Field? {
        while var line = try nextLine() {
            if line.hasPrefix("{") || String(line).trimmed.hasPrefix("-}") || line.contains("}{4:") {
                if let told = envelope(&line) { return told }
            }
            // Some banks put the dash that ends a message before the next field.
            if line.hasPrefix("-:"), tagged(line.dropFirst()) != nil { line = line.dropFirst() }
            if let (tag, text) = tagged(line) {
                let told = close()
                open = MT940Field(tag: tag, line: lines.number, lastLine: lines.number, text: text, tagWidth: tag.count + 2)
                if tag.hasPrefix("942") { isInterim = true }
                if tag.hasPrefix("940") { isInterim = false }
                if let told { return told }
            } else if Self.trailers.contains(String(line).trimmed) {
                if let told = close() { return told }
            } else if let field = open, !Self.oneLine.contains(field.tag) {
                guard field.text.utf8.count + line.utf8.count < Self.fieldBound else {
                    throw FileFault(path: lines.path, line: field.line, "field :\(field.tag): is above 64 KiB: is it the right file?")
                }
                open?.text += "\n" + line
                open?.lastLine = lines.number
            }
        }
        return close()
    }

    /// The next line without control characters. A tag that the bank's line length cuts, `:8` and `6:`, is put together.
    private func nextLine() throws(FileFault) -> Substring? {
        guard let line = try cleanLine() else { return nil }
        guard line.first == ":", line.utf8.count <= 4, line.dropFirst().utf8.allSatisfy({ $0.isDigit || (65...90).contains($0) }),
            let next = try cleanLine()
        else { return line }
        let whole = line + next
        if let (tag, _) = tagged(whole), Self.known.contains(tag) { return whole }
        ahead = next
        return line
    }

    private func cleanLine() throws(FileFault) -> Substring? {
        if let line = ahead {
            ahead = nil
            return line
        }
        if let piece = pieces.popFirst() { return piece }
        guard let raw = try lines.next() else { return nil }
        let line = Substring(String(raw.unicodeScalars.filter { $0.value >= 32 || $0 == "\t" }))
        // German home banking may set `@@` where a line starts: `@@:20:STARTUMS@@:25:…`.
        guard line.hasPrefix("@@:") else { return line }
        var rest = line.dropFirst(2), told: [Substring] = []
        while let mark = rest.range(of: "@@") {
            told.append(rest[..<mark.lowerBound])
            rest = rest[mark.upperBound...]
        }
        pieces = (told + [rest])[...]
        return pieces.popFirst()
    }

    private func close() -> MT940Field? {
        defer { open = nil }
        guard var field = open else { return nil }
        if field.tag != "86" { field.text = field.text.trimmed }
        return field
    }

    /// Takes the SWIFT blocks off the line; what stands in block 4 stays.
    private func envelope(_ line: inout Substring) -> MT940Field? {
        let told = close()
        if line.contains("{2:O942") || line.contains("{2:I942") { isInterim = true }
        if line.contains("{2:O940") || line.contains("{2:I940") { isInterim = false }
        if let block = line.range(of: "{2:O") ?? line.range(of: "{2:I") { messageType = String(line[block.upperBound...].prefix(3)) }
        line = line.range(of: "{4:").map { line[$0.upperBound...] } ?? ""
        return told
    }

    private static let known: Set<String> = [
        "13D", "20", "21", "25", "25P", "28", "28C", "34F", "52A", "52D", "60F", "60M", "61", "62F", "62M", "64", "64F", "65", "65F", "86",
        "90C", "90D", "940", "942", "NS",
    ]
    /// Balances: what stands below one is no part of it.
    private static let oneLine: Set<String> = ["60F", "60M", "62F", "62M", "64", "64F", "65", "65F"]
    private static let trailers: Set<String> = ["-", "--", "-XXX"]  // -XXX: ING

    /// `:86:text`: two or three digits and perhaps a letter, or `NS`, between colons at the line's start. Within a narrative only a
    /// field that follows one: a wrapped time of day looks like a field too.
    private func tagged(_ line: Substring) -> (tag: String, text: String)? {
        guard line.first == ":", let end = line.dropFirst().prefix(5).firstIndex(of: ":") else { return nil }
        let tag = line[line.index(after: line.startIndex)..<end]
        let digits = tag.utf8.prefix(while: \.isDigit).count
        if open?.tag == "86", !Self.known.contains(String(tag)) { return nil }
        guard
            tag == "NS" || digits == 3 && tag.utf8.count == 3
                || digits == 2 && tag.dropFirst(2).utf8.allSatisfy({ (65...90).contains($0) }) && tag.utf8.count <= 3
        else { return nil }
        return (String(tag), String(line[line.index(after: end)...]))
    }
}

extension Substring {
    /// The first place of `text`.
    func range(of text: String) -> Range<Index>? {
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(text) { return at..<index(at, offsetBy: text.count) }
            at = index(after: at)
        }
        return nil
    }
}
