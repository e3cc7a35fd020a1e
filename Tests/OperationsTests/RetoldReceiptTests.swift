import Domain
import Operations
import Store
import TestSupport
import Testing

/// A statement tells a collective credit as one amount; the notification that names its payments comes later.
@Suite struct RetoldReceiptTests {
    private static let key = "NTRY1"

    /// Meyer owes 100.00, Smith 50.00.
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer")
        try await shop.customer("C2", "Smith")
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        _ = try await shop.invoice("C2", 50_00, on: "2026-01-05")
        return shop
    }

    private func lump(_ minor: Int64) -> BankEntry { .credit(minor, "SAMMELGUTSCHRIFT", on: "2026-01-20", reference: Self.key) }

    private func detailed(_ parts: [(Int64, String)]) -> BankEntry {
        var entry = BankEntry.batch(
            parts.map { BankEntry.Transaction(amount: Money(minor: $0.0, .gbp), counterpartyName: $0.1, remittance: "Invoice") },
            total: parts.map(\.0).reduce(0, +), on: "2026-01-20")
        entry.reference = Self.key
        for (at, number) in zip(entry.transactions.indices, ["INV-2026-000001", "INV-2026-000002"]) {
            entry.transactions[at].remittance = "Invoice \(number)"
        }
        return entry
    }

    @Test(arguments: Engine.available) func paymentsToldLaterReplaceTheirSum(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.statement("S", [lump(150_00)])
        _ = try await shop.applyCash(on: "2026-01-20")
        #expect(try await shop.queue().count == 1)
        let parts = detailed([(100_00, "Meyer"), (50_00, "Smith")])
        let report = try await shop.statement("N", [parts])
        #expect(report.known == 1 && report.retold == 1 && report.receipts == 2 && report.entries == 0, "\(report)")
        #expect(try await shop.queue() == [])
        try await shop.proves()
        _ = try await shop.applyCash(on: "2026-01-21")
        #expect(try await shop.open("INV-2026-000001") == 0)
        #expect(try await shop.open("INV-2026-000002") == 0)
        #expect(try await shop.unapplied() == 0)
        #expect(try await shop.balance(.bank) == 150_00)
        // Neither the statement nor the notification changes anything when it comes again.
        for entry in [lump(150_00), parts] {
            let again = try await shop.statement("A\(entry.transactions.count)", [entry])
            #expect(again.known == 1 && again.retold == 0 && again.receipts == 0, "\(again)")
        }
        let first = try #require(try await shop.receipts().first)
        await refuses("receipt_not_applied") { try await shop.unapply(first, on: "2026-01-22") }
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aPayerToldLaterReplacesNobody(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.statement("S", [lump(100_00)])
        let report = try await shop.statement("N", [detailed([(100_00, "Meyer")])])
        #expect(report.retold == 1 && report.receipts == 1, "\(report)")
        _ = try await shop.applyCash(on: "2026-01-21")
        #expect(try await shop.open("INV-2026-000001") == 0)
        #expect(try await shop.rules().first == "retold")
        try await shop.proves()
    }

    /// What a person has decided stands, and so does a payer who was named.
    @Test(arguments: Engine.available) func whatIsAppliedStands(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.statement("S", [lump(150_00)])
        let receipt = try #require(try await shop.receipts().first)
        try await shop.byHand(receipt, of: "C1", [("INV-2026-000001", 100_00)], on: "2026-01-20")
        #expect(try await shop.statement("N", [detailed([(100_00, "Meyer"), (50_00, "Smith")])]).retold == 0)
        #expect(try await shop.receipts() == [receipt])
        try await shop.unapply(
            try #require(try await shop.texts("SELECT external_id FROM receipt WHERE entity_id = 1").first), on: "2026-01-21")
        #expect(try await shop.statement("N2", [detailed([(100_00, "Meyer"), (50_00, "Smith")])]).retold == 0)
        #expect(try await shop.receipts() == [receipt])
        let named = BankEntry.credit(70_00, from: "Jones", on: "2026-01-21", reference: "OTHER")
        try await shop.statement("T", [named])
        #expect(try await shop.statement("U", [named]).retold == 0)
        try await shop.proves()
    }
}
