import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Operations

/// An answer before it is a response: every one carries the headers that keep browsers from doing anything else with it.
struct Answer: Sendable {
    var status: HTTPResponse.Status
    var type: String
    var bytes: [UInt8]
    /// In place of `bytes` where they are many.
    private(set) var file: AnswerFile?
    private var fileCount = 0
    var headers: [(HTTPField.Name, String)] = []
    /// Ends the connection behind the answer: what the other side still sends is not read.
    var closes = false
    /// What a problem says, for people who see a page instead.
    private var detail = ""
    /// Whether the books said so: then it says what to do.
    private var isRefusal = false
    /// Whether the database did not answer.
    private var isAway = false

    init(_ status: HTTPResponse.Status, _ type: String, _ bytes: [UInt8]) { (self.status, self.type, self.bytes) = (status, type, bytes) }
    init(_ type: String, _ body: AnswerBody) {
        switch body {
        case .bytes(let bytes): self.init(.ok, type, bytes)
        case .file(let file, let count):
            self.init(.ok, type, [])
            (self.file, fileCount) = (file, count)
        }
    }
    init(_ status: HTTPResponse.Status = .ok, json: JSON) { self.init(status, Self.jsonType, json.bytes) }
    init(_ status: HTTPResponse.Status = .ok, text: String) { self.init(status, "text/plain; charset=utf-8", Array(text.utf8)) }
    init(_ status: HTTPResponse.Status = .ok, html: HTML) { self.init(status, "text/html; charset=utf-8", html.bytes) }

    init(notModified tag: String) {
        self.init(.notModified, "application/json", [])
        headers.append((.eTag, tag))
    }

    static func redirect(_ path: String) -> Answer {
        var answer = Answer(.seeOther, text: "See \(path)\n")
        answer.headers.append((.location, path))
        return answer
    }

    static var busy: Answer {
        var answer = problem(.serviceUnavailable, "busy", "too many requests at the same time: try again in 1 second")
        answer.headers.append((.retryAfter, "1"))
        return answer
    }

    static var away: Answer {
        var answer = problem(
            .serviceUnavailable, "database_unavailable",
            "the database does not answer: try again in 5 seconds, a request that writes with the same Idempotency-Key")
        answer.headers.append((.retryAfter, "5"))
        answer.isAway = true
        return answer
    }

    /// - Parameter words: What the books have and this program knows.
    static func outdated(_ words: String) -> Answer {
        var answer = problem(.serviceUnavailable, "schema_newer", "\(words); until then nothing is written here")
        answer.headers.append((.retryAfter, "60"))
        answer.isRefusal = true
        return answer
    }

    /// RFC 9457.
    static func problem(_ status: HTTPResponse.Status, _ code: String, _ detail: String, param: String? = nil) -> Answer {
        var members: [JSON.Member] = [
            .init("type", .text("urn:florin:problem:\(code)")), .init("title", .text(status.reasonPhrase)),
            .init("status", .integer(Int64(status.code))),
            .init("code", .text(code)), .init("detail", .text(detail)),
        ]
        if let param { members.append(.init("param", .text(param))) }
        var answer = Answer(status, problemType, JSON.object(members).bytes)
        answer.detail = detail
        return answer
    }

    private static let jsonType = "application/json", problemType = "application/problem+json"

    /// A problem with the id by which the log has it; anything else as it is.
    func forPrograms(requestID: String) -> Answer {
        guard type == Self.problemType, !requestID.isEmpty else { return self }
        var answer = self
        answer.bytes.removeLast()
        answer.bytes += Array(",\"request_id\":".utf8) + JSON.text(requestID).bytes + [UInt8(ascii: "}")]
        return answer
    }

    /// A problem as people see it, with its status and headers; anything else as it is.
    func forPeople(requestID: String) -> Answer {
        guard type == Self.problemType else { return self }
        let fault: FaultPage.Fault =
            switch status {
            case .notFound: .missing
            case .internalServerError: .failed(requestID: requestID)
            case .methodNotAllowed: .other("This address shows nothing by itself", advice: "Open the page whose form leads here.")
            case .contentTooLarge: .other("What was sent is too large", advice: "Send less at a time.")
            case .badRequest where isRefusal: .other(sentence(detail), advice: "Go back and try it another way.")
            case .badRequest, .requestTimeout: .other("What was sent did not arrive whole", advice: "Go back and send it again.")
            case .serviceUnavailable where isAway:
                .other("The database does not answer", advice: "Try again in a few seconds. If you sent a form, see whether it was done.")
            case .serviceUnavailable where isRefusal: .other(sentence(detail), advice: "Nothing was done. Tell whoever runs this server.")
            case .serviceUnavailable: .other("Too many requests at the same time", advice: "Try again in a second.")
            default: .other(sentence(detail), advice: "Go back and try it another way.")
            }
        let body = FaultPage(fault).body
        var answer = Answer(status, html: DoorPage(body.title, body.content).html)
        (answer.headers, answer.closes) = (headers, closes)
        return answer
    }

    /// What has its shape and cannot be meant; the books refuse the rest as it stands.
    private static let unprocessable: Set = ["customer_invalid", "statement_backwards", "buckets_unsorted", "idempotency_key_reused"]

    /// - Parameter param: The member or parameter that it is about.
    static func problem(_ refusal: any Refusal, param: String? = nil) -> Answer {
        let status: HTTPResponse.Status =
            switch refusal.category {
            case .missing: .notFound
            case .forbidden: .forbidden
            case .invalid, .conflict: unprocessable.contains(refusal.code) ? .unprocessableContent : .conflict
            }
        var answer = problem(status, refusal.code, refusal.message, param: param)
        answer.isRefusal = true
        if case .running(let seconds) = refusal as? IdempotencyKey.Refused { answer.headers.append((.retryAfter, String(seconds))) }
        return answer
    }

    /// All of it at once.
    func whole() throws -> [UInt8] {
        guard let file else { return bytes }
        var bytes: [UInt8] = []
        while bytes.count < fileCount { bytes += try file.part(at: bytes.count, of: fileCount) }
        return bytes
    }

    private static let contentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; connect-src 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"

    /// What a program reads: only a browser that shows it by itself asks for a policy.
    private static let ofData: HTTPFields = [
        .cacheControl: "no-store",
        .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
        .xContentTypeOptions: "nosniff",
    ]

    private static let everywhere: HTTPFields = {
        var fields: HTTPFields = [
            .cacheControl: "no-store",
            .contentSecurityPolicy: contentPolicy,
            .xContentTypeOptions: "nosniff",
        ]
        for (name, value) in [
            ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ] {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }()

    func response(isHead: Bool) -> Response {
        var fields = type == Self.jsonType || type == Self.problemType ? Self.ofData : Self.everywhere
        fields.reserveCapacity(fields.count + headers.count + 2)
        fields.append(HTTPField(name: .contentType, value: type))
        for (name, value) in headers {
            if name == .cacheControl { fields[name] = value } else { fields.append(HTTPField(name: name, value: value)) }
        }
        let count = file == nil ? bytes.count : fileCount, closes = closes
        if isHead { fields[.contentLength] = String(count) }
        if closes { fields[.connection] = "close" }
        if isHead, !closes { return Response(status: status, headers: fields) }
        if file == nil, !closes {
            return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
        let bytes = isHead ? [] : bytes, file = isHead ? nil : file
        return Response(
            status: status, headers: fields,
            body: ResponseBody(contentLength: isHead ? nil : count) { writer in
                if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
                var sent = 0
                while let file, sent < count {
                    // What cannot be read back ends the connection below the length that was announced.
                    let part = try file.part(at: sent, of: count)
                    try await writer.write(ByteBuffer(bytes: part))
                    sent += part.count
                }
                try await writer.finish(nil)
                guard closes else { return }
                // Closing at once would take the answer away from one who is still sending.
                try await Task.sleep(for: .seconds(1))
                throw Closing()
            })
    }

    private struct Closing: Error {}
}
