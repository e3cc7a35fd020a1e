/// What a known payer may leave unpaid of the documents he names and settle them all the same. Each kind has a limit and an account of its
/// own; a shortfall that two kinds explain waits for a person.
///
/// - Units: `…Minor` counts hundredths of a unit of the receipt's currency, 0 is never; shares are basis points of what the documents named
///   have open, at most a tenth. Rounding is the policy's `roundingMinor`; the absolute limit of bank charges comes with the receipt.
package struct Tolerances: Equatable, Sendable {
    /// No difference is taken that is more than this share.
    package static let largestShare: Int64 = 1_000

    /// Tax that a payer withholds for his own state and pays there in the seller's name: exactly a rate of a document.
    package struct Withholding: Equatable, Sendable {
        /// What the rate is of: the document's amount with value added tax, or without.
        package enum Base: String, Sendable, CaseIterable { case gross, net }
        /// Basis points, 1 to 5,000; none is off.
        package var rates: [Int64] = []
        package var base = Base.gross
        package init(rates: [Int64] = [], of base: Base = .gross) { (self.rates, self.base) = (rates, base) }
    }

    package var bankChargeShare = largestShare
    package var shortMinor: Int64 = 0
    package var shortShare = largestShare
    package var withholding = Withholding()
    package init() {}

    /// As one line of a policy's text.
    package var text: String {
        let rates = withholding.rates.map { String($0) }.joined(separator: " ")
        return "tolerances bank charge share \(bankChargeShare) short \(shortMinor) share \(shortShare) "
            + "withholding \(rates.isEmpty ? "never" : "\(rates) of \(withholding.base.rawValue)")"
    }
}

/// The limit of one kind of difference in a receipt's own currency: both bounds hold.
package struct ToleranceLimit: Equatable, Sendable {
    package let kind: Match.Adjustment.Kind
    /// In minor units, above zero.
    package let minor: Int64
    /// In basis points of what the documents named have open.
    package let share: Int64

    /// Whether a shortfall of what is named stays within it.
    func holds(_ short: Int64, of total: Int64) -> Bool { short <= minor && Int128(short) * 10_000 <= Int128(total) * Int128(share) }
}

/// A kind of difference that makes up a shortfall whole, and what it books on which document.
struct ToleratedDifference {
    let kind: Match.Adjustment.Kind
    let adjustments: [Match.Adjustment]
    let text: String
}

extension MatchCase {
    /// The limits in force.
    package var limits: [ToleranceLimit] {
        let tolerances = policy.tolerances, shortMinor = tolerances.shortMinor * powerOfTen(cash.currency.exponent) / 100
        return [
            ToleranceLimit(kind: .rounding, minor: policy.roundingMinor, share: Tolerances.largestShare),
            ToleranceLimit(kind: .bankCharge, minor: toleranceMinor, share: tolerances.bankChargeShare),
            ToleranceLimit(kind: .shortPayment, minor: shortMinor, share: tolerances.shortShare),
        ].filter { $0.minor > 0 }
    }

    /// Every kind of difference that makes up a shortfall whole: one alone is posted.
    func differences(_ short: Money, _ open: [NamedItem], of total: Int64) -> [ToleratedDifference] {
        // A part payment before has borne its charge: no second one on the rest.
        guard named.allSatisfy({ $0.item.open == $0.amount }), let last = open.last else { return [] }
        let within = limits.filter { $0.holds(short.minor, of: total) }
        // What is as small as rounding is never a charge.
        let kinds = within.first { $0.kind == .rounding }.map { [$0] } ?? within
        return kinds.map {
            ToleratedDifference(
                kind: $0.kind, adjustments: [Match.Adjustment($0.kind, itemID: last.item.id, amount: short)], text: $0.kind.text)
        } + withheld(short, open)
    }

    /// What withheld tax is computed of; nil where a document's net amount is not known.
    func withholdingBase(_ named: NamedItem) -> Int64? {
        switch policy.tolerances.withholding.base {
        case .gross: named.amount.minor
        case .net: netMinor[named.item.id]
        }
    }

    /// The rates that make up the shortfall to the unit, computed on each document or on their sum.
    private func withheld(_ short: Money, _ open: [NamedItem]) -> [ToleratedDifference] {
        let withholding = policy.tolerances.withholding, bases = open.compactMap(withholdingBase)
        guard !withholding.rates.isEmpty, bases.count == open.count else { return [] }
        let base = bases.reduce(0, +)
        return withholding.rates.compactMap { rate in
            var shares = bases.compactMap { scaled($0, by: rate, over: 10_000, .halfAwayFromZero) }
            let whole = scaled(base, by: rate, over: 10_000, .halfAwayFromZero), sum = shares.reduce(0, +)
            guard shares.count == open.count, sum == short.minor || whole == short.minor else { return nil }
            shares[shares.count - 1] += short.minor - sum
            let adjustments = zip(open, shares).filter { $0.1 > 0 }.map {
                Match.Adjustment(.withholding, itemID: $0.item.id, amount: Money(minor: $1, short.currency))
            }
            guard shares.allSatisfy({ $0 >= 0 }) else { return nil }
            return ToleratedDifference(
                kind: .withholding, adjustments: adjustments,
                text: "tax withheld at \(percent(rate)) of the \(withholding.base.rawValue) amount")
        }
    }
}

extension Match.Adjustment.Kind {
    fileprivate var text: String {
        switch self {
        case .bankCharge: "within the tolerance of bank charges"
        case .discount: "cash discount"
        case .rounding: "rounding"
        case .withholding: "tax withheld"
        case .deduction: "deduction"
        case .shortPayment: "within the tolerance of short payments"
        }
    }
}

/// Basis points as a percentage: 1,050 is `10.5 %`.
package func percent(_ basisPoints: Int64) -> String {
    let rest = basisPoints % 100
    let digits = rest == 0 ? "" : rest % 10 == 0 ? ".\(rest / 10)" : rest < 10 ? ".0\(rest)" : ".\(rest)"
    return "\(basisPoints / 100)\(digits) %"
}
