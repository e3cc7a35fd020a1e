import Domain
import Operations
import TestSupport
import Testing

@testable import Web

/// Which right each endpoint needs, said a second time: an endpoint that is missing here, or that is here and not there, fails the test.
private let expected: [String: Role.Right] = [
    "GET /v1/customers": .read, "GET /v1/customers/{number}": .read, "GET /v1/customers/{number}/terms": .read,
    "GET /v1/customers/{number}/statement": .read,
    "POST /v1/customers": .work, "PUT /v1/customers/{number}/terms": .work, "GET /v1/orders": .read, "GET /v1/orders/{id}": .read,
    "POST /v1/orders": .work,
    "POST /v1/orders/{id}/release": .approve, "POST /v1/orders/{id}/cancel": .work, "GET /v1/invoices": .read,
    "GET /v1/invoices/{number}": .read,
    "GET /v1/receipts": .read, "GET /v1/receipts/{id}": .read, "GET /v1/receipts/{id}/certificates": .read, "GET /v1/cash-queue": .read,
    "POST /v1/receipts": .work,
    "POST /v1/statements": .work, "POST /v1/receipts/{id}/apply": .work, "POST /v1/receipts/{id}/unapply": .work,
    "GET /v1/reports/aging": .read,
    "GET /v1/reports/trial-balance": .read, "GET /v1/reports/key-figures": .read, "GET /v1/reports/open-items": .read,
    "GET /v1/journal": .read,
    "POST /v1/runs/billing": .control, "POST /v1/runs/cash": .control, "POST /v1/runs/dunning": .control, "POST /v1/checks": .read,
    "GET /v1/events": .read,
    "GET /v1/webhooks": .read, "GET /v1/webhooks/{id}": .read, "POST /v1/webhooks": .administer,
    "POST /v1/webhooks/{id}/replay": .administer,
    "POST /v1/webhooks/{id}/remove": .administer,
]

private let rights: [Role: Set<Role.Right>] = [
    .viewer: [.read], .auditor: [.read], .clerk: [.read, .work], .collector: [.read, .collect],
    .approver: [.read, .work, .collect, .approve],
    .controller: [.read, .work, .collect, .approve, .control], .administrator: [.read, .work, .collect, .approve, .control, .administer],
]

@Suite struct APIMatrixTests {
    @Test func everyEndpointIsInTheMatrix() {
        #expect(Set(Endpoint.all.map { "\($0.method) \($0.path)" }) == Set(expected.keys))
        for endpoint in Endpoint.all {
            #expect(endpoint.right == expected["\(endpoint.method) \(endpoint.path)"], "\(endpoint.method) \(endpoint.path)")
        }
    }

    /// Every endpoint × every role, a stranger and a key of another entity.
    @Test func onlyWhoHasTheRightComesIn() async throws {
        try await LiveServer.run(.sqlite) { server in
            for endpoint in Endpoint.all {
                let path = endpoint.path.replacing("{id}", with: PrefixedID.text(endpoint.idPrefix ?? "x", 999)).replacing(
                    "{number}", with: "NONE")
                let body: JSON? = endpoint.method == "GET" ? nil : .object([]), name = "\(endpoint.method) \(endpoint.path)"
                #expect(try await server.send(endpoint.method, path, as: nil, body).status == 401, "\(name) without a key")
                #expect(
                    try await server.send(endpoint.method, path, as: nil, key: server.foreignKey, body).status == 401,
                    "\(name) of another entity")
                for role in Role.allCases {
                    let reply = try await server.send(endpoint.method, path, as: role, body)
                    let may = rights[role]?.contains(endpoint.right) == true
                    #expect((reply.status == 403) != may && reply.status < 500, "\(name) as \(role): \(reply.status) \(reply.body)")
                }
            }
        }
    }
}
