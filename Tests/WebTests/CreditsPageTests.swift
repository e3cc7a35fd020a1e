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
        #expect(page.contains("Unidentified cash") && page.contains("href=\"/cash\"") && page.contains("href=\"/invoices/CN-1\""))
    }
}
