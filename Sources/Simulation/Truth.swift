import Domain

/// What one bank entry is really for, for a judge to compare with what cash application made of it.
///
/// The settled amounts and the rest add up to the entry's amount.
package struct Truth: Equatable, Sendable {
    package struct Settled: Equatable, Sendable {
        package let invoiceNumber: String
        /// Below zero when the bank takes the money back.
        package let minor: Int64
    }

    /// The entry's `AcctSvcrRef`.
    package let bankReference: String
    package let customerNumber: String
    package let settled: [Settled]
    /// What the payer pays for again: settled by this entry when the other one waits, by that one when this one does.
    package let repeated: [Settled]
    /// What the payer paid beyond every invoice: credit.
    package let restMinor: Int64
    /// What a bank kept on the way: beyond the entry's amount, and the payer holds it paid.
    package let chargeMinor: Int64
    package let habit: PayerHabit
}

extension Truth {
    /// Whether a posting is what the payer meant.
    ///
    /// What credit notes had taken off an invoice by then nobody can settle any more: that cash is the payer's, for whatever else it owes.
    ///
    /// - Parameters:
    ///   - customer: On whose account the entry was posted.
    ///   - posted: Minor units by invoice number.
    ///   - credited: What credit notes had taken off by the day of the posting, in minor units by invoice number.
    package func isMet(by customer: String?, _ posted: [String: Int64], credited: [String: Int64]) -> Bool {
        let meant = Dictionary((settled + repeated).map { ($0.invoiceNumber, $0.minor) }, uniquingKeysWith: +)
        let free = meant.reduce(0 as Int64) { $0 + min($1.value, credited[$1.key, default: 0]) }
        let beyond = posted.reduce(0 as Int64) { $0 + max(0, $1.value - meant[$1.key, default: 0]) }
        return customer == customerNumber && beyond <= free
    }
}
