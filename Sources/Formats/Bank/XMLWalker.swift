import CLibXML2

/// Walks an XML file from first to last in the memory of one subtree.
///
/// No network, no external file, no entity: a document type declaration is refused before libxml2 sees a byte of the file.
/// - Errors: `FileFault` for what is not XML, not well-formed, cut off, deeper than 256 elements or with a text above 10 MB.
final class XMLWalker {
    enum Step {
        case start(depth: Int, XMLElement)
        case end(depth: Int)
    }

    private let source: XMLSource
    private let reader: xmlTextReaderPtr
    private var skips = false
    private var isClosed = false

    init(path: String) throws(FileFault) {
        let source = try XMLSource(path: path)
        initialized
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOCDATA.rawValue | XML_PARSE_BIG_LINES.rawValue
        let context = Unmanaged.passUnretained(source).toOpaque()
        guard let reader = xmlReaderForIO(readSource, nil, context, nil, nil, Int32(bitPattern: options)) else {
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

    var fault: FileFault { firstFault ?? FileFault(path: path, "is cut off: fetch it again from the bank") }

    func note(_ text: String, line: Int) {
        guard firstFault == nil else { return }
        firstFault = FileFault(path: path, line: line, "is damaged or cut off (\(text)): fetch it again from the bank")
    }

    /// - Returns: the count of bytes, 0 at the end, -1 for a fault.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
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
