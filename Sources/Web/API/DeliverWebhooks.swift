import Crypto
import Domain
import Operations
import Store

/// Tells every registered address what happened since it was told last.
///
/// Each event is one POST, signed: `Florin-Signature: t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 over `SECONDS.BODY` with the
/// address's secret.
package struct DeliverWebhooks: Sendable {
    package struct Message: Sendable {
        package let url: String
        package let headers: [(name: String, value: String)]
        package let body: String
    }
    package struct Report: Equatable, Sendable {
        package var sent = 0
        package var failed = 0
        package init() {}
    }

    private static let batch = 100
    private let database: any Database
    private let entity: ID<Entity>
    private let clock: @Sendable () -> Instant
    /// Throws unless the other side answered 2xx.
    private let send: @Sendable (Message) async throws -> Void

    package init(
        _ database: any Database, _ entity: ID<Entity>, clock: @escaping @Sendable () -> Instant,
        send: @escaping @Sendable (Message) async throws -> Void
    ) {
        (self.database, self.entity, self.clock, self.send) = (database, entity, clock, send)
    }

    /// One round: every address that is due, each as far as it takes.
    package func run() async throws -> Report {
        var report = Report(), after: Int64 = 0
        while true {
            let lease = LeaseWebhook(entity, after: after), now = clock()
            guard let target = try await database.write(entity: entity, { try lease.run(in: $0, at: now) }) else { return report }
            after = target.id.value
            let feed = EventFeed(entity, after: target.throughID, limit: Self.batch)
            let events = try await database.read { try feed.events(in: $0) }
            var through = target.throughID, error: String?
            for event in events where error == nil && !Task.isCancelled {
                do {
                    try await send(message(event, target))
                    through = event.id
                    report.sent += 1
                } catch let failure {
                    error = String("\(failure)".prefix(500))
                    report.failed += 1
                }
            }
            let conclusion = ConcludeWebhook(entity, target, through: through, error: error), done = clock()
            try await database.write(entity: entity) { try conclusion.run(in: $0, at: done) }
            try Task.checkCancellation()
        }
    }

    private func message(_ event: EventFeed.Event, _ target: WebhookTarget) -> Message {
        let body = event.json.line, seconds = clock().microseconds / 1_000_000
        return Message(
            url: target.url,
            headers: [
                ("Content-Type", "application/json"), ("Florin-Event", PrefixedID.text("evt", event.id)),
                ("Florin-Signature", "t=\(seconds),v1=\(webhookSignature(body, at: seconds, target.secret))"),
            ], body: body)
    }
}

package func webhookSignature(_ body: String, at seconds: Int64, _ secret: String) -> String {
    hexadecimal(HMAC<SHA256>.authenticationCode(for: Array("\(seconds).\(body)".utf8), using: SymmetricKey(data: Array(secret.utf8))))
}
