/// What a printed figure means. Public sources disagree on most of them, so the definition stands beside the number.
package enum Figure: String, CaseIterable, Sendable {
    case aging
    case dso, exactDSO = "exact_dso", bpdso, add, cei
    case daysToPay = "days_to_pay", daysLate = "days_late"
    case expectedCreditLoss = "expected_credit_loss"
    case lateInterest = "late_interest"

    /// The figure's integer counts 10^-decimals of this.
    package enum Unit: Equatable, Sendable {
        case days(decimals: Int), percent(decimals: Int)
        /// Minor units of one currency.
        case amount
    }

    package var unit: Unit {
        switch self {
        case .dso, .exactDSO, .bpdso, .add: .days(decimals: 2)
        case .daysToPay: .days(decimals: 4)
        case .daysLate: .days(decimals: 0)
        case .cei: .percent(decimals: 2)
        case .aging, .expectedCreditLoss, .lateInterest: .amount
        }
    }

    package var name: String {
        switch self {
        case .aging: "Aging"
        case .dso: "Days sales outstanding (DSO)"
        case .exactDSO: "Exact days sales outstanding"
        case .bpdso: "Best possible days sales outstanding (BPDSO)"
        case .add: "Average days delinquent (ADD)"
        case .cei: "Collection effectiveness index (CEI)"
        case .daysToPay: "Days to pay"
        case .daysLate: "Days late"
        case .expectedCreditLoss: "Expected credit loss"
        case .lateInterest: "Late payment interest"
        }
    }

    /// One sentence for a person, without abbreviations that it does not explain.
    package var definition: String {
        switch self {
        case .aging:
            "Open amounts by whole days past the due date; due today is not due; credits stand in their own column."
        case .dso:
            "Receivables at the end of the period, credits set off, × days of the period ÷ credit sales of the period."
        case .exactDSO:
            """
            Mean of the days from invoice date to payment date over invoices that cash settled, weighted by the cash; credit notes pay \
            nothing.
            """
        case .bpdso:
            """
            What of the same receivables is not past due × days of the period ÷ the same credit sales; credits are set off in \
            proportion.
            """
        case .add:
            "DSO − BPDSO of the same period and the same credit sales."
        case .cei:
            """
            (Opening receivables + credit sales − closing receivables) ÷ (opening receivables + credit sales − closing \
            receivables not past due) × 100; where a divisor of N months is stated, credit sales ÷ N.
            """
        case .daysToPay:
            """
            Mean of the days from invoice date to payment date over invoices that cash settled, weighted by the cash; credit notes pay \
            nothing.
            """
        case .daysLate:
            "Sum of the whole days from due date to payment date over invoices paid after their due date."
        case .expectedCreditLoss:
            "Sum over the aging buckets of balance × lifetime loss rate, each bucket rounded; credits are not set off."
        case .lateInterest:
            """
            Principal × (reference rate + margin) × days ÷ 365 for the days after the due date; the reference rate \
            is the one in force on each day; rounded once.
            """
        }
    }
}

/// Why a figure of a period has no number.
package enum FigureAbsence: Equatable, Sendable {
    case noSales, moreCredited, creditsOutweigh, nothingDue, moreCameBack, tooLarge

    /// What stands in the number's place.
    package var name: String {
        switch self {
        case .noSales, .moreCredited: "no sales"
        case .creditsOutweigh: "credits outweigh"
        case .nothingDue: "nothing due"
        case .moreCameBack: "nothing collected"
        case .tooLarge: "too large"
        }
    }

    package var reason: String {
        switch self {
        case .noSales: "nothing was invoiced in the period, credit notes taken off"
        case .moreCredited: "more was credited than invoiced in the period"
        case .creditsOutweigh: "credits and unapplied cash are more than what is owed"
        case .nothingDue: "nothing of the period was due to be collected"
        case .moreCameBack: "more payments came back than arrived"
        case .tooLarge: "the figure is beyond what can be shown"
        }
    }
}
