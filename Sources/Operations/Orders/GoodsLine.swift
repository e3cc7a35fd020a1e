import Domain
import Store

/// A line of goods, as it stands on an order and on the document that bills it.
package struct GoodsLine: Sendable {
    package let sku: String
    package let description: String
    package let quantityMilli: Int64
    /// Millionths of the major unit, without tax.
    package let priceMicro: Int64
    package let net: Money
    package let taxBasisPoints: Int

    /// - Parameter column: Of the article's number; quantity, price, net amount and rate follow it, as in both tables of lines.
    init(_ row: Row, from column: Int = 0, _ currency: Currency) {
        sku = row.text(column)
        description = row.text(column + 1)
        quantityMilli = row.integer(column + 2)
        priceMicro = row.integer(column + 3)
        net = row.money(column + 4, currency)
        taxBasisPoints = Int(row.integer(column + 5))
    }
}
