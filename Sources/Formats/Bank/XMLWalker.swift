import CLibXML2

/// Walks an XML file from first to last in the memory of one subtree.
///
/// No network, no external file, no entity: a document type declaration is refused before libxml2 sees a byte of the file.
/// - Errors: `FileFault` for what is not XML, not well-formed, cut off, deeper than 256 elements, with a text above 10 MB or a subtree of more
///   than 2,000,000 tags.
final class XMLWalker {
    enum Step {
        case start(depth: Int, XMLElement)
        case end(depth: Int)
    }

    private let source: XMLSource
    private let reader: xmlTextReaderPtr
    private var skips = false
    private var isClosed = false
    /// The file claims to be UTF-8 and is not; it is read as Windows-1252.
    let isMislabelled: Bool

    init(path: String) throws(FileFault) {
        let source = try XMLSource(path: path)
        isMislabelled = source.claimsUTF8 ? !(try isUTF8(path: path)) : false
        initialized
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOCDATA.rawValue | XML_PARSE_BIG_LINES.rawValue
        let context = Unmanaged.passUnretained(source).toOpaque()
        guard let reader = xmlReaderForIO(readSource, nil, context, nil, isMislabelled ? "WINDOWS-1252" : nil, Int32(bitPattern: options))
        else {
            throw FileFault(path: path, "cannot be read: out of memory")
        }
        xmlTextReaderSetStructuredErrorHandler(
            reader,
            { context, error in
                guard let context, let error, error.pointee.level == XML_ERR_FATAL else { return }
                let text = error.pointee.message.map { String(cString: $0).trimmed } ?? "unknown error"
                Unmanaged<XMLSource>.fromOpaque(context).takeUnretainedValue().note(text, line: Int(error.pointee.line))
            }, context)
        (self.source, self.reader) = (source, reader)
    }

    deinit { xmlFreeTextReader(reader) }

    /// The next start or end of an element; an empty element has a start only.
    ///
    /// - Returns: nil behind the root element.
    func step() throws(FileFault) -> Step? {
        while true {
            let status = skips ? xmlTextReaderNext(reader) : xmlTextReaderRead(reader)
            skips = false
            guard status >= 0 else { throw source.fault }
            guard status > 0 else {
                guard isClosed else { throw source.fault }
                return nil
            }
            let depth = Int(xmlTextReaderDepth(reader))
            switch UInt32(bitPattern: xmlTextReaderNodeType(reader)) {
            case XML_READER_TYPE_DOCUMENT_TYPE.rawValue: throw doctypeFault(source.path, line: nil)
            case XML_READER_TYPE_ELEMENT.rawValue:
                if depth == 0 && isEmpty { isClosed = true }
                guard let node = xmlTextReaderCurrentNode(reader) else { throw source.fault }
                return .start(depth: depth, XMLElement(node))
            case XML_READER_TYPE_END_ELEMENT.rawValue:
                if depth == 0 { isClosed = true }
                return .end(depth: depth)
            default: continue
            }
        }
    }

    /// Whether the element just started has no content and therefore no end.
    var isEmpty: Bool { xmlTextReaderIsEmptyElement(reader) == 1 }

    /// The whole element just started; the next step passes over it and takes it away.
    func subtree() throws(FileFault) -> XMLElement {
        source.beginSubtree(line: Int(xmlTextReaderGetParserLineNumber(reader)))
        defer { source.endSubtree() }
        guard let node = xmlTextReaderExpand(reader) else { throw source.fault }
        skips = true
        return XMLElement(node)
    }

    /// Makes the next step pass over the element just started.
    func skip() { skips = true }
}

private let initialized: Void = xmlInitParser()

private func readSource(_ context: UnsafeMutableRawPointer?, _ into: UnsafeMutablePointer<CChar>?, _ count: Int32) -> Int32 {
    guard let context else { return -1 }
    let buffer = UnsafeMutableRawBufferPointer(start: into, count: Int(count))
    return Int32(Unmanaged<XMLSource>.fromOpaque(context).takeUnretainedValue().read(into: buffer))
}

private func doctypeFault(_ path: String, line: Int?) -> FileFault {
    FileFault(path: path, line: line, "has a document type declaration (DOCTYPE), which no bank statement has: refused")
}

/// The bytes of the file as libxml2 asks for them, and the first thing that went wrong.
private final class XMLSource {
    let path: String
    private let file: InputFile
    private var head: [UInt8]
    private var headTold = 0
    private var firstFault: FileFault?

    /// The root element must start within these first bytes.
    private static let headSize = 64 * 1024
    /// A tag of a few bytes becomes a node of hundreds: some 25,000 transactions of one entry.
    private static let tagLimit = 2_000_000
    private var subtreeLine: Int?
    private var tags = 0

    init(path: String) throws(FileFault) {
        let file = try InputFile(path: path)
        var head = [UInt8](repeating: 0, count: Self.headSize), count = 0
        var fault: FileFault?
        head.withUnsafeMutableBytes { buffer in
            do throws(FileFault) { count = try file.read(into: buffer) } catch { fault = error }
        }
        if let fault { throw fault }
        head.removeLast(head.count - count)
        try checkProlog(head, path: path)
        (self.path, self.file, self.head) = (path, file, head)
    }

    /// Neither a zero byte, as UTF-16 has, nor another encoding in the declaration.
    var claimsUTF8: Bool {
        guard !head.prefix(64).contains(0), !head.starts(with: [0xFF, 0xFE]), !head.starts(with: [0xFE, 0xFF]) else { return false }
        let start = String(decoding: head.prefix(200), as: UTF8.self).lowercased()
        let declaration = start.prefix { $0 != ">" }
        return !declaration.contains("encoding") || declaration.contains("utf-8") || declaration.contains("utf8")
    }

    var fault: FileFault { firstFault ?? FileFault(path: path, "is cut off: fetch it again from the bank") }

    func note(_ text: String, line: Int) {
        guard firstFault == nil else { return }
        let isSecond = text.contains("XML declaration allowed only at the start")
        let what =
            isSecond
            ? "holds another XML document behind its first: split it" : "is damaged or cut off (\(text)): fetch it again from the bank"
        firstFault = FileFault(path: path, line: line, what)
    }

    func beginSubtree(line: Int) { (subtreeLine, tags) = (line, 0) }
    func endSubtree() { subtreeLine = nil }

    /// - Returns: the count of bytes, 0 at the end, -1 for a fault.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = some(into: buffer)
        guard let line = subtreeLine, count > 0 else { return count }
        tags += buffer[..<count].count { $0 == UInt8(ascii: "<") }
        guard tags > Self.tagLimit else { return count }
        firstFault = FileFault(path: path, line: line, "one element holds more than 2,000,000 tags: ask the bank for smaller files")
        return -1
    }

    private func some(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        if headTold < head.count {
            let count = min(buffer.count, head.count - headTold)
            buffer.copyBytes(from: head[headTold..<headTold + count])
            headTold += count
            return count
        }
        do throws(FileFault) { return try file.read(into: buffer) } catch {
            firstFault = error
            return -1
        }
    }
}

/// Passes over declaration, comments and instructions to the root element; zero bytes do not count, so UTF-16 is looked
/// through as well.
private func checkProlog(_ head: [UInt8], path: String) throws(FileFault) {
    var bytes = head.filter { $0 != 0 }[...]
    let whole = bytes
    func line() -> Int { 1 + whole[..<bytes.startIndex].count { $0 == 10 } }
    func skip(past end: String) {
        while !bytes.isEmpty, !bytes.starts(with: end.utf8) { bytes = bytes.dropFirst() }
        bytes = bytes.dropFirst(end.utf8.count)
    }
    while let first = bytes.first, first.isBlank || first == 0xEF || first == 0xBB || first == 0xBF || first >= 0xFE {
        bytes = bytes.dropFirst()
    }
    while true {
        while let first = bytes.first, first.isBlank { bytes = bytes.dropFirst() }
        guard bytes.first == UInt8(ascii: "<") else {
            let message = bytes.isEmpty ? "holds no XML element" : "is not XML"
            throw FileFault(path: path, line: line(), "\(message): a camt.052, camt.053 or camt.054 file is wanted")
        }
        if bytes.starts(with: "<?".utf8) {
            skip(past: "?>")
        } else if bytes.starts(with: "<!--".utf8) {
            skip(past: "-->")
        } else if bytes.starts(with: "<!".utf8) {
            throw doctypeFault(path, line: line())
        } else {
            return
        }
    }
}

/// Reads the file through once.
private func isUTF8(path: String) throws(FileFault) -> Bool {
    let file = try InputFile(path: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
    defer { buffer.deallocate() }
    var kept = 0
    while true {
        let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[kept...]))
        guard count > 0 else { return kept == 0 }
        let end = kept + count
        let whole = wholeCharacters(buffer[..<end])
        guard String(validating: buffer[..<whole], as: UTF8.self) != nil else { return false }
        kept = end - whole
        guard kept < 4 else { return false }
        for at in 0..<kept { buffer[at] = buffer[whole + at] }
    }
}

/// The count of bytes before a character that the end cuts.
private func wholeCharacters(_ bytes: Slice<UnsafeMutableRawBufferPointer>) -> Int {
    for back in 1...3 where back <= bytes.count {
        let byte = bytes[bytes.endIndex - back]
        if byte < 0x80 { break }
        guard byte >= 0xC0 else { continue }
        let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
        return length > back ? bytes.endIndex - back : bytes.endIndex
    }
    return bytes.endIndex
}
