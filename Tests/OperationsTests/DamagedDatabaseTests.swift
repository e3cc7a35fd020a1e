import Domain
import Foundation
import Operations
import Store
import TestSupport
import Testing

/// A value that cannot be what it is read as ends neither the program nor the check: it is told with its table, its row and its column.
@Suite struct DamagedDatabaseTests {
    @Test(arguments: Engine.available) func aValueThatCannotBeReadIsNamed(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH")
        let query: SQL = "SELECT number, credit_limit_minor FROM customer WHERE entity_id = 1"
        let fault = await #expect(throws: DatabaseFault.self) {
            try await shop.database.read { tx in try tx.rows(query) { ($0.text(0), $0.integer(1)) } }
        }
        let message = fault?.message ?? ""
        #expect(
            message.contains("customer: credit_limit_minor is NULL where a whole number must stand, in the row with number 'C1'"),
            "\(message)")
        #expect(try await shop.texts("SELECT number FROM customer WHERE entity_id = 1") == ["C1"], "the connection is as good as before")
    }

    @Test(arguments: Engine.available) func aDayAndACurrencyThatAreNoneAreNamed(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH")
        for read in [{ _ = $0.day(0) }, { _ = $0.currency(0) }] as [@Sendable (Row) -> Void] {
            await #expect(throws: DatabaseFault.self) {
                try await shop.database.read { tx in try tx.forEach("SELECT name FROM customer WHERE entity_id = 1") { read($0) } }
            }
        }
    }

    /// A receipt that waits and is of more than any amount can be is told like any other.
    @Test(arguments: Engine.available) func anAmountBeyondEveryBoundIsNamed(engine: Engine) async throws {
        let shop = try await Shop.open(engine), beyond = 2 * Money.bound
        try await shop.pays(7_00, "?", on: "2026-01-20")
        try await shop.unprotect()
        for table in ["receipt", "cash_queue"] {
            try await shop.asOwner(SQL(text: "UPDATE \(table) SET amount_minor = \(beyond) WHERE entity_id = 1", values: []))
        }
        let faults = try await shop.faults()
        #expect(faults.contains { $0.contains("waits and is of \(beyond)") }, "\(faults)")
    }

    /// A text in a column of whole numbers, NULL where none may be, a text that is no UTF-8: written past SQLite's own checks.
    @Test(arguments: [
        ("credit_limit_minor INTEGER", "credit_limit_minor TEXT", "UPDATE customer SET credit_limit_minor = 'much'"),
        ("name       TEXT   NOT NULL", "name       TEXT           ", "UPDATE entity SET name = NULL"),
        ("memo         TEXT   NOT NULL", "memo         TEXT   NOT NULL", "UPDATE journal_entry SET memo = CAST(x'ff41' AS TEXT)"),
    ])
    func theCheckGoesOn(declared: String, weakened: String, statement: String) async throws {
        let shop = try await Shop.open(.sqlite)
        try await shop.customer("C1", "Meyer GmbH", limit: 100_00)
        _ = try await shop.invoice("C1", 10_00, on: "2026-01-05")
        try await shop.proves()
        try await shop.unprotect()
        let rewriting: SQL = "UPDATE sqlite_master SET sql = replace(sql, \(declared), \(weakened)) WHERE type = 'table'"
        let restoring: SQL = "UPDATE sqlite_master SET sql = replace(sql, \(weakened), \(declared)) WHERE type = 'table'"
        try await shop.rewriteSchema(rewriting, SQL(text: statement, values: []), restoring)
        let faults = try await shop.faults()
        #expect(!faults.isEmpty)
    }
}

extension Shop {
    /// Changes the declaration of a table, writes what it did not allow, and puts the declaration back.
    fileprivate func rewriteSchema(_ rewriting: SQL, _ statement: SQL, _ restoring: SQL) async throws {
        let version = try await number("SELECT schema_version FROM pragma_schema_version") ?? 0
        try await sql("PRAGMA writable_schema = ON")
        try await sql(rewriting)
        try await sql(SQL(text: "PRAGMA schema_version = \(version + 1)", values: []))
        try await sql(statement)
        try await sql(restoring)
        try await sql(SQL(text: "PRAGMA schema_version = \(version + 2)", values: []))
        try await sql("PRAGMA writable_schema = OFF")
    }
}
