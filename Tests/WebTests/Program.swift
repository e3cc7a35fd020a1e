import Domain
import HTTPTypes
import Testing

@testable import Operations
@testable import Web

/// A program with a key: each answer that is done is held against the schema of its endpoint.
struct Program: Sendable {
    struct Reply {
        let status: Int
        let json: JSON
        var rows: [JSON] { json["rows"]?.array ?? [] }
        var code: String? { json["code"]?.text }
    }

    let server: DeskServer
    let key: String
    private static let endpoints = PathTable(Endpoint.all.map { (path: $0.path, entry: $0) })

    init(_ server: DeskServer, _ role: Role) async throws { self.init(server, key: try await server.key(role)) }
    init(_ server: DeskServer, key: String) { (self.server, self.key) = (server, key) }

    func get(_ path: String) async -> Reply { await send(.get, path, []) }
    func post(_ path: String, _ body: JSON = .object([])) async -> Reply {
        await send(
            .post, path, [("Content-Type", "application/json"), ("Idempotency-Key", Secret.token(""))],
            String(decoding: body.bytes, as: UTF8.self))
    }

    private func send(_ method: HTTPRequest.Method, _ path: String, _ fields: [(String, String)], _ body: String = "") async -> Reply {
        let answer = await server.send(method, path, [("Authorization", "Bearer \(key)")] + fields, body: body)
        let json = (try? JSONReader.read(answer.bytes)) ?? .null, plain = String(path.prefix { $0 != "?" })
        if answer.status == .ok, let found = Self.endpoints.entries(at: plain).first(where: { $0.entry.method == method.rawValue }) {
            let fault = found.entry.answer.fault(json)
            #expect(fault == nil, "\(method) \(path): \(fault?.path ?? "") \(fault?.message ?? "")")
        } else {
            #expect(answer.status.code < 500, "\(method) \(path)")
            #expect(answer.status.code < 400 || OpenAPI.codes.contains(json["code"]?.text ?? ""), "\(method) \(path): \(json)")
        }
        return Reply(status: answer.status.code, json: json)
    }
}

extension JSON {
    var minor: Int64? { self["minor"]?.integer }
    var flag: Bool? { if case .bool(let value) = self { value } else { nil } }
}
