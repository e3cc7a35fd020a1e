/// An order as a channel delivered it, before pricing and tax.
///
/// (channel, externalID) identifies it for ever: the same order twice is one order.
package struct OrderIntake: Equatable, Sendable {
    package enum Kind: String, Sendable { case sale, cancellation, adjustment }

    package struct Line: Equatable, Sendable {
        package var sku: String
        package var description: String
        /// Thousandths of a unit; negative on a cancellation.
        package var quantityMilli: Int64
        /// Millionths of the currency's major unit, per unit: 2.555 is 2 555 000. Tax not included.
        package var priceMicro: Int64
        package init(sku: String, description: String, quantityMilli: Int64, priceMicro: Int64) {
            (self.sku, self.description, self.quantityMilli, self.priceMicro) = (sku, description, quantityMilli, priceMicro)
        }
    }

    package var channel: String
    package var externalID: String
    package var kind: Kind
    /// The channel's customer number, or nil when the channel did not say.
    package var customerNumber: String?
    /// ISO 3166-1 alpha-2.
    package var country: String
    package var orderedOn: Day
    package var currency: Currency
    package var lines: [Line]
    package init(
        channel: String, externalID: String, kind: Kind, customerNumber: String?, country: String, orderedOn: Day, currency: Currency,
        lines: [Line]
    ) {
        (self.channel, self.externalID, self.kind, self.customerNumber) = (channel, externalID, kind, customerNumber)
        (self.country, self.orderedOn, self.currency, self.lines) = (country, orderedOn, currency, lines)
    }
}
