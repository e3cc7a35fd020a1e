import Domain
import Testing

/// Lines, tax, gross, postings and open item agree to the unit, whatever is billed.
@Suite struct InvoicePropertyTests {
    private static let currencies: [Currency] = [.eur, .gbp, .usd, .jpy, .kwd]
    private static let treatments = [
        VATTreatment(.standard, basisPoints: 2000), VATTreatment(.standard, basisPoints: 1900), VATTreatment(.standard, basisPoints: 700),
        VATTreatment(.reverseCharge, basisPoints: 0), VATTreatment(.export, basisPoints: 0),
    ]

    /// A million invoices of one to six lines in eight shares, which run side by side.
    @Test(arguments: 0..<8 as Range<UInt64>) func aMillionInvoicesAddUp(share: UInt64) {
        var random = Xorshift(state: 0x9e37_79b9_7f4a_7c15 &* (share + 1)), wrong = 0, lines: [DocumentTotals.Line] = []
        lines.reserveCapacity(6)
        let customer = ID<Customer>(7)
        for _ in 0..<125_000 {
            let currency = Self.currencies[Int(random.next() % 5)]
            lines.removeAll(keepingCapacity: true)
            var nets: Int64 = 0
            for _ in 0...(random.next() % 6) {
                let minor = Int64(random.next() % 2_000_001) - (random.next() % 16 == 0 ? 1_000_000 : 0)
                nets += minor
                lines.append(DocumentTotals.Line(net: Money(minor: minor, currency), Self.treatments[Int(random.next() % 5)]))
            }
            let totals = DocumentTotals(lines, in: currency)
            var taxes: Int64 = 0, posted: Int64 = 0, receivable: Int64 = 0
            for part in totals.breakdown {
                taxes += part.tax.minor
                let exact = part.taxable.minor * part.treatment.basisPoints - part.tax.minor * 10_000
                if exact.magnitude > 5_000 { wrong += 1 }  // each tax is within half a unit of the exact one
            }
            for posting in totals.postings(customer: customer) {
                posted += posting.amount.minor
                if posting.account == .receivables { receivable = posting.amount.minor }
            }
            let gross = totals.gross.minor
            if posted != 0 || totals.net.minor != nets || totals.tax.minor != taxes || gross != nets + taxes || receivable != gross {
                wrong += 1
            }
        }
        #expect(wrong == 0)
    }

    /// Tax is rounded once for each category and rate, so it may differ from the sum of rounded lines, but never by the lines.
    @Test(
        arguments: [
            ([33, 33, 33], 20), ([1, 1, 1, 1, 1], 1), ([2, 1], 1), ([3], 1), ([-33, -33, -33], -20), ([12, -12], 0), ([13], 3), ([12], 2),
            ([-13], -3),
        ] as [([Int64], Int64)])
    func taxIsRoundedOnce(nets: [Int64], tax: Int64) {
        let lines = nets.map { DocumentTotals.Line(net: Money(minor: $0, .gbp), VATTreatment(.standard, basisPoints: 2000)) }
        let totals = DocumentTotals(lines, in: .gbp)
        #expect(totals.tax.minor == tax)
        #expect(totals.breakdown.count == 1)
    }

    @Test func eachCategoryAndRateIsABreakdownOfItsOwn() {
        let lines = Self.treatments.flatMap { treatment in
            [100, 33].map { DocumentTotals.Line(net: Money(minor: $0, .eur), treatment) }
        }
        let totals = DocumentTotals(lines, in: .eur)
        #expect(totals.breakdown.map(\.tax.minor) == [27, 25, 9, 0, 0])
        #expect(totals.net.minor == 665 && totals.tax.minor == 61 && totals.gross.minor == 726)
    }

    @Test(
        arguments: [
            (1_000, 2_555_000, Currency.gbp, 256), (3_000, 1_115_000, .gbp, 335), (-3_000, 1_115_000, .gbp, -335), (1, 5_000_000, .eur, 1),
            (1, 4_999_999, .eur, 0), (2_500, 3_000_000, .jpy, 8), (1_000, 499_999, .jpy, 0), (1_000, 1_234_567, .kwd, 1_235),
            (0, 1, .eur, 0),
        ] as [(Int64, Int64, Currency, Int64)])
    func aLineIsQuantityTimesPriceRounded(quantity: Int64, price: Int64, currency: Currency, net: Int64) {
        #expect(lineNet(quantityMilli: quantity, priceMicro: price, currency)?.minor == net)
    }

    @Test func aLineBeyondTheBoundIsRefused() {
        #expect(lineNet(quantityMilli: 1_000_000, priceMicro: 10_000_000_000_000, .eur) == Money(minor: 1_000_000_000_000, .eur))
        #expect(lineNet(quantityMilli: 1_000_001, priceMicro: 10_000_000_000_000, .eur) == nil)
        #expect(lineNet(quantityMilli: .min, priceMicro: .max, .kwd) == nil)
    }
}

/// G. Marsaglia's generator: a few instructions, which counts when it is asked twenty million times.
private struct Xorshift {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
