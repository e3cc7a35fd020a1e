import Domain
import Operations
import Store
import Synchronization
import TestSupport
import Testing

@testable import Web

/// Addresses that are told at the same time: nobody waits for another, and nothing comes twice while nothing fails.
@Suite struct WebhookTurnTests {
    /// What was heard, in its order, and a clock that a slow address moves on.
    private final class Ear: Sendable {
        private let state = Mutex<(heard: [(host: String, number: String)], at: Instant)>(([], Instant("2026-03-10T09:00:00Z")!))
        var now: Instant { state.withLock { $0.at } }
        var numbers: [String] { state.withLock { $0.heard.map(\.number) } }
        func numbers(of host: String) -> [String] { state.withLock { $0.heard.filter { $0.host == host }.map(\.number) } }
        func advance(seconds: Int64) { state.withLock { $0.at = Instant(microseconds: $0.at.microseconds + seconds * 1_000_000) } }
        func take(_ message: DeliverWebhooks.Message) throws {
            let number = try JSONReader.read(Array(message.body.utf8))["number"]?.text ?? ""
            state.withLock { $0.heard.append((WebhookTurnTests.host(of: message), number)) }
        }
    }
    private struct Late: Error {}

    private let entity = ID<Entity>(1), ear = Ear()

    private static func host(of message: DeliverWebhooks.Message) -> String {
        String(message.url.dropFirst("https://".count).prefix { $0 != "." })
    }

    /// Registers addresses, then places orders of one new customer.
    private func start(
        _ hosts: [String], orders count: Int, of entity: ID<Entity> = ID(1), _ database: any Database
    ) async throws -> ID<Webhook> {
        let now = ear.now, orders = (1...count).map { webOrder("SO-\($0)", net: 1_00, on: Day("2026-03-09")!) }
        let hooks = try await database.write(entity: entity) { tx in
            try CreateEntity(entity, name: "Example Ltd", country: "GB", currency: .gbp).run(in: tx, at: now)
            return try hosts.map {
                try RegisterWebhook(entity, url: "https://\($0).example.com/florin", secret: "whs_1").run(in: tx, at: now)
            }
        }
        _ = try await database.write(entity: entity) { try PlaceOrders(entity, orders).run(in: $0, at: now) }
        return try #require(hooks.first)
    }

    private func deliver(
        _ database: any Database, _ entity: ID<Entity> = ID(1),
        _ send: @escaping @Sendable (DeliverWebhooks.Message) async throws -> Void
    ) -> DeliverWebhooks {
        DeliverWebhooks(database, entity, clock: { [ear] in ear.now }, send: send)
    }

    private func round(_ database: any Database) async throws -> DeliverWebhooks.Report {
        try await deliver(database) { [ear] in try ear.take($0) }.round()
    }

    private func place(_ id: ID<Webhook>, _ database: any Database) async throws -> Int64? {
        try await database.read { [entity] in try ReadWebhooks(entity).one(id, in: $0)?.throughID }
    }

    private func change(_ id: ID<Webhook>, _ change: ChangeWebhook.Change, _ database: any Database) async throws {
        let now = ear.now
        _ = try await database.write(entity: entity) { [entity] in try ChangeWebhook(entity, id, change).run(in: $0, at: now) }
    }

    @Test(arguments: Engine.available) func aSlowAddressHoldsNobodyElse(engine: Engine) async throws {
        let database = try await engine.make()
        _ = try await start(["slow", "quick"], orders: 2, database)
        _ = try await start(["other"], orders: 2, of: ID(2), database)
        let send: @Sendable (DeliverWebhooks.Message) async throws -> Void = { [ear] message in
            func othersHeard() -> Bool { ear.numbers(of: "quick").count == 3 && ear.numbers(of: "other").count == 3 }
            if Self.host(of: message) == "slow" {
                for _ in 0..<2_000 where !othersHeard() { try await Task.sleep(for: .milliseconds(5)) }
                guard othersHeard() else { throw Late() }
            }
            try ear.take(message)
        }
        let begun: Result<Void, any Error> = await withTaskGroup(of: Void.self) { group in
            var turns = 0
            do {
                for entity in [ID<Entity>(1), ID<Entity>(2)] {
                    try await deliver(database, entity, send).begin(in: &group, &turns) { _ in }
                }
                return .success(())
            } catch { return .failure(error) }
        }
        try begun.get()
        for host in ["slow", "quick", "other"] { #expect(ear.numbers(of: host) == ["C1", "SO-1", "SO-2"], "\(host)") }
    }

    @Test(arguments: Engine.available) func aRemovedAddressHearsTheEventOnItsWayAtMost(engine: Engine) async throws {
        let database = try await engine.make(), id = try await start(["shop"], orders: 5, database)
        let report = try await deliver(database) { [ear] in
            try ear.take($0)
            if ear.numbers.count == 2 { try await change(id, .remove, database) }
        }.round()
        #expect(report.sent == 2 && ear.numbers == ["C1", "SO-1"])
        #expect(try await round(database).sent == 0)
    }

    @Test(arguments: Engine.available) func aReplayToWhereTheTurnBeganStands(engine: Engine) async throws {
        let database = try await engine.make(), id = try await start(["shop"], orders: 2, database)
        let began = try #require(try await place(id, database))
        _ = try await deliver(database) { [ear] in
            try ear.take($0)
            if ear.numbers.count == 1 { try await change(id, .replay(after: began), database) }
        }.round()
        #expect(try await place(id, database) == began && ear.numbers == ["C1"])
        #expect(try await round(database).sent == 3)
        #expect(ear.numbers == ["C1", "C1", "SO-1", "SO-2"])
    }

    @Test(arguments: Engine.available) func twoServersAtOnceKeepTheOrder(engine: Engine) async throws {
        let (one, two) = try await engine.makePair(), id = try await start(["shop"], orders: 30, one)
        let feed = EventFeed(entity, after: try #require(try await place(id, one)), limit: 1_000)
        let events = try await one.read { try feed.events(in: $0) }
        async let first = round(one), second = round(two)
        let sent = try await first.sent + second.sent
        #expect(sent == 31 && ear.numbers == events.map(\.number))
        #expect(try await place(id, two) == events.last?.id)
    }

    /// A server that hung tells the event it was at, and neither goes on nor puts the place back.
    @Test(arguments: Engine.available) func whoLostTheLeaseStops(engine: Engine) async throws {
        let (one, two) = try await engine.makePair(), id = try await start(["shop"], orders: 3, one)
        let feed = EventFeed(entity, after: try #require(try await place(id, one)), limit: 1_000)
        let last = try await one.read { try feed.events(in: $0).last?.id }
        _ = try await deliver(one) { [ear] message in
            if ear.numbers.count == 2 {
                ear.advance(seconds: 100)
                #expect(try await round(two).sent == 2)
            }
            try ear.take(message)
        }.round()
        #expect(ear.numbers == ["C1", "SO-1", "SO-2", "SO-3", "SO-2"])
        #expect(try await place(id, one) == last)
        #expect(try await round(one).sent == 0)
    }

    @Test(arguments: Engine.available) func aTurnEndsWithItsTimeAndNotWithItsBatch(engine: Engine) async throws {
        let database = try await engine.make(), id = try await start(["shop"], orders: 120, database)
        #expect(try await round(database).sent == 121)
        try await change(id, .replay(after: 0), database)
        let report = try await deliver(database) { [ear] _ in ear.advance(seconds: 7) }.round()
        #expect(report.sent == 3)
        #expect(try await round(database).sent == 118)
    }
}
