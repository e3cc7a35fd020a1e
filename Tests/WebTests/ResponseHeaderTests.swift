import Domain
import HTTPTypes
import Hummingbird
import Operations
import TestSupport
import Testing

@testable import Web

/// What every answer tells a browser to leave undone, whoever it is for.
@Suite struct ResponseHeaderTests {
    private static let onlyPages = [
        "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
    ]

    /// Each of them once, but for cookies.
    private func fields(_ answer: Answer, isHead: Bool = false) throws -> [String: String] {
        var fields: [String: String] = [:]
        for field in answer.response(isHead: isHead).headers where field.name != .setCookie {
            #expect(fields.updateValue(field.value, forKey: field.name.rawName) == nil, "\(field.name) comes twice")
        }
        return fields
    }

    private func refuses(_ fields: [String: String], _ what: String) throws {
        let policy = try #require(fields["Content-Security-Policy"], "\(what)").split(separator: "; ")
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "\(what)")
        #expect(!policy.contains { $0.contains("unsafe") || $0.contains("*") || $0.contains("data:") || $0.contains("http") }, "\(what)")
        #expect(fields["X-Content-Type-Options"] == "nosniff", "\(what)")
        #expect(fields["Content-Type"] != nil && fields["X-Request-Id"] == "r1", "\(what)")
    }

    @Test func whatPeopleSee() async throws {
        let server = try await DeskServer.owed(.sqlite), visitor = try await server.person(.controller)
        let asset = try #require(Asset.all.first).name
        for path in ["/", "/customers", "/sign-in", "/reference", "/nowhere", "/customers/export", "/assets/\(asset)"] {
            let answer = await server.send(.get, path, [("Cookie", visitor.cookie)])
            for isHead in [false, true] {
                let fields = try fields(answer, isHead: isHead)
                try refuses(fields, path)
                for (name, value) in Self.onlyPages { #expect(fields[name] == value, "\(path): \(name)") }
                let isAsset = path.hasPrefix("/assets/")
                #expect(fields["Cache-Control"] == (isAsset ? "public, max-age=31536000, immutable" : "no-store"), "\(path)")
            }
        }
        let stranger = await server.send(.get, "/customers")
        #expect(stranger.status == .seeOther && stranger.header(.location)?.hasPrefix("/sign-in") == true)
        try refuses(try fields(stranger), "a redirect")
    }

    @Test func whatProgramsRead() async throws {
        let server = try await DeskServer.owed(.sqlite), key = try await server.key(.clerk)
        let authorized = ("Authorization", "Bearer \(key)")
        for (path, extra, status) in [
            ("/v1/customers", [authorized], .ok), ("/v1/customers", [], .unauthorized), ("/v1/nowhere", [authorized], .notFound),
            ("/v1/customers?limit=x", [authorized], .badRequest), ("/openapi.json", [], .ok),
        ] as [(String, [(String, String)], HTTPResponse.Status)] {
            let answer = await server.send(.get, path, extra), fields = try fields(answer)
            #expect(answer.status == status, "\(path)")
            try refuses(fields, path)
            #expect(
                fields["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'" && fields["Cache-Control"] == "no-store")
        }
        // Rows for a spreadsheet open where pages do.
        let rows = try fields(await server.send(.get, "/v1/customers", [authorized, ("Accept", "text/csv")]))
        try refuses(rows, "CSV")
        for (name, value) in Self.onlyPages { #expect(rows[name] == value, "CSV: \(name)") }
    }
}
