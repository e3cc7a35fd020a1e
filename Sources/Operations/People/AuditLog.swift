import Domain
import Store

/// Who did what, the last act first, a page at a time.
package struct AuditLog: Sendable {
    package struct Act: Sendable {
        package let id: Int64
        package let at: Instant
        package let actor: String
        package let role: String
        package let act: String
        package let detail: String
        package let outcome: String
    }

    private let entity: ID<Entity>
    private let actor, act: String?
    private let until: Instant?
    private let days: ListFilter
    private let after: ListPlace?
    private let limit: Int

    /// - Parameters:
    ///   - actor: Only of this person or key, by the whole name: keys are called `key NAME`.
    ///   - act: Only this act, as it is written down; a part in braces stands for any text.
    ///   - days: Only what was done on them, UTC.
    ///   - moment: Only what was done by then; everything when nil.
    package init(
        _ entity: ID<Entity>, actor: String? = nil, act: String? = nil, on days: ListFilter = .none, at moment: ReportMoment? = nil,
        after: ListPlace? = nil, limit: Int = ListLimit.page
    ) {
        self.days = days
        (self.entity, self.actor, self.act, self.after, self.limit) = (entity, actor, act, after, limit)
        let end = [moment?.asOf, days.through].compactMap { $0 }.min().map { Instant(microseconds: Self.start(of: $0 + 1) - 1) }
        until = [end, moment?.knownAt].compactMap { $0 }.min { $0.microseconds < $1.microseconds }
    }

    package func page(in tx: any Transaction) throws -> ListPage<Act> {
        var values: [SQLValue] = [.integer(entity.value)], condition = ""
        if let actor {
            values.append(.text(actor))
            condition += " AND actor = $\(values.count)"
        }
        if let act {
            values.append(.text(Self.pattern(act.lowercased())))
            condition += " AND §lower(act) LIKE $\(values.count) ESCAPE '!'"
        }
        if let until {
            values.append(.integer(until.microseconds))
            condition += " AND happened_at <= $\(values.count)"
        }
        if let from = days.from {
            values.append(.integer(Self.start(of: from)))
            condition += " AND happened_at >= $\(values.count)"
        }
        return try ListPage.read(
            "SELECT id, happened_at, actor, role, act, detail, outcome FROM audit_entry WHERE entity_id = $1\(condition)",
            // An index holds acts by their instant.
            ListOrder(days.isOfDays ? "happened_at" : "id", .integer, id: "id", descending: true), after: after, limit: limit,
            values: values, in: tx
        ) { row in
            let act = Act(
                id: row.integer(0), at: Instant(microseconds: row.integer(1)), actor: row.text(2), role: row.text(3), act: row.text(4),
                detail: row.text(5), outcome: row.text(6))
            return (act, ListPlace(String(act.at.microseconds), act.id))
        }
    }

    private static func start(of day: Day) -> Int64 { Int64(day.number) * 86_400_000_000 }

    private static func pattern(_ act: String) -> String {
        var pattern = "", isPart = false
        for letter in act {
            switch letter {
            case "{": isPart = true
            case "}" where isPart:
                pattern += "%"
                isPart = false
            case _ where isPart: continue
            case "%", "_", "!": pattern += "!\(letter)"
            default: pattern.append(letter)
            }
        }
        return pattern
    }
}
