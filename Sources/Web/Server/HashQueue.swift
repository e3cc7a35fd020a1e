import Foundation
import Synchronization

/// Passwords are hashed a few at a time, on threads of their own, so that their cost holds nobody else up.
final class HashQueue: Sendable {
    /// The line is full.
    struct Full: Error {}

    /// Of the whole process: a hash takes a tenth of a second of one core and 32 MB.
    private static let threads: OperationQueue = {
        let queue = OperationQueue()
        queue.maxConcurrentOperationCount = 2
        return queue
    }()

    private let limit, senderLimit: Int
    private let counts = Mutex<(all: Int, senders: [String: Int])>((0, [:]))

    /// - Parameters:
    ///   - limit: How many are hashed or wait.
    ///   - senderLimit: How many of those one address may have.
    init(limit: Int, senderLimit: Int) { (self.limit, self.senderLimit) = (limit, senderLimit) }

    /// - Errors: `Full`, at once; what `body` throws.
    func run<Value: Sendable>(for sender: Sender, _ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        guard enter(sender) else { throw Full() }
        defer { leave(sender) }
        return try await withCheckedThrowingContinuation { done in
            Self.threads.addOperation { done.resume(with: Result { try body() }) }
        }
    }

    private func enter(_ sender: Sender) -> Bool {
        counts.withLock { counts in
            let own = counts.senders[sender.address, default: 0]
            guard counts.all < limit, sender.isShared || own < senderLimit else { return false }
            counts.all += 1
            counts.senders[sender.address] = own + 1
            return true
        }
    }

    private func leave(_ sender: Sender) {
        counts.withLock { counts in
            counts.all -= 1
            let own = counts.senders[sender.address, default: 1] - 1
            counts.senders[sender.address] = own == 0 ? nil : own
        }
    }
}
