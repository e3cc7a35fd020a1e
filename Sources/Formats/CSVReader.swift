package struct CSVRecord: Equatable, Sendable {
    /// 1-based line on which the record starts.
    package var line: Int
    package var fields: [String]
    package init(line: Int, fields: [String]) { (self.line, self.fields) = (line, fields) }
}

/// Reads a CSV file record by record, the header first, in the memory of one field.
///
/// - Shape: RFC 4180, plain or gzipped; the separator (`,` `;` or tab) is the one the first line has most of; lines end in
///   LF, CRLF or CR; empty lines and a first line `sep=;` do not
///   count; a byte order mark is skipped. Text is UTF-8 or UTF-16, a field that is not is Windows-1252.
/// - Errors: `FileFault` for a quote that never closes, text behind a closing quote, a field above 4 MiB.
package func readCSV(_ path: String, _ each: (CSVRecord) throws -> Void) throws {
    var scanner = CSVScanner(try TextInput(path: path))
    try scanner.start()
    var record = CSVRecord(line: 0, fields: [])
    while try scanner.next(&record) { try each(record) }
}

private let quote = UInt8(ascii: "\""), lineFeed = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r")

/// What `readCSV` reads by, a record at a time.
struct CSVScanner: ~Copyable {
    private enum End { case separator, line, file }

    private let file: TextInput
    private var buffer: UnsafeMutableRawBufferPointer
    /// The bytes read and not yet told are `buffer[at..<end]`.
    private var at = 0, end = 0
    private var drained = false
    private var line = 1
    /// The last line ended in CR, so a LF right behind it belongs to that line end.
    private var afterCarriageReturn = false
    private var separator = UInt8(ascii: ",")

    private static let firstSize = 256 * 1024, largestSize = 4 * 1024 * 1024

    init(_ file: TextInput) {
        self.file = file
        buffer = .allocate(byteCount: Self.firstSize, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// - Parameter separator: nil takes the one that the first line has most of.
    mutating func start(separator known: UInt8? = nil) throws(FileFault) {
        guard try fill() else { return }
        let head = (0..<min(end, 3)).map { buffer[$0] }
        if head == [0xEF, 0xBB, 0xBF] { at = 3 }
        let told = takeToldSeparator()
        separator = known ?? told ?? detectedSeparator()
    }

    /// `sep=;`: the line by which a spreadsheet says what divides its columns.
    private mutating func takeToldSeparator() -> UInt8? {
        guard end - at >= 6, (at..<at + 4).map({ buffer[$0] | 0x20 }) == Array("sep=".utf8),
            buffer[at + 5] == lineFeed || buffer[at + 5] == carriageReturn
        else { return nil }
        at += 5
        return buffer[at - 1]
    }

    /// - Returns: false at the end of the file.
    mutating func next(_ record: inout CSVRecord) throws(FileFault) -> Bool {
        record.fields.removeAll(keepingCapacity: true)
        while true {
            if at == end, try !fill() { return false }
            let byte = buffer[at]
            guard byte == lineFeed || byte == carriageReturn else { break }
            at += 1
            if byte == carriageReturn || !afterCarriageReturn { line += 1 }
            afterCarriageReturn = byte == carriageReturn
        }
        afterCarriageReturn = false
        record.line = line
        while true {
            let (field, ending) = try field()
            record.fields.append(field)
            switch ending {
            case .separator: continue
            case .line: line += 1
            case .file: break
            }
            return true
        }
    }

    private mutating func field() throws(FileFault) -> (String, End) {
        if at == end, try !fill() { return ("", .file) }
        return buffer[at] == quote ? try quoted() : try plain()
    }

    private mutating func plain() throws(FileFault) -> (String, End) {
        var scan = at
        while true {
            while scan < end {
                let byte = buffer[scan]
                if byte == separator || byte == lineFeed || byte == carriageReturn {
                    let field = text(at..<scan)
                    at = scan + 1
                    if byte == separator { return (field, .separator) }
                    afterCarriageReturn = byte == carriageReturn
                    return (field, .line)
                }
                scan += 1
            }
            let length = scan - at
            guard try fill() else {
                defer { at = end }
                return (text(at..<end), .file)
            }
            scan = at + length
        }
    }

    private mutating func quoted() throws(FileFault) -> (String, End) {
        let opened = line
        var length = 1, isDoubled = false
        while true {
            if at + length == end, try !fill() {
                throw FileFault(path: file.path, line: opened, "a quote opens here and never closes")
            }
            let byte = buffer[at + length]
            if byte == lineFeed { line += 1 }
            length += 1
            guard byte == quote else { continue }
            if at + length == end, try !fill() { break }
            guard buffer[at + length] == quote else { break }
            isDoubled = true
            length += 1
        }
        let inner = at + 1..<at + length - 1
        let field = isDoubled ? undoubled(inner) : text(inner)
        at += length
        guard at < end else { return (field, .file) }
        let byte = buffer[at]
        at += 1
        if byte == separator { return (field, .separator) }
        guard byte == lineFeed || byte == carriageReturn else {
            throw FileFault(path: file.path, line: line, "text behind a closing quote: quotes within a field are doubled")
        }
        afterCarriageReturn = byte == carriageReturn
        return (field, .line)
    }

    private func undoubled(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = [], from = range.lowerBound
        while from < range.upperBound {
            bytes.append(buffer[from])
            from += buffer[from] == quote ? 2 : 1
        }
        return bytes.withUnsafeBytes { decoded($0) }
    }

    private func text(_ range: Range<Int>) -> String { decoded(UnsafeRawBufferPointer(rebasing: buffer[range])) }

    /// Moves the open field to the front and reads on behind it; `at` becomes 0.
    ///
    /// - Returns: false when the file holds no more.
    private mutating func fill() throws(FileFault) -> Bool {
        guard !drained else { return false }
        if at > 0 {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[at..<end]))
            (at, end) = (0, end - at)
        }
        if end == buffer.count {
            guard buffer.count < Self.largestSize else {
                throw FileFault(path: file.path, line: line, "a field above 4 MiB: a quote may be missing near here")
            }
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
            buffer.deallocate()
            buffer = larger
        }
        let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
        end += count
        drained = count == 0
        return count > 0
    }

    private func detectedSeparator() -> UInt8 {
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        var counts = [0, 0, 0], isQuoted = false
        for byte in buffer[at..<end] {
            if byte == quote { isQuoted.toggle() }
            guard !isQuoted else { continue }
            if (byte == lineFeed || byte == carriageReturn) && counts != [0, 0, 0] { break }
            if let which = candidates.firstIndex(of: byte) { counts[which] += 1 }
        }
        return candidates[counts.firstIndex(of: counts.max() ?? 0) ?? 0]
    }
}

private func decoded(_ bytes: UnsafeRawBufferPointer) -> String {
    if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }  // halves the time of most files
    return decodedText(bytes)
}
