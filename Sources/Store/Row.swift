import CLibPQ
import Domain
import GRDBSQLite

/// One result row, read by position straight from the statement (SQLite) or the result (PostgreSQL).
///
/// Valid only inside the closure that receives it. A wrong type or a NULL where none is expected traps: query and reader
/// stand together, so it is a programmer error.
package struct Row {
    enum Source {
        case sqlite(OpaquePointer)
        case postgres(OpaquePointer, Int32)
    }
    let source: Source

    package func isNull(_ column: Int) -> Bool {
        switch source {
        case .sqlite(let statement): sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL
        case .postgres(let result, let row): PQgetisnull(result, row, Int32(column)) == 1
        }
    }

    package func integer(_ column: Int) -> Int64 {
        switch source {
        case .sqlite(let statement):
            precondition(sqlite3_column_type(statement, Int32(column)) == SQLITE_INTEGER, "column \(column) is no integer")
            return sqlite3_column_int64(statement, Int32(column))
        case .postgres(let result, let row):
            precondition(PQgetisnull(result, row, Int32(column)) == 0, "column \(column) is NULL")
            return parsed(UnsafeRawPointer(PQgetvalue(result, row, Int32(column))).assumingMemoryBound(to: UInt8.self))
        }
    }

    package func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }

    package func text(_ column: Int) -> String {
        switch source {
        case .sqlite(let statement):
            guard let text = sqlite3_column_text(statement, Int32(column)) else { preconditionFailure("column \(column) is NULL") }
            let count = Int(sqlite3_column_bytes(statement, Int32(column)))
            return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
        case .postgres(let result, let row):
            precondition(PQgetisnull(result, row, Int32(column)) == 0, "column \(column) is NULL")
            let text = UnsafeRawPointer(PQgetvalue(result, row, Int32(column))).assumingMemoryBound(to: UInt8.self)
            return String(decoding: UnsafeBufferPointer(start: text, count: Int(PQgetlength(result, row, Int32(column)))), as: UTF8.self)
        }
    }

    package func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

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

    package func day(_ column: Int) -> Day {
        guard let day = Day(text(column)) else { preconditionFailure("column \(column) is no day: \(text(column))") }
        return day
    }
    package func optionalDay(_ column: Int) -> Day? { isNull(column) ? nil : day(column) }

    package func currency(_ column: Int) -> Currency {
        guard let currency = Currency(text(column)) else { preconditionFailure("column \(column) is no currency: \(text(column))") }
        return currency
    }
}

private func parsed(_ text: UnsafePointer<UInt8>) -> Int64 {
    var at = text, value: Int64 = 0
    let negative = at.pointee == UInt8(ascii: "-")
    if negative { at += 1 }
    while at.pointee != 0 {
        precondition((48...57).contains(at.pointee), "not an integer")
        value = value &* 10 &- Int64(at.pointee - 48)  // counts down, so that Int64.min is read too
        at += 1
    }
    return negative ? value : -value
}

private func nibble(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 87 }
