/// How days past due fall into buckets.
///
/// - Units: whole days past the due day; an upper bound belongs to its bucket. Due today is 0 days overdue: not due.
/// - Shape: `[0, 30, 60, 90]` makes five buckets: not due, 1–30, 31–60, 61–90, over 90.
package struct AgingBuckets: Hashable, Sendable {
    package let upperBounds: [Int]

    package static let standard = AgingBuckets([0, 30, 60, 90])!
    package static let boundLimit = 24

    /// - Parameter upperBounds: Starts with 0, so that "not due" is never mixed with overdue; strictly ascending;
    ///   at most `boundLimit` of them.
    /// - Returns: nil for any other list.
    package init?(_ upperBounds: [Int]) {
        guard upperBounds.first == 0, upperBounds.count <= Self.boundLimit,
            zip(upperBounds, upperBounds.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
        self.upperBounds = upperBounds
    }

    package var count: Int { upperBounds.count + 1 }

    package var labels: [String] {
        let middle = zip(upperBounds, upperBounds.dropFirst()).map { $0 + 1 == $1 ? "\($1)" : "\($0 + 1)–\($1)" }
        return ["not due"] + middle + ["over \(upperBounds[upperBounds.count - 1])"]
    }

    /// Of the same buckets, as programs know them: `not_due`, `days_1_30`, `over_90`.
    package var names: [String] {
        let middle = zip(upperBounds, upperBounds.dropFirst()).map { $0 + 1 == $1 ? "days_\($1)" : "days_\($0 + 1)_\($1)" }
        return ["not_due"] + middle + ["over_\(upperBounds[upperBounds.count - 1])"]
    }

    /// The bucket, from 0, of an item due on `dueOn` as it stands on `asOf`.
    package func index(dueOn: Day, asOf: Day) -> Int {
        let overdueDays = asOf - dueOn
        return upperBounds.firstIndex { overdueDays <= $0 } ?? upperBounds.count
    }
}

/// One line of an aging report: a customer's open items, or a total of such lines, in one currency on one day.
///
/// - Shape: `total` = sum of `amounts` + `credits`, always. Credits (credit notes, unapplied cash) are not aged: their due
///   day says nothing about when anybody pays.
package struct AgingRow: Equatable, Sendable {
    package let buckets: AgingBuckets
    package let asOf: Day
    /// By bucket, none below zero.
    package private(set) var amounts: [Money]
    /// Items by bucket.
    package private(set) var counts: [Int]
    /// Zero or below.
    package private(set) var credits: Money
    package private(set) var creditCount = 0

    package init(asOf: Day, in currency: Currency, buckets: AgingBuckets = .standard) {
        (self.buckets, self.asOf) = (buckets, asOf)
        amounts = Array(repeating: .zero(currency), count: buckets.count)
        counts = Array(repeating: 0, count: buckets.count)
        credits = .zero(currency)
    }

    /// From what was summed elsewhere, by bucket; `credits` is zero or below.
    package init(asOf: Day, amounts: [Money], counts: [Int], credits: Money, creditCount: Int, buckets: AgingBuckets) {
        precondition(amounts.count == buckets.count && counts.count == buckets.count, "an aging with other buckets")
        (self.buckets, self.asOf, self.amounts, self.counts) = (buckets, asOf, amounts, counts)
        (self.credits, self.creditCount) = (credits, creditCount)
    }

    package var currency: Currency { credits.currency }
    package var total: Money { amounts.total(in: currency) + credits }
    /// The first bucket: not past due.
    package var current: Money { amounts[0] }
    /// What of `total` is not past due, credits set off in the proportion of what is and is not; zero where they outweigh.
    package var currentOfTotal: Money {
        let owed = total - credits
        guard total.minor > 0, owed.minor > 0 else { return .zero(currency) }
        let minor = quotient(Int128(current.minor) * Int128(total.minor), Int128(owed.minor), .halfToEven)
        return Money(minor: minor ?? 0, currency)
    }
    /// All other buckets, credits left out.
    package var overdue: Money { amounts.dropFirst().total(in: currency) }

    /// Adds one item's open amount: above zero it is aged, below zero it is a credit, at zero it is no longer open.
    package mutating func add(_ open: Money, dueOn: Day) {
        if open.minor > 0 {
            let bucket = buckets.index(dueOn: dueOn, asOf: asOf)
            amounts[bucket] = amounts[bucket] + open
            counts[bucket] += 1
        } else if open.minor < 0 {
            credits = credits + open
            creditCount += 1
        }
    }

    /// Adds what was summed elsewhere: `amount` of `count` items in one bucket.
    package mutating func add(_ amount: Money, count: Int, bucket: Int) {
        amounts[bucket] = amounts[bucket] + amount
        counts[bucket] += count
    }

    /// Adds credits that were summed elsewhere; `amount` is zero or below.
    package mutating func add(credits amount: Money, count: Int) {
        credits = credits + amount
        creditCount += count
    }

    /// Adds a line of the same day, buckets and currency.
    package mutating func add(_ row: AgingRow) {
        precondition(row.buckets == buckets && row.asOf == asOf, "two agings in one sum")
        for bucket in amounts.indices {
            amounts[bucket] = amounts[bucket] + row.amounts[bucket]
            counts[bucket] += row.counts[bucket]
        }
        credits = credits + row.credits
        creditCount += row.creditCount
    }
}
