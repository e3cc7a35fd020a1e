/// A table as bulk inserts see it: its name and its columns in order.
package struct Table: Sendable {
    package enum Kind: Sendable { case integer, text, bytes }
    package struct Column: Sendable {
        package let name: String
        package let kind: Kind
        package init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }
    }

    package let name: String
    package let columns: [Column]
    package let insertText: String

    /// - Parameters:
    ///   - integers, texts: Split by blanks, in the table's order of columns: `"entity_id:i external_id:t"`.
    package init(_ name: String, _ columns: String) {
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
        let places = (1...self.columns.count).map { "$\($0)" }.joined(separator: ", ")
        insertText = "INSERT INTO \(name) (\(self.columns.map(\.name).joined(separator: ", "))) VALUES (\(places))"
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
        bytes.append(1)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        next(.integer)
    }

    package mutating func append(_ value: Int64?) {
        guard let value else { return appendNull() }
        append(value)
    }

    package mutating func append(_ value: String) {
        bytes.append(2)
        var value = value
        value.withUTF8 { utf8 in
            withUnsafeBytes(of: UInt32(utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: utf8)
        }
        next(.text)
    }

    package mutating func append(_ value: String?) {
        guard let value else { return appendNull() }
        append(value)
    }

    package mutating func append(_ value: [UInt8]) {
        bytes.append(3)
        withUnsafeBytes(of: UInt32(value.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: value)
        next(.bytes)
    }

    package mutating func appendNull() {
        bytes.append(0)
        next(nil)
    }

    /// Changes an integer that was appended; `offset` is where its eight bytes begin.
    package mutating func overwrite(at offset: Int, _ value: Int64) {
        withUnsafeBytes(of: value.littleEndian) { new in
            for (place, byte) in new.enumerated() { bytes[offset + place] = byte }
        }
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
