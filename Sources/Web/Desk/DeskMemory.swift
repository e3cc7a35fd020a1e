import Domain
import Operations
import Store
import Synchronization

/// Answers that take long at a million open items, kept between requests.
///
/// An answer holds as long as nothing was recorded. After that a cheap one is counted again at once, a costly one when it is a minute old.
package final class DeskMemory: Sendable {
    private struct Entry {
        let lastID: Int64
        let countedAt: ContinuousClock.Instant
        let cost: Duration
        let value: any Sendable
    }
    private struct Key: Hashable {
        let what: String
        let entity: ID<Entity>
        let on: Day
    }

    private static let cheap = Duration.milliseconds(15), age = Duration.seconds(60), limit = 64
    private let entries = Mutex<[Key: Entry]>([:])
    package init() {}

    func value<Value: Sendable>(
        _ what: String, _ entity: ID<Entity>, on day: Day, in tx: any Transaction, _ count: () throws -> Value
    )
        throws -> Value
    {
        let key = Key(what: what, entity: entity, on: day), start = ContinuousClock.now
        let lastID = try tx.first("SELECT last_id FROM book WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0
        if let kept = entries.withLock({ $0[key] }), let value = kept.value as? Value {
            if kept.lastID == lastID { return value }
            if kept.cost > Self.cheap, start - kept.countedAt < Self.age { return value }
        }
        let value = try count(), end = ContinuousClock.now
        entries.withLock {
            if $0.count >= Self.limit { $0.removeAll() }
            $0[key] = Entry(lastID: lastID, countedAt: end, cost: end - start, value: value)
        }
        return value
    }
}
