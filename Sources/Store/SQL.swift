import Domain

/// One SQL text for both engines, with its values kept apart from it.
///
/// `\(value)` becomes `$1`, `$2`, … in order of appearance, so both engines number them alike. There is no way to splice
/// a string into the text, so there is nothing to escape.
package struct SQL: ExpressibleByStringInterpolation, Equatable, Sendable {
    let statement: StatementText
    package let values: [SQLValue]

    package var text: String { statement.text }

    /// For texts put together from the program's own table definitions, never from input; `$1…$n` stand for the values.
    package init(text: String, values: [SQLValue] = []) { (statement, self.values) = (StatementText(written: text), values) }
    /// For a text that is written once and used often.
    package init(_ statement: StatementText, _ values: [SQLValue]) { (self.statement, self.values) = (statement, values) }
    package init(stringLiteral text: StaticString) { (statement, values) = (StatementText([text], holes: 0), []) }
    package init(stringInterpolation built: StringInterpolation) {
        (statement, values) = (StatementText(built.pieces, holes: built.holes), built.values)
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var pieces: [StaticString] = []
        fileprivate var values: [SQLValue] = []
        fileprivate var holes: UInt128 = 0

        package init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(interpolationCount + 1)
            values.reserveCapacity(interpolationCount)
        }
        package mutating func appendLiteral(_ literal: StaticString) {
            // Two values may follow each other with nothing in between.
            while pieces.count < values.count { pieces.append("") }
            pieces.append(literal)
        }
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
        /// A set of integers for `IN`: `WHERE id IN \(ids: …)`. SQLite reads it through json_each, PostgreSQL as an array; a few values
        /// are parameters of their own, so that the statement is planned once.
        package mutating func appendInterpolation(ids: some Sequence<Int64>) {
            let list = Array(ids)
            if let few = ListShape.parameters(list.map(SQLValue.integer)) { append(few) } else { append(.integers(list), .integers) }
        }
        /// A set of texts for `IN`.
        package mutating func appendInterpolation(texts: some Sequence<String>) {
            let list = Array(texts)
            if let few = ListShape.parameters(list.map(SQLValue.text)) { append(few) } else { append(.texts(list), .texts) }
        }
        private mutating func append(_ list: [SQLValue]) {
            guard list.count > 1 else { return append(list[0], .oneOf) }
            for (at, value) in list.enumerated() { append(value, at == 0 ? .firstOf : at < list.count - 1 ? .nextOf : .lastOf) }
        }
        private mutating func append(_ value: SQLValue, _ hole: StatementText.Hole = .value) {
            precondition(values.count < StatementText.holeLimit, "a statement takes at most \(StatementText.holeLimit) values")
            holes |= UInt128(hole.rawValue) << UInt128(values.count * StatementText.holeBits)
            values.append(value)
        }
    }
}

/// What both engines store: text, 64-bit integers, bytes and null; and the two lists that `IN` takes.
package enum SQLValue: Equatable, Sendable {
    case null, integer(Int64), text(String), bytes([UInt8]), integers([Int64]), texts([String])
}

/// How a list of values stands in a statement: the fewer shapes there are, the fewer statements are prepared.
private enum ListShape: CaseIterable {
    /// `($n)`
    case one
    /// `($n, $n+1, $n+2, $n+3)`: what lacks is the last value again.
    case few
    /// The rows of a list; PostgreSQL plans such a statement each time.
    case many

    static let fewCount = 4

    init(count: Int) { self = count == 1 ? .one : (2...Self.fewCount).contains(count) ? .few : .many }

    /// The values as parameters of their own; nil for many.
    static func parameters(_ list: [SQLValue]) -> [SQLValue]? {
        switch ListShape(count: list.count) {
        case .one: list
        case .few: list + Array(repeating: list[list.count - 1], count: fewCount - list.count)
        case .many: nil
        }
    }
}

/// A statement whose last value is a list for `IN`, written once and used often.
package struct ListStatement: Sendable {
    private let texts: [ListShape: StatementText]

    /// - Parameters:
    ///   - number: Of the list among the statement's values.
    ///   - text: Puts the statement together around the list's words: from the program's own, never from input.
    package init(from number: Int, of rows: ListRows, _ text: (String) -> String) {
        texts = Dictionary(
            uniqueKeysWithValues: ListShape.allCases.map { shape in
                let words =
                    switch shape {
                    case .one: "($\(number))"
                    case .few: "(\((number..<number + ListShape.fewCount).map { "$\($0)" }.joined(separator: ", ")))"
                    case .many: "(SELECT value FROM §\(rows.rawValue)($\(number)))"
                    }
                return (shape, StatementText(written: text(words)))
            })
    }

    package enum ListRows: String { case integers, texts }

    package func with(_ values: [SQLValue], _ list: [Int64]) -> SQL { with(values, list.map(SQLValue.integer), .integers(list)) }
    package func with(_ values: [SQLValue], _ list: [String]) -> SQL { with(values, list.map(SQLValue.text), .texts(list)) }
    private func with(_ values: [SQLValue], _ list: [SQLValue], _ rows: SQLValue) -> SQL {
        guard let text = texts[ListShape(count: list.count)] else { preconditionFailure("there is a text for each shape") }
        return SQL(text, values + (ListShape.parameters(list) ?? [rows]))
    }
}

/// A statement's text, told from others by where its literals stand in the program: a prepared statement is found again without writing or
/// reading the text.
package struct StatementText: Hashable, Sendable {
    /// What stands between two literals; three bits each.
    enum Hole: UInt8 { case value, oneOf, firstOf, nextOf, lastOf, integers, texts }
    fileprivate static let holeBits = 3, holeLimit = 128 / holeBits

    private let pieces: [StaticString]
    private let holes: UInt128
    private let written: String?
    private let mark: UInt64

    init(_ pieces: [StaticString], holes: UInt128) {
        (self.pieces, self.holes, written) = (pieces, holes, nil)
        var hash = KeyHash(0)
        for piece in pieces { hash.add(UInt64(UInt(bitPattern: piece.utf8Start))) }
        hash.add(UInt64(truncatingIfNeeded: holes))
        hash.add(UInt64(truncatingIfNeeded: holes >> 64))
        mark = hash.key
    }

    /// From the program's own words, never from input.
    package init(written: String) {
        (pieces, holes, self.written) = ([], 0, written)
        var hash = KeyHash(1)
        hash.add(written.utf8)
        mark = hash.key
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(mark) }

    package static func == (left: StatementText, right: StatementText) -> Bool {
        left.mark == right.mark && left.holes == right.holes && left.written == right.written
            && left.pieces.elementsEqual(right.pieces) { $0.utf8Start == $1.utf8Start }
    }

    /// `§integers($n)` and `§texts($n)` stand for a list's rows, `§lower(x)` for a text that LIKE compares with small letters, and
    /// `§locked` behind a reading locks the rows it finds until the transaction ends. `INSERT §OR FAIL` may leave the rows before one that is
    /// refused: who is told so takes the transaction back. Each engine has its own words for them.
    var text: String {
        if let written { return written }
        var text = ""
        for (at, piece) in pieces.enumerated() {
            if at > 0 { text += hole(at) }
            text += piece.description
        }
        return text
    }

    private func hole(_ number: Int) -> String {
        guard let hole = Hole(rawValue: UInt8(truncatingIfNeeded: holes >> UInt128((number - 1) * Self.holeBits)) & 7) else { return "" }
        switch hole {
        case .value: return "$\(number)"
        case .oneOf: return "($\(number))"
        case .firstOf: return "($\(number), "
        case .nextOf: return "$\(number), "
        case .lastOf: return "$\(number))"
        case .integers: return "(SELECT value FROM §integers($\(number)))"
        case .texts: return "(SELECT value FROM §texts($\(number)))"
        }
    }
}

extension KeyHash {
    fileprivate mutating func add(_ word: UInt64) { withUnsafeBytes(of: word) { add($0) } }
}
