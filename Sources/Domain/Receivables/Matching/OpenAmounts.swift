/// Which items have an amount open; one that many have is a price, and tells little of which item is meant.
package struct OpenAmounts: Sendable {
    /// Open amount → position of the item. An item stays under what was open of it before.
    private var table = KeyTable()
    private var count: Int64 = 0
    private let isWhole: Bool
    private var common: Set<Money> = []

    /// - Parameter isWhole: Every open item is inserted, so that they can be counted here.
    init(isWhole: Bool) { self.isWhole = isWhole }

    mutating func insert(_ position: Int32, _ open: Money) {
        guard open.minor > 0 else { return }
        table.insert(position, for: key(open))
        count += 1
    }

    mutating func tell(common amount: Money) { common.insert(amount) }

    func isCommon(_ amount: Money) -> Bool {
        if common.contains(amount) { return true }
        return isWhole && table.hasMore(than: Int(Self.limit(of: count)), for: key(amount))
    }

    /// Positions of items that have, or had, the amount open; nil when there are more than `limit`.
    func positions(_ open: Money, atMost limit: Int) -> [Int32]? { table.values(key(open), atMost: limit) }

    /// Whether one of the items that have, or had, the amount open is wanted.
    func contains(_ open: Money, where isWanted: (Int32) -> Bool) -> Bool { table.contains(key(open), where: isWanted) }

    /// An amount is common when more open items have it than this: a thousandth of all, three at least, a hundred at most.
    package static func limit(of total: Int64) -> Int64 { min(100, max(3, total / 1_000)) }

    /// With so many items the limit grows no more.
    package static let enough: Int64 = 100_000

    private func key(_ amount: Money) -> UInt64 {
        var hash = KeyHash(0)
        hash.add(UInt64(bitPattern: amount.minor))
        hash.add(UInt64(amount.currency.packed))
        return hash.key
    }
}
