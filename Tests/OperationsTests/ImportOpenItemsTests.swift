import Domain
import Operations
import Store
import TestSupport
import Testing

/// Open items of a former system: a number that is known is the same item, or is told.
@Suite struct ImportOpenItemsTests {
    private func item(
        _ number: String, _ minor: Int64, of customer: String = "A", issued: Day = "2026-01-05", due: Day = "2026-02-05",
        in currency: Currency = .gbp
    ) -> OpeningItem {
        OpeningItem(number: number, customerNumber: customer, issuedOn: issued, dueOn: due, open: Money(minor: minor, currency))
    }

    private func take(_ shop: Shop, _ items: [OpeningItem]) async throws -> ImportOpenItems.Report {
        try await shop.run { [entity = shop.entity] tx, now in try ImportOpenItems(entity, items).run(in: tx, at: now) }
    }

    @Test(arguments: Engine.available) func tellsWhatDiffersFromTheBooks(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let items = [item("R1", 10_00), item("R2", -30_00)]
        let first = try await take(shop, items)
        #expect(first.taken == 2 && first.differing == [] && first.createdCustomers == ["A"])
        let again = try await take(shop, items)
        #expect(again.known == 2 && again.taken == 0 && again.differing == [] && again.createdCustomers == [])
        for other in [
            item("R1", 11_00), item("R1", -10_00), item("R1", 10_00, of: "B"), item("R1", 10_00, issued: "2026-01-06"),
            item("R1", 10_00, due: "2026-02-06"), item("R1", 10_00, in: .eur),
        ] {
            let report = try await take(shop, [other, item("R2", -30_00)])
            #expect(report.known == 2 && report.taken == 0 && report.differing == ["R1"] && report.customersCreated == 0)
        }
        #expect(try await shop.balance(.receivables) == -20_00)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func tellsANumberThatComesTwiceWithOtherValues(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let report = try await take(shop, [item("R6", 10_00), item("R6", 10_00), item("R7", 10_00), item("R7", 11_00)])
        #expect(report.taken == 2 && report.known == 2 && report.differing == ["R7"])
        #expect(report.totalMinor == ["GBP": 20_00])
    }
}
