import Crypto
import Dispatch
import Domain
import HTTPTypes
import Hummingbird
import Logging
import Operations
import Store

/// Answers every request: assets, health, the API by its table, the desk by its tables. No effect by GET; every fault is mapped, counted and logged.
package struct FlorinResponder: HTTPResponder {
    package typealias Context = BasicRequestContext
    /// The largest body; uploads may be larger.
    static let bodyLimit = 1 << 20, uploadLimit = 256 << 20

    let books: DeskBooks
    let metrics = RequestMetrics()
    let limit = RateLimit(perMinute: 60_000)
    let memory = DeskMemory()
    private let endpoints = PathTable(Endpoint.all.map { (path: $0.path, entry: $0) })
    let pages = PathTable(DeskPage.all.map { (path: $0.path, entry: $0) })
    let acts = PathTable(DeskAct.all.map { (path: $0.path, entry: $0) })

    package init(_ books: DeskBooks) { self.books = books }

    package func respond(to request: Request, context: Context) async throws -> Response {
        let start = DispatchTime.now().uptimeNanoseconds, isHead = request.method == .head
        var answer: Answer, route = "other"
        do {
            (answer, route) = try await answered(request)
        } catch let refusal as any Refusal {
            answer = .problem(refusal)
        } catch is TooLarge {
            answer = .problem(.contentTooLarge, "body_too_large", "the body is larger than \(Self.bodyLimit) bytes")
        } catch {
            context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            answer = .problem(.internalServerError, "fault", "a fault of ours: it is logged; repeat the request with the same Idempotency-Key")
        }
        let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
        metrics.add(request.method.rawValue, route, answer.status.code, nanoseconds: nanoseconds)
        if let name = HTTPField.Name("X-Request-Id") { answer.headers.append((name, context.id)) }
        context.logger.info(
            "request",
            metadata: [
                "method": "\(request.method)", "route": "\(route)", "status": "\(answer.status.code)", "ms": "\(nanoseconds / 1_000_000)",
            ])
        return answer.response(isHead: isHead)
    }

    private func answered(_ request: Request) async throws -> (Answer, String) {
        let path = request.uri.path
        if path == "/v1" || path.hasPrefix("/v1/") { return try await api(request, path) }
        switch path {
        case "/healthz": return (only(.get, request) ?? Answer(text: "ok\n"), path)
        case "/readyz": return (try await ready(request), path)
        case "/metrics": return (only(.get, request) ?? Answer(text: metrics.text), path)
        case "/openapi.json": return (only(.get, request) ?? Answer(.ok, "application/json", OpenAPI.document), path)
        case "/reference": return (only(.get, request) ?? Answer(html: ReferencePage.html), path)
        default: break
        }
        if path.hasPrefix("/assets/") { return (asset(request, path), "/assets") }
        return try await desk(request, path)
    }

    private func ready(_ request: Request) async throws -> Answer {
        if let wrong = only(.get, request) { return wrong }
        let entity = books.entity
        let stands = try await books.database.read { try $0.first("SELECT 1 FROM entity WHERE entity_id = \(entity)") { _ in true } ?? false }
        return stands ? Answer(text: "ready\n") : .problem(.serviceUnavailable, "no_entity", "the legal entity is not there: run florin init")
    }

    private func asset(_ request: Request, _ path: String) -> Answer {
        guard let asset = Asset.all.first(where: { path == "/assets/\($0.name)" }) else { return .problem(.notFound, "not_found", "\(path) does not exist") }
        if let wrong = only(.get, request) { return wrong }
        var answer = Answer(.ok, asset.type, asset.bytes)
        answer.headers.append((.cacheControl, "public, max-age=31536000, immutable"))
        return answer
    }

    /// 405 with Allow for any other method; HEAD goes with GET.
    func only(_ method: HTTPRequest.Method, _ request: Request) -> Answer? {
        if request.method == method || (method == .get && request.method == .head) { return nil }
        return notAllowed([method.rawValue])
    }

    func notAllowed(_ methods: [String]) -> Answer {
        let allowed = (methods.contains("GET") ? methods + ["HEAD"] : methods).joined(separator: ", ")
        var answer = Answer.problem(.methodNotAllowed, "method_not_allowed", "write one of \(allowed)")
        answer.headers.append((.allow, allowed))
        return answer
    }

    func body(_ request: Request, limit: Int = FlorinResponder.bodyLimit) async throws -> [UInt8] {
        if let stated = request.headers[.contentLength].flatMap({ Int($0) }), stated > limit { throw TooLarge() }
        var bytes: [UInt8] = []
        for try await part in request.body {
            guard bytes.count + part.readableBytes <= limit else { throw TooLarge() }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }

    struct TooLarge: Error {}
}

extension FlorinResponder {
    private func api(_ request: Request, _ path: String) async throws -> (Answer, String) {
        let found = endpoints.entries(at: path)
        guard !found.isEmpty else { return (.problem(.notFound, "not_found", "\(path) does not exist; see /openapi.json"), "/v1") }
        let method = request.method == .head ? "GET" : request.method.rawValue
        guard let (endpoint, values) = found.first(where: { $0.entry.method == method }) else { return (notAllowed(found.map(\.entry.method)), found[0].entry.path) }
        return (try await run(endpoint, values, request), endpoint.path)
    }

    private func run(_ endpoint: Endpoint, _ values: [String: String], _ request: Request) async throws -> Answer {
        let entity = books.entity
        guard let token = request.headers[.authorization].flatMap({ $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }),
            let actor = try await books.database.read({ try Identify(entity).key(token, in: $0) })
        else {
            var answer = Answer.problem(.unauthorized, "key_missing", "send Authorization: Bearer and a key made by florin key create")
            answer.headers.append((.wwwAuthenticate, "Bearer"))
            return answer
        }
        guard actor.may(endpoint.right) else {
            return .problem(.forbidden, "right_missing", "this needs the right \(endpoint.right.rawValue): a key of role \(OpenAPI.roles(endpoint.right))")
        }
        if let seconds = limit.take(actor.id, now: books.clock().microseconds) {
            var answer = Answer.problem(.tooManyRequests, "too_many_requests", "try again in \(seconds) seconds")
            answer.headers.append((.retryAfter, String(seconds)))
            return answer
        }
        let pairs = formPairs(request.uri.query ?? "")
        if let fault = faultOf(pairs, endpoint) { return .problem(.badRequest, "parameter_invalid", "\(fault.param): \(fault.message)", param: fault.param) }
        if let fault = faultOf(values, endpoint) { return fault }
        let query = Dictionary(pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        if case .read(let read) = endpoint.effect {
            let asked = question(actor, values, query, .null)
            guard let json = try await books.database.read({ try read(asked, $0) }) else { return .problem(.notFound, "not_found", "there is no such thing") }
            return Answer(json: json)
        }
        return try await act(endpoint, actor, values, query, request)
    }

    private func question(_ actor: Actor, _ values: [String: String], _ query: [String: String], _ body: JSON) -> APIQuestion {
        APIQuestion(entity: books.entity, actor: actor, today: Day(number: Int(books.clock().microseconds / 86_400_000_000)), path: values, query: query, body: body)
    }

    /// A POST: a key, a JSON body of the right shape, one effect.
    private func act(_ endpoint: Endpoint, _ actor: Actor, _ values: [String: String], _ query: [String: String], _ request: Request) async throws -> Answer {
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
            return .problem(.unsupportedMediaType, "json_wanted", "send Content-Type: application/json")
        }
        let name = HTTPField.Name("Idempotency-Key")
        guard let key = name.flatMap({ request.headers[$0] }), (16...80).contains(key.utf8.count), key.utf8.allSatisfy(isKeyByte) else {
            return .problem(.badRequest, "idempotency_key_missing", "send Idempotency-Key: 16 to 80 letters, digits, _ or -", param: "Idempotency-Key")
        }
        let bytes = try await body(request)
        switch Result(catching: { () throws(JSONReader.Fault) in try JSONReader.read(bytes) }) {
        case .failure(let fault): return .problem(.badRequest, "json_unreadable", "line \(fault.line): \(fault.message)", param: "body")
        case .success(let json):
            if let fault = endpoint.body?.fault(json) { return .problem(.badRequest, "field_invalid", "\(fault.path): \(fault.message)", param: fault.path) }
            let asked = question(actor, values, query, json)
            let route = values.sorted { $0.key < $1.key }.reduce(endpoint.path) { $0.replacing("{\($1.key)}", with: $1.value) }
            let once = IdempotencyKey(books.entity, route: "\(actor.id) POST \(route)", key: key, bodyDigest: hexadecimal(SHA256.hash(data: json.bytes)))
            let answer = try await answer(endpoint, asked, once)
            return Answer(HTTPResponse.Status(code: answer.status), "application/json", Array(answer.body.utf8))
        }
    }

    private func answer(_ endpoint: Endpoint, _ asked: APIQuestion, _ once: IdempotencyKey) async throws -> IdempotencyKey.Answer {
        let now = books.clock(), entity = books.entity
        switch endpoint.effect {
        case .read: preconditionFailure("a reading has no body")
        case .write(let write):
            return try await books.database.write(entity: entity) { tx in
                try once.once(in: tx, at: now) { .init(status: 200, body: String(decoding: try write(asked, tx, now).bytes, as: UTF8.self)) }
            }
        case .run(let run):
            if let known = try await books.database.write(entity: entity, { try once.begin(in: $0, at: now) }) { return known }
            do {
                let done = IdempotencyKey.Answer(status: 200, body: String(decoding: try await run(asked, books).bytes, as: UTF8.self))
                try await books.database.write(entity: entity) { try once.finish(done, in: $0, at: now) }
                return done
            } catch let refusal as any Refusal {
                try await books.database.write(entity: entity) { try once.abandon(in: $0) }
                throw refusal
            }
        }
    }

    private func isKeyByte(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 95 }

    private func faultOf(_ pairs: [(name: String, value: String)], _ endpoint: Endpoint) -> (param: String, message: String)? {
        var seen: Set<String> = []
        for (name, value) in pairs {
            guard let parameter = endpoint.query.first(where: { $0.name == name }) else {
                return (name, "is not known here; known: \(endpoint.query.map(\.name).joined(separator: ", "))")
            }
            guard seen.insert(name).inserted else { return (name, "comes twice") }
            var json = JSON.text(value)
            if case .integer = parameter.schema { json = Int64(value).map(JSON.integer) ?? json }
            if name == "known_at", Instant(value) != nil { continue }
            if let fault = parameter.schema.fault(json, at: name) { return (name, fault.message) }
        }
        return nil
    }

    private func faultOf(_ values: [String: String], _ endpoint: Endpoint) -> Answer? {
        for (name, value) in values {
            if name == "id", let prefix = endpoint.idPrefix {
                if PrefixedID.id(prefix, value) == nil { return .problem(.notFound, "not_found", "\(value) is no id of this kind: it begins with \(prefix)_") }
            } else if value.isEmpty || value.unicodeScalars.count > 80 || value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
                return .problem(.notFound, "not_found", "there is no such thing")
            }
        }
        return nil
    }
}
