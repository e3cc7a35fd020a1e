import Domain

/// A range of whole days past due, as aging counts them: `1-30`, `91-` for 91 and more, `0` for what is not past due.
package struct DaysLate: Equatable, Sendable {
    package let from: Int
    /// Belongs to the range; nil has no end.
    package let through: Int?

    package init?(_ text: String) {
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = ends.first.flatMap({ Int($0) }), (0...36_500).contains(first) else { return nil }
        guard ends.count == 2 else {
            (from, through) = (first, first)
            return
        }
        let last = Int(ends[1])
        guard first > 0, ends[1].isEmpty || last.map({ (first...36_500).contains($0) }) == true else { return nil }
        (from, through) = (first, last)
    }

    /// - Parameter bucket: From 0, not due.
    package init(bucket: Int, of buckets: AgingBuckets) {
        from = bucket == 0 ? 0 : buckets.upperBounds[bucket - 1] + 1
        through = bucket < buckets.upperBounds.count ? buckets.upperBounds[bucket] : nil
    }

    package var text: String {
        guard from != through else { return "\(from)" }
        return "\(from)-\(through.map(String.init) ?? "")"
    }

    /// The due days of such items on a day; what is not past due has no last one.
    func dueDays(on day: Day) -> (first: Day?, last: Day?) { (through.map { day + -$0 }, from == 0 ? nil : day + -from) }
}
