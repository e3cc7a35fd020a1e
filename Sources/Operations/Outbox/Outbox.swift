import Domain
import Store

/// A message on its way out: written with its cause, sent afterwards by a worker, at least once.
package struct OutboxMessage: Equatable, Sendable {
    package let entity: ID<Entity>
    package let id: Int64
    /// Unique within the legal entity, and the same for every attempt: the other side can drop what it has seen.
    package let key: String
    /// A mail address; what was written to nobody is not sent.
    package let recipient: String
    package let subject: String
    package let body: String
    /// The number of this one.
    package let attempts: Int
}

/// Messages in the hands of one worker: until the lease ends no other one gets them.
package struct OutboxLease: Sendable {
    package var messages: [OutboxMessage]
    /// Later with each taking and each renewal of a message: it tells who comes back too late.
    package let until: Instant
}

/// The values of one message for `Books.write(outbox:)`.
func outboxRow(
    _ entity: ID<Entity>, id: Int64, key: String, _ recipient: String, _ subject: String, _ body: String, at now: Instant
) -> [SQLValue] {
    [
        .integer(entity.value), .integer(id), .text("mail"), .text(key), .text(recipient), .text("\(subject)\n\n\(body)"),
        .integer(now.microseconds),
    ]
}

extension Books {
    /// - Parameter rows: Of `outboxRow`, one after the other.
    mutating func write(outbox rows: [SQLValue], in tx: any Transaction) throws {
        try tx.repeated(
            """
            INSERT INTO outbox (entity_id, id, topic, message_key, recipient, payload, state, attempts, next_at, leased_until)
            VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $7, 0)
            """, 7, rows)
        var messages = RowBatch(MasterRecord.outbox.table)
        for (at, value) in rows.enumerated() where at % 7 < 6 {
            switch value {
            case .integer(let integer): messages.append(integer)
            case .text(let text): messages.append(text)
            default: preconditionFailure("a message is of numbers and texts")
            }
        }
        cover(.outbox, messages)
    }
}

/// Takes messages that are due.
package struct LeaseOutbox: Sendable {
    /// A message that failed this often waits for a person, who sends it again or settles it.
    package static let attemptLimit = 8
    /// Twice the longest time that one message takes.
    fileprivate static let leaseMicroseconds: Int64 = 120_000_000

    private let entity: ID<Entity>
    private let limit: Int
    package init(_ entity: ID<Entity>, limit: Int) { (self.entity, self.limit) = (entity, limit) }

    package func run(in tx: any Transaction, at now: Instant) throws -> OutboxLease {
        let until = Instant(microseconds: now.microseconds + Self.leaseMicroseconds)
        let messages = try tx.rows(
            """
            UPDATE outbox SET leased_until = \(until)
             WHERE entity_id = \(entity) AND state = 'waiting' AND leased_until <= \(now) AND next_at <= \(now) AND id IN (
                SELECT id FROM outbox WHERE entity_id = \(entity) AND state = 'waiting' AND leased_until <= \(now) AND next_at <= \(now)
                 ORDER BY next_at, id LIMIT \(limit))
            RETURNING id, message_key, recipient, payload, attempts + 1
            """
        ) { row in
            let parts = row.text(3).split(separator: "\n\n", maxSplits: 1)
            return OutboxMessage(
                entity: entity, id: row.integer(0), key: row.text(1), recipient: row.text(2), subject: String(parts[0]),
                body: parts.count > 1 ? String(parts[1]) : "",
                attempts: Int(row.integer(4)))
        }
        return OutboxLease(messages: messages.sorted { $0.id < $1.id }, until: until)
    }
}

/// Microseconds from an attempt that failed to the next one: 1, 2, 4 … minutes.
///
/// - Parameter attempt: Its number, from 1 on.
func outboxPause(behind attempt: Int) -> Int64 { 60_000_000 << Int64(min(attempt, 10) - 1) }

/// Records what became of attempts to send: done, or tried again later (1, 2, 4 … minutes), or left to a person. The lease of what was not
/// tried is moved on, or given back.
package struct ConcludeOutbox: Sendable {
    package enum Rest: Sendable { case held, givenBack }

    private let entity: ID<Entity>
    private let lease: OutboxLease
    private let sent: [OutboxMessage]
    private let failed: [(message: OutboxMessage, error: String)]
    private let rest: Rest

    /// - Parameter lease: With the messages alone that were not tried.
    package init(
        _ entity: ID<Entity>, _ lease: OutboxLease, sent: [OutboxMessage], failed: [(message: OutboxMessage, error: String)], _ rest: Rest
    ) {
        (self.entity, self.lease, self.sent, self.failed, self.rest) = (entity, lease, sent, failed, rest)
    }

    /// - Returns: What is still held, without what another worker has taken over or sent.
    package func run(in tx: any Transaction, at now: Instant) throws -> OutboxLease {
        // What is sent is sent, whoever holds it now; but what a person has settled since, or sent to another address, is as they said.
        try tx.repeated(
            """
            UPDATE outbox SET state = 'sent', attempts = attempts + 1, last_error = NULL
             WHERE entity_id = $1 AND id = $2 AND recipient = $3 AND state <> 'settled'
            """, 3, sent.flatMap { [.integer(entity.value), .integer($0.id), .text($0.recipient)] })
        for (message, error) in failed {
            let state = message.attempts >= LeaseOutbox.attemptLimit ? "dead" : "waiting"
            let next = now.microseconds + outboxPause(behind: message.attempts)
            try tx.run(
                """
                UPDATE outbox
                   SET state = \(state), attempts = \(message.attempts), next_at = \(next), leased_until = 0, last_error = \(error)
                 WHERE entity_id = \(entity) AND id = \(message.id) AND state = 'waiting' AND leased_until = \(lease.until)
                """)
        }
        return try moved(in: tx, at: now)
    }

    private func moved(in tx: any Transaction, at now: Instant) throws -> OutboxLease {
        guard !lease.messages.isEmpty else { return lease }
        // A clock that is set back brings no end that there was before.
        let end = max(now.microseconds + LeaseOutbox.leaseMicroseconds, lease.until.microseconds + 1)
        let until = Instant(microseconds: rest == .held ? end : 0), ids = lease.messages.map(\.id)
        let held = Set(
            try tx.rows(
                """
                UPDATE outbox SET leased_until = \(until)
                 WHERE entity_id = \(entity) AND id IN \(ids: ids) AND state = 'waiting' AND leased_until = \(lease.until)
                RETURNING id
                """
            ) { $0.integer(0) })
        return OutboxLease(messages: lease.messages.filter { held.contains($0.id) }, until: until)
    }
}
