import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

@Suite struct EntityAccessTests {
    /// Two legal entities on one server, and an administrator of both.
    private func open(_ engine: Engine) async throws -> (server: DeskServer, ann: Visitor) {
        let server = try await DeskServer.open(engine), other = DeskServer(server.database, ID(2))
        try await other.create()
        let ann = try await server.person(.administrator, "ann")
        try await GrantAccess(ann.home(), to: ID(2), .administrator).run(server.database, at: server.clock.next())
        return (server, ann)
    }

    private func person(_ name: String, _ server: DeskServer, _ entity: Int64 = 1) async throws -> Int64 {
        try #require(try await server.database.read { try ReadPeople(ID(entity)).people(in: $0) }.first { $0.name == name }?.id)
    }

    @Test(arguments: Engine.available) func aPersonGoesFromOneEntityToTheOther(engine: Engine) async throws {
        let (server, ann) = try await open(engine)
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [CustomerProfile(number: "C1", name: "Ours", country: "GB", currency: .gbp)]).run(in: tx, at: now)
        }
        #expect(await ann.get("/customers/C1").status == .ok)
        #expect(await ann.get("/entities").body.components(separatedBy: "Work here</button>").count == 2)
        let there = try await ann.choose(2)
        #expect(await there.get("/customers/C1").status == .notFound)
        _ = await there.post("/users/invite", "role=viewer")
        #expect(
            try await server.count("SELECT count(*) FROM audit_entry WHERE entity_id = 2 AND act = '/users/invite' AND actor = 'ann'") == 1)
        #expect(try await server.count("SELECT count(*) FROM invitation WHERE entity_id = 2") == 1)
        let back = try await there.choose(1)
        #expect(await back.get("/customers/C1").status == .ok)
        #expect(await there.get("/").header(.location)?.hasPrefix("/sign-in") == true)
    }

    @Test(arguments: Engine.available) func oneLetsOthersInWhereOneIsAdministrator(engine: Engine) async throws {
        let (server, ann) = try await open(engine), ben = try await server.person(.clerk, "ben")
        let benID = try await person("ben", server)
        #expect(server.cookie(of: await ben.post("/entities/choose", "entity=2")) == nil)
        #expect(await ann.post("/users/access", "person=\(benID)&entity=2&role=viewer").header(.location) == "/users")
        let there = try await ben.choose(2)
        #expect(await there.post("/import").status == .forbidden, "a viewer there, a clerk at home")
        #expect(await ann.post("/users/access", "person=\(benID)&entity=2&role=clerk").header(.location) == "/users")
        #expect(await there.get("/import").status == .ok)
        // Cai is administrator of the first books alone.
        let cai = try await server.person(.administrator, "cai")
        let refused = await cai.post("/users/access", "person=\(benID)&entity=2&role=administrator")
        #expect(refused.header(.setCookie)?.contains("only%20an%20administrator") == true)
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 2 AND role = 'administrator'") == 1)
    }

    @Test(arguments: Engine.available) func anAccountThatIsShutIsOutEverywhere(engine: Engine) async throws {
        let (server, ann) = try await open(engine), ben = try await server.person(.clerk, "ben")
        let benID = try await person("ben", server)
        _ = await ann.post("/users/access", "person=\(benID)&entity=2&role=clerk")
        let there = try await ben.choose(2), annThere = try await ann.choose(2)
        // Shut in the second books alone: home stays.
        #expect(await annThere.post("/users/role", "person=\(try await person("ben", server, 2))&role=").header(.location) == "/users")
        #expect(await there.get("/").header(.location)?.hasPrefix("/sign-in") == true)
        let again = await server.send(.post, "/sign-in", body: "email=ben@example.com&password=correct-horse-battery")
        let home = try await Visitor(server, cookie: #require(server.cookie(of: again)))
        #expect(await home.get("/").status == .ok)
        #expect(server.cookie(of: await home.post("/entities/choose", "entity=2")) == nil)
        // Let in again, then shut at home: out of both.
        let annHome = try await annThere.choose(1)
        _ = await annHome.post("/users/access", "person=\(benID)&entity=2&role=clerk")
        let last = try await home.choose(2)
        #expect(await last.get("/").status == .ok)
        #expect(await annHome.post("/users/role", "person=\(benID)&role=").header(.location) == "/users")
        #expect(await last.get("/").header(.location)?.hasPrefix("/sign-in") == true)
    }

    @Test func anAccountOfTheSecondEntitySignsInOnTheSameServer() async throws {
        let (server, _) = try await open(.sqlite), other = DeskServer(server.database, ID(2))
        _ = try await other.person(.clerk, "dee")
        let answer = await server.send(.post, "/sign-in", body: "email=dee@example.com&password=correct-horse-battery")
        let dee = try await Visitor(server, cookie: #require(server.cookie(of: answer)))
        #expect(try await dee.home().entity == ID(2))
        #expect(await dee.get("/entities").body.components(separatedBy: "<section class=\"panel\">").count == 2)
    }

    @Test func theSecondFactorStaysWithTheAccount() async throws {
        let (server, ann) = try await open(.sqlite), there = try await ann.choose(2)
        let secret = String(repeating: "3f", count: 20), bytes = try #require(Secret.bytes(secret))
        let code = Secret.code(bytes, atSecond: server.clock.next().microseconds / 1_000_000)
        #expect(await there.post("/account/factor", "secret=\(secret)&code=\(code)").header(.location) == "/account")
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 1 AND totp_secret IS NOT NULL") == 1)
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 2 AND totp_secret IS NOT NULL") == 0)
    }

    @Test func aLinkOfOtherBooksOpensAnAccountThere() async throws {
        let (server, ann) = try await open(.sqlite), there = try await ann.choose(2)
        let page = await there.post("/users/invite", "role=clerk").body
        let link = try #require(page.firstMatch(of: /token=(inv_2_[0-9a-f]+)/)?.1)
        let answer = await server.send(
            .post, "/welcome", body: "token=\(link)&name=eve&email=eve@example.com&password=correct-horse-battery")
        let eve = try await Visitor(server, cookie: #require(server.cookie(of: answer)))
        #expect(try await eve.home().entity == ID(2))
    }
}
