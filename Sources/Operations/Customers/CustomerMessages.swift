import Domain
import Store

extension CustomerView.Message {
    /// Notices, statements of account and questions, each with its mail from the outbox and what was done about it.
    ///
    /// - Parameter moment: Only what went out by that day and was recorded by then; nil lists everything.
    static func latest(
        _ limit: Int, _ entity: ID<Entity>, _ customer: ID<Customer>, at moment: ReportMoment?, in tx: any Transaction
    ) throws -> [Self] {
        let lastDay = moment?.asOf.iso8601 ?? "9999-12-31", lastID = try moment?.horizon(in: tx) ?? .max
        let dayEnd = moment.map { Int64(($0.asOf + 1).number) * 86_400_000_000 } ?? .max, knownAt = moment?.knownAt?.microseconds ?? .max
        let notices = try tx.rows(
            """
            SELECT n.id, COALESCE(o.payload, ''), COALESCE(o.state, ''), n.sent_on, n.level
              FROM dunning_notice n LEFT JOIN outbox o ON o.entity_id = n.entity_id AND o.id = n.id
             WHERE n.entity_id = \(entity) AND n.customer_id = \(customer) AND n.sent_on <= \(lastDay) AND n.id <= \(lastID)
             ORDER BY n.id DESC LIMIT \(limit)
            """
        ) { Self($0, .notice(level: Int($0.integer(4))), on: $0.day(3)) }
        let statements = try tx.rows(
            """
            SELECT COALESCE(s.message_id, 0), COALESCE(o.payload, 'Statement of account as of ' || s.as_of), COALESCE(o.state, ''),
              s.sent_at
              FROM statement_sent s LEFT JOIN outbox o ON o.entity_id = s.entity_id AND o.id = s.message_id
             WHERE s.entity_id = \(entity) AND s.customer_id = \(customer) AND s.sent_at < \(dayEnd) AND s.sent_at <= \(knownAt)
             ORDER BY s.sent_at DESC, s.as_of DESC LIMIT \(limit)
            """
        ) { Self($0, .statement, on: Instant(microseconds: $0.integer(3)).day) }
        let questions = try tx.rows(
            """
            SELECT q.id, COALESCE(o.payload, ''), COALESCE(o.state, ''), q.asked_on
              FROM receipt_inquiry q LEFT JOIN outbox o ON o.entity_id = q.entity_id AND o.id = q.id
             WHERE q.entity_id = \(entity) AND q.customer_id = \(customer) AND q.asked_on <= \(lastDay) AND q.id <= \(lastID)
             ORDER BY q.id DESC LIMIT \(limit)
            """
        ) { Self($0, .question, on: $0.day(3)) }
        var latest = Array((notices + statements + questions).sorted { ($0.id, $0.on) > ($1.id, $1.on) }.prefix(limit))
        let events = try OutboxEvent.read(entity, of: latest.map(\.id), in: tx)
        for at in latest.indices { latest[at].events = events[latest[at].id] ?? [] }
        return latest
    }

    /// From id, payload and state.
    init(_ row: Row, _ kind: Kind, on day: Day) {
        let parts = row.text(1).split(separator: "\n\n", maxSplits: 1)
        self.init(
            id: row.integer(0), kind: kind, on: day, subject: parts.first.map(String.init) ?? "",
            body: parts.count > 1 ? String(parts[1]) : "", state: row.text(2))
    }
}
