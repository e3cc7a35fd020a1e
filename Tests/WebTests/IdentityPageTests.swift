import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// By what a customer is known is seen on its page and in the API, given there and taken away there.
@Suite struct IdentityPageTests {
    private func server(_ engine: Engine) async throws -> DeskServer {
        let server = try await DeskServer.open(engine), entity = server.entity
        let customer = CustomerProfile(
            number: "C1", name: "Meyer", country: "GB", currency: .gbp, ibans: ["DE02120300000000202051"], mandates: ["M-1"])
        try await server.write { tx, now in _ = try SaveCustomers(entity, [customer]).run(in: tx, at: now) }
        return server
    }

    @Test(arguments: Engine.available) func identitiesOnTheDesk(engine: Engine) async throws {
        let server = try await server(engine), clerk = try await server.person(.clerk), viewer = try await server.person(.viewer)
        let page = await clerk.get("/customers/C1").body
        #expect(page.contains("DE02 1203 0000 0000 2020 51") && page.contains("M-1") && page.contains("customer data"))
        #expect(page.contains("action=\"/customers/C1/identities\""))
        #expect(await !viewer.get("/customers/C1").body.contains("action=\"/customers/C1/identities"))
        #expect(await viewer.post("/customers/C1/identities", "kind=mandate&value=M-2").status == .forbidden)
        #expect(await clerk.post("/customers/C1/identities", "kind=mandate&value=m+2%2Fb").header(.location) == "/customers/C1")
        #expect(await clerk.get("/customers/C1").body.contains("M2/B"))
        _ = await clerk.post("/customers/C1/identities", "kind=account&value=BY-THE-CHANNEL")
        #expect(await !clerk.get("/customers/C1").body.contains("BY-THE-CHANNEL"))
        let revoked = await clerk.post("/customers/C1/identities/revoke", "identity=mandate+M-1&reason=account+closed")
        #expect(revoked.header(.location) == "/customers/C1")
        #expect(await clerk.get("/customers/C1").body.contains("Taken away"))
    }

    @Test(arguments: Engine.available) func identitiesInTheAPI(engine: Engine) async throws {
        let server = try await server(engine), key = try await server.key(.clerk)
        let fields = [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json")]
        let read = await server.send(.get, "/v1/customers/C1/identities", fields).body
        #expect(read.contains(#""kind":"mandate","value":"M-1","source":"master","receipt":null"#), "\(read)")
        #expect(await server.send(.get, "/v1/customers/C9/identities", fields).status == .notFound)
        let given = await server.send(
            .post, "/v1/customers/C1/identities", fields + [("Idempotency-Key", "an-account-given")],
            body: #"{"kind":"iban","value":"GB29 NWBK 6016 1331 9268 19"}"#)
        #expect(given.status == .ok && given.body.contains("GB29NWBK60161331926819"), "\(given.body)")
        let again = await server.send(
            .post, "/v1/customers/C1/identities", fields + [("Idempotency-Key", "an-account-given-again")],
            body: #"{"kind":"iban","value":"GB29NWBK60161331926819"}"#)
        #expect(again.status == .conflict && again.body.contains("identity_known"), "\(again.body)")
        let wrong = await server.send(
            .post, "/v1/customers/C1/identities", fields + [("Idempotency-Key", "an-account-mistyped")],
            body: #"{"kind":"iban","value":"GB29 NWBK 6016 1331 9268 18"}"#)
        #expect(wrong.status == .conflict && wrong.body.contains("iban_invalid"), "\(wrong.body)")
        // An account that is no IBAN is an identity, and no part of the terms, which are to be sent back.
        for (at, value) in ["37040044/0532013000", "0"].enumerated() {
            let given = await server.send(
                .post, "/v1/customers/C1/identities", fields + [("Idempotency-Key", "a-number-given-\(at)-times")],
                body: "{\"kind\":\"iban\",\"value\":\"\(value)\"}")
            #expect(at == 0 ? given.status == .ok : given.body.contains("identity_empty"), "\(given.body)")
        }
        let terms = await server.send(.get, "/v1/customers/C1/terms", fields).body
        #expect(terms.contains(#""ibans":["DE02120300000000202051","GB29NWBK60161331926819"],"mandates":["M-1"]"#), "\(terms)")
        for (at, status) in [HTTPResponse.Status.ok, .notFound].enumerated() {
            let revoked = await server.send(
                .post, "/v1/customers/C1/identities/revoke", fields + [("Idempotency-Key", "a-mandate-taken-away-\(at)")],
                body: #"{"kind":"mandate","value":"M-1","reason":"account closed"}"#)
            #expect(revoked.status == status, "\(revoked.body)")
        }
    }
}
