/// One logical record: its 88 continuations are part of it.
struct BAI2Record {
    var code: String
    /// 1-based.
    var line: Int
    /// Without the code.
    var fields: [String]
    /// A 16's text and what its continuations add.
    var text = ""
    /// How many physical records: 1 and the continuations.
    var count = 1
    var citation: (line: Int, columns: Range<Int>)
}

/// Splits a file into logical records, one or several a line, texts over several lines.
final class BAI2Records {
    private let lines: TextLines
    private var pieces: [Piece] = []
    private var open: Piece?
    /// The length of each line, where the file header (01) states one; else that of a card, at which banks cut.
    private var lineLength = 80

    private struct Piece {
        var code: String
        var line: Int
        var column: Int
        var body: String
        /// Whether the line was full and the next may continue its last word.
        var isCut = false
        var startsWithBlank = false
    }

    private static let codes = ["01", "02", "03", "16", "49", "88", "98", "99"]
    private static let bodyBound = 256 * 1024

    init(path: String) throws(FileFault) { lines = try TextLines(path: path) }

    var line: Int { lines.number }

    /// - Returns: nil at the end of the file.
    func next() throws(FileFault) -> BAI2Record? {
        guard let first = try piece() else { return nil }
        var record = BAI2Record(
            code: first.code, line: first.line, fields: fields(first.body),
            citation: (first.line, first.column..<first.column + first.body.count + 3))
        if record.code == "16" { takeText(&record, first.body, from: 0) }
        if record.code == "01", record.fields.count > 5 { lineLength = Int(record.fields[5]).flatMap { $0 > 0 ? $0 : nil } ?? 80 }
        var isCut = first.isCut
        while let following = try peek(), following.code == "88" {
            pieces.removeFirst()
            record.count += 1
            let body = ended(following.body)
            if record.code == "16", let at = Self.textIndex(record.fields), record.fields.count > at {
                record.text += (isCut && !following.startsWithBlank ? "" : " ") + body
            } else if record.code == "16" {
                let count = record.fields.count
                record.fields += fields(following.body)
                takeText(&record, following.body, from: count)
            } else {
                record.fields += fields(following.body)
            }
            isCut = following.isCut
            guard record.text.utf8.count < Self.bodyBound, record.fields.count < 10_000 else {
                throw FileFault(path: lines.path, line: record.line, "a record with its continuations above 256 KiB: is it the right file?")
            }
        }
        return record
    }

    /// The index of the text among a 16's fields: behind type, amount, funds type with its own fields, and two references.
    static func textIndex(_ fields: [String]) -> Int? {
        guard fields.count > 2 else { return nil }
        switch fields[2].uppercased() {
        case "V": return 7
        case "S": return 8
        case "D":
            guard fields.count > 3, let count = Int(fields[3]), (0...200).contains(count) else { return nil }
            return 6 + 2 * count
        default: return 5
        }
    }

    /// - Parameter first: The index of the body's first field.
    private func takeText(_ record: inout BAI2Record, _ body: String, from first: Int) {
        guard let at = Self.textIndex(record.fields), record.fields.count > at, at >= first else { return }
        let parts = ended(body).split(separator: ",", maxSplits: at - first, omittingEmptySubsequences: false)
        record.text = String(parts.last ?? "").trimmed
        record.fields.removeSubrange((at + 1)...)
        record.fields[at] = ""
    }

    private func fields(_ body: String) -> [String] {
        ended(body).split(separator: ",", omittingEmptySubsequences: false).map { String($0).trimmed }
    }

    /// Without the stroke that ends a record.
    private func ended(_ body: String) -> String {
        let text = body.trimmed
        return text.hasSuffix("/") ? String(text.dropLast()).trimmed : text
    }

    private func piece() throws(FileFault) -> Piece? {
        guard let first = try peek() else { return nil }
        pieces.removeFirst()
        return first
    }

    private func peek() throws(FileFault) -> Piece? {
        while pieces.isEmpty {
            guard let line = try lines.next() else {
                guard let last = open else { return nil }
                pieces.append(last)
                open = nil
                break
            }
            try take(line)
        }
        return pieces.first
    }

    /// A record starts with its code at the line's start or behind a stroke and a blank; any other line continues a text.
    private func take(_ line: String) throws(FileFault) {
        let characters = Array(line)
        var starts: [Int] = []
        var at = characters.prefix { $0.isWhitespace }.count
        if Self.isStart(characters, at) { starts.append(at) }
        while let stroke = characters[min(at, characters.count)...].firstIndex(of: "/") {
            let next = stroke + 1 + characters[(stroke + 1)...].prefix { $0.isWhitespace }.count
            if next > stroke + 1, Self.isStart(characters, next) { starts.append(next) }
            at = stroke + 1
        }
        let lead = String(characters[..<(starts.first ?? characters.count)]).trimmed
        if !lead.isEmpty {
            guard open != nil else { throw FileFault(path: lines.path, line: lines.number, "is no BAI2 record: \(lead.prefix(40))") }
            open?.body += " " + lead
            guard (open?.body.utf8.count ?? 0) < Self.bodyBound else {
                throw FileFault(path: lines.path, line: lines.number, "a record above 256 KiB: is it the right file?")
            }
        }
        for (order, start) in starts.enumerated() {
            if let open { pieces.append(open) }
            let end = order + 1 < starts.count ? starts[order + 1] : characters.count
            open = Piece(
                code: String(characters[start...start + 1]), line: lines.number, column: start + 1,
                body: String(characters[(start + 3)..<end]).trimmed,
                isCut: end == characters.count && end == lineLength && characters[end - 1] != "/" && !characters[end - 1].isWhitespace,
                startsWithBlank: start + 3 < end && characters[start + 3].isWhitespace)
        }
    }

    private static func isStart(_ characters: [Character], _ at: Int) -> Bool {
        at + 2 < characters.count && characters[at + 2] == "," && codes.contains(String(characters[at...at + 1]))
    }
}
