import Domain
import Operations
import Store
import TestSupport
import Testing

/// Requests for orders that arrive at once: done together, answered apart.
@Suite struct OrderRequestTests {
    private func request(_ shop: Shop, _ numbers: [String], hasLines: Bool = true, key: String, digest: String? = nil) -> OrderRequest {
        let orders = numbers.map { number in
            OrderIntake(
                channel: "web", externalID: number, kind: .sale, customerNumber: "C1", country: "GB", orderedOn: "2026-01-05",
                currency: .gbp,
                lines: number == "EMPTY" || !hasLines
                    ? [] : [.init(sku: "A", description: "A", quantityMilli: 1_000, priceMicro: 1_000_000)])
        }
        let once = IdempotencyKey(shop.entity, route: "1 POST /v1/orders", key: key, bodyDigest: digest ?? numbers.joined())
        let actor = Actor(id: 1, name: "key shop", role: .clerk)
        return OrderRequest(once, orders, by: actor, act: "POST /v1/orders", detail: "{}", at: shop.tick()) { outcomes in
            outcomes.map { "\($0.order.externalID) \($0.state)" }.joined(separator: ", ")
        }
    }

    private func send(_ shop: Shop, _ request: OrderRequest) async throws -> String {
        try await shop.database.write(entity: shop.entity, request, in: OrderRequest.together).body
    }

    @Test(arguments: Engine.available) func manyAtOnceAreEachAnsweredForThemselves(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<100 {
                // Every tenth comes a second time, under another key.
                let name = number % 10 == 9 ? number - 1 : number
                group.addTask { try await send(shop, request(shop, ["O\(name)"], key: "key-\(number)")) }
            }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(answers.count { $0.hasSuffix("placed") } == 90 && answers.count { $0.hasSuffix("known") } == 10)
        #expect(try await shop.number("SELECT count(*) FROM sales_order WHERE entity_id = 1") == 90)
        #expect(try await shop.number("SELECT count(*) FROM idempotency WHERE entity_id = 1") == 100)
        #expect(try await shop.number("SELECT count(*) FROM audit_entry WHERE entity_id = 1") == 100)
        #expect(try await shop.number("SELECT count(*) FROM seal WHERE entity_id = 1") ?? 100 < 100, "some were done together")
        let check = try await shop.database.read { try CheckBooks(ID(1)).run(in: $0) }
        #expect(check.faults == [])
    }

    /// `SO-1!` is SO-1 with an amount beyond all bounds, `SO-1?` one without lines.
    @Test(arguments: Engine.available) func aRefusedOrderLeavesItsNumberToTheNext(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        @Sendable func request(_ orders: [String], key: String) -> OrderRequest {
            let huge = OrderIntake.Line(sku: "A", description: "A", quantityMilli: .max, priceMicro: .max)
            let line = OrderIntake.Line(sku: "A", description: "A", quantityMilli: 1_000, priceMicro: 1_000_000)
            let intakes = orders.map { name in
                OrderIntake(
                    channel: "web", externalID: name.filter { $0 != "!" && $0 != "?" }, kind: .sale, customerNumber: "C1", country: "GB",
                    orderedOn: "2026-01-05", currency: .gbp,
                    lines: name.hasSuffix("?") ? [] : name.hasSuffix("!") ? [huge] : [line])
            }
            let once = IdempotencyKey(shop.entity, route: "1 POST /v1/orders", key: key, bodyDigest: orders.joined())
            let actor = Actor(id: 1, name: "key shop", role: .clerk)
            return OrderRequest(once, intakes, by: actor, act: "POST /v1/orders", detail: "{}", at: shop.tick()) { outcomes in
                outcomes.map { "\($0.state) \($0.reason?.prefix(9) ?? "")" }.joined(separator: ", ")
            }
        }
        let impossible = "refused line 1: q", empty = "refused the order"
        #expect(
            try await send(shop, request(["SO-1!", "SO-1?", "SO-1", "SO-2?"], key: "a")) == "\(impossible), \(empty), placed , \(empty)")
        #expect(try await send(shop, request(["SO-1!", "SO-1", "SO-2"], key: "b")) == "known differs f, known , placed ")
        // Taken together or one after the other, each has its own answer.
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<30 {
                let name = "N-\(number / 3)" + ["!", "?", ""][number % 3]
                group.addTask { try await send(shop, request([name], key: "n-\(number)")) }
            }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(answers.count { $0 == "placed " } == 10)
        #expect(Set(answers).isSubset(of: [impossible, empty, "placed ", "known differs f"]))
        #expect(try await shop.number("SELECT count(*) FROM sales_order WHERE entity_id = 1") == 12)
    }

    @Test(arguments: Engine.available) func anImpossibleOrderOfAKnownNumberIsKnown(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        #expect(try await send(shop, request(shop, ["EMPTY"], key: "a")) == "EMPTY refused")
        let other = try await Shop.open(engine)
        #expect(try await send(other, request(other, ["O1"], key: "a")) == "O1 placed")
        #expect(try await send(other, request(other, ["O1"], hasLines: false, key: "b")) == "O1 known")
    }

    @Test(arguments: Engine.available) func aRepeatGetsTheFirstAnswerAndAnotherBodyIsRefused(engine: Engine) async throws {
        let shop = try await Shop.open(engine), first = request(shop, ["O1", "EMPTY", "O1"], key: "key-1")
        #expect(try await send(shop, first) == "O1 placed, EMPTY refused, O1 placed")
        #expect(try await send(shop, request(shop, ["O1", "EMPTY", "O1"], key: "key-1")) == "O1 placed, EMPTY refused, O1 placed")
        #expect(try await send(shop, request(shop, ["O1"], key: "key-2")) == "O1 known")
        // One that is refused leaves those beside it alone.
        let outcomes = await withTaskGroup(of: String.self) { group in
            for number in 0..<20 {
                let one = request(shop, ["P\(number)"], key: number == 7 ? "key-1" : "new-\(number)")
                group.addTask {
                    do { return try await send(shop, one) } catch let refusal as IdempotencyKey.Refused { return refusal.code } catch {
                        return "\(error)"
                    }
                }
            }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(outcomes.count { $0.hasSuffix("placed") } == 19 && outcomes.contains("idempotency_key_reused"))
    }
}
