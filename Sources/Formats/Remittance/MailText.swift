import Domain

/// The lines of a mail's text, decoded, each character with the place where the file encodes it.
///
/// - Shape: the mail's own head, its encoded words decoded, then its first plain text, else its first HTML without tags, cells divided by
///   tabs and rows by line ends; UTF-8, else Windows-1252. Other parts are left out.
/// - Source: RFC 5322, RFC 2045, RFC 2046 and RFC 2047.
struct MailText {
    private(set) var lines: [String] = []
    private var places: [[Place]] = []

    /// Counted from 1.
    fileprivate struct Place {
        var line: Int32
        var column: Int32
        /// How many characters of the file say it.
        var width: Int32 = 1
    }

    private struct Part {
        var type = "text/plain"
        var boundary: String?
        var encoding = ""
        var body: Range<Int>
    }

    private static let depthBound = 8

    /// - Parameter wanted: The type of the part to read where there is a choice.
    /// - Returns: nil for what is no mail, and for a mail whose text stands there as it is.
    init?(_ raw: [String], wanted: String = "text/plain") {
        guard let head = Self.part(raw, 0..<raw.count), let leaf = Self.leaf(raw, 0..<raw.count, wanted, depth: 0),
            head.boundary != nil || head.type == "text/html" || !head.encoding.isEmpty
                || raw[..<head.body.lowerBound].contains(where: { $0.contains("=?") })
        else { return nil }
        for at in 0..<head.body.lowerBound {
            let decoded = Self.decodedWords(raw[at], line: at + 1)
            lines.append(String(decoded.map(\.character)))
            places.append(decoded.map(\.place))
        }
        var text = Self.characters(Self.bytes(raw, leaf))
        if leaf.type == "text/html" { text = MailMarkup.plain(text) }
        for row in text.split(omittingEmptySubsequences: false, whereSeparator: { $0.character == "\n" }) {
            lines.append(String(row.map(\.character)))
            places.append(row.map(\.place))
        }
    }

    /// Where the file encodes these characters of a line counted from 1, in pieces where it encodes them on several lines.
    func citation(_ line: Int, _ columns: Range<Int>) -> Citation {
        let row = places[line - 1]
        guard columns.lowerBound >= 1, columns.lowerBound <= row.count else { return Citation(line: sourceLine(line), columns: 1..<1) }
        var pieces: [Citation.Piece] = []
        for place in row[(columns.lowerBound - 1)..<max(columns.lowerBound, min(columns.upperBound - 1, row.count))] {
            let end = Int(place.column + place.width)
            if let last = pieces.last, last.line == Int(place.line) {
                pieces[pieces.count - 1].columns = last.columns.lowerBound..<max(last.columns.lowerBound, end)
            } else {
                pieces.append(.init(line: Int(place.line), columns: Int(place.column)..<end))
            }
        }
        return Citation(line: pieces[0].line, columns: pieces[0].columns, further: Array(pieces.dropFirst()))
    }

    /// Of an empty line, that of the text before it.
    func sourceLine(_ line: Int) -> Int { places[..<line].last { !$0.isEmpty }.map { Int($0[0].line) } ?? 1 }
}

extension MailText {
    /// The fields before the first empty line; nil when the first line is none.
    private static func part(_ raw: [String], _ range: Range<Int>) -> Part? {
        guard let end = range.first(where: { raw[$0].trimmed.isEmpty }) else { return nil }
        var fields: [String] = []
        for line in raw[range.lowerBound..<end] {
            if line.first?.isWhitespace == true, !fields.isEmpty {
                fields[fields.count - 1] += " " + line.trimmed
            } else {
                fields.append(line)
            }
        }
        guard fields.allSatisfy({ $0.prefix { $0 != ":" }.allSatisfy { $0.isASCII && !$0.isWhitespace } && $0.contains(":") }) else {
            return nil
        }
        var part = Part(body: (end + 1)..<max(end + 1, range.upperBound))
        for field in fields {
            let name = field.prefix { $0 != ":" }.lowercased(), value = String(field.dropFirst(name.count + 1)).trimmed
            if name == "content-transfer-encoding" {
                part.encoding = ["base64", "quoted-printable"].first { $0 == value.lowercased() } ?? ""
            } else if name == "content-type" {
                part.type = String(value.prefix { $0 != ";" }).trimmed.lowercased()
                let mark = value.lowercased()[...].range(of: "boundary=")
                if part.type.hasPrefix("multipart/"), let mark {
                    let rest = value.dropFirst(value.lowercased().distance(from: value.lowercased().startIndex, to: mark.upperBound))
                    part.boundary = String(rest.first == "\"" ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0 != ";" }).trimmed
                }
            }
        }
        return part
    }

    /// The part to read: of the type wanted before any other.
    private static func leaf(_ raw: [String], _ range: Range<Int>, _ wanted: String, depth: Int) -> Part? {
        guard depth < depthBound, let whole = part(raw, range) ?? (depth > 0 ? Part(body: range) : nil) else { return nil }
        guard let boundary = whole.boundary else { return ["text/plain", "text/html"].contains(whole.type) ? whole : nil }
        let end = whole.body.first { raw[$0].trimmed == "--\(boundary)--" } ?? whole.body.upperBound
        let marks = (whole.body.lowerBound..<end).filter { raw[$0].trimmed == "--\(boundary)" }
        let parts = zip(marks, marks.dropFirst() + [end]).compactMap { mark, end in
            mark + 1 < end ? leaf(raw, mark + 1..<end, wanted, depth: depth + 1) : nil
        }
        return parts.first { $0.type == wanted } ?? parts.first
    }

    private static func bytes(_ raw: [String], _ part: Part) -> [(byte: UInt8, place: Place)] {
        var found: [(byte: UInt8, place: Place)] = [], group: [UInt8] = [], start = Place(line: 1, column: 1)
        for at in part.body {
            let line = Array(part.encoding == "quoted-printable" ? raw[at].trimmedEnd : raw[at][...])
            var column = 0, isOpen = false
            func place(_ width: Int = 1, from start: Int) -> Place {
                Place(line: Int32(at + 1), column: Int32(start + 1), width: Int32(width))
            }
            while column < line.count {
                let character = line[column]
                if part.encoding == "base64" {
                    if let value = sextet(character) {
                        if group.isEmpty { start = place(4, from: column) }
                        group.append(value)
                    }
                    if group.count == 4 || (group.count > 1 && character == "=") {
                        found += octets(group).map { ($0, start) }
                        group = []
                    }
                } else if part.encoding == "quoted-printable", character == "=" {
                    isOpen = column == line.count - 1
                    if column + 2 < line.count, let byte = UInt8(String(line[column + 1...column + 2]), radix: 16) {
                        found.append((byte, place(3, from: column)))
                        column += 2
                    }
                } else {
                    found += character.utf8.map { ($0, place(from: column)) }
                }
                column += 1
            }
            if part.encoding != "base64", !isOpen { found.append((10, place(from: column))) }
        }
        return found + octets(group).map { ($0, start) }
    }

    /// `=?UTF-8?B?TcO8bGxlcg==?=` → `Müller`; blanks between two encoded words say nothing.
    private static func decodedWords(_ line: String, line number: Int) -> [MailCharacter] {
        let text = Array(line)
        var found: [MailCharacter] = [], blanks: [MailCharacter] = [], at = 0, isBehindWord = false
        while at < text.count {
            let place = Place(line: Int32(number), column: Int32(at + 1))
            if text[at] == "=", let word = encodedWord(text[at...]) {
                if !isBehindWord { found += blanks }
                let width = Place(line: place.line, column: place.column, width: Int32(word.length))
                found += decodedText(word.bytes).map { MailCharacter(character: $0, place: width) }
                (blanks, isBehindWord, at) = ([], true, at + word.length)
            } else if text[at].isWhitespace {
                blanks.append(MailCharacter(character: text[at], place: place))
                at += 1
            } else {
                found += blanks + [MailCharacter(character: text[at], place: place)]
                (blanks, isBehindWord, at) = ([], false, at + 1)
            }
        }
        return found + blanks
    }

    private static func encodedWord(_ text: ArraySlice<Character>) -> (bytes: [UInt8], length: Int)? {
        let parts = text.prefix(512).split(separator: "?", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == ["="], parts[4].first == "=", !parts[1].isEmpty, parts[2].count == 1 else { return nil }
        let coded = Array(parts[3]), length = parts[4].startIndex + 1 - text.startIndex
        switch parts[2].first?.lowercased() {
        case "b":
            let sextets = coded.compactMap(sextet)
            return (stride(from: 0, to: sextets.count, by: 4).flatMap { octets(Array(sextets[$0..<min($0 + 4, sextets.count)])) }, length)
        case "q":
            var bytes: [UInt8] = [], at = 0
            while at < coded.count {
                if coded[at] == "=", at + 2 < coded.count, let byte = UInt8(String(coded[at + 1...at + 2]), radix: 16) {
                    bytes.append(byte)
                    at += 3
                } else {
                    bytes += coded[at] == "_" ? [32] : Array(coded[at].utf8)
                    at += 1
                }
            }
            return (bytes, length)
        default: return nil
        }
    }

    private static func sextet(_ character: Character) -> UInt8? {
        guard let byte = character.asciiValue else { return nil }
        switch byte {
        case 65...90: return byte - 65
        case 97...122: return byte - 71
        case 48...57: return byte + 4
        case 43: return 62
        case 47: return 63
        default: return nil
        }
    }

    /// Two sextets are one byte, three are two, four are three.
    private static func octets(_ group: [UInt8]) -> [UInt8] {
        guard group.count > 1 else { return [] }
        let bits = (group + [0, 0]).prefix(4).reduce(UInt32(0)) { $0 << 6 | UInt32($1) }
        return [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)].dropLast(4 - group.count)
    }

    private static func characters(_ bytes: [(byte: UInt8, place: Place)]) -> [MailCharacter] {
        let kept = bytes.filter { $0.byte != 13 }
        var found: [MailCharacter] = [], at = 0
        if let text = String(validating: kept.map(\.byte), as: UTF8.self) {
            for scalar in text.unicodeScalars {
                found.append(MailCharacter(character: Character(scalar), place: kept[at].place))
                at += UTF8.width(scalar)
            }
            return found
        }
        return kept.flatMap { part in decodedText([part.byte]).map { MailCharacter(character: $0, place: part.place) } }
    }

    struct MailCharacter {
        var character: Character
        fileprivate var place: Place
    }
}

/// Takes the tags off the text of an HTML part.
private enum MailMarkup {
    private static let rows: Set<String> = ["br", "br/", "/tr", "/p", "/div", "/li", "/h1", "/h2", "/h3", "/table"]
    private static let entities: [String: Character] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "euro": "€", "pound": "£",
    ]

    static func plain(_ text: [MailText.MailCharacter]) -> [MailText.MailCharacter] {
        var found: [MailText.MailCharacter] = [], at = 0, hidden: String?, width = 1
        func put(_ character: Character) {
            var told = text[min(at, text.count - 1)]
            told.character = character
            found.append(told)
        }
        func word(_ from: Int, upTo end: Character, bound: Int) -> String? {
            let part = text[from...].prefix(bound), stop = part.firstIndex { $0.character == end }
            return stop.map { String(text[from..<$0].map(\.character)) }
        }
        while at < text.count {
            let character = text[at].character
            if character == "<", let tag = word(at + 1, upTo: ">", bound: 4_096) {
                let name = tag.prefix { !$0.isWhitespace }.lowercased()
                if hidden == nil, rows.contains(name) { put("\n") }
                if hidden == nil, name == "td" || name == "th" { width = span(tag) }
                if hidden == nil, name == "/td" || name == "/th" { for _ in 0..<width { put("\t") } }
                if name == "style" || name == "script" { hidden = name } else if let open = hidden, name == "/" + open { hidden = nil }
                at += tag.count + 2
                continue
            }
            if hidden == nil {
                if character == "&", let name = word(at + 1, upTo: ";", bound: 12), let told = entity(name) {
                    put(told)
                    at += name.count + 2
                    continue
                }
                // Blanks and line ends of the source mean one blank.
                if !character.isWhitespace { put(character) } else if found.last?.character.isWhitespace == false { put(" ") }
            }
            at += 1
        }
        return found
    }

    /// How many columns a cell takes: `td colspan="3"`.
    private static func span(_ tag: String) -> Int {
        guard let mark = tag.lowercased().firstRange(of: "colspan=") else { return 1 }
        let digits = tag.lowercased()[mark.upperBound...].drop { $0 == "\"" || $0 == "'" }.prefix { $0.isASCII && $0.isNumber }
        return min(max(Int(digits) ?? 1, 1), 40)
    }

    private static func entity(_ name: String) -> Character? {
        if let known = entities[name.lowercased()] { return known }
        let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
        return number.flatMap { Unicode.Scalar($0) }.map { Character($0) }
    }
}

extension String {
    fileprivate var trimmedEnd: Substring {
        var rest = self[...]
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return rest
    }
}
