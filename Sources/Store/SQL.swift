import Domain

/// One SQL text for both engines, with its values kept apart from it.
///
/// `\(value)` becomes `$1`, `$2`, … in order of appearance, so both engines number them alike. There is no way to splice
/// a string into the text, so there is nothing to escape.
package struct SQL: ExpressibleByStringInterpolation, Sendable {
    package let text: String
    package let values: [SQLValue]

    /// For texts put together from the program's own table definitions, never from input; `$1…$n` stand for the values.
    package init(text: String, values: [SQLValue]) { (self.text, self.values) = (text, values) }
    package init(stringLiteral text: String) { (self.text, values) = (text, []) }
    package init(stringInterpolation built: StringInterpolation) { (text, values) = (built.text, built.values) }

    package struct StringInterpolation: StringInterpolationProtocol {
        var text = ""
        var values: [SQLValue] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 3)
            values.reserveCapacity(interpolationCount)
        }
        package mutating func appendLiteral(_ literal: String) { text += literal }
        package mutating func appendInterpolation(_ value: Int64) { append(.integer(value)) }
        package mutating func appendInterpolation(_ value: Int64?) { append(value.map(SQLValue.integer) ?? .null) }
        package mutating func appendInterpolation(_ value: Int) { append(.integer(Int64(value))) }
        package mutating func appendInterpolation(_ value: String) { append(.text(value)) }
        package mutating func appendInterpolation(_ value: String?) { append(value.map(SQLValue.text) ?? .null) }
        package mutating func appendInterpolation(_ value: [UInt8]) { append(.bytes(value)) }
        package mutating func appendInterpolation<Of>(_ id: ID<Of>) { append(.integer(id.value)) }
        package mutating func appendInterpolation<Of>(_ id: ID<Of>?) { append(id.map { .integer($0.value) } ?? .null) }
        package mutating func appendInterpolation(_ day: Day) { append(.text(day.iso8601)) }
        package mutating func appendInterpolation(_ currency: Currency) { append(.text(currency.code)) }
        package mutating func appendInterpolation(_ instant: Instant) { append(.integer(instant.microseconds)) }
        /// A set of integers for `IN`: `WHERE id IN \(ids: …)`. SQLite reads it through json_each, PostgreSQL as an array.
        package mutating func appendInterpolation(ids: some Sequence<Int64>) {
            values.append(.integers(Array(ids)))
            text += "(SELECT value FROM §integers($\(values.count)))"
        }
        /// A set of texts for `IN`.
        package mutating func appendInterpolation(texts: some Sequence<String>) {
            values.append(.texts(Array(texts)))
            text += "(SELECT value FROM §texts($\(values.count)))"
        }
        private mutating func append(_ value: SQLValue) {
            values.append(value)
            text += "$\(values.count)"
        }
    }
}

/// What both engines store: text, 64-bit integers, bytes and null; and the two lists that `IN` takes.
package enum SQLValue: Equatable, Sendable {
    case null, integer(Int64), text(String), bytes([UInt8]), integers([Int64]), texts([String])
}
