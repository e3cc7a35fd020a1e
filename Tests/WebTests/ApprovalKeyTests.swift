import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Whoever asks for a second person is not that person, by whatever key.
@Suite struct ApprovalKeyTests {
    /// Books with one held order above what one person releases, and its id.
    private func held(_ engine: Engine) async throws -> (server: DeskServer, order: Int64) {
        let server = try await DeskServer.open(engine)
        let customer = CustomerProfile(number: "C1", name: "Large Ltd", country: "GB", creditLimitMinor: 0, currency: .gbp)
        let order = webOrder("SO-1", net: 60_000_00, on: Day("2026-02-20")!)
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try PlaceOrders(ID(1), [order]).run(in: tx, at: now)
        }
        return (server, try await server.count("SELECT id FROM sales_order WHERE entity_id = 1"))
    }

    private func isHeld(_ server: DeskServer) async throws -> Bool {
        try await server.count("SELECT count(*) FROM sales_order WHERE entity_id = 1 AND state = 'held'") == 1
    }

    /// Asks for its release on the desk.
    ///
    /// - Returns: The path of the request in the API.
    private func asks(_ visitor: Visitor, _ order: Int64) async throws -> String {
        #expect(await visitor.post("/orders/decide", "order=\(order)&event=released&reason=agreed").header(.location) == "/approvals")
        let id = try await visitor.server.count("SELECT id FROM approval WHERE entity_id = 1 AND state = 'waiting'")
        return "/v1/approvals/\(PrefixedID.text("apr", id))"
    }

    private func become(_ role: Role, _ name: String, by root: Program) async throws {
        let id = try await root.server.count("SELECT id FROM person WHERE entity_id = 1 AND name = \(name)")
        #expect(await root.post("/v1/users/\(PrefixedID.text("usr", id))/role", ["role": .text(role.rawValue)]).status == 200)
    }

    /// A key that somebody makes on the desk.
    private func key(_ role: Role, by visitor: Visitor) async throws -> Program {
        let page = await visitor.post("/users/keys", "name=shop&role=\(role.rawValue)").body
        return Program(visitor.server, key: String(try #require(page.firstMatch(of: /key_1_[0-9a-f]+/)?.output)))
    }

    @Test(arguments: Engine.available) func anAdministratorWhoStepsBackAskedAsOne(engine: Engine) async throws {
        let (server, order) = try await held(engine), root = try await Program(server, .administrator)
        let zoe = try await server.person(.administrator, "zoe"), bob = try await server.person(.administrator, "bob")
        let path = try await asks(zoe, order), approver = try await Program(server, .approver)
        #expect(await approver.post("\(path)/approve").status == 409)
        try await become(.controller, "zoe", by: root)
        #expect(await approver.post("\(path)/approve").code == "conflict", "who made this key is not known")
        #expect(try await isHeld(server))
        #expect(try await key(.approver, by: bob).post("\(path)/approve").json["state"] == "approved")
        #expect(try await !isHeld(server))
    }

    @Test(arguments: Engine.available) func nobodyDecidesByAKeyOfTheirOwn(engine: Engine) async throws {
        let (server, order) = try await held(engine), root = try await Program(server, .administrator)
        let zoe = try await server.person(.administrator, "zoe"), bob = try await server.person(.administrator, "bob")
        let own = try await key(.approver, by: zoe)
        try await become(.approver, "zoe", by: root)
        let path = try await asks(zoe, order)
        #expect(await own.post("\(path)/approve").code == "own_request")
        #expect(await own.post("\(path)/decline").code == "own_request")
        #expect(try await isHeld(server))
        #expect(await bob.get("/approvals").body.contains("Release of SO-1"))
        #expect(try await Program(server, .approver).post("\(path)/approve").status == 200, "an approver makes no keys")
        #expect(try await !isHeld(server))
    }

    /// Books with two held orders of one customer, each below what one person releases, and above it together.
    private func twoSmall(_ engine: Engine) async throws -> (server: DeskServer, first: Int64, second: Int64) {
        let server = try await DeskServer.open(engine)
        let customer = CustomerProfile(number: "C1", name: "Large Ltd", country: "GB", creditLimitMinor: 0, currency: .gbp)
        let orders = ["SO-1", "SO-2"].map { webOrder($0, net: 30_000_00, on: Day("2026-02-20")!) }
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try PlaceOrders(ID(1), orders).run(in: tx, at: now)
        }
        let first = try await server.count("SELECT id FROM sales_order WHERE entity_id = 1 AND external_id = 'SO-1'")
        let second = try await server.count("SELECT id FROM sales_order WHERE entity_id = 1 AND external_id = 'SO-2'")
        return (server, first, second)
    }

    /// A person and all the keys that the person made are one.
    @Test(arguments: Engine.available) func whatOneReleasesByKeysIsOneSum(engine: Engine) async throws {
        let (server, first, second) = try await twoSmall(engine)
        let zoe = try await server.person(.administrator, "zoe"), bob = try await server.person(.administrator, "bob")
        let path = "/v1/orders/\(PrefixedID.text("ord", second))/release", body: JSON = ["reason": "agreed"]
        let orders: JSON = ["orders": .array([.text(PrefixedID.text("ord", second))]), "reason": "agreed"]
        #expect(await zoe.post("/orders/decide", "order=\(first)&event=released&reason=agreed").header(.location) == "/orders/\(first)")
        let own = try await key(.approver, by: zoe), other = try await key(.approver, by: bob)
        #expect(await own.post(path, body).code == "order_two_people")
        let told = await own.post("/v1/orders/release", orders).json["orders"]?.array ?? []
        #expect(told.map { $0["code"]?.text } == ["order_two_people"])
        #expect(try await isHeld(server))
        #expect(await other.post(path, body).status == 200)
        #expect(try await !isHeld(server))
    }

    /// Releases below the limit that pass it together wait too, form after form.
    @Test(arguments: Engine.available) func smallReleasesOfOneCustomerAreOneSum(engine: Engine) async throws {
        let (server, first, second) = try await twoSmall(engine)
        let ann = try await server.person(.approver, "ann"), ben = try await server.person(.approver, "ben")
        let program = try await Program(server, .approver), path = "/v1/orders/\(PrefixedID.text("ord", second))/release"
        let form = "order=\(first)&event=released&reason=agreed"
        #expect(await ann.post("/orders/decide", form).header(.location) == "/orders/\(first)")
        #expect(await ann.post("/orders/decide", "order=\(second)&event=released&reason=agreed").header(.location) == "/approvals")
        #expect(try await isHeld(server))
        #expect(await ben.get("/approvals").body.contains("Release of SO-2"))
        #expect(await program.post(path, ["reason": "agreed"]).status == 200, "a program released nothing of it yet")
        #expect(try await !isHeld(server))
    }

    /// The same order picked twice is one order, also once it is approved.
    @Test(arguments: Engine.available) func anOrderPickedTwiceIsDecidedOnce(engine: Engine) async throws {
        let (server, order) = try await held(engine)
        let ann = try await server.person(.approver, "ann"), ben = try await server.person(.approver, "ben")
        let asked = await ann.post("/orders/decide", "order=\(order)&order=\(order)&event=released&reason=agreed")
        #expect(asked.header(.location) == "/approvals")
        let why = try await server.database.read { try ReadApprovals(ID(1)).waiting(in: $0).map(\.why) }
        #expect(why.count == 1 && why[0].hasPrefix("Release of SO-1, ") && !why[0].contains(";"))
        let request = try await server.count("SELECT id FROM approval WHERE entity_id = 1")
        #expect(await ben.post("/approvals/\(request)/decide", "decision=approve").header(.location) == "/approvals")
        #expect(try await !isHeld(server))
        #expect(try await server.count("SELECT count(*) FROM order_event WHERE entity_id = 1 AND event = 'released'") == 1)
    }
}
