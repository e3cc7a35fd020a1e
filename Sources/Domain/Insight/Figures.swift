/// The balances and sales that the period figures are made from, in one currency.
///
/// - Bounds: `days` is above zero. Sales are net of credit notes, so they may be zero or below; so may receivables be.
/// - Errors: a figure is nil where it would say nothing, such as days of sales without sales: `absence` says why.
package struct ReceivablesPeriod: Equatable, Sendable {
    /// Receivables at the end of the day before the period.
    package let opening: Money
    /// Invoiced on credit terms within the period.
    package let creditSales: Money
    /// Receivables at the end of the period, credits set off: `AgingRow.total`.
    package let closing: Money
    /// What of `closing` is not past due, and never more than `closing`.
    package let closingCurrent: Money
    package let days: Int

    /// - Parameter closingCurrent: Receivables not past due, credits set off: `AgingRow.currentOfTotal`.
    package init(opening: Money, creditSales: Money, closing: Money, closingCurrent: Money, days: Int) {
        precondition(days > 0)
        let others = [creditSales, closing, closingCurrent]
        precondition(others.allSatisfy { $0.currency == opening.currency }, "two currencies in one figure")
        (self.opening, self.creditSales, self.days) = (opening, creditSales, days)
        (self.closing, self.closingCurrent) = (closing, min(closingCurrent, max(closing, .zero(closing.currency))))
    }

    /// `Figure.dso`.
    ///
    /// - Units: hundredths of a day, half to even.
    /// - Source: semilla-advisors.com/credit.html.
    package var dsoCentiDays: Int64? { centiDays(of: closing) }

    /// `Figure.bpdso`, where "current" is not past due: others take it for "at most 30 days old".
    ///
    /// - Units: hundredths of a day, half to even.
    /// - Source: apruve.com, money-zine.com.
    package var bpdsoCentiDays: Int64? { centiDays(of: closingCurrent) }

    /// `Figure.add`: the difference of the two figures as printed, so that the three agree on paper.
    ///
    /// - Units: hundredths of a day.
    /// - Source: Credit Research Foundation.
    package var addCentiDays: Int64? {
        guard let dso = dsoCentiDays, let bpdso = bpdsoCentiDays else { return nil }
        let (difference, over) = dso.subtractingReportingOverflow(bpdso)
        return over ? nil : difference
    }

    /// `Figure.cei`.
    ///
    /// - Parameter months: 1…12, divides the sales; 1 is the one-period form. Figures of different divisors do not compare.
    /// - Returns: Hundredths of a per cent, half to even; 10 000 when nothing is past due.
    /// - Source: rex.inc; creditguru.com for the divisor.
    package func ceiBasisPoints(months: Int = 1) -> Int64? {
        precondition((1...12).contains(months))
        // Both sides times `months`, which keeps the quotient of whole numbers.
        let divisor = Int128(opening.minor - closingCurrent.minor) * Int128(months) + Int128(creditSales.minor)
        let collected = Int128(opening.minor - closing.minor) * Int128(months) + Int128(creditSales.minor)
        guard closing.minor >= 0, divisor > 0, collected >= 0 else { return nil }
        return quotient(collected * 10_000, divisor, .halfToEven)
    }

    /// The figures of a period, in the order they are shown.
    package static let figures: [Figure] = [.dso, .bpdso, .add, .cei]

    /// - Parameter figure: One of `figures`.
    /// - Units: the figure's own.
    package func value(of figure: Figure) -> Int64? {
        switch figure {
        case .dso: dsoCentiDays
        case .bpdso: bpdsoCentiDays
        case .add: addCentiDays
        case .cei: ceiBasisPoints()
        case .aging, .exactDSO, .daysToPay, .daysLate, .expectedCreditLoss, .lateInterest:
            preconditionFailure("\(figure.name) is no figure of a period's balances")
        }
    }

    /// Why there is no number to print; nil where there is one.
    ///
    /// - Parameter figure: One of `figures`.
    package func absence(of figure: Figure) -> FigureAbsence? {
        guard value(of: figure) == nil else { return nil }
        if figure != .cei, creditSales.minor <= 0 { return creditSales.minor == 0 ? .noSales : .moreCredited }
        if closing.minor < 0 { return .creditsOutweigh }
        guard figure == .cei else { return .tooLarge }
        return opening.minor + creditSales.minor <= closingCurrent.minor ? .nothingDue : .moreCameBack
    }

    private func centiDays(of receivables: Money) -> Int64? {
        guard creditSales.minor > 0, closing.minor >= 0 else { return nil }
        return quotient(Int128(receivables.minor) * Int128(days) * 100, Int128(creditSales.minor), .halfToEven)
    }
}
