import Crypto
import Domain
import HTTPTypes
import Hummingbird
import Operations
import Store

/// The API in front of its table: who asks, what exactly, once.
extension FlorinResponder {
    private static let idempotencyKey = HTTPField.Name("Idempotency-Key")

    func api(_ request: Request, _ path: String, _ found: [PathTable<Endpoint>.Match]) async throws -> Answer {
        guard !found.isEmpty else { return .problem(.notFound, "not_found", "\(path) does not exist; see /openapi.json") }
        let method = request.method == .head ? "GET" : request.method.rawValue
        guard let match = found.first(where: { $0.entry.method == method }) else {
            return notAllowed(found.map(\.entry.method))
        }
        let token = request.headers.value(.authorization).flatMap(bearerToken)
        let own = on(token.flatMap(Secret.entity) ?? books.entity)
        return try await own.run(match.entry, match.values, request, token)
    }

    private func run(_ endpoint: Endpoint, _ values: [String: String], _ request: Request, _ token: String?) async throws -> Answer {
        let entity = books.entity
        guard let token, let actor = try await actor(behind: token)
        else {
            var answer = Answer.problem(.unauthorized, "key_missing", "send Authorization: Bearer and a key made by florin key create")
            answer.headers.append((.wwwAuthenticate, "Bearer"))
            return answer
        }
        guard actor.may(endpoint.right) else {
            return .problem(
                .forbidden, "right_missing",
                "this needs the right \(endpoint.right.rawValue): a key of role \(OpenAPI.roles(endpoint.right))")
        }
        guard actor.scopes?.contains(endpoint.scope) != false else {
            return .problem(.forbidden, "scope_missing", "this needs a key with the scope \(endpoint.scope)")
        }
        if let seconds = rate.take(actor.id, of: entity, now: books.clock().microseconds) {
            var answer = Answer.problem(.tooManyRequests, "too_many_requests", "try again in \(seconds) seconds")
            answer.headers.append((.retryAfter, String(seconds)))
            return answer
        }
        return try await crowd.within(entity) { try await answer(endpoint, values, actor, request) } ?? .busy
    }

    private func answer(_ endpoint: Endpoint, _ values: [String: String], _ actor: Actor, _ request: Request) async throws -> Answer {
        let pairs = request.uri.query.map { formPairs($0) } ?? []
        if let fault = faultOf(pairs, endpoint) {
            return .problem(.badRequest, "parameter_invalid", "\(fault.param): \(fault.message)", param: fault.param)
        }
        if let fault = faultOf(values, endpoint) { return fault }
        let query = Dictionary(pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        guard endpoint.method == "GET" else { return try await act(endpoint, actor, values, query, request) }
        do { return try await told(endpoint, values, actor, pairs, query, request) } catch let refusal as any Refusal {
            let sent = JSON.object(query.map { JSON.Member($0.key, .text($0.value)) })
            return .problem(refusal, param: FieldsRefusal.param(of: refusal, in: sent))
        }
    }

    /// The answer to a reading.
    private func told(
        _ endpoint: Endpoint, _ values: [String: String], _ actor: Actor, _ pairs: [(name: String, value: String)],
        _ query: [String: String], _ request: Request
    ) async throws -> Answer {
        guard let format = AnswerFormat(accept: request.headers.value(.accept), hasRows: endpoint.hasRows) else {
            return .problem(
                .notAcceptable, "not_acceptable", "ask for application/json\(endpoint.hasRows ? ", text/csv or application/x-ndjson" : "")",
                param: "Accept")
        }
        let question = question(actor, values, query, .null, isExport: format != .json)
        if case .report(let read) = endpoint.effect {
            guard let table = try await books.database.read({ try read(question, $0) }) else {
                return .problem(.notFound, "not_found", "there is no such thing")
            }
            return told(Answer(.ok, format.type, table.bytes(format)), request)
        }
        guard case .read(let read) = endpoint.effect else { preconditionFailure("what is read is a reading or a report") }
        if format != .json {
            let found = try await books.database.read { try self.rows(of: endpoint, read, question, format, $0) }
            guard let (body, tag, next) = found else { return .problem(.notFound, "not_found", "there is no such thing") }
            var answer = told(Answer(format.type, body), tag, request)
            if let next {
                let kept = pairs.filter { $0.name != next.name } + [next]
                answer.headers.append((HTTPField.Name("Link")!, "<\(Link(request.uri.path, kept).text)>; rel=\"next\""))
            }
            return answer
        }
        guard let json = try await books.database.read({ try read(question, $0) }) else {
            return .problem(.notFound, "not_found", "there is no such thing")
        }
        return told(Answer(json: json), request)
    }

    private func told(_ answer: Answer, _ request: Request) -> Answer { told(answer, versionTag(SHA256.hash(data: answer.bytes)), request) }

    /// With its version; without a word where the sender knows that one.
    private func told(_ answer: Answer, _ tag: String, _ request: Request) -> Answer {
        guard !(request.headers.value(.ifNoneMatch).map { names($0, tag) } ?? false) else { return Answer(notModified: tag) }
        var answer = answer
        answer.headers.append((.eTag, tag))
        return answer
    }

    /// Whether a list of versions holds this one, weak or not; `*` is any (RFC 9110, 13.1.2).
    private func names(_ versions: String, _ tag: String) -> Bool {
        versions.filter { $0 != " " && $0 != "\t" }.split(separator: ",").contains { $0 == tag || $0 == "W/\(tag)" || $0 == "*" }
    }

    /// Of `Authorization: Bearer KEY`, with any number of blanks and the scheme in any case (RFC 9110, 11.1).
    private func bearerToken(_ field: String) -> String? {
        let blank = UInt8(ascii: " "), utf8 = field.utf8.drop { $0 == blank }
        guard let end = utf8.firstIndex(of: blank) else { return nil }
        let scheme = field[utf8.startIndex..<end]
        guard scheme == "Bearer" || scheme.lowercased() == "bearer" else { return nil }
        let token = utf8[end...].drop { $0 == blank }
        return token.isEmpty ? nil : String(Substring(token))
    }

    /// Every row of a list as of one moment, or the page that is asked for by `limit`, and then where the next one begins: a parameter and its
    /// value. A feed goes on for ever: it always says where.
    private func rows(
        of endpoint: Endpoint, _ read: (APIQuestion, any Transaction) throws -> JSON?, _ question: APIQuestion, _ format: AnswerFormat,
        _ tx: any Transaction
    ) throws -> (body: AnswerBody, tag: String, next: (name: String, value: String)?)? {
        var asked = question, answer = GrowingAnswer(in: Self.temporaryFolder), sum = SHA256(), count = 0
        func add(_ bytes: [UInt8]) throws {
            sum.update(data: bytes)
            try answer.append(bytes)
        }
        try add(format.head(endpoint.answer))
        while true {
            guard let page = try read(asked, tx) else { return nil }
            try add(format.rows(page, endpoint.answer))
            count += endpoint.answer.rows.flatMap { page[$0.name]?.array?.count } ?? 0
            let cursor = page["cursor"]?.integer.map { (name: "since", value: String($0)) }
            let next = cursor ?? page["next"]?.text.map { (name: "after", value: $0) }
            if let next, asked.query["limit"] == nil, next.value != asked.query[next.name] ?? "0" {
                guard count < ListLimit.rows else { throw ExportTooLong() }
                asked = asked.asking(next.name, next.value)
            } else {
                return (try answer.end(), versionTag(sum.finalize()), next)
            }
        }
    }

    private func actor(behind token: String) async throws -> Actor? {
        let entity = books.entity, hash = Secret.hash(token), now = books.clock()
        if let known = keys.actor(entity, hash, now: now) { return known }
        let actor = try await books.database.read { try Identify(entity).key(token, in: $0) }
        if let actor { keys.keep(actor, entity, hash, now: now) }
        return actor
    }

    private func question(
        _ actor: Actor, _ values: [String: String], _ query: [String: String], _ body: JSON, written: [UInt8]? = nil,
        file: UploadedFile? = nil, isExport: Bool = false
    ) -> APIQuestion {
        APIQuestion(
            entity: books.entity, actor: actor, today: books.today, path: values,
            query: query, body: body, terms: books.terms, memory: memory, written: written, file: file, isExport: isExport)
    }

    /// A key or a version, a body of the right shape, one effect.
    private func act(
        _ endpoint: Endpoint, _ actor: Actor, _ values: [String: String], _ query: [String: String], _ request: Request
    )
        async throws -> Answer
    {
        let type = mediaType(request)
        guard type == "application/json" && !endpoint.takesFile || endpoint.mediaTypes.contains(type) else {
            let wanted = endpoint.mediaTypes.joined(separator: " or ")
            return .problem(.unsupportedMediaType, "media_type_wanted", "send Content-Type: \(wanted)")
        }
        // A packed file is told by its content.
        if !endpoint.takesFile, let coding = request.headers.value(.contentEncoding), coding.lowercased() != "identity" {
            var answer = Answer.problem(.unsupportedMediaType, "content_encoding", "send the body plain, without Content-Encoding")
            answer.headers.append((.acceptEncoding, "identity"))
            return answer
        }
        if case .change = endpoint.effect {
            guard let match = request.headers.value(.ifMatch) else {
                return .problem(
                    .preconditionRequired, "if_match_missing", "send If-Match with the ETag of the version you read", param: "If-Match")
            }
            guard match.utf8.count == 26, match.hasPrefix("\""), match.hasSuffix("\""),
                match.utf8.dropFirst().dropLast().allSatisfy(isHexadecimal)
            else {
                return .problem(.badRequest, "if_match_invalid", "send the ETag as it was answered, with its quotes", param: "If-Match")
            }
            return try await change(endpoint, actor, values, query, try await body(request), match)
        }
        guard let key = Self.idempotencyKey.flatMap({ request.headers.value($0) }), (16...80).contains(key.utf8.count),
            key.utf8.allSatisfy(isKeyByte)
        else {
            return .problem(
                .badRequest, "idempotency_key_missing", "send Idempotency-Key: 16 to 80 letters, digits, _ or -", param: "Idempotency-Key")
        }
        if endpoint.takesFile { return try await take(endpoint, actor, key, request) }
        return try await take(try await body(request), of: type, endpoint, actor, values, query, key)
    }

    /// A body in JSON, or its items as lines.
    private func take(
        _ bytes: [UInt8], of type: String, _ endpoint: Endpoint, _ actor: Actor, _ values: [String: String], _ query: [String: String],
        _ key: String
    ) async throws -> Answer {
        func answered(_ endpoint: Endpoint, _ json: JSON, written: [UInt8]? = nil, digest: String) async throws -> Answer {
            let asked = question(actor, values, query, json, written: written)
            let route =
                values.isEmpty
                ? endpoint.path : values.sorted { $0.key < $1.key }.reduce(endpoint.path) { $0.replacing("{\($1.key)}", with: $1.value) }
            let once = IdempotencyKey(books.entity, route: "POST \(route)", key: key, bodyDigest: digest)
            do {
                let answer = try await answer(endpoint, asked, once)
                return Answer(HTTPResponse.Status(code: answer.status), "application/json", Array(answer.body.utf8))
            } catch let refusal as any Refusal { return .problem(refusal, param: FieldsRefusal.param(of: refusal, in: json)) }
        }
        if let bulk = endpoint.bulk, Bulk.types.contains(type) {
            guard let (lines, digest) = try lines(of: bulk, bytes, type: type) else {
                return .problem(
                    .contentTooLarge, "too_many_rows", "send at most \(Bulk.rowLimit) rows and \(Self.bodyLimit) bytes at a time")
            }
            return try await answered(endpoint.answering(lines, of: bulk), bulk.body(lines), digest: digest)
        }
        switch Result(catching: { () throws(JSONReader.Fault) in try JSONReader.readWritten(bytes) }) {
        case .failure(let fault): return .problem(.badRequest, "json_unreadable", "line \(fault.line): \(fault.message)", param: "body")
        case .success(let (json, written)):
            var isInOrder = true
            if let fault = endpoint.body?.fault(json, isInOrder: &isInOrder) {
                return .problem(.badRequest, "field_invalid", "\(fault.path): \(fault.message)", param: fault.path)
            }
            // The same members in another order are the same body.
            let told = isInOrder ? written : endpoint.body?.ordered(json).bytes ?? written
            return try await answered(endpoint, json, written: written, digest: hexadecimal(SHA256.hash(data: told)))
        }
    }

    private func answer(_ endpoint: Endpoint, _ asked: APIQuestion, _ once: IdempotencyKey) async throws -> IdempotencyKey.Answer {
        let now = books.clock(), entity = books.entity
        switch endpoint.effect {
        case .read, .report: preconditionFailure("a reading has no body")
        case .write(let write):
            return try await books.database.write(entity: entity) { tx in
                try once.once(in: tx, at: now) {
                    if let waiting = try self.waits(endpoint, asked, tx, now) { return waiting }
                    return try self.performed(endpoint, write, asked, tx, now, before: try endpoint.before?(asked, tx))
                }
            }
        case .orders(let read, let told):
            let request = OrderRequest(
                once, read(asked), by: asked.actor, act: "\(endpoint.method) \(endpoint.path)",
                detail: asked.excerpt,
                at: now, overdueHold: asked.terms.overdueHold
            ) { told(asked, $0).line }
            return try await books.database.write(entity: entity, request, in: OrderRequest.together)
        case .change: preconditionFailure("a change has a version instead of a key")
        case .run(let run):
            return try await ran(endpoint, run, asked, once, now)
        }
    }

    /// Does it and notes who did, with what stood there before.
    private func performed(
        _ endpoint: Endpoint, _ write: (APIQuestion, any Transaction, Instant) throws -> JSON, _ asked: APIQuestion, _ tx: any Transaction,
        _ now: Instant, before: JSON? = nil
    ) throws -> IdempotencyKey.Answer {
        let act = "\(endpoint.method) \(endpoint.path)"
        let done = try write(asked, tx, now)
        let detail = asked.place + (before.map { "before \($0.excerpt) after " } ?? "") + asked.excerpt
        try Audit(asked.entity, asked.actor, act, detail: detail, outcome: "done").run(in: tx, at: now)
        return .init(status: 200, body: done.line)
    }

    /// A change of what stands at the same path, unless somebody changed it since it was read.
    private func change(
        _ endpoint: Endpoint, _ actor: Actor, _ values: [String: String], _ query: [String: String], _ bytes: [UInt8], _ match: String
    ) async throws -> Answer {
        guard case .change(let change) = endpoint.effect, case .read(let read)? = endpoint.twin?.effect else {
            preconditionFailure("what changes can be read")
        }
        let json: JSON
        switch Result(catching: { () throws(JSONReader.Fault) in try JSONReader.read(bytes) }) {
        case .failure(let fault): return .problem(.badRequest, "json_unreadable", "line \(fault.line): \(fault.message)", param: "body")
        case .success(let value): json = value
        }
        if let fault = endpoint.body?.fault(json) {
            return .problem(.badRequest, "field_invalid", "\(fault.path): \(fault.message)", param: fault.path)
        }
        let asked = question(actor, values, query, json)
        do { return try await changed(endpoint, change, read, asked, match) } catch let refusal as any Refusal {
            return .problem(refusal, param: FieldsRefusal.param(of: refusal, in: json))
        }
    }

    private func changed(
        _ endpoint: Endpoint, _ change: @escaping @Sendable (APIQuestion, any Transaction, Instant) throws -> JSON,
        _ read: @escaping @Sendable (APIQuestion, any Transaction) throws -> JSON?, _ asked: APIQuestion, _ match: String
    ) async throws -> Answer {
        let now = books.clock()
        return try await books.database.write(entity: books.entity) { tx in
            guard let before = try read(asked, tx) else { return .problem(.notFound, "not_found", "there is no such thing") }
            guard before.tag == match else {
                return .problem(.preconditionFailed, "changed_meanwhile", "somebody changed it since: read it again and send its ETag")
            }
            let done = try self.performed(endpoint, change, asked, tx, now, before: before)
            guard done.status == 200, let after = try read(asked, tx) else {
                return Answer(HTTPResponse.Status(code: done.status), "application/json", Array(done.body.utf8))
            }
            var answer = Answer(json: after)
            answer.headers.append((.eTag, after.tag))
            return answer
        }
    }

    /// A file as the body: kept on disk for the work, its digest in the request's key.
    private func take(_ endpoint: Endpoint, _ actor: Actor, _ key: String, _ request: Request) async throws -> Answer {
        guard case .run = endpoint.effect else { preconditionFailure("a file takes several transactions") }
        let incoming = try IncomingFile("the body")
        defer { incoming.remove() }
        var sum = SHA256(), size: Int64 = 0
        try await read(request, limit: Self.uploadLimit) { part in
            part.withUnsafeReadableBytes { sum.update(bufferPointer: $0) }
            size += Int64(part.readableBytes)
            try incoming.append(Array(part.readableBytesView))
        }
        let digest = hexadecimal(sum.finalize())
        let once = IdempotencyKey(books.entity, route: "POST \(endpoint.path)", key: key, bodyDigest: digest)
        let asked = question(actor, [:], [:], ["bytes": .integer(size), "sha256": .text(digest)], file: incoming.file)
        let answer = try await answer(endpoint, asked, once)
        return Answer(HTTPResponse.Status(code: answer.status), "application/json", Array(answer.body.utf8))
    }

    private func isHexadecimal(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...102).contains(byte) }
    private func isKeyByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 95
    }

    private func faultOf(_ pairs: [(name: String, value: String)], _ endpoint: Endpoint) -> (param: String, message: String)? {
        var seen: Set<String> = []
        for (name, value) in pairs {
            guard let parameter = endpoint.query.first(where: { $0.name == name }) else {
                let known = endpoint.query.map(\.name).joined(separator: ", ")
                return (name, "is not known here; \(known.isEmpty ? "this takes no parameters" : "known: \(known)")")
            }
            guard seen.insert(name).inserted else { return (name, "comes twice") }
            var json = JSON.text(value)
            if case .integer = parameter.schema, let number = Int64(value), String(number) == value { json = .integer(number) }
            if let fault = parameter.schema.fault(json, at: name) { return (name, fault.message) }
        }
        return nil
    }

    private func faultOf(_ values: [String: String], _ endpoint: Endpoint) -> Answer? {
        for (name, value) in values {
            if name == "id", let prefix = endpoint.idPrefix {
                if PrefixedID.id(prefix, value) == nil {
                    return .problem(.notFound, "not_found", "\(value) is no id of this kind: it begins with \(prefix)_")
                }
            } else if value.isEmpty || value.unicodeScalars.count > 80
                || value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
            {
                return .problem(.notFound, "not_found", "there is no such thing")
            }
        }
        return nil
    }
}
