import Connectors
import Domain
import Operations
import Store
import Synchronization
import TestSupport
import Testing

@testable import Connectors
@testable import Web

/// The other side of a webhook: it keeps what it takes and can be made to refuse.
private final class Shop: Sendable {
    struct Down: Error {}
    private let state = Mutex<(taken: [DeliverWebhooks.Message], isDown: Bool)>(([], false))
    var taken: [DeliverWebhooks.Message] { state.withLock { $0.taken } }
    var numbers: [String] { taken.compactMap { (try? JSONReader.read(Array($0.body.utf8)))?["number"]?.text } }
    func goDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }
    func take(_ message: DeliverWebhooks.Message) throws {
        try state.withLock {
            if $0.isDown { throw Down() }
            $0.taken.append(message)
        }
    }
}

private final class Clock: Sendable {
    private let at = Mutex(Instant("2026-03-10T09:00:00Z")!)
    var now: Instant { at.withLock { $0 } }
    func advance(minutes: Int64) { at.withLock { $0 = Instant(microseconds: $0.microseconds + minutes * 60_000_000) } }
}

extension DeliverWebhooks {
    /// One round to the end of its turns.
    func round() async throws -> Report {
        let turns = Turns()
        await withTaskGroup(of: Void.self) { group in
            var count = 0
            do { try await begin(in: &group, &count) { turns.add($0) } } catch { turns.add(.failure(error)) }
        }
        return try turns.all.reduce(into: Report()) { sum, turn in
            let report = try turn.get()
            sum.sent += report.sent
            sum.failed += report.failed
        }
    }
}

private final class Turns: Sendable {
    private let state = Mutex<[Result<DeliverWebhooks.Report, any Error>]>([])
    var all: [Result<DeliverWebhooks.Report, any Error>] { state.withLock { $0 } }
    func add(_ turn: Result<DeliverWebhooks.Report, any Error>) { state.withLock { $0.append(turn) } }
}

@Suite struct WebhookTests {
    private let entity = ID<Entity>(1), clock = Clock(), shop = Shop()

    private func place(_ numbers: [String], _ database: any Database) async throws {
        let orders = numbers.map { webOrder($0, net: 1_00, on: Day("2026-03-09")!) }
        let now = clock.now
        _ = try await database.write(entity: entity) { [entity] in try PlaceOrders(entity, orders).run(in: $0, at: now) }
    }

    private func start(_ engine: Engine) async throws -> (any Database, ID<Webhook>) {
        let database = try await engine.make(), now = clock.now
        let id = try await database.write(entity: entity) { [entity] tx in
            try CreateEntity(entity, name: "Example Ltd", country: "GB", currency: .gbp).run(in: tx, at: now)
            return try RegisterWebhook(entity, url: "https://shop.example.com/florin", secret: "whs_1").run(in: tx, at: now)
        }
        return (database, id)
    }

    private func round(_ database: any Database) async throws -> DeliverWebhooks.Report {
        try await DeliverWebhooks(database, entity, clock: { [clock] in clock.now }) { [shop] in try shop.take($0) }.round()
    }

    @Test(arguments: Engine.available) func tellsEachEventOnceInOrderAndSigned(engine: Engine) async throws {
        let (database, _) = try await start(engine)
        try await place(["SO-1", "SO-2"], database)
        #expect(try await round(database).sent == 3)
        #expect(try await round(database).sent == 0)
        #expect(shop.numbers == ["C1", "SO-1", "SO-2"])
        let message = try #require(shop.taken.first)
        let signature = try #require(message.headers.first { $0.name == "Florin-Signature" }?.value)
        let seconds = clock.now.microseconds / 1_000_000
        #expect(signature == "t=\(seconds),v1=\(webhookSignature(message.body, at: seconds, "whs_1"))")
        #expect(webhookSignature(message.body + " ", at: seconds, "whs_1") != webhookSignature(message.body, at: seconds, "whs_1"))
        for told in shop.taken {
            let fault = Endpoint.feedEvent.fault(try JSONReader.read(Array(told.body.utf8)))
            #expect(fault == nil, "\(told.body)")
        }
        let delivery = try JSONReader.read(OpenAPI.document)["webhooks"]?["event"]?["post"]
        let documented = delivery?["parameters"]?.array?.compactMap { $0["name"]?.text } ?? []
        #expect(Set(documented) == Set(message.headers.map(\.name)).subtracting(["Content-Type"]))
    }

    @Test(arguments: Engine.available) func triesAgainLaterAndLosesNothing(engine: Engine) async throws {
        let (database, _) = try await start(engine)
        try await place(["SO-1", "SO-2"], database)
        shop.goDown(true)
        #expect(try await round(database).failed == 1)
        shop.goDown(false)
        #expect(try await round(database).sent == 0)
        clock.advance(minutes: 2)
        #expect(try await round(database).sent == 3)
        #expect(shop.numbers == ["C1", "SO-1", "SO-2"])
    }

    @Test(arguments: Engine.available) func restsAfterEightFailuresUntilAReplay(engine: Engine) async throws {
        let (database, id) = try await start(engine)
        try await place(["SO-1"], database)
        shop.goDown(true)
        for _ in 0..<10 {
            _ = try await round(database)
            clock.advance(minutes: 600)
        }
        let target = try await database.read { [entity] in try ReadWebhooks(entity).one(id, in: $0) }
        #expect(target?.state == "paused" && target?.attempts == 8)
        shop.goDown(false)
        #expect(try await round(database).sent == 0)
        let now = clock.now
        _ = try await database.write(entity: entity) { [entity] in try ChangeWebhook(entity, id, .replay(after: 0)).run(in: $0, at: now) }
        #expect(try await round(database).sent == 2)
    }

    @Test(arguments: [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "::1",
        "fe80::1", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "ff02::1", "not-an-address",
    ]) func neverReachesInward(address: String) { #expect(!Egress.isPublic(address)) }

    @Test(arguments: ["1.1.1.1", "172.32.0.1", "192.169.0.1", "2606:4700::1111"]) func reachesOutward(address: String) {
        #expect(Egress.isPublic(address))
    }

    @Test func refusesANameThatLeadsInwardUnlessItIsListed() async throws {
        #expect(throws: Egress.Failure.self) { try Egress().post("http://localhost:1/", headers: [], body: "{}") }
        try await LiveServer.run(.sqlite) { server in
            let url = "http://localhost:\(server.port)/v1/nothing"
            #expect(throws: Egress.Failure(description: "localhost answered 404")) {
                try Egress(allowed: ["localhost"]).post(url, headers: [("A", "b")], body: "{}")
            }
        }
    }
}
