import Domain
import Store

/// Puts messages that could not be sent back on their way, now and with tries counted anew, each to its customer's address of now. One
/// that says what holds no more is not sent again: a reminder of what has been paid since, a question that is answered.
package struct SendAgain: Sendable {
    package struct Sent: Equatable, Sendable {
        /// Where it goes.
        package let recipient: String
        /// Where it was to go, when that was another address; nil where it goes there again.
        package let before: String?
    }

    private let entity: ID<Entity>
    private let messages: [ID<OutboxMessage>]
    private let role: String
    private let on: Day

    /// - Parameter role: The role of who sends and, behind a blank, the name.
    package init(_ entity: ID<Entity>, _ messages: [ID<OutboxMessage>], role: String, on day: Day) {
        (self.entity, self.messages, self.role, on) = (entity, messages, role, day)
    }

    /// The key stays: a mail server that has taken the message after all can tell that it comes again.
    ///
    /// - Errors: `OutboxRefusal`, for all of them; then none is sent.
    package func run(in tx: any Transaction, at now: Instant) throws -> [Sent] {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let lines = try books.dead(messages, in: tx)
        let outdated = try outdatedMail(entity, lines.map(\.id.value), on: on, in: tx)
        // Decide and write, all or nothing.
        var moved: [Int64] = [], sent: [Sent] = []
        for line in lines {
            if let why = outdated[line.id.value] { throw OutboxRefusal.outdated(to: line.recipient, why) }
            guard let address = line.address else { throw OutboxRefusal.noAddress(line.customer?.number ?? "") }
            let changed = try tx.changes(
                """
                UPDATE outbox SET state = 'waiting', recipient = \(address), attempts = 0, next_at = \(now), leased_until = 0,
                       last_error = NULL
                 WHERE entity_id = \(entity) AND id = \(line.id) AND state = 'dead'
                """)
            // A worker that comes late says that it was sent after all.
            guard changed == 1 else { throw OutboxRefusal.notDead(to: line.recipient, .sent) }
            let isMoved = address != line.recipient
            if isMoved { moved.append(line.id.value) }
            books.append(
                OutboxEvent(kind: .sentAgain, on: on, role: role, recipient: line.recipient, sentTo: address, reason: nil), of: line.id)
            sent.append(Sent(recipient: address, before: isMoved ? line.recipient : nil))
        }
        try books.cover(.outbox, in: moved, tx)
        try books.close(in: tx)
        return sent
    }
}
