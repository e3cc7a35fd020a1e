import Domain
import Operations
import Store
import TestSupport
import Testing

/// Two servers write one entity's books at the same time: each waits for the other's lock, and goes on from what the other left.
@Suite struct TwoServerTests {
    private static let sales = 40

    /// The outcome of each sale, sent one after the other.
    private func send(_ shop: Shop, through server: any Database) async throws -> [ProcessSales.Outcome] {
        var outcomes: [ProcessSales.Outcome] = []
        for number in 0..<Self.sales {
            let order = shop.intake("S\(number)", "C\(number % 3)", [item("GOODS", 1, at: 1_000)], on: "2026-01-05")
            let sale = ProcessSales.Request(.init(order), at: shop.tick())
            outcomes.append(try await server.write(entity: shop.entity, sale, in: ProcessSales.together))
        }
        return outcomes
    }

    @Test(arguments: Engine.available) func bothTakeTheSameSalesOnceAndTheNumbersHaveNoGap(engine: Engine) async throws {
        let servers = try await engine.make(servers: 2), shop = try await Shop.opened(in: servers[0])
        async let here = send(shop, through: servers[0])
        async let there = send(shop, through: servers[1])
        let outcomes = try await zip(here, there)
        for (one, other) in outcomes {
            #expect([one, other].count { $0.order == .known } == 1, "each sale is taken by one of them: \(one), \(other)")
        }
        let numbers = try await shop.texts("SELECT number FROM invoice WHERE entity_id = 1 ORDER BY id")
        #expect(numbers == (1...Self.sales).map { "INV-2026-" + String(repeating: "0", count: $0 < 10 ? 5 : 4) + "\($0)" })
        let check = try await shop.database.read { try CheckBooks(shop.entity).run(in: $0) }
        #expect(check.faults == [])
        for server in servers { await server.close() }
    }
}
