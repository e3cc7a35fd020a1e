import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// A day that cannot be read is told beside its field, with what to write; the page shows what it shows without it.
@Suite struct MomentFieldTests {
    private static let pages = [
        "/collections/slices", "/figures", "/figures/aging", "/figures/credits", "/ledger", "/ledger/journal", "/ledger/periods",
        "/invoices",
        "/customers/C1", "/customers/C1/statement",
    ]

    @Test(arguments: pages) func aDayThatCannotBeReadIsToldBesideItsField(path: String) async throws {
        let server = try await DeskServer.owed(.sqlite), reader = try await server.person(.viewer)
        for day in ["2026-02-30", "abc"] {
            let page = await reader.get("\(path)?as_of=\(day)"), known = await reader.get("\(path)?known_at=\(day)").body
            #expect(page.status == .ok)
            #expect(
                page.body.contains(
                    "name=\"as_of\" value=\"2026-02-25\" aria-invalid=\"true\" aria-describedby=\"fault-as_of\" autofocus>"))
            let words = "<span class=\"fault\">“\(day)” is no day: write it as 2026-02-25; it shows"
            #expect(page.body.contains("id=\"fault-as_of\">\(words) today</span>"))
            #expect(known.contains("id=\"fault-known_at\">\(words) what is known now</span>"))
            let csv = await reader.get("\(path)?as_of=\(day)&format=csv")
            #expect(csv.body.contains("“\(day)” is no day"), "a file cannot say it")
        }
        let right = await reader.get("\(path)?as_of=2026-02-25&known_at=2026-02-25").body, plain = await reader.get(path).body
        #expect(!right.contains("is no day") && !right.contains("aria-invalid") && !plain.contains("is no day"))
    }

    /// Of a page that reads no such day the file is what was asked for.
    @Test(arguments: ["/customers?as_of=x", "/orders?known_at=x", "/customers?from=x", "/figures/aging?from=x"])
    func aDayThatIsNotReadIsNoFault(path: String) async throws {
        let server = try await DeskServer.owed(.sqlite), reader = try await server.person(.viewer)
        let file = await reader.get("\(path)&format=csv")
        #expect(file.status == .ok && file.type.hasPrefix("text/csv"), "\(file.type)")
    }

    @Test(arguments: Engine.available) func noStatementIsSentOfADayThatCannotBeRead(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.collector, "kim"), page = "/customers/C1/statement"
        let answer = await kim.post("\(page)/send", "as_of=2026-02-30", from: page)
        #expect(answer.status == .unprocessableContent && answer.body.contains("“2026-02-30” is no day"))
        #expect(try await server.count("SELECT count(*) FROM outbox WHERE entity_id = 1") == 0)
    }
}
