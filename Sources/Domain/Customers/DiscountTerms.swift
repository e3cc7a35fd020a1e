/// The cash discount that is agreed with a customer: so much off an invoice that is paid within so many days.
package struct DiscountTerms: Hashable, Sendable {
    /// Hundredths of a per cent of the gross amount, 1…9999.
    package let basisPoints: Int64
    /// Days from the issue of the invoice, 0…365.
    package let days: Int

    /// - Returns: nil when a number is out of its bounds.
    package init?(basisPoints: Int64, days: Int64) {
        guard (1...9_999).contains(basisPoints), (0...365).contains(days) else { return nil }
        (self.basisPoints, self.days) = (basisPoints, Int(days))
    }

    /// What may be kept of an invoice, rounded as payers round it; nil when it comes to nothing.
    ///
    /// - Parameter gross: Above zero.
    package func discount(of gross: Money, issuedOn day: Day) -> CashDiscount? {
        guard let minor = scaled(gross.minor, by: basisPoints, over: 10_000, .halfAwayFromZero) else { return nil }
        return minor > 0 && minor < gross.minor ? CashDiscount(minor: minor, until: day + days) : nil
    }
}
