import Domain
import Store

/// Acts that wait for a second person, and those that were decided, the latest first, a page at a time.
package struct ApprovalList: Sendable {
    package enum State: String, CaseIterable, Sendable { case waiting, approved, declined }
    package struct Line: Sendable {
        package let id: Int64
        /// The path of the act's form.
        package let act: String
        /// The form as it was sent: `name=value` pairs.
        package let fields: String
        package let why: String
        package let askedBy: String
        package let askedAt: Instant
        package let state: State
        package let decidedBy: String?
        package let decidedAt: Instant?
    }

    private let entity: ID<Entity>
    private let state: State?
    private let after: ListPlace?
    private let limit: Int
    private let id: Int64?
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - state: Only these; nil is all.
    ///   - id: Only this one.
    ///   - moment: What had been asked by then, as far as it was decided; nil tells of now.
    package init(
        _ entity: ID<Entity>, _ state: State? = nil, after: ListPlace? = nil, limit: Int = ListLimit.page, id: Int64? = nil,
        at moment: ReportMoment? = nil
    ) {
        (self.entity, self.state, self.after, self.limit, self.id, self.moment) = (entity, state, after, limit, id, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Line> {
        let last = moment?.last ?? .max
        var values: [SQLValue] = [.integer(entity.value), .integer(last)], condition = ""
        let then = "CASE WHEN a.decided_at IS NULL OR a.decided_at > $2 THEN 'waiting' ELSE a.state END"
        if let state {
            // As the index over what waits has it.
            condition += moment == nil ? " AND a.state = '\(state.rawValue)'" : " AND \(then) = '\(state.rawValue)'"
        }
        if let id {
            values.append(.integer(id))
            condition += " AND a.id = $3"
        }
        return try .read(
            """
            SELECT a.id, a.act, a.fields, a.why, a.asked_name, a.asked_at, \(then), a.decided_name, a.decided_at
              FROM approval a WHERE a.entity_id = $1 AND a.asked_at <= $2\(condition)
            """, ListOrder("a.id", .integer, id: "a.id", descending: true), after: after, limit: limit, values: values, in: tx
        ) { row in
            let state: State = row.word(6), isDecided = state != .waiting
            let line = Line(
                id: row.integer(0), act: row.text(1), fields: row.text(2), why: row.text(3), askedBy: row.text(4),
                askedAt: Instant(microseconds: row.integer(5)), state: state, decidedBy: isDecided ? row.optionalText(7) : nil,
                decidedAt: isDecided ? row.optionalInteger(8).map { Instant(microseconds: $0) } : nil)
            return (line, ListPlace("", line.id))
        }
    }
}
