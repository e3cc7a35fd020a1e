/// An invoice that is settled, by cash at least in part.
package struct SettledItem: Equatable, Sendable {
    /// What cash paid of it, the discount taken included; above zero.
    package let amount: Money
    package let invoicedOn: Day
    package let dueOn: Day
    /// The last day that cash paid on; before `invoicedOn` when it was paid in advance.
    package let settledOn: Day
    package init(amount: Money, invoicedOn: Day, dueOn: Day, settledOn: Day) {
        precondition(amount.minor > 0)
        (self.amount, self.invoicedOn, self.dueOn, self.settledOn) = (amount, invoicedOn, dueOn, settledOn)
    }

    /// Whole days, below zero when paid in advance.
    package var daysToSettle: Int { settledOn - invoicedOn }
    /// Whole days past the due day; 0 when paid on it or before.
    package var daysLate: Int { max(0, settledOn - dueOn) }
}

/// How a customer, or everybody, pays: sums over settled items of one currency, and the means made from them.
package struct PaymentBehaviour: Equatable, Sendable {
    package private(set) var count = 0
    /// Items settled after their due day.
    package private(set) var lateCount = 0
    package private(set) var amount: Money
    /// `Figure.daysLate`, whole days.
    package private(set) var daysLateSum = 0
    /// Whole days.
    package private(set) var daysToSettleSum = 0
    /// Minor units × days.
    private var weightedDays: Int128 = 0

    package init(_ items: some Sequence<SettledItem> = [], in currency: Currency) {
        amount = .zero(currency)
        for item in items { add(item) }
    }

    package mutating func add(_ item: SettledItem) {
        amount = amount + item.amount
        count += 1
        lateCount += item.daysLate > 0 ? 1 : 0
        daysLateSum += item.daysLate
        daysToSettleSum += item.daysToSettle
        weightedDays += Int128(item.amount.minor) * Int128(item.daysToSettle)
    }

    /// `Figure.daysLate` over the items settled late.
    ///
    /// - Returns: Tenths of a day, half to even; nil when none was late.
    package var daysLateMeanTenths: Int64? {
        lateCount == 0 ? nil : quotient(Int128(daysLateSum) * 10, Int128(lateCount), .halfToEven)
    }

    /// `Figure.daysToPay`.
    ///
    /// - Returns: 1/10000 of a day, half to even; nil when nothing was settled.
    package var daysToPayTenThousandths: Int64? { mean(scale: 10_000) }

    /// `Figure.exactDSO`: the same mean, at the precision of the other period figures.
    ///
    /// - Returns: Hundredths of a day, half to even; nil when nothing was settled.
    /// - Source: semilla-advisors.com/credit.html names it as the alternative.
    package var exactDSOCentiDays: Int64? { mean(scale: 100) }

    private func mean(scale: Int128) -> Int64? {
        amount.minor > 0 ? quotient(weightedDays * scale, Int128(amount.minor), .halfToEven) : nil
    }
}
