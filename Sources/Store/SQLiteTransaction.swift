import Domain
import GRDB
import GRDBSQLite
import Glibc

/// A connection's prepared statements, by their text: kept, so that a hot statement costs one look-up.
final class SQLiteStatements {
    /// Not touched by two threads at once: the inserter's has the connection until it is settled.
    struct Prepared: @unchecked Sendable {
        let statement: OpaquePointer
        /// Where each parameter stands: SQLite gives `$2` the place of its first appearance in the text, not the second.
        let places: [(index: Int32, number: Int)]
        /// Owns `statement`.
        fileprivate let owner: GRDB.Statement
    }

    /// Beyond it everything is forgotten: texts are the program's own, so this many are a sign of something made at run time.
    private static let limit = 1_000
    private var prepared: [StatementText: Prepared] = [:]

    func statement(_ wanted: StatementText, _ db: GRDB.Database) throws -> Prepared {
        if let known = prepared[wanted] {
            sqlite3_reset(known.statement)  // a reader that stopped early left it on a row
            return known
        }
        if prepared.count >= Self.limit { prepared.removeAll() }
        let text = wanted.text
        do {
            let owner = try db.makeStatement(sql: native(text))
            let fresh = Prepared(statement: owner.sqliteStatement, places: Self.places(of: owner.sqliteStatement), owner: owner)
            prepared[wanted] = fresh
            return fresh
        } catch let error as GRDB.DatabaseError {
            throw DatabaseFault(code: "sqlite:\(error.extendedResultCode.rawValue)", message: error.message ?? "", statement: text)
        }
    }

    /// SQLite's reading of lists, of texts for LIKE, which sees no case there, of locks: who writes has the whole database for itself from
    /// BEGIN IMMEDIATE on; and of inserts: to take a statement's rows back when a later one is refused, it would copy each page before.
    private func native(_ text: String) -> String {
        guard text.contains("§") else { return text }
        return text.replacing("§integers(", with: "json_each(").replacing("§texts(", with: "json_each(").replacing(" §locked", with: "")
            .replacing("§lower(", with: "(").replacing("§OR FAIL", with: "OR FAIL")
    }

    /// The statement as it was left, when it is prepared; nothing of the connection is touched.
    func known(_ wanted: StatementText) -> Prepared? { prepared[wanted] }

    func forget() { prepared.removeAll() }

    private static func places(of statement: OpaquePointer) -> [(index: Int32, number: Int)] {
        let count = sqlite3_bind_parameter_count(statement)
        guard count > 0 else { return [] }
        return (1...count).map { index in
            var number = 0, digit = sqlite3_bind_parameter_name(statement, index)! + 1
            while digit.pointee != 0 {
                number = number * 10 + Int(digit.pointee - 48)
                digit += 1
            }
            return (index, number)
        }
    }
}

/// Binds on the raw statements of GRDB's connection: one Swift call a value, no argument arrays.
final class SQLiteTransaction: Transaction {
    let expectsNew: Bool
    private let db: GRDB.Database
    private let statements: SQLiteStatements
    /// nil inserts on the caller's thread.
    private let inserter: SQLiteInserter?
    /// How many statements are being read.
    private var readings = 0

    init(_ db: GRDB.Database, _ statements: SQLiteStatements, _ inserter: SQLiteInserter? = nil, expectsNew: Bool = false) {
        (self.db, self.statements, self.inserter, self.expectsNew) = (db, statements, inserter, expectsNew)
    }

    /// Waits for the inserts that are on their way; each statement does so before it begins.
    func settle() throws { try inserter?.settle() }

    /// The same, whatever became of them.
    func abandon() { inserter?.abandon() }

    func forEach(_ sql: SQL, _ each: (Row) throws -> Void) throws {
        try settle()
        let statement = try prepared(sql)
        readings += 1
        defer {
            readings -= 1
            sqlite3_reset(statement)
        }
        var flaw = RowFlaw()
        try withUnsafeMutablePointer(to: &flaw) { flaw in
            let row = Row(source: .sqlite(statement), flaw: flaw)
            while try step(statement, sql.statement) { try row.read(by: each, of: sql) }
        }
    }

    func damage(limit: Int) throws -> [String] {
        let found = try rows(SQL(text: "PRAGMA integrity_check(\(limit))")) { $0.text(0) }
        return found == ["ok"] ? [] : found
    }

    func run(_ sql: SQL) throws { try forEach(sql) { _ in } }

    func changes(_ sql: SQL) throws -> Int {
        try run(sql)
        return Int(sqlite3_changes(db.sqliteConnection))
    }

    /// Fewer rows are inserted sooner than another thread wakes, unless that has rows to insert already.
    private static let aheadFrom = 128

    func insert(_ batch: RowBatch) throws {
        guard !batch.isEmpty else { return }
        var inserts: [BatchInsert] = [], left = batch.count
        for (rows, text) in batch.table.inserts where left >= rows {
            var prepared = statements.known(text)
            if prepared == nil {
                try settle()
                prepared = try statements.statement(text, db)
            }
            if let prepared { inserts.append(BatchInsert(rows: rows, prepared: prepared, text: text)) }
            left %= rows
        }
        guard let inserter, batch.count >= Self.aheadFrom || inserter.isBusy, readings == 0 else {
            try settle()
            return try insertNow(batch, inserts)
        }
        let planned = inserts
        inserter.insert { try insertNow(batch, planned) }
    }

    func repeated(_ sql: StaticString, _ parameters: Int, _ values: [SQLValue]) throws {
        guard !values.isEmpty else { return }
        try settle()
        let text = StatementText([sql], holes: 0)
        let prepared = try statements.statement(text, db), statement = prepared.statement
        defer { sqlite3_reset(statement) }
        for start in stride(from: 0, to: values.count, by: parameters) {
            for place in prepared.places { try bind(values[start + place.number - 1], place.index, statement) }
            _ = try step(statement, text)
            sqlite3_reset(statement)
        }
    }

    func ask(ahead queries: () -> [SQL]) {}

    private func prepared(_ sql: SQL) throws -> OpaquePointer {
        let prepared = try statements.statement(sql.statement, db)
        for place in prepared.places { try bind(sql.values[place.number - 1], place.index, prepared.statement) }
        return prepared.statement
    }

    private func bind(_ value: SQLValue, _ place: Int32, _ statement: OpaquePointer) throws {
        switch value {
        case .null: sqlite3_bind_null(statement, place)
        case .integer(let integer): sqlite3_bind_int64(statement, place, integer)
        case .text(let text): try bind(text, place, statement)
        case .bytes(let bytes):
            _ = bytes.withUnsafeBytes {
                sqlite3_bind_blob(statement, place, $0.baseAddress ?? UnsafeRawPointer(bitPattern: 1), Int32($0.count), transient)
            }
        case .integers(let list): try bind("[" + list.map(String.init).joined(separator: ",") + "]", place, statement)
        case .texts(let list): try bind(jsonList(list), place, statement)
        }
    }

    private func bind(_ text: String, _ place: Int32, _ statement: OpaquePointer) throws {
        var text = text
        try text.withUTF8 { utf8 in
            try refuseZeroByte(UnsafeRawBufferPointer(utf8))
            utf8.withMemoryRebound(to: CChar.self) {
                _ = sqlite3_bind_text(statement, place, $0.baseAddress, Int32($0.count), transient)
            }
        }
    }
}

/// One of the statements that insert a batch.
private struct BatchInsert: Sendable {
    let rows: Int
    let prepared: SQLiteStatements.Prepared
    let text: StatementText
}

private func insertNow(_ batch: RowBatch, _ inserts: [BatchInsert]) throws {
    let columns = batch.table.columns.count
    try batch.bytes.withUnsafeBytes { bytes in
        var at = 0, left = batch.count
        for insert in inserts {
            let statement = insert.prepared.statement
            sqlite3_reset(statement)
            while left >= insert.rows {
                for place in 1...Int32(insert.rows * columns) { at = try bind(bytes, at, place, statement) }
                _ = try step(statement, insert.text)
                sqlite3_reset(statement)
                left -= insert.rows
            }
            sqlite3_clear_bindings(statement)
        }
    }
}

private func step(_ statement: OpaquePointer, _ text: StatementText) throws -> Bool {
    switch sqlite3_step(statement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
        let connection = sqlite3_db_handle(statement)
        let fault = DatabaseFault(
            code: "sqlite:\(sqlite3_extended_errcode(connection))", message: String(cString: sqlite3_errmsg(connection)),
            statement: text.text)
        sqlite3_reset(statement)
        throw fault
    }
}

/// PostgreSQL takes no text with a zero byte: a book that holds one could not move there.
private func refuseZeroByte(_ text: UnsafeRawBufferPointer) throws {
    guard let start = text.baseAddress, memchr(start, 0, text.count) != nil else { return }
    throw DatabaseFault(code: "22021", message: "a text holds a zero byte", statement: "bind")
}

/// Binds one value of a `RowBatch` and returns where the next one starts. The bytes outlive the step, so none is copied.
private func bind(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ place: Int32, _ statement: OpaquePointer) throws -> Int {
    switch bytes[at] {
    case 0:
        sqlite3_bind_null(statement, place)
        return at + 1
    case 1:
        sqlite3_bind_int64(statement, place, Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 1, as: Int64.self)))
        return at + 9
    case let kind:
        let count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 1, as: UInt32.self)))
        let start = bytes.baseAddress! + at + 5
        if kind == 2 {
            try refuseZeroByte(UnsafeRawBufferPointer(start: start, count: count))
            sqlite3_bind_text(statement, place, start.assumingMemoryBound(to: CChar.self), Int32(count), nil)
        } else {
            sqlite3_bind_blob(statement, place, start, Int32(count), nil)
        }
        return at + 5 + count
    }
}

private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

/// The texts as a JSON array.
private func jsonList(_ texts: [String]) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "[")]
    bytes.reserveCapacity(texts.reduce(2) { $0 + $1.utf8.count + 3 })
    for (at, text) in texts.enumerated() {
        if at > 0 { bytes.append(UInt8(ascii: ",")) }
        var text = text
        text.withUTF8 { appendQuoted($0, to: &bytes) }
    }
    bytes.append(UInt8(ascii: "]"))
    return String(decoding: bytes, as: UTF8.self)
}

private func appendQuoted(_ utf8: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    let quote = UInt8(ascii: "\""), backslash = UInt8(ascii: "\\")
    bytes.append(quote)
    if utf8.contains(where: { $0 < 0x20 || $0 == quote || $0 == backslash }) {
        for byte in utf8 {
            if byte < 0x20 {
                bytes.append(contentsOf: ("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8)
            } else {
                if byte == quote || byte == backslash { bytes.append(backslash) }
                bytes.append(byte)
            }
        }
    } else {
        bytes.append(contentsOf: utf8)
    }
    bytes.append(quote)
}
