/// What a payer does that its words do not say.
package enum CashHabit: String, CaseIterable, Sendable {
    /// Without a reference, everything up to the end of the month before, and nothing later.
    case statement
    /// Without a reference, items less every open credit.
    case netsCredits = "nets_credits"
    /// The amount in whole units of the currency.
    case rounds
    /// Less the cash discount, though its day has passed.
    case lateDiscount = "late_discount"
    /// Without a reference, the items due first. It has something to say to any amount: what says more comes before it.
    case oldestFirst = "oldest_first"
}

/// How often a habit foretold what a person then confirmed.
package struct HabitStrength: Equatable, Sendable {
    package var confirmations: Int64
    package var contradictions: Int64
    package init(confirmations: Int64 = 0, contradictions: Int64 = 0) {
        (self.confirmations, self.contradictions) = (confirmations, contradictions)
    }

    /// The habit's precision that these counts prove, per mille, rounded down: the lower end of Wilson's interval at 95 % (z = 1.96).
    ///
    /// 10 of 10 prove 722, 35 of 35 prove 901.
    /// - Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    package var lowerBound: Int64 {
        let right = Int128(confirmations), all = right + Int128(contradictions)
        guard all > 0 else { return 0 }
        // (k + z²/2 − z √(k(n−k)/n + z²/4)) / (n + z²), everything times 10,000; z² = 3.8416.
        let root = squareRoot(right * (all - right) * 100_000_000 / all + 96_040_000) + 1
        let upper = right * 10_000 + 19_208 - 196 * root / 100
        return Int64(max(0, upper) * 1_000 / (all * 10_000 + 38_416))
    }
}

/// Rounded down.
private func squareRoot(_ number: Int128) -> Int128 {
    guard number > 1 else { return number }
    var guess = number, next = (number + 1) / 2
    while next < guess { (guess, next) = (next, (next + number / next) / 2) }
    return guess
}
