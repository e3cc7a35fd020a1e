import Domain

package enum Dialect: Sendable { case sqlite, postgres }

/// The schema's history in one text for both engines: forward only, never edited once released.
///
/// The 33rd is PostgreSQL's alone, which reads a table's CHECKs anew for each statement: it takes those for the shape of days and
/// currencies, which `Day` and `Currency` have before a row is written, from the tables that every sale writes. The 34th is SQLite's alone:
/// requests come with random keys, so their rows, with whole answers, stand in the order they came and only the keys in their own.
let migrations: [(version: Int64, text: String)] = [
    (1, String(decoding: PackageResources.m0001_house_sql, as: UTF8.self)),
    (2, String(decoding: PackageResources.m0002_people_sql, as: UTF8.self)),
    (3, String(decoding: PackageResources.m0003_matching_sql, as: UTF8.self)),
    (6, String(decoding: PackageResources.m0006_remittance_sql, as: UTF8.self)),
    (7, String(decoding: PackageResources.m0007_desk_sql, as: UTF8.self)),
    (8, String(decoding: PackageResources.m0008_api_sql, as: UTF8.self)),
    (12, String(decoding: PackageResources.m0012_approval_sql, as: UTF8.self)),
    (13, String(decoding: PackageResources.m0013_habit_sql, as: UTF8.self)),
    (14, String(decoding: PackageResources.m0014_slices_sql, as: UTF8.self)),
    (15, String(decoding: PackageResources.m0015_access_sql, as: UTF8.self)),
    (16, String(decoding: PackageResources.m0016_largest_sql, as: UTF8.self)),
    (17, String(decoding: PackageResources.m0017_to_return_sql, as: UTF8.self)),
    (18, String(decoding: PackageResources.m0018_months_sql, as: UTF8.self)),
    (19, String(decoding: PackageResources.m0019_closing_sql, as: UTF8.self)),
    (20, String(decoding: PackageResources.m0020_mandate_sql, as: UTF8.self)),
    (21, String(decoding: PackageResources.m0021_conversation_sql, as: UTF8.self)),
    (22, String(decoding: PackageResources.m0022_hand_run_sql, as: UTF8.self)),
    (23, String(decoding: PackageResources.m0023_records_sql, as: UTF8.self)),
    (24, String(decoding: PackageResources.m0024_account_sql, as: UTF8.self)),
    (25, String(decoding: PackageResources.m0025_discount_terms_sql, as: UTF8.self)),
    (26, String(decoding: PackageResources.m0026_history_sql, as: UTF8.self)),
    (27, String(decoding: PackageResources.m0027_run_step_sql, as: UTF8.self)),
    (29, String(decoding: PackageResources.m0029_short_payments_sql, as: UTF8.self)),
    (30, String(decoding: PackageResources.m0030_document_sql, as: UTF8.self)),
    (32, String(decoding: PackageResources.m0032_policy_text_sql, as: UTF8.self)),
    (33, String(decoding: PackageResources.m0033_shapes_sql, as: UTF8.self)),
    (34, String(decoding: PackageResources.m0034_request_keys_sql, as: UTF8.self)),
    (35, String(decoding: PackageResources.m0035_invitation_sql, as: UTF8.self)),
    (36, String(decoding: PackageResources.m0036_asker_sql, as: UTF8.self)),
    (39, String(decoding: PackageResources.m0039_run_lease_sql, as: UTF8.self)),
    (40, String(decoding: PackageResources.m0040_undelivered_sql, as: UTF8.self)),
    (41, String(decoding: PackageResources.m0041_lists_sql, as: UTF8.self)),
    (42, String(decoding: PackageResources.m0042_settled_mail_sql, as: UTF8.self)),
]

/// Facts: rows that may be inserted and read but never deleted, and updated only in the columns named here, which are kept
/// sums and states derived from other facts.
let facts: [(table: String, mutable: [String])] = [
    ("seal", []), ("sales_order", ["state", "document_id"]), ("sales_order_line", []), ("order_event", []), ("invoice", []),
    ("invoice_line", []), ("journal_entry", []), ("posting", []), ("open_item", ["open_minor"]), ("allocation", []),
    ("statement", []), ("statement_entry", []), ("receipt", []), ("receipt_mandate", []), ("application", []), ("dunning_notice", []),
    ("dunning_notice_item", []), ("cash_discount", []), ("discount_rate", []), ("party", []), ("item_reference", []),
    ("identity_revocation", []),
    ("remittance_advice", []), ("remittance_line", []), ("remittance_link", []), ("habit_event", []), ("audit_entry", []),
    ("slice", ["open_minor"]), ("slice_event", []), ("receipt_inquiry", []), ("period", []), ("record_check", []),
    ("customer_version", []), ("identity_event", []), ("receipt_question", []), ("deduction_code_event", []), ("webhook_event", []),
    ("cash_policy", []), ("cash_policy_text", []), ("outbox_event", []),
]

private let ofOneEngine: [Int64: Dialect] = [33: .postgres, 34: .sqlite]

/// Applies what is missing, inside the caller's transaction.
///
/// - Parameter last: Nothing newer: what a former release left.
func applyMigrations(in tx: any Transaction, dialect: Dialect, through last: Int64) throws {
    try tx.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL, PRIMARY KEY (version))")
    let applied = Set(try tx.rows("SELECT version FROM schema_version") { $0.integer(0) })
    if let newest = applied.max(), newest > migrations.last!.version {
        throw DatabaseFault.newer(newest)
    }
    // A table of years is copied once, however long that takes.
    if dialect == .postgres { try tx.run("SET LOCAL statement_timeout = 0") }
    for (version, text) in migrations where version <= last && !applied.contains(version) {
        let statements = ofOneEngine[version, default: dialect] == dialect ? text.split(separator: ";\n") : []
        for statement in statements where statement.contains(where: { !$0.isWhitespace }) {
            try tx.run(SQL(text: rendered(String(statement), dialect)))
        }
        try tx.run("INSERT INTO schema_version (version) VALUES (\(version))")
    }
    if applied.count < migrations.count { try protectFacts(in: tx, dialect: dialect) }
    if dialect == .sqlite, applied.count < migrations.count { try statePlannerFigures(in: tx) }
}

/// Tables whose second key column has few values: many rows share each.
private let coarse: Set = ["idempotency"]

/// Tells SQLite's planner what every table looks like once it is large: an entity has a million rows, so `entity_id = $1` alone selects
/// nothing. Without it the planner walks an entity's whole history for `entity_id = $1 AND number IN (…)`.
private func statePlannerFigures(in tx: any Transaction) throws {
    try tx.run("ANALYZE")
    try tx.run("DELETE FROM sqlite_stat1")
    let indexes = try tx.rows(
        """
        SELECT m.name, i.name, i."unique", i.origin = 'pk' AND m.wr = 1, i.partial, (SELECT count(*) FROM pragma_index_info(i.name))
          FROM pragma_table_list m JOIN pragma_index_list(m.name) i WHERE m.schema = 'main' AND m.type = 'table'
        """
    ) {
        (
            table: $0.text(0), index: $0.text(1), isUnique: $0.integer(2) == 1, isTable: $0.integer(3) == 1, isPartial: $0.integer(4) == 1,
            count: Int($0.integer(5))
        )
    }
    for index in indexes {
        let whole = index.isPartial ? "100000" : "1000000"
        let columns = (0..<index.count).map {
            $0 == 0 || $0 == 1 && coarse.contains(index.table) ? whole : $0 < index.count - 1 ? "20" : index.isUnique ? "1" : "10"
        }
        let name = index.isTable ? index.table : index.index
        try tx.run(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (\(index.table), \(name), \(([whole] + columns).joined(separator: " ")))")
    }
    try tx.run("ANALYZE sqlite_master")
}

/// SQLite's rendering: INTEGER and BLOB for BIGINT and BYTEA, STRICT tables clustered on their primary key where they say nothing else.
private func rendered(_ statement: String, _ dialect: Dialect) -> String {
    guard dialect == .sqlite else { return statement }
    let typed = statement.replacing("BIGINT", with: "INTEGER").replacing("BYTEA ", with: "BLOB ")
    return typed.hasSuffix("\n)") ? typed + " STRICT, WITHOUT ROWID" : typed
}

/// Immutability of facts: refusing triggers on SQLite; on PostgreSQL the role `florin_app`, which every connection takes. Where an
/// administrator has made and granted it, the owner of the database needs no CREATEROLE. From version 16 on, who makes a role is its
/// member and still may not take it. A schema that stops at a former version has not all of the facts.
private func protectFacts(in tx: any Transaction, dialect: Dialect) throws {
    switch dialect {
    case .sqlite:
        for (table, mutable) in facts {
            let columns = try tx.rows("SELECT name FROM pragma_table_info(\(table))") { $0.text(0) }.filter { !mutable.contains($0) }
            guard !columns.isEmpty else { continue }
            for (event, name) in [("DELETE", "delete"), ("UPDATE OF \(columns.joined(separator: ", "))", "update")] {
                try tx.run(SQL(text: "DROP TRIGGER IF EXISTS \(table)_no_\(name)"))
                try tx.run(
                    SQL(
                        text: "CREATE TRIGGER \(table)_no_\(name) BEFORE \(event) ON \(table) "
                            + "BEGIN SELECT RAISE(ABORT, '\(table): a recorded fact never changes'); END"))
            }
        }
    case .postgres:
        try tx.run(
            """
            DO $body$ BEGIN
                IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'florin_app') THEN
                    BEGIN CREATE ROLE florin_app NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
                END IF;
                IF NOT pg_has_role(current_user, 'florin_app',
                    CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
                    EXECUTE format('GRANT florin_app TO %I', current_user);
                END IF;
                EXECUTE format('GRANT USAGE ON SCHEMA %I TO florin_app', current_schema());
                EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO florin_app', current_schema());
            END $body$
            """)
        let there = Set(try tx.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()") { $0.text(0) })
        for (table, mutable) in facts where there.contains(table) {
            try tx.run(SQL(text: "REVOKE UPDATE, DELETE ON \(table) FROM florin_app"))
            if !mutable.isEmpty {
                try tx.run(SQL(text: "GRANT UPDATE (\(mutable.joined(separator: ", "))) ON \(table) TO florin_app"))
            }
        }
    }
}
