import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What a program gets that repeats a request of several transactions.
@Suite struct RepeatTests {
    private static let once = "the-same-key-again"
    /// SHA-256 of `{}`.
    private static let digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

    private func post(_ server: DeskServer, _ path: String, _ key: String) async -> Answer {
        await server.send(
            .post, path, [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json"), ("Idempotency-Key", Self.once)],
            body: "{}")
    }

    private func code(_ answer: Answer) -> JSON? { (try? JSONReader.read(answer.bytes))?["code"] }

    private func begin(_ path: String, _ server: DeskServer) async throws -> (key: IdempotencyKey, at: Instant) {
        let key = IdempotencyKey(server.entity, route: "POST \(path)", key: Self.once, bodyDigest: Self.digest)
        let (known, now) = try await server.write { (try key.begin(in: $0, at: $1), $1) }
        #expect(known == nil)
        return (key, now)
    }

    @Test(arguments: Engine.available) func aRunThatDiedIsDoneAgainOnceItsKeyIsFree(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), key = try await server.key(.controller), path = "/v1/runs/billing"
        _ = try await begin(path, server)
        let busy = await post(server, path, key)
        #expect(busy.status == .conflict && code(busy) == "idempotency_key_running")
        let wait = try #require(busy.header(.retryAfter).flatMap { Int($0) })
        #expect((20...30).contains(wait))
        server.clock.advance(minutes: 1)
        let done = await post(server, path, key)
        #expect(done.status == .ok)
        #expect(await post(server, path, key).bytes == done.bytes)
        #expect(try await server.count("SELECT count(*) FROM hand_run WHERE entity_id = 1") == 1)
    }

    /// What a body says does not go by the order of its members or by its white space.
    @Test(arguments: Engine.available) func theSameMembersInAnotherOrderAreTheSameBody(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), key = try await server.key(.clerk)
        func take(_ body: String) async -> Answer {
            await server.send(
                .post, "/v1/customers",
                [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json"), ("Idempotency-Key", Self.once)], body: body)
        }
        let limit = #""credit_limit":{"minor":500,"currency":"GBP"}"#
        let first = await take(#"{"customers":[{"number":"C1","name":"Meyer","country":"GB",\#(limit),"currency":"GBP"}]}"#)
        #expect(first.status == .ok)
        let turned = #"{ "customers": [{"currency":"GBP","credit_limit":{"currency":"GBP","minor":5e0},"number":"C1"}]}"#
        #expect(await take(turned).status == .badRequest, "no body of that shape")
        let again = #"""
            {"customers": [ {"currency": "GBP", "credit_limit": {"currency": "GBP", "minor": 500},
              "country": "GB", "name": "Meyer", "number": "C1"} ] }
            """#
        #expect(await take(again).bytes == first.bytes)
        #expect(await take(again.replacing("500", with: "501")).status.code == 422)
    }

    /// A key is the legal entity's: who changes the key of the API in between gets the first answer too.
    @Test(arguments: Engine.available) func anotherKeyOfTheEntityGetsTheFirstAnswer(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), path = "/v1/runs/billing"
        let first = await post(server, path, try await server.key(.controller)), other = try await server.key(.administrator)
        #expect(first.status == .ok)
        #expect(await post(server, path, other).bytes == first.bytes)
        #expect(try await server.count("SELECT count(*) FROM hand_run WHERE entity_id = 1") == 1)
    }

    @Test func aFaultGivesTheKeyBack() async throws {
        let server = try await DeskServer.open(.sqlite), key = try await server.key(.controller), path = "/v1/runs/billing"
        try await server.write { tx, _ in try tx.run("ALTER TABLE hand_run RENAME TO gone") }
        #expect(await post(server, path, key).status == .internalServerError)
        try await server.write { tx, _ in try tx.run("ALTER TABLE gone RENAME TO hand_run") }
        #expect(await post(server, path, key).status == .ok)
        let outcomes = try await server.database.read {
            try $0.rows("SELECT outcome FROM audit_entry WHERE entity_id = 1 AND act = 'POST /v1/runs/billing' ORDER BY id") { $0.text(0) }
        }
        #expect(outcomes == ["begun", "fault", "begun", "done"])
    }

    /// The server dies behind the decision: its answer stands already.
    @Test(arguments: Engine.available, ["approve", "decline"]) func aDecisionKeepsItsAnswer(engine: Engine, word: String) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.collector, "kim")
        let token = try await server.key(.approver)
        _ = await kim.post("/invoices/\(DeskServer.document)/write-off", "amount=80.00&code=uncollectable&reason=gone")
        let request = try await server.count("SELECT id FROM approval WHERE entity_id = 1 AND state = 'waiting'")
        let id = PrefixedID.text("apr", request), path = "/v1/approvals/\(id)/\(word)", books = server.responder.books
        let endpoint = try #require(Endpoint.all.first { $0.path == "/v1/approvals/{id}/\(word)" })
        guard case .run(let run) = endpoint.effect else { return #expect(Bool(false), "it is decided in a run") }
        let actor = try #require(try await server.database.read { try Identify(server.entity).key(token, in: $0) })
        let asked = APIQuestion(
            entity: server.entity, actor: actor, today: books.today, path: ["id": id], query: [:], body: .object([]), terms: books.terms,
            memory: DeskMemory())
        let (key, begun) = try await begin(path, server)
        let told = try await run(
            asked,
            books.keeping { json, tx, now in
                let answer = IdempotencyKey.Answer(status: 200, body: String(decoding: json.bytes, as: UTF8.self))
                try key.finish(answer, since: begun, in: tx, at: now)
            })
        let again = await post(server, path, token)
        #expect(again.status == .ok && again.bytes == told.bytes && told["decided_by"] == "key approver")
        #expect(
            try await server.count("SELECT open_minor FROM open_item WHERE entity_id = 1 AND amount_minor > 0")
                == (word == "approve" ? 520_00 : 600_00))
    }
}
