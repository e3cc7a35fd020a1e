/// One side of a journal entry: debit positive, credit negative.
package struct Posting: Equatable, Sendable {
    package let account: Account
    package let customer: ID<Customer>?
    package let amount: Money
    package init(_ account: Account, _ customer: ID<Customer>?, debit amount: Money) {
        (self.account, self.customer, self.amount) = (account, customer, amount)
    }
    package init(_ account: Account, _ customer: ID<Customer>?, credit amount: Money) {
        (self.account, self.customer, self.amount) = (account, customer, -amount)
    }
}

/// Whether debits equal credits in every currency.
package func isBalanced(_ postings: [Posting]) -> Bool {
    var sums: [Currency: Int64] = [:]
    for posting in postings { sums[posting.amount.currency, default: 0] += posting.amount.minor }
    return sums.values.allSatisfy { $0 == 0 }
}
