import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct ApplyByHandTests {
    /// Meyer owes 100.00 (…1) and 60.00 (…2), Smith 40.00 (…3); somebody paid 120.00.
    private func shop(_ engine: Engine) async throws -> (Shop, receipt: String) {
        let shop = try await Shop.open(engine)
        for (customer, gross) in [("C1", 100_00), ("C1", 60_00), ("C2", 40_00)] as [(String, Int64)] {
            _ = try await shop.invoice(customer, gross, on: "2026-01-05")
        }
        try await shop.pays(120_00, "see our letter", e2e: "E1", on: "2026-01-20")
        return (shop, try #require(try await shop.receipts().first))
    }

    @Test(arguments: Engine.available) func aPersonSaysWhoseItIsAndWhatItSettles(engine: Engine) async throws {
        let (shop, receipt) = try await shop(engine)
        try await shop.byHand(receipt, of: "C1", [("INV-2026-000001", 70_00), ("INV-2026-000002", 50_00)], on: "2026-01-22")
        #expect(try await shop.open("INV-2026-000001") == 30_00)
        #expect(try await shop.open("INV-2026-000002") == 10_00)
        #expect(try await shop.unapplied() == 0)
        #expect(try await shop.queue() == [])
        #expect(try await shop.candidates() == [])
        let why = try await shop.texts("SELECT rule || ': ' || explanation || ' on ' || applied_on FROM application WHERE entity_id = 1")
        #expect(why == ["manual: asked by phone on 2026-01-22"])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func theRestIsTheCustomersCredit(engine: Engine) async throws {
        let (shop, receipt) = try await shop(engine)
        try await shop.byHand(receipt, of: "C2", [("INV-2026-000003", 40_00)], on: "2026-01-22")
        #expect(try await shop.unapplied() == 0)
        let lines = try await shop.database.read { try AgingReport(ReportMoment(shop.entity, asOf: "2026-01-31")).lines(in: $0) }
        #expect(lines.first { $0.number == "C2" }?.row.credits.minor == -80_00)
        try await shop.proves()
    }

    /// The whole receipt on account: it names nothing yet.
    @Test(arguments: Engine.available) func onAccountAltogether(engine: Engine) async throws {
        let (shop, receipt) = try await shop(engine)
        try await shop.byHand(receipt, of: "C2", [], on: "2026-01-22")
        #expect(try await shop.balance(.receivables) == 80_00)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func whatCannotBeIsRefusedAndNothingHappens(engine: Engine) async throws {
        let (shop, receipt) = try await shop(engine)
        let refusals: [(String, String, [(String, Int64)])] = [
            ("amount_above_open", "C1", [("INV-2026-000001", 100_01)]), ("amount_above_open", "C1", [("INV-2026-000001", 0)]),
            ("amount_above_open", "C1", [("INV-2026-000001", -5)]),
            ("amount_above_open", "C1", [("INV-2026-000001", 100_00), ("INV-2026-000002", 20_01)]),
            ("amount_above_open", "C1", [("INV-2026-000001", 60_00), ("INV-2026-000001", 60_00)]),
            ("document_not_found", "C1", [("INV-2026-000003", 40_00)]), ("document_not_found", "C1", [("INV-2026-000009", 1)]),
            ("customer_not_found", "NOBODY", []),
        ]
        for (code, customer, lines) in refusals {
            await refuses(code) { try await shop.byHand(receipt, of: customer, lines, on: "2026-01-22") }
        }
        await refuses("receipt_not_found") { try await shop.byHand("nothing", of: "C1", [], on: "2026-01-22") }
        #expect(try await shop.unapplied() == 120_00)
        #expect(try await shop.queue().count == 1)
        #expect(try await shop.rules() == [])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aReceiptIsUsedOnce(engine: Engine) async throws {
        let (shop, receipt) = try await shop(engine)
        try await shop.byHand(receipt, of: "C1", [("INV-2026-000001", 100_00)], on: "2026-01-22")
        await refuses("receipt_used_up") { try await shop.byHand(receipt, of: "C1", [("INV-2026-000002", 20_00)], on: "2026-01-22") }
        await refuses("receipt_used_up") { try await shop.byHand(receipt, of: "C2", [], on: "2026-01-22") }
        try await shop.proves()
    }

    /// The channel said whose it is: a person may say what it settles, not whose it is.
    @Test(arguments: Engine.available) func aKnownCustomersReceiptStaysThatCustomers(engine: Engine) async throws {
        let (shop, _) = try await shop(engine)
        try await shop.receive("T1", 25_00, "deposit", from: "C1", on: "2026-01-20")
        await refuses("customer_not_found") { try await shop.byHand("T1", method: "till", of: "C2", [], on: "2026-01-22") }
        try await shop.byHand("T1", method: "till", of: "C1", [("INV-2026-000002", 25_00)], on: "2026-01-22")
        #expect(try await shop.open("INV-2026-000002") == 35_00)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func whatAPersonDecidedIsReturnedLikeAnyOther(engine: Engine) async throws {
        let (shop, receipt) = try await shop(engine)
        try await shop.byHand(receipt, of: "C1", [("INV-2026-000001", 100_00)], on: "2026-01-22")
        #expect(try await shop.statement("R", [.returned(120_00, e2e: "E1", on: "2026-01-25")]).returns == 1)
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        #expect(try await shop.balance(.receivables) == 200_00)
        #expect(try await shop.unapplied() == 0)
        try await shop.proves()
    }

    /// Ten people answer at once, through two sets of connections: one answer counts.
    @Test(arguments: Engine.available) func answersAtOnceCountOnce(engine: Engine) async throws {
        let doors = try await engine.makePair()
        let first = try await Shop.opened(in: doors.0), second = Shop(doors.1, .gbp)
        _ = try await first.invoice("C1", 100_00, on: "2026-01-05")
        try await first.pays(100_00, "?", on: "2026-01-20")
        let receipt = try #require(try await first.receipts().first)
        let won = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<10 {
                let shop = number % 2 == 0 ? first : second
                group.addTask { (try? await shop.byHand(receipt, of: "C1", [("INV-2026-000001", 100_00)], on: "2026-01-22")) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(won == 1)
        #expect(try await first.open("INV-2026-000001") == 0)
        try await first.proves()
    }
}
