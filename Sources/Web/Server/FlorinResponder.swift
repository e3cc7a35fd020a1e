import Dispatch
import Domain
import HTTPTypes
import Hummingbird
import Logging
import Operations
import Store
import Synchronization

/// Answers every request: assets, health, the API by its table, the desk by its tables. No effect by GET; every fault is mapped, counted and logged.
package final class FlorinResponder: HTTPResponder {
    package typealias Context = ServerContext
    /// The largest body; uploads may be larger.
    static let bodyLimit = 1 << 20, uploadLimit = 256 << 20

    private static let requestID = HTTPField.Name("X-Request-Id")

    let books: DeskBooks
    let metrics: RequestMetrics
    let limits: ServerLimits
    let rate: RateLimit
    let crowd: Crowd
    let memory: DeskMemory
    let keys: KeyMemory
    let hashes: HashQueue
    let tries: SignInTries
    let schema: SchemaWatch
    let readiness: PatientQuestion<Bool>
    let figures: PatientQuestion<[WatchedFigures.Figures]>
    let endpoints: PathTable<Endpoint>
    let pages: PathTable<DeskPage>
    let acts: PathTable<DeskAct>

    package init(_ books: DeskBooks, _ limits: ServerLimits = ServerLimits()) {
        (self.books, self.limits, rate) = (books, limits, RateLimit(perMinute: limits.requestsPerMinute))
        (metrics, memory, keys, tries) = (RequestMetrics(), DeskMemory(), KeyMemory(), SignInTries())
        (schema, readiness, figures) = (SchemaWatch(books.database), PatientQuestion(), PatientQuestion())
        endpoints = PathTable(Endpoint.all.map { (path: $0.path, entry: $0) })
        pages = PathTable(DeskPage.all.map { (path: $0.path, entry: $0) })
        acts = PathTable(DeskAct.all.map { (path: $0.path, entry: $0) })
        hashes = HashQueue(limit: limits.signInsInLine, senderLimit: limits.signInsInLineOfSender)
        crowd = Crowd(limit: limits.requestsAtWork, entityLimit: limits.requestsAtWorkOfEntity)
    }

    /// The same on the books of another legal entity.
    func on(_ entity: ID<Entity>) -> FlorinResponder {
        entity == books.entity ? self : FlorinResponder(self, books.of(entity))
    }

    private init(_ other: FlorinResponder, _ books: DeskBooks) {
        self.books = books
        (metrics, limits, rate, crowd, memory) = (other.metrics, other.limits, other.rate, other.crowd, other.memory)
        (keys, hashes, tries) = (other.keys, other.hashes, other.tries)
        (schema, readiness, figures) = (other.schema, other.readiness, other.figures)
        (endpoints, pages, acts) = (other.endpoints, other.pages, other.acts)
    }

    package func respond(to request: Request, context: Context) async throws -> Response {
        let id = context.logger[metadataKey: "hb.request.id"].map { "\($0)" } ?? ""
        // Whoever has a key is known by it.
        let peer = isOfAPI(request.uri.path) ? nil : context.peer
        return await answer(to: request, id: id, from: peer, context.logger).response(isHead: request.method == .head)
    }

    /// Every fault becomes an answer here; what is no business "no" is logged, never shown.
    ///
    /// - Parameter peer: The other end of the connection, in digits; nil is this machine.
    func answer(to request: Request, id: String, from peer: String? = nil, _ logger: Logger) async -> Answer {
        guard hasBody(request) else { return await answerWithoutRest(to: request, id: id, from: peer, logger) }
        let reading = BodyReading()
        return await BodyReading.$current.withValue(reading) {
            var answer = await answerWithoutRest(to: request, id: id, from: peer, logger)
            if !answer.closes { answer.closes = await !isReadToItsEnd(request, reading) }
            return answer
        }
    }

    /// Of what nobody read a little is read and forgotten, in the time a body has, so that the connection serves the next request.
    private func isReadToItsEnd(_ request: Request, _ reading: BodyReading) async -> Bool {
        guard reading.stage == .untouched, !isLong(request) else { return reading.stage == .ended }
        do { try await read(request, limit: Self.bodyLimit) { _ in } } catch { return false }
        return true
    }

    private func answerWithoutRest(to request: Request, id: String, from peer: String?, _ logger: Logger) async -> Answer {
        let start = DispatchTime.now().uptimeNanoseconds
        let path = request.uri.path, isOfAPI = isOfAPI(path), open = isOfAPI ? nil : OpenPath(path)
        let found = isOfAPI ? endpointsFound(at: path) : []
        let route = found.first?.entry.path ?? route(at: path)
        var answer: Answer
        do {
            // Whether it lives can be asked however busy it is.
            let isProbe = open == .health || open == .metrics
            answer =
                try await isProbe
                ? answered(request, path, open, found, peer)
                : crowd.within { try await answered(request, path, open, found, peer) } ?? .busy
        } catch let refusal as any Refusal {
            answer = .problem(refusal)
        } catch is HashQueue.Full {
            answer = .busy
        } catch let fault as TooLarge {
            answer = .problem(.contentTooLarge, "body_too_large", "the body is larger than \(fault.limit) bytes")
            answer.closes = true
        } catch is TooSlow {
            answer = .problem(.requestTimeout, "body_too_slow", "the body comes too slowly: send it in one go")
            answer.closes = true
        } catch is Interrupted {
            answer = .problem(.badRequest, "body_interrupted", "the body ended before its length")
            answer.closes = true
        } catch let fault as DatabaseFault where fault.isNewer {
            logger.error("schema newer", metadata: ["route": "\(route)", "error": "\(fault)"])
            answer = .outdated(fault.message)
        } catch let fault as DatabaseFault where fault.isPassing || open == .ready {
            logger.error("database unavailable", metadata: ["route": "\(route)", "error": "\(fault)"])
            answer = .away
        } catch {
            logger.error("request failed", metadata: ["route": "\(route)", "error": "\(error)"])
            answer = .problem(
                .internalServerError, "fault", "a fault of ours: it is logged; repeat the request with the same Idempotency-Key")
        }
        answer = isOfAPI || open?.isForPrograms == true ? answer.forPrograms(requestID: id) : answer.forPeople(requestID: id)
        let nanoseconds = DispatchTime.now().uptimeNanoseconds - start
        metrics.add(request.method.rawValue, route, answer.status.code, nanoseconds: nanoseconds)
        if let name = Self.requestID { answer.headers.append((name, id)) }
        logger.info(
            "request",
            metadata: [
                "method": "\(request.method)", "route": "\(route)", "status": "\(answer.status.code)", "ms": "\(nanoseconds / 1_000_000)",
            ])
        return answer
    }

    /// Whether `v1` is its first part; `//v1/orders` is a mistake of a program too.
    private func isOfAPI(_ path: String) -> Bool {
        path == "/v1" || path.hasPrefix("/v1/") || (path.hasPrefix("//") && path.split(separator: "/").first == "v1")
    }

    /// A path with an empty part is another one.
    func endpointsFound(at path: String) -> [PathTable<Endpoint>.Match] {
        let slash = UInt8(ascii: "/"), hasEmptyPart = zip(path.utf8, path.utf8.dropFirst()).contains { $0 == slash && $1 == slash }
        return hasEmptyPart ? [] : endpoints.entries(at: path)
    }

    /// The path as the tables write it, of what stands in none a fixed word: anybody makes up paths, so none comes into metrics or log itself.
    func route(at path: String) -> String {
        if isOfAPI(path) { return endpointsFound(at: path).first?.entry.path ?? "/v1" }
        if let open = OpenPath(path) { return open.rawValue }
        return page(at: path)?.entry.path ?? acts.entries(at: path).first?.entry.path ?? "(none)"
    }

    /// - Parameters:
    ///   - open: nil for a path of the API, and for those that stand in a table.
    ///   - found: The endpoints at that path.
    private func answered(
        _ request: Request, _ path: String, _ open: OpenPath?, _ found: [PathTable<Endpoint>.Match], _ peer: String?
    ) async throws -> Answer {
        let isReading = request.method == .get || request.method == .head
        if !isReading, open?.isForPrograms != true { try await schema.check() }
        if isOfAPI(path) { return try await api(request, path, found) }
        switch open {
        case .health: return only(.get, request) ?? Answer(text: "ok\n")
        case .ready: return try await ready(request)
        case .metrics: return try await metrics(request)
        case .document: return only(.get, request) ?? Answer(.ok, "application/json", OpenAPI.document)
        case .reference: return only(.get, request) ?? Answer(html: ReferencePage.html)
        case .assets: return asset(request, path)
        case .signIn, .welcome, .reset, .signOut, nil: return try await desk(request, path, from: peer)
        }
    }

    private func ready(_ request: Request) async throws -> Answer {
        if let wrong = only(.get, request) { return wrong }
        let entity = books.entity, database = books.database, schema = schema
        let answered = await readiness.ask(within: limits.probe) {
            try await schema.check(now: true)
            return try await database.read { try $0.first("SELECT 1 FROM entity WHERE entity_id = \(entity)") { _ in true } ?? false }
        }
        guard let answered else {
            throw DatabaseFault(code: "florin:silent", message: "no answer within \(limits.probe)", statement: "")
        }
        return try answered.get()
            ? Answer(text: "ready\n") : .problem(.serviceUnavailable, "no_entity", "the legal entity is not there: run florin init")
    }

    private func asset(_ request: Request, _ path: String) -> Answer {
        guard let asset = Asset.all.first(where: { path == "/assets/\($0.name)" }) else {
            return .problem(.notFound, "not_found", "\(path) does not exist")
        }
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
        var bytes: [UInt8] = []
        try await read(request, limit: limit) { bytes.append(contentsOf: $0.readableBytesView) }
        return bytes
    }

    /// Hands a body on as it comes.
    ///
    /// - Parameter limit: In bytes.
    /// - Errors: `TooLarge`, `TooSlow`, `Interrupted`, and what `take` throws; what is left is not read then.
    func read(_ request: Request, limit: Int, _ take: (ByteBuffer) throws -> Void) async throws {
        if let stated = request.headers.value(.contentLength).flatMap({ Int($0) }), stated > limit { throw TooLarge(limit: limit) }
        BodyReading.current?.came(to: .begun)
        var count = 0, parts = request.body.makeAsyncIterator()
        let start = ContinuousClock.now
        while let part = try await next(&parts) {
            count += part.readableBytes
            guard count <= limit else { throw TooLarge(limit: limit) }
            try take(part)
            guard ContinuousClock.now - start <= limits.patience(afterBytes: count) else { throw TooSlow() }
        }
        BodyReading.current?.came(to: .ended)
    }

    /// `Content-Type` without its parameters, in small letters; empty when there is none.
    func mediaType(_ request: Request) -> String {
        guard let stated = request.headers.value(.contentType) else { return "" }
        if stated == "application/json" { return stated }
        var type = stated.prefix { $0 != ";" }
        while let last = type.last, last == " " || last == "\t" { type.removeLast() }
        return type.lowercased()
    }

    private func hasBody(_ request: Request) -> Bool {
        request.headers.value(.transferEncoding) != nil || request.headers.value(.contentLength).map { $0 != "0" } ?? false
    }

    /// Whether more may come than an answer should wait for when nobody reads it.
    private func isLong(_ request: Request) -> Bool {
        request.headers.value(.transferEncoding) != nil || request.headers.value(.contentLength).flatMap { Int($0) } ?? 0 > Self.bodyLimit
    }

    /// The other side may be gone in the middle: that is no fault of ours.
    private func next(_ parts: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
        do { return try await parts.next(isolation: #isolation) } catch { throw Interrupted() }
    }

    /// How far the body of the request that is being answered was read.
    private final class BodyReading: Sendable {
        enum Stage { case untouched, begun, ended }
        @TaskLocal static var current: BodyReading?
        private let state = Mutex(Stage.untouched)
        var stage: Stage { state.withLock { $0 } }
        func came(to stage: Stage) { state.withLock { $0 = stage } }
    }

    struct TooLarge: Error { let limit: Int }
    struct TooSlow: Error {}
    struct Interrupted: Error {}
}
