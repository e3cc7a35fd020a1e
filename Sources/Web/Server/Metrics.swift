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
        var lines = ["# TYPE florin_http_requests_total counter", "# TYPE florin_http_request_seconds_total counter"]
        for (key, count) in counts {
            let labels = "method=\"\(label(key.method))\",route=\"\(label(key.route))\",status=\"\(key.status)\""
            lines.append("florin_http_requests_total{\(labels)} \(count.requests)")
            lines.append("florin_http_request_seconds_total{\(labels)} \(Double(count.nanoseconds) / 1e9)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
