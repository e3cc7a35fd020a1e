import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

private let address = "ann@example.com"

/// What somebody may say of themselves who opens an account.
@Suite struct InvitationTests {
    @Test(arguments: [
        ("", address, "A name has"), ("%20%20", address, "A name has"), ("Ann%0D%0ABcc:%20x@example.com", address, "A name has"),
        ("Ann%00", address, "A name has"), ("Ann%E2%80%A8", address, "A name has"),
        (String(repeating: "a", count: 300_000), address, "A name has"),
        ("Ann", "", "no mail address"), ("Ann", "x", "no mail address"),
        ("Ann", "ann@example.com%0D%0ABcc:x@example.com", "no mail address"),
        ("Ann", "ann@example", "no mail address"), ("Ann", "ann@@example.com", "no mail address"),
        ("Ann", "%22ann%22@example.com", "no mail address"), ("Ann", "ann%20b@example.com", "no mail address"),
        ("Ann", String(repeating: "a", count: 65) + "@example.com", "no mail address"),
        ("Ann", "ann@" + String(repeating: "a.", count: 125) + "example.com", "no mail address"),
    ])
    func whatIsNoNameOrNoAddressIsRefusedAndTheLinkStays(name: String, email: String, said: String) async throws {
        let server = try await DeskServer.open(.sqlite), token = Secret.token("inv_"), invite = Invite(ID(1), .clerk, token: token)
        try await server.write { try invite.run(in: $0, at: $1) }
        let form = "token=\(token)&password=correct-horse-battery"
        let refused = await server.send(.post, "/welcome", body: form + "&name=\(name)&email=\(email)")
        #expect(refused.status == .forbidden && refused.body.contains(said))
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 1") == 0)
        let opened = await server.send(
            .post, "/welcome", body: form + "&name=Zo%C3%AB%20O'Hara-%E5%B1%B1&email=zoe.o'hara%2Bx@b%C3%BCro.example")
        #expect(opened.status == .seeOther)
    }

    @Test func aNameMayBeAsLongAsItsLimit() {
        #expect(Plausible.isName(String(repeating: "\u{e4}", count: 200)))
        #expect(!Plausible.isName(String(repeating: "\u{e4}", count: 201)))
        #expect(!Plausible.isName("a" + String(repeating: "\u{301}", count: 200)), "one letter with many marks is long too")
    }

    @Test func aKeyHasANameOnOneLine() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.administrator, "ann")
        #expect(await ann.post("/users/keys", "name=shop%0Ashop&role=clerk").header(.setCookie)?.contains("%21") == true)
        #expect(await ann.post("/users/keys", "name=shop&role=clerk").status == .ok)
        #expect(try await server.count("SELECT count(*) FROM api_key WHERE entity_id = 1") == 1)
    }

    @Test func aPasswordHasAnEnd() async throws {
        let server = try await DeskServer.open(.sqlite), token = Secret.token("inv_"), invite = Invite(ID(1), .clerk, token: token)
        try await server.write { try invite.run(in: $0, at: $1) }
        let longest = String(repeating: "a", count: AcceptInvitation.passwordLimit)
        func begin(_ password: String) async throws {
            _ = try await AcceptInvitation(
                ID(1), token: token, email: address, name: "Ann", password: password, server.database, at: server.clock.next()
            ) { try $0() }
        }
        try await begin(longest)
        await #expect(throws: PeopleRefusal.self) { try await begin(longest + "a") }
    }

    private func accept(
        _ token: String, _ name: String, _ email: String, _ database: any Database, _ entity: ID<Entity>, at now: Instant
    ) async throws {
        let accepted = try await AcceptInvitation(
            entity, token: token, email: email, name: name, password: "correct-horse-battery", database, at: now
        ) { try $0() }
        try await database.write(entity: entity) { try accepted.run(in: $0, at: now) }
    }

    @Test(arguments: Engine.available) func anAddressHasOneAccountOnTheWholeServer(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), other = DeskServer(server.database, ID(2))
        try await other.create()
        _ = try await other.person(.administrator, "victor")
        let token = Secret.token("inv_", of: ID(1)), invite = Invite(ID(1), .viewer, token: token)
        try await server.write { try invite.run(in: $0, at: $1) }
        let form = "token=\(token)&password=correct-horse-battery&name=Eve&email="
        let refused = await server.send(.post, "/welcome", body: form + "Victor@example.com")
        #expect(refused.status == .forbidden && refused.body.contains("in another legal entity already"))
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 1") == 0)
        let victor = await server.send(.post, "/sign-in", body: "email=victor@example.com&password=correct-horse-battery")
        #expect(victor.status == .seeOther)
        #expect(await server.send(.post, "/welcome", body: form + "eve@example.com").status == .seeOther, "the link stays")
    }

    /// Two servers open an account for one address in two legal entities at the same moment.
    @Test(arguments: Engine.available) func oneOfTwoAtOnceGetsTheAddress(engine: Engine) async throws {
        let (first, second) = try await engine.makePair(), servers = [DeskServer(first, ID(1)), DeskServer(second, ID(2))]
        for server in servers { try await server.create() }
        for round in 0..<4 {
            let opened = try await withThrowingTaskGroup(of: Bool.self) { group -> Int in
                for server in servers {
                    group.addTask {
                        let token = Secret.token("inv_", of: server.entity), invite = Invite(server.entity, .clerk, token: token)
                        try await server.write { try invite.run(in: $0, at: $1) }
                        do {
                            try await accept(
                                token, "p\(round)", "p\(round)@example.com", server.database, server.entity, at: server.clock.next())
                            return true
                        } catch let refusal as PeopleRefusal {
                            return refusal.code != "email_taken"
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(opened == 1)
        }
        #expect(try await servers[0].count("SELECT count(*) FROM person WHERE entity_id IN (1, 2)") == 4)
    }

    @Test(arguments: Engine.available) func theLinkOfTheLatestStartOpensTheFirstAccountAlone(engine: Engine) async throws {
        let server = try await DeskServer.open(engine)
        func start() async throws -> String? {
            let token = Secret.token("inv_", of: ID(1)), invite = InviteFirst(ID(1), token: token)
            return try await server.write { try invite.run(in: $0, at: $1) } ? token : nil
        }
        func open(_ token: String, _ name: String) async -> HTTPResponse.Status {
            let form = "token=\(token)&name=\(name)&email=\(name)@example.com&password=correct-horse-battery"
            return await server.send(.post, "/welcome", body: form).status
        }
        let earlier = try #require(try await start()), later = try #require(try await start()), beside = Secret.token("inv_", of: ID(1))
        #expect(await open(earlier, "mallory") == .forbidden)
        let invite = Invite(ID(1), .administrator, token: beside)
        try await server.write { try invite.run(in: $0, at: $1) }
        #expect(await open(later, "ann") == .seeOther)
        #expect(await open(beside, "mallory") == .forbidden, "the first account ends every other link")
        #expect(try await start() == nil)
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 1") == 1)
    }

    @Test(arguments: Engine.available) func openLinksAreListedAndTakenBack(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), ann = try await server.person(.administrator, "ann")
        _ = try await server.person(.clerk, "ben")
        let ben = try await server.count("SELECT id FROM person WHERE entity_id = 1 AND name = 'ben'")
        #expect(!(await ann.get("/users").body).contains("Open links"))
        let made = await ann.post("/users/invite", "role=auditor").body
        let token = try #require(made.firstMatch(of: /inv_1_[0-9a-f]+/)?.output)
        _ = await ann.post("/users/reset", "person=\(ben)")
        let page = await ann.get("/users").body
        for said in ["New auditor", "New password of ben", "<td>ann</td>", "form=\"take-back\">Take back</button>"] {
            #expect(page.contains(said), "\(said)")
        }
        #expect(!page.contains(token), "the link itself is not shown again")
        let digest = Secret.digest(String(token))
        #expect(await ann.post("/users/invitations/revoke", "invitation=\(digest)").header(.location) == "/users")
        #expect(!(await ann.get("/users").body).contains("New auditor</span>"))
        let form = "token=\(token)&name=Eve&email=eve@example.com&password=correct-horse-battery"
        #expect(await server.send(.post, "/welcome", body: form).status == .forbidden)
        let again = await ann.post("/users/invitations/revoke", "invitation=\(digest)")
        #expect(again.header(.setCookie)?.contains("taken%20back%20already") == true)
        let rows = try await server.database.read { try AuditLog(ID(1), act: "/users/invitations/revoke").page(in: $0).rows }
        #expect(rows.map { "\($0.detail): \($0.outcome)" } == [": invitation_not_found", "role=auditor made_by=ann: done"])
    }

    @Test(arguments: Engine.available) func theLinksOfWhoIsShutOrDemotedOpenNothing(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), ann = try await server.person(.administrator, "ann")
        for (number, change) in ["", "clerk"].enumerated() {
            let name = "mal\(number)", mal = try await server.person(.administrator, name)
            let page = await mal.post("/users/invite", "role=administrator").body
            let token = try #require(page.firstMatch(of: /inv_1_[0-9a-f]+/)?.output)
            let id = try await mal.home().person
            #expect(await ann.post("/users/role", "person=\(id)&role=\(change)").header(.location) == "/users")
            let form = "token=\(token)&name=back\(number)&email=back\(number)@example.com&password=correct-horse-battery"
            #expect(await server.send(.post, "/welcome", body: form).status == .forbidden, "\(change)")
        }
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 1") == 3)
    }

    @Test(
        arguments: Engine.available,
        [
            ("ANN", "somebody else's name"), ("%20ann", "somebody else's name"), ("a%E2%80%8Bnn", "somebody else's name"),
            ("key%20shop", "does not begin with"), ("Command%20%20Line%20root", "does not begin with"),
        ])
    func aNameIsNobodyElses(engine: Engine, typed: (String, String)) async throws {
        let server = try await DeskServer.open(engine), (name, said) = typed
        _ = try await server.person(.administrator, "ann")
        let token = Secret.token("inv_", of: ID(1)), invite = Invite(ID(1), .clerk, token: token)
        try await server.write { try invite.run(in: $0, at: $1) }
        let form = "token=\(token)&email=eve@example.com&password=correct-horse-battery&name="
        let refused = await server.send(.post, "/welcome", body: form + name)
        #expect(refused.status == .forbidden && refused.body.contains(said.replacing("'", with: "&#39;")))
        #expect(refused.body.contains("aria-describedby=\"fault-name\""))
        #expect(await server.send(.post, "/welcome", body: form + "Keymaker").status == .seeOther)
    }
}
