import Domain
import Synchronization

/// Requests of one kind that a database may run together: those of one entity that wait at the same time become one call of `run`, which
/// answers each. It is made once for each kind, since it is told from others by itself.
package final class Batch<Item: Sendable, Value: Sendable>: Sendable {
    fileprivate let run: @Sendable (any Transaction, ID<Entity>, [Item]) throws -> [Value]

    /// - Parameter run: Gives a value for each item, in their order. When it throws, it runs again for each item alone.
    package init(_ run: @escaping @Sendable (any Transaction, ID<Entity>, [Item]) throws -> [Value]) { self.run = run }
}

/// A transaction body that waits for its turn: `run` executes it, `finish` tells the caller once the commit is known.
package struct WaitingBody: Sendable {
    let entity: ID<Entity>
    let run: @Sendable (any Transaction) throws -> Void
    let finish: @Sendable ((any Error)?) -> Void
    private var company: Company?

    private struct Company: Sendable {
        let batch: ObjectIdentifier
        let member: any AnyObject & Sendable
        let runAll: @Sendable (any Transaction, [any AnyObject & Sendable]) throws -> Void
    }

    /// Runs `body` when its turn comes and gives the caller its value, or what it or the commit threw.
    nonisolated(nonsending) static func submitted<Value: Sendable>(
        _ entity: ID<Entity>, _ body: @escaping @Sendable (any Transaction) throws -> Value, to enqueue: (WaitingBody) -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = Outcome<Value>()
            enqueue(WaitingBody(entity, outcome, continuation) { tx in outcome.set(try body(tx)) })
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
                let values = try batch.run(tx, entity, members.map(\.item))
                precondition(values.count == members.count, "a batch answers each of its items")
                for (member, value) in zip(members, values) { member.outcome.set(value) }
            }
            let member = Member(item, outcome)
            var body = WaitingBody(entity, outcome, continuation) { tx in try runAll(tx, [member]) }
            body.company = Company(batch: ObjectIdentifier(batch), member: member, runAll: runAll)
            enqueue(body)
        }
    }

    private init<Value>(
        _ entity: ID<Entity>, _ outcome: Outcome<Value>, _ continuation: CheckedContinuation<Value, any Error>,
        _ run: @escaping @Sendable (any Transaction) throws -> Void
    ) {
        (self.entity, self.run) = (entity, run)
        finish = { failure in
            if let failure { return continuation.resume(throwing: failure) }
            guard let value = outcome.value else { preconditionFailure("a body that was committed ran") }
            continuation.resume(returning: value)
        }
    }

    private func joins(_ other: WaitingBody) -> Bool { company != nil && company?.batch == other.company?.batch && entity == other.entity }

    /// Runs bodies in their order, neighbours of one batch together.
    ///
    /// - Parameter transaction: Each run works through one of its own, so that no answer to another's questions reaches it.
    static func runTogether(_ bodies: [WaitingBody], in transaction: () -> any Transaction) throws {
        var start = 0
        while start < bodies.count {
            let end = bodies[start...].firstIndex { !$0.joins(bodies[start]) } ?? bodies.count
            if end > start + 1, let company = bodies[start].company {
                try company.runAll(transaction(), bodies[start..<end].compactMap(\.company?.member))
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
    var value: Value? { stored.withLock { $0 } }
    func set(_ value: Value) { stored.withLock { $0 = value } }
}

/// Some body of a group threw: the others must not share its rollback.
struct GroupRefused: Error {}
