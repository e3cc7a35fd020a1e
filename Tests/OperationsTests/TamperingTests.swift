import Domain
import Operations
import Store
import TestSupport
import Testing

/// Kept sums lie outside the seals, so the check recounts every one of them: each figure a report reads is proven.
@Suite struct TamperingTests {
    private func shop() async throws -> Shop {
        let shop = try await Shop.open(.sqlite)
        try await shop.customer("C1", "Meyer GmbH", ibans: ["DE02120300000000202051"], email: "ap@meyer.example")
        for day in ["2026-01-05", "2026-01-06", "2026-01-07"] as [Day] { _ = try await shop.invoice("C1", 100_00, on: day) }
        try await shop.pays(40_00, "INV-2026-000001", iban: "DE02120300000000202051", on: "2026-01-20")
        try await shop.pays(7_00, "?", on: "2026-01-20")
        try await shop.order("OPEN", "C1", net: 10_00, on: "2026-01-21")
        try await shop.dun(on: "2026-02-10")
        try await shop.proves()
        return shop
    }

    @Test(arguments: [
        "DELETE FROM due_day WHERE due_on = '2026-02-05'",
        "UPDATE due_day SET debit_count = debit_count + 1 WHERE due_on = '2026-02-05'",
        "UPDATE due_day SET debit_count = 0 WHERE due_on = '2026-02-05'",
        "UPDATE due_day SET debit_minor = debit_minor + 5, credit_minor = credit_minor - 5 WHERE due_on = '2026-02-05'",
        "DELETE FROM account_day WHERE account = '4000'",
        "DELETE FROM account_day WHERE account = '1200' AND effective_on = '2026-01-05'",
        "UPDATE account_day SET debit_minor = debit_minor + CASE effective_on WHEN '2026-01-05' THEN 5 ELSE -5 END "
            + "WHERE account = '1200' AND effective_on IN ('2026-01-05', '2026-01-06')",
        "UPDATE account_day SET debit_minor = debit_minor + 5, credit_minor = credit_minor + 5 WHERE account = '4000'",
        "UPDATE proof SET debit_minor = debit_minor + 5, credit_minor = credit_minor + 5",
        "UPDATE proof SET control_minor = control_minor + 5, open_minor = open_minor + 5",
        "UPDATE sales_order SET state = 'cancelled', document_id = NULL WHERE state = 'billed' AND external_id = (SELECT MIN(order_number) FROM invoice)",
        "UPDATE sales_order SET state = 'billed', document_id = 1 WHERE external_id = 'OPEN'",
        "UPDATE document_series SET last = last + 1", "UPDATE book SET closed_through = '2025-12-31'",
        "DELETE FROM document_series",
    ])
    func aChangedKeptFigureIsFound(statement: String) async throws {
        let shop = try await shop()
        try await shop.sql(SQL(text: statement, values: []))
        let report = try await shop.database.read { try CheckBooks(shop.entity).run(in: $0) }
        #expect(report.faults != [])
    }
}
