import CLibPQ
import Domain
import GRDBSQLite

/// What of a row could not be read as its reader asked: the last of it. The reader goes on with a value that stands for it, and the fault
/// is thrown before anything is made of what was read.
struct RowFlaw {
    enum Wanted: String {
        case integer = "a whole number", amount = "an amount within bounds", text = "a text", utf8 = "a text in UTF-8", day = "a day",
            currency = "a currency", word =
            "a known word"
    }
    /// Below zero while everything could be read.
    var column: Int32 = -1
    var wanted = Wanted.integer
}

/// One result row, read by position straight from the statement (SQLite) or the result (PostgreSQL).
///
/// Valid only inside the closure that receives it. A wrong type, or a NULL where none may be, is what a damaged database holds: the
/// statement then throws a `DatabaseFault` that names the column, once the closure has come to its end.
package struct Row {
    enum Source {
        case sqlite(OpaquePointer)
        case postgres(OpaquePointer, Int32)
    }
    let source: Source
    let flaw: UnsafeMutablePointer<RowFlaw>

    package func isNull(_ column: Int) -> Bool {
        switch source {
        case .sqlite(let statement): sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL
        case .postgres(let result, let row): PQgetisnull(result, row, Int32(column)) == 1
        }
    }

    package func integer(_ column: Int) -> Int64 {
        switch source {
        case .sqlite(let statement):
            guard sqlite3_column_type(statement, Int32(column)) == SQLITE_INTEGER else { return noted(column, .integer, 0) }
            return sqlite3_column_int64(statement, Int32(column))
        case .postgres(let result, let row):
            guard PQgetisnull(result, row, Int32(column)) == 0,
                let value = parsed(UnsafeRawPointer(PQgetvalue(result, row, Int32(column))).assumingMemoryBound(to: UInt8.self))
            else { return noted(column, .integer, 0) }
            return value
        }
    }

    package func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }

    package func text(_ column: Int) -> String {
        guard let utf8 = utf8(column) else { return noted(column, .text, "") }
        // What is ASCII, as most is, needs no other check.
        if utf8.reduce(0, |) < 0x80 { return String(decoding: utf8, as: UTF8.self) }
        return String(validating: utf8, as: UTF8.self) ?? noted(column, .utf8, String(decoding: utf8, as: UTF8.self))
    }

    package func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

    /// The bytes of a text; nil for NULL.
    func utf8(_ column: Int) -> UnsafeBufferPointer<UInt8>? {
        switch source {
        case .sqlite(let statement):
            guard let text = sqlite3_column_text(statement, Int32(column)) else { return nil }
            return UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, Int32(column))))
        case .postgres(let result, let row):
            guard PQgetisnull(result, row, Int32(column)) == 0 else { return nil }
            let text = UnsafeRawPointer(PQgetvalue(result, row, Int32(column))).assumingMemoryBound(to: UInt8.self)
            return UnsafeBufferPointer(start: text, count: Int(PQgetlength(result, row, Int32(column))))
        }
    }

    /// A BYTEA column: PostgreSQL sends it as text, `\x` and hexadecimal digits.
    package func bytes(_ column: Int) -> [UInt8] {
        switch source {
        case .sqlite(let statement):
            guard let start = sqlite3_column_blob(statement, Int32(column)) else { return [] }
            return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, Int32(column)))))
        case .postgres:
            let digits = Array(text(column).utf8.dropFirst(2))
            return stride(from: 0, to: digits.count - 1, by: 2).map { nibble(digits[$0]) << 4 | nibble(digits[$0 + 1]) }
        }
    }

    package func id<Of>(_ column: Int) -> ID<Of> { ID(integer(column)) }
    package func optionalID<Of>(_ column: Int) -> ID<Of>? { optionalInteger(column).map { ID($0) } }

    package func day(_ column: Int) -> Day { Day(text(column)) ?? noted(column, .day, Day(number: 0)) }
    package func optionalDay(_ column: Int) -> Day? { isNull(column) ? nil : day(column) }

    package func currency(_ column: Int) -> Currency { utf8(column).flatMap { Currency(utf8: $0) } ?? noted(column, .currency, .eur) }

    /// Minor units within `Money.bound`.
    package func money(_ column: Int, _ currency: Currency) -> Money {
        let minor = integer(column)
        guard minor.magnitude <= Money.bound.magnitude else { return noted(column, .amount, .zero(currency)) }
        return Money(minor: minor, currency)
    }

    /// A word of a set that a CHECK names too.
    package func word<Word: RawRepresentable<String> & CaseIterable>(_ column: Int) -> Word {
        if let word = Word(rawValue: text(column)) { return word }
        return noted(column, .word, Word.allCases[Word.allCases.startIndex])
    }

    @inline(never) private func noted<Value>(_ column: Int, _ wanted: RowFlaw.Wanted, _ value: Value) -> Value {
        if flaw.pointee.column < 0 { flaw.pointee = RowFlaw(column: Int32(column), wanted: wanted) }
        return value
    }
}

extension Row {
    /// Hands the row to its reader, and throws what of it could not be read instead of what the reader made of that.
    func read(by each: (Row) throws -> Void, of sql: SQL) throws {
        do { try each(self) } catch { throw flaw.pointee.column < 0 ? error : fault(sql) }
        if flaw.pointee.column >= 0 { throw fault(sql) }
    }

    /// Names the table, the row by its first columns, and the column.
    @inline(never) private func fault(_ sql: SQL) -> DatabaseFault {
        let bad = Int(flaw.pointee.column), text = sql.text
        let table = text.split(whereSeparator: \.isWhitespace).drop { $0 != "FROM" }.dropFirst().first.map { "\($0): " } ?? ""
        let place = (0..<min(columnCount, 3)).filter { $0 != bad }.map { "\(columnName($0)) \(shown($0))" }.joined(separator: ", ")
        return DatabaseFault(
            code: "florin:damaged",
            message: "\(table)\(columnName(bad)) is \(shown(bad)) where \(flaw.pointee.wanted.rawValue) must stand"
                + (place.isEmpty ? "" : ", in the row with \(place)")
                + "; the database was damaged or changed outside of florin: run florin check, and restore the last backup that proves",
            statement: text)
    }

    private var columnCount: Int {
        switch source {
        case .sqlite(let statement): Int(sqlite3_column_count(statement))
        case .postgres(let result, _): Int(PQnfields(result))
        }
    }

    private func columnName(_ column: Int) -> String {
        switch source {
        case .sqlite(let statement): sqlite3_column_name(statement, Int32(column)).map { String(cString: $0) } ?? "column \(column + 1)"
        case .postgres(let result, _): PQfname(result, Int32(column)).map { String(cString: $0) } ?? "column \(column + 1)"
        }
    }

    private func shown(_ column: Int) -> String { utf8(column) == nil ? "NULL" : "'\(legible(column).prefix(60))'" }

    /// A text to show to a person, whatever stands there; empty for NULL.
    package func legible(_ column: Int) -> String { utf8(column).map { String(decoding: $0, as: UTF8.self) } ?? "" }
}

extension RowBatch {
    /// Appends a column as it stands, whatever stands there: what was changed outside of florin differs from what was sealed.
    package mutating func append(_ row: Row, _ column: Int, _ kind: Table.Kind) {
        guard !row.isNull(column) else { return appendNull() }
        switch row.source {
        case .sqlite(let statement):
            switch sqlite3_column_type(statement, Int32(column)) {
            case SQLITE_INTEGER: append(any: row.integer(column))
            case SQLITE_BLOB: append(any: row.bytes(column), as: 3)
            default: append(any: row.utf8(column) ?? UnsafeBufferPointer(start: nil, count: 0), as: 2)
            }
        case .postgres:
            switch kind {
            case .integer: append(any: row.integer(column))
            case .text: append(any: row.utf8(column) ?? UnsafeBufferPointer(start: nil, count: 0), as: 2)
            case .bytes: append(any: row.bytes(column), as: 3)
            }
        }
    }
}

private func parsed(_ text: UnsafePointer<UInt8>) -> Int64? {
    var at = text, value: Int64 = 0
    let negative = at.pointee == UInt8(ascii: "-")
    if negative { at += 1 }
    while at.pointee != 0 {
        guard (48...57).contains(at.pointee) else { return nil }
        value = value &* 10 &- Int64(at.pointee - 48)  // counts down, so that Int64.min is read too
        at += 1
    }
    return negative ? value : -value
}

private func nibble(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 87 }
