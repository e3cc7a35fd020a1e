import Domain
import Foundation
import HTTPTypes
import Operations
import Store
import TestSupport
import Testing

@testable import Web

@Suite struct LimitTests {
    private func strict() -> ServerLimits {
        var limits = ServerLimits()
        (limits.idle, limits.bodyGrace, limits.bodyBytesPerSecond) = (.seconds(1), .seconds(1), 1_000)
        return limits
    }

    @Test func aSilentConnectionIsClosed() async throws {
        try await LiveServer.run(.sqlite, strict()) { server in
            #expect(try await Wire(port: server.port).untilClosed() == "", "one that says nothing")
            let half = try Wire(port: server.port)
            half.send("GET /healthz HTTP/1.1\r\nHost: localh")
            #expect(await half.untilClosed() == "", "one that stops in its headers")
        }
    }

    @Test func headersThatDripAreClosed() async throws {
        try await LiveServer.run(.sqlite, strict()) { server in
            let wire = try Wire(port: server.port)
            wire.send("GET /healthz HTTP/1.1\r\n")
            var isTaken = true, count = 0
            while isTaken, count < 40 {
                try await Task.sleep(for: .milliseconds(200))
                isTaken = wire.send("X-\(count): y\r\n")
                count += 1
            }
            #expect(count < 20, "still taken after \(count) headers")
        }
    }

    @Test func aBodyThatDripsIsRefused() async throws {
        var limits = strict()
        limits.idle = .seconds(30)
        try await LiveServer.run(.sqlite, limits) { server in
            let wire = try Wire(port: server.port)
            wire.send("POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n")
            for _ in 0..<12 {
                try await Task.sleep(for: .milliseconds(200))
                wire.send("a=1&")
            }
            #expect(await wire.untilClosed()?.hasPrefix("HTTP/1.1 408 ") == true)
        }
    }

    /// Who is refused, or asks for nothing that has a body, holds no connection by sending one slowly.
    @Test(arguments: ["GET /healthz", "POST /v1/orders", "POST /metrics", "POST /nowhere"])
    func aBodyThatNobodyReadsMayNotDripEither(head: String) async throws {
        var limits = strict()
        limits.idle = .seconds(30)
        try await LiveServer.run(.sqlite, limits) { server in
            let wire = try Wire(port: server.port)
            wire.send("\(head) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n")
            var isTaken = true, count = 0
            while isTaken, count < 40 {
                try await Task.sleep(for: .milliseconds(200))
                isTaken = wire.send("a=1&")
                count += 1
            }
            #expect(count < 30, "still taken after \(count) pieces")
        }
    }

    /// A small body that came with a refused request is passed over: the connection serves the next one.
    @Test func aRefusalKeepsTheConnection() async throws {
        try await LiveServer.run(.sqlite) { server in
            let wire = try Wire(port: server.port)
            wire.send("POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nabcd")
            wire.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            let answers = await wire.untilClosed() ?? ""
            #expect(answers.hasPrefix("HTTP/1.1 401 ") && answers.contains("HTTP/1.1 200 "))
        }
    }

    @Test func aBodyThatIsTooLargeIsRefusedAndNotRead() async throws {
        try await LiveServer.run(.sqlite) { server in
            let stated = try Wire(port: server.port)
            stated.send("POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\n")
            #expect(await stated.untilClosed()?.hasPrefix("HTTP/1.1 413 ") == true)
            let chunked = try Wire(port: server.port), part = "10000\r\n" + String(repeating: "a", count: 65_536) + "\r\n"
            chunked.send("POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            var count = 0
            while count < 400, await chunked.sent(part) { count += 1 }
            #expect(count < 400, "took \(count) times 64 kB")
        }
    }

    /// What the parser refuses is told as everything else is: with a code and words.
    @Test(
        arguments: [
            ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "a", count: 17_000))\r\n\r\n", 431, "headers_too_large"),
            ("GET /\(String(repeating: "a", count: 17_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 431, "headers_too_large"),
            ("NO SUCH THING\r\n\r\n", 400, "request_unreadable"),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: one\r\n\r\n", 400, "request_unreadable"),
        ] as [(String, Int, String)])
    func whatIsNoRequestIsRefusedInWords(text: String, status: Int, code: String) async throws {
        try await LiveServer.run(.sqlite) { server in
            let wire = try Wire(port: server.port)
            wire.send(text)
            let answer = try #require(await wire.untilClosed())
            #expect(
                answer.hasPrefix("HTTP/1.1 \(status) ") && answer.lowercased().contains("content-type: application/problem+json"),
                "\(answer)")
            let body = answer.firstRange(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } ?? ""
            let problem = try JSONReader.read(Array(body.utf8))
            #expect(
                problem["code"]?.text == code && problem["status"] == .integer(Int64(status)) && problem["detail"]?.text?.isEmpty == false)
            #expect(try await server.send("GET", "/healthz").status == 200)
        }
    }

    @Test(arguments: [(1, 40_000), (120, 1)]) func tooMuchOfHeadersIsRefused(count: Int, length: Int) async throws {
        let fields = (0..<count).map { "X-\($0): " + String(repeating: "a", count: length) }.joined(separator: "\r\n")
        try await LiveServer.run(.sqlite) { server in
            let wire = try Wire(port: server.port)
            wire.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\n")
            let answer = try #require(await wire.untilClosed())
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
        }
    }

    @Test func aBodyThatBreaksOffIsNoFaultOfOurs() async throws {
        try await LiveServer.run(.sqlite) { server in
            do {
                let wire = try Wire(port: server.port)
                wire.send("POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
                wire.end()
            }
            try await Task.sleep(for: .milliseconds(500))
            let metrics = try await server.send("GET", "/metrics").body
            #expect(!metrics.contains("status=\"5"), "\(metrics)")
        }
    }

    @Test func oneMoreThanTheCrowdIsToldToComeBack() async throws {
        var limits = ServerLimits()
        limits.requestsAtWork = 0
        let server = try await DeskServer.open(.sqlite, limits)
        let answer = await server.send(.get, "/sign-in")
        #expect(answer.status == .serviceUnavailable && answer.header(.retryAfter) == "1")
        #expect(await server.send(.get, "/healthz").status == .ok)
        limits = ServerLimits()
        limits.requestsAtWorkOfEntity = 0
        let full = try await DeskServer.open(.sqlite, limits), token = try await full.key(.viewer)
        #expect(await full.send(.get, "/v1/orders", [("Authorization", "Bearer \(token)")]).status == .serviceUnavailable)
        #expect(await full.send(.get, "/sign-in").status == .ok, "only those of that legal entity")
    }

    @Test func theCrowdIsCountedDownAgain() async throws {
        let crowd = Crowd(limit: 1, entityLimit: 1)
        for _ in 0..<3 {
            let inner = try await crowd.within { () async throws -> Bool in
                #expect(await crowd.within { 1 } == nil)
                return await crowd.within(ID<Entity>(1)) { await crowd.within(ID<Entity>(1)) { 1 } == nil } ?? false
            }
            #expect(inner == true)
        }
        await #expect(throws: CancellationError.self) { try await crowd.within { throw CancellationError() } }
        #expect(await crowd.within { 1 } == 1)
    }

    @Test func aClockThatGoesBackShutsNobodyOut() {
        let rate = RateLimit(perMinute: 600), hour: Int64 = 3_600_000_000
        #expect(rate.take(1, of: ID(1), now: hour * 10) == nil)
        for second in 0..<20 { #expect(rate.take(1, of: ID(1), now: hour * 9 + Int64(second) * 1_000_000) == nil) }
    }

    @Test func aKeyThatAsksTooOftenWaits() async throws {
        var limits = ServerLimits()
        limits.requestsPerMinute = 3
        let server = try await DeskServer.open(.sqlite, limits), one = try await server.key(.viewer), two = try await server.key(.viewer)
        func ask(_ key: String) async -> Answer { await server.send(.get, "/v1/orders", [("Authorization", "Bearer \(key)")]) }
        for _ in 0..<3 { #expect(await ask(one).status == .ok) }
        let refused = await ask(one)
        #expect(refused.status == .tooManyRequests)
        #expect(try #require(refused.header(.retryAfter).flatMap { Int($0) }) > 0)
        #expect(await ask(two).status == .ok, "another key is not concerned")
        server.clock.advance(minutes: 1)
        #expect(await ask(one).status == .ok)
    }

    @Test func keysOfTwoLegalEntitiesWithOneIDHaveEachTheirOwnLimit() {
        let rate = RateLimit(perMinute: 1)
        #expect(rate.take(7, of: ID(1), now: 0) == nil)
        #expect(rate.take(7, of: ID(1), now: 0) != nil)
        #expect(rate.take(7, of: ID(2), now: 0) == nil, "another entity's key is not concerned")
    }

    @Test func programsOfTwoLegalEntitiesWhoseKeysShareAnIDDoNotWaitForEachOther() async throws {
        var limits = ServerLimits()
        limits.requestsPerMinute = 1
        let server = try await DeskServer.open(.sqlite, limits), at = server.clock.next()
        try await DeskServer(server.database, ID(2)).create()
        var tokens: [String] = []
        for entity in [ID<Entity>(1), ID(2)] {
            let token = Secret.token("key_", of: entity), key = CreateAPIKey(entity, name: "shop", role: .viewer, token: token)
            try await server.database.write(entity: entity) { try key.run(in: $0, at: at) }
            tokens.append(token)
        }
        #expect(try await server.count("SELECT count(DISTINCT id) FROM api_key WHERE entity_id IN (1, 2)") == 1)
        func ask(_ token: String) async -> Answer { await server.send(.get, "/v1/orders", [("Authorization", "Bearer \(token)")]) }
        #expect(await ask(tokens[0]).status == .ok)
        #expect(await ask(tokens[0]).status == .tooManyRequests)
        #expect(await ask(tokens[1]).status == .ok, "another entity's key is not concerned")
    }

    @Test(arguments: [
        ("application/json", 400), ("Application/JSON ; charset=utf-8", 400), ("application/json;charset=utf-8", 400),
        ("application/jsonx", 415), ("application/json-seq", 415), ("application/json evil", 415), ("text/plain", 415), ("", 415),
    ])
    func aMediaTypeIsComparedWhole(type: String, status: Int) async throws {
        let server = try await DeskServer.open(.sqlite), key = try await server.key(.administrator)
        let fields = [("Authorization", "Bearer \(key)"), ("Content-Type", type), ("Idempotency-Key", Secret.token(""))]
        #expect(await server.send(.post, "/v1/orders", fields, body: "{}").status.code == status, "its fields are looked at, or not")
    }

    @Test func aFormFromAnotherSiteIsRefused() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.administrator, "ann")
        func post(_ fields: [(String, String)]) async -> Answer {
            await server.send(.post, "/users/invite", [("Cookie", ann.cookie)] + fields, body: "csrf=\(ann.csrf)&role=viewer")
        }
        for fields in [
            [("Origin", "https://evil.example")], [("Origin", "null")], [("Origin", "https://localhost.evil.example")],
            [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")],
        ] { #expect(await post(fields).status == .forbidden, "\(fields)") }
        #expect(try await server.count("SELECT count(*) FROM invitation WHERE entity_id = 1 AND used_at IS NULL") == 0)
        for fields in [[("Origin", "https://localhost"), ("Sec-Fetch-Site", "same-origin")], []] {
            #expect(await post(fields).status == .ok, "\(fields)")
        }
        let signIn = await server.send(.post, "/sign-in", [("Origin", "https://evil.example")], body: "email=ann@example.com&password=x")
        #expect(signIn.status == .forbidden && signIn.body.contains("another site"))
    }
}
