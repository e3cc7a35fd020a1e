import Domain
import Store

/// Messages to customers with what became of their mail, the latest first, a page at a time.
package struct OutboxList: Sendable {
    package struct Line: Sendable {
        package let id: ID<OutboxMessage>
        /// Where it goes, or went.
        package let recipient: String
        package let subject: String
        /// With the address of now; nil of a message that is not known to be anybody's.
        package let customer: (number: String, name: String, email: String?)?
        package let state: MessageList.State
        /// How often it was tried since it was written, or sent again.
        package let attempts: Int
        /// Of the last attempt that failed; nil of a message without one, and of one that was sent.
        package let lastTriedAt: Instant?
        package let lastError: String?
        /// That a person dealt with it otherwise.
        package let settled: (on: Day, role: String, reason: String)?

        /// Where it goes when it is sent again: to the customer's address of now; nil where that customer has none any more.
        package var address: String? {
            guard let customer else { return recipient }
            return customer.email
        }
    }

    /// So much of a message is read to find its subject.
    private static let headLength = 400
    private let entity: ID<Entity>
    private let state: MessageList.State?
    private let after: ListPlace?
    private let limit: Int
    private let id: ID<OutboxMessage>?
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - state: Only these; nil lists all.
    ///   - id: Only this one.
    ///   - moment: Messages written by the end of that day and recorded by then, with what became of them as it is now; nil tells of now.
    package init(
        _ entity: ID<Entity>, _ state: MessageList.State? = nil, after: ListPlace? = nil, limit: Int = ListLimit.page,
        id: ID<OutboxMessage>? = nil, at moment: ReportMoment? = nil
    ) {
        (self.entity, self.state, self.after, self.limit, self.id, self.moment) = (entity, state, after, limit, id, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Line> {
        var values: [SQLValue] = [.integer(entity.value)]
        var condition = state.map { " AND o.state = '\($0.rawValue)'" } ?? ""
        func bound(_ sign: String, _ id: Int64) {
            values.append(.integer(id))
            condition += " AND o.id \(sign) $\(values.count)"
        }
        if let id { bound("=", id.value) }
        if let moment { bound("<=", try moment.recordedHorizon(in: tx)) }
        return try .read(
            """
            SELECT o.id, o.recipient, substr(o.payload, 1, \(Self.headLength)), o.state, o.attempts, o.next_at, o.last_error,
                   c.number, c.name, c.email, e.happened_on, e.role, e.reason
              FROM outbox o
              LEFT JOIN dunning_notice n ON n.entity_id = o.entity_id AND n.id = o.id
              LEFT JOIN receipt_inquiry q ON q.entity_id = o.entity_id AND q.id = o.id
              LEFT JOIN statement_sent s ON s.entity_id = o.entity_id AND s.message_id = o.id
              LEFT JOIN customer c ON c.entity_id = o.entity_id AND c.id = COALESCE(n.customer_id, q.customer_id, s.customer_id)
              LEFT JOIN outbox_event e ON e.entity_id = o.entity_id AND e.message_id = o.id AND e.event = 'settled'
             WHERE o.entity_id = $1\(condition)
            """, ListOrder("o.id", .integer, id: "o.id", descending: true), after: after, limit: limit, values: values, in: tx
        ) { row in
            let line = Self.line(row)
            return (line, ListPlace("", line.id.value))
        }
    }

    private static func line(_ row: Row) -> Line {
        let state: MessageList.State = row.word(3), attempts = Int(row.integer(4)), hasFailed = state != .sent && attempts > 0
        return Line(
            id: row.id(0), recipient: row.text(1),
            subject: row.text(2).split(separator: "\n\n", maxSplits: 1).first.map(String.init) ?? "",
            customer: row.optionalText(7).map { (number: $0, name: row.text(8), email: row.optionalText(9)) }, state: state,
            attempts: attempts,
            // The time of the next attempt stands, and how far apart the two are.
            lastTriedAt: hasFailed ? Instant(microseconds: row.integer(5) - outboxPause(behind: attempts)) : nil,
            lastError: row.optionalText(6),
            settled: row.optionalDay(10).map { (on: $0, role: row.text(11), reason: row.text(12)) })
    }
}
