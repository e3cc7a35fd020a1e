import CLibPQ
import Domain

final class PostgresTransaction: Transaction {
    private let connection: PostgresConnection
    init(_ connection: PostgresConnection) { self.connection = connection }

    func forEach(_ sql: SQL, _ each: (Row) throws -> Void) throws {
        let result = try result(of: sql)
        defer { PQclear(result) }
        for row in 0..<PQntuples(result) { try each(Row(source: .postgres(result, row))) }
    }

    func run(_ sql: SQL) throws {
        let (text, values) = rendered(sql)
        try connection.send(text, values)
    }

    func changes(_ sql: SQL) throws -> Int {
        let result = try result(of: sql)
        defer { PQclear(result) }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    func insert(_ batch: RowBatch) throws {
        guard !batch.isEmpty else { return }
        let columns = batch.table.columns
        let sources = columns.enumerated().map { at, column in "$\(at + 1)::\(column.kind.postgresType)[]" }
        let text =
            "INSERT INTO \(batch.table.name) (\(columns.map(\.name).joined(separator: ", "))) SELECT * FROM unnest(\(sources.joined(separator: ", ")))"
        try connection.send(text, arrays(of: batch))
    }

    func repeated(_ sql: StaticString, _ parameters: Int, _ values: [SQLValue]) throws {
        let text = sql.description
        for start in stride(from: 0, to: values.count, by: parameters) {
            try connection.send(text, values[start..<start + parameters].map(\.postgresText))
        }
    }

    private func result(of sql: SQL) throws -> OpaquePointer {
        let (text, values) = rendered(sql)
        return try connection.query(text, values)
    }

    private func rendered(_ sql: SQL) -> (text: String, values: [String?]) {
        var text = sql.text
        if text.contains("§") {
            for at in sql.values.indices {
                text = text.replacing("§integers($\(at + 1))", with: "unnest($\(at + 1)::bigint[]) AS t(value)")
                    .replacing("§texts($\(at + 1))", with: "unnest($\(at + 1)::text[]) AS t(value)")
            }
        }
        return (text, sql.values.map(\.postgresText))
    }
}

extension Table.Kind {
    fileprivate var postgresType: String {
        switch self {
        case .integer: "bigint"
        case .text: "text"
        case .bytes: "bytea"
        }
    }
}

extension SQLValue {
    fileprivate var postgresText: String? {
        switch self {
        case .null: nil
        case .integer(let value): String(value)
        case .text(let value): value
        case .bytes(let value): hexadecimal(value)
        case .integers(let values): "{" + values.map(String.init).joined(separator: ",") + "}"
        case .texts(let values): "{" + values.map(quoted).joined(separator: ",") + "}"
        }
    }
}

/// One array literal a column.
private func arrays(of batch: RowBatch) -> [String] {
    let count = batch.table.columns.count
    var arrays = [[UInt8]](repeating: [UInt8(ascii: "{")], count: count)
    batch.bytes.withUnsafeBytes { bytes in
        var at = 0
        for row in 0..<batch.count {
            for column in 0..<count {
                if row > 0 { arrays[column].append(UInt8(ascii: ",")) }
                at = append(bytes, at, to: &arrays[column])
            }
        }
    }
    return arrays.map { String(decoding: $0 + [UInt8(ascii: "}")], as: UTF8.self) }
}

/// Appends one value of a `RowBatch` as an array element and returns where the next one starts.
private func append(_ bytes: UnsafeRawBufferPointer, _ at: Int, to array: inout [UInt8]) -> Int {
    switch bytes[at] {
    case 0:
        array.append(contentsOf: "NULL".utf8)
        return at + 1
    case 1:
        array.append(contentsOf: String(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 1, as: Int64.self))).utf8)
        return at + 9
    case let kind:
        let count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 1, as: UInt32.self)))
        let value = bytes[(at + 5)..<(at + 5 + count)]
        array.append(UInt8(ascii: "\""))
        for byte in kind == 2 ? Array(value) : Array(hexadecimal(Array(value)).utf8) {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { array.append(UInt8(ascii: "\\")) }
            array.append(byte)
        }
        array.append(UInt8(ascii: "\""))
        return at + 5 + count
    }
}

private func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return "\\x" + String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
