import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct DaysToPayTests {
    /// A credit note and a write-off settle an invoice and pay nothing of it; what cash paid beside them counts, on its day.
    @Test(arguments: Engine.available) func onlyCashPays(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        for (at, gross) in [1_200_00, 120_00, 240_00, 84_00].enumerated() {
            try await shop.order("A\(at)", "C1", [item("SKU-\(at)", 1, at: Int64(gross) * 5 / 6)], on: "2026-01-05")
        }
        try await shop.bill(on: "2026-01-05")
        // The first is credited in full, the second paid late, the third paid but for what is credited afterwards, the fourth given up.
        try await shop.cancel("X0", "C1", [item("SKU-0", -1, at: 1_000_00)], on: "2026-01-06")
        try await shop.bill(on: "2026-01-06")
        try await shop.receive("P2", 180_00, "INV-2026-000003", from: "C1", on: "2026-01-25")
        try await shop.receive("P1", 120_00, "INV-2026-000002", from: "C1", on: "2026-02-05")
        try await shop.writeOff("INV-2026-000003", 60_00, code: .price, on: "2026-03-01")
        try await shop.writeOff("INV-2026-000004", on: "2026-03-01")
        let before = shop.now
        func figures(_ moment: ReportMoment) async throws -> (kept: PaymentBehaviour?, customer: PaymentBehaviour?) {
            try await shop.database.read { tx in
                (
                    try KeyFiguresReport(moment, days: 90).figures(in: tx).first?.behaviour,
                    try ReadCustomer(moment, number: "C1").run(in: tx)?.behaviour
                )
            }
        }
        let now = try await figures(ReportMoment(shop.entity, asOf: "2026-03-10"))
        #expect(now.kept == now.customer && now.kept?.count == 2 && now.kept?.lateCount == 1)
        #expect(now.kept?.amount.minor == 300_00 && now.kept?.daysLateSum == 1)
        // 120.00 after 31 days and 180.00 after 20.
        #expect(now.kept?.exactDSOCentiDays == 24_40)
        let early = try await figures(ReportMoment(shop.entity, asOf: "2026-02-28"))
        #expect(early.kept == early.customer && early.kept?.count == 1 && early.kept?.exactDSOCentiDays == 31_00)
        // A write-off that is taken back leaves the invoice open; as it was known before, it was settled.
        try await shop.takeBackWriteOff("INV-2026-000003", on: "2026-03-05")
        #expect(try await figures(ReportMoment(shop.entity, asOf: "2026-03-10")).kept?.count == 1)
        let known = try await figures(ReportMoment(shop.entity, asOf: "2026-03-10", knownAt: before))
        #expect(known.kept?.count == 2 && known.customer?.count == 2)
    }

    /// A receipt that was applied by mistake and taken back says nothing of when the invoice was paid.
    @Test(arguments: Engine.available) func whatWasTakenBackPaysNothing(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", [item("SKU", 1, at: 100_00)], on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        try await shop.pays(60_00, "no reference", from: "Somebody", on: "2026-02-05")
        let right = try #require(try await shop.receipts().last)
        try await shop.pays(60_00, "nor here", from: "Somebody else", on: "2026-02-10")
        let wrong = try #require(try await shop.receipts().last { $0 != right })
        try await shop.byHand(right, of: "C1", [("INV-2026-000001", 60_00)], on: "2026-02-05")
        try await shop.byHand(wrong, of: "C1", [("INV-2026-000001", 60_00)], on: "2026-02-10")
        try await shop.unapply(wrong, on: "2026-02-11")
        try await shop.writeOff("INV-2026-000001", 60_00, code: .price, on: "2026-02-12")
        let moment = ReportMoment(shop.entity, asOf: "2026-03-10")
        let (kept, customer) = try await shop.database.read { tx in
            (
                try KeyFiguresReport(moment, days: 90).figures(in: tx).first?.behaviour,
                try ReadCustomer(moment, number: "C1").run(in: tx)?.behaviour
            )
        }
        #expect(kept == customer && kept?.count == 1 && kept?.exactDSOCentiDays == 31_00)
    }
}
