import Domain
import Store

/// The day, the amount and the currency of every row of a list, kept between readings and carried on by what was recorded since: what a list
/// is narrowed by is looked for here, because an index by each would cost every booking and a walk through the table takes a second.
///
/// - Shape: 24 bytes a row.
package struct ListFigures: Sendable {
    package enum List: String, Sendable {
        case orders, documents, receipts
        /// Of the journal, whose amounts and currencies are those of postings.
        case entries
    }
    private struct Row {
        let id, minor: Int64
        let day: Int32
        let currency: Currency
    }

    private static let blockSize = 65_536
    /// So many rows are named; among more, a walk meets the next soon.
    package static let few = 5_000
    private let list: List
    private let few: Int
    /// In the order of ids; only the last grows, so that carrying on copies that alone.
    private let blocks: [[Row]]
    /// The only rows that are asked for, in the order of ids; nil is every row.
    private var wanted: [Int64]?

    /// - Parameter kept: An earlier state and the last id of the books that counts in it; nil reads every row.
    package init(
        _ list: List, _ entity: ID<Entity>, since kept: (value: ListFigures, lastID: Int64)? = nil, few: Int = Self.few,
        in tx: any Transaction
    ) throws {
        var blocks = kept?.value.blocks ?? []
        let columns =
            switch list {
            case .orders: "id, ordered_on, gross_minor, currency FROM sales_order"
            case .documents: "id, issued_on, CASE type_code WHEN 381 THEN -gross_minor ELSE gross_minor END, currency FROM invoice"
            case .receipts: "id, booked_on, amount_minor, currency FROM receipt"
            case .entries: "id, effective_on FROM journal_entry"
            }
        let isOfAmounts = list != .entries, values: [SQLValue] = [.integer(entity.value), .integer(kept?.lastID ?? 0)]
        try tx.forEach(SQL(text: "SELECT \(columns) WHERE entity_id = $1 AND id > $2 ORDER BY id", values: values)) { row in
            if blocks.last.map({ $0.count == Self.blockSize }) ?? true { blocks.append([]) }
            let amount = isOfAmounts ? row.money(2, row.currency(3)) : .zero(.eur)
            blocks[blocks.count - 1].append(
                Row(id: row.integer(0), minor: amount.minor, day: Int32(row.day(1).number), currency: amount.currency))
        }
        (self.list, self.few, self.blocks) = (list, few, blocks)
    }

    /// Of the rows in one state alone.
    ///
    /// - Parameter ids: The lowest first.
    package func only(_ ids: [Int64]) -> ListFigures {
        var figures = self
        figures.wanted = ids
        return figures
    }
    /// Whether they are of one state: then it narrows no more.
    var isOfState: Bool { wanted != nil }

    /// Which rows may follow on a page.
    struct Places {
        /// What an id is compared with; empty where a walk in the order of the list meets them soon.
        fileprivate let comparison: String
        func condition(on id: String) -> String { comparison.isEmpty ? "" : " AND \(id) \(comparison)" }
    }

    /// What a row may be sorted by.
    enum Figure { case day, minor, tenThousandths }

    /// - Parameters:
    ///   - figure: What the list is sorted by; nil is its ids, or what is not known here.
    ///   - days: Only rows of these; nil is every day.
    ///   - bound: The last day and the last id; nil is every row.
    ///   - isAlone: Whether the list is narrowed by nothing else.
    func places(
        _ filter: ListFilter, days: Set<Day>? = nil, through bound: (day: Day, id: Int64)? = nil, _ order: ListOrder,
        by figure: Figure? = nil, after place: ListPlace?, limit: Int,
        isAlone: Bool, _ values: inout [SQLValue]
    ) -> Places {
        let isByID = order.column == order.id, isDown = isByID && order.isDescending, few = max(few, limit)
        if isAlone, let figure {
            return named(first(limit + 1, filter, bound, by: figure, order.isDescending, after: place), &values)
        }
        var found: [Int64] = []
        look(filter, days, bound, isDown) { row in
            if isByID, let place, isDown ? row.id >= place.id : row.id <= place.id { return true }
            found.append(row.id)
            return found.count <= few
        }
        if isByID, isAlone { return named(Array(found.prefix(limit + 1)), &values) }
        if found.count <= few { return named(found, &values) }
        guard isByID else { return Places(comparison: "") }
        values.append(.integer(found[0]))
        return Places(comparison: "\(isDown ? "<=" : ">=") $\(values.count)")
    }

    private func named(_ ids: [Int64], _ values: inout [SQLValue]) -> Places {
        values.append(.integers(ids))
        return Places(comparison: "IN (SELECT value FROM §integers($\(values.count)))")
    }

    /// The first ids of a page that is sorted by a figure.
    private func first(
        _ count: Int, _ filter: ListFilter, _ bound: (day: Day, id: Int64)?, by figure: Figure, _ isDescending: Bool,
        after place: ListPlace?
    ) -> [Int64] {
        typealias Sorted = (value: Int64, id: Int64)
        func isBefore(_ left: Sorted, _ right: Sorted) -> Bool { isDescending ? left > right : left < right }
        let start = place.map { place -> Sorted in
            (figure == .day ? Day(place.value).map { Int64($0.number) } ?? 0 : Int64(place.value) ?? 0, place.id)
        }
        var kept: [Sorted] = [], last: Sorted?
        look(filter, nil, bound, false) { row in
            let value: Int64 =
                switch figure {
                case .day: Int64(row.day)
                case .minor: row.minor
                case .tenThousandths: Money(minor: row.minor, row.currency).tenThousandths
                }
            let sorted = (value, row.id)
            if let start, !isBefore(start, sorted) { return true }
            if let last, isBefore(last, sorted) { return true }
            kept.append(sorted)
            if kept.count >= 4 * count {
                kept = Array(kept.sorted(by: isBefore).prefix(count))
                last = kept[count - 1]
            }
            return true
        }
        return kept.sorted(by: isBefore).prefix(count).map(\.id)
    }

    /// - Parameter body: What a row that is asked for is shown to, in this direction; false ends it.
    private func look(
        _ filter: ListFilter, _ days: Set<Day>?, _ bound: (day: Day, id: Int64)?, _ isDown: Bool, _ body: (Row) -> Bool
    ) {
        let days = days.map { Set($0.map { Int32($0.number) }) }, isOfAmounts = list != .entries
        let from = filter.from.map { Int32($0.number) } ?? .min, last = bound?.id ?? .max
        let through = [filter.through, bound?.day].compactMap { $0.map { Int32($0.number) } }.min() ?? .max
        let least = isOfAmounts ? filter.atLeastMinor ?? .min : .min, most = isOfAmounts ? filter.atMostMinor ?? .max : .max
        let currency = isOfAmounts ? filter.currency : nil
        var isWanted = wanted.map { Walk($0, isDown) }
        func goesOn(_ row: Row) -> Bool {
            guard row.day >= from, row.day <= through, row.id <= last, row.minor >= least, row.minor <= most else { return true }
            if let currency, row.currency != currency { return true }
            if let days, !days.contains(row.day) { return true }
            if isWanted?.meets(row.id) == false { return true }
            return body(row)
        }
        for block in isDown ? blocks.reversed() : blocks {
            if isDown {
                for row in block.reversed() where !goesOn(row) { return }
            } else {
                for row in block where !goesOn(row) { return }
            }
        }
    }
}

/// Looks for ids among others, both in one direction.
private struct Walk {
    private let ids: [Int64]
    private let isDown: Bool
    private var at = 0
    init(_ ids: [Int64], _ isDown: Bool) { (self.ids, self.isDown) = (ids, isDown) }

    mutating func meets(_ id: Int64) -> Bool {
        func next() -> Int64? { at < ids.count ? ids[isDown ? ids.count - 1 - at : at] : nil }
        while let other = next(), isDown ? other > id : other < id { at += 1 }
        return next() == id
    }
}

/// The documents of which nothing is open, kept between readings and carried on by what was settled and opened again since.
///
/// - Shape: 8 bytes a document.
package struct SettledDocuments: Sendable {
    /// The lowest first.
    package let ids: [Int64]

    /// - Parameter kept: An earlier state and the last id of the books that counts in it; nil reads every document.
    package init(_ entity: ID<Entity>, since kept: (value: SettledDocuments, lastID: Int64)? = nil, in tx: any Transaction) throws {
        guard let kept else {
            ids = try tx.rows(
                """
                SELECT id FROM open_item
                 WHERE entity_id = \(entity) AND open_minor = 0 AND kind IN ('invoice', 'credit_note', 'opening') ORDER BY id
                """
            ) { $0.integer(0) }
            return
        }
        let changed = try tx.rows(
            """
            SELECT id, open_minor FROM open_item
             WHERE entity_id = \(entity) AND kind IN ('invoice', 'credit_note', 'opening') AND id IN (
               SELECT debit_item_id FROM allocation WHERE entity_id = \(entity) AND id > \(kept.lastID)
               UNION SELECT credit_item_id FROM allocation WHERE entity_id = \(entity) AND id > \(kept.lastID))
            """
        ) { (id: $0.integer(0), isSettled: $0.integer(1) == 0) }
        guard !changed.isEmpty else {
            ids = kept.value.ids
            return
        }
        let others = Set(changed.map(\.id))
        ids = (kept.value.ids.filter { !others.contains($0) } + changed.filter(\.isSettled).map(\.id)).sorted()
    }
}
