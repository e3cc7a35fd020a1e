import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct HoldItemTests {
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        return shop
    }

    private func hold(_ shop: Shop, _ kind: HoldItem.Kind, until: Day? = nil, reason: String = "two broken", on day: Day) async throws {
        let operation = HoldItem(shop.entity, document: "INV-2026-000001", kind, until: until, reason: reason, on: day)
        try await shop.run { try operation.run(in: $0, at: $1) }
    }

    @Test(arguments: Engine.available) func aDisputedItemIsInNoReminderUntilTheDisputeIsLifted(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await hold(shop, .dispute, on: "2026-02-10")
        #expect(try await shop.dun(on: "2026-02-16").notices == 0)
        await refuses("hold_stands") { try await hold(shop, .promise, until: "2026-03-01", on: "2026-02-16") }
        let lift = LiftHold(shop.entity, document: "INV-2026-000001", on: "2026-02-20")
        try await shop.run { try lift.run(in: $0, at: $1) }
        #expect(try await shop.dun(on: "2026-02-23").notices == 1)
        await refuses("hold_missing") { try await shop.run { try lift.run(in: $0, at: $1) } }
    }

    @Test(arguments: Engine.available) func aPromiseHoldsThroughItsDay(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await hold(shop, .promise, until: "2026-02-20", reason: "by phone", on: "2026-02-10")
        #expect(try await shop.dun(on: "2026-02-20").notices == 0)
        #expect(try await shop.dun(on: "2026-02-21").notices == 1)
    }

    @Test(arguments: Engine.available) func whatCannotBeHeldIsRefused(engine: Engine) async throws {
        let shop = try await shop(engine)
        await refuses("reason_missing") { try await hold(shop, .dispute, reason: "", on: "2026-02-10") }
        await refuses("promise_day_missing") { try await hold(shop, .promise, on: "2026-02-10") }
        await refuses("promise_day_missing") { try await hold(shop, .promise, until: "2026-02-09", on: "2026-02-10") }
        let unknown = HoldItem(shop.entity, document: "INV-2026-000009", .dispute, reason: "why", on: "2026-02-10")
        await refuses("document_not_found") { try await shop.run { try unknown.run(in: $0, at: $1) } }
        try await shop.pays(100_00, "INV-2026-000001", from: "C1", e2e: "E1", on: "2026-02-11")
        await refuses("document_settled") { try await hold(shop, .dispute, on: "2026-02-12") }
        #expect(try await shop.number("SELECT count(*) FROM collection_hold WHERE entity_id = 1") == 0)
        try await shop.proves()
    }
}
