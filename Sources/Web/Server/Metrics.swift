import Synchronization

/// Counts of requests and their seconds, as Prometheus reads them.
final class RequestMetrics: Sendable {
    private struct Count { var requests = 0, nanoseconds: UInt64 = 0 }
    private struct Key: Hashable { let method: String, route: String, status: Int }
    private let counts = Mutex<[Key: Count]>([:])

    func add(_ method: String, _ route: String, _ status: Int, nanoseconds: UInt64) {
        counts.withLock { counts in
            counts[Key(method: method, route: route, status: status), default: Count()].requests += 1
            counts[Key(method: method, route: route, status: status), default: Count()].nanoseconds += nanoseconds
        }
    }

    var text: String {
        let counts = counts.withLock { $0 }.sorted {
            ($0.key.route, $0.key.method, $0.key.status) < ($1.key.route, $1.key.method, $1.key.status)
        }
        var lines = ["# TYPE florin_http_requests_total counter", "# TYPE florin_http_request_seconds_total counter"]
        for (key, count) in counts {
            let labels = "method=\"\(key.method)\",route=\"\(key.route)\",status=\"\(key.status)\""
            lines.append("florin_http_requests_total{\(labels)} \(count.requests)")
            lines.append("florin_http_request_seconds_total{\(labels)} \(Double(count.nanoseconds) / 1e9)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// At most so many requests a minute for each key: a bucket that fills evenly.
final class RateLimit: Sendable {
    private let perMinute: Int64
    private let buckets = Mutex<[Int64: (tokens: Int64, at: Int64)]>([:])
    init(perMinute: Int64) { self.perMinute = perMinute }

    /// - Parameter now: In microseconds.
    /// - Returns: The seconds to wait; nil when the request may go on.
    func take(_ key: Int64, now: Int64) -> Int? {
        buckets.withLock { buckets in
            // Tokens count in millionths of a request.
            let full = perMinute * 1_000_000, known = buckets[key] ?? (full, now)
            let tokens = min(full, known.tokens + (now - known.at) * perMinute / 60)
            guard tokens >= 1_000_000 else {
                buckets[key] = (tokens, now)
                return Int((1_000_000 - tokens) * 60 / perMinute / 1_000_000) + 1
            }
            buckets[key] = (tokens - 1_000_000, now)
            return nil
        }
    }
}
