import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Who may do what on the desk, written out: a page or an act that is not here fails, and so does one whose right changed unseen.
private let expected: [String: Role.Right] = [
    "GET /": .read, "GET /search": .read, "GET /customers": .read, "GET /customers/{number}": .read,
    "GET /customers/{number}/statement": .read, "GET /new-customer": .work, "POST /new-customer": .work,
    "GET /customers/{number}/terms": .work, "POST /customers/{number}/terms": .work,
    "GET /collections": .read, "GET /orders": .read, "GET /orders/{id}": .read, "GET /invoices": .read, "GET /invoices/{number}": .read,
    "GET /cash": .read,
    "GET /receipts": .read, "GET /receipts/{id}": .read, "GET /statements": .read, "GET /statements/{id}": .read, "GET /import": .work,
    "GET /figures": .read,
    "GET /figures/aging": .read, "GET /figures/credits": .read,
    "GET /ledger": .read, "GET /ledger/journal": .read, "GET /ledger/proof": .read,
    "GET /ledger/periods": .read,
    "POST /ledger/periods": .control, "GET /runs": .read, "GET /runs/{id}": .read,
    "GET /settings": .read,
    "GET /users": .administer, "GET /users/keys/all": .administer, "GET /audit": .audit, "GET /account": .read, "GET /entities": .read,
    "POST /users/access": .administer,
    "POST /entities/choose": .read, "GET /approvals": .read,
    "POST /cash/{id}/answer": .work, "POST /receipts/{id}/unapply": .work,
    "POST /receipts/{id}/apply-from-account": .work, "POST /orders/decide": .approve,
    "POST /customers/{number}/statement/send": .collect, "POST /invoices/{number}/slices": .collect,
    "POST /invoices/{number}/plan": .collect,
    "POST /slices/{id}/release": .collect, "POST /invoices/{number}/write-off": .collect,
    "POST /invoices/{number}/write-off/reverse": .collect, "POST /collections/codes": .collect, "GET /collections/codes": .read,
    "GET /collections/slices": .read, "GET /mail": .read, "POST /mail/decide": .collect,
    "POST /customers/{number}/habits/revoke": .work, "POST /customers/{number}/identities": .work,
    "POST /customers/{number}/identities/revoke": .work, "POST /ledger/proof": .control, "POST /runs/{run}": .control,
    "POST /import": .work,
    "POST /users/role": .administer, "POST /users/reset": .administer, "POST /account/password": .read,
    "POST /account/sessions/end": .read,
    "POST /users/invite": .administer, "POST /users/invitations/revoke": .administer,
    "POST /users/keys": .administer, "POST /users/keys/revoke": .administer, "POST /account/factor/begin": .read,
    "POST /account/factor": .read,
    "POST /account/factor/remove": .read, "POST /approvals/{id}/decide": .approve,
]

private let rights: [Role: Set<Role.Right>] = [
    .viewer: [.read], .auditor: [.read, .audit], .clerk: [.read, .work], .collector: [.read, .collect],
    .approver: [.read, .work, .collect, .approve],
    .controller: [.read, .work, .collect, .approve, .control, .audit],
    .administrator: [.read, .work, .collect, .approve, .control, .administer, .audit],
]

private let routes =
    DeskPage.all.map { (name: "GET \($0.path)", right: $0.right, path: $0.path) }
    + DeskAct.all.map { (name: "POST \($0.path)", right: $0.right, path: $0.path) }

private func filled(_ path: String) -> String {
    path.replacing("{number}", with: "nobody").replacing("{id}", with: "1").replacing("{run}", with: "nothing")
}

@Suite struct DeskMatrixTests {
    @Test func everyRouteOfTheDeskStandsInTheMatrix() {
        #expect(Set(routes.map(\.name)) == Set(expected.keys))
        for route in routes { #expect(expected[route.name] == route.right, "\(route.name)") }
        for role in Role.allCases { #expect(rights[role] == role.rights) }
    }

    @Test(arguments: Role.allCases) func aRoleOpensWhatItsRightsOpenAndNothingElse(role: Role) async throws {
        let server = try await DeskServer.open(.sqlite), visitor = try await server.person(role)
        for route in routes {
            let answer = route.name.hasPrefix("GET") ? await visitor.get(filled(route.path)) : await visitor.post(filled(route.path))
            let isAllowed = try #require(rights[role]).contains(try #require(expected[route.name]))
            #expect((answer.status == .forbidden) == !isAllowed, "\(role) \(route.name): \(answer.status)")
            #expect(answer.status.code < 500, "\(role) \(route.name)")
        }
    }

    @Test func nobodyGetsInWithoutASession() async throws {
        let server = try await DeskServer.open(.sqlite)
        for route in routes {
            let isReading = route.name.hasPrefix("GET")
            let answer = await server.send(isReading ? .get : .post, filled(route.path))
            #expect(
                isReading
                    ? answer.status == .seeOther && answer.header(.location)?.hasPrefix("/sign-in") == true : answer.status == .forbidden,
                "\(route.name)")
        }
    }

    @Test func theBooksOfAnotherEntityStayShut() async throws {
        let server = try await DeskServer.open(.sqlite), other = DeskServer(server.database, ID(2))
        try await other.create()
        let ours = try await server.person(.administrator), theirs = try await other.person(.administrator, "theirs")
        #expect(await ours.get("/").status == .ok)
        let customer = CustomerProfile(number: "C9", name: "Theirs", country: "GB", currency: .gbp)
        try await other.write { tx, now in _ = try SaveCustomers(ID(2), [customer]).run(in: tx, at: now) }
        #expect(await theirs.get("/customers/C9").status == .ok)
        #expect(await ours.get("/customers/C9").status == .notFound)
        // A session opens the books it was opened for, whatever server it is shown to.
        #expect(await other.send(.get, "/customers/C9", [("Cookie", ours.cookie)]).status == .notFound)
        let forged = ours.cookie.replacing("ses_1_", with: "ses_2_")
        #expect(await ours.server.send(.get, "/", [("Cookie", forged)]).header(.location)?.hasPrefix("/sign-in") == true)
    }

    /// An administrator at home who is let into other books has the role there that was given there, for every page and form.
    @Test func inOtherBooksTheRoleOfThoseBooksCounts() async throws {
        let server = try await DeskServer.open(.sqlite), other = DeskServer(server.database, ID(2))
        try await other.create()
        let ann = try await server.person(.administrator, "ann")
        try await ann.grant(2, .clerk)
        let there = try await ann.choose(2)
        for route in routes where route.path != "/entities/choose" {
            let answer = route.name.hasPrefix("GET") ? await there.get(filled(route.path)) : await there.post(filled(route.path))
            let isAllowed = try #require(rights[.clerk]).contains(try #require(expected[route.name]))
            #expect((answer.status == .forbidden) == !isAllowed, "\(route.name): \(answer.status)")
        }
        #expect(await ann.get("/").header(.location)?.hasPrefix("/sign-in") == true, "the session before has ended")
    }

    @Test func aFormNeedsTheTokenOfItsOwnSession() async throws {
        let server = try await DeskServer.open(.sqlite)
        let one = try await server.person(.administrator, "ann"), two = try await server.person(.administrator, "ben")
        #expect(await one.post("/users/invite", "role=viewer", csrf: two.csrf).status == .forbidden)
        #expect(await one.post("/users/invite", "role=viewer", csrf: "").status == .forbidden)
        #expect(try await server.count("SELECT count(*) FROM invitation WHERE entity_id = 1 AND used_at IS NULL") == 0)
        #expect(await one.post("/users/invite", "role=viewer").status == .ok)
        #expect(try await server.count("SELECT count(*) FROM invitation WHERE entity_id = 1 AND used_at IS NULL") == 1)
    }

    @Test func aPathTakesItsMethodsOnlyAndSaysWhich() async throws {
        let server = try await DeskServer.open(.sqlite), visitor = try await server.person(.viewer)
        #expect(await visitor.get("/slices/1/release").header(.allow) == "POST")
        #expect(await server.send(.delete, "/healthz").header(.allow) == "GET, HEAD")
        #expect(await visitor.post("/settings").status == .methodNotAllowed)
    }
}
