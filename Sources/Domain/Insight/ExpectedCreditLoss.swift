/// Lifetime loss rates by aging bucket: the simplified approach for trade receivables.
///
/// - Bounds: one rate for each bucket, from 0 to 1.
/// - Source: IFRS 9, 5.5.15 and B5.5.35. The rates hold history and outlook; both are the preparer's judgement.
package struct ProvisionMatrix: Equatable, Sendable {
    package let buckets: AgingBuckets
    package let lossRates: [Rate]

    /// - Returns: nil unless there is one rate for each bucket and each is from 0 to 1.
    package init?(_ lossRates: [Rate], buckets: AgingBuckets = .standard) {
        guard lossRates.count == buckets.count, lossRates.allSatisfy({ 0 <= $0.numerator && $0.numerator <= $0.denominator })
        else { return nil }
        (self.buckets, self.lossRates) = (buckets, lossRates)
    }

    /// `Figure.expectedCreditLoss`: credits do not lower it, since one customer's credit covers nobody else's debt.
    ///
    /// - Parameter row: Aged by the same buckets.
    package func expectedCreditLoss(of row: AgingRow) -> ExpectedCreditLoss {
        precondition(row.buckets == buckets, "aged by other buckets")
        let lines = zip(row.amounts, lossRates).map { balance, rate in
            ExpectedCreditLoss.Line(balance: balance, rate: rate, loss: balance.times(rate, .halfAwayFromZero))
        }
        return ExpectedCreditLoss(lines: lines, total: lines.map(\.loss).total(in: row.currency))
    }
}

/// - Shape: one line for each bucket; `total` is the sum of the rounded lines, so that the table adds up.
package struct ExpectedCreditLoss: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
        package let balance: Money
        package let rate: Rate
        /// Balance × rate, rounded half away from zero.
        package let loss: Money
    }
    package let lines: [Line]
    package let total: Money
}
