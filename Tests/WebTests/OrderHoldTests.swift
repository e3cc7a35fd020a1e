import Domain
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// A program's orders are decided as those of every other channel.
@Suite struct OrderHoldTests {
    private func order(_ number: String, kind: String = "sale", quantity: Int64 = 1_000) -> JSON {
        [
            "channel": "web", "number": .text(number), "kind": .text(kind), "customer_number": "C1", "country": "GB",
            "ordered_on": "2026-02-25", "currency": "GBP",
            "lines": .array([["sku": "A", "quantity_milli": .integer(quantity), "price_micro": 10_000_000]]),
        ]
    }

    @Test(arguments: Engine.available) func anOrderOfALateCustomerIsHeld(engine: Engine) async throws {
        var terms = DayRun.Terms()
        terms.overdueHold = OverdueHold(days: 10)
        let server = try await DeskServer.owed(engine, terms: terms), clerk = try await Program(server, .clerk)
        let told = await clerk.post("/v1/orders", ["orders": .array([order("O1"), order("O2", kind: "cancellation", quantity: -1_000)])])
        let outcomes = told.json["orders"]?.array ?? []
        #expect(outcomes.map { $0["outcome"] } == ["held", "placed"])
        #expect(outcomes.first?["reason"]?.text?.contains("10 days past due or more") == true)
    }

    @Test(arguments: Engine.available) func whatNoOrderIsIsRefusedAlone(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), clerk = try await Program(server, .clerk)
        let orders = [order("O1", quantity: 0), order("O2", quantity: -1_000), order("O3", kind: "cancellation"), order("O4")]
        let told = await clerk.post("/v1/orders", ["orders": .array(orders)]).json["orders"]?.array ?? []
        #expect(told.map { $0["outcome"] } == ["refused", "refused", "refused", "placed"])
        #expect(told.first?["field"] == "lines[0].quantity_milli")
    }

    /// Whoever takes over open items may credit anything.
    @Test(arguments: Engine.available) func openItemsAreTakenOverByAController(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), clerk = try await server.person(.clerk)
        let page = await clerk.get("/import").body
        #expect(page.contains("value=\"orders\"") && !page.contains("value=\"invoices\""))
        #expect(await (try server.person(.controller, "ann")).get("/import").body.contains("value=\"invoices\""))
    }
}
