import Domain
import Operations
import Store
import TestSupport
import Testing

/// Neither an operation nor a slip of a hand can change what is recorded: the database itself refuses.
@Suite struct RecordedFactTests {
    static let updates = [
        "UPDATE invoice SET gross_minor = gross_minor", "UPDATE invoice SET number = 'X'", "UPDATE invoice SET due_on = '2030-01-01'",
        "UPDATE invoice_line SET description = 'x'", "UPDATE posting SET amount_minor = 1", "UPDATE posting SET account = '4000'",
        "UPDATE journal_entry SET effective_on = '2030-01-01'", "UPDATE journal_entry SET memo = ''",
        "UPDATE open_item SET due_on = '2030-01-01'",
        "UPDATE open_item SET amount_minor = amount_minor", "UPDATE open_item SET customer_id = 1", "UPDATE sales_order SET net_minor = 0",
        "UPDATE sales_order_line SET net_minor = 0", "UPDATE order_event SET reason = ''", "UPDATE allocation SET amount_minor = 1",
        "UPDATE receipt SET amount_minor = 1", "UPDATE application SET rule = 'manual'", "UPDATE statement_entry SET amount_minor = 1",
        "UPDATE seal SET recorded_at = 1", "UPDATE dunning_notice SET level = 9",
        "UPDATE party SET name = ''", "UPDATE discount_rate SET basis_points = 1",
    ]
    static let deletes = [
        "invoice", "invoice_line", "posting", "journal_entry", "open_item", "allocation", "sales_order", "sales_order_line", "order_event",
        "statement", "statement_entry", "receipt", "application", "dunning_notice", "dunning_notice_item", "seal",
        "party", "discount_rate",
    ].map { "DELETE FROM \($0)" }

    /// A shop with at least one row in each table of facts.
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer(
            "C1", "Meyer GmbH", limit: 100_00, email: "books@meyer.example", discount: DiscountTerms(basisPoints: 200, days: 10),
            address: PostalAddress(street: "Hauptstr. 1", postalCode: "1010", city: "Wien"))
        try await shop.order("A1", "C1", net: 10_00, on: "2026-01-05")
        try await shop.order("A2", "C1", net: 900_00, on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        try await shop.pays(5_00, "INV-2026-000001", from: "Meyer GmbH", on: "2026-01-20")
        try await shop.statement("END", [], created: "2026-03-01")
        #expect(try await shop.dun(on: "2026-03-01").notices == 1)
        return shop
    }

    @Test(arguments: Engine.available) func noStatementChangesOrDeletesAFact(engine: Engine) async throws {
        let shop = try await shop(engine)
        for statement in Self.updates + Self.deletes {
            await #expect(throws: DatabaseFault.self, "\(statement)") { try await shop.sql(SQL(text: statement, values: [])) }
        }
        try await shop.proves()
    }

    /// SQLite's REPLACE deletes the row that is in the way, which must not slip past the guard against deletion.
    @Test func replacingARowIsRefusedToo() async throws {
        let shop = try await shop(.sqlite)
        for table in ["invoice", "posting", "journal_entry", "receipt"] {
            await #expect(throws: DatabaseFault.self, "\(table)") {
                try await shop.sql(SQL(text: "REPLACE INTO \(table) SELECT * FROM \(table)", values: []))
            }
        }
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func theKeptColumnsMayChange(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.decide(["A2"], .release, on: "2026-01-21")
        #expect(try await shop.state("A2") == "confirmed")
    }

    /// No open amount beyond zero or beyond the item's own amount, whatever the program believes.
    @Test(arguments: Engine.available) func theDatabaseBoundsWhatIsOpen(engine: Engine) async throws {
        let shop = try await shop(engine)
        for open in ["-1", "amount_minor + 1"] {
            await #expect(throws: DatabaseFault.self) {
                try await shop.sql(SQL(text: "UPDATE open_item SET open_minor = \(open) WHERE number = 'INV-2026-000001'", values: []))
            }
        }
    }
}
