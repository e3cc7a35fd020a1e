import Domain

/// Why a field cannot be taken, and what to write instead.
package struct FieldFault: Error, Equatable, Sendable {
    /// 1-based line on which the row starts.
    package let line: Int
    package let column: String
    package let message: String
    package init(line: Int, column: String, _ message: String) { (self.line, self.column, self.message) = (line, column, message) }
}

/// One row's fields by column name.
package struct RecordFields: Sendable {
    package let line: Int
    private let header: CSVHeader
    private let fields: [String]

    init(_ header: CSVHeader, _ record: CSVRecord) { (line, self.header, fields) = (record.line, header, record.fields) }

    /// Whether the header names the column.
    package func has(_ column: String) -> Bool { header.index(of: column) != nil }
    package func optional(_ column: String) -> String? {
        guard let at = header.index(of: column), at < fields.count else { return nil }
        let text = fields[at].trimmed
        return text.isEmpty ? nil : text
    }
    package func text(_ column: String) throws(FieldFault) -> String {
        guard let text = optional(column) else { throw fault(column, "is empty") }
        return text
    }
    /// nil for an empty cell; several lines are read as one, a blank between them.
    ///
    /// - Errors: A text of more characters.
    package func optionalLine(_ column: String, upTo limit: Int) throws(FieldFault) -> String? {
        guard let written = optional(column) else { return nil }
        let text = written.split(whereSeparator: \.isNewline).map { String($0).trimmed }.filter { !$0.isEmpty }.joined(separator: " ")
        guard text.unicodeScalars.count <= limit else { throw fault(column, "write one line of at most \(limit) characters") }
        return text
    }
    package func fault(_ column: String, _ message: String) -> FieldFault { FieldFault(line: line, column: column, message) }

    package func day(_ column: String) throws(FieldFault) -> Day {
        let text = try text(column)
        guard let day = Day(text) else { throw fault(column, "\(text) is no day; write YYYY-MM-DD") }
        return day
    }
    package func currency(_ column: String) throws(FieldFault) -> Currency {
        let text = try text(column)
        guard let currency = Currency(text) else { throw fault(column, "\(text) is no ISO 4217 code; write three capitals such as EUR") }
        return currency
    }
    package func country(_ column: String) throws(FieldFault) -> String {
        let text = try text(column)
        if let wrong = Country.fault(in: text) { throw fault(column, wrong) }
        return text
    }
    package func money(_ text: String, _ column: String, _ currency: Currency) throws(FieldFault) -> Money {
        guard let minor = DecimalNumber(text)?.units(atScale: currency.exponent), minor.magnitude <= Money.entryBound.magnitude else {
            throw fault(column, "\(text) is no amount; write digits, a point and at most \(currency.exponent) decimals")
        }
        return Money(minor: minor, currency)
    }
    package func choice<Choice: RawRepresentable & CaseIterable>(_ column: String, _ fallback: Choice) throws(FieldFault) -> Choice
    where Choice.RawValue == String {
        guard let text = optional(column) else { return fallback }
        guard let choice = Choice(rawValue: text) else {
            throw fault(column, "\(text) is none of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}

/// Reads a CSV file row by row below its header.
///
/// - Parameter needed: Columns that the header must name.
/// - Errors: `FileFault` for a file that is empty, has not these columns or is no CSV.
package func readRows(_ path: String, needed: [String], _ each: (RecordFields) throws -> Void) throws {
    var header: CSVHeader?
    try readCSV(path) { record in
        guard let header else {
            let first = CSVHeader(record, path: path)
            _ = try first.indices(of: needed)
            header = first
            return
        }
        try each(RecordFields(header, record))
    }
    guard header != nil else { throw FileFault(path: path, "is empty: the first line must name the columns") }
}

/// Reads a CSV file whose rows each become one value, all or none of them.
///
/// - Errors: `FileFault`, with line and column of each row's first wrong field; of many, the first ones and how many more.
package func readRecords<Value>(_ path: String, needed: [String], _ read: (RecordFields) throws -> Value) throws -> [Value] {
    var values: [Value] = [], faults: [FieldFault] = [], count = 0
    try readRows(path, needed: needed) { fields in
        do {
            let value = try read(fields)
            if count == 0 { values.append(value) }
        } catch let fault as FieldFault {
            count += 1
            if faults.count < shownFaults { faults.append(fault) }
        }
    }
    guard let first = faults.first else { return values }
    let others = faults.dropFirst().map { "; line \($0.line), \($0.column): \($0.message)" }.joined()
    let more = count - faults.count, rest = more == 0 ? "" : "; and \(counted(more, "more line"))"
    throw FileFault(path: path, line: first.line, "\(first.column): \(first.message)\(others)\(rest)")
}

private let shownFaults = 10
