/// Where a receipt stands in the queue: the larger comes first. A week of waiting weighs as much as twice the money, so that a small old
/// receipt passes a large new one in the end. What it weighs against another never changes, so it can be kept.
///
/// - Units: 2^20 is a doubling; the logarithm is exact at powers of two and straight between them.
/// - Parameters:
///   - minor: Above zero, in the currency's own minor units.
///   - day: When the money was booked.
package func queueWeight(_ minor: Int64, bookedOn day: Day) -> Int64 {
    precondition(minor > 0)
    let exponent = 63 - minor.leadingZeroBitCount, rest = minor - (1 << exponent)
    let fraction = exponent > 20 ? rest >> (exponent - 20) : rest << (20 - exponent)
    return (Int64(exponent) << 20) + fraction - (Int64(day.number) << 20) / 7
}
