/// An exact ratio: a tax rate, an interest rate, a share. 19 % is 19/100, 5.5 % is 55/1000.
///
/// - Bounds: 0 < denominator ≤ 10^9.
package struct Rate: Hashable, Sendable {
    package let numerator: Int64
    package let denominator: Int64

    package init(_ numerator: Int64, over denominator: Int64) {
        precondition(denominator > 0 && denominator <= 1_000_000_000)
        (self.numerator, self.denominator) = (numerator, denominator)
    }

    /// Hundredths of a per cent: 20 % is 2000 basis points (EN 16931-1 BT-119 has two decimals).
    package init(basisPoints: Int64) { self.init(basisPoints, over: 10_000) }
}
