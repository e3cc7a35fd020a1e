import Domain
import Foundation
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
        let backwards = await kim.get("/customers/C1/statement?as_of=2026-02-20&from=2026-02-21")
        #expect(backwards.status == .unprocessableContent && backwards.body.contains("is after the day of the statement"))
        let sent = await kim.post("/customers/C1/statement/send", "as_of=2026-02-20&from=2026-01-01")
        #expect(sent.header(.location) == "/customers/C1")
        #expect(await kim.get(path).body.contains("Sent on"))
        let told = await kim.get("/customers/C1")
        #expect(told.body.contains("Statement of account as of 20 Feb 2026") && !told.body.contains("No word yet"))
        #expect(told.body.contains("from 1 Jan 2026 to 20 Feb 2026") && told.body.contains("NEW-1"))
    }

    /// Meyer is written to on the 10th and gets a statement on the 25th, the server's today.
    @Test(arguments: Engine.available) func aPastPageTellsWhatWasWrittenByThen(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.collector, "kim"), day = Day("2026-01-05")!
        let customer = CustomerProfile(number: "C1", name: "Meyer", email: "ap@meyer.example", country: "GB", currency: .gbp)
        let item = OpeningItem(number: "OLD-1", customerNumber: "C1", issuedOn: day, dueOn: day + 30, open: Money(minor: 600_00, .gbp))
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try ImportOpenItems(ID(1), [item]).run(in: tx, at: now)
        }
        let ladder = {
            var ladder = DunningLadder.standard
            ladder.requiresFeed = false
            return ladder
        }()
        try await server.write { tx, now in _ = try RunDunning(ID(1), on: day + 36, ladder).run(in: tx, at: now) }
        _ = await kim.post("/customers/C1/statement/send", "as_of=2026-02-20")
        func told(_ moment: String) async -> [Bool] {
            let page = await kim.get("/customers/C1?\(moment)").body
            return [page.contains("notice 1"), page.contains("Statement of account as of 20 Feb 2026"), page.contains("No word yet")]
        }
        #expect(await told("") == [true, true, false])
        #expect(await told("as_of=2026-02-24") == [true, false, false])
        #expect(await told("as_of=2026-02-09") == [false, false, true])
        #expect(await kim.get("/customers/C1?known_at=2026-02-24").status == .notFound, "the customer was not recorded by then")
        #expect(await told("known_at=2026-02-25") == [true, true, false])
    }

    @Test(arguments: Engine.available) func aStatementByEarlierKnowledgeKeepsIt(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.collector, "kim"), day = Day("2026-01-05")!
        let customer = CustomerProfile(number: "C1", name: "Meyer", email: "ap@meyer.example", country: "GB", currency: .gbp)
        let item = OpeningItem(number: "OLD-1", customerNumber: "C1", issuedOn: day, dueOn: day + 30, open: Money(minor: 600_00, .gbp))
        try await server.write { tx, now in _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now) }
        let before = server.clock.next().iso8601
        try await server.write { tx, now in _ = try ImportOpenItems(ID(1), [item]).run(in: tx, at: now) }
        let now = await kim.get("/customers/C1/statement?as_of=2026-02-20").body
        #expect(now.contains("OLD-1") && !now.contains("known_at"))
        let page = await kim.get("/customers/C1/statement?as_of=2026-02-20&known_at=\(before)").body
        #expect(!page.contains("OLD-1"))
        #expect(page.components(separatedBy: "name=\"known_at\" value=\"\(before)\"").count == 3, "to show and to send")
        let link = try #require(page.split(separator: "\"").first { $0.contains("format=csv") })
        #expect(await !kim.get(String(link.replacing("&amp;", with: "&"))).body.contains("OLD-1"))
        #expect(await kim.get("/customers/C1/statement?as_of=2026-02-20&format=csv").body.contains("OLD-1"))
    }
}
