/// How late a customer may be before new orders wait for a person.
package struct OverdueHold: Equatable, Sendable {
    /// Days past due from which an item counts; at least 1.
    package let days: Int
    /// What must be that late, in minor units of the order's currency; at least 1.
    package let minor: Int64
    package init(days: Int, minor: Int64 = 1) { (self.days, self.minor) = (max(1, days), max(1, minor)) }

    /// Why an order of that day must wait, or nil.
    ///
    /// - Parameter due: What the customer owes in the order's currency by due day; what is disputed, promised or on a plan left out.
    package func hold(_ due: [(on: Day, open: Money)], orderedOn day: Day, in currency: Currency) -> String? {
        let late = due.filter { day - $0.on >= days && $0.open.minor > 0 }, sum = late.map(\.open).total(in: currency)
        guard sum.minor >= minor, let oldest = late.map(\.on).min() else { return nil }
        return "\(sum.readable) is \(days) days past due or more, the oldest since \(oldest.iso8601) (\(day - oldest) days)"
    }
}
