import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

private let password = "correct-horse-battery"
private func signIn(_ server: DeskServer, _ email: String, _ password: String, code: String = "") async -> Answer {
    await server.send(.post, "/sign-in", body: "email=\(email)&password=\(password)&code=\(code)")
}

@Suite struct PeopleTests {
    @Test(arguments: Engine.available) func theFirstLinkOpensOneAccountOnce(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), token = Secret.token("inv_"), invite = Invite(ID(1), .administrator, token: token)
        try await server.write { try invite.run(in: $0, at: $1) }
        let form = "token=\(token)&name=Ann&email=ann@example.com&password="
        #expect(await server.send(.post, "/welcome", body: form + "short").status == .forbidden)
        #expect(await server.send(.post, "/welcome", body: form + password).status == .seeOther)
        #expect(await server.send(.post, "/welcome", body: form.replacing("ann@", with: "eve@") + password).status == .forbidden)
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 1") == 1)
    }

    @Test(arguments: Engine.available) func tenWrongTriesLockTheAccountForAWhile(engine: Engine) async throws {
        let server = try await DeskServer.open(engine)
        _ = try await server.person(.clerk, "ann")
        #expect(await signIn(server, "ann@example.com", password).status == .seeOther)
        for _ in 0..<SignIn.tries { #expect(await signIn(server, "ann@example.com", "wrong").status == .forbidden) }
        let locked = await signIn(server, "ann@example.com", password)
        #expect(locked.status == .forbidden && locked.body.contains("Too many wrong tries"))
        server.clock.advance(minutes: Int64(SignIn.lockMinutes))
        #expect(await signIn(server, "ann@example.com", password).status == .seeOther)
        #expect(await signIn(server, "nobody@example.com", password).body.contains("wrong"))
    }

    @Test func theSecondFactorIsAskedForAndACodeCountsOnce() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.clerk, "ann")
        let secret = String(repeating: "3f", count: 20), bytes = try #require(Secret.bytes(secret))
        func code() -> String { Secret.code(bytes, atSecond: server.clock.next().microseconds / 1_000_000) }
        #expect(await ann.post("/account/factor", "secret=\(secret)&code=000000").status == .unprocessableContent)
        #expect(await ann.post("/account/factor", "secret=\(secret)&code=\(code())&password=\(password)").header(.location) == "/account")
        server.clock.advance(minutes: 1)
        #expect(await signIn(server, "ann@example.com", password).body.contains("six digits"))
        let right = code()
        #expect(await signIn(server, "ann@example.com", password, code: right).status == .seeOther)
        #expect(await signIn(server, "ann@example.com", password, code: right).status == .forbidden)
    }

    /// RFC 6238, appendix B, shortened to six digits.
    @Test(arguments: [
        (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ])
    func codesAreThoseOfTheStandard(second: Int64, code: String) {
        #expect(Secret.code(Array("12345678901234567890".utf8), atSecond: second) == code)
    }

    @Test func aShutAccountIsOutAtOnceAndTheLastAdministratorStays() async throws {
        let server = try await DeskServer.open(.sqlite)
        let ann = try await server.person(.administrator, "ann"), ben = try await server.person(.clerk, "ben")
        let ids = try await server.database.read { try ReadPeople(ID(1)).people(in: $0) }
        let annID = try #require(ids.first { $0.name == "ann" }?.id), benID = try #require(ids.first { $0.name == "ben" }?.id)
        #expect(await ann.post("/users/role", "person=\(annID)&role=viewer").header(.setCookie)?.contains("administrator") == true)
        #expect(await ann.get("/users").status == .ok)
        #expect(await ann.post("/users/role", "person=\(benID)&role=").header(.location) == "/users")
        #expect(await ben.get("/").header(.location)?.hasPrefix("/sign-in") == true)
        #expect(
            try await server.count("SELECT count(*) FROM audit_entry WHERE entity_id = 1 AND act = '/users/role' AND outcome = 'done'") == 1
        )
    }

    @Test func anInvitationIsAWholeAddress() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.administrator, "ann")
        #expect(await ann.post("/users/invite", "role=clerk").body.contains(">http://localhost/welcome?token=inv_"))
        let fields = [("Cookie", ann.cookie), ("Origin", "https://localhost")]
        let behindProxy = await server.send(.post, "/users/invite", fields, body: "csrf=\(ann.csrf)&role=clerk")
        #expect(behindProxy.body.contains(">https://localhost/welcome?token=inv_"))
        let log = await ann.get("/users").body
        #expect(log.contains("Role: Clerk") && !log.contains("role=clerk") && !log.contains("<td>/users/invite"))
    }

    @Test func theLogSpeaksInWords() {
        #expect(Set(DeskAct.sentences.keys) == Set(DeskAct.all.map(\.path)))
        #expect(DeskAct.told("/approvals/14293315354626/decide")?.said == "Decide a request")
        #expect(DeskAct.told("/runs/cash")?.said == "Start a run: Cash application")
        #expect(DeskAct.told("/invoices/INV%201/write-off")?.said == "Write off a part of INV 1")
        #expect(DeskAct.told("/invoices/INV%201/write-off")?.page == "/invoices/INV%201")
        #expect(DeskAct.told("POST /v1/orders")?.said == nil)
        #expect(
            fieldsInWords("order=14 event=released reason=a = b", names: ["14": "SO-1"]) == "Order: SO-1 · Event: Released · Reason: a = b")
        #expect(fieldsInWords("answer=apply amount.INV-1=5.00", names: [:]) == "Answer: Apply · Amount of INV-1: 5.00")
    }

    @Test(arguments: Engine.available) func aLargeReleaseTakesTwoPeople(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), day = Day("2026-02-20")!
        let customer = CustomerProfile(number: "C1", name: "Large Ltd", country: "GB", creditLimitMinor: 0, currency: .gbp)
        let order = webOrder("SO-1", net: 60_000_00, on: day)
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try PlaceOrders(ID(1), [order]).run(in: tx, at: now)
        }
        let id = try await server.count("SELECT id FROM sales_order WHERE entity_id = 1 AND external_id = 'SO-1'")
        func held() async throws -> Int64 {
            try await server.count("SELECT count(*) FROM sales_order WHERE entity_id = 1 AND state = 'held'")
        }
        let ann = try await server.person(.approver, "ann"), ben = try await server.person(.approver, "ben")
        #expect(await ann.post("/orders/decide", "order=\(id)&event=released&reason=agreed").header(.location) == "/approvals")
        #expect(try await held() == 1)
        #expect(await ann.get("/orders/\(id)").body.contains("Release waits for approval"))
        let card = await ben.get("/approvals").body
        #expect(card.contains("href=\"/orders/\(id)\"") && card.contains("Large Ltd") && card.contains("agreed"))
        let request = try await server.count("SELECT id FROM approval WHERE entity_id = 1")
        #expect(await ann.post("/approvals/\(request)/decide", "decision=approve").header(.setCookie)?.contains("another%20person") == true)
        #expect(try await held() == 1)
        #expect(await ben.post("/approvals/\(request)/decide", "decision=approve").header(.location) == "/approvals")
        #expect(try await held() == 0)
        #expect(
            try await server.database.read {
                try $0.first("SELECT role FROM order_event WHERE entity_id = 1 AND event = 'released'") { $0.text(0) }
            } == "approver ann, with a second person, approver")
    }
}
