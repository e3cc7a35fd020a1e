import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Who may pay for a customer, as programs say it.
@Suite struct ParentTests {
    private func customer(_ number: String, parent: JSON? = nil, limit: Int64? = nil) -> JSON {
        let members: [JSON.Member] = [
            .init("number", .text(number)), .init("name", .text("Name \(number)")), .init("country", "GB"), .init("currency", "GBP"),
        ]
        let limits = limit.map { [JSON.Member("credit_limit", ["minor": .integer($0), "currency": "GBP"])] } ?? []
        return .object(members + limits + (parent.map { [.init("parent_number", $0)] } ?? []))
    }

    private func save(_ customers: JSON..., by program: Program) async -> [JSON] {
        await program.post("/v1/customers", ["customers": .array(customers)]).json["customers"]?.array ?? []
    }

    private func outcomes(_ told: [JSON]) -> [String] {
        told.map { "\($0["number"]?.text ?? "") \($0["outcome"]?.text ?? "") \($0["field"]?.text ?? "")" }
    }

    private func parent(_ number: String, _ query: String = "", by program: Program) async -> JSON? {
        await program.get("/v1/customers/\(number)/terms\(query)").json["parent_number"]
    }

    /// The parent as the list of customers and a customer's own line name it.
    private func listed(_ number: String, _ query: String = "", by program: Program) async -> [JSON?] {
        let list = await program.get("/v1/customers\(query)").json["rows"]?.array?.first { $0["number"]?.text == number }
        return [list?["parent_number"], await program.get("/v1/customers/\(number)\(query)").json["parent_number"]]
    }

    private func put(_ body: JSON, _ number: String, by program: Program) async throws -> Answer {
        let path = "/v1/customers/\(number)/terms", bearer = ("Authorization", "Bearer \(program.key)")
        let tag = try #require(await program.server.send(.get, path, [bearer]).header(.eTag))
        return await program.server.send(
            .put, path, [bearer, ("Content-Type", "application/json"), ("If-Match", tag)],
            body: String(decoding: body.bytes, as: UTF8.self))
    }

    @Test(arguments: Engine.available) func aParentIsNamedKeptAndTakenAway(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), clerk = try await Program(server, .clerk)
        let saved = await save(customer("S", parent: "G"), customer("G"), by: clerk)
        #expect(outcomes(saved) == ["S created ", "G created "])
        #expect(await parent("S", by: clerk) == "G")
        #expect(await parent("G", by: clerk) == JSON.null)
        #expect(await listed("S", by: clerk) == ["G", "G"])
        #expect(await listed("G", by: clerk) == [JSON.null, JSON.null])
        #expect(outcomes(await save(customer("S"), by: clerk)) == ["S changed "])
        #expect(await parent("S", by: clerk) == "G", "what is left out stays")
        let before = server.clock.next().iso8601
        #expect(outcomes(await save(customer("S", parent: .null), by: clerk)) == ["S changed "])
        #expect(await parent("S", by: clerk) == JSON.null)
        #expect(await parent("S", "?known_at=\(before)", by: clerk) == "G")
        #expect(await listed("S", by: clerk) == [JSON.null, JSON.null])
        #expect(await listed("S", "?known_at=\(before)", by: clerk) == ["G", "G"])
        #expect(try await put(customer("S", parent: "G"), "S", by: clerk).status == .ok)
        #expect(await parent("S", by: clerk) == "G")
        #expect(try await put(customer("S"), "S", by: clerk).status == .ok)
        #expect(await parent("S", by: clerk) == JSON.null, "terms that are put are the whole")
        #expect(try await server.count("SELECT count(*) FROM customer WHERE entity_id = 1 AND parent_id IS NOT NULL") == 0)
        let report = try await server.database.read { try CheckBooks(ID(1)).run(in: $0) }
        #expect(report.faults == [])
    }

    @Test(arguments: Engine.available) func aParentThatCannotBeIsRefused(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), clerk = try await Program(server, .clerk)
        let saved = await save(
            customer("A", parent: "B"), customer("B", parent: "NONE"), customer("C", parent: "C"), customer("D", parent: "E"),
            customer("E", parent: "F"), customer("F"), by: clerk)
        #expect(
            outcomes(saved) == [
                "A refused parent_number", "B refused parent_number", "C refused parent_number", "D created ", "E created ", "F created ",
            ])
        #expect(saved[1]["reason"] == "parent_number: customer NONE does not exist: save it before, or along")
        let round = await save(customer("F", parent: "D"), by: clerk)
        #expect(outcomes(round) == ["F refused parent_number"])
        #expect(round.first?["reason"]?.text?.contains("above itself") == true)
        let turned = await save(customer("F", parent: "D"), customer("E", parent: .null), by: clerk)
        #expect(outcomes(turned) == ["F changed ", "E changed "], "what is taken away along holds nothing back")
        let refused = try await put(customer("D", parent: "NONE"), "D", by: clerk)
        #expect(refused.status.code == 422 && refused.body.contains("customer_invalid") && refused.body.contains("parent_number"))
    }

    /// Whoever stays as they stand for their limit keeps their parent, and others cannot count on it being taken away.
    @Test(arguments: Engine.available) func aCustomerRefusedForItsLimitKeepsItsParent(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), clerk = try await Program(server, .clerk)
        #expect(outcomes(await save(customer("A"), customer("B", parent: "A", limit: 100_00), by: clerk)) == ["A created ", "B created "])
        let turned = await save(customer("A", parent: "B"), customer("B", parent: .null, limit: 200_00), by: clerk)
        #expect(outcomes(turned) == ["A refused parent_number", "B refused credit_limit"])
        #expect(turned.last?["code"] == "limit_needs_approver")
        #expect(await parent("A", by: clerk) == JSON.null)
        #expect(await parent("B", by: clerk) == "A")
    }

    @Test(arguments: Engine.available) func aRoundIsRefusedHoweverLongItIs(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), clerk = try await Program(server, .clerk)
        func chain(_ name: String, above last: JSON) -> JSON {
            JSON.array((1...20).map { at in customer("\(name)\(at)", parent: at < 20 ? JSON.text("\(name)\(at + 1)") : last) })
        }
        let saved = await clerk.post("/v1/customers", ["customers": chain("N", above: .null)]).json["customers"]?.array ?? []
        #expect(saved.compactMap { $0["outcome"]?.text } == Array(repeating: "created", count: 20))
        let round = await save(customer("N20", parent: "N1"), by: clerk)
        #expect(outcomes(round) == ["N20 refused parent_number"])
        #expect(round.first?["reason"]?.text?.contains("above itself") == true)
        let missing = await clerk.post("/v1/customers", ["customers": chain("M", above: "NONE")]).json["customers"]?.array ?? []
        #expect(missing.compactMap { $0["outcome"]?.text } == Array(repeating: "refused", count: 20))
        #expect(missing.first?["reason"] == "parent_number: customer M2 does not exist: save it before, or along")
    }

    @Test func aFileNamesParentsToo() async throws {
        let server = try await DeskServer.open(.sqlite), clerk = try await Program(server, .clerk)
        let told = await server.send(
            .post, "/v1/customers",
            [("Authorization", "Bearer \(clerk.key)"), ("Content-Type", "text/csv"), ("Idempotency-Key", Secret.token(""))],
            body: "number,name,country,currency,parent\nG,Group,GB,GBP,\nS,Sub,GB,GBP,G\nT,Third,GB,GBP,NONE\n")
        let customers = try JSONReader.read(told.bytes)["customers"]?.array ?? []
        #expect(outcomes(customers) == ["G created ", "S created ", "T refused parent_number"])
        #expect(await parent("S", by: clerk) == "G")
    }
}
