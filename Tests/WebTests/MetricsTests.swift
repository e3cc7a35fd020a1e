import Domain
import HTTPTypes
import Hummingbird
import Logging
import Store
import Synchronization
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Keeps what is logged.
private struct KeptLog: LogHandler {
    final class Lines: Sendable {
        private let kept = Mutex<[String]>([])
        var text: String { kept.withLock { $0.joined(separator: "\n") } }
        func add(_ line: String) { kept.withLock { $0.append(line) } }
    }
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
    func log(event: LogEvent) { lines.add("\(event.message) \(event.metadata ?? [:])") }
}

@Suite struct MetricsTests {
    private static let made = ["/a\"b}{\\x", "/attack", "/v1/attack", "/invoices/attack/nothing"]

    private func routes(_ server: DeskServer) async -> Set<String> {
        Set(await server.send(.get, "/metrics").body.matches(of: /route="([^"]*)"/).map { String($0.1) })
    }

    @Test func pathsThatAnybodyMakesUpShareOneSeries() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.administrator, "ann")
        for path in Self.made + (0..<20).map({ "/attack-\($0)" }) {
            #expect(await server.send(.post, path, [("Origin", "https://evil.example")]).status.code >= 400)
            _ = await server.send(.get, path)
            _ = await ann.get(path)
            #expect(await ann.post(path).status.code >= 400)
        }
        #expect(await routes(server) == ["(none)", "/v1", "/welcome"])
        let text = await server.send(.get, "/metrics").body
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let sample = /\w+(\{(method="[A-Z]+",route="[^"\\]+",status="\d+"|entity="1"|version="[0-9.]+")\})? [0-9.e+-]+/
            #expect(line.wholeMatch(of: sample) != nil, "\(line)")
        }
    }

    /// Prometheus' parsers want each metric's lines in one group behind its HELP and TYPE.
    @Test(arguments: Engine.available) func eachMetricIsOneGroup(engine: Engine) async throws {
        let server = try await DeskServer.open(engine)
        for path in ["/healthz", "/readyz", "/none"] { _ = await server.send(.get, path) }
        try await server.write { tx, _ in
            for (id, state) in ["waiting", "dead", "dead", "sent"].enumerated() {
                let number = Int64(id + 1), key = "k\(id)"
                try tx.run(
                    """
                    INSERT INTO outbox (entity_id, id, topic, message_key, recipient, payload, state, attempts, next_at, leased_until)
                    VALUES (1, \(number), 'mail', \(key), 'a@example.com', '{}', \(state), 0, 0, 0)
                    """)
            }
            try tx.run(
                """
                INSERT INTO job (entity_id, name, business_on, state, fence, leased_until)
                VALUES (1, 'day', '2026-02-20', 'done', 1, 0)
                """)
        }
        let text = await server.send(.get, "/metrics").body
        var groups: [Substring] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# HELP ") {
                groups.append(line.split(separator: " ")[2])
            } else {
                let name = line.hasPrefix("# TYPE ") ? line.split(separator: " ")[2] : line.prefix { $0 != "{" && $0 != " " }
                #expect(name == groups.last, "\(line)")
            }
        }
        #expect(Set(groups).count == groups.count && groups.count == 8, "\(groups)")
        for sample in ["letters_waiting{entity=\"1\"} 1", "letters_dead{entity=\"1\"} 2", "webhooks_resting{entity=\"1\"} 0"] {
            #expect(text.contains("\nflorin_\(sample)\n"), "\(text)")
        }
        #expect(text.contains("\nflorin_database_answers 1\n") && text.contains("\nflorin_build_info{version=\"\(Release.version)\"} 1\n"))
        let today = server.responder.books.today, age = today - Day("2026-02-20")!
        #expect(text.contains("\nflorin_last_day_age_days{entity=\"1\"} \(age)\n"), "\(text)")
    }

    /// Where no day was ever done, its age is that of the books: an alert on it goes off.
    @Test(arguments: Engine.available) func aDayThatNeverRanGrowsOld(engine: Engine) async throws {
        let server = try await DeskServer.open(engine)
        for days: Int64 in [0, 3] {
            server.clock.advance(minutes: days * 1_440)
            let text = await server.send(.get, "/metrics").body
            #expect(text.contains("\nflorin_last_day_age_days{entity=\"1\"} \(days)\n"), "\(text)")
        }
    }

    @Test func whatAnAddressIsAboutIsNotInIt() async throws {
        let server = try await DeskServer.open(.sqlite), kim = try await server.person(.collector, "kim")
        _ = await kim.get("/customers/C-77")
        _ = await kim.post("/invoices/INV-77/write-off")
        _ = await server.send(.post, "/invoices/INV-77/slices", [("Origin", "https://evil.example")])
        _ = await server.send(.delete, "/customers/C-77")
        _ = await server.send(.get, "/v1/orders/ord_77")
        #expect(
            await routes(server) == [
                "/welcome", "/customers/{number}", "/invoices/{number}/write-off", "/invoices/{number}/slices", "/v1/orders/{id}",
            ])
    }

    @Test func theLogHasRoutesAndNoPaths() async throws {
        let server = try await DeskServer.open(.sqlite), lines = KeptLog.Lines()
        let logger = Logger(label: "kept") { _ in KeptLog(lines: lines) }
        for path in Self.made + ["/customers/C-77"] {
            let request = Request(
                head: HTTPRequest(method: .post, scheme: "http", authority: "localhost", path: path),
                body: RequestBody(buffer: ByteBuffer(string: "")))
            _ = await server.responder.answer(to: request, id: "r1", logger)
        }
        let log = lines.text
        #expect(log.contains("(none)") && log.contains("/customers/{number}"))
        #expect(!log.contains("attack") && !log.contains("C-77") && !log.contains("a\"b"))
    }

    @Test func labelsAreEscaped() {
        let metrics = RequestMetrics()
        metrics.add("GET", "a\"b\\c\nd", 200, nanoseconds: 1)
        #expect(metrics.text.contains(#"{method="GET",route="a\"b\\c\nd",status="200"}"#))
    }
}
