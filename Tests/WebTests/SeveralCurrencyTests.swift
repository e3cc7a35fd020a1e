import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// The desk of books in several currencies: amounts say which they are in, and what leads on keeps to it.
@Suite struct SeveralCurrencyTests {
    private static let day = Day("2026-01-05")!

    /// Meyer owes 600.00 GBP, 33.00 EUR and 10,500 JPY, all of them late.
    private func desk(_ engine: Engine) async throws -> DeskServer {
        let server = try await DeskServer.owed(engine), entity = server.entity
        let items = [("D-EUR", Money(minor: 33_00, .eur)), ("D-JPY", Money(minor: 10_500, .jpy))].map { number, open in
            OpeningItem(number: number, customerNumber: "C1", issuedOn: Self.day, dueOn: Self.day + 30, open: open)
        }
        try await server.write { tx, now in _ = try ImportOpenItems(entity, items).run(in: tx, at: now) }
        return server
    }

    @Test(arguments: Engine.available) func aListOfSeveralCurrenciesSaysWhichAnAmountIsIn(engine: Engine) async throws {
        let reader = try await desk(engine).person(.viewer)
        for path in ["/invoices?state=open", "/figures/aging", "/ledger/journal", "/collections", "/"] {
            let page = await reader.get(path).body
            #expect(page.contains("10,500<span class=\"f\"></span></span> <span class=\"cur\">JPY</span></td>"), "\(path)")
            #expect(page.contains("<table class=\"list mixed\">"), "\(path)")
        }
        let own = await reader.get("/invoices?state=open&currency=JPY").body, balance = await reader.get("/ledger").body
        #expect(own.contains("<span class=\"cur\">JPY</span></td>") && !own.contains("list mixed"), "it is not the books' own")
        let pounds = await reader.get("/invoices?state=open&currency=GBP").body
        #expect(pounds.contains("600<span") && !pounds.contains("class=\"cur\""))
        #expect(!balance.contains("class=\"cur\"") && balance.contains("list mixed"), "a column says it")
    }

    /// The page and the file hold the largest first, also what was booked since they were read last.
    @Test(arguments: Engine.available) func theLargestDocumentsComeFirst(engine: Engine) async throws {
        let server = try await desk(engine), entity = server.entity, reader = try await server.person(.viewer)
        func expect(_ wanted: [String]) async {
            let page = await reader.get("/invoices?sort=largest").body, file = await reader.get("/invoices?sort=largest&format=csv").body
            let shown = page.split(separator: "href=\"/invoices/").dropFirst().map { String($0.prefix { $0 != "\"" }) }
            let written = file.split(separator: "\r\n").dropFirst().map { String($0.prefix { $0 != "," }) }
            #expect(shown == wanted && written == wanted)
        }
        await expect(["D-JPY", DeskServer.document, "D-EUR"])
        let new = OpeningItem(
            number: "D-NEW", customerNumber: "C1", issuedOn: Self.day, dueOn: Self.day + 30, open: Money(minor: 700_00, .gbp))
        try await server.write { tx, now in _ = try ImportOpenItems(entity, [new]).run(in: tx, at: now) }
        await expect(["D-JPY", "D-NEW", DeskServer.document, "D-EUR"])
    }

    @Test(arguments: Engine.available) func whatIsOfOneCurrencyLeadsToThatCurrency(engine: Engine) async throws {
        let reader = try await desk(engine).person(.viewer)
        let today = await reader.get("/").body, figures = await reader.get("/figures").body, ledger = await reader.get("/ledger").body
        for currency in ["EUR", "GBP", "JPY"] {
            #expect(today.contains("\"/invoices?state=overdue&amp;currency=\(currency)\""))
            for state in ["open", "overdue"] { #expect(figures.contains("/invoices?state=\(state)&amp;currency=\(currency)&amp;as_of=")) }
            #expect(ledger.contains("/ledger/journal?account=1200&amp;currency=\(currency)&amp;as_of="))
        }
    }

    @Test(arguments: Engine.available) func theJournalKeepsToACurrency(engine: Engine) async throws {
        let reader = try await desk(engine).person(.viewer), path = "/ledger/journal?account=1200&currency=JPY"
        let journal = await reader.get(path).body
        #expect(journal.contains("of account 1200") && journal.contains(", JPY</span>") && journal.contains("All accounts"))
        #expect(journal.contains("D-JPY") && !journal.contains("D-EUR") && !journal.contains("600<span"))
        #expect(journal.contains("/ledger/journal?account=1200&amp;currency=JPY&amp;format=csv"))
        let rows = await reader.get(path + "&format=csv").body.split(separator: "\r\n").dropFirst()
        #expect(rows.count == 2 && rows.allSatisfy { $0.hasSuffix(",JPY") })
        let earlier = await reader.get(path + "&as_of=2026-01-20").body
        #expect(earlier.contains("name=\"currency\" value=\"JPY\"") && earlier.contains("D-JPY"))
        let euros = await reader.get("/ledger/journal?currency=EUR").body
        #expect(euros.contains("of EUR") && euros.contains("All currencies") && euros.contains("D-EUR") && !euros.contains("D-JPY"))
    }

    @Test(arguments: Engine.available) func aQueueInAnotherCurrencyNamesIt(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), entity = server.entity, day = Self.day
        let receipt = ReceiptIntake(
            method: "bank", externalID: "R1", bookedOn: day, amount: Money(minor: 4_321, .jpy), customer: nil, remittance: "?")
        try await server.write { tx, now in _ = try RecordReceipts(entity, [receipt], on: day).run(in: tx, at: now) }
        try await server.write { tx, now in _ = try ApplyReceipts(entity, on: day, toleranceMinor: 0).run(in: tx, at: now) }
        let queue = try await server.person(.viewer).get("/cash").body
        #expect(queue.contains("<span class=\"cur\">JPY</span></span><span class=\"sub\">"))
    }
}
