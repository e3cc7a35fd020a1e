import Domain

/// What every reader of statements does, whatever the format.
protocol StatementSource: AnyObject {
    /// The next event in file order; nil after the last.
    func next() throws -> StatementEvent?
}

extension CamtReader: StatementSource {}

/// Reads a bank statement of any format, told by what stands in the file: camt.052, camt.053, camt.054, MT940, MT942, BAI2, OFX,
/// QFX and NACHA, plain or gzipped; CSV by the mapping whose columns it has.
///
/// Events come before the end of the file is known to be sound: read it once to its end before booking anything.
package final class StatementReader {
    private let source: any StatementSource

    /// - Parameter currency: Taken where the file names none.
    /// - Errors: `FileFault` for a file that is no statement, saying what it is where that can be told.
    package init(path: String, currency: Currency? = nil, tables: [StatementTable] = []) throws {
        source =
            switch try StatementKind(path: path, tables: tables) {
            case .camt: try CamtReader(path: path)
            case .mt940: try MT940Reader(path: path, fallback: currency)
            case .bai2: try BAI2Reader(path: path, fallback: currency)
            case .ofx: try OFXReader(path: path, fallback: currency)
            case .nacha: try NACHAReader(path: path)
            case .table(let table, let separator):
                try StatementTableReader(path: path, table: table, separator: separator, fallback: currency)
            }
    }

    package func next() throws -> StatementEvent? { try source.next() }
}

/// Hands every event of the file to `each`.
package func readStatements(
    _ path: String, currency: Currency? = nil, tables: [StatementTable] = [], _ each: (StatementEvent) throws -> Void
) throws {
    let reader = try StatementReader(path: path, currency: currency, tables: tables)
    while let event = try reader.next() { try each(event) }
}

enum StatementKind {
    case camt, mt940, bai2, ofx, nacha
    /// With what divides its columns.
    case table(StatementTable, UInt8)

    init(path: String, tables: [StatementTable] = []) throws(FileFault) {
        let head = try FileHead(path: path)
        let text = head.text
        if let (table, separator) = tables.lazy.compactMap({ table in table.separator(in: head).map { (table, $0) } }).first {
            self = .table(table, separator)
        } else if head.isXML {
            self = text.lowercased()[...].range(of: "<ofx") != nil || text.hasPrefix("<?OFX") ? .ofx : .camt
        } else if text.hasPrefix("OFXHEADER") || text[...].range(of: "<OFX>") != nil {
            self = .ofx
        } else if head.lines.contains(where: { line in [":20:", ":25:", ":60F:", ":61:", ":940:", ":942:"].contains(where: line.hasPrefix) }
        )
            || text.hasPrefix("{1:") || text.hasPrefix("@@:20:")
        {
            self = .mt940
        } else if text.hasPrefix("01,") {
            self = .bai2
        } else if text.hasPrefix("101"), text.utf8.prefix(10).allSatisfy({ $0.isDigit || $0 == 32 }) {
            self = .nacha
        } else {
            throw FileFault(
                path: path, line: head.isEmpty ? nil : 1,
                head.refusal(wanted: "a bank statement (camt, MT940, MT942, BAI2, OFX, NACHA, CSV by a mapping)"))
        }
    }
}

/// The first 16 KiB of a file.
struct FileHead {
    let text: String
    let bytes: [UInt8]

    private static let size = 16 * 1024

    init(path: String) throws(FileFault) {
        let file = try TextInput(path: path, isOnlyLookedAt: true)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.size, alignment: 1)
        defer { buffer.deallocate() }
        bytes = Array(buffer[..<(try file.read(into: buffer))])
        var plain = bytes[...]
        if plain.starts(with: [0xEF, 0xBB, 0xBF]) { plain = plain.dropFirst(3) }
        text = String(decodedText(plain).drop { $0.isWhitespace || $0.unicodeScalars.allSatisfy { $0.value < 32 } })
    }

    var isEmpty: Bool { bytes.isEmpty }
    var isXML: Bool { bytes.first { $0 != 0 && !$0.isBlank && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF && $0 < 0xFE } == UInt8(ascii: "<") }
    var lines: [Substring] { text.split(whereSeparator: \.isNewline) }

    func refusal(wanted: String) -> String {
        if isEmpty { return "is empty: \(wanted) is wanted" }
        let what = Self.known.first { text.hasPrefix($0.0) }?.1 ?? nationalFormat ?? table ?? "is of no known format"
        return "\(what): \(wanted) is wanted"
    }

    private static let known: [(String, String)] = [
        ("%PDF", "is a PDF"), ("PK\u{3}\u{4}", "is a ZIP archive: unpack it"), ("ISA", "is an X12 interchange"),
        ("UNA", "is an EDIFACT interchange"),
        ("UNB", "is an EDIFACT interchange"), ("{", "is JSON"), ("OFC", "is OFC"), ("!Type", "is QIF"),
        ("1CClientBankExchange", "is an exchange file of 1C"),
    ]

    /// What banks of one country or an office program write instead of a statement that can be read.
    private var nationalFormat: String? {
        if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) { return "is an Excel workbook: save it as CSV" }
        guard let first = lines.first.map({ Array($0.utf8) }) else { return nil }
        func digits(_ range: Range<Int>) -> Bool { first.count >= range.upperBound && first[range].allSatisfy(\.isDigit) }
        func starts(_ text: String) -> Bool { first.starts(with: text.utf8) }
        if first.count >= 127, starts("00000"), digits(5..<11) { return "is CODA of a Belgian bank, which gives camt.053, too" }
        if starts("11"), digits(2..<32), first.count > 32, [49, 50].contains(first[32]) {
            return "is Norma 43 of a Spanish bank, which gives camt.053, too"
        }
        if starts("01"), digits(2..<7), digits(11..<16), first[7..<11].allSatisfy({ $0 == 32 }) {
            return "is CFONB 120 of a French bank, which gives camt.053, too"
        }
        return nil
    }

    /// `is CSV with the columns Date, Name, Amount`; nil where none of the first lines divides into three words or more.
    private var table: String? {
        for line in lines.prefix(20) {
            for mark in [";", ",", "\t"] as [Character] {
                let names = line.split(separator: mark).map { $0.filter { $0 != "\"" && !$0.isNewline }.trimmed }
                guard names.count >= 3, names.allSatisfy({ name in name.count(where: \.isLetter) * 2 > name.count && name.count <= 40 })
                else { continue }
                return "is CSV with the columns \(names.prefix(12).joined(separator: ", "))"
            }
        }
        return nil
    }
}
