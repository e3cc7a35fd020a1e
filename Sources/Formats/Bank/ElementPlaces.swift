import Domain

/// Where elements inside the entries of a camt file stand, to the character, which libxml2 does not tell.
///
/// - Parameters:
///   - wanted: Places in the order of all elements from an `Ntry` to its end, the first of the file's first entry being 0.
///   - isUTF8: Characters are counted; otherwise bytes.
/// - Returns: The text of each without blanks at either end; nothing for a file in two-byte characters.
func elementPlaces(_ path: String, of wanted: Set<Int>, isUTF8: Bool) throws(FileFault) -> [Int: Citation] {
    var scan = ElementScan(wanted: wanted, isUTF8: isUTF8)
    try forEachByte(path) { scan.take($0) }
    return scan.places
}

/// Whether a file's bytes hold a name, in characters of one byte or two.
func contains(_ path: String, _ name: StaticString) throws(FileFault) -> Bool {
    let name = [UInt8](UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    var matched = 0, isFound = false
    try forEachByte(path) { byte in
        if byte == 0 { return }
        // No beginning of such a name comes again within it.
        matched = byte == name[matched] ? matched + 1 : byte == name[0] ? 1 : 0
        if matched == name.count { (isFound, matched) = (true, 0) }
    }
    return isFound
}

private func forEachByte(_ path: String, _ body: (UInt8) -> Void) throws(FileFault) {
    let file = try InputFile(path: path)
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
        var count = 0, fault: FileFault?
        buffer.withUnsafeMutableBytes { bytes in
            do throws(FileFault) { count = try file.read(into: bytes) } catch { fault = error }
        }
        if let fault { throw fault }
        if count == 0 { return }
        for byte in buffer[..<count] { body(byte) }
    }
}

private struct ElementScan {
    private enum State {
        case text, open
        /// A start tag; the quote that an attribute stands in, or 0.
        case start(quote: UInt8, afterSlash: Bool)
        case end
        /// A comment or a section of characters, told apart by its first bytes.
        case marked
        /// What is passed over, until these bytes.
        case skip(until: [UInt8])
    }

    let wanted: Set<Int>
    let isUTF8: Bool
    private(set) var places: [Int: Citation] = [:]
    private var state = State.text
    private var name: [UInt8] = [], isNamed = false
    private var tail: [UInt8] = []
    private var isInside = false, ordinal = -1
    private var line = 1, column = 0
    /// The element whose text goes by: where its first character stands, and the end of its last.
    private var captured: Captured?

    private struct Captured {
        let ordinal: Int
        var line = 0, start = 0, end = 0
    }

    init(wanted: Set<Int>, isUTF8: Bool) { (self.wanted, self.isUTF8) = (wanted, isUTF8) }

    mutating func take(_ byte: UInt8) {
        if !isUTF8 || byte & 0xC0 != 0x80 { column += 1 }
        switch state {
        case .text: takeText(byte)
        case .open: opened(byte)
        case .start(let quote, let afterSlash): takeTag(byte, quote, afterSlash)
        case .end:
            if byte == UInt8(ascii: ">") {
                if localName == "Ntry" { isInside = false }
                state = .text
            } else {
                addToName(byte)
            }
        case .marked:
            tail.append(byte)
            if tail.count == 2 { (state, tail) = (.skip(until: Array(tail == [45, 45] ? "-->".utf8 : "]]>".utf8)), []) }
        case .skip(let until):
            tail.append(byte)
            if tail.count > until.count { tail.removeFirst() }
            if tail == until { state = .text }
        }
        if byte == 10 { (line, column) = (line + 1, 0) }
    }

    private var localName: String { String(decoding: name.split(separator: UInt8(ascii: ":")).last ?? [], as: UTF8.self) }

    private mutating func takeText(_ byte: UInt8) {
        if byte == UInt8(ascii: "<") {
            if let text = captured, text.end > 0 { places[text.ordinal] = Citation(line: text.line, columns: text.start..<text.end) }
            captured = nil
            (state, name, isNamed) = (.open, [], false)
        } else if var text = captured, byte > 32 {
            if text.end == 0 { (text.line, text.start) = (line, column) }
            // A text that goes on in the next line is cited as far as its first.
            if text.line == line { text.end = column + 1 }
            captured = text
        }
    }

    private mutating func opened(_ byte: UInt8) {
        tail = []
        switch byte {
        case UInt8(ascii: "/"): state = .end
        case UInt8(ascii: "?"): state = .skip(until: Array("?>".utf8))
        case UInt8(ascii: "!"): state = .marked
        default:
            state = .start(quote: 0, afterSlash: false)
            addToName(byte)
        }
    }

    private mutating func takeTag(_ byte: UInt8, _ quote: UInt8, _ afterSlash: Bool) {
        if quote != 0 {
            if byte == quote { state = .start(quote: 0, afterSlash: false) }
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            state = .start(quote: byte, afterSlash: false)
        } else if byte == UInt8(ascii: ">") {
            began(isEmpty: afterSlash)
            state = .text
        } else {
            addToName(byte)
            state = .start(quote: 0, afterSlash: byte == UInt8(ascii: "/"))
        }
    }

    private mutating func addToName(_ byte: UInt8) {
        if byte <= 32 || byte == UInt8(ascii: "/") { isNamed = true }
        if !isNamed { name.append(byte) }
    }

    private mutating func began(isEmpty: Bool) {
        let isEntry = !isInside && localName == "Ntry"
        if isEntry { isInside = !isEmpty }
        guard isInside || isEntry else { return }
        ordinal += 1
        if wanted.contains(ordinal), !isEmpty { captured = Captured(ordinal: ordinal) }
    }
}
