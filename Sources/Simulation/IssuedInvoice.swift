import Domain

/// An invoice as its payer received it.
package struct IssuedInvoice: Hashable, Sendable {
    /// Unique within a world.
    package let number: String
    package let orderNumber: String?
    package let customerNumber: String
    package let customerName: String
    package let customerIBAN: String
    package let issuedOn: Day
    package let dueOn: Day
    package let gross: Money
    package init(
        number: String, orderNumber: String?, customerNumber: String, customerName: String, customerIBAN: String,
        issuedOn: Day, dueOn: Day, gross: Money
    ) {
        (self.number, self.orderNumber, self.customerNumber) = (number, orderNumber, customerNumber)
        (self.customerName, self.customerIBAN) = (customerName, customerIBAN)
        (self.issuedOn, self.dueOn, self.gross) = (issuedOn, dueOn, gross)
    }

    var isOneTime: Bool { customerNumber.hasPrefix("ONE-TIME") }
}
