import Crypto
import Domain
import Formats
import Operations

/// How a reading is answered: JSON, or the rows of a list or a report as CSV or JSON lines.
enum AnswerFormat: Sendable {
    case json, csv, lines

    /// - Returns: nil when nothing that is asked for can be had.
    init?(accept: String?, hasRows: Bool) {
        guard let accept, !accept.isEmpty else {
            self = .json
            return
        }
        for part in accept.lowercased().split(separator: ",") {
            switch part.split(separator: ";")[0].filter({ $0 != " " }) {
            case "*/*", "application/*", "application/json", "application/problem+json": self = .json
            case "text/csv", "text/*": if hasRows { self = .csv } else { continue }
            case "application/x-ndjson": if hasRows { self = .lines } else { continue }
            default: continue
            }
            return
        }
        return nil
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
        let rows = page["rows"]?.array ?? []
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
        guard case .object(let page) = self, case .array(.object(let fields), _, _)? = page.first(where: { $0.name == "rows" })?.schema
        else {
            return []
        }
        return fields.flatMap { field -> [(name: String, path: [String])] in
            var schema = field.schema
            if case .optional(let inner) = schema { schema = inner }
            if case .money = schema { return ["minor", "currency"].map { ("\(field.name)_\($0)", [field.name, $0]) } }
            return [(field.name, [field.name])]
        }
    }
}

/// Changes whenever the bytes do: an ETag.
func versionTag(_ bytes: [UInt8]) -> String { "\"\(hexadecimal(SHA256.hash(data: bytes).prefix(12)))\"" }

extension JSON {
    package var line: String { String(decoding: bytes, as: UTF8.self) }
    /// At most 2,000 characters of the line, as the audit log keeps it.
    var excerpt: String {
        let line = line
        return line.utf8.count <= 2_000 ? line : String(line.prefix(2_000))
    }
    var tag: String { versionTag(bytes) }
    init(values: [String: String]) { self = .object(values.sorted { $0.key < $1.key }.map { Member($0.key, .text($0.value)) }) }
    var values: [String: String] {
        guard case .object(let members) = self else { return [:] }
        return Dictionary(
            members.compactMap { member in member.value.text.map { (member.name, $0) } }, uniquingKeysWith: { first, _ in first })
    }
}
