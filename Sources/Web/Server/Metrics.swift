import Domain
import Hummingbird
import Operations
import Store
import Synchronization

/// Counts of requests and their seconds, as Prometheus reads them.
final class RequestMetrics: Sendable {
    private struct Count {
        var requests = 0, nanoseconds: UInt64 = 0
        mutating func add(_ more: UInt64) { (requests, nanoseconds) = (requests + 1, nanoseconds + more) }
    }
    private struct Key: Hashable { let method: String, route: String, status: Int }
    private let counts = Mutex<[Key: Count]>([:])

    func add(_ method: String, _ route: String, _ status: Int, nanoseconds: UInt64) {
        counts.withLock { counts in
            counts[Key(method: method, route: route, status: status), default: Count()].add(nanoseconds)
        }
    }

    /// - Source: Prometheus' text exposition format 0.0.4.
    private func label(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    var text: String {
        let counts = counts.withLock { $0 }.sorted {
            ($0.key.route, $0.key.method, $0.key.status) < ($1.key.route, $1.key.method, $1.key.status)
        }
        let labels = counts.map { key, _ in "method=\"\(label(key.method))\",route=\"\(label(key.route))\",status=\"\(key.status)\"" }
        return group(
            "florin_http_requests_total", "counter", "Requests that were answered.", zip(labels, counts.map { "\($0.value.requests)" }))
            + group(
                "florin_http_request_seconds_total", "counter", "Seconds that their answers took.",
                zip(labels, counts.map { "\(Double($0.value.nanoseconds) / 1e9)" }))
    }
}

/// One metric: its samples stand together.
///
/// - Parameter samples: Labels and value; one without labels has no braces.
private func group(_ name: String, _ type: String, _ help: String, _ samples: some Sequence<(String, String)>) -> String {
    samples.reduce("# HELP \(name) \(help)\n# TYPE \(name) \(type)\n") { text, sample in
        let labels = sample.0.isEmpty ? "" : "{\(sample.0)}"
        return "\(text)\(name)\(labels) \(sample.1)\n"
    }
}

extension FlorinResponder {
    /// What the database says of itself is left out while it does not answer.
    func metrics(_ request: Request) async throws -> Answer {
        if let wrong = only(.get, request) { return wrong }
        let database = books.database
        let answered = await figures.ask(within: limits.probe) { try await database.read { try WatchedFigures().run(in: $0) } }
        let known =
            metrics.text + group("florin_build_info", "gauge", "The release that runs.", [("version=\"\(Release.version)\"", "1")])
        func answers(_ value: Int) -> String {
            group("florin_database_answers", "gauge", "Whether the database answered this time.", [("", "\(value)")])
        }
        do {
            guard let figures = try answered?.get() else { return Answer(text: known + answers(0)) }
            return Answer(text: known + answers(1) + text(of: figures))
        } catch is DatabaseFault { return Answer(text: known + answers(0)) }
    }

    private func text(of figures: [WatchedFigures.Figures]) -> String {
        func gauge(_ name: String, _ help: String, _ value: (WatchedFigures.Figures) -> Int) -> String {
            group(name, "gauge", help, figures.map { ("entity=\"\($0.entity.value)\"", "\(value($0))") })
        }
        let today = books.today
        return gauge("florin_letters_waiting", "Letters and mails that have not left yet.") { $0.lettersWaiting }
            + gauge("florin_letters_dead", "Letters and mails that are not tried again.") { $0.lettersDead }
            + gauge("florin_webhooks_resting", "Addresses that nothing is sent to until somebody lets them go on.") { $0.webhooksResting }
            + gauge("florin_last_day_age_days", "Days since the last business day that was done, or the books were opened.") {
                // The day that somebody chose to work on may lie before the books were opened.
                max(0, today - $0.lastDayOn)
            }
    }
}
