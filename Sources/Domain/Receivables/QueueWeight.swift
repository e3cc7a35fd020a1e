/// Where a receipt stands in the queue: the larger comes first. A week of waiting weighs as much as twice the money, so that a small old
/// receipt passes a large new one in the end. What it weighs against another never changes, so it can be kept. Currencies are compared by
/// their major units, for no rate is known.
///
/// - Units: 2^20 is a doubling; the logarithm is exact at powers of two of minor units and straight between them.
/// - Parameters:
///   - amount: Above zero.
///   - day: When the money was booked.
package func queueWeight(_ amount: Money, bookedOn day: Day) -> Int64 {
    let minor = amount.minor
    precondition(minor > 0)
    let exponent = 63 - minor.leadingZeroBitCount, rest = minor - (1 << exponent)
    let fraction = exponent > 20 ? rest >> (exponent - 20) : rest << (20 - exponent)
    // Of one decimal more or less than two: log2(10).
    let decimals = Int64(2 - amount.currency.exponent) * 3_483_294
    return (Int64(exponent) << 20) + fraction + decimals - (Int64(day.number) << 20) / 7
}
