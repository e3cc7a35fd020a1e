import Domain
import Store
import TestSupport
import Testing

@testable import Operations

/// What is sold on credit, and what is credited, is decided by who may.
@Suite struct CreditControlTests {
    @Test(arguments: Engine.available) func anOrderHasTheSignOfItsKind(engine: Engine) async throws {
        let shop = try await Shop.open(engine), day: Day = "2026-01-05"
        let sale = try await shop.order("S1", "C1", [item("TEA", -1, at: 5_00)], on: day)
        #expect(sale.refused.map(\.reason) == ["a sale of less than nothing: what is taken back is sent as a cancellation"])
        let cancellation = try await shop.cancel("X1", "C1", [item("TEA", 1, at: 5_00)], on: day)
        #expect(cancellation.placed == 0 && cancellation.refused.first?.reason.hasPrefix("a cancellation of more than nothing") == true)
        // What is taken off a line of a sale, and what is kept of a cancellation, are lines of it.
        #expect(try await shop.order("S2", "C1", [item("TEA", 2, at: 5_00), item("VOUCHER", -1, at: 5_00)], on: day).placed == 1)
        #expect(try await shop.cancel("X2", "C1", [item("TEA", -2, at: 5_00), item("FEE", 1, at: 1_00)], on: day).placed == 1)
    }

    /// Until it is billed, it may be taken back.
    @Test(arguments: Engine.available) func whatIsToBeCreditedFreesNoCredit(engine: Engine) async throws {
        let shop = try await Shop.open(engine), day: Day = "2026-01-05"
        try await shop.customer("C1", limit: 100_00)
        #expect(try await shop.cancel("X1", "C1", [item("TEA", -1, at: 900_00)], on: day).held == 0)
        #expect(try await shop.order("S1", "C1", net: 500_00, on: day, country: "US").held == 1)
        #expect(try await shop.order("S2", "C1", net: 100_00, on: day, country: "US").held == 0)
    }

    @Test(arguments: Engine.available) func anAdjustmentIsReleasedByAControllerOrByTwo(engine: Engine) async throws {
        let shop = try await Shop.open(engine), day: Day = "2026-01-06"
        for (id, net) in [("B1", Int64(-100_00)), ("B2", -101_00), ("B3", -50_00)] {
            try await shop.order(id, "C1", [item("B", 1, at: net)], on: "2026-01-05", kind: .adjustment, country: "US")
        }
        await #expect(throws: DecideHeldOrders.Refused.twoPeople(["B3"]), "an approver alone") {
            try await shop.decide(["B3"], .release, role: "approver ann", alone: 100_00, on: day)
        }
        await #expect(throws: DecideHeldOrders.Refused.twoPeople(["B2"]), "above the limit") {
            try await shop.decide(["B2"], .release, role: "controller kim", alone: 100_00, on: day)
        }
        try await shop.decide(["B1"], .release, role: "controller kim", alone: 100_00, on: day)
        await #expect(throws: DecideHeldOrders.Refused.twoPeople(["B3"]), "what was credited counts") {
            try await shop.decide(["B3"], .release, role: "controller kim", alone: 100_00, on: day)
        }
        let ending = ReleasedAlone.ending(.approver)
        try await shop.decide(["B2", "B3"], .release, role: "approver ann\(ending)", on: day)
        #expect(try await shop.state("B2") == "confirmed")
    }

    /// So are customers' numbers, and those of open items: each order stands with the customer whose number it says.
    @Test(arguments: Engine.available) func twoCustomersOfOneSpellingEachKeepTheirOrders(engine: Engine) async throws {
        let shop = try await Shop.open(engine), (one, two) = ("\u{C9}-1", "E\u{301}-1"), day: Day = "2026-01-05"
        try await shop.customer(one, "One sign")
        try await shop.customer(two, "Two signs")
        try await shop.place([
            shop.intake("A", one, [item("GOODS", 1, at: 10_00)], on: day), shop.intake("B", two, [item("GOODS", 1, at: 20_00)], on: day),
        ])
        let items = [(one, one, 30_00), (two, two, 40_00)].map { number, customer, minor in
            OpeningItem(
                number: number, customerNumber: customer, issuedOn: day, dueOn: day + 30, open: Money(minor: Int64(minor), .gbp))
        }
        let report = try await shop.run { [entity = shop.entity] in try ImportOpenItems(entity, items).run(in: $0, at: $1) }
        #expect(report.taken == 2 && report.differing.isEmpty && report.customersCreated == 0)
        let orders = try await shop.texts(
            """
            SELECT o.external_id || ' ' || c.name FROM sales_order o
              JOIN customer c ON c.entity_id = o.entity_id AND c.id = o.customer_id WHERE o.entity_id = 1 ORDER BY o.external_id
            """)
        #expect(orders == ["A One sign", "B Two signs"])
        let taken = try await shop.texts(
            """
            SELECT CAST(i.open_minor AS TEXT) || ' ' || c.name FROM open_item i
              JOIN customer c ON c.entity_id = i.entity_id AND c.id = i.customer_id WHERE i.entity_id = 1 ORDER BY i.open_minor
            """)
        #expect(taken == ["3000 One sign", "4000 Two signs"])
        try await shop.proves()
    }

    /// Databases tell letters by their bytes: `É` may be one sign or two.
    @Test(arguments: Engine.available) func anOrderIsKnownByTheBytesOfItsNumber(engine: Engine) async throws {
        let shop = try await Shop.open(engine), day: Day = "2026-01-05"
        let (one, two) = ("\u{C9}-1", "E\u{301}-1")
        #expect(try await shop.order(one, "C1", net: 5_00, on: day).placed == 1)
        let both = [
            shop.intake(two, "C1", [item("TEA", 1, at: 5_00)], on: day), shop.intake(one, "C1", [item("TEA", 1, at: 5_00)], on: day),
        ]
        let report = try await shop.place(both)
        #expect(report.placed == 1 && report.known == 1)
        #expect(try await shop.number("SELECT count(*) FROM sales_order WHERE entity_id = \(shop.entity)") == 2)
    }
}
