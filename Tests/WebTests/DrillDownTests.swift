import Domain
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Who looks at a former moment stays there, wherever its figures lead.
@Suite struct DrillDownTests {
    @Test(arguments: Engine.available) func theFiguresOfAMomentLeadToIt(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), entity = server.entity, day = Day("2026-02-20")!
        let credit = OpeningItem(number: "CN-1", customerNumber: "C1", issuedOn: day, dueOn: day, open: Money(minor: -20_00, .gbp))
        let dispute = OpenSlice(
            entity, document: DeskServer.document, .dispute, Money(minor: 50_00, .gbp), reason: "torn", role: "clerk", on: day)
        try await server.write { tx, now in
            _ = try ImportOpenItems(entity, [credit]).run(in: tx, at: now)
            _ = try dispute.run(in: tx, at: now)
        }
        let reader = try await server.person(.viewer), then = "as_of=2026-02-21"
        for path in ["/figures/aging", "/figures/credits", "/invoices", "/collections/slices"] {
            #expect(await reader.get("\(path)?\(then)").body.contains("href=\"/customers/C1?\(then)\""), "\(path)")
            #expect(await reader.get(path).body.contains("href=\"/customers/C1\""), "\(path)")
        }
        #expect(await reader.get("/figures/aging?\(then)").body.contains("href=\"/collections/slices?\(then)\">Of these</a>"))
        let before = await reader.get("/collections/slices?as_of=2026-02-19").body
        #expect(before.contains("Nothing stands apart") && !before.contains("torn") && !before.contains("1 part"))
        #expect(await reader.get("/collections/slices?\(then)").body.contains("1 part"))
    }

    /// Those of a former system have a page as all others.
    @Test func openItemsTakenOverAreLinked() async throws {
        let server = try await DeskServer.owed(.sqlite), reader = try await server.person(.viewer),
            link = "href=\"/invoices/\(DeskServer.document)\""
        for path in ["/customers/C1", "/ledger/journal"] { #expect(await reader.get(path).body.contains(link), "\(path)") }
    }
}
