import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct OrderTests {
    @Test(arguments: Engine.available) func theSameFileTwiceChangesNothing(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let file = (1...50).map {
            shop.intake("A\($0)", "C\($0 % 7)", [item("TEA", 2, at: 4_99), item("POT", 1, at: 12_50)], on: "2026-01-05")
        }
        let first = try await shop.place(file)
        #expect(first.placed == 50 && first.customersCreated == 7 && first.known == 0)
        let before = try await shop.texts("SELECT CAST(last_id AS TEXT) FROM book WHERE entity_id = \(shop.entity)")
        let second = try await shop.place(file)
        #expect(second.placed == 0 && second.known == 50 && second.customersCreated == 0 && second.differing == [])
        #expect(try await shop.number("SELECT count(*) FROM sales_order WHERE entity_id = \(shop.entity)") == 50)
        #expect(try await shop.number("SELECT count(*) FROM sales_order_line WHERE entity_id = \(shop.entity)") == 100)
        #expect(try await shop.texts("SELECT CAST(last_id AS TEXT) FROM book WHERE entity_id = \(shop.entity)") == before)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func anOrderTwiceInOneFileIsOneOrder(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let order = shop.intake("A1", "C1", [item("TEA", 1, at: 5_00)], on: "2026-01-05")
        let report = try await shop.place([order, order, order])
        #expect(report.placed == 1 && report.known == 2)
    }

    /// A changed order under a known id is the same order: what was recorded stands.
    @Test(arguments: Engine.available) func aKnownOrderIsNotChangedByItsSecondComing(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", net: 10_00, on: "2026-01-05")
        let again = try await shop.order("A1", "C1", net: 99_00, on: "2026-01-06")
        #expect(again.known == 1 && again.placed == 0)
        #expect(again.differing.map(\.externalID) == ["A1"])
        let dollars = try await shop.order("A1", "C1", net: 10_00, on: "2026-01-05", currency: .usd)
        #expect(dollars.differing.map(\.channel) == ["web"])
        let later = try await shop.order("A1", "C1", net: 10_00, on: "2026-01-06")
        #expect(later.differing.map(\.externalID) == ["A1"])
        #expect(try await shop.order("A1", "C1", net: 10_00, on: "2026-01-05").differing == [])
        #expect(try await shop.number("SELECT net_minor FROM sales_order WHERE entity_id = \(shop.entity)") == 10_00)
    }

    @Test(arguments: Engine.available) func oneIDInTwoChannelsIsTwoOrders(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("1001", "C1", [item("TEA", 1, at: 5_00)], on: "2026-01-05", channel: "web")
        let report = try await shop.order("1001", "C1", [item("TEA", 1, at: 5_00)], on: "2026-01-05", channel: "phone")
        #expect(report.placed == 1 && report.known == 0)
        #expect(try await shop.bill(on: "2026-01-05").invoices == 2)
        try await shop.proves()
    }

    /// Deciding by an id that two channels share must not decide whichever order comes to hand.
    @Test(arguments: Engine.available) func aSharedIDIsNotDecidedByChance(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", limit: 1)
        for channel in ["web", "phone"] {
            try await shop.order("1001", "C1", [item("TEA", 1, at: 5_00)], on: "2026-01-05", channel: channel)
        }
        await #expect(throws: DecideHeldOrders.Refused.self) { try await shop.decide(["1001"], .release, on: "2026-01-06") }
        let states: SQL = "SELECT state FROM sales_order WHERE entity_id = \(shop.entity) ORDER BY id"
        #expect(try await shop.texts(states) == ["held", "held"])
        let day: Day = "2026-01-06"
        let decision = DecideHeldOrders(
            shop.entity, orders: ["1001"], channel: "phone", .release, role: "controller", reason: "agreed", alone: nil, on: day)
        try await shop.run { try decision.run(in: $0, at: $1) }
        #expect(try await shop.texts(states) == ["held", "confirmed"])
    }

    /// One person releases up to the limit; nothing of a list goes on when one order of it is above.
    @Test(arguments: Engine.available) func aReleaseAboveTheLimitTakesTwoPeople(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", limit: 1)
        for (id, net) in [("1001", Int64(100_00)), ("1002", Int64(100_01))] {
            try await shop.order(id, "C1", net: net, on: "2026-01-05", country: "US")
        }
        await #expect(throws: DecideHeldOrders.Refused.twoPeople(["1002"])) {
            try await shop.decide(["1001", "1002"], .release, alone: 100_00, on: "2026-01-06")
        }
        #expect(try await shop.state("1001") == "held")
        try await shop.decide(["1001"], .release, alone: 100_00, on: "2026-01-06")
        #expect(try await shop.state("1001") == "confirmed")
        try await shop.decide(["1002"], .cancel, alone: 100_00, on: "2026-01-06")
        #expect(try await shop.state("1002") == "cancelled")
    }

    /// The limit is of the sum: of one customer, by one person, within a day.
    @Test(arguments: Engine.available) func aCustomersOrdersAreNotReleasedOneByOne(engine: Engine) async throws {
        let shop = try await Shop.open(engine), day: Day = "2026-01-06"
        for customer in ["C1", "C2"] { try await shop.customer(customer, limit: 1) }
        for (id, customer) in [("1001", "C1"), ("1002", "C1"), ("1003", "C1"), ("1004", "C1"), ("2001", "C2")] {
            try await shop.order(id, customer, net: 60_00, on: "2026-01-05", country: "US")
        }
        await #expect(throws: DecideHeldOrders.Refused.twoPeople(["1002"]), "in one form") {
            try await shop.decide(["1001", "1002", "2001"], .release, role: "controller kim", alone: 100_00, on: day)
        }
        try await shop.decide(["1001", "2001"], .release, role: "controller kim", alone: 100_00, on: day)
        await #expect(throws: DecideHeldOrders.Refused.twoPeople(["1002"]), "in another role, on another business day") {
            try await shop.decide(["1002"], .release, role: "approver kim", alone: 100_00, on: "2026-01-07")
        }
        try await shop.decide(["1002"], .release, role: "controller lee", alone: 100_00, on: day)
        try await shop.decide(["1001"], .cancel, role: "controller kim", alone: 100_00, on: day)
        try await shop.decide(["1003"], .release, role: "controller kim", alone: 100_00, on: day)
        _ = shop.tick(seconds: 86_400)
        try await shop.decide(["1004"], .release, role: "controller kim", alone: 100_00, on: day)
        #expect(try await shop.state("1004") == "confirmed")
    }

    /// Each order of a list that is decided one by one counts with those before it.
    @Test(arguments: Engine.available) func ordersDecidedOneByOneAreOneSumToo(engine: Engine) async throws {
        let shop = try await Shop.open(engine), entity = shop.entity
        try await shop.customer("C1", limit: 1)
        for id in ["1001", "1002"] { try await shop.order(id, "C1", net: 60_00, on: "2026-01-05", country: "US") }
        let query: SQL = "SELECT id FROM sales_order WHERE entity_id = \(entity) ORDER BY external_id"
        let ids: [ID<Order>] = try await shop.database.read { try $0.rows(query) { $0.id(0) } }
        let decision = DecideOrders(
            entity, ids, .release, role: "controller kim", reason: "agreed", alone: 100_00, on: "2026-01-06")
        let refused = try await shop.run { try decision.run(in: $0, at: $1) }
        let expected: [ID<Order>: DecideHeldOrders.Refused] = [ids[1]: .twoPeople(["1002"])]
        #expect(refused == expected)
    }

    /// What two people decided counts to nobody alone.
    @Test(arguments: Engine.available) func whatTwoReleasedLeavesTheLimitOfOne(engine: Engine) async throws {
        let shop = try await Shop.open(engine), day: Day = "2026-01-06"
        try await shop.customer("C1", limit: 1)
        for id in ["1001", "1002"] { try await shop.order(id, "C1", net: 60_00, on: "2026-01-05", country: "US") }
        let two = "controller kim" + ReleasedAlone.ending(.approver)
        try await shop.decide(["1001"], .release, role: two, alone: nil, on: day)
        try await shop.decide(["1002"], .release, role: "controller kim", alone: 100_00, on: day)
        #expect(try await shop.state("1002") == "confirmed")
    }

    @Test func whoDecidesHasARoleWithTheRight() throws {
        #expect(try DecideHeldOrders.role("approver", to: .release) == .approver)
        #expect(try DecideHeldOrders.role("clerk", to: .cancel) == .clerk)
        #expect(throws: DecideHeldOrders.Refused.role(.viewer, .release)) { try DecideHeldOrders.role("viewer", to: .release) }
        #expect(throws: PeopleRefusal.self) { try DecideHeldOrders.role("king", to: .release) }
        #expect(DecideHeldOrders.Refused.role(.clerk, .release).message.hasSuffix("by approver, controller, administrator"))
    }

    @Test(arguments: Engine.available) func anUnknownCustomerIsCreatedOnce(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let report = try await shop.place([
            shop.intake("A1", "NEW", [item("TEA", 1, at: 5_00)], on: "2026-01-05", country: "DE"),
            shop.intake("A2", "NEW", [item("TEA", 1, at: 5_00)], on: "2026-01-05", country: "FR"),
        ])
        #expect(report.customersCreated == 1)
        let created = try await shop.texts(
            "SELECT number || ' ' || name || ' ' || country || ' ' || currency FROM customer WHERE entity_id = \(shop.entity)")
        #expect(created == ["NEW Customer NEW DE GBP"])
        // The customer's name pays: it is known by that name from its first order on.
        let names = try await shop.texts("SELECT value FROM customer_identity WHERE entity_id = \(shop.entity) AND kind = 'name'")
        #expect(names == ["CUSTOMERNEW"])
    }

    @Test(arguments: Engine.available) func strangersShareOneAccountACountry(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        for (id, country) in [("A1", "GB"), ("A2", "GB"), ("A3", "DE")] {
            try await shop.order(id, nil, [item("TEA", 1, at: 5_00)], on: "2026-01-05", country: country)
        }
        let numbers = try await shop.texts("SELECT number FROM customer WHERE entity_id = \(shop.entity) ORDER BY number")
        #expect(numbers == ["ONE-TIME-DE", "ONE-TIME-GB"])
        #expect(try await shop.bill(on: "2026-01-05").invoices == 3)
        // Nobody is known by the account's name, and it is due at once.
        #expect(try await shop.number("SELECT count(*) FROM customer_identity WHERE entity_id = \(shop.entity)") == 0)
        #expect(try await shop.texts("SELECT DISTINCT due_on FROM invoice WHERE entity_id = \(shop.entity)") == ["2026-01-05"])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func anImpossibleOrderIsNamedAndTheOthersStand(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let huge = OrderIntake.Line(sku: "X", description: "X", quantityMilli: .max, priceMicro: .max)
        let report = try await shop.place([
            shop.intake("A1", "C1", [item("TEA", 1, at: 5_00)], on: "2026-01-05"),
            shop.intake("A2", "C1", [], on: "2026-01-05"),
            shop.intake("A3", "C1", [huge], on: "2026-01-05"),
        ])
        #expect(report.placed == 1)
        #expect(report.refused.map(\.externalID) == ["A2", "A3"])
        #expect(report.refused.allSatisfy { !$0.reason.isEmpty })
        #expect(try await shop.number("SELECT count(*) FROM sales_order WHERE entity_id = \(shop.entity)") == 1)
    }

    @Test(arguments: Engine.available) func anAdjustmentWaitsForAController(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let report = try await shop.order("B1", "C1", [item("B", 1, at: -11_062_06)], on: "2026-01-05", kind: .adjustment)
        #expect(report.held == 1)
        #expect(try await shop.bill(on: "2026-01-05") == BillOrders.Report())
        try await shop.decide(["B1"], .release, reason: "bad debt agreed with the auditor", on: "2026-01-06")
        #expect(try await shop.bill(on: "2026-01-06").creditNotes == 1)
        #expect(try await shop.open("CN-2026-000001") == -13_274_47)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func threeDecimalPricesAreRoundedByTheLine(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let line = OrderIntake.Line(sku: "PIN", description: "Pin", quantityMilli: 3_000, priceMicro: 1_115_000)
        try await shop.order("A1", "C1", [line], on: "2026-01-05", country: "US")
        #expect(try await shop.number("SELECT net_minor FROM sales_order WHERE entity_id = \(shop.entity)") == 3_35)
    }
}
