import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Which right each endpoint needs, said a second time: an endpoint that is missing here, or that is here and not there, fails the test.
private let expected: [String: Role.Right] = [
    "GET /v1/customers": .read, "GET /v1/customers/{number}": .read, "GET /v1/customers/{number}/terms": .read,
    "GET /v1/customers/{number}/statement": .read, "GET /v1/customers/{number}/habits": .read,
    "POST /v1/customers/{number}/habits/revoke": .work, "GET /v1/customers/{number}/identities": .read,
    "POST /v1/customers/{number}/identities": .work, "POST /v1/customers/{number}/identities/revoke": .work,
    "POST /v1/customers": .work, "PUT /v1/customers/{number}/terms": .work, "GET /v1/orders": .read, "GET /v1/orders/{id}": .read,
    "POST /v1/orders": .work,
    "POST /v1/orders/{id}/release": .approve, "POST /v1/orders/{id}/cancel": .work, "POST /v1/orders/release": .approve,
    "POST /v1/orders/cancel": .work, "GET /v1/invoices": .read,
    "GET /v1/invoices/{number}": .read,
    "GET /v1/slices": .read, "GET /v1/invoices/{number}/slices": .read, "POST /v1/invoices/{number}/slices": .collect,
    "POST /v1/invoices/{number}/plan": .collect, "POST /v1/slices/{id}/release": .collect, "POST /v1/invoices/{number}/write-off": .collect,
    "POST /v1/invoices/{number}/write-off/reverse": .collect, "GET /v1/deduction-codes": .read, "POST /v1/deduction-codes": .collect,
    "GET /v1/receipts": .read, "GET /v1/receipts/{id}": .read, "GET /v1/receipts/{id}/certificates": .read, "GET /v1/cash-queue": .read,
    "POST /v1/receipts": .work,
    "POST /v1/statements": .work, "POST /v1/remittances": .work, "POST /v1/open-items": .control, "POST /v1/receipts/{id}/apply": .work,
    "GET /v1/remittances": .read, "GET /v1/remittances/{id}": .read, "GET /v1/open-items": .read, "GET /v1/open-items/{id}": .read,
    "POST /v1/receipts/{id}/unapply": .work,
    "POST /v1/receipts/{id}/apply-from-account": .work,
    "POST /v1/receipts/{id}/ask": .work, "POST /v1/receipts/{id}/set-aside": .work,
    "GET /v1/reports/aging": .read, "GET /v1/reports/cash-rules": .read,
    "GET /v1/reports/trial-balance": .read, "GET /v1/reports/key-figures": .read, "GET /v1/reports/open-items": .read,
    "GET /v1/journal": .read, "GET /v1/journal/{id}": .read, "GET /v1/slices/{id}": .read, "GET /v1/users/{id}": .administer,
    "GET /v1/keys/{id}": .administer, "GET /v1/periods": .read, "POST /v1/periods": .control,
    "GET /v1/proof": .read, "GET /v1/runs": .read, "GET /v1/runs/{id}": .read,
    "POST /v1/runs/day": .control, "POST /v1/runs/billing": .control,
    "POST /v1/runs/cash": .control, "POST /v1/runs/dunning": .control, "POST /v1/checks": .read,
    "GET /v1/events": .read, "GET /v1/audit": .audit,
    "GET /v1/webhooks": .read, "GET /v1/webhooks/{id}": .read, "POST /v1/webhooks": .administer,
    "POST /v1/webhooks/{id}/replay": .administer,
    "POST /v1/webhooks/{id}/remove": .administer,
    "GET /v1/collections": .read, "GET /v1/customers/{number}/messages": .read, "POST /v1/customers/{number}/statement/send": .collect,
    "GET /v1/messages": .read, "GET /v1/messages/{id}": .read, "POST /v1/messages/{id}/send-again": .collect,
    "POST /v1/messages/{id}/settle": .collect,
    "GET /v1/orders/{id}/lines": .read, "GET /v1/orders/{id}/events": .read, "GET /v1/invoices/{number}/heading": .read,
    "GET /v1/invoices/{number}/lines": .read, "GET /v1/invoices/{number}/settlements": .read,
    "GET /v1/invoices/{number}/open-items": .read, "GET /v1/invoices/{number}/notices": .read, "GET /v1/receipts/{id}/payment": .read,
    "GET /v1/receipts/{id}/candidates": .read, "GET /v1/receipts/{id}/settlements": .read, "GET /v1/receipts/{id}/applications": .read,
    "GET /v1/receipts/{id}/inquiries": .read, "GET /v1/statements": .read, "GET /v1/statements/{id}": .read,
    "GET /v1/statements/{id}/entries": .read, "POST /v1/imports/orders": .work, "POST /v1/imports/customers": .work,
    "GET /v1/search": .read, "GET /v1/today": .read, "GET /v1/figures": .read, "GET /v1/seals": .read, "GET /v1/approvals": .read,
    "GET /v1/approvals/{id}": .read, "POST /v1/approvals/{id}/approve": .approve, "POST /v1/approvals/{id}/decline": .approve,
    "GET /v1/entity": .read, "GET /v1/users": .administer, "POST /v1/users/{id}/role": .administer,
    "POST /v1/users/{id}/shut": .administer, "GET /v1/keys": .administer, "POST /v1/keys/{id}/revoke": .administer,
]

private let rights: [Role: Set<Role.Right>] = [
    .viewer: [.read], .auditor: [.read, .audit], .clerk: [.read, .work], .collector: [.read, .collect],
    .approver: [.read, .work, .collect, .approve],
    .controller: [.read, .work, .collect, .approve, .control, .audit],
    .administrator: [.read, .work, .collect, .approve, .control, .administer, .audit],
]

@Suite struct APIMatrixTests {
    @Test func everyEndpointIsInTheMatrix() {
        #expect(Set(Endpoint.all.map { "\($0.method) \($0.path)" }) == Set(expected.keys))
        for endpoint in Endpoint.all {
            #expect(endpoint.right == expected["\(endpoint.method) \(endpoint.path)"], "\(endpoint.method) \(endpoint.path)")
        }
    }

    /// Every endpoint × every role, a stranger and a forged key.
    @Test func onlyWhoHasTheRightComesIn() async throws {
        try await LiveServer.run(.sqlite) { server in
            for endpoint in Endpoint.all {
                let path = endpoint.path.replacing("{id}", with: PrefixedID.text(endpoint.idPrefix ?? "x", 999)).replacing(
                    "{number}", with: "NONE")
                let body: JSON? = endpoint.method == "GET" ? nil : .object([]), name = "\(endpoint.method) \(endpoint.path)"
                #expect(try await server.send(endpoint.method, path, as: nil, body).status == 401, "\(name) without a key")
                #expect(
                    try await server.send(endpoint.method, path, as: nil, key: server.foreignKey.replacing("key_2_", with: "key_1_"), body)
                        .status
                        == 401, "\(name) with a key of other books that says it is of these")
                for role in Role.allCases {
                    let reply = try await server.send(endpoint.method, path, as: role, body)
                    let may = rights[role]?.contains(endpoint.right) == true
                    #expect((reply.status == 403) != may && reply.status < 500, "\(name) as \(role): \(reply.status) \(reply.body)")
                }
            }
        }
    }

    /// Every scope, said a second time, with the endpoints it opens.
    @Test func everyEndpointHasItsScope() {
        let nouns = [
            "approvals", "audit", "customers", "entity", "events", "invoices", "orders", "people", "receipts", "reports", "runs", "search",
            "webhooks",
        ]
        #expect(Set(Endpoint.scopes.compactMap { $0.split(separator: ":").first.map(String.init) }) == Set(nouns))
        for (name, scope) in [
            ("GET /v1/customers", "customers:read"), ("PUT /v1/customers/{number}/terms", "customers:write"),
            ("POST /v1/orders", "orders:write"),
            ("POST /v1/orders/{id}/release", "orders:write"), ("GET /v1/cash-queue", "receipts:read"),
            ("POST /v1/statements", "receipts:write"), ("POST /v1/remittances", "receipts:write"),
            ("POST /v1/open-items", "invoices:write"), ("GET /v1/open-items", "invoices:read"),
            ("GET /v1/open-items/{id}", "invoices:read"), ("GET /v1/remittances", "receipts:read"),
            ("GET /v1/remittances/{id}", "receipts:read"),
            ("GET /v1/journal", "reports:read"), ("POST /v1/checks", "reports:read"), ("GET /v1/proof", "reports:read"),
            ("GET /v1/reports/aging", "reports:read"),
            ("POST /v1/imports/orders", "orders:write"), ("GET /v1/statements/{id}/entries", "receipts:read"),
            ("GET /v1/users", "people:read"), ("POST /v1/keys/{id}/revoke", "people:write"),
            ("POST /v1/approvals/{id}/approve", "approvals:write"), ("GET /v1/collections", "customers:read"),
            ("GET /v1/today", "reports:read"), ("POST /v1/runs/cash", "runs:write"), ("POST /v1/webhooks", "webhooks:write"),
            ("GET /v1/audit", "audit:read"), ("POST /v1/messages/{id}/settle", "customers:write"),
        ] { #expect(Endpoint.all.first { "\($0.method) \($0.path)" == name }?.scope == scope, "\(name)") }
    }

    /// Every endpoint × every scope: a key that is held to one does what it names, within its role, and nothing else.
    @Test func aKeyDoesWhatItsScopesName() async throws {
        let server = try await DeskServer.open(.sqlite)
        for scope in Endpoint.scopes {
            let key = try await server.key(.administrator, scopes: [scope])
            for endpoint in Endpoint.all {
                let answer = await server.call(endpoint, key), isOpen = endpoint.scope == scope
                #expect((answer.status == .forbidden) == !isOpen, "\(endpoint.method) \(endpoint.path) with \(scope): \(answer.status)")
                if !isOpen { #expect(answer.body.contains("scope_missing")) }
            }
        }
        let narrow = try await server.key(.viewer, scopes: ["orders:write"])
        let place = try #require(Endpoint.all.first { $0.method == "POST" && $0.path == "/v1/orders" })
        #expect(await server.call(place, narrow).body.contains("right_missing"), "a scope gives no right that the role has not")
    }

    /// Every endpoint about a thing that exists, with an administrator's key of other books: it is not there.
    @Test func thingsOfOtherBooksAreNotThere() async throws {
        let server = try await DeskServer.open(.sqlite), other = DeskServer(server.database, ID(2))
        try await other.create()
        // An id holds its instant: at the same one both books would give the same.
        other.clock.advance(minutes: 1)
        let own = try await server.key(.administrator), foreign = try await other.key(.administrator)
        let ids = try await server.things()
        for endpoint in Endpoint.all where endpoint.path.contains("{") {
            let name = "\(endpoint.method) \(endpoint.path)"
            let path = endpoint.path.replacing("{number}", with: endpoint.path.contains("invoices") ? ids["invoice"] ?? "" : "C-OWN")
                .replacing(
                    "{id}", with: ids[endpoint.idPrefix ?? ""] ?? "")
            // The books next door are tried first: what they change would be seen by the owner.
            #expect(await server.call(endpoint, foreign, path).status == .notFound, "\(name) \(path) of other books")
            if endpoint.method == "GET" { #expect(await server.call(endpoint, own, path).status == .ok, "\(name) \(path)") }
        }
        for endpoint in Endpoint.all where endpoint.method == "GET" && !endpoint.path.contains("{") {
            let answer = await server.call(endpoint, foreign)
            #expect(answer.status == .ok && !answer.body.contains("C-OWN") && !answer.body.contains("Owned Ltd"), "\(endpoint.path)")
        }
        #expect(await server.send(.get, "/v1/customers", [("Authorization", "Bearer \(own)")]).body.contains("C-OWN"))
    }
}

extension DeskServer {
    /// A request to an endpoint with a body that has its shape, as far as one of a shape can do without things.
    func call(_ endpoint: Endpoint, _ key: String, _ path: String? = nil) async -> Answer {
        let body: String =
            switch endpoint.path {
            case let path where ["/release", "/cancel", "/unapply", "/set-aside", "/reverse", "/settle"].contains(where: path.hasSuffix):
                "{\"reason\":\"none\"}"
            case let path where path.hasSuffix("/slices"): "{\"kind\":\"dispute\",\"reason\":\"none\"}"
            case let path where path.hasSuffix("/plan"):
                "{\"instalments\":[{\"amount\":{\"minor\":1,\"currency\":\"GBP\"},\"due_on\":\"2099-01-01\"}],\"reason\":\"none\"}"
            case let path where path.hasSuffix("/write-off"): "{\"reason_code\":\"price\",\"reason\":\"none\"}"
            case let path where path.hasSuffix("/ask"): "{\"customer_number\":\"C-OWN\",\"question\":\"none\",\"answer_by\":\"2026-02-28\"}"
            case let path where path.hasSuffix("/identities"): "{\"kind\":\"mandate\",\"value\":\"M-1\"}"
            case let path where path.hasSuffix("/identities/revoke"): "{\"kind\":\"mandate\",\"value\":\"M-1\",\"reason\":\"none\"}"
            case let path where path.hasSuffix("/role"): "{\"role\":\"viewer\"}"
            case let path where path.hasSuffix("/habits/revoke"): "{\"habit\":\"rounds\",\"reason\":\"none\"}"
            case let path where path.hasSuffix("/apply-from-account"): "{\"reason\":\"none\",\"lines\":[]}"
            case let path where path.hasSuffix("/apply"): "{\"customer_number\":\"C-OWN\",\"reason\":\"none\",\"lines\":[]}"
            case let path where path.hasSuffix("/replay"): "{\"since\":0}"
            case let path where path.hasSuffix("/terms"):
                "{\"number\":\"C-OWN\",\"name\":\"Owned Ltd\",\"country\":\"GB\",\"currency\":\"GBP\"}"
            default: "{}"
            }
        return await send(
            HTTPRequest.Method(rawValue: endpoint.method) ?? .get, path ?? endpoint.path.replacing("{", with: "").replacing("}", with: ""),
            [
                ("Authorization", "Bearer \(key)"), ("Content-Type", endpoint.takesFile ? Endpoint.fileTypes[0] : "application/json"),
                (
                    endpoint.method == "PUT" ? "If-Match" : "Idempotency-Key",
                    endpoint.method == "PUT" ? "\"000000000000000000000000\"" : Secret.token("")
                ),
            ], body: endpoint.method == "GET" ? "" : body)
    }

    /// One thing of each kind; their ids by prefix.
    func things() async throws -> [String: String] {
        let today = Day(number: Int(Self.opening / 86_400_000_000)), entity = entity
        let customer = CustomerProfile(number: "C-OWN", name: "Owned Ltd", email: "ap@owned.example", country: "GB", currency: .gbp)
        let order = webOrder("SO-OWN", "C-OWN", on: today)
        let receipt = ReceiptIntake(
            method: "card", externalID: "R-OWN", bookedOn: today, amount: Money(minor: 100, .gbp), payerName: nil, payerIBAN: nil,
            endToEndID: nil, remittance: "")
        let hook = try await write { tx, now in
            _ = try SaveCustomers(entity, [customer]).run(in: tx, at: now)
            _ = try PlaceOrders(entity, [order]).run(in: tx, at: now)
            _ = try BillOrders(entity, .sale, on: today).run(in: tx, at: now)
            _ = try RecordReceipts(entity, [receipt], on: today).run(in: tx, at: now)
            _ = try OpenSlice(entity, document: "INV-\(today.parts.year)-000001", .dispute, reason: "own", role: "clerk", on: today).run(
                in: tx, at: now)
            _ = try SendStatement(ReportMoment(entity, asOf: today), customerNumber: "C-OWN", on: today).run(in: tx, at: now)
            return try RegisterWebhook(entity, url: "https://shop.example.com/florin", secret: "whs_1").run(in: tx, at: now)
        }
        let others = try await otherThings(on: today)
        let own = try await database.read { tx in
            [
                "ord": PrefixedID.text(
                    "ord", try tx.first("SELECT id FROM sales_order WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0),
                "rcp": PrefixedID.text("rcp", try tx.first("SELECT id FROM receipt WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0),
                "slc": PrefixedID.text("slc", try tx.first("SELECT id FROM slice WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0),
                "msg": PrefixedID.text("msg", try tx.first("SELECT id FROM outbox WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0),
                "whk": PrefixedID.text("whk", hook.value),
                "itm": PrefixedID.text("itm", try tx.first("SELECT id FROM open_item WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0),
                "jrn": PrefixedID.text(
                    "jrn", try tx.first("SELECT id FROM journal_entry WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0),
                "invoice": try tx.first("SELECT number FROM invoice WHERE entity_id = \(entity)") { $0.text(0) } ?? "",
            ]
        }
        return own.merging(others) { first, _ in first }
    }

    /// A run, a bank statement, an advice, a person, a key and what waits for a second person.
    private func otherThings(on day: Day) async throws -> [String: String] {
        let entity = entity,
            header = StatementHeader(format: "camt.053.001.08", id: "S1", account: "GB33BUKB20201555555555", currency: .gbp)
        let summary = ImportStatement.Summary(
            header: header, fileDigest: "S1", currency: .gbp, opening: nil, closing: nil, findings: [Finding("page 2 is missing")],
            throughOn: day)
        var advice = RemittanceAdvice(format: "CSV", currency: .gbp)
        advice.lines = [RemittanceAdvice.Line(Cited("INV-OWN", Citation(line: 2, columns: 1..<8)))]
        let told = advice
        _ = try await person(.collector, "own")
        let person = try await count("SELECT id FROM person WHERE entity_id = \(entity)")
        let run = try await write { tx, now in
            _ = try ImportStatement(entity, summary, []).run(in: tx, at: now)
            _ = try ImportRemittance(entity, fileDigest: "A1", reader: "csv", version: 1, [told]).run(in: tx, at: now)
            try AskApproval(
                entity, Actor(id: person, name: "own", role: .collector), act: "/invoices/{number}/write-off", fields: "reason=gone",
                why: "Write-off"
            ).run(in: tx, at: now)
            let run = try HandRun.begin(entity, "cash", on: day, by: "own", in: tx, at: now)
            let step = try RunStep.begin(entity, run.id.value, .cash, in: tx, at: now)
            try step.end(.done, "0 receipts applied, 0 wait", in: tx, at: now)
            try run.end(.done, "0 receipts applied, 0 wait", in: tx, at: now)
            return run.id
        }
        return [
            "run": PrefixedID.text("run", run.value), "usr": PrefixedID.text("usr", person),
            "stm": PrefixedID.text("stm", try await count("SELECT id FROM statement WHERE entity_id = \(entity)")),
            "adv": PrefixedID.text("adv", try await count("SELECT id FROM remittance_advice WHERE entity_id = \(entity)")),
            "apr": PrefixedID.text("apr", try await count("SELECT id FROM approval WHERE entity_id = \(entity)")),
            "key": PrefixedID.text("key", try await count("SELECT id FROM api_key WHERE entity_id = \(entity)")),
        ]
    }
}
