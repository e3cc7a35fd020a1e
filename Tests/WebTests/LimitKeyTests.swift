import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What a limit holds no clerk's key lets through.
@Suite struct LimitKeyTests {
    private func customer(_ number: String, _ limit: JSON?) -> JSON {
        let members: [JSON.Member] = [
            .init("number", .text(number)), .init("name", "Meyer"), .init("country", "GB"), .init("currency", "GBP"),
        ]
        return .object(members + (limit.map { [.init("credit_limit", $0)] } ?? []))
    }

    private func save(_ customers: JSON..., by program: Program) async -> [JSON] {
        await program.post("/v1/customers", ["customers": .array(customers)]).json["customers"]?.array ?? []
    }

    private func place(_ number: String, by program: Program) async -> JSON? {
        await program.post("/v1/orders", ["orders": .array([order(number)])]).json["orders"]?.array?.first?["outcome"]
    }

    private func opened(_ engine: Engine) async throws -> (server: DeskServer, clerk: Program) {
        let server = try await DeskServer.open(engine), clerk = try await Program(server, .clerk)
        #expect(await save(customer("C1", ["minor": 100, "currency": "GBP"]), by: clerk).first?["outcome"] == "created")
        return (server, clerk)
    }

    @Test(arguments: Engine.available) func aClerksKeyClearsNoLimit(engine: Engine) async throws {
        let (server, clerk) = try await opened(engine)
        #expect(await place("SO-1", by: clerk) == "held")
        let saved = await save(customer("C1", .null), customer("C2", nil), by: clerk)
        #expect(saved.compactMap { $0["outcome"]?.text } == ["refused", "created"])
        #expect(saved.first?["field"] == "credit_limit" && saved.first?["code"] == "limit_needs_approver")
        #expect(saved.first?["reason"]?.text?.contains("is 1.00 GBP: only the roles approver, controller, administrator") == true)
        #expect(await place("SO-2", by: clerk) == "held")
        #expect(await save(customer("C1", ["minor": 50, "currency": "GBP"]), by: clerk).first?["outcome"] == "changed")
        #expect(try await save(customer("C1", .null), by: Program(server, .approver)).first?["outcome"] == "changed")
        #expect(await place("SO-3", by: clerk) == "placed")
    }

    @Test(arguments: Engine.available) func norByAFileOrTheWholeTerms(engine: Engine) async throws {
        let (server, clerk) = try await opened(engine), bearer = ("Authorization", "Bearer \(clerk.key)")
        let lines = await server.send(
            .post, "/v1/customers", [bearer, ("Content-Type", "text/csv"), ("Idempotency-Key", Secret.token(""))],
            body: "number,name,country,currency,credit_limit\nC1,Meyer,GB,GBP,\n")
        let told = try JSONReader.read(lines.bytes)["customers"]?.array?.first
        #expect(told?["outcome"] == "refused" && told?["code"] == "limit_needs_approver" && told?["line"] == 2)
        let path = "/v1/customers/C1/terms", tag = try #require(await server.send(.get, path, [bearer]).header(.eTag))
        let put = await server.send(
            .put, path, [bearer, ("Content-Type", "application/json"), ("If-Match", tag)],
            body: String(decoding: customer("C1", nil).bytes, as: UTF8.self))
        #expect(put.status == .forbidden && put.body.contains("limit_needs_approver"))
        #expect(try await server.count("SELECT credit_limit_minor FROM customer WHERE entity_id = 1 AND number = 'C1'") == 100)
    }

    /// A file that is taken in steps goes by the role of who sends it.
    @Test func anImportKnowsTheRoleOfTheKey() async throws {
        let server = try await DeskServer.open(.sqlite), key = try await server.key(.clerk)
        let taken = await server.send(
            .post, "/v1/imports/customers",
            [("Authorization", "Bearer \(key)"), ("Content-Type", "text/csv"), ("Idempotency-Key", Secret.token(""))], body: "number\n")
        #expect(taken.status == .ok && taken.body.contains("\"clerk\""))
    }
}
