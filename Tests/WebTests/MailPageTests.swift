import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Mail that could not be sent, on the desk and in the API: whose it is, and what is done about it.
@Suite struct MailPageTests {
    private static let subject = "Statement of account as of 20 Feb 2026"

    /// A statement of account to Meyer that could not be sent.
    private func desk(_ engine: Engine) async throws -> (server: DeskServer, message: Int64) {
        let server = try await DeskServer.owed(engine), day = Day("2026-02-20")!
        try await server.write { tx, now in
            _ = try SendStatement(ReportMoment(ID(1), asOf: day), customerNumber: "C1", on: day).run(in: tx, at: now)
        }
        try await fail(server)
        return (server, try await server.count("SELECT id FROM outbox WHERE entity_id = 1"))
    }

    private func fail(_ server: DeskServer) async throws {
        try await server.write { tx, _ in
            try tx.run("UPDATE outbox SET state = 'dead', attempts = 8, last_error = 'no <route>' WHERE entity_id = 1")
        }
    }

    private func move(_ server: DeskServer) async throws {
        let customer = CustomerProfile(number: "C1", name: "Meyer", email: "new@meyer.example", country: "GB", currency: .gbp)
        try await server.write { tx, now in _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now) }
    }

    /// `detail: outcome` of every row of that act, the oldest first.
    private func noted(_ act: String, _ server: DeskServer) async throws -> [String] {
        try await server.database.read { try AuditLog(ID(1), act: act).page(in: $0).rows }.reversed().map { "\($0.detail): \($0.outcome)" }
    }

    @Test(arguments: Engine.available) func todayLeadsToTheListWhichNamesTheCustomer(engine: Engine) async throws {
        let (server, message) = try await desk(engine)
        let kim = try await server.person(.collector, "kim"), vic = try await server.person(.viewer, "vic")
        let today = await kim.get("/").body
        #expect(today.contains("<a href=\"/mail\"><span class=\"badge bad\">") && today.contains("1 message could not be sent"))
        #expect(today.contains("no &lt;route&gt;"))
        let page = await kim.get("/mail").body
        for part in [
            "ap@meyer.example", "<a href=\"/customers/C1\">Meyer</a>", Self.subject, "no &lt;route&gt;",
            "name=\"message\" value=\"\(message)\"", "action=\"/mail/decide\"",
        ] { #expect(page.contains(part), "\(part)") }
        let seen = await vic.get("/mail").body
        #expect(seen.contains("ap@meyer.example") && !seen.contains("/mail/decide") && !seen.contains("name=\"message\""))
        let file = await vic.get("/mail?format=csv").body
        #expect(file.hasPrefix("Recipient,When sent again,Customer,Customer number,Subject,Tried,Last tried,Why it failed\r\n"))
        #expect(file.contains("ap@meyer.example,,Meyer,C1,\(Self.subject),8,2026-02-"))
    }

    @Test(arguments: Engine.available) func whatIsSettledIsSaidWhereItIsLookedFor(engine: Engine) async throws {
        let (server, message) = try await desk(engine), kim = try await server.person(.collector, "kim")
        let unpicked = await kim.post("/mail/decide", "event=sent_again&reason=", from: "/mail")
        #expect(unpicked.status == .unprocessableContent && unpicked.body.contains("Pick at least one message"))
        let unsaid = await kim.post("/mail/decide", "message=\(message)&event=settled&reason=", from: "/mail")
        #expect(unsaid.status == .unprocessableContent)
        #expect(unsaid.body.firstMatch(of: /name="message"[^>]* checked/) != nil, "what was picked stays")
        #expect(unsaid.body.firstMatch(of: /name="reason"[^>]* aria-invalid="true"/) != nil)
        #expect(await kim.get("/").body.contains("1 message could not be sent"))
        let firstButton = unsaid.body.components(separatedBy: "action=\"/mail/decide\"").last?.firstMatch(of: /name="event" value="(\w+)"/)
        #expect(firstButton?.output.1 == "settled", "Enter in the field settles")
        let unread = await kim.post("/mail/decide", "message=\(message)&event=sent_again&reason=phoned", from: "/mail")
        #expect(unread.status == .unprocessableContent && unread.body.contains("This is of what is settled"))
        let settled = await kim.post("/mail/decide", "message=\(message)&event=settled&reason=phoned%20them", from: "/mail")
        #expect(settled.status == .seeOther && settled.header(.location) == "/mail")
        #expect(await !kim.get("/").body.contains("could not be sent"))
        #expect(await kim.get("/mail").body.contains("No mail waits for a person"))
        let customer = await kim.get("/customers/C1").body
        #expect(customer.contains("Not delivered, settled"))
        #expect(customer.contains("Could not be sent to ap@meyer.example: settled on 25 Feb 2026 by collector kim: phoned them"))
        #expect(
            try await noted("/mail/decide", server) == [
                "event=sent_again: field_missing", "message=\(message) event=settled: reason_missing",
                "message=\(message) event=sent_again reason=phoned: field_invalid",
                "message=\(message) event=settled reason=phoned them to=ap@meyer.example: done",
            ])
        let faults = try await server.database.read { try CheckBooks(ID(1)).run(in: $0).faults }
        #expect(faults == [])
    }

    @Test(arguments: Engine.available) func aReminderOfWhatIsPaidIsNotSentAgain(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.collector, "kim")
        var ladder = DunningLadder.standard
        ladder.requiresFeed = false
        try await server.write { [ladder] tx, now in _ = try RunDunning(ID(1), on: Day("2026-02-24")!, ladder).run(in: tx, at: now) }
        try await fail(server)
        let message = try await server.count("SELECT id FROM outbox WHERE entity_id = 1")
        #expect(await !kim.get("/mail").body.contains("not sent again"))
        try await server.write { tx, _ in try tx.run("UPDATE open_item SET open_minor = 0 WHERE entity_id = 1") }
        let page = await kim.get("/mail").body
        #expect(page.contains("not sent again: it asks for") && page.contains("where 0.00 GBP is to be collected now"))
        let refused = await kim.post("/mail/decide", "message=\(message)&event=sent_again", from: "/mail")
        #expect(refused.status == .unprocessableContent && refused.body.contains("is to be collected now: settle it"))
        let settled = await kim.post("/mail/decide", "message=\(message)&event=settled&reason=paid", from: "/mail")
        #expect(settled.status == .seeOther)
    }

    @Test(arguments: Engine.available) func itIsSentAgainOnceToTheAddressOfNow(engine: Engine) async throws {
        let (server, message) = try await desk(engine), kim = try await server.person(.collector, "kim")
        try await move(server)
        #expect(await kim.get("/mail").body.contains("sent again to new@meyer.example"))
        let form = "once=token-of-a-page&message=\(message)&event=sent_again"
        let sent = await kim.post("/mail/decide", form, from: "/mail")
        #expect(sent.header(.location) == "/mail")
        #expect(sent.header(.setCookie)?.contains("new%40meyer.example%20instead%20of%20ap%40meyer.example") == true)
        for again in [form, "message=\(message)&event=settled&reason=phoned"] {
            let late = await kim.post("/mail/decide", again, from: "/mail")
            #expect(late.status == .unprocessableContent && late.body.contains("new@meyer.example waits to be sent"), "\(again)")
        }
        #expect(try await server.count("SELECT count(*) FROM outbox_event WHERE entity_id = 1") == 1)
        let waiting: SQL =
            "SELECT count(*) FROM outbox WHERE entity_id = 1 AND state = 'waiting' AND attempts = 0 AND last_error IS NULL"
        #expect(try await server.count(waiting) == 1)
        #expect(
            try await noted("/mail/decide", server).first
                == "message=\(message) event=sent_again to=new@meyer.example instead_of=ap@meyer.example: done")
        let customer = await kim.get("/customers/C1").body
        let said = "Could not be sent to ap@meyer.example: sent again to new@meyer.example on 25 Feb 2026 by collector kim."
        #expect(customer.contains(said))
        let cy = try await server.person(.clerk, "cy")
        #expect(await cy.post("/mail/decide", "message=\(message)&event=sent_again", from: "/mail").status == .forbidden)
        let faults = try await server.database.read { try CheckBooks(ID(1)).run(in: $0).faults }
        #expect(faults == [])
    }

    @Test(arguments: Engine.available) func programsDoTheSame(engine: Engine) async throws {
        let (server, message) = try await desk(engine), program = try await Program(server, .collector)
        let row = try #require(await program.get("/v1/messages?state=dead").rows.first), id = PrefixedID.text("msg", message)
        #expect(row["id"]?.text == id && row["customer_number"] == "C1" && row["recipient"] == "ap@meyer.example")
        #expect(row["subject"]?.text == Self.subject && row["attempts"] == 8 && row["last_error"] == "no <route>")
        #expect(row["last_tried_at"]?.text?.hasPrefix("2026-02-25T") == true && row["settled_on"] == .null)
        #expect(await program.get("/v1/messages/\(id)").json == row)
        #expect(await program.get("/v1/messages?as_of=2026-02-24").rows.isEmpty)
        try await move(server)
        #expect(await program.get("/v1/messages/\(id)").json["customer_address"] == "new@meyer.example")
        let sent = await program.post("/v1/messages/\(id)/send-again").json
        #expect(sent["state"] == "waiting" && sent["recipient"] == "new@meyer.example" && sent["attempts"] == 0)
        #expect(sent["last_error"] == .null && sent["last_tried_at"] == .null)
        let late = await program.post("/v1/messages/\(id)/send-again")
        #expect(late.status == 409 && late.code == "message_state")
        try await fail(server)
        #expect(await program.post("/v1/messages/\(id)/settle").status == 400)
        let settled = await program.post("/v1/messages/\(id)/settle", ["reason": "phoned"]).json
        #expect(settled["state"] == "settled" && settled["settled_reason"] == "phoned" && settled["settled_on"] == "2026-02-25")
        #expect(settled["settled_by"] == "collector key collector" && settled["attempts"] == 8)
        #expect(await program.post("/v1/messages/\(id)/settle", ["reason": "phoned"]).code == "message_state")
        #expect(await program.get("/v1/messages?state=dead").rows.isEmpty)
        #expect(await program.get("/v1/messages?state=settled").rows.count == 1)
        #expect(await program.get("/v1/customers/C1/messages?state=settled").rows.first?["id"]?.text == id)
        #expect(await program.get("/v1/today").json["mail_failed"] == 0)
        let unknown = PrefixedID.text("msg", 1)
        #expect(await program.post("/v1/messages/\(unknown)/send-again").code == "message_not_found")
        let told = try await noted("POST /v1/messages/{id}/settle", server)
        #expect(told.count == 1 && told[0].hasPrefix("id=\(id) before {") && told[0].contains("\"state\":\"dead\""))
        let viewer = try await Program(server, .viewer)
        #expect(await viewer.post("/v1/messages/\(id)/settle", ["reason": "phoned"]).status == 403)
    }

    /// Each row of a full page can be picked, and the page stays small.
    @Test func aFullPageOfThemIsSmall() {
        let reader = DeskReader(
            entityName: "E", userName: "kim", role: "collector", csrf: String(repeating: "c", count: 64), today: Day("2026-02-25")!)
        let lines = (1...ListLimit.page).map { number in
            OutboxList.Line(
                id: ID(Int64(number)), recipient: "accounts-payable-\(number)@customers.example", subject: Self.subject,
                customer: (number: "C\(number)", name: "Customer Nº \(number)", email: nil), state: .dead, attempts: 8, lastTriedAt: nil,
                lastError: String(repeating: "smtp://mail.example:587: no route ", count: 8), settled: nil)
        }
        let page = MailPage(page: ListPage(lines), outdated: [:], place: ListLink(path: "/mail"), reader: reader).body
        let text = Frame(page, path: "/mail", reader).html.text
        #expect(text.components(separatedBy: "type=\"checkbox\" name=\"message\"").count == ListLimit.page + 1)
        #expect(text.contains("the customer has no address") && text.utf8.count < 100_000, "\(text.utf8.count) bytes")
    }
}
