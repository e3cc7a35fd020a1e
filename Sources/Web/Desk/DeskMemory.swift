import Domain
import Operations
import Store
import Synchronization

/// What one list needs in one snapshot, sorted and counted once for all of its pages.
final class WholeOrder: Sendable {
    private let kept = Mutex<Ranking?>(nil)
    private let counted = Mutex<[String: any Sendable]>([:])

    func value<Value: Sendable>(_ what: String, _ count: () throws -> Value) throws -> Value {
        if let known = counted.withLock({ $0[what] }), let value = known as? Value { return value }
        let value = try count()
        counted.withLock { $0[what] = value }
        return value
    }

    /// nil where an index has the order.
    func ranking(of list: some RankedList, in tx: any Transaction) throws -> Ranking? {
        if let ranking = kept.withLock({ $0 }) { return ranking }
        let ranking = try list.wholeRanking(in: tx)
        kept.withLock { $0 = ranking }
        return ranking
    }
}

/// Answers that take long at a million open items, kept between requests.
///
/// An answer holds as long as nothing was recorded. After that a cheap one is counted again at once, a costly one when it is a minute old.
/// Rankings, figures of lists and customers' names are carried on: they are those of the reader's snapshot.
package final class DeskMemory: Sendable {
    private struct Entry {
        let lastID: Int64
        let countedAt: ContinuousClock.Instant
        var usedAt: ContinuousClock.Instant
        let cost: Duration
        let value: any Sendable
    }
    private struct Key: Hashable {
        let what: String
        let entity: ID<Entity>
        /// nil for what is the same on each day.
        let on: Day?
        /// Which of several, of whom one is kept.
        var variant = ""
    }

    static let limit = 64
    private static let cheap = Duration.milliseconds(15), age = Duration.seconds(60)
    private let entries = Mutex<[Key: Entry]>([:])
    package init() {}

    func value<Value: Sendable>(
        _ what: String, _ entity: ID<Entity>, on day: Day, variant: String = "", in tx: any Transaction, _ count: () throws -> Value
    ) throws -> Value {
        let key = Key(what: what, entity: entity, on: day, variant: variant), start = ContinuousClock.now
        let lastID = try tx.first("SELECT last_id FROM book WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0
        if let kept = recalled(key, start), let value = kept.value as? Value {
            if kept.lastID == lastID { return value }
            if kept.cost > Self.cheap, start - kept.countedAt < Self.age { return value }
        }
        let value = try count()
        keep(value, key, lastID, since: start)
        return value
    }

    /// The list's ranking in this snapshot; nil where it needs none.
    func ranking(of list: some RankedList, _ entity: ID<Entity>, on day: Day, in tx: any Transaction) throws -> Ranking? {
        guard let name = list.rankingName else { return nil }
        return try carried(name, entity, on: day, in: tx) { kept, _ in try list.ranking(since: kept, in: tx) }
    }

    /// Customers' names in this snapshot.
    func customerNames(of entity: ID<Entity>, in tx: any Transaction) throws -> CustomerNames {
        try carried("customers' names", entity, on: nil, in: tx) { kept, _ in
            try CustomerNames(entity, since: kept.map { ($0.value, $0.lastID) }, in: tx)
        }
    }

    /// The figures of a list in this snapshot.
    func figures(of list: ListFigures.List, _ entity: ID<Entity>, in tx: any Transaction) throws -> ListFigures {
        try carried("figures of \(list.rawValue)", entity, on: nil, in: tx) { kept, _ in try ListFigures(list, entity, since: kept, in: tx)
        }
    }

    /// The settled documents in this snapshot.
    func settledDocuments(of entity: ID<Entity>, in tx: any Transaction) throws -> SettledDocuments {
        try carried("settled documents", entity, on: nil, in: tx) { kept, _ in try SettledDocuments(entity, since: kept, in: tx) }
    }

    /// What became of receipts in this snapshot.
    func receiptStates(of entity: ID<Entity>, in tx: any Transaction) throws -> ReceiptStates {
        try carried("receipts' states", entity, on: nil, in: tx) { kept, _ in try ReceiptStates(entity, since: kept, in: tx) }
    }

    /// - Parameter read: What is kept and the last id of the books that it knows, then that of this snapshot.
    private func carried<Value: Sendable>(
        _ what: String, _ entity: ID<Entity>, on day: Day?, in tx: any Transaction,
        _ read: ((value: Value, lastID: Int64)?, Int64) throws -> Value
    ) throws -> Value {
        let key = Key(what: what, entity: entity, on: day), start = ContinuousClock.now
        let lastID = try tx.first("SELECT last_id FROM book WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0
        let kept = recalled(key, start).flatMap { entry in (entry.value as? Value).map { (value: $0, lastID: entry.lastID) } }
        if let kept, kept.lastID == lastID { return kept.value }
        // Another reader may have seen more by now than this snapshot holds.
        let isLater = kept.map { $0.lastID > lastID } ?? false
        let value = try read(isLater ? nil : kept, lastID)
        keep(value, key, lastID, since: start)
        return value
    }

    private func recalled(_ key: Key, _ now: ContinuousClock.Instant) -> Entry? {
        entries.withLock { entries in
            entries[key]?.usedAt = now
            return entries[key]
        }
    }

    /// Of one thing the answer of one day and variant is kept. An answer of an earlier snapshot replaces none; where there is no room for
    /// another, the one goes that was asked for longest ago.
    private func keep(_ value: any Sendable, _ key: Key, _ lastID: Int64, since start: ContinuousClock.Instant) {
        let now = ContinuousClock.now, entry = Entry(lastID: lastID, countedAt: start, usedAt: now, cost: now - start, value: value)
        entries.withLock { entries in
            if let kept = entries[key], kept.lastID > lastID { return }
            for other in entries.keys where other.what == key.what && other.entity == key.entity && other != key {
                entries[other] = nil
            }
            if entries[key] == nil, entries.count >= Self.limit, let longest = entries.min(by: { $0.value.usedAt < $1.value.usedAt }) {
                entries[longest.key] = nil
            }
            entries[key] = entry
        }
    }
}
