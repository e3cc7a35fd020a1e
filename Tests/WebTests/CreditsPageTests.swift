import Domain
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// The credits of aging lead to their items.
@Suite struct CreditsPageTests {
    @Test(arguments: Engine.available) func theCreditsOfAgingAreItsItems(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), entity = server.entity, day = Day("2026-02-20")!
        let items = [("CN-1", Money(minor: -20_00, .gbp)), ("CN-2", Money(minor: -9_000, .jpy)), ("CN-3", Money(minor: -1_00, .gbp))].map {
            number, open in
            OpeningItem(number: number, customerNumber: "C1", issuedOn: day, dueOn: day, open: open)
        }
        let receipt = ReceiptIntake(
            method: "card", externalID: "R1", bookedOn: day + 1, amount: Money(minor: 50_00, .gbp), customer: nil, remittance: "?")
        try await server.write { tx, now in _ = try ImportOpenItems(entity, items).run(in: tx, at: now) }
        try await server.write { tx, now in _ = try RecordReceipts(entity, [receipt], on: day + 1).run(in: tx, at: now) }
        let reader = try await server.person(.viewer), figures = await reader.get("/figures").body
        for currency in ["GBP", "JPY"] {
            #expect(figures.contains("<a href=\"/figures/credits?currency=\(currency)&amp;as_of=2026-02-25\">Credits</a>"))
        }
        func rows(_ query: String) async -> [String] {
            await reader.get("/figures/credits?\(query)&format=csv").body.split(separator: "\r\n").dropFirst().map {
                $0.split(separator: ",", omittingEmptySubsequences: false).dropFirst(3).prefix(1).joined()
            }
        }
        #expect(await rows("currency=GBP&as_of=2026-02-25") == ["R1", "CN-1", "CN-3"], "the largest first")
        #expect(await rows("currency=JPY&as_of=2026-02-25") == ["CN-2"])
        #expect(await rows("currency=GBP&as_of=2026-02-20") == ["CN-1", "CN-3"])
        let page = await reader.get("/figures/credits?currency=GBP").body
        let id = try await server.count("SELECT id FROM receipt WHERE external_id = 'R1'")
        #expect(page.contains("<a href=\"/receipts/\(id)\">R1</a>"), "a receipt leads to its page")
        #expect(page.contains("Unidentified cash") && page.contains("href=\"/cash\"") && page.contains("href=\"/invoices/CN-1\""))
    }

    @Test(arguments: Engine.available) func noCreditsAreSaid(engine: Engine) async throws {
        let reader = try await DeskServer.owed(engine).person(.viewer), page = await reader.get("/figures/credits?currency=USD").body
        #expect(page.contains("No credits") && !page.contains("Export CSV"))
    }

    /// Every credit stands on one page, or in the file, by the name that its customer had.
    @Test(arguments: Engine.available) func creditsGoOnWithTheNamesOfThen(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), entity = server.entity, day = Day("2026-02-20")!, count = ListLimit.page + 3
        let items = (1...count).map {
            OpeningItem(number: "CN-\($0)", customerNumber: "C1", issuedOn: day, dueOn: day, open: Money(minor: -Int64($0) * 100, .gbp))
        }
        try await server.write { tx, now in _ = try ImportOpenItems(entity, items).run(in: tx, at: now) }
        let renamed = CustomerProfile(number: "C1", name: "Baker", country: "GB", currency: .gbp)
        try await server.write { tx, now in _ = try SaveCustomers(entity, [renamed]).run(in: tx, at: now) }
        let reader = try await server.person(.viewer), wanted = (1...count).reversed().map { "CN-\($0)" }
        for (query, name) in [("as_of=2026-02-25", "Baker"), ("currency=GBP", "Baker"), ("as_of=2026-02-24", "Meyer")] {
            var found: [String] = [], next: String? = "/figures/credits?\(query)", pages = 0
            while let path = next, pages < 3 {
                let page = await reader.get(path).body, gone = name == "Baker" ? "Meyer" : "Baker"
                #expect(page.contains(name) && !page.contains(gone), "\(path)")
                found += page.split(separator: "href=\"/invoices/").dropFirst().map { String($0.prefix { $0 != "\"" }) }
                next = page.split(separator: "rel=\"next\" href=\"").dropFirst().first.map {
                    String($0.prefix { $0 != "\"" }).replacing("&amp;", with: "&")
                }
                pages += 1
            }
            #expect(found == wanted && pages == 2, "\(query)")
            let file = await reader.get("/figures/credits?\(query)&format=csv").body.split(separator: "\r\n")
            #expect(file.count == count + 1 && file.dropFirst().allSatisfy { $0.contains(name) }, "\(query)")
        }
    }
}
