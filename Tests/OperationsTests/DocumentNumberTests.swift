import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct DocumentNumberTests {
    @Test(arguments: Engine.available) func aSeriesStartsAnewEachYear(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        for (id, day) in [("A1", "2026-12-30"), ("A2", "2026-12-31"), ("A3", "2027-01-01")] {
            let day = try #require(Day(day))
            try await shop.order(id, "C1", net: 10_00, on: day)
            try await shop.bill(on: day)
        }
        #expect(try await shop.documents() == ["INV-2026-000001", "INV-2026-000002", "INV-2027-000001"])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func anEarlierDateIsRefusedAndBurnsNoNumber(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", net: 10_00, on: "2026-01-05")
        try await shop.bill(on: "2026-01-10")
        try await shop.order("A2", "C1", net: 10_00, on: "2026-01-06")
        await refuses("document_date_before_last") { try await shop.bill(on: "2026-01-09") }
        #expect(try await shop.state("A2") == "confirmed")
        try await shop.bill(on: "2026-01-10")
        #expect(try await shop.documents() == ["INV-2026-000001", "INV-2026-000002"])
        try await shop.proves()
    }

    /// A run that dies after its numbers were drawn gives them back.
    @Test(arguments: Engine.available) func aFailedRunLeavesNoGap(engine: Engine) async throws {
        struct PowerCut: Error {}
        let shop = try await Shop.open(engine)
        for number in 1...5 {
            try await shop.order("A\(number)", "C1", net: 10_00, on: "2026-01-05")
            await #expect(throws: PowerCut.self) {
                try await shop.run { tx, now in
                    _ = try BillOrders(shop.entity, .sale, on: "2026-01-05").run(in: tx, at: now)
                    throw PowerCut()
                }
            }
            #expect(try await shop.state("A\(number)") == "confirmed")
            try await shop.bill(on: "2026-01-05")
        }
        #expect(try await shop.documents() == (1...5).map { "INV-2026-00000\($0)" })
        try await shop.proves()
    }

    /// A closed period refuses the day; the next open day takes the same number.
    @Test(arguments: Engine.available) func aClosedPeriodBurnsNoNumber(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", net: 10_00, on: "2026-01-05")
        try await shop.close(through: "2026-01-31")
        await refuses("period_closed") { try await shop.bill(on: "2026-01-31") }
        try await shop.bill(on: "2026-02-01")
        #expect(try await shop.documents() == ["INV-2026-000001"])
        try await shop.proves()
    }

    /// Thirty billing runs at once while orders come in, some of them failing, through two sets of connections.
    @Test(arguments: Engine.available) func billingAtOnceBillsEachOrderOnce(engine: Engine) async throws {
        struct PowerCut: Error {}
        let doors = try await engine.makePair()
        let first = try await Shop.opened(in: doors.0), second = Shop(doors.1, .gbp)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<30 {
                let shop = number % 2 == 0 ? first : second
                group.addTask {
                    try await shop.order("A\(number)", "C\(number % 4)", net: 10_00, on: "2026-01-05")
                    if number % 5 == 0 {
                        _ = try? await shop.run { tx, now in
                            _ = try BillOrders(shop.entity, .sale, on: "2026-01-05").run(in: tx, at: now)
                            throw PowerCut()
                        }
                    }
                    try await shop.bill(on: "2026-01-05")
                }
            }
            try await group.waitForAll()
        }
        #expect(try await first.documents().count == 30)
        #expect(try await first.number("SELECT count(DISTINCT order_number) FROM invoice WHERE entity_id = 1") == 30)
        #expect(try await first.number("SELECT count(*) FROM sales_order WHERE entity_id = 1 AND state = 'billed'") == 30)
        try await first.proves()
    }

    /// Invoices and credit notes count by themselves; a number taken over from a former system is not drawn again.
    @Test(arguments: Engine.available) func aNumberTakenOverIsNotDrawnAgain(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let taken = OpeningItem(
            number: "INV-2026-000001", customerNumber: "C1", issuedOn: "2026-01-02", dueOn: "2026-02-01", open: Money(minor: 50_00, .gbp))
        try await shop.run { _ = try ImportOpenItems(shop.entity, [taken]).run(in: $0, at: $1) }
        try await shop.order("A1", "C1", net: 10_00, on: "2026-01-05")
        #expect(try await shop.bill(on: "2026-01-05").invoices == 1)
        #expect(Set(try await shop.documents()).count == 2)
    }
}
