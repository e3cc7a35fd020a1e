/// Which of a payer's items add up to an amount: every solution in a declared set, or the word that the set was not searched through.
///
/// Each item has one or two prices, in full or less a cash discount, and is taken at one of them or not at all. The declared set is every choice
/// of at most `size` items; `size` is the largest for which the choices stay within the limit.
package struct SubsetSum: Sendable {
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
        let prices: [[Int64]]
        /// The most that the items from here on can add.
        let rests: [Int64]
        let solutionLimit: Int
        var chosen: [Choice] = []
        var solutions: [[Choice]] = []
    }

    /// - Parameters:
    ///   - prices: Above zero, one or two an item.
    ///   - target: Above zero.
    ///   - solutionLimit: The search ends once it has this many.
    package init(prices: [[Int64]], target: Int64, limit: Int, solutionLimit: Int = 2) {
        let width: Int64 = prices.allSatisfy { $0.count == 1 } ? 1 : 2
        (size, considered) = Self.declared(prices.count, width: width, limit: Int64(limit))
        // The dearest first: what is left is soon too much or too little.
        let tops = prices.map { $0.max() ?? 0 }
        let order = prices.indices.sorted { (tops[$0], $1) > (tops[$1], $0) }
        let sorted = order.map { prices[$0] }
        var rests = [Int64](repeating: 0, count: sorted.count + 1)
        for at in sorted.indices.reversed() { rests[at] = rests[at + 1] + tops[order[at]] }
        var search = Search(prices: sorted, rests: rests, solutionLimit: solutionLimit)
        search.walk(0, target, size)
        solutions = search.solutions.map { $0.map { Choice(item: order[$0.item], price: $0.price) }.sorted { $0.item < $1.item } }
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
            for (price, amount) in prices[at].enumerated() where amount <= left {
                chosen.append(SubsetSum.Choice(item: at, price: price))
                if amount == left { solutions.append(chosen) } else { walk(at + 1, left - amount, size - 1) }
                chosen.removeLast()
                guard solutions.count < solutionLimit else { return }
            }
            at += 1
        }
    }
}
