import CLibPQ
import Domain

final class PostgresTransaction: Transaction {
    let expectsNew: Bool
    private let connection: PostgresConnection
    private var answers: [(question: SQL, result: OpaquePointer)] = []
    init(_ connection: PostgresConnection, expectsNew: Bool = false) { (self.connection, self.expectsNew) = (connection, expectsNew) }
    deinit { dropAnswers() }

    func forEach(_ sql: SQL, _ each: (Row) throws -> Void) throws {
        let result = try result(of: sql)
        defer { PQclear(result) }
        var flaw = RowFlaw()
        try withUnsafeMutablePointer(to: &flaw) { flaw in
            for row in 0..<PQntuples(result) { try Row(source: .postgres(result, row), flaw: flaw).read(by: each, of: sql) }
        }
    }

    func damage(limit: Int) -> [String] { [] }

    func run(_ sql: SQL) throws { try connection.send(sql.statement, ParameterBytes(sql.values)) }

    func changes(_ sql: SQL) throws -> Int {
        let result = try result(of: sql)
        defer { PQclear(result) }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    func insert(_ batch: RowBatch) throws {
        connection.inserted(batch.count, into: batch.table)
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

    func ask(ahead queries: () -> [SQL]) throws {
        dropAnswers()
        let queries = queries()
        let results = try connection.query(queries.map { ($0.statement, ParameterBytes($0.values)) })
        answers = Array(zip(queries, results))
    }

    private func dropAnswers() {
        for answer in answers { PQclear(answer.result) }
        answers.removeAll()
    }

    private func result(of sql: SQL) throws -> OpaquePointer {
        if let asked = answers.firstIndex(where: { $0.question == sql }) { return answers.remove(at: asked).result }
        return try connection.query([(sql.statement, ParameterBytes(sql.values))])[0]
    }
}

/// A statement's parameters as libpq sends them, one after the other: integers and texts as text, so that PostgreSQL infers their type;
/// bytes and arrays in binary.
struct ParameterBytes: ExpressibleByArrayLiteral {
    private(set) var bytes: [UInt8] = []
    /// Where each parameter begins; below zero is NULL.
    private var starts: [Int] = []
    private var lengths: [Int32] = []
    /// 1 is binary.
    private var formats: [Int32] = []

    init(arrayLiteral values: SQLValue...) { self.init(values) }

    init(_ values: some Collection<SQLValue>) {
        reserve(values.count)
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
        reserve(count)
        batch.bytes.withUnsafeBytes { source in
            for _ in 0..<count {
                switch source[at] {
                case 0:
                    appendNull()
                    at += 1
                case 1:
                    append(text: String(Int64(littleEndian: source.loadUnaligned(fromByteOffset: at + 1, as: Int64.self))))
                    at += 9
                case let kind:
                    let end = at + 5 + Int(UInt32(littleEndian: source.loadUnaligned(fromByteOffset: at + 1, as: UInt32.self)))
                    append(source[(at + 5)..<end], isBinary: kind == 3)
                    at = end
                }
            }
        }
    }

    private mutating func append(_ value: SQLValue) {
        switch value {
        case .null: appendNull()
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

    private mutating func append(binary value: [UInt8]) { append(value, isBinary: true) }

    private mutating func append(text: String) { append(text.utf8, isBinary: false) }

    /// A text ends with a zero byte; one that holds a zero byte goes in binary, so that the server refuses it instead of cutting it.
    private mutating func append(_ value: some Collection<UInt8>, isBinary: Bool) {
        starts.append(bytes.count)
        lengths.append(Int32(value.count))
        formats.append(isBinary || value.contains(0) ? 1 : 0)
        bytes.append(contentsOf: value)
        bytes.append(0)
    }

    private mutating func appendNull() {
        starts.append(-1)
        lengths.append(0)
        formats.append(0)
    }

    private mutating func reserve(_ count: Int) {
        starts.reserveCapacity(count)
        lengths.reserveCapacity(count)
        formats.reserveCapacity(count)
        bytes.reserveCapacity(count * 12)
    }

    /// Gives `body` what libpq takes: how many parameters, where they are, their lengths and formats.
    func withPointers<Value>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>) -> Value
    ) -> Value {
        bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: max(starts.count, 1)) { pointers in
                for (at, start) in starts.enumerated() {
                    pointers.initializeElement(
                        at: at, to: start < 0 ? nil : (bytes.baseAddress! + start).assumingMemoryBound(to: CChar.self))
                }
                return body(Int32(starts.count), pointers.baseAddress!, lengths, formats)
            }
        }
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
