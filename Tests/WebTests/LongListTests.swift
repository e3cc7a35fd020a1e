import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Lists of customers that are longer than a page: each customer can be reached, and the file holds all.
@Suite struct LongListTests {
    private static let count = ListLimit.page + 3

    /// Each customer owes two amounts, one of them for more than 90 days; no two customers owe the same of either.
    private func owing(_ engine: Engine) async throws -> DeskServer {
        let server = try await DeskServer.open(engine), count = Self.count
        let items = (0..<count).flatMap { at -> [OpeningItem] in
            func item(_ part: String, _ due: Day, _ minor: Int) -> OpeningItem {
                OpeningItem(
                    number: "\(part)-\(at)", customerNumber: "K\(100 + at)", issuedOn: due + -30, dueOn: due,
                    open: Money(minor: Int64(minor), .gbp))
            }
            return [
                item("OLD", Day("2025-10-01")!, (at * 7 % count + 1) * 100),
                item("NEW", Day("2026-02-01")!, (at * 11 % count + 1) * 10_000),
            ]
        }
        try await server.write { tx, now in _ = try ImportOpenItems(ID(1), items).run(in: tx, at: now) }
        return server
    }

    @Test(arguments: Engine.available) func agingReachesEveryCustomerInEachOrder(engine: Engine) async throws {
        let reader = try await owing(engine).person(.viewer), all = Array(0..<Self.count), count = Self.count
        let orders = [
            "total": all.sorted { $0 * 11 % count > $1 * 11 % count }, "oldest": all.sorted { $0 * 7 % count > $1 * 7 % count },
            "name": all,
        ].mapValues { $0.map { "K\(100 + $0)" } }
        for (order, wanted) in orders {
            let turned = Array(wanted.reversed())
            for (query, wanted) in [("sort=\(order)", wanted), ("sort=-\(order)", turned), ("as_of=2026-02-24&sort=\(order)", wanted)] {
                var found: [String] = [], next: String? = "/figures/aging?\(query)", said: [String] = [], pages = 0
                while let path = next, pages < 3 {
                    let page = await reader.get(path).body, told = page.split(separator: "<p class=\"muted\">")
                    found += page.split(separator: "href=\"/customers/").dropFirst().map { String($0.prefix { $0 != "\"" && $0 != "?" }) }
                    said += told.map { String($0.prefix { $0 != ";" }) }.filter { $0.hasSuffix(" of 53") }
                    pages += 1
                    next = page.split(separator: "rel=\"next\" href=\"").dropFirst().first.map {
                        String($0.prefix { $0 != "\"" }).replacing("&amp;", with: "&")
                    }
                }
                #expect(found == wanted && said == ["1 to 50 of 53", "51 to 53 of 53"], "\(query)")
                let file = await reader.get("/figures/aging?\(query)&format=csv").body.split(separator: "\r\n").dropFirst()
                #expect(file.map { String($0.split(separator: ",", omittingEmptySubsequences: false)[1]) } == wanted, "\(query)")
            }
        }
        let plain = await reader.get("/figures/aging").body
        #expect(plain.contains("aria-sort=\"descending\"><a href=\"/figures/aging?sort=-total\">Total"))
        #expect(plain.contains("<a href=\"/figures/aging?sort=oldest\">Over 90</a>") && plain.contains("?sort=name\">Customer</a>"))
    }

    /// The page ranks the first of them and says so.
    @Test(arguments: Engine.available) func theFileHoldsEverybodyWhoIsLate(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), reader = try await server.person(.viewer)
        func owe(_ numbers: Range<Int>) async throws {
            let items = numbers.map {
                OpeningItem(
                    number: "D-\($0)", customerNumber: "K\($0)", issuedOn: Day("2025-12-01")!, dueOn: Day("2026-01-01")! + $0 % 40,
                    open: Money(minor: Int64(100 + $0), .gbp))
            }
            try await server.write { tx, now in _ = try ImportOpenItems(ID(1), items).run(in: tx, at: now) }
        }
        func file(_ sort: String) async -> [String] {
            await reader.get("/collections?sort=\(sort)&format=csv").body.split(separator: "\r\n").dropFirst().map {
                String($0.split(separator: ",", omittingEmptySubsequences: false)[1])
            }
        }
        let ranked = CollectionsWorklist.rankLimit
        try await owe(0..<5)
        #expect(await !reader.get("/collections?sort=days").body.contains("the export holds all"), "the list ranks everybody")
        try await owe(5..<ranked + 3)
        let last = await reader.get("/collections?after=950").body
        #expect(last.contains("<p class=\"muted\">The first 1,000 of 1,003; the export holds all.</p>"))
        #expect(!last.contains("rel=\"next\"") && last.contains("50 rows"))
        let wanted = (0..<ranked + 3).map { "K\($0)" }
        #expect(await file("-overdue") == wanted)
        #expect(await file("overdue") == Array(wanted.reversed()))
        #expect(await file("days").sorted() == wanted.sorted())
    }

    /// A limit need not be in the currency of what is owed beside it.
    @Test(arguments: Engine.available) func aLimitStandsBesideItsOwnCurrency(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), reader = try await server.person(.viewer), day = Day("2026-01-05")!
        let customers = [
            CustomerProfile(number: "C1", name: "Meyer", country: "GB", creditLimitMinor: 5_000_00, currency: .gbp),
            CustomerProfile(number: "C2", name: "Novak", country: "GB", creditLimitMinor: 70_00, currency: .eur),
        ]
        let items = [("D-1", Money(minor: 10_00, .gbp)), ("D-2", Money(minor: 20_00, .eur))].map { number, open in
            OpeningItem(number: number, customerNumber: "C1", issuedOn: day, dueOn: day + 30, open: open)
        }
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), customers).run(in: tx, at: now)
            _ = try ImportOpenItems(ID(1), items).run(in: tx, at: now)
        }
        let lines = await reader.get("/customers?format=csv").body.split(separator: "\r\n").map(String.init)
        #expect(
            lines == [
                "Name,Number,Country,Owes,Past due,Credits,Limit,Limit currency,State,Currency",
                "Meyer,C1,GB,20.00,20.00,,5000.00,GBP,Overdue,EUR", "Meyer,C1,GB,10.00,10.00,,5000.00,GBP,Overdue,GBP",
                "Novak,C2,GB,,,,70.00,EUR,,",
            ])
        let page = await reader.get("/customers").body
        #expect(page.contains("5,000<span class=\"f\">.00</span></span> <span class=\"cur\">GBP</span>"))
        #expect(!page.contains("Limit currency"))
    }
}
