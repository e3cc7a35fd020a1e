/// What a customer owes or is about to owe, against what was agreed.
package struct CreditExposure: Equatable, Sendable {
    package let limit: Money
    /// Open items, credits included.
    package var open: Money
    /// Orders confirmed and not billed yet, tax included.
    package var confirmed: Money
    package init(limit: Money, open: Money, confirmed: Money) { (self.limit, self.open, self.confirmed) = (limit, open, confirmed) }

    /// Why an order of `gross` must wait for a person, or nil when it fits; a fitting order is counted at once.
    package mutating func hold(_ gross: Money) -> String? {
        guard gross.currency == limit.currency else {
            return "the credit limit is in \(limit.currency.code), the order in \(gross.currency.code)"
        }
        let sum = open + confirmed + gross
        guard sum > limit else {
            confirmed = confirmed + gross
            return nil
        }
        // What lowers the sum is taken off, not added with a sign of its own.
        func added(_ part: Money, _ what: String) -> String {
            "\(part.minor < 0 ? "\u{2212}" : "+") \((part.minor < 0 ? -part : part).readable) \(what)"
        }
        return
            """
            credit limit \(limit.readable): \(open.readable) open \(added(confirmed, "confirmed")) \(added(gross, "this order")) = \
            \(sum.readable)
            """
    }
}
