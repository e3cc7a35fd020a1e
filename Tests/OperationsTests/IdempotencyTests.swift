import Domain
import Operations
import Store
import Synchronization
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

    /// Takes the key for long work, and when.
    private func begin(_ shop: Shop, _ key: IdempotencyKey) async throws -> (answer: IdempotencyKey.Answer?, at: Instant) {
        try await shop.run { (try key.begin(in: $0, at: $1), $1) }
    }

    @Test(arguments: Engine.available) func longWorkKeepsItsKeyWhileItLives(engine: Engine) async throws {
        let shop = try await Shop.open(engine), key = key(shop), first = try await begin(shop, key)
        #expect(first.answer == nil)
        _ = shop.tick(seconds: 24)
        let refused = await #expect(throws: IdempotencyKey.Refused.self) { _ = try await begin(shop, key) }
        #expect(refused == .running(seconds: 6) && refused?.code == "idempotency_key_running")
        try await shop.run { try key.hold(since: first.at, in: $0, at: $1) }
        _ = shop.tick(seconds: 24)
        await #expect(throws: IdempotencyKey.Refused.self, "it lives") { _ = try await begin(shop, key) }
        _ = shop.tick(seconds: 10)
        let second = try await begin(shop, key)
        #expect(second.answer == nil, "its worker died: the repeat takes over")
        await #expect(throws: IdempotencyKey.Refused.self) { try await shop.run { try key.hold(since: first.at, in: $0, at: $1) } }
        try await shop.run { tx, _ in try key.abandon(since: first.at, in: tx) }
        await #expect(throws: IdempotencyKey.Refused.self, "the late one gives nothing back") { _ = try await begin(shop, key) }
        try await shop.run { try key.finish(.init(status: 200, body: "done"), since: second.at, in: $0, at: $1) }
        let late = try await shop.run { try key.finish(.init(status: 200, body: "late"), since: first.at, in: $0, at: $1) }
        #expect(late.body == "done")
        #expect(try await begin(shop, key).answer == .init(status: 200, body: "done"))
    }

    @Test(arguments: Engine.available) func workThatCameToNothingGivesItsKeyBack(engine: Engine) async throws {
        let shop = try await Shop.open(engine), key = key(shop), first = try await begin(shop, key)
        try await shop.run { tx, _ in try key.abandon(since: first.at, in: tx) }
        #expect(try await begin(shop, key).answer == nil)
    }

    @Test(arguments: Engine.available) func theDayForgetsAnswersButThoseOfMoneyMoves(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let money = [
            "POST /v1/approvals/apr_1/approve", "POST /v1/invoices/INV-1/write-off", "POST /v1/invoices/INV-1/write-off/reverse",
            "POST /v1/receipts", "POST /v1/receipts/rcp_1/apply", "POST /v1/statements",
        ]
        func answer(_ routes: [String]) async throws {
            for route in routes { try await act(shop, key(shop, route: route)) }
        }
        func days(through day: Day) async throws -> [Day] {
            try await ScheduledDays(shop.database, shop.entity, DayRun.Terms(), clock: { shop.tick() }).run(through: day)
        }
        func routes() async throws -> [String] { try await shop.texts("SELECT route FROM idempotency WHERE entity_id = 1 ORDER BY route") }
        try await answer(["POST /v1/invoices/INV-1/plan", "POST /v1/orders", "form 7 /orders"])
        try await answer(money)
        _ = shop.tick(seconds: 47 * 3_600)
        try await answer(["POST /v1/customers"])
        #expect(try await days(through: "2026-01-05") == ["2026-01-05"])
        #expect(try await routes().count == 10, "nothing is two days old")
        _ = shop.tick(seconds: 3_600)
        #expect(try await days(through: "2026-01-06") == ["2026-01-06"])
        #expect(try await routes() == ["POST /v1/approvals/apr_1/approve", "POST /v1/customers"] + money.dropFirst())
        _ = shop.tick(seconds: 48 * 3_600)
        try await shop.dayRun("2026-01-07").end()
        let kept = try await routes()
        #expect(kept == ["POST /v1/approvals/apr_1/approve"] + money.dropFirst(), "a day that is run by hand forgets them too")
    }

    /// Work and the word that it lives, beside each other.
    @Test func workIsHeldUntilItEnds() async throws {
        struct Lost: Error {}
        let holds = Mutex(0), moment = { @Sendable in try await Task.sleep(for: .milliseconds(1)) }
        let count = try await holding(moment) {
            holds.withLock { $0 += 1 }
        } during: {
            while holds.withLock({ $0 }) < 3 { try await moment() }
            return holds.withLock { $0 }
        }
        #expect(count >= 3)
        await #expect(throws: Lost.self, "what nobody holds is stopped") {
            try await holding(moment, { throw Lost() }, during: { try await Task.sleep(for: .seconds(60)) })
        }
        await #expect(throws: Lost.self) { try await holding(moment, {}, during: { () async throws -> Void in throw Lost() }) }
    }
}
