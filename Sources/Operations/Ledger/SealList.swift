import Domain
import Store

/// The chain of seals, the latest first, a page at a time: the first of all is the head.
package struct SealList: Sendable {
    package struct Line: Sendable {
        /// The last fact that it covers.
        package let throughID: Int64
        package let recordedAt: Instant
        /// SHA-256, hexadecimal: of what the seal covers, and of the seal before.
        package let hash: String
    }

    private let entity: ID<Entity>
    private let days: ListFilter
    private let after: ListPlace?
    private let limit: Int
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - days: Only what was recorded on them, UTC.
    ///   - moment: Seals of that day or before that stood by then; nil tells of now.
    package init(
        _ entity: ID<Entity>, on days: ListFilter = .none, after: ListPlace? = nil, limit: Int = ListLimit.page,
        at moment: ReportMoment? = nil
    ) {
        (self.entity, self.days, self.after, self.limit, self.moment) = (entity, days, after, limit, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Line> {
        func start(_ day: Day) -> Int64 { Int64(day.number) * 86_400_000_000 }
        let last = [moment?.last, days.through.map { start($0 + 1) - 1 }].compactMap { $0 }.min() ?? .max
        return try .read(
            "SELECT last_id, recorded_at, hash FROM seal WHERE entity_id = $1 AND recorded_at <= $2 AND recorded_at >= $3",
            ListOrder("last_id", .integer, id: "last_id", descending: true), after: after, limit: limit,
            values: [.integer(entity.value), .integer(last), .integer(days.from.map(start) ?? 0)], in: tx
        ) { row in
            let line = Line(
                throughID: row.integer(0), recordedAt: Instant(microseconds: row.integer(1)), hash: hexadecimal(row.bytes(2)))
            return (line, ListPlace("", line.throughID))
        }
    }
}
