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

    func run(_ sql: SQL) throws { try connection.send(sql.statement, ParameterBytes(sql.values)) }

    func changes(_ sql: SQL) throws -> Int {
        let result = try result(of: sql)
        defer { PQclear(result) }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    func insert(_ batch: RowBatch) throws {
        let inserts = batch.table.inserts
        guard !batch.isEmpty, batch.count < inserts[0].rows else {
            if !batch.isEmpty { try connection.send(batch.table.unnest, ParameterBytes(columnsOf: batch)) }
            return
        }
        // A few rows are sent as they are: arrays cost the server more than they spare.
        var at = 0, left = batch.count
        for (rows, text) in inserts {
            while left >= rows {
                try connection.send(text, ParameterBytes(rows * batch.table.columns.count, of: batch, &at))
                left -= rows
            }
        }
    }

    func repeated(_ sql: StaticString, _ parameters: Int, _ values: [SQLValue]) throws {
        let text = StatementText([sql], holes: 0)
        for start in stride(from: 0, to: values.count, by: parameters) {
            try connection.send(text, ParameterBytes(values[start..<start + parameters]))
        }
    }

    private func result(of sql: SQL) throws -> OpaquePointer { try connection.query(sql.statement, ParameterBytes(sql.values)) }
}

/// A statement's parameters as libpq sends them, one after the other: integers and texts as text, so that PostgreSQL infers their type;
/// bytes and arrays in binary.
struct ParameterBytes {
    struct Place {
        let range: Range<Int>
        let isBinary: Bool
    }

    private(set) var bytes: [UInt8] = []
    /// Where each parameter stands; nil is NULL.
    private(set) var places: [Place?] = []

    init(_ values: some Collection<SQLValue>) {
        places.reserveCapacity(values.count)
        for value in values { append(value) }
    }

    /// One array for each column.
    init(columnsOf batch: RowBatch) {
        let columns = batch.table.columns
        var arrays = columns.map { ArrayBytes($0.kind, count: batch.count, reserving: batch.bytes.count / columns.count * 2) }
        batch.bytes.withUnsafeBytes { source in
            var at = 0
            for _ in 0..<batch.count {
                for column in columns.indices { at = arrays[column].append(source, at) }
            }
        }
        for array in arrays { append(binary: array.bytes) }
    }

    /// The next `count` values of a batch; `at` moves behind them.
    init(_ count: Int, of batch: RowBatch, _ at: inout Int) {
        places.reserveCapacity(count)
        batch.bytes.withUnsafeBytes { source in
            for _ in 0..<count {
                switch source[at] {
                case 0:
                    places.append(nil)
                    at += 1
                case 1:
                    append(text: String(Int64(littleEndian: source.loadUnaligned(fromByteOffset: at + 1, as: Int64.self))))
                    at += 9
                case let kind:
                    let end = at + 5 + Int(UInt32(littleEndian: source.loadUnaligned(fromByteOffset: at + 1, as: UInt32.self)))
                    let start = bytes.count
                    bytes.append(contentsOf: source[(at + 5)..<end])
                    places.append(Place(range: start..<bytes.count, isBinary: kind == 3))
                    bytes.append(0)
                    at = end
                }
            }
        }
    }

    private mutating func append(_ value: SQLValue) {
        switch value {
        case .null: places.append(nil)
        case .integer(let integer): append(text: String(integer))
        case .text(let text): append(text: text)
        case .bytes(let bytes): append(binary: bytes)
        case .integers(let integers):
            var array = ArrayBytes(.integer, count: integers.count, reserving: integers.count * 12)
            for integer in integers { array.append(integer) }
            append(binary: array.bytes)
        case .texts(let texts):
            var array = ArrayBytes(.text, count: texts.count, reserving: texts.count * 16)
            for text in texts { array.append(text) }
            append(binary: array.bytes)
        }
    }

    private mutating func append(binary value: [UInt8]) {
        places.append(Place(range: bytes.count..<bytes.count + value.count, isBinary: true))
        bytes.append(contentsOf: value)
    }

    private mutating func append(text: String) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
        places.append(Place(range: start..<bytes.count - 1, isBinary: false))
    }
}

/// A one-dimensional array: dimensions, whether it may hold NULL, the element's type; the length and the lower bound; then each element
/// behind its length.
private struct ArrayBytes {
    private(set) var bytes: [UInt8] = []

    init(_ kind: Table.Kind, count: Int, reserving capacity: Int) {
        bytes.reserveCapacity(20 + capacity)
        for number in [1, 1, kind.postgresOID, Int32(count), 1] { append(number) }
    }

    mutating func append(_ integer: Int64) {
        append(8 as Int32)
        withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: String) {
        append(Int32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Appends one value of a `RowBatch` and returns where the next one starts.
    mutating func append(_ source: UnsafeRawBufferPointer, _ at: Int) -> Int {
        switch source[at] {
        case 0:
            append(-1 as Int32)
            return at + 1
        case 1:
            append(Int64(littleEndian: source.loadUnaligned(fromByteOffset: at + 1, as: Int64.self)))
            return at + 9
        default:
            let count = Int(UInt32(littleEndian: source.loadUnaligned(fromByteOffset: at + 1, as: UInt32.self)))
            append(Int32(count))
            bytes.append(contentsOf: source[(at + 5)..<(at + 5 + count)])
            return at + 5 + count
        }
    }

    private mutating func append(_ number: Int32) { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
}

extension Table.Kind {
    var postgresType: String {
        switch self {
        case .integer: "bigint"
        case .text: "text"
        case .bytes: "bytea"
        }
    }

    /// pg_type.oid, fixed since they exist.
    fileprivate var postgresOID: Int32 {
        switch self {
        case .integer: 20
        case .text: 25
        case .bytes: 17
        }
    }
}
