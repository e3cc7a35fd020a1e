/// A table as bulk inserts see it: its name and its columns in order.
package final class Table: Sendable {
    package enum Kind: Sendable { case integer, text, bytes }
    package struct Column: Sendable {
        package let name: String
        package let kind: Kind
        package init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }
    }

    package let name: String
    package let columns: [Column]
    /// Row counts of the prepared inserts, largest first, with their texts: rows of one statement share its cursors and its overhead.
    let inserts: [(rows: Int, text: StatementText)]
    /// The insert of rows that stand in one array for each column, as PostgreSQL takes many.
    let unnest: StatementText

    /// - Parameters:
    ///   - columns: Split by blanks, in the table's order: `"entity_id:i external_id:t"`.
    ///   - ending: An `ON CONFLICT` clause; no two rows of one batch may share its key.
    package init(_ name: String, _ columns: String, _ ending: StaticString = "") {
        self.name = name
        self.columns = columns.split(separator: " ").map { word in
            let parts = word.split(separator: ":")
            let kind: Kind =
                switch parts[1] {
                case "i": .integer
                case "t": .text
                case "b": .bytes
                default: preconditionFailure("\(name): \(word) is not name:i, name:t or name:b")
                }
            return Column(String(parts[0]), kind)
        }
        let width = self.columns.count, names = self.columns.map(\.name).joined(separator: ", ")
        inserts = (1...16).reversed().map { rows in
            let groups = (0..<rows).map { row in "(" + (1...width).map { "$\(row * width + $0)" }.joined(separator: ", ") + ")" }
            let text = "INSERT §OR FAIL INTO \(name) (\(names)) VALUES \(groups.joined(separator: ", ")) \(ending)"
            return (rows, StatementText(written: text))
        }
        // In the list of what is selected, arrays are read side by side; in FROM, each would first be written to a table of its own.
        let arrays = self.columns.enumerated().map { at, column in "unnest($\(at + 1)::\(column.kind.postgresType)[])" }
        unnest = StatementText(written: "INSERT INTO \(name) (\(names)) SELECT \(arrays.joined(separator: ", ")) \(ending)")
    }
}

/// Rows of one table, kept as flat bytes: the same bytes are bound, sent and sealed, so a row is written out once.
///
/// - Shape of a value: integer `1` + 8 bytes little endian; text `2` and bytes `3` + 4 bytes length little endian + the
///   bytes; null `0`. A row is its values in column order, nothing between rows.
package struct RowBatch: Sendable {
    package let table: Table
    package private(set) var bytes: [UInt8] = []
    package private(set) var count = 0
    private var column = 0

    package init(_ table: Table) { self.table = table }

    package var isEmpty: Bool { count == 0 }

    package mutating func append(_ value: Int64) {
        appendWord(value)
        next(.integer)
    }

    package mutating func append(_ value: Int64?) {
        guard let value else { return appendNull() }
        append(value)
    }

    package mutating func append(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            appendHead(2, utf8.count)
            bytes.append(contentsOf: utf8)
        }
        next(.text)
    }

    package mutating func append(_ value: String?) {
        guard let value else { return appendNull() }
        append(value)
    }

    package mutating func append(_ value: [UInt8]) {
        appendHead(3, value.count)
        bytes.append(contentsOf: value)
        next(.bytes)
    }

    package mutating func appendNull() {
        bytes.append(0)
        next(nil)
    }

    /// Appends an integer to a column of any type.
    mutating func append(any value: Int64) {
        appendWord(value)
        next(nil)
    }

    /// Appends bytes to a column of any type; `shape` is the first byte of the value.
    mutating func append(any value: some Collection<UInt8>, as shape: UInt8) {
        appendHead(shape, value.count)
        bytes.append(contentsOf: value)
        next(nil)
    }

    /// The shape of an integer and its eight bytes, in one piece.
    private mutating func appendWord(_ value: Int64) {
        let word = UInt64(bitPattern: value), parts = ((word << 8 | 1).littleEndian, UInt8(word >> 56))
        withUnsafeBytes(of: parts) { bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<9])) }
    }

    /// The shape of a text or of bytes and their length, in one piece.
    private mutating func appendHead(_ shape: UInt8, _ count: Int) {
        withUnsafeBytes(of: (UInt64(UInt32(count)) << 8 | UInt64(shape)).littleEndian) {
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<5]))
        }
    }

    /// Every row's values.
    package var rows: [[SQLValue]] {
        var rows: [[SQLValue]] = [], at = 0
        rows.reserveCapacity(count)
        for _ in 0..<count { rows.append(table.columns.map { _ in value(&at) }) }
        return rows
    }

    private func value(_ at: inout Int) -> SQLValue {
        func number(_ length: Int) -> UInt64 { (0..<length).reduce(0) { $0 | UInt64(bytes[at + 1 + $1]) << (8 * UInt64($1)) } }
        switch bytes[at] {
        case 0:
            at += 1
            return .null
        case 1:
            defer { at += 9 }
            return .integer(Int64(bitPattern: number(8)))
        case let shape:
            let start = at + 5, end = start + Int(number(4))
            at = end
            return shape == 2 ? .text(String(decoding: bytes[start..<end], as: UTF8.self)) : .bytes(Array(bytes[start..<end]))
        }
    }

    /// Changes an integer that was appended; `offset` is where its eight bytes begin.
    package mutating func overwrite(at offset: Int, _ value: Int64) {
        withUnsafeBytes(of: value.littleEndian) { new in
            for (place, byte) in new.enumerated() { bytes[offset + place] = byte }
        }
    }

    /// Room for so many bytes more, so that a few rows do not grow the batch step by step.
    package mutating func reserve(_ capacity: Int) { bytes.reserveCapacity(bytes.count + capacity) }

    /// How far a batch had come.
    package struct Mark: Sendable {
        fileprivate let bytes: Int, count: Int
        package static let beginning = Mark(bytes: 0, count: 0)
    }

    package var end: Mark { Mark(bytes: bytes.count, count: count) }

    /// The rows that were appended since.
    package func rows(since mark: Mark) -> RowBatch {
        if mark.count == 0 { return self }
        var rows = RowBatch(table)
        rows.bytes = Array(bytes[mark.bytes...])
        rows.count = count - mark.count
        return rows
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
    }

    private mutating func next(_ kind: Table.Kind?) {
        precondition(kind == nil || table.columns[column].kind == kind, "\(table.name): wrong type of value")
        column += 1
        if column == table.columns.count { (column, count) = (0, count + 1) }
    }
}
