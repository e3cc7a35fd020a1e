/// A typed identifier: `ID<Invoice>` and `ID<Receipt>` never mix, at no run-time cost.
///
/// - Shape: a positive 64-bit integer below 2^53, unique within its legal entity over all nouns, increasing in the
///   order in which facts were recorded. A document and its open item and its journal entry share one id.
package struct ID<Of>: Hashable, Sendable, Comparable {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
    package static func < (left: ID, right: ID) -> Bool { left.value < right.value }
}

/// The legal entity that owns a set of books: the tenant, and the distribution key.
package enum Entity {}
package enum Customer {}
package enum Order {}
package enum Invoice {}
package enum Receipt {}
package enum JournalEntry {}
package enum Allocation {}

/// The instant a fact was recorded.
///
/// - Units: microseconds since 1970-01-01T00:00:00Z.
package struct Instant: Hashable, Sendable, Comparable {
    package let microseconds: Int64
    package init(microseconds: Int64) { self.microseconds = microseconds }
    package static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }
}

extension Instant {
    /// The day it lies in, UTC; from 1970 on.
    package var day: Day { Day(number: Int(microseconds / 86_400_000_000)) }

    /// `2026-11-23T08:15:00Z`; microseconds when they are not zero.
    package var iso8601: String {
        let (seconds, rest) = (microseconds >= 0 ? microseconds : microseconds - 999_999, microseconds)
        let whole = seconds / 1_000_000, fraction = rest - whole * 1_000_000
        let day = whole >= 0 ? whole / 86_400 : (whole - 86_399) / 86_400, second = whole - day * 86_400
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let tail = fraction == 0 ? "" : ".\(String(1_000_000 + fraction).dropFirst())"
        return "\(Day(number: Int(day)).iso8601)T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))\(tail)Z"
    }

    /// - Parameter iso8601: A day (its last microsecond, UTC: what was recorded on it counts) or `YYYY-MM-DDThh:mm:ss[.ffffff]Z`.
    package init?(_ iso8601: String) {
        guard let day = Day(iso8601.prefix(10)) else { return nil }
        let start = Int64(day.number) * 86_400_000_000
        if iso8601.count == 10 {
            self.init(microseconds: start + 86_400_000_000 - 1)
            return
        }
        let bytes = Array(iso8601.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"), bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"),
            bytes[11...].enumerated().allSatisfy({ [2, 5, 8, bytes.count - 12].contains($0) || (48...57).contains($1) }),
            let hour = Int64(String(decoding: bytes[11..<13], as: UTF8.self)), (0..<24).contains(hour),
            let minute = Int64(String(decoding: bytes[14..<16], as: UTF8.self)), (0..<60).contains(minute),
            let second = Int64(String(decoding: bytes[17..<19], as: UTF8.self)), (0..<60).contains(second)
        else { return nil }
        var fraction: Int64 = 0
        if bytes.count > 20 {
            let digits = String(decoding: bytes[20..<(bytes.count - 1)], as: UTF8.self)
            guard bytes[19] == UInt8(ascii: "."), (1...6).contains(digits.count), let value = Int64(digits) else { return nil }
            fraction = value * powerOfTen(6 - digits.count)
        }
        self.init(microseconds: start + ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction)
    }
}
