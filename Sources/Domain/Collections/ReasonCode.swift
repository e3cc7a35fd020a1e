/// Why a part of an item is deducted or given up: our own list, which each customer's codes are mapped to.
package enum ReasonCode: String, CaseIterable, Sendable {
    case price, quantity, damage, promotion, freight
    case returned = "return"
    case smallBalance = "small_balance"
    case insolvency, uncollectable

    /// Whether the sale itself was worth less: its tax falls with it. The others are debts that will not be paid.
    package var isConcession: Bool {
        switch self {
        case .price, .quantity, .damage, .promotion, .freight, .returned: true
        case .smallBalance, .insolvency, .uncollectable: false
        }
    }

    /// What a write-off is charged to.
    package var account: Account { isConcession ? .discountsAllowed : .badDebt }
}
