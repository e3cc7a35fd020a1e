/// Which of a payer's items add up to an amount: every solution in a declared set, or the word that the set was not searched through.
///
/// Each item has one or two prices, in full or less a cash discount, and is taken at one of them or not at all. The declared set is every
/// choice of at most `size` items; `size` is the largest for which the choices stay within the limit.
package struct SubsetSum: Sendable {
    /// What an item may be taken at, above zero; `less` is zero where no discount is to be had.
    package struct Price: Sendable {
        package let full: Int64
        package let less: Int64
        package init(_ full: Int64, less: Int64 = 0) { (self.full, self.less) = (full, less) }
    }

    package struct Choice: Equatable, Sendable {
        package let item: Int
        /// 0 in full, 1 less the discount.
        package let price: Int
    }

    package let solutions: [[Choice]]
    /// The most items in a choice.
    package let size: Int
    /// How many choices the declared set holds.
    package let considered: Int64

    fileprivate struct Search {
        let prices: [SubsetSum.Price]
        /// The most that the items from here on can add.
        let rests: [Int64]
        let solutionLimit: Int
        var chosen: [Choice] = []
        var solutions: [[Choice]] = []
    }

    /// Prices in the order in which they are searched, for several targets.
    package struct Sorted: Sendable {
        fileprivate let order: [Int]
        fileprivate let prices: [Price]
        fileprivate let rests: [Int64]

        package init(_ prices: [Price]) {
            // The dearest first: what is left is soon too much or too little.
            order = prices.indices.sorted { left, right in
                prices[left].full == prices[right].full ? left < right : prices[left].full > prices[right].full
            }
            self.prices = order.map { prices[$0] }
            var rests = [Int64](repeating: 0, count: prices.count + 1)
            for at in self.prices.indices.reversed() { rests[at] = rests[at + 1] + self.prices[at].full }
            self.rests = rests
        }
    }

    /// - Parameters:
    ///   - target: Above zero.
    ///   - solutionLimit: The search ends once it has this many.
    package init(prices: [Price], target: Int64, limit: Int, solutionLimit: Int = 2) {
        self.init(Sorted(prices), target: target, limit: limit, solutionLimit: solutionLimit)
    }

    /// The same of prices that were sorted before.
    package init(_ sorted: Sorted, target: Int64, limit: Int, solutionLimit: Int = 2) {
        let width: Int64 = sorted.prices.allSatisfy { $0.less == 0 } ? 1 : 2
        (size, considered) = Self.declared(sorted.prices.count, width: width, limit: Int64(limit))
        var search = Search(prices: sorted.prices, rests: sorted.rests, solutionLimit: solutionLimit)
        search.walk(0, target, size)
        solutions = search.solutions.map { $0.map { Choice(item: sorted.order[$0.item], price: $0.price) }.sorted { $0.item < $1.item } }
    }

    private static func declared(_ count: Int, width: Int64, limit: Int64) -> (size: Int, considered: Int64) {
        var total: Int64 = 0, choices: Int64 = 1, size = 0
        while size < count {
            choices = choices * Int64(count - size) / Int64(size + 1) * width
            guard total + choices <= limit else { break }
            total += choices
            size += 1
        }
        return (size, total)
    }
}

extension SubsetSum.Search {
    fileprivate mutating func walk(_ from: Int, _ left: Int64, _ size: Int) {
        guard size > 0 else { return }
        var at = from
        while at < prices.count, rests[at] >= left {
            take(at, 0, prices[at].full, left, size)
            if solutions.count < solutionLimit, prices[at].less > 0 { take(at, 1, prices[at].less, left, size) }
            guard solutions.count < solutionLimit else { return }
            at += 1
        }
    }

    private mutating func take(_ item: Int, _ price: Int, _ amount: Int64, _ left: Int64, _ size: Int) {
        guard amount <= left else { return }
        chosen.append(SubsetSum.Choice(item: item, price: price))
        if amount == left { solutions.append(chosen) } else { walk(item + 1, left - amount, size - 1) }
        chosen.removeLast()
    }
}
