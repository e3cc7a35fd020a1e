/// Why a part of an item is deducted or given up: our own list, which each customer's codes are mapped to.
package enum ReasonCode: String, CaseIterable, Sendable {
    case price, quantity, damage, promotion, freight
    case returned = "return"
    case smallBalance = "small_balance"
    case insolvency, uncollectable
    /// Tax that the customer pays to its own state in the seller's name: owed by that state, no loss.
    case withholdingTax = "withholding_tax"

    /// Whether the sale itself was worth less: its tax falls with it. The others are debts that will not be paid.
    package var isConcession: Bool {
        switch self {
        case .price, .quantity, .damage, .promotion, .freight, .returned: true
        case .smallBalance, .insolvency, .uncollectable, .withholdingTax: false
        }
    }

    /// Whether what is given up is lost, so that output VAT may fall with it one day.
    package var isLoss: Bool { self != .withholdingTax }

    /// What a write-off is charged to.
    package var account: Account { self == .withholdingTax ? .withholdingTax : isConcession ? .discountsAllowed : .badDebt }
}
