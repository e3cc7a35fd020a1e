/// Splits an OFX file, SGML or XML, into tags with the text behind them.
///
/// - Errors: `FileFault` for a text or tag above 64 KiB and for UTF-16.
final class OFXTokens {
    struct Token {
        /// Upper case, without prefix; empty for an end tag's slash.
        var name: String
        var isEnd: Bool
        /// The text up to the next tag, entities replaced.
        var text: String
        var line: Int
        /// Where the text starts, and behind its end, counted in characters from 1.
        var columns: Range<Int>
    }

    private let lines: TextLines
    private var rest: Substring = ""
    private var column = 1
    private var isOver = false

    private static let bound = 64 * 1024

    init(path: String) throws(FileFault) {
        lines = try TextLines(path: path)
        isOver = try !more()
    }

    var line: Int { lines.number }
    var path: String { lines.path }

    /// - Returns: nil at the end of the file. Declarations, instructions and comments are passed over.
    func next() throws(FileFault) -> Token? {
        while !isOver {
            _ = try text(upTo: "<")
            guard !isOver else { return nil }
            advance(1)
            let line = lines.number
            if rest.hasPrefix("!--") {
                try skip(past: "-->")
                continue
            }
            let raw = try text(upTo: ">")
            guard !isOver else { throw FileFault(path: path, line: line, "a tag opens here and never closes: the file is cut off") }
            advance(1)
            guard let first = raw.first, first != "?", first != "!" else { continue }
            let isEnd = first == "/"
            let name = raw.drop { $0 == "/" }.prefix { !$0.isWhitespace && $0 != "/" }.uppercased()
            let from = (line: lines.number, column: column)
            let isCDATA = rest.hasPrefix("<![CDATA[")
            if isCDATA { advance(9) }
            let value = isCDATA ? try text(upTo: "]]>") : try text(upTo: "<")
            let told = isCDATA ? value.trimmed : unescaped(value.trimmed)
            let end = lines.number == from.line ? column : from.column + value.count
            return Token(
                name: name, isEnd: isEnd || raw.last == "/", text: told, line: from.line, columns: from.column..<max(end, from.column))
        }
        return nil
    }

    private func advance(_ count: Int) {
        rest = rest.dropFirst(count)
        column += count
    }

    private func more() throws(FileFault) -> Bool {
        guard let line = try lines.next() else { return false }
        (rest, column) = (line[...], 1)
        return true
    }

    private func text(upTo end: String) throws(FileFault) -> String {
        var text = ""
        while true {
            if let found = end.count == 1 ? rest.firstIndex(of: Character(end)) : rest.range(of: end)?.lowerBound {
                text += rest[..<found]
                column += rest[..<found].count
                rest = rest[found...]
                return text
            }
            text += rest
            guard text.utf8.count <= Self.bound else {
                throw FileFault(path: path, line: lines.number, "a text above 64 KiB: is it the right file?")
            }
            text += "\n"
            guard try more() else {
                isOver = true
                return text
            }
        }
    }

    private func skip(past end: String) throws(FileFault) {
        while true {
            if let found = rest.range(of: end) {
                rest = rest[found.upperBound...]
                return
            }
            guard try more() else {
                isOver = true
                return
            }
        }
    }
}

private func unescaped(_ text: String) -> String {
    guard text.contains("&") else { return text }
    var output = "", rest = text[...]
    let named = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " "]
    while let and = rest.firstIndex(of: "&") {
        output += rest[..<and]
        rest = rest[rest.index(after: and)...]
        guard let end = rest.prefix(10).firstIndex(of: ";") else {
            output += "&"
            continue
        }
        let name = String(rest[..<end])
        let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
        if let found = named[name] ?? number.flatMap({ Unicode.Scalar($0) }).map({ String(Character($0)) }) {
            output += found
            rest = rest[rest.index(after: end)...]
        } else {
            output += "&"
        }
    }
    return output + rest
}
