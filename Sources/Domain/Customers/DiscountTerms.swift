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
        kept(of: gross.minor, basisPoints, over: 10_000, until: day + days)
    }
}

extension CashDiscount {
    /// What may be kept once credit notes took a part of the document; nil when it comes to nothing. What was paid of it does not count:
    /// the discount is on all of the price.
    ///
    /// - Parameters:
    ///   - credited: What credit notes settle of it, in minor units, zero or above.
    ///   - amount: The document's, of which this is the discount, in minor units.
    ///   - basisPoints: The rate it was issued with; nil takes the rate that the discount makes of the amount.
    package func left(afterCredits credited: Int64, of amount: Int64, basisPoints: Int64?) -> CashDiscount? {
        guard credited != 0 else { return self }
        guard credited < amount else { return nil }
        return basisPoints.map { kept(of: amount - credited, $0, over: 10_000, until: until) }
            ?? kept(of: amount - credited, minor, over: amount, until: until)
    }
}

private func kept(of amount: Int64, _ part: Int64, over whole: Int64, until day: Day) -> CashDiscount? {
    guard let minor = scaled(amount, by: part, over: whole, .halfAwayFromZero) else { return nil }
    return minor > 0 && minor < amount ? CashDiscount(minor: minor, until: day) : nil
}
