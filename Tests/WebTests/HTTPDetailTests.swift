import Domain
import HTTPTypes
import Operations
import Store
import TestSupport
import Testing

@testable import Web

/// What HTTP itself says of a request's fields and address.
@Suite struct HTTPDetailTests {
    private func format(_ accept: String?, rows: Bool = true) -> AnswerFormat? { AnswerFormat(accept: accept, hasRows: rows) }

    @Test func whatIsWantedMostIsAnswered() {
        for (accept, wanted) in [
            (nil, .json), ("", .json), ("*/*", .json), ("application/*", .json), ("application/json", .json), ("text/*", .csv),
            ("text/csv, application/json", .csv), ("application/json, text/csv", .json), ("application/json;q=0.5, text/csv", .csv),
            ("text/csv;q=0.1, application/x-ndjson;q=0.2", .lines), ("TEXT/CSV ; Q=1.0", .csv), ("text/html, */*;q=0.8", .json),
            ("text/csv;q=0, */*", .json), ("application/json;q=0, */*", .csv), ("application/json;q=0.0,application/x-ndjson", .lines),
            ("*/*;q=0, text/csv", .csv), ("application/problem+json", .json),
            ("text/csv;charset=utf-8;q=0.9, application/json;q=0.2", .csv),
        ] as [(String?, AnswerFormat)] { #expect(format(accept) == wanted, "\(accept ?? "none")") }
    }

    @Test func whatIsNotWantedIsNotAnswered() {
        for accept in [
            "application/json;q=0", "*/*;q=0", "text/html", "application/json;q=0.000, text/html", "application/*;q=0, text/html",
        ] {
            #expect(format(accept) == nil, "\(accept)")
        }
        for accept in ["text/csv", "application/x-ndjson", "text/*", "application/json; q=0, text/csv"] {
            #expect(format(accept, rows: false) == nil, "\(accept) of what has no rows")
        }
    }

    @Test func aKeyComesUnderItsSchemeHoweverThatIsWritten() async throws {
        let server = try await DeskServer.open(.sqlite), key = try await server.key(.viewer)
        for scheme in ["Bearer ", "bearer ", "BEARER ", "bEaReR   "] {
            #expect(await server.send(.get, "/v1/orders", [("Authorization", scheme + key)]).status == .ok, "\(scheme)")
        }
        for field in [key, "Basic \(key)", "Bearer\(key)", "Bearer", "Bearer ", "Bearer \(key) more", "Bearers \(key)"] {
            let answer = await server.send(.get, "/v1/orders", [("Authorization", field)])
            #expect(answer.status == .unauthorized && answer.header(.wwwAuthenticate) == "Bearer", "\(field)")
        }
    }

    @Test func aVersionThatIsKnownIsNotSentAgain() async throws {
        let server = try await DeskServer.open(.sqlite), key = try await server.key(.viewer), path = "/v1/orders"
        func get(_ versions: String?, _ type: String = "application/json", _ path: String = path) async -> Answer {
            let fields = versions.map { [("If-None-Match", $0)] } ?? []
            return await server.send(.get, path, [("Authorization", "Bearer \(key)"), ("Accept", type)] + fields)
        }
        let tag = try #require(await get(nil).header(.eTag))
        for versions in [tag, "W/\(tag)", "*", " * ", "\"other\", \(tag)", "\"other\",W/\(tag) , W/\"third\""] {
            let answer = await get(versions)
            #expect(answer.status == .notModified && answer.bytes.isEmpty && answer.header(.eTag) == tag, "\(versions)")
        }
        for versions in ["\"other\"", "W/\"other\", \"third\"", tag.replacing("\"", with: ""), "w/\(tag)", ""] {
            #expect(await get(versions).status == .ok, "\(versions)")
        }
        #expect(await get("*", "application/json", "/v1/customers/NONE").status == .notFound, "there is no version of what is not there")
        for type in ["text/csv", "application/x-ndjson"] {
            let file = try #require(await get(nil, type).header(.eTag))
            #expect(file != tag || type != "text/csv", "each form has its own")
            #expect(await get("W/\(file)", type).status == .notModified)
        }
        let report = try #require(await get(nil, "text/csv", "/v1/reports/aging").header(.eTag))
        #expect(await get("W/\(report)", "text/csv", "/v1/reports/aging").status == .notModified)
    }

    /// Who has the document alone knows which fields to look for.
    @Test func fieldsOfAnswersAreDocumented() throws {
        let paths = try #require(try JSONReader.read(OpenAPI.document)["paths"])
        for endpoint in Endpoint.all {
            let responses = paths[endpoint.path]?[endpoint.method.lowercased()]?["responses"], name = "\(endpoint.method) \(endpoint.path)"
            func has(_ status: String, _ field: String) -> Bool {
                responses?[status]?["headers"]?[field]?["description"]?.text?.isEmpty == false
            }
            for (status, field) in [("401", "WWW-Authenticate"), ("405", "Allow"), ("429", "Retry-After"), ("503", "Retry-After")] {
                #expect(has(status, field), "\(name)")
            }
            #expect(has("200", "ETag") == (endpoint.method != "POST"), "\(name)")
            #expect(has("304", "ETag") == (endpoint.method == "GET"), "\(name)")
            if endpoint.query.contains(where: { $0.name == "after" || $0.name == "since" }) { #expect(has("200", "Link"), "\(name)") }
        }
    }

    @Test func anAddressWithAnEmptyPartIsNoneOfTheAPI() async throws {
        let server = try await DeskServer.open(.sqlite), key = try await server.key(.viewer)
        for path in ["//v1/orders", "/v1//orders", "//v1", "///v1/customers/C1", "/v1/customers//terms", "/v1/orders//"] {
            for fields in [[], [("Authorization", "Bearer \(key)")]] {
                let answer = await server.send(.get, path, fields)
                #expect(answer.status == .notFound && answer.type == "application/problem+json", "\(path): \(answer.status)")
            }
            #expect(await server.send(.post, path).status == .notFound, "\(path)")
            #expect(server.responder.route(at: path) == "/v1", "\(path) is counted with what is not there")
        }
    }

    /// What went wrong is found in the log by what the program was told.
    @Test func aProblemNamesItsRequest() async throws {
        let server = try await DeskServer.open(.sqlite), key = try await server.key(.viewer)
        let answer = await server.send(.get, "/v1/customers/C9", [("Authorization", "Bearer \(key)")])
        let id = try JSONReader.read(answer.bytes)["request_id"]?.text
        #expect(answer.status == .notFound && id == "r1" && answer.headers.contains { $0.0.rawName == "X-Request-Id" && $0.1 == id })
    }
}
