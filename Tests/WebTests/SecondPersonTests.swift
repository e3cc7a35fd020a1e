import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Programs that decide several orders at once, and that ask a second person.
@Suite struct SecondPersonTests {
    /// Books with two held orders: SO-1 above what one person releases, SO-2 below.
    private func held(_ engine: Engine) async throws -> DeskServer {
        let server = try await DeskServer.open(engine), day = Day("2026-02-20")!
        let customer = CustomerProfile(number: "C1", name: "Large Ltd", country: "GB", creditLimitMinor: 0, currency: .gbp)
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try PlaceOrders(ID(1), [webOrder("SO-1", net: 60_000_00, on: day), webOrder("SO-2", on: day)]).run(in: tx, at: now)
        }
        return server
    }

    private func id(_ number: String, _ server: DeskServer) async throws -> String {
        PrefixedID.text("ord", try await server.count("SELECT id FROM sales_order WHERE entity_id = 1 AND external_id = \(number)"))
    }

    private func held(_ server: DeskServer) async throws -> Int64 {
        try await server.count("SELECT count(*) FROM sales_order WHERE entity_id = 1 AND state = 'held'")
    }

    /// A key that somebody makes on the desk.
    private func key(_ role: Role, by visitor: Visitor) async throws -> Program {
        let page = await visitor.post("/users/keys", "name=shop&role=\(role.rawValue)").body
        return Program(visitor.server, key: String(try #require(page.firstMatch(of: /key_1_[0-9a-f]+/)?.output)))
    }

    /// The path of what waits on the desk.
    private func form(_ server: DeskServer) async throws -> String {
        let id = try await server.count("SELECT id FROM approval WHERE entity_id = 1 AND state = 'waiting'")
        return "/approvals/\(id)/decide"
    }

    @Test(arguments: Engine.available) func severalOrdersAreAnsweredEachInTheOrderSent(engine: Engine) async throws {
        let server = try await held(engine), approver = try await Program(server, .approver)
        let large = try await id("SO-1", server), small = try await id("SO-2", server), none = PrefixedID.text("ord", 999)
        let body: JSON = ["orders": .array([.text(small), .text(large), .text(none), "SO-2", .text(small)]), "reason": "agreed"]
        #expect(try await Program(server, .clerk).post("/v1/orders/release", body).status == 403)
        let told = await approver.post("/v1/orders/release", body).json["orders"]?.array ?? []
        #expect(told.compactMap { $0["id"]?.text } == [small, large, none, "SO-2", small])
        #expect(told.compactMap { $0["outcome"]?.text } == ["released", "refused", "refused", "refused", "released"])
        #expect(told.map { $0["code"]?.text } == [nil, "order_two_people", "order_not_found", "order_not_found", nil])
        #expect(told[1]["reason"]?.text?.hasPrefix("above what one person releases of one customer within a day: SO-1") == true)
        #expect(told[3]["reason"] == "order SO-2 does not exist")
        #expect(try await held(server) == 1)
        let events: SQL = "SELECT count(*) FROM order_event WHERE entity_id = 1 AND event = 'released'"
        #expect(try await server.count(events) == 1)
        let again = await approver.post("/v1/orders/release", body).json["orders"]?.array ?? []
        #expect(again.first?["code"] == "order_state" && again.first?["reason"]?.text?.contains("SO-2 is confirmed") == true)
        let cancelled = try await Program(server, .clerk).post(
            "/v1/orders/cancel", ["orders": .array([.text(large), .text(small)]), "reason": "gone"])
        #expect(cancelled.json["orders"]?.array?.compactMap { $0["outcome"]?.text } == ["cancelled", "cancelled"])
        #expect(await approver.post("/v1/orders/cancel", ["orders": .array([]), "reason": "gone"]).status == 400)
    }

    @Test(arguments: Engine.available) func aReleaseThatWasAskedForIsApprovedByAnother(engine: Engine) async throws {
        let server = try await held(engine), order = try await id("SO-1", server)
        let zoe = try await server.person(.administrator, "zoe"), bob = try await server.person(.administrator, "bob")
        let program = try await key(.approver, by: zoe), body: JSON = ["reason": "agreed", "ask": true]
        #expect(await program.post("/v1/orders/\(order)/release", ["reason": "agreed"]).code == "order_two_people")
        let waits = await program.post("/v1/orders/\(order)/release", body)
        #expect(waits.status == 202 && waits.json["what"] == "Release of SO-1, 72,000.00 GBP")
        let path = try #require(waits.json["address"]?.text)
        #expect(path == "/v1/approvals/\(waits.json["id"]?.text ?? "")")
        let asked = await program.get(path).json
        #expect(asked["state"] == "waiting" && asked["asked_by"] == "key shop" && asked["orders"] == .array([.text(order)]))
        #expect(await program.post("/v1/orders/\(order)/release", body).code == "already_waits")
        #expect(await program.post("\(path)/approve").code == "own_request")
        #expect(try await key(.approver, by: zoe).post("\(path)/approve").code == "own_request")
        #expect(await zoe.get("/approvals").body.contains("You asked for it"))
        _ = try await zoe.post(form(server), "decision=approve")
        #expect(try await held(server) == 2)
        #expect(try await key(.approver, by: bob).post("\(path)/approve").json["state"] == "approved")
        #expect(try await held(server) == 1)
        let said: SQL = "SELECT count(*) FROM audit_entry WHERE entity_id = 1 AND outcome = 'waits for a second person'"
        #expect(try await server.count(said) == 1)
    }

    @Test(arguments: Engine.available) func oneOfSeveralWaitsAndTheOthersStand(engine: Engine) async throws {
        let server = try await held(engine), large = try await id("SO-1", server), small = try await id("SO-2", server)
        let ann = try await server.person(.approver, "ann"), approver = try await Program(server, .approver)
        let body: JSON = ["orders": .array([.text(large), .text(small)]), "reason": "agreed", "ask": true]
        let told = await approver.post("/v1/orders/release", body).json["orders"]?.array ?? []
        #expect(told.compactMap { $0["outcome"]?.text } == ["waits", "released"])
        let said: SQL = "SELECT count(*) FROM audit_entry WHERE entity_id = 1 AND outcome = 'waits for a second person'"
        #expect(try await server.count(said) == 1)
        let approval = try #require(told.first?["approval"]?.text)
        #expect(await approver.get("/v1/approvals/\(approval)").json["what"] == told.first?["reason"])
        let again = await approver.post("/v1/orders/release", body).json["orders"]?.array ?? []
        #expect(again.compactMap { $0["code"]?.text } == ["already_waits", "order_state"])
        #expect(try await ann.post(form(server), "decision=approve").header(.location) == "/approvals")
        #expect(try await held(server) == 0)
    }

    /// Whoever made a key of the command line may be an administrator, or have made another key.
    @Test(arguments: Engine.available) func whatAKeyOfUnknownMakerAskedAPersonOfAnotherRoleDecides(engine: Engine) async throws {
        let server = try await held(engine), order = try await id("SO-1", server), program = try await Program(server, .approver)
        let bob = try await server.person(.administrator, "bob"), ann = try await server.person(.approver, "ann")
        let waits = await program.post("/v1/orders/\(order)/release", ["reason": "agreed", "ask": true])
        let path = try #require(waits.json["address"]?.text)
        #expect(try await Program(server, .approver).post("\(path)/approve").code == "conflict")
        #expect(try await key(.approver, by: bob).post("\(path)/approve").code == "conflict")
        let seen = await bob.get("/approvals").body
        #expect(!seen.contains(">Approve</button>") && seen.contains(">Decline</button>"))
        #expect(seen.contains("A key of the command line asked"))
        #expect(await ann.get("/approvals").body.contains(">Approve</button>"))
        _ = try await bob.post(form(server), "decision=approve")
        #expect(try await held(server) == 2)
        #expect(try await ann.post(form(server), "decision=approve").header(.location) == "/approvals")
        #expect(try await held(server) == 1)
    }

    /// Keys are made on the desk by administrators, who may have made a key of the command line as well.
    @Test(arguments: Engine.available) func whatAKeyOfTheDeskAskedNoKeyOfTheCommandLineApproves(engine: Engine) async throws {
        let server = try await held(engine), order = try await id("SO-1", server)
        let program = try await key(.approver, by: server.person(.administrator, "zoe"))
        let waits = await program.post("/v1/orders/\(order)/release", ["reason": "agreed", "ask": true])
        let path = try #require(waits.json["address"]?.text)
        #expect(try await Program(server, .approver).post("\(path)/approve").code == "conflict")
        #expect(try await held(server) == 2)
    }

    /// The same number on two channels is two orders, whatever they are worth.
    @Test(arguments: Engine.available) func ordersOfOneNumberWaitEachForItself(engine: Engine) async throws {
        let server = try await held(engine), program = try await Program(server, .approver)
        let web = webOrder("SO-1", net: 60_000_00, on: Day("2026-02-20")!)
        let phone = OrderIntake(
            channel: "phone", externalID: web.externalID, kind: web.kind, customerNumber: web.customerNumber, country: web.country,
            orderedOn: web.orderedOn, currency: web.currency, lines: web.lines)
        try await server.write { tx, now in _ = try PlaceOrders(ID(1), [phone]).run(in: tx, at: now) }
        let query: SQL = "SELECT id FROM sales_order WHERE entity_id = 1 AND external_id = 'SO-1' ORDER BY id"
        let found: [Int64] = try await server.database.read { try $0.rows(query) { $0.integer(0) } }
        let ids = found.map { PrefixedID.text("ord", $0) }
        #expect(ids.count == 2)
        for id in ids { #expect(await program.post("/v1/orders/\(id)/release", ["reason": "agreed", "ask": true]).status == 202) }
        let again = await program.post("/v1/orders/\(ids[0])/release", ["reason": "agreed", "ask": true])
        #expect(again.code == "already_waits")
    }

    @Test(arguments: Engine.available) func partsOfOneAmountWaitEachForItself(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), collector = try await Program(server, .collector)
        var parts: [String] = []
        for _ in 0..<2 { parts.append(try await dispute(100_00, by: collector)) }
        func asks(_ part: String) async -> Program.Reply {
            await collector.post(
                "/v1/invoices/\(DeskServer.document)/write-off",
                ["slice_id": .text(part), "reason_code": "price", "reason": "agreed", "ask": true])
        }
        for part in parts { #expect(await asks(part).status == 202) }
        #expect(await asks(parts[0]).code == "already_waits")
    }

    /// - Returns: The id of what is set apart, the one that was opened last.
    private func dispute(_ minor: Int64, by program: Program) async throws -> String {
        let set = await program.post(
            "/v1/invoices/\(DeskServer.document)/slices",
            ["kind": "dispute", "amount": ["minor": .integer(minor), "currency": "GBP"], "reason": "broken"])
        #expect(set.status == 200)
        return PrefixedID.text("slc", try await program.server.count("SELECT MAX(id) FROM slice WHERE entity_id = 1"))
    }

    /// What is free may be more by the time that it is approved.
    @Test(arguments: Engine.available) func theAmountThatWasNamedIsWrittenOff(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), path = "/invoices/\(DeskServer.document)/write-off"
        let zoe = try await server.person(.administrator, "zoe"), ann = try await server.person(.approver, "ann")
        let kim = try await server.person(.collector, "kim"), collector = try await key(.collector, by: zoe)
        func open() async throws -> Int64 {
            try await server.count("SELECT open_minor FROM open_item WHERE entity_id = 1 AND number = \(DeskServer.document)")
        }
        let first = try await dispute(100_00, by: collector), second = try await dispute(300_00, by: collector)
        let waits = await collector.post("/v1\(path)", ["reason_code": "price", "reason": "agreed", "ask": true])
        #expect(waits.json["what"]?.text?.hasPrefix("Write-off of 200.00 GBP of ") == true)
        #expect(await collector.post("/v1/slices/\(first)/release", ["reason": "cleared"]).status == 200)
        #expect(try await ann.post(form(server), "decision=approve").header(.location) == "/approvals")
        #expect(try await open() == 400_00)
        #expect(await kim.post(path, "code=price&amount=&reason=agreed").header(.location) == "/approvals")
        #expect(await collector.post("/v1/slices/\(second)/release", ["reason": "cleared"]).status == 200)
        #expect(try await ann.post(form(server), "decision=approve").header(.location) == "/approvals")
        #expect(try await open() == 300_00)
    }

    @Test(arguments: Engine.available) func aWriteOffAboveTheLimitWaitsAndIsDone(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), path = "/v1/invoices/\(DeskServer.document)/write-off"
        let zoe = try await server.person(.administrator, "zoe"), bob = try await server.person(.administrator, "bob")
        let collector = try await key(.collector, by: zoe)
        func body(_ minor: Int64, ask isAsked: Bool) -> JSON {
            ["amount": ["minor": .integer(minor), "currency": "GBP"], "reason_code": "price", "reason": "agreed", "ask": .bool(isAsked)]
        }
        #expect(await collector.post(path, body(100_50, ask: false)).code == "above_limit")
        #expect(await collector.post(path, body(10_00, ask: true)).status == 200, "within the limit it is done")
        let waits = await collector.post(path, body(100_50, ask: true))
        #expect(waits.status == 202 && waits.json["what"]?.text?.hasPrefix("Write-off of 100.50 GBP of \(DeskServer.document)") == true)
        let approval = try #require(waits.json["address"]?.text)
        #expect(await collector.get("/v1/invoices/\(DeskServer.document)").json["open"]?.minor == 590_00)
        #expect(try await key(.approver, by: bob).post("\(approval)/approve").json["state"] == "approved")
        #expect(await collector.get("/v1/invoices/\(DeskServer.document)").json["open"]?.minor == 489_50)
        #expect(await collector.post(path, body(900_00, ask: true)).code == "amount_above_free", "what cannot be done is not asked for")
    }
}
