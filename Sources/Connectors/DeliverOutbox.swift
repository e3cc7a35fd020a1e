import Dispatch
import Domain
import Operations
import Store

/// Sends what waits in the outbox: leased, sent outside any transaction, marked while it goes on.
package struct DeliverOutbox: Sendable {
    package struct Report: Equatable, Sendable {
        package var sent = 0
        package var failed = 0
        /// The first failure, in words.
        package var firstError: String?
    }

    private static let batch = 100
    /// What was sent longer ago is marked before the next message begins: a quick mail server takes many in between.
    private static let pauseMicroseconds: Int64 = 1_000_000
    private let database: any Database
    private let entity: ID<Entity>
    private let mailer: Mailer
    private let from: String
    private let patience: Duration
    private let clock: @Sendable () -> Instant

    /// - Parameter patience: What a message on its way may take once this is told to stop: well below what the server gives its work.
    package init(
        _ database: any Database, _ entity: ID<Entity>, _ mailer: Mailer, from: String, patience: Duration = .seconds(10),
        clock: @escaping @Sendable () -> Instant
    ) {
        (self.database, self.entity, self.mailer, self.from) = (database, entity, mailer, from)
        (self.patience, self.clock) = (patience, clock)
    }

    /// - Errors: `CancellationError` when it was told to stop; `DatabaseFault` with `isNewer` where a newer program is to send the rest.
    package func run() async throws -> Report {
        var report = Report()
        while true {
            let take = LeaseOutbox(entity, limit: Self.batch), now = clock()
            let lease = try await database.writeStep(entity: entity) { try take.run(in: $0, at: now) }
            guard !lease.messages.isEmpty else { return report }
            try await deliver(lease, from: now, &report)
            try Task.checkCancellation()
        }
    }

    /// Before a message begins, the lease is longer than it takes. Messages that another worker took over are left to it; told to stop,
    /// this one gives back what it did not try, one that was broken off among it.
    private func deliver(_ taken: OutboxLease, from start: Instant, _ report: inout Report) async throws {
        var lease = taken, marked = start, sent: [OutboxMessage] = [], failed: [(message: OutboxMessage, error: String)] = []
        while !Task.isCancelled {
            let now = clock()
            if now.microseconds - marked.microseconds >= Self.pauseMicroseconds {
                lease = try await concluded(lease, sent, failed, .held, at: now)
                (marked, sent, failed) = (now, [], [])
                // What left is marked; the rest stays leased for two minutes, and is the newer program's then.
                do { try await database.read { try $0.requireKnownSchema() } } catch let fault as DatabaseFault where !fault.isNewer {}
            }
            guard !lease.messages.isEmpty else { break }
            let message = lease.messages.removeFirst()
            do {
                try await send(message)
                sent.append(message)
                report.sent += 1
            } catch is CancellationError {
                lease.messages.insert(message, at: 0)
                break
            } catch {
                failed.append((message, "\(error)"))
                report.failed += 1
                report.firstError = report.firstError ?? "\(error)"
            }
        }
        guard !sent.isEmpty || !failed.isEmpty || !lease.messages.isEmpty else { return }
        _ = try await concluded(lease, sent, failed, .givenBack, at: clock())
    }

    private func concluded(
        _ lease: OutboxLease, _ sent: [OutboxMessage], _ failed: [(message: OutboxMessage, error: String)], _ rest: ConcludeOutbox.Rest,
        at now: Instant
    ) async throws -> OutboxLease {
        let conclusion = ConcludeOutbox(entity, lease, sent: sent, failed: failed, rest)
        return try await database.write(entity: entity) { try conclusion.run(in: $0, at: now) }
    }

    /// A mail server blocks its thread: one of its own, so that requests do not wait behind a slow one.
    private func send(_ message: OutboxMessage) async throws {
        let now = clock(), mailer = mailer, from = from, patience = patience, end = SendingEnd()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
                DispatchQueue.global().async { done.resume(with: Result { try mailer.send(message, from: from, at: now, until: end) }) }
            }
        } onCancel: {
            end.come(after: patience)
        }
    }
}
