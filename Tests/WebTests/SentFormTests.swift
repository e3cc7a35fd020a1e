import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What a person types is done once, and not lost when a session ends.
@Suite struct SentFormTests {
    private static let document = DeskServer.document, page = "/invoices/\(document)"
    private static let form = "amount=3.00&code=small_balance&reason=not%20worth%20it"

    private func open(_ server: DeskServer) async throws -> Int64 {
        try await server.count("SELECT open_minor FROM open_item WHERE entity_id = 1 AND number = \(Self.document)")
    }

    private func token(_ page: Answer) throws -> String {
        let mark = "name=\"once\" value=\"", start = try #require(page.body.firstRange(of: mark)).upperBound
        return String(page.body[start...].prefix { $0 != "\"" })
    }

    @Test(arguments: Engine.available) func aFormThatIsSentTwiceIsDoneOnce(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.collector, "kim"), path = "\(Self.page)/write-off"
        let once = try token(await kim.get(Self.page)), form = "once=\(once)&\(Self.form)"
        let first = await kim.post(path, form, from: Self.page), second = await kim.post(path, form, from: Self.page)
        #expect(first.status == .seeOther && second.status == .seeOther && second.header(.location) == Self.page)
        #expect(second.headers.contains { $0.1.contains("sent%20twice") })
        #expect(try await open(server) == 597_00)
        let other = await kim.post(path, form.replacing("3.00", with: "4.00"))
        #expect(other.status == .seeOther)
        #expect(try await open(server) == 593_00, "another amount is another act")
    }

    @Test(arguments: Engine.available) func sentAtTheSameTimeItIsDoneOnce(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.collector, "kim"), path = "\(Self.page)/write-off"
        let form = "once=\(try token(await kim.get(Self.page)))&\(Self.form)"
        let statuses = await withTaskGroup(of: HTTPResponse.Status.self) { group in
            for _ in 0..<6 { group.addTask { await kim.post(path, form).status } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: .seeOther, count: 6))
        #expect(try await open(server) == 597_00)
    }

    @Test(arguments: Engine.available) func whatWasRefusedCanBeSentAgain(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.collector, "kim"), path = "\(Self.page)/write-off"
        let once = try token(await kim.get(Self.page))
        #expect(await kim.post(path, "once=\(once)&amount=900.00&code=price&reason=x", from: Self.page).status == .unprocessableContent)
        #expect(await kim.post(path, "once=\(once)&\(Self.form)", from: Self.page).status == .seeOther)
        #expect(try await open(server) == 597_00)
    }

    /// Work of several transactions takes its form before it begins: where it fails, nothing was done, and nothing says so.
    @Test(arguments: Engine.available) func whatFailedInStepsCanBeSentAgain(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), ann = try await server.person(.administrator, "ann")
        let form = "once=\(try token(await ann.get("/import")))&kind="
        for _ in 0..<2 {
            let answer = await ann.post("/import", form, from: "/import")
            #expect(answer.status == .unprocessableContent && answer.body.contains("pick what it is"))
        }
    }

    @Test func aFormOfAnotherSessionComesBackFilledIn() async throws {
        let server = try await DeskServer.owed(.sqlite), kim = try await server.person(.collector, "kim")
        let fields = [
            ("Cookie", kim.cookie), ("Content-Type", "application/x-www-form-urlencoded"), ("Referer", "http://localhost\(Self.page)"),
        ]
        let answer = await server.send(.post, "\(Self.page)/write-off", fields, body: "csrf=old&\(Self.form)")
        #expect(answer.status == .forbidden && answer.body.contains("not worth it") && answer.body.contains("signed in again since"))
        #expect(try await open(server) == 600_00)
    }

    @Test func aFormWithoutSessionIsKept() async throws {
        let server = try await DeskServer.owed(.sqlite)
        let fields = [("Content-Type", "application/x-www-form-urlencoded"), ("Referer", "http://localhost\(Self.page)")]
        let answer = await server.send(.post, "\(Self.page)/write-off", fields, body: "csrf=gone&once=x&\(Self.form)&more=%22%3E%3Cb%3E")
        #expect(answer.status == .forbidden && answer.body.contains("name=\"reason\" value=\"not worth it\""))
        #expect(
            answer.body.contains("name=\"page\" value=\"\(Self.page)\"") && !answer.body.contains("gone") && !answer.body.contains("once"))
        #expect(answer.body.contains("&quot;&gt;&lt;b&gt;") && !answer.body.contains("\"><b>"))
        let secret = await server.send(
            .post, "/account/password", fields, body: "csrf=gone&password=hunter2hunter2&new_password=hunter3hunter3")
        #expect(secret.status == .forbidden && !secret.body.contains("hunter"))
    }

    /// A zero byte is text to one engine and an end to the other.
    @Test(arguments: Engine.available) func controlCharactersDoNotReachTheBooks(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.collector, "kim")
        #expect(await kim.post("/account/sessions/end", "x=a%00b").status == .seeOther)
        #expect(await kim.post("/collections/codes", "customer=C1&customer_code=K%001%1B%0A7&code=price").status == .seeOther)
        #expect(await kim.get("/search?q=a%00b").status == .ok)
        #expect(await kim.get("/customers/C%001").status == .notFound)
        #expect(try await server.count("SELECT count(*) FROM deduction_code WHERE entity_id = 1") == 0)
        let faults = try await server.database.read { try CheckBooks(server.entity).run(in: $0).faults }
        #expect(faults.isEmpty)
    }

    @Test func aLongWordFitsIntoItsCookie() async throws {
        let server = try await DeskServer.owed(.sqlite), ann = try await server.person(.administrator, "ann")
        let answer = await ann.post("/users/invite", "role=\(String(repeating: "A", count: 100_000))")
        #expect(answer.headers.allSatisfy { $0.1.utf8.count < 4_000 })
    }
}
