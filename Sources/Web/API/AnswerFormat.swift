import Crypto
import Domain
import Formats
import Operations

/// How a reading is answered: JSON, or the rows of a list or a report as CSV or JSON lines.
enum AnswerFormat: Sendable {
    case json, csv, lines

    /// What is asked for most (RFC 9110, 12.5.1): by its quality, then by its place in the header.
    ///
    /// - Returns: nil when nothing that is asked for can be had.
    init?(accept: String?, hasRows: Bool) {
        guard let accept, !accept.allSatisfy({ $0 == " " }) else {
            self = .json
            return
        }
        let ranges = accept.lowercased().split(separator: ",").map(MediaRange.init)
        var best: (format: AnswerFormat, range: MediaRange, place: Int)?
        for format: AnswerFormat in hasRows ? [.json, .csv, .lines] : [.json] {
            // The range that names it most exactly says how much it is wanted.
            let named = ranges.enumerated().filter { format.names.contains($1.name) }
            guard let exact = named.map({ format.names.firstIndex(of: $1.name) ?? 0 }).min(),
                let (place, range) = named.first(where: { $1.name == format.names[exact] }), range.quality > 0
            else { continue }
            if let best, (best.range.quality, -best.place) >= (range.quality, -place) { continue }
            best = (format, range, place)
        }
        guard let best else { return nil }
        self = best.format
    }

    /// Of a media type and of the ranges it lies in, the most exact first.
    private var names: [String] {
        switch self {
        case .json: ["application/json", "application/*", "*/*", "application/problem+json"]
        case .csv: ["text/csv", "text/*", "*/*"]
        case .lines: ["application/x-ndjson", "application/*", "*/*"]
        }
    }

    private struct MediaRange {
        let name: String
        /// In thousandths; zero is not acceptable.
        let quality: Int64

        init(_ text: Substring) {
            let parts = text.filter { $0 != " " && $0 != "\t" }.split(separator: ";", omittingEmptySubsequences: false)
            name = String(parts[0])
            let stated = parts.dropFirst().first { $0.hasPrefix("q=") }.map { $0.dropFirst(2) }
            quality = stated.flatMap { DecimalNumber($0)?.units(atScale: 3) }.map { min(max($0, 0), 1000) } ?? 1000
        }
    }

    var type: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv; charset=utf-8"
        case .lines: "application/x-ndjson"
        }
    }

    /// What stands before the rows.
    ///
    /// - Parameter schema: Of the page whose rows are written.
    func head(_ schema: Schema) -> [UInt8] {
        self == .csv ? Array((schema.rowColumns.map(\.name).joined(separator: ",") + "\r\n").utf8) : []
    }

    /// The rows of one page.
    func rows(_ page: JSON, _ schema: Schema) -> [UInt8] {
        let rows = schema.rows.flatMap { page[$0.name]?.array } ?? []
        switch self {
        case .json: return page.bytes
        case .lines: return rows.flatMap { $0.bytes + [UInt8(ascii: "\n")] }
        case .csv:
            let columns = schema.rowColumns
            return Array(rows.map { row in columns.map { cell(row, $0.path) }.joined(separator: ",") + "\r\n" }.joined().utf8)
        }
    }

    private func cell(_ row: JSON, _ path: [String]) -> String {
        switch path.reduce(row as JSON?, { $0?[$1] }) {
        case .text(let text)?: csvText(text)
        case .integer(let integer)?: String(integer)
        case .bool(let flag)?: flag ? "true" : "false"
        case nil, .null?: ""
        case .some(let value): csvText(value.line)
        }
    }
}

/// An export of more rows than one answer should hold.
struct ExportTooLong: Refusal {
    var category: RefusalCategory { .invalid }
    var code: String { "export_too_long" }
    var message: String {
        "these are more than \(ListLimit.rows) rows: filter the list, or read it page by page; the API takes limit and after"
    }
}

extension Schema {
    /// The columns of a page's rows; an amount takes two.
    fileprivate var rowColumns: [(name: String, path: [String])] {
        (rows?.fields ?? []).flatMap { field -> [(name: String, path: [String])] in
            var schema = field.schema
            if case .optional(let inner) = schema { schema = inner }
            if case .money = schema { return ["minor", "currency"].map { ("\(field.name)_\($0)", [field.name, $0]) } }
            return [(field.name, [field.name])]
        }
    }
}

/// Changes whenever the bytes do: an ETag.
func versionTag(_ digest: SHA256.Digest) -> String { "\"\(hexadecimal(digest.prefix(12)))\"" }

/// At most 2,000 characters of a line of JSON.
func auditText(_ line: [UInt8]) -> String {
    let text = String(decoding: line, as: UTF8.self)
    return line.count <= 2_000 ? text : String(text.prefix(2_000))
}

extension JSON {
    package var line: String { String(decoding: bytes, as: UTF8.self) }
    /// As the audit log keeps it.
    var excerpt: String { auditText(bytes) }
    var tag: String { versionTag(SHA256.hash(data: bytes)) }
    init(values: [String: String]) { self = .object(values.sorted { $0.key < $1.key }.map { Member($0.key, .text($0.value)) }) }
    var values: [String: String] {
        guard case .object(let members) = self else { return [:] }
        return Dictionary(
            members.compactMap { member in member.value.text.map { (member.name, $0) } }, uniquingKeysWith: { first, _ in first })
    }
}
