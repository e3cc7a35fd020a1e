import Domain
import Operations
import Store
import TestSupport
import Testing

/// For every table and column that is covered, one value changed behind the program's back is found. A column that is added later takes
/// part by itself; what is left out is named with its reason.
@Suite struct FlippedValueTests {
    /// Tables that nothing proves, and why.
    static let exemptTables = [
        "cash_candidate": "proposals to a person, who decides; made anew with each run",
        "idempotency": "answers kept for repeats of a request",
        "job": "leases of runs",
        "web_session": "sessions of hours",
        "invitation": "works once, within a day",
        "hand_run": "a list of runs, moved on by the program",
        "run_step": "a list of what runs did, moved on by the program",
        "payer_sighting": "counts on the way to an identity, which is covered once it is one",
    ]
    /// Columns that nothing proves, and why.
    static let exempt = [
        "book.last_id": "ids may be drawn and not used", "book.entity_id": "the check asks for the book by it",
        "cash_queue.entity_id": "a list of work, made anew with each run", "cash_queue.reason": "words to a person",
        "cash_queue.queued_on": "a day to sort by",
        "outbox.state": "moved on by the worker", "outbox.attempts": "moved on by the worker", "outbox.next_at": "moved on by the worker",
        "outbox.leased_until": "moved on by the worker", "outbox.last_error": "moved on by the worker",
        "webhook.through_id": "moved on by the worker", "webhook.state": "moved on by the worker",
        "webhook.attempts": "moved on by the worker", "webhook.next_at": "moved on by the worker",
        "webhook.leased_until": "moved on by the worker", "webhook.last_error": "moved on by the worker",
        "person.failures": "counts sign-ins", "person.locked_until": "counts sign-ins", "person.totp_step": "counts sign-ins",
        "approval.state": "the decision is in the audit log", "approval.decided_by": "the decision is in the audit log",
        "approval.decided_name": "the decision is in the audit log", "approval.decided_at": "the decision is in the audit log",
    ]
    /// What a fault calls a table where it does not use its name.
    static let names = [
        "proof": "proof of", "account_day": "kept balance of account", "due_day": "kept open amount due on", "document_series": "series",
        "book": "book|count of slices|closed days", "seal": "seal", "cash_queue": "queue: receipt", "open_item": "open_item|item",
        "sales_order": "sales_order|order", "slice": "slice", "account": "account",
    ]
    /// Rows of zero say nothing but that their day is known.
    static let rows = ["account_day": " AND debit_minor <> credit_minor", "due_day": " AND debit_minor <> 0"]

    @Test(arguments: Engine.available) func everyCoveredValueIsProven(engine: Engine) async throws {
        let shop = try await CoveredShop.open(engine)
        try await shop.unprotect()
        #expect(try await shop.faults() == [])
        let columns = try await shop.columns(), byTable = Dictionary(grouping: columns, by: \.table)
        #expect(byTable.count > 45)
        for (table, columns) in byTable.sorted(by: { $0.key < $1.key }) where Self.exemptTables[table] == nil {
            guard try await shop.number(SQL(text: "SELECT count(*) FROM \(table) WHERE entity_id = 1", values: [])) ?? 0 > 0 else {
                #expect(table == "habit_event", "\(table) is empty in the test's books")
                continue
            }
            for column in columns where Self.exempt["\(table).\(column.name)"] == nil {
                try await flip(column, columns.filter(\.isKey), shop)
            }
            #expect(try await shop.faults() == [], "\(table) is as it was")
        }
    }

    private func flip(_ column: BooksColumn, _ keys: [BooksColumn], _ shop: Shop) async throws {
        let row = try #require(try await shop.row(of: column, keys, Self.rows[column.table] ?? ""))
        guard let flipped = try await shop.flip(column, keys, row) else { return }  // a CHECK refuses every other value
        let faults = try await shop.faults(), names = (Self.names[column.table] ?? column.table).split(separator: "|")
        #expect(
            faults.contains { fault in names.contains { fault.contains($0) } },
            "\(column.table).\(column.name) from \(row.value) to \(flipped): \(faults)")
        try await shop.restore(column, keys, row, flipped)
    }
}

struct BooksColumn: Sendable {
    let table, name, type: String
    let isKey: Bool

    /// Values that may stand there instead, the likeliest first.
    func others(_ value: SQLValue) -> [SQLValue] {
        switch value {
        case .integer(let integer): return [.integer(integer + 1), .integer(integer - 1), .integer(1 - integer)]
        case .bytes(let bytes): return [.bytes([bytes.first.map { $0 ^ 1 } ?? 1] + bytes.dropFirst())]
        case .text(let text):
            let last = text.last == "1" ? "2" : "1"
            return [SQLValue.text(String(text.dropLast()) + last)] + Self.words.filter { $0 != text }.map { SQLValue.text($0) }
        default:
            let isInteger = type == "INTEGER" || type == "bigint"
            return isInteger ? [.integer(1), .integer(7)] : [.text("x"), .text("2026-01-09"), .text("freight")]
        }
    }

    /// Words that CHECKs of the schema name.
    private static let words = [
        "held", "confirmed", "cancelled", "released", "name", "iban", "mandate", "weekly", "order", "oldest_first", "reference",
        "liability",
        "asset", "adjustment", "sale", "invoice", "opening", "credit_note", "clerk", "viewer", "dispute", "deduction", "settled",
        "written_off",
        "debit_note", "payer",
    ]
}

struct BooksRow: Sendable {
    let keys: [SQLValue]
    let value: SQLValue
}

extension Shop {
    func faults() async throws -> [String] { try await database.read { [entity] in try CheckBooks(entity).run(in: $0).faults } }

    /// Lets the owner of the database change facts.
    func unprotect() async throws {
        guard !(database is PostgresDatabase) else { return }
        for trigger in try await texts("SELECT name FROM sqlite_master WHERE type = 'trigger'") {
            try await sql(SQL(text: "DROP TRIGGER \(trigger)", values: []))
        }
    }

    /// With the rights of whoever owns the tables.
    func asOwner(_ statement: SQL) async throws {
        guard let postgres = database as? PostgresDatabase else { return try await sql(statement) }
        try await postgres.asOwner { try $0.run(statement) }
    }

    /// From the catalogue, so that no column is forgotten.
    func columns() async throws -> [BooksColumn] {
        let query: SQL =
            database is PostgresDatabase
            ? """
            SELECT c.relname, a.attname, format_type(a.atttypid, -1),
                   CASE WHEN EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))
                        THEN 1 ELSE 0 END
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> 'schema_version'
             ORDER BY c.relname, a.attnum
            """
            : """
            SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name <> 'schema_version' AND substr(m.name, 1, 7) <> 'sqlite_' ORDER BY m.name, c.cid
            """
        return try await database.read { tx in
            try tx.rows(query) { BooksColumn(table: $0.text(0), name: $0.text(1), type: $0.text(2), isKey: $0.integer(3) > 0) }
        }
    }

    /// A row where the column holds something, when there is one.
    func row(of column: BooksColumn, _ keys: [BooksColumn], _ condition: String) async throws -> BooksRow? {
        let names = (keys.map(\.name) + [column.name]).joined(separator: ", ")
        let text =
            "SELECT \(names) FROM \(column.table) WHERE entity_id = 1\(condition) ORDER BY CASE WHEN \(column.name) IS NULL THEN 1 ELSE 0 END, "
            + keys.map(\.name).joined(separator: ", ") + " LIMIT 1"
        return try await database.read { tx in
            try tx.first(SQL(text: text, values: [])) { row in
                let values = (keys + [column]).enumerated().map { at, column in value(row, at, column) }
                return BooksRow(keys: Array(values.dropLast()), value: values[keys.count])
            }
        }
    }

    /// - Returns: The other value that the database took; nil when it refuses each.
    func flip(_ column: BooksColumn, _ keys: [BooksColumn], _ row: BooksRow) async throws -> SQLValue? {
        for other in column.others(row.value) {
            do {
                try await asOwner(update(column, keys, to: other, where: row.keys))
                return other
            } catch is DatabaseFault { continue }
        }
        return nil
    }

    func restore(_ column: BooksColumn, _ keys: [BooksColumn], _ row: BooksRow, _ flipped: SQLValue) async throws {
        let now = zip(keys, row.keys).map { key, value in key.name == column.name ? flipped : value }
        try await asOwner(update(column, keys, to: row.value, where: now))
    }

    private func update(_ column: BooksColumn, _ keys: [BooksColumn], to value: SQLValue, where row: [SQLValue]) -> SQL {
        let conditions = keys.enumerated().map { at, key in "\(key.name) = $\(at + 2)" }.joined(separator: " AND ")
        return SQL(text: "UPDATE \(column.table) SET \(column.name) = $1 WHERE \(conditions)", values: [value] + row)
    }
}

private func value(_ row: Row, _ at: Int, _ column: BooksColumn) -> SQLValue {
    if row.isNull(at) { return .null }
    switch column.type {
    case "INTEGER", "bigint": return .integer(row.integer(at))
    case "BLOB", "bytea": return .bytes(row.bytes(at))
    default: return .text(row.text(at))
    }
}
