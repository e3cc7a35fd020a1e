import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct CreditLimitTests {
    @Test(arguments: Engine.available) func openItemsAndConfirmedOrdersBothCount(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", limit: 360_00)
        try await shop.order("A1", "C1", net: 100_00, on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")  // 120.00 open
        #expect(try await shop.order("A2", "C1", net: 100_00, on: "2026-01-06").held == 0)  // 120.00 confirmed
        #expect(try await shop.order("A3", "C1", net: 100_00, on: "2026-01-06").held == 0)  // exactly at the limit
        #expect(try await shop.order("A4", "C1", net: 0_01, on: "2026-01-06").held == 1)
        let reason = try await shop.texts("SELECT reason FROM order_event WHERE entity_id = \(shop.entity)")
        #expect(
            reason == ["credit limit 360.00 GBP: 120.00 GBP open + 240.00 GBP confirmed + 0.01 GBP this order = 360.01 GBP"])
        try await shop.pays(120_00, "INV-2026-000001", on: "2026-01-10")
        #expect(try await shop.order("A5", "C1", net: 100_00, on: "2026-01-11").held == 0)  // what was paid is free again
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func ordersOfOneFileCountAgainstEachOther(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", limit: 250_00)
        let file = (1...4).map { shop.intake("A\($0)", "C1", [item("TEA", 1, at: 100_00)], on: "2026-01-05") }
        #expect(try await shop.place(file).held == 2)
        let states = try await shop.texts("SELECT state FROM sales_order WHERE entity_id = \(shop.entity) ORDER BY id")
        #expect(states == ["confirmed", "confirmed", "held", "held"])
    }

    /// A smaller order after a held one still fits: holding takes no room.
    @Test(arguments: Engine.available) func aHeldOrderTakesNoRoom(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", limit: 100_00)
        try await shop.order("BIG", "C1", net: 1_000_00, on: "2026-01-05")
        try await shop.order("SMALL", "C1", net: 50_00, on: "2026-01-05")
        #expect(try await shop.state("BIG") == "held")
        #expect(try await shop.state("SMALL") == "confirmed")
    }

    @Test(arguments: Engine.available) func anotherCurrencyThanTheLimitsIsHeld(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", limit: 100_00)
        #expect(try await shop.order("A1", "C1", net: 1_00, on: "2026-01-05", currency: .eur).held == 1)
    }

    /// Twenty orders at once, through two separate sets of connections, with room for exactly three.
    @Test(arguments: Engine.available) func racingOrdersNeverPassTheLimit(engine: Engine) async throws {
        let doors = try await engine.makePair()
        let first = try await Shop.opened(in: doors.0), second = Shop(doors.1, .gbp)
        try await first.customer("C1", limit: 360_00)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                let shop = number % 2 == 0 ? first : second
                group.addTask { try await shop.order("A\(number)", "C1", net: 100_00, on: "2026-01-05") }
            }
            try await group.waitForAll()
        }
        #expect(try await first.number("SELECT count(*) FROM sales_order WHERE entity_id = 1 AND state = 'confirmed'") == 3)
        #expect(try await first.number("SELECT count(*) FROM sales_order WHERE entity_id = 1 AND state = 'held'") == 17)
        #expect(try await first.bill(on: "2026-01-05").invoiced == ["GBP": 360_00])
        try await first.proves()
    }

    @Test(arguments: Engine.available) func aHeldOrderIsReleasedWithRoleAndReasonAndThenBilled(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", limit: 100_00)
        try await shop.order("A1", "C1", net: 200_00, on: "2026-01-05")
        #expect(try await shop.state("A1") == "held")
        #expect(try await shop.bill(on: "2026-01-05").invoices == 0)
        await #expect(throws: DecideHeldOrders.Refused.self) { try await shop.decide(["A1"], .release, role: "", on: "2026-01-06") }
        await #expect(throws: DecideHeldOrders.Refused.self) { try await shop.decide(["A1"], .release, reason: "", on: "2026-01-06") }
        try await shop.decide(["A1"], .release, role: "credit manager", reason: "paid by phone", on: "2026-01-06")
        let event = try await shop.texts(
            "SELECT event || ', ' || role || ', ' || reason || ', ' || happened_on FROM order_event WHERE entity_id = \(shop.entity) AND event <> 'held'"
        )
        #expect(event == ["released, credit manager, paid by phone, 2026-01-06"])
        #expect(try await shop.bill(on: "2026-01-06").invoiced == ["GBP": 240_00])
        #expect(try await shop.state("A1") == "billed")
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aWrongStateIsRefusedAndNothingHappens(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", limit: 100_00)
        try await shop.order("HELD", "C1", net: 200_00, on: "2026-01-05")
        try await shop.order("FREE", "C1", net: 50_00, on: "2026-01-05")
        await refuses("order_state") { try await shop.decide(["HELD", "FREE"], .release, on: "2026-01-06") }
        #expect(try await shop.state("HELD") == "held")  // all or nothing
        await refuses("order_not_found") { try await shop.decide(["HELD", "NOBODY"], .release, on: "2026-01-06") }
        try await shop.bill(on: "2026-01-06")
        await refuses("order_state") { try await shop.decide(["FREE"], .cancel, on: "2026-01-07") }
        try await shop.decide(["HELD"], .cancel, on: "2026-01-07")
        await refuses("order_state") { try await shop.decide(["HELD"], .release, on: "2026-01-08") }
        await refuses("order_state") { try await shop.decide(["HELD"], .cancel, on: "2026-01-08") }
        #expect(try await shop.bill(on: "2026-01-08").invoices == 0)
        try await shop.proves()
    }

    /// Racing decisions on one order: one wins.
    @Test(arguments: Engine.available) func anOrderIsDecidedOnce(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", limit: 100_00)
        try await shop.order("A1", "C1", net: 200_00, on: "2026-01-05")
        let won = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 {
                group.addTask { (try? await shop.decide(["A1"], .release, on: "2026-01-06")) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(won == 1)
        #expect(try await shop.number("SELECT count(*) FROM order_event WHERE entity_id = \(shop.entity) AND event = 'released'") == 1)
    }
}

/// Expects a refusal with that stable code.
func refuses(_ code: String, _ sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void) async {
    do {
        try await body()
        Issue.record("expected \(code), and it was done", sourceLocation: sourceLocation)
    } catch let refusal as any Refusal {
        #expect(refusal.code == code && !refusal.message.isEmpty, sourceLocation: sourceLocation)
    } catch {
        Issue.record("expected \(code), got \(error)", sourceLocation: sourceLocation)
    }
}
