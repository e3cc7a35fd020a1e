import Synchronization

/// A transaction body that waits for its turn: `run` executes it, `finish` tells the caller once the commit is known.
struct WaitingBody: Sendable {
    let run: @Sendable (any Transaction) throws -> Void
    let finish: @Sendable ((any Error)?) -> Void

    /// Runs `body` when its turn comes and gives the caller its value, or what it or the commit threw.
    static func submitted<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value, to enqueue: (WaitingBody) -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let outcome = Outcome<Value>()
            enqueue(
                WaitingBody(
                    run: { tx in
                        let value = try body(tx)
                        outcome.value.withLock { $0 = value }
                    },
                    finish: { failure in
                        if let failure { return continuation.resume(throwing: failure) }
                        guard let value = outcome.value.withLock({ $0 }) else { preconditionFailure("a body that was committed ran") }
                        continuation.resume(returning: value)
                    }))
        }
    }
}

/// Carries a value from the writer's thread to the caller's continuation.
private final class Outcome<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
