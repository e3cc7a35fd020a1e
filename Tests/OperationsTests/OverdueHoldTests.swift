import Domain
import Operations
import Store
import TestSupport
import Testing

/// A late customer's new orders wait for a person; a role may let one go with its reason.
@Suite struct OverdueHoldTests {
    private func order(_ id: String, _ shop: Shop, of customer: String = "C1", currency: Currency? = nil, on day: Day) async throws -> Int {
        let order = shop.intake(id, customer, [item("TEA", 1, at: 20_00)], on: day, country: "US", currency: currency)
        let operation = PlaceOrders(shop.entity, [order], overdueHold: OverdueHold(days: 30, minor: 50_00))
        return try await shop.run { try operation.run(in: $0, at: $1) }.held
    }

    /// A diary of one customer: in time, late, late in part disputed, released by a role, paid, in time again.
    @Test(arguments: Engine.available) func aLateCustomersOrdersWaitUntilItPays(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")  // due on 4 February
        #expect(try await order("A1", shop, on: "2026-03-05") == 0)  // 29 days past due
        #expect(try await order("A2", shop, on: "2026-03-06") == 1)
        let why = try await shop.texts("SELECT reason FROM order_event WHERE entity_id = 1 AND event = 'held'")
        #expect(why == ["100.00 GBP is 30 days past due or more, the oldest since 2026-02-04 (30 days)"])
        #expect(try await order("A3", shop, of: "C2", on: "2026-03-06") == 0)
        #expect(try await order("A4", shop, currency: .eur, on: "2026-03-06") == 0)
        // Half of it is disputed: what is late and undisputed lies below the threshold.
        let dispute = try await shop.apart("INV-2026-000001", .dispute, 50_01, on: "2026-03-07")
        #expect(try await order("A5", shop, on: "2026-03-07") == 0)
        try await shop.release(dispute, on: "2026-03-08")
        #expect(try await order("A6", shop, on: "2026-03-08") == 1)
        // A role lets one order go, with its reason; the other waits.
        try await shop.decide(["A2"], .release, role: "controller", reason: "pays tomorrow", on: "2026-03-09")
        #expect(try await shop.state("A2") == "confirmed")
        #expect(try await shop.state("A6") == "held")
        try await shop.pays(100_00, "INV-2026-000001", e2e: "E1", on: "2026-03-10")
        #expect(try await order("A7", shop, on: "2026-03-11") == 0)
        try await shop.proves()
    }

    /// The limit and the lateness each hold by themselves, and an order that waits takes no room.
    @Test(arguments: Engine.available) func lateOrdersTakeNoRoomUnderTheLimit(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", limit: 130_00)
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        #expect(try await order("A1", shop, on: "2026-04-01") == 1)
        try await shop.apart("INV-2026-000001", .dispute, on: "2026-04-01")
        #expect(try await order("A2", shop, on: "2026-04-01") == 0)
        #expect(try await order("A3", shop, on: "2026-04-01") == 1)
        #expect(
            try await shop.texts("SELECT reason FROM order_event WHERE entity_id = 1 AND event = 'held' ORDER BY id").last?.hasPrefix(
                "credit limit") == true)
    }
}
