/// The accounts of order to cash, by code. A legal entity may add its own; these are always there.
package enum Account: String, CaseIterable, Sendable {
    case bank = "1000"
    case cashInTransit = "1050"
    case receivables = "1200"
    case unappliedCash = "1290"
    case withholdingTax = "1300"
    case bankClearing = "1900"
    case customerPrepayments = "2100"
    case receiptsToReturn = "2150"
    case outputVAT = "2200"
    case deferredRevenue = "2300"
    case escrow = "2400"
    case openingBalances = "3000"
    case revenue = "4000"
    case discountsAllowed = "4800"
    case exchangeGains = "4900"
    case bankFees = "6000"
    case badDebt = "6100"
    case shortPayments = "6150"
    case exchangeLosses = "6200"
    case roundingDifferences = "6300"

    package enum Kind: String, Sendable { case asset, liability, equity, income, expense }

    package var kind: Kind {
        switch self {
        case .bank, .cashInTransit, .receivables, .unappliedCash, .withholdingTax, .bankClearing: .asset
        case .customerPrepayments, .receiptsToReturn, .outputVAT, .deferredRevenue, .escrow: .liability
        case .openingBalances: .equity
        case .revenue, .exchangeGains: .income
        case .discountsAllowed, .bankFees, .badDebt, .shortPayments, .exchangeLosses, .roundingDifferences: .expense
        }
    }

    /// A control account's balance is the sum of the open items that stand on it.
    package var isControl: Bool { self == .receivables || self == .unappliedCash }

    package var name: String {
        switch self {
        case .bank: "Bank"
        case .cashInTransit: "Cash in transit"
        case .receivables: "Receivables"
        case .unappliedCash: "Unapplied cash"
        case .withholdingTax: "Withholding tax receivable"
        case .bankClearing: "Bank clearing"
        case .customerPrepayments: "Customer prepayments"
        case .receiptsToReturn: "Receipts to return"
        case .outputVAT: "Output VAT"
        case .deferredRevenue: "Deferred revenue"
        case .escrow: "Escrow"
        case .openingBalances: "Opening balances"
        case .revenue: "Revenue"
        case .discountsAllowed: "Discounts allowed"
        case .exchangeGains: "Exchange gains"
        case .bankFees: "Bank fees"
        case .badDebt: "Bad debt"
        case .shortPayments: "Short payments"
        case .exchangeLosses: "Exchange losses"
        case .roundingDifferences: "Rounding differences"
        }
    }
}
