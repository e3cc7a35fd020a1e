/// A reference rate and its first day; it holds until the next one begins.
///
/// - Units: hundredths of a per cent a year. May be below zero.
package struct ReferenceRate: Hashable, Sendable {
    package let from: Day
    package let basisPoints: Int64
    package init(from: Day, basisPoints: Int64) { (self.from, self.basisPoints) = (from, basisPoints) }
}

/// The statutory rates of late payment between businesses.
///
/// - Bounds: reference rate + margin is from 0 to 100 % a year.
/// - Source: Directive 2011/7/EU, article 2(6) and 2(7): the ECB's main refinancing rate on 1 January and 1 July, plus at
///   least eight percentage points; article 6: EUR 40.
package struct LateInterestTerms: Equatable, Sendable {
    /// At least 800 under the directive; 900 in Germany, 1000 in France.
    package let marginBasisPoints: Int64
    package let referenceRates: [ReferenceRate]

    /// Owed once for each invoice paid late, with no reminder needed.
    package static let lumpSum = Money(minor: 40_00, .eur)

    /// - Returns: nil when there is no rate, their days are not strictly ascending, or one is out of bounds.
    package init?(referenceRates: [ReferenceRate], marginBasisPoints: Int64 = 800) {
        guard !referenceRates.isEmpty, (0...10_000).contains(marginBasisPoints),
            zip(referenceRates, referenceRates.dropFirst()).allSatisfy({ $0.from < $1.from }),
            referenceRates.allSatisfy({ (-marginBasisPoints...10_000 - marginBasisPoints).contains($0.basisPoints) })
        else { return nil }
        (self.referenceRates, self.marginBasisPoints) = (referenceRates, marginBasisPoints)
    }

    /// `Figure.lateInterest` for the days after `dueOn` up to and including `through`.
    ///
    /// - Parameters:
    ///   - principal: Above zero. Interest is simple: none on interest.
    ///   - through: The day of payment, or the day of the claim.
    /// - Returns: nil when the first day late is before the first reference rate.
    package func lateInterest(on principal: Money, dueOn: Day, through: Day) -> LateInterest? {
        precondition(principal.minor > 0)
        guard through > dueOn else {
            return LateInterest(segments: [], interest: .zero(principal.currency), lumpSum: .zero(.eur))
        }
        guard let segments = segments(from: dueOn + 1, through: through) else { return nil }
        let rateDays = segments.reduce(Int128(0)) { $0 + Int128($1.annualBasisPoints) * Int128($1.days) }
        guard let minor = quotient(Int128(principal.minor) * rateDays, 10_000 * 365, .halfToEven) else {
            preconditionFailure("amount out of bounds")
        }
        return LateInterest(segments: segments, interest: Money(minor: minor, principal.currency), lumpSum: Self.lumpSum)
    }

    private func segments(from start: Day, through: Day) -> [LateInterest.Segment]? {
        guard start >= referenceRates[0].from else { return nil }
        var segments: [LateInterest.Segment] = []
        for (at, rate) in referenceRates.enumerated() {
            let first = max(start, rate.from)
            let last = at + 1 < referenceRates.count ? min(through, referenceRates[at + 1].from + -1) : through
            guard first <= last else { continue }
            let annual = rate.basisPoints + marginBasisPoints
            segments.append(.init(firstOn: first, lastOn: last, reference: rate, annualBasisPoints: annual))
        }
        return segments
    }
}

/// What a late payer owes beside the principal.
package struct LateInterest: Equatable, Sendable {
    /// Days under one reference rate, first and last included.
    package struct Segment: Equatable, Sendable {
        package let firstOn: Day
        package let lastOn: Day
        package let reference: ReferenceRate
        /// Reference rate and margin together, in hundredths of a per cent.
        package let annualBasisPoints: Int64
        package var days: Int { lastOn - firstOn + 1 }
    }
    /// In order of days, without gaps; empty when nothing is late.
    package let segments: [Segment]
    /// Principal × Σ (rate × days) ÷ 365, rounded once, half to even.
    package let interest: Money
    /// EUR 40, or zero when nothing is late. Not part of `interest`; its currency may differ from it.
    package let lumpSum: Money
}
