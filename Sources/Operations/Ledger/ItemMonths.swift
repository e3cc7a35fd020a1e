import Domain
import Store

/// The months in which open items came to be: how a customer's items are found, settled ones among them.
///
/// The index goes by month before customer, so that what is recorded now stands together, however long the history is.
struct ItemMonths {
    /// `2026-03`, the oldest first.
    let all: [String]

    init(_ entity: ID<Entity>, in tx: any Transaction) throws {
        let ends = try tx.first(
            """
            SELECT (SELECT substr(effective_on, 1, 7) FROM open_item
                     WHERE entity_id = \(entity) ORDER BY entity_id, substr(effective_on, 1, 7) LIMIT 1),
                   (SELECT substr(effective_on, 1, 7) FROM open_item
                     WHERE entity_id = \(entity) ORDER BY entity_id DESC, substr(effective_on, 1, 7) DESC LIMIT 1)
            """
        ) { row in row.optionalText(0).flatMap { first in row.optionalText(1).map { (first: first, last: $0) } } }
        all = ends.flatMap { $0.map { Self.months(from: $0.first, through: $0.last) } } ?? []
    }

    private static func months(from first: String, through last: String) -> [String] {
        guard let from = Day(first + "-01"), let through = Day(last + "-01") else { return [] }
        let count = (through.parts.year - from.parts.year) * 12 + through.parts.month - from.parts.month
        return (0...count).map { String(from.adding(months: $0, anchor: 1).iso8601.prefix(7)) }
    }

    /// Those with days of `from` or later.
    func since(_ from: Day) -> [String] { all.filter { $0 >= from.iso8601.prefix(7) } }

    /// Those with days of `through` or before.
    func through(_ through: Day) -> [String] { all.filter { $0 <= through.iso8601.prefix(7) } }
}
