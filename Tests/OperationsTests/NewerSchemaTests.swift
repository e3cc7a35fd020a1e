import Connectors
import Domain
import Foundation
import Operations
import Store
import TestSupport
import Testing

/// Books that a newer program brings on as soon as somebody reads them.
private final class OvertakenDatabase: Database {
    private let books: any Database
    init(_ books: any Database) { self.books = books }

    func enqueue(_ body: WaitingBody) { books.enqueue(body) }
    func committer(of entity: ID<Entity>) -> any TaskExecutor { books.committer(of: entity) }
    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try await books.write(entity: ID(1)) { try $0.run("INSERT INTO schema_version (version) VALUES (9999)") }
        return try await books.read(body)
    }
    func migrate(through version: Int64) async throws { try await books.migrate(through: version) }
    func close() async { await books.close() }
}

/// A newer program brings the books on while this one works: what is committed stands, and this one records nothing more.
@Suite struct NewerSchemaTests {
    private func bringOn(_ shop: Shop) async throws { try await shop.sql("INSERT INTO schema_version (version) VALUES (9999)") }
    private func takeBack(_ shop: Shop) async throws { try await shop.sql("DELETE FROM schema_version WHERE version = 9999") }

    private func isOutdated(_ work: () async throws -> Void) async -> Bool {
        do { try await work() } catch { return (error as? DatabaseFault)?.isNewer == true }
        return false
    }

    private func schedule(_ shop: Shop, _ database: any Database) -> ScheduledDays {
        ScheduledDays(database, shop.entity, DayRun.Terms(), clock: { shop.tick() })
    }

    @Test(arguments: Engine.available) func aDayUnderWayStopsBeforeItsNextTransaction(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("O1", "C1", net: 10_00, on: "2026-01-05")
        let taken = try await LeasedDay.taken(
            shop.database, shop.entity, DayRun.Terms(), through: "2026-01-05", clock: { shop.tick() })
        let day = try #require(taken)
        try await bringOn(shop)
        let stopped = await isOutdated { _ = try await day.bill() }, byHand = await isOutdated { _ = try await shop.bill(on: "2026-01-05") }
        #expect(stopped && byHand)
        #expect(try await shop.number("SELECT count(*) FROM invoice WHERE entity_id = 1") == 0)
        #expect(try await shop.number("SELECT count(*) FROM run_step WHERE entity_id = 1") == 0)
    }

    @Test(arguments: Engine.available) func theDayIsGivenBackAndSaysWhy(engine: Engine) async throws {
        let shop = try await Shop.open(engine), day: Day = "2026-01-05"
        try await shop.order("O1", "C1", net: 10_00, on: day)
        let overtaken = schedule(shop, OvertakenDatabase(shop.database))
        let stopped = await isOutdated { _ = try await overtaken.run(through: day) }
        #expect(stopped)
        let job = try await shop.texts("SELECT state || ': ' || report FROM job WHERE entity_id = 1")
        #expect(job.count == 1 && job[0].hasPrefix("waiting: ") && job[0].hasSuffix("update florin"), "\(job)")
        #expect(try await shop.number("SELECT count(*) FROM invoice WHERE entity_id = 1") == 1)
        #expect(try await shop.number("SELECT count(*) FROM figure_day WHERE entity_id = 1") == 0)
        let again = await isOutdated { _ = try await schedule(shop, shop.database).run(through: day) }
        #expect(again)
        #expect(try await shop.number("SELECT fence FROM job WHERE entity_id = 1") == 1, "it is not taken again either")
        try await takeBack(shop)
        #expect(try await schedule(shop, shop.database).run(through: day) == [day])
    }

    @Test(arguments: Engine.available) func aRunByHandDoesNotBegin(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await bringOn(shop)
        let run = RunByHand(
            shop.database, shop.entity, .cash, on: "2026-01-05", today: "2026-01-05", by: "ann", DayRun.Terms(), clock: { shop.tick() },
            pause: { try await Task.sleep(for: .seconds(3_600)) })
        let stopped = await isOutdated { _ = try await run.run() }
        #expect(stopped)
        #expect(try await shop.number("SELECT count(*) FROM hand_run WHERE entity_id = 1") == 0)
    }

    @Test(arguments: Engine.available) func lettersAreLeftToTheNewerProgram(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        for number in ["C1", "C2"] {
            try await shop.customer(number, email: "ap@customers.example")
            _ = try await shop.invoice(number, 100_00, on: "2026-01-05")
        }
        #expect(try await shop.dun(on: "2026-02-10").notices == 2)
        let path = FileManager.default.temporaryDirectory.appending(path: "florin-mail-\(UInt64.random(in: 0...UInt64.max))").path
        func deliver(_ database: any Database) -> DeliverOutbox {
            DeliverOutbox(database, shop.entity, .folder(path), from: "accounts@example.com", clock: { shop.tick() })
        }
        let amongThem = await isOutdated { _ = try await deliver(OvertakenDatabase(shop.database)).run() }
        #expect(amongThem, "two are leased, and none has left when the books are brought on")
        _ = shop.tick(seconds: 130)
        let before = await isOutdated { _ = try await deliver(shop.database).run() }
        #expect(before)
        #expect(try await shop.number("SELECT count(*) FROM outbox WHERE entity_id = 1 AND leased_until > \(shop.now)") == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
        try await takeBack(shop)
        #expect(try await deliver(shop.database).run().sent == 2)
    }
}
