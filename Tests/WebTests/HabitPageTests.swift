import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// A habit is seen on the customer's page and in the API, with what proves it, and taken away there.
@Suite struct HabitPageTests {
    private func server(_ engine: Engine) async throws -> DeskServer {
        let server = try await DeskServer.open(engine), entity = server.entity
        let customer = CustomerProfile(number: "C1", name: "Meyer", country: "GB", currency: .gbp)
        try await server.write { tx, now in
            _ = try SaveCustomers(entity, [customer]).run(in: tx, at: now)
            var books = try Books(lock: entity, at: now, in: tx)
            let id = try #require(try customerIDs(entity, numbers: ["C1"], in: tx)["C1"])
            for at in 0..<36 {
                let event: ID<CashHabit> = books.newID()
                books.append(.habitEvent) { batch in
                    batch.append(event.value)
                    batch.append(id.value)
                    batch.append("rounds")
                    batch.append(at == 7 ? "contradicted" : "confirmed")
                    batch.appendNull()
                    batch.append("2026-02-01")
                    batch.appendNull()
                    batch.appendNull()
                }
            }
            try books.close(in: tx)
        }
        return server
    }

    @Test(arguments: Engine.available) func aHabitIsShownAndTakenAwayOnTheDesk(engine: Engine) async throws {
        let server = try await server(engine), clerk = try await server.person(.clerk), viewer = try await server.person(.viewer)
        let page = await clerk.get("/customers/C1").body
        #expect(page.contains("rounds") && page.contains("35 of 36 times") && page.contains("85.8 %") && page.contains("Proposes"))
        #expect(await !viewer.get("/customers/C1").body.contains("habits/revoke"))
        #expect(await viewer.post("/customers/C1/habits/revoke", "habit=rounds&reason=no").status == .forbidden)
        #expect(await clerk.post("/customers/C1/habits/revoke", "habit=rounds&reason=new+owner").header(.location) == "/customers/C1")
        let after = await clerk.get("/customers/C1").body
        #expect(after.contains("Taken away") && !after.contains("habits/revoke"))
        let why = try await server.database.read {
            try $0.rows("SELECT role, reason FROM habit_event WHERE entity_id = 1 AND outcome = 'revoked'") {
                "\($0.text(0)): \($0.text(1))"
            }
        }
        #expect(why == ["clerk clerk: new owner"])
    }

    @Test(arguments: Engine.available) func aHabitIsReadAndTakenAwayByTheAPI(engine: Engine) async throws {
        let server = try await server(engine), key = try await server.key(.clerk)
        let fields = [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json")]
        let read = await server.send(.get, "/v1/customers/C1/habits", fields).body
        #expect(read.contains("\"confirmations\":35,\"contradictions\":1") && read.contains("\"posts\":false"), "\(read)")
        #expect(await server.send(.get, "/v1/customers/C9/habits", fields).status == .notFound)
        let revoke = await server.send(
            .post, "/v1/customers/C1/habits/revoke", fields + [("Idempotency-Key", "first-habit-taken-away")],
            body: #"{"habit":"rounds","reason":"new owner"}"#
        )
        #expect(revoke.status == .ok && revoke.body.contains("\"revoked_on\":\"2026-"), "\(revoke.body)")
        let again = await server.send(
            .post, "/v1/customers/C1/habits/revoke", fields + [("Idempotency-Key", "second-habit-taken-away")],
            body: #"{"habit":"rounds","reason":"x"}"#)
        #expect(again.status == .notFound, "\(again.body)")
    }
}
