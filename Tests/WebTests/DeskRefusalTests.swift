import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What the desk says when it does not do what it was asked, and what it does not offer in the first place.
@Suite struct DeskRefusalTests {
    private static let document = "INV-2026-000001"

    /// Meyer owes 600.00 on one document, paid 500.00 that wait in the queue, and has an order over its limit.
    private func desk(_ engine: Engine) async throws -> DeskServer {
        let server = try await DeskServer.open(engine), day = Day("2026-01-05")!
        let customer = CustomerProfile(
            number: "C1", name: "Meyer", email: "ap@meyer.example", country: "GB", creditLimitMinor: 0, currency: .gbp)
        let item = OpeningItem(
            number: Self.document, customerNumber: "C1", issuedOn: day, dueOn: day + 30, open: Money(minor: 600_00, .gbp))
        let receipt = ReceiptIntake(
            method: "bank", externalID: "B1", bookedOn: day + 40, amount: Money(minor: 500_00, .gbp), customer: nil, remittance: "?")
        let order = webOrder("SO-1", net: 60_00, on: day)
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try ImportOpenItems(ID(1), [item]).run(in: tx, at: now)
            _ = try PlaceOrders(ID(1), [order]).run(in: tx, at: now)
            _ = try RecordReceipts(ID(1), [receipt], on: day + 40).run(in: tx, at: now)
        }
        try await server.write { tx, now in _ = try ApplyReceipts(ID(1), on: day + 40, toleranceMinor: 0).run(in: tx, at: now) }
        return server
    }

    @Test(arguments: Engine.available) func aPromiseWithoutADayKeepsWhatWasTyped(engine: Engine) async throws {
        let server = try await desk(engine), kim = try await server.person(.collector, "kim"), page = "/invoices/\(Self.document)"
        let form = "kind=promise&amount=123.00&due_on=&code=&customer_code=&reason=said%20%3Cb%3E"
        let refused = await kim.post("\(page)/slices", form, from: page)
        #expect(refused.status == .unprocessableContent && refused.type.hasPrefix("text/html"))
        #expect(refused.body.contains("<b>Not done.</b> A promise names the day"))
        #expect(refused.body.contains("value=\"said &lt;b&gt;\"") && refused.body.contains("name=\"amount\" value=\"123.00\""))
        #expect(refused.body.contains("<option value=\"promise\" selected>"))
        #expect(refused.body.components(separatedBy: "value=\"123.00\"").count == 2, "the forms beside it keep their own values")
        #expect(try await server.count("SELECT count(*) FROM slice WHERE entity_id = 1") == 0)
        // The page stands at the address of the act: its forms say where they stand.
        #expect(refused.body.contains("name=\"page\" value=\"\(page)\""))
        let again = await kim.post("\(page)/slices", form + "&page=\(page)", from: "\(page)/slices")
        #expect(again.status == .unprocessableContent && again.body.contains("value=\"123.00\""))
        let noted = try await server.count("SELECT count(*) FROM audit_entry WHERE entity_id = 1 AND lower(detail) LIKE '%page=%'")
        #expect(noted == 0)
    }

    @Test(arguments: Engine.available) func aReasonStaysWhereNoOrderWasPicked(engine: Engine) async throws {
        let server = try await desk(engine), ann = try await server.person(.approver, "ann")
        let refused = await ann.post("/orders/decide", "reason=limit%20raised&event=released", from: "/orders?state=held")
        #expect(refused.status == .unprocessableContent)
        #expect(refused.body.contains("<b>Not done.</b> Pick at least one order") && refused.body.contains("value=\"limit raised\""))
        #expect(refused.body.contains("SO-1") && !refused.body.contains(" checked"))
        let id = try await server.count("SELECT id FROM sales_order WHERE entity_id = 1 AND external_id = 'SO-1'")
        let picked = await ann.post("/orders/decide", "order=\(id)&reason=why&event=nothing", from: "/orders?state=held")
        #expect(picked.body.contains("value=\"\(id)\" aria-label=\"Order SO-1\" checked"))
    }

    @Test(arguments: Engine.available) func theQueueKeepsWhatWasTypedInTheFormThatWasSent(engine: Engine) async throws {
        let server = try await desk(engine), kim = try await server.person(.clerk, "kim")
        let id = try await server.count("SELECT receipt_id FROM cash_queue WHERE entity_id = 1"), path = "/cash/\(id)/answer"
        let form = "answer=by_hand&customer=C9&document=\(Self.document)&amount=77.00&reason=phoned&document.2=X-1&settles.2=1.00"
        let refused = await kim.post(path, form, from: "/cash?receipt=\(id)")
        #expect(refused.status == .unprocessableContent && refused.body.contains("role=\"alert\""))
        for typed in ["name=\"customer\" value=\"C9\"", "value=\"77.00\"", "value=\"phoned\"", "value=\"X-1\"", "<details open>"] {
            #expect(refused.body.contains(typed), "\(typed)")
        }
        #expect(refused.body.contains("value=\"not meant for us\"") && refused.body.contains("Which invoices is this payment for?"))
        let asked = await kim.post(path, "answer=ask&customer=C1&question=Which%3F&answer_by=", from: "/cash?receipt=\(id)")
        #expect(asked.body.contains("value=\"Which?\"") && asked.body.contains("value=\"decided by hand\""))
    }

    @Test(arguments: [
        "", "http://localhost/nothing/here", "http://localhost//evil.example/", "http://localhost/\\evil.example", "about:blank",
    ])
    func aRefusalWithoutAKnownPageLeadsToThePageOfItsAct(referer: String) async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.approver, "ann")
        let fields = [("Cookie", ann.cookie), ("Content-Type", "application/x-www-form-urlencoded"), ("Referer", referer)]
        let answer = await server.send(.post, "/orders/decide", fields, body: "csrf=\(ann.csrf)&reason=x&event=released")
        #expect(answer.status == .seeOther && answer.header(.location) == "/orders")
        #expect(answer.header(.setCookie)?.contains("%21pick") == true)
        let forged = await server.send(
            .post, "/orders/decide", fields, body: "csrf=\(ann.csrf)&reason=x&event=released&page=//evil.example/")
        #expect(forged.header(.location) == "/orders")
    }

    @Test func secretsAreNeverSentBack() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.clerk, "ann")
        let form = "secret=mine-is-3f3f3f&code=918273&password=hunter22"
        let refused = await ann.post("/account/factor", form, from: "/account/factor/begin")
        #expect(refused.status == .unprocessableContent && refused.body.contains("role=\"alert\""))
        #expect(["918273", "3f3f3f", "hunter22"].allSatisfy { !refused.body.contains($0) })
    }

    @Test func aSecretIsNotDrawnAgain() {
        let drawn = PostedForm([("csrf", "a"), ("password", "b"), ("code", "c"), ("kind", "d")], to: "/x", from: "/")
        let fields = PostedForm.$drawn.withValue(drawn) {
            [Field("P", "password", .password), Field("C", "code", .code), Field("K", "kind", .text)].map(\.html.text).joined()
        }
        #expect(!fields.contains("value=\"b\"") && !fields.contains("value=\"c\"") && fields.contains("value=\"d\""))
    }

    @Test func faultsOfTheDeskArePages() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.administrator, "ann")
        #expect(await ann.get("/orders/decide").header(.location) == "/orders")
        #expect(await ann.get("/receipts/7/unapply").header(.location) == "/receipts/7")
        #expect(await ann.get("/runs/day").header(.location) == "/runs")
        let alone = await ann.get("/slices/1/release")
        #expect(alone.status == .methodNotAllowed && alone.header(.allow) == "POST" && alone.type.hasPrefix("text/html"))
        #expect(await ann.post("/no/such/page").status == .notFound)
        for (answer, isPage) in [
            (await server.send(.delete, "/sign-in"), true), (await server.send(.get, "/assets/none.css"), true),
            (await server.send(.delete, "/reference"), true), (await server.send(.delete, "/v1/orders"), false),
            (await server.send(.delete, "/healthz"), false), (await server.send(.get, "/v1/nothing"), false),
        ] {
            #expect(answer.type == (isPage ? "text/html; charset=utf-8" : "application/problem+json"))
        }
        let failed = Answer.problem(.internalServerError, "fault", "a fault").forPeople(requestID: "r7<")
        #expect(failed.status == .internalServerError && failed.body.contains("Something failed") && failed.body.contains("r7&lt;"))
    }

    @Test func signingInLeadsToThePageThatWasAskedFor() async throws {
        let server = try await DeskServer.open(.sqlite)
        _ = try await server.person(.viewer, "vic")
        let asked = await server.send(.get, "/orders?state=held&after=1~a%20b")
        #expect(asked.header(.location) == "/sign-in?to=%2Forders%3Fstate%3Dheld%26after%3D1~a%2520b")
        #expect(await server.send(.get, asked.header(.location) ?? "").body.contains("value=\"/orders?state=held&amp;after=1~a%20b\""))
        func leads(_ to: String) async -> String? {
            await server.send(.post, "/sign-in", body: "email=vic@example.com&password=correct-horse-battery&to=\(to)").header(.location)
        }
        #expect(await leads("/orders%3Fstate%3Dheld") == "/orders?state=held")
        for elsewhere in ["//evil.example", "/%5Cevil.example", "/%09/evil.example", "https://evil.example", "evil"] {
            #expect(await leads(elsewhere) == "/", "\(elsewhere)")
        }
    }

    /// Every form and every section a page shows is one that its reader may use.
    @Test(arguments: Role.allCases) func nothingIsOfferedThatARoleMayNotDo(role: Role) async throws {
        let server = try await desk(.sqlite), visitor = try await server.person(role)
        let order = try await server.count("SELECT id FROM sales_order WHERE entity_id = 1")
        let receipt = try await server.count("SELECT receipt_id FROM cash_queue WHERE entity_id = 1")
        let acts = PathTable(DeskAct.all.map { (path: $0.path, entry: $0) })
        let details = [
            "/orders?state=held", "/orders/\(order)", "/invoices/\(Self.document)", "/customers/C1", "/customers/C1/statement",
            "/receipts/\(receipt)",
        ]
        var offered: Set<String> = []
        for path in DeskPage.all.filter({ role.rights.contains($0.right) && !$0.path.contains("{") }).map(\.path) + details {
            let page = await visitor.get(path)
            #expect(page.status == .ok, "\(path)")
            for part in page.body.components(separatedBy: "<form method=\"post\" action=\"").dropFirst() {
                let action = String(part.prefix { $0 != "\"" })
                guard action != "/sign-out" else { continue }
                let act = try #require(acts.entries(at: action).first?.entry, "\(action) on \(path)")
                #expect(role.rights.contains(act.right), "\(role) is offered \(action) on \(path)")
                offered.insert(act.path)
            }
        }
        for act in ["/orders/decide", "/ledger/proof", "/ledger/periods", "/runs/{run}", "/import", "/cash/{id}/answer"] {
            let right = try #require(DeskAct.all.first { $0.path == act }).right
            #expect(offered.contains(act) == role.rights.contains(right), "\(role) \(act)")
        }
        for section in Section.allCases {
            #expect(DeskPage.all.first { $0.path == section.path }?.right == section.right, "\(section)")
        }
        let today = await visitor.get("/").body
        #expect(today.contains("href=\"/users\"") == role.rights.contains(.administer))
        #expect(today.contains("href=\"/import\"") == role.rights.contains(.work))
    }

    @Test func whoMayNotIsToldWhoMay() async throws {
        let server = try await DeskServer.open(.sqlite), kim = try await server.person(.clerk, "kim")
        let refused = await kim.post("/orders/decide", "order=1&event=released&reason=x", from: "/orders?state=held")
        #expect(refused.status == .forbidden)
        #expect(refused.body.contains("Only an approver, controller or administrator can release or cancel orders"))
        #expect(refused.body.contains("You are signed in as clerk.") && refused.body.contains("href=\"/orders?state=held\">Back</a>"))
        let users = await kim.get("/users")
        #expect(users.status == .forbidden && users.body.contains("Only an administrator can see and change people and keys"))
        #expect(users.body.contains("href=\"/\">Today</a>"))
    }

    @Test(
        arguments: [
            ("pick a file", "Pick a file"), ("“x” is no amount", "“x” is no amount"), ("inv-7 does not exist", "inv-7 does not exist"),
            ("", ""), ("Fill in", "Fill in"),
        ])
    func aSentenceBeginsWithACapital(text: String, said: String) { #expect(sentence(text) == said) }
}
