import Domain
import Synchronization

/// What one server bears; each limit answers in words or closes the connection.
package struct ServerLimits: Sendable {
    /// Of one key.
    package var requestsPerMinute: Int64 = 60_000
    /// At the same time: all together, and of one legal entity.
    package var requestsAtWork = 512, requestsAtWorkOfEntity = 256
    /// Passwords that are hashed or wait for it: all together, and from one address.
    package var signInsInLine = 32, signInsInLineOfSender = 8
    /// More wait in the system's queue until one of these ends.
    package var connections = 2_000
    /// How long a connection may be silent, also in the middle of its headers.
    package var idle = Duration.seconds(15)
    /// How long a body may take: a grace, and a second for each so many bytes that came.
    package var bodyGrace = Duration.seconds(10), bodyBytesPerSecond = 32 << 10
    /// How long `/readyz` and `/metrics` wait for the database.
    package var probe = Duration.seconds(2)
    /// When the server is told to stop: how long requests that run and work that is under way may take, and then what is cancelled. A call
    /// that hangs in the database is no reason to stay: the process ends then.
    package var drain = Duration.seconds(20), end = Duration.seconds(5)
    package init() {}

    func patience(afterBytes count: Int) -> Duration { bodyGrace + .milliseconds(count * 1_000 / bodyBytesPerSecond) }
}

/// At most so many requests a minute for each key: a bucket that fills evenly.
final class RateLimit: Sendable {
    /// Keys of two legal entities may have the same id.
    private struct Holder: Hashable { let entity: ID<Entity>, key: Int64 }

    private let perMinute: Int64
    private let buckets = Mutex<[Holder: (tokens: Int64, at: Int64)]>([:])
    init(perMinute: Int64) { self.perMinute = perMinute }

    /// - Parameter now: In microseconds.
    /// - Returns: The seconds to wait; nil when the request may go on.
    func take(_ key: Int64, of entity: ID<Entity>, now: Int64) -> Int? {
        let key = Holder(entity: entity, key: key)
        return buckets.withLock { buckets in
            // Tokens count in millionths of a request.
            let full = perMinute * 1_000_000, known = buckets[key] ?? (full, now)
            let tokens = min(full, known.tokens + max(0, now - known.at) * perMinute / 60)
            guard tokens >= 1_000_000 else {
                buckets[key] = (tokens, now)
                return Int((1_000_000 - tokens) * 60 / perMinute / 1_000_000) + 1
            }
            buckets[key] = (tokens - 1_000_000, now)
            return nil
        }
    }
}

/// Requests at work at the same time: one more than the limit is told to come back, so that those at work end soon.
final class Crowd: Sendable {
    private let limit, entityLimit: Int
    private let counts = Mutex<(all: Int, entities: [ID<Entity>: Int])>((0, [:]))
    init(limit: Int, entityLimit: Int) { (self.limit, self.entityLimit) = (limit, entityLimit) }

    /// - Parameter entity: Whose limit counts; nil counts all together.
    /// - Returns: nil when there are too many.
    func within<Value: Sendable>(_ entity: ID<Entity>? = nil, _ body: () async throws -> Value) async rethrows -> Value? {
        guard enter(entity) else { return nil }
        defer { leave(entity) }
        return try await body()
    }

    private func enter(_ entity: ID<Entity>?) -> Bool {
        counts.withLock { counts in
            guard let entity else {
                guard counts.all < limit else { return false }
                counts.all += 1
                return true
            }
            let count = counts.entities[entity, default: 0]
            guard count < entityLimit else { return false }
            counts.entities[entity] = count + 1
            return true
        }
    }

    private func leave(_ entity: ID<Entity>?) {
        counts.withLock { counts in
            guard let entity else {
                counts.all -= 1
                return
            }
            counts.entities[entity, default: 1] -= 1
        }
    }
}
