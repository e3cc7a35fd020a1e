import Domain
import Foundation
import Logging
import Operations
import Store
import TestSupport
import Testing
import Web

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The server as programs meet it: on a port of its own, over the books of entity 1, with a key for each role.
struct LiveServer: Sendable {
    struct Reply {
        let status: Int
        let headers: [String: String]
        let body: String
        var json: JSON { (try? JSONReader.read(Array(body.utf8))) ?? .null }
    }

    let database: any Database
    let entity = ID<Entity>(1)
    let port: Int
    let keys: [Role: String]
    /// Of entity 2 in the same database.
    let foreignKey: String

    /// Of a server beside which other tests compute: the process would end when it is slow to stop.
    static func patient(_ limits: ServerLimits = ServerLimits()) -> ServerLimits {
        var limits = limits
        limits.end = .seconds(600)
        return limits
    }

    static func run(
        _ engine: Engine, _ limits: ServerLimits = ServerLimits(), _ body: @escaping @Sendable (LiveServer) async throws -> Void
    ) async throws {
        let database = try await engine.make(), now = Instant("2026-03-10T09:00:00Z")!
        var keys: [Role: String] = [:], foreignKey = ""
        for entity in [ID<Entity>(1), ID<Entity>(2)] {
            let creation = CreateEntity(entity, name: "Example \(entity.value) Ltd", country: "GB", currency: .gbp)
            try await database.write(entity: entity) { try creation.run(in: $0, at: now) }
            for role in Role.allCases {
                let token = Secret.token("key_", of: entity), key = CreateAPIKey(entity, name: role.rawValue, role: role, token: token)
                try await database.write(entity: entity) { try key.run(in: $0, at: now) }
                if entity.value == 1 { keys[role] = token } else { foreignKey = token }
            }
        }
        let books = DeskBooks(database, ID(1), DayRun.Terms(), clock: { now }) { _, file, _, _ in
            ImportOutcome([("Bytes", String(try Data(contentsOf: URL(filePath: file.path)).count))], findings: [])
        }
        let server = WebServer(
            books, host: "127.0.0.1", port: 0, limits: Self.patient(limits), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let (ports, started) = AsyncStream<Int>.makeStream(), fixed = (keys, foreignKey)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { started.yield($0) } }
            for await port in ports {
                try await body(LiveServer(database: database, port: port, keys: fixed.0, foreignKey: fixed.1))
                break
            }
            group.cancelAll()
        }
    }

    func send(
        _ method: String, _ path: String, as role: Role? = .administrator, key: String? = nil, _ body: JSON? = nil,
        headers: [String: String] = [:]
    ) async throws -> Reply {
        var request = URLRequest(url: URL(string: "http://127.0.0.1:\(port)\(path)")!)
        request.httpMethod = method
        if let token = key ?? role.flatMap({ keys[$0] }) { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        if let body {
            request.httpBody = Data(body.bytes)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        if method == "POST" { request.setValue(Secret.token(""), forHTTPHeaderField: "Idempotency-Key") }
        for (name, value) in headers { request.setValue(value.isEmpty ? nil : value, forHTTPHeaderField: name) }
        return try await Self.send(request)
    }

    static func send(_ request: URLRequest) async throws -> Reply {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        let session = URLSession(configuration: configuration)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        let headers = Dictionary(
            response.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") }, uniquingKeysWith: { first, _ in first })
        let reply = Reply(status: response.statusCode, headers: headers, body: String(decoding: data, as: UTF8.self))
        if headers["content-type"] == "application/problem+json", request.url?.path.hasPrefix("/v1") == true, request.httpMethod != "HEAD" {
            #expect(OpenAPI.codes.contains(reply.json["code"]?.text ?? ""), "\(reply.body)")
        }
        return reply
    }
}

func order(_ number: String, customer: String = "C1", price: Int64 = 10_000_000) -> JSON {
    [
        "channel": "web", "number": .text(number), "customer_number": .text(customer), "country": "GB", "ordered_on": "2026-03-09",
        "currency": "GBP",
        "lines": .array([["sku": "A-1", "description": "Article", "quantity_milli": 1000, "price_micro": .integer(price)]]),
    ]
}
