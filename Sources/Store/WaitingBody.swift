import Domain
import Synchronization

/// Requests of one kind that a database may run together: those of one entity that wait at the same time become one call of `run`, which
/// answers each. It is made once for each kind, since it is told from others by itself.
package final class Batch<Item: Sendable, Value: Sendable>: Sendable {
    fileprivate let run: @Sendable (any Transaction, ID<Entity>, [Item]) throws -> [Value]

    /// - Parameter run: Gives a value for each item, in their order. When it throws, it may run again for all,
    ///   and does for each item alone.
    package init(_ run: @escaping @Sendable (any Transaction, ID<Entity>, [Item]) throws -> [Value]) { self.run = run }
}

/// A transaction body that waits for its turn: `run` executes it, `finish` tells the caller once the commit is known.
package struct WaitingBody: Sendable {
    let entity: ID<Entity>
    let run: @Sendable (any Transaction) throws -> Void
    let finish: @Sendable ((any Error)?) -> Void
    private let company: Company?

    private struct Company: Sendable {
        let batch: ObjectIdentifier
        let member: any AnyObject & Sendable
        let runAll: @Sendable (any Transaction, [any AnyObject & Sendable]) throws -> Void

        init(
            _ batch: ObjectIdentifier, _ member: any AnyObject & Sendable,
            _ runAll: @escaping @Sendable (any Transaction, [any AnyObject & Sendable]) throws -> Void
        ) { (self.batch, self.member, self.runAll) = (batch, member, runAll) }
    }

    /// Runs `body` when its turn comes and gives the caller its value, or what it or the commit threw.
    nonisolated(nonsending) static func submitted<Value: Sendable>(
        _ entity: ID<Entity>, _ body: @escaping @Sendable (any Transaction) throws -> Value, to enqueue: (WaitingBody) -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = Outcome<Value>()
            enqueue(WaitingBody(entity, nil, { tx in outcome.set(try body(tx)) }) { outcome.tell(continuation, $0) })
        }
    }

    /// Runs `item` with others of its batch, or alone.
    nonisolated(nonsending) static func submitted<Item, Value>(
        _ entity: ID<Entity>, _ item: Item, _ batch: Batch<Item, Value>, to enqueue: (WaitingBody) -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = Outcome<Value>()
            let runAll: @Sendable (any Transaction, [any AnyObject & Sendable]) throws -> Void = { tx, members in
                // Who joins a company is of its batch, and so of its types.
                let members = members.map { unsafeDowncast($0, to: Member<Item, Value>.self) }
                let values = try batch.run(tx, entity, members.map { $0.item })
                precondition(values.count == members.count, "a batch answers each of its items")
                for (member, value) in zip(members, values) { member.outcome.set(value) }
            }
            let member = Member(item, outcome)
            let company = Company(ObjectIdentifier(batch), member, runAll)
            enqueue(WaitingBody(entity, company, { tx in try runAll(tx, [member]) }) { outcome.tell(continuation, $0) })
        }
    }

    private init(
        _ entity: ID<Entity>, _ company: Company?, _ run: @escaping @Sendable (any Transaction) throws -> Void,
        _ finish: @escaping @Sendable ((any Error)?) -> Void
    ) { (self.entity, self.company, self.run, self.finish) = (entity, company, run, finish) }

    private func joins(_ other: WaitingBody) -> Bool { company != nil && company?.batch == other.company?.batch && entity == other.entity }

    /// Runs bodies in their order, neighbours of one batch together.
    ///
    /// - Parameter transaction: Each run works through one of its own, so that no answer to another's questions reaches it.
    static func runTogether(_ bodies: [WaitingBody], in transaction: () -> any Transaction) throws {
        var start = 0
        while start < bodies.count {
            let end = bodies[start...].firstIndex { !$0.joins(bodies[start]) } ?? bodies.count
            if end > start + 1, let company = bodies[start].company {
                try company.runAll(transaction(), bodies[start..<end].compactMap { $0.company?.member })
                start = end
            } else {
                try bodies[start].run(transaction())
                start += 1
            }
        }
    }
}

/// One of a company, and what waits for its value.
private final class Member<Item: Sendable, Value: Sendable>: Sendable {
    let item: Item
    let outcome: Outcome<Value>
    init(_ item: Item, _ outcome: Outcome<Value>) { (self.item, self.outcome) = (item, outcome) }
}

/// Carries a value from the writer's thread to the caller's continuation.
private final class Outcome<Value: Sendable>: Sendable {
    private let stored = Mutex<Value?>(nil)
    init() {}
    func set(_ value: Value) { stored.withLock { $0 = value } }
    func tell(_ continuation: CheckedContinuation<Value, any Error>, _ failure: (any Error)?) {
        if let failure { return continuation.resume(throwing: failure) }
        guard let value = stored.withLock({ $0 }) else { preconditionFailure("a body that was committed ran") }
        continuation.resume(returning: value)
    }
}
