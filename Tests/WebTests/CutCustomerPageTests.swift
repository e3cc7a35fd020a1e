import Domain
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// A customer's page shows a part of a long history, says so and leads to the rest.
@Suite struct CutCustomerPageTests {
    @Test(arguments: Engine.available) func aLongHistoryLeadsToAllOfIt(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), entity = server.entity, day = Day("2026-01-10")!
        let reader = try await server.person(.viewer), few = await reader.get("/customers/C1").body
        #expect(few.contains("1 item") && !few.contains("the first") && !few.contains("the latest"))
        let items = (1...CustomerView.itemLimit).map {
            OpeningItem(number: "OLD-\($0)", customerNumber: "C1", issuedOn: day, dueOn: day + 30, open: Money(minor: 1_00, .gbp))
        }
        try await server.write { tx, now in _ = try ImportOpenItems(entity, items).run(in: tx, at: now) }
        let page = await reader.get("/customers/C1").body
        #expect(page.contains("the first 200 · <a href=\"/invoices?state=open&amp;customer=C1\">All open documents</a>"))
        #expect(page.contains("the latest 50 · <a href=\"/invoices?customer=C1\">All documents</a>"))
        #expect(page.contains("<a href=\"/receipts?customer=C1\">All receipts</a>"))
        let then = await reader.get("/customers/C1?as_of=2026-02-01").body
        #expect(then.contains("<a href=\"/invoices?customer=C1&amp;as_of=2026-02-01\">All documents</a>"))
        let rows = await reader.get("/invoices?state=open&customer=C1&format=csv").body.split(separator: "\r\n").count - 1
        #expect(rows == CustomerView.itemLimit + 1)
    }

    @Test(arguments: Engine.available) func earlierMessagesAreShownWhenAskedFor(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), entity = server.entity, count = CustomerView.messageLimit + 3
        for number in 0..<count {
            try await server.write { tx, now in
                let moment = ReportMoment(entity, asOf: Day("2026-01-10")! + number)
                _ = try SendStatement(moment, customerNumber: "C1", on: Day("2026-02-25")!).run(in: tx, at: now)
            }
        }
        let reader = try await server.person(.viewer)
        func letters(_ path: String) async -> Int { await reader.get(path).body.split(separator: "<details><summary>").count - 1 }
        #expect(await letters("/customers/C1") == CustomerView.messageLimit)
        #expect(await reader.get("/customers/C1").body.contains("the latest 20 · <a href=\"/customers/C1?messages=all\">All</a>"))
        #expect(await letters("/customers/C1?messages=all") == count)
    }

    /// The list counts what was ordered, as the page and an order's hold do.
    @Test(arguments: Engine.available) func whatIsOrderedCountsAgainstTheLimit(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), entity = server.entity
        let today = Day("2026-02-25")!
        let limited = CustomerProfile(
            number: "C1", name: "Meyer", country: "GB", creditLimitMinor: 700_00, currency: .gbp)
        try await server.write { tx, now in
            _ = try SaveCustomers(entity, [limited]).run(in: tx, at: now)
            // 48.00 with tax; the limit leaves 100.00.
            _ = try PlaceOrders(entity, [webOrder("O1", net: 40_00, on: today), webOrder("O2", net: 40_00, on: today)])
                .run(in: tx, at: now)
        }
        let reader = try await server.person(.viewer)
        #expect(await reader.get("/customers").body.contains("Over limit") == false)
        try await server.write { tx, now in
            _ = try SaveCustomers(
                entity, [CustomerProfile(number: "C1", name: "Meyer", country: "GB", creditLimitMinor: 690_00, currency: .gbp)]
            )
            .run(in: tx, at: now)
        }
        #expect(await reader.get("/customers").body.contains("Over limit"))
        let page = await reader.get("/customers/C1").body
        #expect(page.contains("Over limit") && page.contains("href=\"/orders?state=confirmed&amp;customer=C1\""))
    }
}
