import Crypto
import Domain
import Operations
import Store

/// Tells every registered address what happened since it was told last, each in turns of its own: a slow one holds nobody else.
///
/// An event is told again when it is not known to have arrived, as after a crash: at most the one that was on its way.
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

    /// Turns at once, over all legal entities.
    package static let width = 16
    private static let batch = 100
    /// A turn begins no event after that, and the next ones get theirs.
    private static let turnMicroseconds: Int64 = 20_000_000
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

    /// Begins a turn for every address that is due, each in a task of the group, and waits for none of them.
    ///
    /// - Parameters:
    ///   - turns: How many the group holds; one beyond `width` begins when another has ended.
    ///   - done: Told what became of each.
    package func begin(
        in group: inout TaskGroup<Void>, _ turns: inout Int, done: @escaping @Sendable (Result<Report, any Error>) -> Void
    ) async throws {
        var after: Int64 = 0
        while !Task.isCancelled {
            if turns == Self.width {
                _ = await group.next()
                turns -= 1
            }
            let lease = LeaseWebhook(entity, after: after), now = clock()
            guard let target = try await database.writeStep(entity: entity, { try lease.run(in: $0, at: now) }) else { return }
            after = target.id.value
            turns += 1
            group.addTask {
                do { done(.success(try await turn(target))) } catch { done(.failure(error)) }
            }
        }
    }

    /// Tells an address what it has not heard, as far as it takes, its time lasts, and nobody else leases, removes or replays it.
    private func turn(_ leased: WebhookTarget) async throws -> Report {
        var target = leased, report = Report(), error: String?, events: [EventFeed.Event] = []
        let end = clock().microseconds + Self.turnMicroseconds
        batches: repeat {
            let feed = EventFeed(entity, after: target.throughID, limit: Self.batch)
            events = try await database.read { try feed.events(in: $0) }
            for event in events {
                guard !Task.isCancelled, clock().microseconds < end else { break batches }
                do { try await send(message(event, target)) } catch let failure {
                    error = String("\(failure)".prefix(500))
                    report.failed += 1
                    break batches
                }
                report.sent += 1
                let advance = AdvanceWebhook(entity, target, through: event.id), now = clock()
                guard let held = try await database.write(entity: entity, { try advance.run(in: $0, at: now) }) else { break batches }
                target = held
            }
        } while events.count == Self.batch
        let conclusion = ConcludeWebhook(entity, target, error: error), now = clock()
        try await database.write(entity: entity) { try conclusion.run(in: $0, at: now) }
        return report
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
