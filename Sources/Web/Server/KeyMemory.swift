import Crypto
import Domain
import Operations
import Synchronization

/// Who stands behind a key, kept for a second: a program that sends a thousand requests a second is looked up once. A key that was revoked
/// opens nothing after that second.
final class KeyMemory: Sendable {
    private static let microseconds: Int64 = 1_000_000, limit = 10_000
    /// The token's hash: what opens the books is not kept.
    private struct Holder: Hashable { let entity: ID<Entity>, hash: SHA256.Digest }

    private let actors = Mutex<[Holder: (actor: Actor, until: Int64)]>([:])

    func actor(_ entity: ID<Entity>, _ hash: SHA256.Digest, now: Instant) -> Actor? {
        actors.withLock { $0[Holder(entity: entity, hash: hash)] }.flatMap { $0.until > now.microseconds ? $0.actor : nil }
    }

    func keep(_ actor: Actor, _ entity: ID<Entity>, _ hash: SHA256.Digest, now: Instant) {
        actors.withLock { actors in
            if actors.count >= Self.limit { actors.removeAll() }
            actors[Holder(entity: entity, hash: hash)] = (actor, now.microseconds + Self.microseconds)
        }
    }
}
