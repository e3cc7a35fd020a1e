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
        try await ann.grant(2, .administrator)
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
        let form = "secret=\(secret)&code=\(code)&password=correct-horse-battery"
        #expect(await there.post("/account/factor", form).header(.location) == "/account")
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

    @Test(arguments: Engine.available) func whoIsShutAtHomeComesBackWithANewSessionOnly(engine: Engine) async throws {
        let (server, ann) = try await open(engine), cora = try await server.person(.clerk, "cora")
        try await cora.grant(2, .administrator)
        let id = try await cora.home().person, there = try await cora.choose(2)
        let page = await there.post("/users/invite", "role=administrator").body
        let link = try #require(page.firstMatch(of: /inv_2_[0-9a-f]+/)?.output)
        for change in ["", "clerk"] {
            #expect(await ann.post("/users/role", "person=\(id)&role=\(change)").header(.location) == "/users")
            #expect(await there.get("/").header(.location)?.hasPrefix("/sign-in") == true, "\(change)")
        }
        #expect(try await server.count("SELECT count(*) FROM web_session WHERE entity_id = 2") == 0)
        let form = "token=\(link)&name=eve&email=eve@example.com&password=correct-horse-battery"
        #expect(await server.send(.post, "/welcome", body: form).status == .forbidden, "nor does a link that she made there")
    }

    @Test(arguments: Engine.available) func theLastAdministratorOfEachLegalEntityStaysOne(engine: Engine) async throws {
        let (server, ann) = try await open(engine), ben = try await server.person(.administrator, "ben")
        let annID = try await ann.home().person, benID = try await ben.home().person
        func isKept(_ answer: Answer) -> Bool { answer.header(.setCookie)?.contains("administrator") == true }
        func administrators() async throws -> Int64 {
            try await server.count("SELECT count(*) FROM person WHERE entity_id = 2 AND role = 'administrator' AND disabled = 0")
        }
        #expect(isKept(await ann.post("/users/access", "person=\(annID)&entity=2&role=clerk")), "from the other legal entity")
        #expect(isKept(await ben.post("/users/role", "person=\(annID)&role=")), "by shutting the account at home")
        #expect(try await administrators() == 1)
        try await ben.grant(2, .administrator)
        #expect(await ann.post("/users/role", "person=\(benID)&role=").header(.setCookie)?.contains("%21") == false)
        #expect(try await administrators() == 2, "ben's row there stays as it is")
        #expect(isKept(await ann.post("/users/access", "person=\(annID)&entity=2&role=clerk")), "ben, who is shut, does not count")
        let there = try await ann.choose(2), guest = try await person("ann", server, 2)
        #expect(isKept(await there.post("/users/role", "person=\(guest)&role=clerk")))
        #expect(await there.get("/users").status == .ok)
    }

    /// An administrator at home and one in the other books, each of whom the other server takes away at the same moment.
    @Test(arguments: Engine.available) func ofTwoAdministratorsOneIsLeft(engine: Engine) async throws {
        let (first, second) = try await engine.makePair(), home = DeskServer(first, ID(1)), other = DeskServer(second, ID(2))
        for server in [home, other] { try await server.create() }
        _ = try await home.person(.administrator, "ann")
        let dee = try await other.person(.administrator, "dee"), deeID = try await dee.home().person
        for round in 0..<4 {
            let cora = try await home.person(.clerk, "cora\(round)"), coraID = try await cora.home().person
            try await cora.grant(2, .administrator)
            let shut = ChangePerson(ID(1), coraID, role: nil), demote = ChangePerson(ID(2), deeID, role: .clerk)
            async let one = refusal(of: { try await home.write { tx, now in _ = try shut.run(in: tx, at: now) } })
            async let two = refusal(of: { try await other.write { tx, now in _ = try demote.run(in: tx, at: now) } })
            let codes = try await [one, two].compactMap { $0?.code }
            #expect(codes == ["last_administrator"])
            let restore = ChangePerson(ID(2), deeID, role: .administrator)
            try await other.write { tx, now in _ = try restore.run(in: tx, at: now) }
            let out = ChangePerson(ID(1), coraID, role: nil)
            try await home.write { tx, now in _ = try out.run(in: tx, at: now) }
        }
    }

    private func refusal(of body: @Sendable () async throws -> Void) async throws -> PeopleRefusal? {
        do {
            try await body()
            return nil
        } catch let refusal as PeopleRefusal {
            return refusal
        }
    }

    /// A new password of somebody who works in other books too would open those.
    @Test(arguments: Engine.available) func nobodyComesIntoOtherBooksByAnothersAccount(engine: Engine) async throws {
        let (server, ann) = try await open(engine), cai = try await server.person(.administrator, "cai")
        let annID = try await ann.home().person, root = try await Program(server, .administrator)
        for (path, form) in [("/users/reset", "person=\(annID)"), ("/users/role", "person=\(annID)&role=")] {
            let refused = await cai.post(path, form)
            #expect(refused.header(.setCookie)?.contains("an%20administrator%20of%20both") == true, "\(path)")
        }
        #expect(await root.post("/v1/users/\(PrefixedID.text("usr", annID))/shut").code == "not_administrator")
        #expect(try await server.count("SELECT count(*) FROM invitation WHERE entity_id = 1 AND person_id IS NOT NULL") == 0)
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 1 AND disabled = 1") == 0)
        // A link of before ben is let in there opens nothing afterwards.
        let ben = try await server.person(.clerk, "ben"), benID = try await ben.home().person
        let link = try #require(await cai.post("/users/reset", "person=\(benID)").body.firstMatch(of: /rst_1_[0-9a-f]+/)?.output)
        try await ben.grant(2, .clerk)
        let form = "token=\(link)&password=another-horse-battery"
        #expect(await server.send(.post, "/reset", body: form).status == .forbidden)
        // Nor does one that was made while ben was shut out there, whichever way ben is let in again.
        let guest = try await person("ben", server, 2), other = ID<Entity>(2)
        for isGranted in [true, false] {
            let out = ChangePerson(other, guest, role: nil)
            try await server.database.write(entity: other) { [now = server.clock.next()] in _ = try out.run(in: $0, at: now) }
            let late = try #require(await cai.post("/users/reset", "person=\(benID)").body.firstMatch(of: /rst_1_[0-9a-f]+/)?.output)
            if isGranted { try await ben.grant(2, .clerk) }
            let again = ChangePerson(other, guest, role: .collector)
            if !isGranted {
                try await server.database.write(entity: other) { [now = server.clock.next()] in _ = try again.run(in: $0, at: now) }
            }
            #expect(await server.send(.post, "/reset", body: "token=\(late)&password=another-horse-battery").status == .forbidden)
        }
        try await cai.grant(2, .administrator)
        for person in [annID, benID] {
            #expect(await cai.post("/users/reset", "person=\(person)").body.contains("rst_1_"), "an administrator of both")
        }
    }

    @Test(arguments: Engine.available) func bothAuditLogsSayWhoWasLetIn(engine: Engine) async throws {
        let (server, ann) = try await open(engine)
        _ = try await server.person(.clerk, "ben")
        let ben = try await person("ben", server)
        for role in ["viewer", "clerk"] { _ = await ann.post("/users/access", "person=\(ben)&entity=2&role=\(role)") }
        let there = try await person("ben", server, 2)
        let rows = try await server.database.read { try AuditLog(ID(2), actor: "ann", act: "/users/access").page(in: $0).rows }
        #expect(
            rows.map { "\($0.detail): \($0.outcome)" } == [
                "person=\(there) role=clerk before=viewer legal_entity=1: done",
                "person=\(there) role=viewer before=none legal_entity=1: done",
            ])
        let faults = try await server.database.read { try CheckBooks(ID(2)).run(in: $0).faults }
        #expect(faults == [])
    }

    @Test(arguments: Engine.available) func aNamesakeFromOtherBooksIsToldApart(engine: Engine) async throws {
        let (server, _) = try await open(engine), ben = try await server.person(.clerk, "ben")
        let token = Secret.token("inv_", of: ID(2)), invite = Invite(ID(2), .clerk, token: token)
        try await server.database.write(entity: ID(2)) { [now = server.clock.next()] tx in try invite.run(in: tx, at: now) }
        let form = "token=\(token)&name=Ben&email=ben.two@example.com&password=correct-horse-battery"
        #expect(await server.send(.post, "/welcome", body: form).status == .seeOther)
        try await ben.grant(2, .clerk)
        let names = try await server.database.read { try ReadPeople(ID(2)).people(in: $0) }.map(\.name)
        #expect(names == ["Ben", "ann", "ben, of legal entity 1"])
    }
}
