import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What the audit log says of acts: who, what, how it stood before, and that none is missing.
@Suite struct AuditTests {
    private static let document = DeskServer.document

    /// `actor: detail: outcome` of every row of that act, the oldest first.
    private func rows(_ act: String, _ server: DeskServer) async throws -> [String] {
        try await server.database.read { try AuditLog(ID(1), act: act).page(in: $0).rows }.reversed().map {
            "\($0.actor): \($0.detail): \($0.outcome)"
        }
    }

    private func post(_ server: DeskServer, _ path: String, _ key: String, _ body: String) async -> Answer {
        await server.send(
            .post, path, [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json"), ("Idempotency-Key", Secret.token(""))],
            body: body)
    }

    @Test(arguments: Engine.available) func theReasonOfAWriteOffIsNotTakenForASecret(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.collector, "kim"),
            path = "/invoices/\(Self.document)/write-off"
        _ = await kim.post(path, "amount=20.00&code=small_balance&reason=small")
        #expect(
            try await rows("/invoices/{number}/write-off", server) == ["kim: amount=20.00 code=small_balance reason=small: done"])
        // A secret of the second factor stays one.
        let secret = String(repeating: "3f", count: 20)
        _ = await kim.post("/account/factor", "secret=\(secret)&code=123456")
        #expect(try await rows("/account/factor", server) == ["kim: : code_wrong"])
    }

    @Test(arguments: Engine.available) func anApprovalSaysWhatWasApprovedAndForWhom(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.collector, "kim"),
            ann = try await server.person(.approver, "ann")
        let path = "/invoices/\(Self.document)/write-off"
        _ = await kim.post(path, "amount=80.00&code=uncollectable&reason=gone")
        let request = try await server.count("SELECT id FROM approval WHERE entity_id = 1")
        _ = await ann.post("/approvals/\(request)/decide", "decision=approve")
        #expect(
            try await rows("/approvals/{id}/decide", server) == [
                "ann: decision=approve act=\(path) request=Write-off of 80.00 GBP of \(Self.document), Uncollectable asked_by=kim: done"
            ])
        let auditor = try await server.person(.auditor, "aud"), page = await auditor.get("/audit?actor=ann").body
        #expect(page.contains("Act: Write off a part of \(Self.document)") && page.contains("Asked by: kim"))
        #expect(page.contains("Decide a request"))
    }

    /// What is refused after all was not approved: it still waits, and nothing else happened.
    @Test(arguments: Engine.available) func anApprovalAndItsActAreOne(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.collector, "kim"),
            ann = try await server.person(.approver, "ann")
        let path = "/invoices/\(Self.document)"
        _ = await kim.post("\(path)/write-off", "amount=500.00&code=uncollectable&reason=gone")
        _ = await kim.post("\(path)/slices", "kind=dispute&amount=200.00&reason=broken")
        let request = try await server.count("SELECT id FROM approval WHERE entity_id = 1")
        _ = await ann.post("/approvals/\(request)/decide", "decision=approve")
        #expect(try await server.count("SELECT count(*) FROM approval WHERE entity_id = 1 AND state = 'waiting'") == 1)
        #expect(try await rows("/approvals/{id}/decide", server).map { $0.hasSuffix(": amount_above_free") } == [true])
        let slice = try await server.count("SELECT id FROM slice WHERE entity_id = 1")
        _ = await kim.post("/slices/\(slice)/release", "reason=cleared")
        _ = await ann.post("/approvals/\(request)/decide", "decision=approve")
        #expect(try await server.count("SELECT count(*) FROM approval WHERE entity_id = 1 AND state = 'approved'") == 1)
        #expect(try await server.count("SELECT open_minor FROM open_item WHERE entity_id = 1 AND number = \(Self.document)") == 100_00)
    }

    /// The row is written in the act's own transaction: where it cannot be, nothing is done.
    @Test func withoutItsRowAnActDoesNotHappen() async throws {
        let server = try await DeskServer.owed(.sqlite), kim = try await server.person(.collector, "kim")
        try await server.write { tx, _ in
            try tx.run("CREATE TRIGGER no_row BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'no room'); END")
        }
        let answer = await kim.post("/invoices/\(Self.document)/write-off", "amount=20.00&code=small_balance&reason=small")
        #expect(answer.status.code >= 500)
        #expect(try await server.count("SELECT open_minor FROM open_item WHERE entity_id = 1 AND number = \(Self.document)") == 600_00)
        #expect(try await server.count("SELECT count(*) FROM allocation WHERE entity_id = 1") == 0)
    }

    @Test(arguments: Engine.available) func aChangeSaysHowItStoodBefore(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), ann = try await server.person(.administrator, "ann"),
            key = try await server.key(.administrator)
        _ = try await server.person(.clerk, "ben")
        let ben = try await server.count("SELECT id FROM person WHERE entity_id = 1 AND name = 'ben'")
        _ = await ann.post("/users/role", "person=\(ben)&role=collector")
        #expect(try await rows("/users/role", server) == ["ann: person=\(ben) role=collector before=clerk: done"])
        let id = try await server.count("SELECT id FROM api_key WHERE entity_id = 1")
        for (number, code) in [("C1", "price"), ("C1", "damage")] {
            _ = await ann.post("/collections/codes", "customer=\(number)&customer_code=K7&code=\(code)")
        }
        #expect(try await rows("/collections/codes", server).last?.contains("code=damage before=price") == true)
        let body =
            "{\"customers\":[{\"number\":\"C1\",\"name\":\"Meyer & Co\",\"email\":\"ap@meyer.example\",\"country\":\"GB\",\"currency\":\"GBP\"}]}"
        #expect(await post(server, "/v1/customers", key, body).status == .ok)
        let saved = try #require(try await rows("POST /v1/customers", server).first)
        #expect(saved.contains("before [{\"number\":\"C1\",\"name\":\"Meyer\"}] after ") && saved.contains("Meyer & Co"))
        _ = await ann.post("/users/keys/revoke", "key=\(id)")
        #expect(try await rows("/users/keys/revoke", server) == ["ann: key=\(id) before=administrator, administrator: done"])
    }

    @Test(arguments: Engine.available) func theDoorIsNotedAndALockOnce(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.clerk, "kim")
        #expect(try await rows("/welcome", server) == ["kim: : done"])
        let before = SignIn.accountTries - 2
        try await server.write { tx, _ in try tx.run("UPDATE person SET failures = \(before) WHERE entity_id = 1 AND name = 'kim'") }
        for _ in 0..<5 { _ = await server.send(.post, "/sign-in", body: "email=kim@example.com&password=wrong") }
        #expect(try await rows("/sign-in", server) == ["kim: : done", "kim: : sign_in_locked"])
        #expect(await kim.post("/sign-out").header(.location) == "/sign-in")
        #expect(try await rows("/sign-out", server) == ["kim: : done"])
    }

    @Test(arguments: Engine.available) func aProgramsRunIsNotedWithItsEnd(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), key = try await server.key(.controller)
        #expect(await post(server, "/v1/runs/billing", key, "{}").status == .ok)
        #expect(try await rows("POST /v1/runs/billing", server) == ["key controller: {}: begun", "key controller: {}: done"])
        let taken = await server.send(
            .post, "/v1/open-items",
            [("Authorization", "Bearer \(key)"), ("Content-Type", "text/plain"), ("Idempotency-Key", Secret.token(""))], body: "number\n")
        #expect(taken.status == .ok)
        let noted = try await rows("POST /v1/open-items", server)
        #expect(noted.count == 2 && noted.allSatisfy { $0.contains("\"bytes\":7") && $0.contains("\"sha256\":") })
    }

    @Test(arguments: Engine.available) func everyActIsFoundPageByPage(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), kim = try await server.person(.collector, "kim"),
            key = try await server.key(.auditor)
        for day in 0..<60 { _ = await kim.post("/slices/\(day)/release", "reason=r") }
        func page(_ query: String) async throws -> JSON {
            let answer = await server.send(.get, "/v1/audit?\(query)", [("Authorization", "Bearer \(key)")])
            return try JSONReader.read(answer.bytes)
        }
        var found: [String] = [], after = ""
        repeat {
            let json = try await page("actor=kim&act=%2Fslices%2F%7Bid%7D%2Frelease&limit=25\(after)")
            found += json["rows"]?.array?.compactMap { $0["act"]?.text } ?? []
            after = json["next"]?.text.map { "&after=\($0)" } ?? ""
        } while !after.isEmpty && found.count < 100
        #expect(found == (0..<60).reversed().map { "/slices/\($0)/release" })
        #expect(try await page("actor=nobody")["rows"] == .array([]))
        #expect(try await page("as_of=2026-01-01")["rows"] == .array([]))
        let auditor = try await server.person(.auditor, "aud"), first = await auditor.get("/audit?act=%2Fslices%2F%7Bid%7D%2Frelease").body
        #expect(first.contains("rel=\"next\"") && first.contains("End what stands apart"))
        #expect(await kim.get("/audit").status == .forbidden)
        #expect(await auditor.get("/audit?format=csv").type.hasPrefix("text/csv"))
    }
}
