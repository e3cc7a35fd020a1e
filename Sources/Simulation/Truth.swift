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
    /// What the payer paid beyond every invoice: credit.
    package let restMinor: Int64
    /// What a bank kept on the way: beyond the entry's amount, and the payer holds it paid.
    package let chargeMinor: Int64
    package let habit: PayerHabit
}
