/// The totals of an invoice or credit note, from its lines.
///
/// - Source: EN 16931-1 BT-106 (net), BT-110 (tax), BT-112 (gross), BG-23 (breakdown): tax is rounded once for each category
///   and rate, never a line.
package struct DocumentTotals: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
        package let net: Money
        package let treatment: VATTreatment
        package init(net: Money, _ treatment: VATTreatment) { (self.net, self.treatment) = (net, treatment) }
    }
    package struct Breakdown: Equatable, Sendable {
        package let treatment: VATTreatment
        package var taxable: Money
        package var tax: Money
    }

    package let breakdown: [Breakdown]
    package let net: Money
    package let tax: Money
    package var gross: Money { net + tax }

    package init(_ lines: [Line], in currency: Currency) {
        var breakdown: [Breakdown] = []
        for line in lines {
            if let at = breakdown.firstIndex(where: { $0.treatment == line.treatment }) {
                breakdown[at].taxable = breakdown[at].taxable + line.net
            } else {
                breakdown.append(Breakdown(treatment: line.treatment, taxable: line.net, tax: .zero(currency)))
            }
        }
        for at in breakdown.indices {
            breakdown[at].tax = breakdown[at].taxable.times(Rate(basisPoints: breakdown[at].treatment.basisPoints), .halfAwayFromZero)
        }
        self.breakdown = breakdown
        net = breakdown.map(\.taxable).total(in: currency)
        tax = breakdown.map(\.tax).total(in: currency)
    }

    /// What an invoice with these totals (gross above zero) or a credit note (gross below zero) does to the ledger.
    package func postings(customer: ID<Customer>) -> [Posting] {
        var postings = [Posting(.receivables, customer, debit: gross), Posting(.revenue, customer, credit: net)]
        if tax.minor != 0 { postings.append(Posting(.outputVAT, customer, credit: tax)) }
        return postings
    }
}

/// Quantity × price, rounded half away from zero to the currency's minor unit (EN 16931-1 BT-131).
///
/// - Parameters:
///   - quantityMilli: Thousandths of a unit.
///   - priceMicro: Millionths of the major unit.
/// - Returns: nil beyond `Money.entryBound`.
package func lineNet(quantityMilli: Int64, priceMicro: Int64, _ currency: Currency) -> Money? {
    let exact = Int128(quantityMilli) * Int128(priceMicro)
    guard let minor = quotient(exact, Int128(powerOfTen(9 - currency.exponent)), .halfAwayFromZero),
        minor.magnitude <= Money.entryBound.magnitude
    else { return nil }
    return Money(minor: minor, currency)
}
