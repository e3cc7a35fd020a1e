import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// The statement of account on the desk: sent as shown, and told on both pages.
@Suite struct StatementPageTests {
    @Test(arguments: Engine.available) func aStatementIsSentFromTheDayShownAndTheCustomersPageTells(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.collector, "kim"), day = Day("2025-11-05")!
        let customer = CustomerProfile(number: "C1", name: "Meyer", email: "ap@meyer.example", country: "GB", currency: .gbp)
        let items = [("OLD-1", day), ("NEW-1", day + 90)].map {
            OpeningItem(number: $0.0, customerNumber: "C1", issuedOn: $0.1, dueOn: $0.1 + 30, open: Money(minor: 600_00, .gbp))
        }
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try ImportOpenItems(ID(1), items).run(in: tx, at: now)
        }
        let path = "/customers/C1/statement?as_of=2026-02-20&from=2026-01-01"
        let page = await kim.get(path)
        #expect(page.body.contains("name=\"from\" value=\"2026-01-01\">") && !page.body.contains("Sent on"))
        #expect(await kim.get("/customers/C1").body.contains("No word yet"))
        let sent = await kim.post("/customers/C1/statement/send", "as_of=2026-02-20&from=2026-01-01")
        #expect(sent.header(.location) == "/customers/C1")
        #expect(await kim.get(path).body.contains("Sent on"))
        let told = await kim.get("/customers/C1")
        #expect(told.body.contains("Statement of account as of 2026-02-20") && !told.body.contains("No word yet"))
        #expect(told.body.contains("from 2026-01-01 to 2026-02-20") && told.body.contains("NEW-1"))
    }
}
