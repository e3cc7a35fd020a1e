import Domain
import Store

/// Says of messages that could not be sent that they were dealt with otherwise: they wait no more, and the conversation says how.
package struct SettleMessages: Sendable {
    private let entity: ID<Entity>
    private let messages: [ID<OutboxMessage>]
    private let reason, role: String
    private let on: Day

    /// - Parameters:
    ///   - reason: How they were dealt with; not empty.
    ///   - role: The role of who settles and, behind a blank, the name.
    package init(_ entity: ID<Entity>, _ messages: [ID<OutboxMessage>], reason: String, role: String, on day: Day) {
        (self.entity, self.messages, self.reason, self.role, on) = (entity, messages, reason, role, day)
    }

    /// - Returns: The addresses that they could not be sent to.
    /// - Errors: `OutboxRefusal`, for all of them; `SliceRefusal.noReason`. Then none is settled.
    @discardableResult package func run(in tx: any Transaction, at now: Instant) throws -> [String] {
        guard !reason.isEmpty else { throw SliceRefusal.noReason }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let lines = try books.dead(messages, in: tx)
        // Write, all or nothing.
        for line in lines {
            let changed = try tx.changes(
                "UPDATE outbox SET state = 'settled' WHERE entity_id = \(entity) AND id = \(line.id) AND state = 'dead'")
            guard changed == 1 else { throw OutboxRefusal.notDead(to: line.recipient, .sent) }
            books.append(
                OutboxEvent(kind: .settled, on: on, role: role, recipient: line.recipient, sentTo: nil, reason: reason), of: line.id)
        }
        try books.close(in: tx)
        return lines.map(\.recipient)
    }
}
