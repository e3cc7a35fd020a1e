import Domain
import Store

/// What a person did with a message that could not be sent.
package struct OutboxEvent: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case sentAgain = "sent_again"
        case settled
    }
    package let kind: Kind
    package let on: Day
    /// The role of who did it and, behind a blank, the name.
    package let role: String
    /// The address that it could not be sent to.
    package let recipient: String
    /// The address that it goes to instead, or again; nil of one that was settled.
    package let sentTo: String?
    /// How it was dealt with; nil of one that was sent again.
    package let reason: String?

    /// By the message's id, the oldest first.
    static func read(_ entity: ID<Entity>, of messages: [Int64], in tx: any Transaction) throws -> [Int64: [OutboxEvent]] {
        guard !messages.isEmpty else { return [:] }
        var events: [Int64: [OutboxEvent]] = [:]
        try tx.forEach(
            """
            SELECT message_id, event, happened_on, role, recipient, sent_to, reason FROM outbox_event
             WHERE entity_id = \(entity) AND message_id IN \(ids: messages) ORDER BY id
            """
        ) { row in
            let event = OutboxEvent(
                kind: row.word(1), on: row.day(2), role: row.text(3), recipient: row.text(4), sentTo: row.optionalText(5),
                reason: row.optionalText(6))
            events[row.integer(0), default: []].append(event)
        }
        return events
    }
}

/// A "no" to what somebody wants done with messages.
package enum OutboxRefusal: Refusal, Equatable {
    case unknown
    /// Whose mail is in another state than dead.
    case notDead(to: String, MessageList.State)
    /// The customer's number.
    case noAddress(String)
    /// Why it says what holds no more, as `outdatedMail` does.
    case outdated(to: String, String)

    package var category: RefusalCategory {
        switch self {
        case .unknown: .missing
        case .notDead, .noAddress, .outdated: .conflict
        }
    }
    package var code: String {
        switch self {
        case .unknown: "message_not_found"
        case .notDead: "message_state"
        case .noAddress: "address_missing"
        case .outdated: "message_outdated"
        }
    }
    package var message: String {
        switch self {
        case .unknown: "this message does not exist"
        case .notDead(let recipient, let state):
            "the message to \(recipient) \(Self.words(state)): only one that could not be sent is sent again or settled"
        case .noAddress(let number): "customer \(number) has no mail address any more: give it one, or settle the message"
        case .outdated(let recipient, let why): "the message to \(recipient) is not sent again, it \(why): settle it"
        }
    }

    private static func words(_ state: MessageList.State) -> String {
        switch state {
        case .waiting: "waits to be sent"
        case .sent: "was sent"
        case .dead: "could not be sent"
        case .settled: "is settled already"
        }
    }
}

extension Books {
    /// The messages with these ids as they stand, the oldest first.
    ///
    /// - Errors: `OutboxRefusal.unknown`; `notDead`.
    func dead(_ messages: [ID<OutboxMessage>], in tx: any Transaction) throws -> [OutboxList.Line] {
        try Set(messages).sorted().map { id in
            guard let line = try OutboxList(entity, limit: 1, id: id).page(in: tx).rows.first else { throw OutboxRefusal.unknown }
            guard line.state == .dead else { throw OutboxRefusal.notDead(to: line.recipient, line.state) }
            return line
        }
    }

    mutating func append(_ event: OutboxEvent, of message: ID<OutboxMessage>) {
        let id: ID<OutboxEvent> = newID()
        append(.outboxEvent) { batch in
            batch.append(id.value)
            batch.append(message.value)
            batch.append(event.kind.rawValue)
            batch.append(event.recipient)
            batch.append(event.sentTo)
            batch.append(event.on.iso8601)
            batch.append(event.role)
            batch.append(event.reason)
        }
    }
}
