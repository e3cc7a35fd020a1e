import Domain
import Store

/// What was written to a customer, the latest first, a page at a time: notices, statements of account and questions, each with its mail.
package struct MessageList: Sendable {
    package enum Kind: String, CaseIterable, Sendable { case notice, statement, question }
    /// Of its mail: it waits to be sent, was sent, could not be sent, or that and a person dealt with it otherwise.
    package enum State: String, CaseIterable, Sendable { case waiting, sent, dead, settled }

    private let entity: ID<Entity>
    private let customer: ID<Customer>
    private let kind: Kind?
    private let state: State?
    private let days: ListFilter
    private let after: ListPlace?
    private let limit: Int
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - kind, state: Only these; nil lists all.
    ///   - days: Only what went out on them.
    ///   - moment: What went out on that day or before and was recorded by then, what became of a mail as it is now; nil tells of now.
    package init(
        _ entity: ID<Entity>, _ customer: ID<Customer>, _ kind: Kind? = nil, _ state: State? = nil, on days: ListFilter = .none,
        after: ListPlace? = nil, limit: Int = ListLimit.page, at moment: ReportMoment? = nil
    ) {
        (self.kind, self.state, self.days) = (kind, state, days)
        (self.entity, self.customer, self.after, self.limit, self.moment) = (entity, customer, after, limit, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<CustomerView.Message> {
        var values: [SQLValue] = [.integer(entity.value), .integer(customer.value)]
        let notices = try moment?.condition("n.sent_on", "n.id", &values, in: tx) ?? "",
            questions = try moment?.condition("q.asked_on", "q.id", &values, in: tx) ?? ""
        var statements = ""
        if let moment {
            values += [
                .integer(Int64((moment.asOf + 1).number) * 86_400_000_000), .integer(moment.knownAt?.microseconds ?? .max),
            ]
            statements = " AND s.sent_at < $\(values.count - 1) AND s.sent_at <= $\(values.count)"
        }
        let narrower = narrower(&values)
        return try .read(
            """
            SELECT x.id, COALESCE(o.payload, x.subject), COALESCE(o.state, ''), x.kind, x.sent_on, x.sent_at, x.level
              FROM (SELECT n.entity_id, n.id, 'notice' AS kind, n.sent_on, CAST(NULL AS BIGINT) AS sent_at, n.level, '' AS subject
                      FROM dunning_notice n WHERE n.entity_id = $1 AND n.customer_id = $2\(notices)
                    UNION ALL
                    SELECT s.entity_id, s.message_id, 'statement', '', s.sent_at, 0, 'Statement of account as of ' || s.as_of
                      FROM statement_sent s WHERE s.entity_id = $1 AND s.customer_id = $2 AND s.message_id IS NOT NULL\(statements)
                    UNION ALL
                    SELECT q.entity_id, q.id, 'question', q.asked_on, CAST(NULL AS BIGINT), 0, ''
                      FROM receipt_inquiry q WHERE q.entity_id = $1 AND q.customer_id = $2\(questions)) x
              LEFT JOIN outbox o ON o.entity_id = $1 AND o.id = x.id
             WHERE x.entity_id = $1\(narrower)
            """, ListOrder("x.id", .integer, id: "x.id", descending: true), after: after, limit: limit, values: values, in: tx
        ) { row in
            let kind: CustomerView.Message.Kind =
                switch row.text(3) {
                case "notice": .notice(level: Int(row.integer(6)))
                case "statement": .statement
                default: .question
                }
            let day = row.optionalInteger(5).map { Instant(microseconds: $0).day }
            return (CustomerView.Message(row, kind, on: day ?? row.day(4)), ListPlace("", row.integer(0)))
        }
    }

    private func narrower(_ values: inout [SQLValue]) -> String {
        var condition = kind.map { " AND x.kind = '\($0.rawValue)'" } ?? ""
        condition += state.map { " AND o.state = '\($0.rawValue)'" } ?? ""
        // A statement of account is of the day, UTC, of its instant.
        func bound(_ sign: String, _ day: Day?, _ instant: Day?) {
            guard let day, let instant else { return }
            values += [.text(day.iso8601), .integer(Int64(instant.number) * 86_400_000_000)]
            let text = "x.sent_on \(sign)= $\(values.count - 1)", number = "x.sent_at \(sign == "<" ? "<" : ">=") $\(values.count)"
            condition += " AND CASE WHEN x.sent_at IS NULL THEN \(text) ELSE \(number) END"
        }
        bound(">", days.from, days.from)
        bound("<", days.through, days.through.map { $0 + 1 })
        return condition
    }
}
