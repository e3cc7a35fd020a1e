import Domain
import Store

/// Where a page of a list ends: the sorted value and the id of its last row. The next page begins after it.
///
/// - Shape: as text `id~value`; ids are whole numbers, so any value may follow.
package struct ListPlace: Equatable, Sendable {
    package let value: String
    package let id: Int64
    package init(_ value: String, _ id: Int64) { (self.value, self.id) = (value, id) }
    package init?(_ text: String) {
        let parts = text.split(separator: "~", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let id = Int64(parts[0]) else { return nil }
        self.init(String(parts[1]), id)
    }
    package var text: String { "\(id)~\(value)" }
}

/// One page of a list; `next` is nil on the last.
package struct ListPage<Row: Sendable>: Sendable {
    package var rows: [Row]
    package var next: ListPlace?
    package init(_ rows: [Row], next: ListPlace? = nil) { (self.rows, self.next) = (rows, next) }
}

/// How many rows a page shows, and how an export is bounded.
package enum ListLimit {
    package static let page = 50
    /// So many rows of an export are read at a time.
    package static let export = 10_000
    /// So many rows an export may have.
    package static let rows = 2_000_000
}

/// The order of a list as SQL: a column with the id behind it, both in one direction.
struct ListOrder {
    enum Kind { case text, integer }
    /// From the program, never from input.
    let column: String
    let id: String
    let kind: Kind
    let isDescending: Bool
    init(_ column: String, _ kind: Kind, id: String, descending: Bool = false) {
        (self.column, self.kind, self.id, isDescending) = (column, kind, id, descending)
    }

    var text: String {
        let way = isDescending ? " DESC" : ""
        return column == id ? "ORDER BY \(id)\(way)" : "ORDER BY \(column)\(way), \(id)\(way)"
    }

    /// The condition that leaves out what earlier pages showed; empty for the first page.
    func after(_ place: ListPlace?, _ values: inout [SQLValue]) -> String {
        guard let place else { return "" }
        let sign = isDescending ? "<" : ">"
        values.append(.integer(place.id))
        let id = "$\(values.count)"
        guard column != self.id else { return "AND \(self.id) \(sign) \(id)" }
        values.append(kind == .integer ? .integer(Int64(place.value) ?? 0) : .text(place.value))
        return "AND (\(column), \(self.id)) \(sign) ($\(values.count), \(id))"
    }
}

extension ListPage {
    /// Reads one row more than `limit` to know whether a page follows.
    static func read(
        _ text: String, _ order: ListOrder, after place: ListPlace?, limit: Int, values: [SQLValue], in tx: any Transaction,
        _ map: (Store.Row) throws -> (row: Row, place: ListPlace)
    ) throws -> ListPage {
        var values = values
        let condition = order.after(place, &values)
        values.append(.integer(Int64(limit) + 1))
        let found = try tx.rows(SQL(text: "\(text) \(condition) \(order.text) LIMIT $\(values.count)", values: values), map)
        return ListPage(found.prefix(limit).map(\.row), next: found.count > limit ? found[limit - 1].place : nil)
    }
}

/// The text after which no text with this prefix comes: for ranges instead of patterns.
func end(ofPrefix prefix: String) -> String { prefix + "\u{10FFFF}" }
