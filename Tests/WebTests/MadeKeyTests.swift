import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// A key may never do what the person who made it may not.
@Suite struct MadeKeyTests {
    private static let reading = "/v1/orders?limit=1"

    /// A key that somebody makes on the desk.
    private func key(_ role: Role, by visitor: Visitor) async throws -> Program {
        let page = await visitor.post("/users/keys", "name=shop&role=\(role.rawValue)").body
        return Program(visitor.server, key: String(try #require(page.firstMatch(of: /key_[12]_[0-9a-f]+/)?.output)))
    }

    private func faults(_ server: DeskServer, _ entity: ID<Entity>) async throws -> [String] {
        try await server.database.read { try CheckBooks(entity).run(in: $0).faults }
    }

    @Test(arguments: Engine.available) func theKeysOfWhoIsShutOrDemotedOpenNothing(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), ann = try await server.person(.administrator, "ann")
        for (number, change) in ["", "clerk"].enumerated() {
            let mal = try await server.person(.administrator, "mal\(number)"), id = try await mal.home().person
            let root = try await key(.administrator, by: mal), shop = try await key(.clerk, by: mal), seen = try await key(.viewer, by: mal)
            #expect(await root.get("/v1/users").status == 200)
            #expect(await ann.post("/users/role", "person=\(id)&role=\(change)").header(.location) == "/users")
            #expect(await root.get("/v1/users").status == 401, "\(change)")
            #expect(await root.post("/v1/users/\(PrefixedID.text("usr", id))/role", ["role": "administrator"]).status == 401, "\(change)")
            for program in [shop, seen] {
                #expect(await program.get(Self.reading).status == (change.isEmpty ? 401 : 200), "a clerk may what they may")
            }
        }
        let noted = try await server.database.read { try AuditLog(ID(1), act: "/users/role").page(in: $0).rows }
        #expect(noted.map { String($0.detail.suffix(12)) } == ["ended_keys=1", "ended_keys=3"])
        #expect(try await faults(server, ID(1)) == [])
    }

    /// A former release left the keys of whom it shut.
    @Test(arguments: Engine.available) func aKeyOfWhoIsShutOrDemotedDoesNotStand(engine: Engine) async throws {
        let server = try await DeskServer.open(engine)
        for (name, change) in [("mal", "disabled = 1"), ("mia", "role = 'clerk'")] {
            let maker = try await server.person(.administrator, name), id = try await maker.home().person
            let root = try await key(.administrator, by: maker), shop = try await key(.clerk, by: maker)
            try await server.write { tx, _ in try tx.run(SQL(text: "UPDATE person SET \(change) WHERE entity_id = 1 AND id = \(id)")) }
            #expect(await root.get("/v1/users").status == 401, "\(name)")
            #expect(await shop.get(Self.reading).status == (name == "mal" ? 401 : 200), "\(name)")
        }
    }

    @Test(arguments: Engine.available) func theKeysOfAGuestEndThereAndByTheAccountAtHome(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), other = DeskServer(server.database, ID(2))
        try await other.create()
        for name in ["ann", "ben", "cora"] { try await server.person(.administrator, name).grant(2, .administrator) }
        func there(_ name: String) async throws -> Visitor {
            let answer = await server.send(.post, "/sign-in", body: "email=\(name)@example.com&password=correct-horse-battery")
            return try await Visitor(server, cookie: #require(server.cookie(of: answer))).choose(2)
        }
        let ben = try await there("ben"), cora = try await there("cora")
        let first = try await key(.clerk, by: ben), second = try await key(.clerk, by: cora)
        for program in [first, second] { #expect(await program.get(Self.reading).status == 200) }
        try await cora.grant(2, .collector)
        #expect(await second.get(Self.reading).status == 401)
        let id = try await ben.home().person, shut = ChangePerson(ID(1), id, role: nil)
        let outcome = try await server.write { try shut.run(in: $0, at: $1) }
        #expect(outcome.before == .administrator && outcome.endedKeys == 1)
        #expect(await first.get(Self.reading).status == 401)
        for entity in [1, 2] as [Int64] { #expect(try await faults(server, ID(entity)) == []) }
    }

    /// Somebody who is shut while they make a key.
    @Test(arguments: Engine.available) func whoIsShutMakesNoKey(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), ann = try await server.person(.administrator, "ann")
        let id = try await server.person(.administrator, "mal").home().person
        let late = CreateAPIKey(ID(1), name: "late", role: .administrator, by: id, token: Secret.token("key_", of: ID(1)))
        #expect(await ann.post("/users/role", "person=\(id)&role=").header(.location) == "/users")
        await #expect(throws: PeopleRefusal.self) { try await server.write { try late.run(in: $0, at: $1) } }
        #expect(try await server.count("SELECT count(*) FROM api_key WHERE entity_id = 1") == 0)
    }

    @Test(arguments: Engine.available) func aKeyLeavesTheAccountOfItsMakerAlone(engine: Engine) async throws {
        let server = try await DeskServer.open(engine)
        let zoe = try await server.person(.administrator, "zoe"), bob = try await server.person(.administrator, "bob")
        let own = try await key(.administrator, by: zoe), theirs = try await key(.administrator, by: bob)
        let id = try await zoe.home().person, path = "/v1/users/\(PrefixedID.text("usr", id))"
        let acts: [(path: String, body: JSON)] = [("\(path)/role", ["role": "clerk"]), ("\(path)/shut", .object([]))]
        for act in acts {
            let refused = await own.post(act.path, act.body)
            #expect(refused.status == 403 && refused.code == "own_maker", "\(act.path)")
        }
        #expect(await theirs.post("\(path)/role", ["role": "controller"]).json["role"] == "controller")
        #expect(try await Program(server, .administrator).post("\(path)/shut").json["is_shut"] == .bool(true), "of the command line")
    }

    @Test(arguments: Engine.available) func listsOfKeysSayWhoMadeThem(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), ann = try await server.person(.administrator, "ann")
        let root = try await Program(server, .administrator)
        _ = try await key(.clerk, by: ann)
        let listed = await root.get("/v1/keys").rows
        #expect(listed.map { $0["made_by"]?.text } == [nil, "ann"])
        let id = try #require(listed.last?["id"]?.text)
        #expect(await root.get("/v1/keys/\(id)").json["made_by"] == "ann")
        let csv = await ann.get("/users/keys/all?format=csv").body.split(separator: "\r\n").dropFirst()
        #expect(csv.map { $0.split(separator: ",").last ?? "" } == ["Nobody on record", "ann"])
        for path in ["/users", "/users/keys/all"] {
            let page = await ann.get(path).body
            #expect(page.contains("<td>Nobody on record</td>") && page.contains("<td>ann</td>"), "\(path)")
        }
    }
}
