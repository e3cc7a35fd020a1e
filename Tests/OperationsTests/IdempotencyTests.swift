import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct IdempotencyTests {
    private struct Invalid: Refusal {
        let category = RefusalCategory.invalid, code = "invalid", message = "no"
    }

    private func key(_ shop: Shop, _ body: String = "b1", route: String = "POST /v1/things") -> IdempotencyKey {
        IdempotencyKey(shop.entity, route: route, key: "0123456789abcdef", bodyDigest: body)
    }

    /// Does something that must happen once: opens an account.
    @discardableResult
    private func act(_ shop: Shop, _ key: IdempotencyKey, refusing: Bool = false) async throws -> IdempotencyKey.Answer {
        try await shop.run { tx, now in
            try key.once(in: tx, at: now) {
                let count = try tx.first("SELECT count(*) FROM period WHERE entity_id = 1") { $0.integer(0) } ?? 0
                try tx.run("INSERT INTO period (entity_id, ends_on, closed_at) VALUES (1, \("1999-01-\(10 + count)"), 0)")
                if refusing { throw Invalid() }
                return .init(status: 201, body: "{\"effects\":\(count + 1)}")
            }
        }
    }

    private func effects(_ shop: Shop) async throws -> Int64? { try await shop.number("SELECT count(*) FROM period WHERE entity_id = 1") }

    @Test(arguments: Engine.available) func aRepeatGetsTheFirstAnswerAndChangesNothing(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let first = try await act(shop, key(shop))
        #expect(try await act(shop, key(shop)) == first && first == .init(status: 201, body: "{\"effects\":1}"))
        _ = shop.tick(seconds: 86_400 * 400)
        #expect(try await act(shop, key(shop)) == first, "a year later too")
        #expect(try await effects(shop) == 1)
    }

    @Test(arguments: Engine.available) func anotherBodyUnderTheSameKeyIsRefused(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await act(shop, key(shop))
        let refused = await #expect(throws: IdempotencyKey.Refused.self) { try await act(shop, key(shop, "b2")) }
        #expect(refused?.code == "idempotency_key_reused")
        #expect(try await effects(shop) == 1)
    }

    @Test(arguments: Engine.available) func theSameKeyOnAnotherRouteOrEntityIsAnotherRequest(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await act(shop, key(shop))
        try await act(shop, key(shop, route: "POST /v1/others"))
        #expect(try await effects(shop) == 2)
    }

    @Test(arguments: Engine.available) func aRefusedRequestStoresNothing(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        await #expect(throws: Invalid.self) { try await act(shop, key(shop), refusing: true) }
        #expect(try await shop.number("SELECT count(*) FROM idempotency WHERE entity_id = 1") == 0)
        #expect(try await effects(shop) == 0)
        #expect(try await act(shop, key(shop, "b2")).status == 201, "the corrected request may use the key")
    }

    /// 64 deliveries of one request through two doors: one effect, one answer.
    @Test(arguments: Engine.available) func repeatsAtOnceHaveOneEffect(engine: Engine) async throws {
        let doors = try await engine.makePair()
        let first = try await Shop.opened(in: doors.0), second = Shop(doors.1, .gbp, from: first.now.microseconds)
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<64 {
                let shop = number % 2 == 0 ? first : second
                group.addTask { try await act(shop, key(shop)).body }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: "{\"effects\":1}", count: 64))
        #expect(try await effects(first) == 1)
    }

    @Test(arguments: Engine.available) func longWorkKeepsItsKeyWhileItRuns(engine: Engine) async throws {
        let shop = try await Shop.open(engine), key = key(shop)
        #expect(try await shop.run { try key.begin(in: $0, at: $1) } == nil)
        let refused = await #expect(throws: IdempotencyKey.Refused.self) { try await shop.run { try key.begin(in: $0, at: $1) } }
        #expect(refused?.code == "idempotency_key_running")
        _ = shop.tick(seconds: 601)
        #expect(try await shop.run { try key.begin(in: $0, at: $1) } == nil, "its worker died: the repeat takes over")
        try await shop.run { try key.finish(.init(status: 200, body: "done"), in: $0, at: $1) }
        #expect(try await shop.run { try key.begin(in: $0, at: $1) } == .init(status: 200, body: "done"))
    }

    @Test(arguments: Engine.available) func workThatWasRefusedGivesItsKeyBack(engine: Engine) async throws {
        let shop = try await Shop.open(engine), key = key(shop)
        #expect(try await shop.run { try key.begin(in: $0, at: $1) } == nil)
        try await shop.run { tx, _ in try key.abandon(in: tx) }
        #expect(try await shop.run { try key.begin(in: $0, at: $1) } == nil)
    }
}
