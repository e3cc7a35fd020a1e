/// Money that arrived, as the bank, a gateway or a till reported it.
///
/// (method, externalID) identifies it for ever: the same receipt twice is one receipt.
package struct ReceiptIntake: Equatable, Sendable {
    package var method: String
    package var externalID: String
    package var bookedOn: Day
    /// Above zero: what the payer sent.
    package var amount: Money
    /// Above zero: what the bank kept of it, at our expense. nil where all of it came.
    package var charges: Money?
    /// The customer when the channel knows it; nil when cash application must find out.
    package var customer: ID<Customer>?
    package var payerName: String?
    package var payerIBAN: String?
    package var endToEndID: String?
    /// The direct debit mandate by which it was collected, as the channel writes it.
    package var mandateID: String?
    package var structuredReference: String?
    package var remittance: String
    package init(
        method: String, externalID: String, bookedOn: Day, amount: Money, customer: ID<Customer>? = nil, payerName: String? = nil,
        payerIBAN: String? = nil, endToEndID: String? = nil, mandateID: String? = nil, structuredReference: String? = nil,
        remittance: String = ""
    ) {
        precondition(amount.minor > 0)
        (self.method, self.externalID, self.bookedOn, self.amount, self.customer) = (method, externalID, bookedOn, amount, customer)
        (self.payerName, self.payerIBAN, self.endToEndID, self.mandateID) = (payerName, payerIBAN, endToEndID, mandateID)
        (self.structuredReference, self.remittance) = (structuredReference, remittance)
    }
}
