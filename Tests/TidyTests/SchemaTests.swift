import Domain
import Foundation
import Store
import TestSupport
import Testing

/// The rules of the schema, read from a migrated database.
@Suite struct SchemaTests {
    private struct Column { let table, name, type: String, isNull: Bool }

    private func columns(_ database: any Database) async throws -> [Column] {
        try await database.read { tx in
            try tx.rows(
                """
                SELECT m.name, c.name, c.type, c."notnull" FROM sqlite_master m JOIN pragma_table_info(m.name) c
                 WHERE m.type = 'table' AND m.name NOT IN ('schema_version', 'sqlite_stat1') AND substr(m.name, 1, 7) <> 'sqlite_'
                """
            ) { Column(table: $0.text(0), name: $0.text(1), type: $0.text(2), isNull: $0.integer(3) == 0) }
        }
    }

    @Test func typesAreWholeNumbersTextsAndBytes() async throws {
        for column in try await columns(Engine.sqlite.make()) {
            #expect(["INTEGER", "TEXT", "BLOB"].contains(column.type), "\(column.table).\(column.name) \(column.type)")
        }
    }

    @Test func theLegalEntityIsFirstInEveryKey() async throws {
        let database = try await Engine.sqlite.make()
        let firsts = try await database.read { tx in
            try tx.rows(
                """
                SELECT m.name, i.name, c.name FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c
                 WHERE m.type = 'table' AND m.name <> 'schema_version' AND c.seqno = 0
                """
            ) { (table: $0.text(0), index: $0.text(1), column: $0.text(2)) }
        }
        #expect(firsts.count > 40)
        for first in firsts { #expect(first.column == "entity_id", "\(first.index) of \(first.table) begins with \(first.column)") }
    }

    @Test func moneyHasItsCurrencyBesideIt() async throws {
        let all = try await columns(Engine.sqlite.make())
        // Lines and sums whose currency is that of their document.
        let parts: Set<String> = [
            "sales_order_line", "invoice_line", "allocation", "cash_candidate", "cash_queue", "dunning_notice_item",
            "slice_event",
        ]
        for column in all where column.name.hasSuffix("_minor") && !parts.contains(column.table) {
            #expect(all.contains { $0.table == column.table && $0.name == "currency" }, "\(column.table).\(column.name) has no currency")
        }
    }

    /// What a sharded PostgreSQL would refuse; the rules are the project's own copy of what Citus asks.
    @Test(arguments: Engine.available.filter { $0 == .postgres }) func nothingThatAShardWouldRefuse(engine: Engine) async throws {
        let database = try await engine.make()
        let found = try await database.read { tx in
            try tx.rows(
                """
                SELECT 'trigger ' || c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE NOT t.tgisinternal AND n.nspname = current_schema()
                UNION ALL SELECT 'sequence ' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'S' AND n.nspname = current_schema()
                UNION ALL SELECT 'generated ' || c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'r' AND n.nspname = current_schema() AND (a.attgenerated <> '' OR a.attidentity <> '')
                UNION ALL SELECT 'foreign key without entity_id ' || k.conname FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
                 WHERE k.contype = 'f' AND n.nspname = current_schema()
                   AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname = 'entity_id')
                """
            ) { $0.text(0) }
        }
        #expect(found == [])
    }
}
