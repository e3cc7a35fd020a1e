/// An amount somebody owes (debit, positive) or is owed (credit, negative), with what is left of it.
///
/// Paid, overdue and balance are derived from it, never stored.
package struct OpenItem: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case invoice, creditNote = "credit_note", receipt
        /// Money that left again: a returned debit, a bounced payment.
        case `return`
        /// One leg of moving cash from unapplied to the customer it turned out to be from.
        case transfer
        /// A difference within tolerance, charged to its own account.
        case adjustment
        case opening
    }

    package let id: Int64
    package let number: String
    /// Nothing settles it before this day: the day it came to be, or the last on which a settlement was taken back.
    package var effectiveOn: Day
    package let dueOn: Day
    /// Between zero and the item's amount.
    package var open: Money
    package var discount: CashDiscount?
    package init(id: Int64, number: String, effectiveOn: Day, dueOn: Day, open: Money, discount: CashDiscount? = nil) {
        (self.id, self.number, self.effectiveOn, self.dueOn, self.open, self.discount) = (id, number, effectiveOn, dueOn, open, discount)
    }
    /// An item that was just recorded: all of it is open.
    package init(_ item: NewOpenItem) {
        self.init(id: item.id, number: item.number, effectiveOn: item.effectiveOn, dueOn: item.dueOn, open: item.amount)
    }
}

/// What a payer may keep who pays a document by a day.
package struct CashDiscount: Equatable, Sendable {
    /// In minor units of the document's currency, above zero and below its amount.
    package let minor: Int64
    /// The last day that earns it.
    package let until: Day
    package init(minor: Int64, until: Day) { (self.minor, self.until) = (minor, until) }
}

/// A cash discount as a document or a letter offers it.
package struct DiscountOffer: Equatable, Sendable {
    package let discount: CashDiscount
    /// What the discount is of.
    package let amount: Money
    /// Hundredths of a per cent; nil where only the amount is known.
    package let basisPoints: Int64?
    package init(_ discount: CashDiscount, of amount: Money, basisPoints: Int64?) {
        (self.discount, self.amount, self.basisPoints) = (discount, amount, basisPoints)
    }

    /// What settles the document by the last day.
    package var payable: Money { Money(minor: amount.minor - discount.minor, amount.currency) }

    /// `2 % if paid by 11 Dec 2026: 98.00 GBP`.
    package var terms: String {
        let part = basisPoints.map(percent) ?? Money(minor: discount.minor, amount.currency).readable
        return "\(part) if paid by \(discount.until.words): \(payable.readable)"
    }
}

/// An open item about to be recorded.
package struct NewOpenItem: Equatable, Sendable {
    package let id: Int64
    package let kind: OpenItem.Kind
    package let account: Account
    /// nil only for cash whose payer is not known yet.
    package let customer: ID<Customer>?
    package let number: String
    package let effectiveOn: Day
    package let dueOn: Day
    package let amount: Money
    package init(
        id: Int64, kind: OpenItem.Kind, account: Account, customer: ID<Customer>?, number: String, effectiveOn: Day, dueOn: Day,
        amount: Money
    ) {
        (self.id, self.kind, self.account, self.customer) = (id, kind, account, customer)
        (self.number, self.effectiveOn, self.dueOn, self.amount) = (number, effectiveOn, dueOn, amount)
    }
}
