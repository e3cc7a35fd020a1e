/// Customers, open items and receipts with the truth about each receipt: what an engine is judged on.
///
/// Ids are positions: a customer's in `customers`, an item's in `items`, each counted from 1; a receipt's truth lies in
/// `truths[receipt.truths]`.
package struct ReceiptWorld: Sendable {
    package struct Customer: Sendable {
        package let name: String
        /// What the customer is called by with us; empty for none.
        package let number: String
        package let parent: Int?
        /// Known before the first receipt.
        package let ibans: [String]
        package init(name: String, number: String = "", parent: Int?, ibans: [String]) {
            (self.name, self.number, self.parent, self.ibans) = (name, number, parent, ibans)
        }
    }

    package struct Receipt: Sendable {
        package let bookedOn: Day
        package let valueOn: Day
        package let amount: Money
        package let words: PayerWords
        package var truths: Range<Int>
        package init(bookedOn: Day, valueOn: Day, amount: Money, words: PayerWords, truths: Range<Int>) {
            (self.bookedOn, self.valueOn, self.amount, self.words, self.truths) = (bookedOn, valueOn, amount, words, truths)
        }
    }

    package enum Reason: String, Sendable, CaseIterable {
        case settle, discount, bankCharge = "bank_charge", withholding, rounding, deduction, short
        case onAccount = "on_account", notOurs = "not_ours"
    }

    /// One item that the payer meant; no item for what stays on account or is not ours.
    package struct Truth: Equatable, Sendable {
        package let item: Int64?
        package let settledMinor: Int64
        package let cashMinor: Int64
        package let reason: Reason
        package init(item: Int64?, settledMinor: Int64, cashMinor: Int64, reason: Reason) {
            (self.item, self.settledMinor, self.cashMinor, self.reason) = (item, settledMinor, cashMinor, reason)
        }
    }

    package var customers: [Customer] = []
    package var items: [MatchIndex.Item] = []
    /// In booking order.
    package var receipts: [Receipt] = []
    package var truths: [Truth] = []
    package init() {}

    /// Everything an engine may know before the first receipt.
    package func index() -> MatchIndex {
        var index = MatchIndex(holdsAll: true)
        for (at, customer) in customers.enumerated() {
            let id = ID<Domain.Customer>(Int64(at + 1))
            index.add(id, name: customer.name, number: customer.number)
            for spelling in nameSpellings(customer.name) { index.add(.name, spelling, id) }
            for iban in customer.ibans { index.add(.iban, iban, id) }
            if let parent = customer.parent { index.add(parent: ID(Int64(parent)), of: id) }
        }
        for item in items { index.add(item) }
        return index
    }
}
