import Dispatch
import Domain
import Operations
import Store

/// Sends what waits in the outbox: leased, sent outside any transaction, then marked.
package struct DeliverOutbox: Sendable {
    package struct Report: Equatable, Sendable {
        package var sent = 0
        package var failed = 0
        /// The first failure, in words.
        package var firstError: String?
    }

    private static let batch = 100
    private let database: any Database
    private let entity: ID<Entity>
    private let mailer: Mailer
    private let from: String
    private let clock: @Sendable () -> Instant

    package init(_ database: any Database, _ entity: ID<Entity>, _ mailer: Mailer, from: String, clock: @escaping @Sendable () -> Instant) {
        (self.database, self.entity, self.mailer, self.from, self.clock) = (database, entity, mailer, from, clock)
    }

    package func run() async throws -> Report {
        var report = Report()
        while true {
            let lease = LeaseOutbox(entity, limit: Self.batch), now = clock()
            let messages = try await database.write(entity: entity) { try lease.run(in: $0, at: now) }
            guard !messages.isEmpty else { return report }
            var sent: [Int64] = [], failed: [(message: OutboxMessage, error: String)] = []
            // Told to stop, it leaves the rest to the next round, once their lease is over.
            for message in messages where !Task.isCancelled {
                do {
                    try await send(message)
                    sent.append(message.id)
                } catch {
                    failed.append((message, "\(error)"))
                    report.firstError = report.firstError ?? "\(error)"
                }
            }
            let conclusion = ConcludeOutbox(entity, sent: sent, failed: failed), done = clock()
            try await database.write(entity: entity) { try conclusion.run(in: $0, at: done) }
            report.sent += sent.count
            report.failed += failed.count
            try Task.checkCancellation()
        }
    }

    /// A mail server blocks its thread: one of its own, so that requests do not wait behind a slow one.
    private func send(_ message: OutboxMessage) async throws {
        let now = clock(), mailer = mailer, from = from
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async { done.resume(with: Result { try mailer.send(message, from: from, at: now) }) }
        }
    }
}
