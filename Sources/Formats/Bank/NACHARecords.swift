/// One record of 94 characters.
struct NACHARecord {
    let line: Int
    private let bytes: [UInt8]

    static let width = 94

    init(_ text: [UInt8], line: Int) {
        self.line = line
        bytes = text + [UInt8](repeating: 32, count: max(0, Self.width - text.count))
    }

    var type: UInt8 { bytes[0] - min(bytes[0], 48) }

    /// Positions as the rules count them, from 1, both ends included.
    func text(_ first: Int, _ last: Int) -> String { String(decoding: bytes[(first - 1)..<last], as: UTF8.self).trimmed }
    func raw(_ first: Int, _ last: Int) -> String { String(decoding: bytes[(first - 1)..<last], as: UTF8.self) }

    /// - Returns: nil unless digits (or blanks only) stand there; at most 18 digits.
    func number(_ first: Int, _ last: Int) -> Int64? {
        let text = text(first, last)
        guard text.utf8.allSatisfy(\.isDigit) else { return nil }
        return text.isEmpty ? 0 : Int64(text)
    }

    var isFiller: Bool { bytes.allSatisfy { $0 == 57 } }
}

/// The records of a file: one a line, short lines padded, or many on one line without line ends.
final class NACHARecords {
    private let lines: TextLines
    private var waiting: [NACHARecord] = []
    /// Lines whose width was not 94, as told since the last look.
    private(set) var misfits: [(line: Int, width: Int)] = []

    init(path: String) throws(FileFault) { lines = try TextLines(path: path) }

    var line: Int { lines.number }
    var path: String { lines.path }

    func next() throws(FileFault) -> NACHARecord? {
        while waiting.isEmpty {
            guard let text = try lines.next() else { return nil }
            // Names beyond ASCII count one place each, as the sender meant them.
            var bytes = text.unicodeScalars.map { $0.isASCII ? UInt8($0.value) : UInt8(ascii: "?") }
            guard bytes.contains(where: { !$0.isBlank }) else { continue }
            if bytes.count > NACHARecord.width {
                while bytes.count > NACHARecord.width, bytes.last == 32 { bytes.removeLast() }
            }
            if bytes.count % NACHARecord.width != 0 { misfits.append((lines.number, bytes.count)) }
            for start in stride(from: 0, to: bytes.count, by: NACHARecord.width) {
                waiting.append(NACHARecord(Array(bytes[start..<min(start + NACHARecord.width, bytes.count)]), line: lines.number))
            }
        }
        return waiting.removeFirst()
    }

    func takeMisfits() -> [(line: Int, width: Int)] {
        defer { misfits = [] }
        return misfits
    }
}
