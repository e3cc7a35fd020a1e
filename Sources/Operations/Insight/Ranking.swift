import Domain
import Store

/// The rows of a list in an order that no index has, kept between readings and carried on by what was recorded since: reading every row
/// again takes up to a second, and an index would cost each booking.
///
/// - Shape: 16 bytes a row.
package struct Ranking: Sendable {
    /// What rows are sorted by; an equal figure leaves them in the order of their ids.
    enum Figure: Sendable { case minor, day }
    struct Place: Comparable, Sendable {
        let value: Int64
        let id: Int64
        static func < (left: Place, right: Place) -> Bool { (left.value, left.id) < (right.value, right.id) }
    }

    /// A ranking with the last id of the books that counts in it.
    package typealias Kept = (value: Ranking, lastID: Int64)
    private let figure: Figure
    private let isDescending: Bool
    /// The first so many rows of a list whose rows never change; nil holds every row.
    private let limit: Int?
    private let places: [Place]

    init(_ places: [Place], by figure: Figure, descending: Bool, limit: Int? = nil) {
        (self.figure, isDescending, self.limit) = (figure, descending, limit)
        let sorted = descending ? places.sorted(by: >) : places.sorted(by: <)
        self.places = limit.map { Array(sorted.prefix($0)) } ?? sorted
    }

    /// The same list later.
    ///
    /// - Parameters:
    ///   - changed: The rows that are new or have another figure now.
    ///   - ids: Of rows that stand elsewhere now, or no more.
    func carried(on changed: [Place], without ids: Set<Int64> = []) -> Ranking {
        Ranking(
            (ids.isEmpty ? places : places.filter { !ids.contains($0.id) }) + changed, by: figure, descending: isDescending, limit: limit)
    }

    /// The ids of a page of all rows; nil where it reaches beyond the rows that are held.
    func page(after place: ListPlace?, limit: Int) -> ListPage<Int64>? { page(after: place, limit: limit) { Set($0) } }

    /// The ids of a page; nil where it reaches beyond the rows that are held.
    ///
    /// - Parameter shown: Which of some ids the list shows; asked for a few first, then for twice as many each time.
    func page(after place: ListPlace?, limit: Int, of shown: ([Int64]) throws -> Set<Int64>) rethrows -> ListPage<Int64>? {
        var found: [Place] = [], rest = places[(place.map { index(after: $0) } ?? 0)...], size = 4 * limit
        while found.count <= limit, !rest.isEmpty {
            let block = rest.prefix(size), shown = try shown(block.map(\.id))
            found += block.lazy.filter { shown.contains($0.id) }.prefix(limit + 1 - found.count)
            rest = rest.dropFirst(size)
            size *= 2
        }
        if found.count <= limit, places.count == self.limit { return nil }
        let last = found.count > limit ? found[limit - 1] : nil
        return ListPage(found.prefix(limit).map(\.id), next: last.map { ListPlace(text($0.value), $0.id) })
    }

    private func text(_ value: Int64) -> String {
        switch figure {
        case .minor: String(value)
        case .day: Day(number: Int(value)).iso8601
        }
    }

    /// Of the first row that follows a place, whether that still stands there or not.
    private func index(after place: ListPlace) -> Int {
        let value =
            switch figure {
            case .minor: Int64(place.value) ?? 0
            case .day: Day(place.value).map { Int64($0.number) } ?? 0
            }
        let place = Place(value: value, id: place.id)
        var low = 0, high = places.count
        while low < high {
            let middle = (low + high) / 2
            if isDescending ? places[middle] < place : place < places[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Ranking {
    /// Every row that a text selects: its id and its figure.
    static func rows(_ text: String, _ values: [SQLValue], _ order: ListOrder, in tx: any Transaction) throws -> Ranking {
        let figure: Figure = order.kind == .text ? .day : .minor
        let places = try tx.rows(SQL(text: text, values: values)) { Place($0, figure) }
        return Ranking(places, by: figure, descending: order.isDescending)
    }

    /// The first rows of a list whose rows never change, as many as an export reads at a time, and one more.
    ///
    /// - Parameter text: Selects the id and the figure of the rows whose id is above `$2`; `$1` is the entity.
    static func firstRows(
        _ text: String, _ order: ListOrder, _ entity: ID<Entity>, since kept: Kept?, in tx: any Transaction
    ) throws -> Ranking {
        let figure: Figure = order.kind == .text ? .day : .minor, limit = ListLimit.export + 1
        let values: [SQLValue] = [.integer(entity.value), .integer(kept?.lastID ?? 0), .integer(Int64(limit))]
        let new = try tx.rows(SQL(text: "\(text) \(order.text) LIMIT $3", values: values)) { Place($0, figure) }
        if let kept { return kept.value.carried(on: new) }
        return Ranking(new, by: figure, descending: order.isDescending, limit: limit)
    }
}

extension Ranking.Place {
    fileprivate init(_ row: Row, _ figure: Ranking.Figure) {
        self.init(value: figure == .day ? Int64(row.day(1).number) : row.integer(1), id: row.integer(0))
    }
}

/// A list that may be read in an order that no index has.
package protocol RankedList: Sendable {
    /// What tells its ranking from those of other lists and orders of the same books and day; nil where an index has the order, or the list
    /// is too short to need one.
    var rankingName: String? { get }
    /// The ranking of this snapshot.
    ///
    /// - Parameter kept: An earlier one of the same name; nil reads every row.
    func ranking(since kept: Ranking.Kept?, in tx: any Transaction) throws -> Ranking
    /// The ranking of all rows that the list shows in this snapshot, for who reads every page of it; nil where an index has the order.
    func wholeRanking(in tx: any Transaction) throws -> Ranking?
}
