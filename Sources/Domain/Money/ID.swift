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
