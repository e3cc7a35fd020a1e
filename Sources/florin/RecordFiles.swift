import Domain
import Formats
import Operations

/// Reads a CSV file whose rows each become one value; the first wrong field stops with file, line and column.
private func readRecords<Value>(_ path: String, needed: [String], _ read: (RecordFields) throws -> Value) throws -> [Value] {
    var header: CSVHeader?, values: [Value] = []
    try readCSV(path) { record in
        guard let header else {
            let first = CSVHeader(record, path: path)
            _ = try first.indices(of: needed)
            header = first
            return
        }
        values.append(try read(RecordFields(path: path, header: header, record: record)))
    }
    guard header != nil else { throw FileFault(path: path, "is empty: the first line must name the columns") }
    return values
}

/// One row's fields by column name.
private struct RecordFields {
    let path: String
    let header: CSVHeader
    let record: CSVRecord

    func optional(_ column: String) -> String? {
        guard let at = header.index(of: column), at < record.fields.count else { return nil }
        let text = record.fields[at].trimmingBlanks
        return text.isEmpty ? nil : text
    }
    func text(_ column: String) throws -> String {
        guard let text = optional(column) else { throw fault(column, "is empty") }
        return text
    }
    func fault(_ column: String, _ message: String) -> FileFault { FileFault(path: path, line: record.line, "\(column): \(message)") }

    func day(_ column: String) throws -> Day {
        let text = try text(column)
        guard let day = Day(text) else { throw fault(column, "\(text) is no day; write YYYY-MM-DD") }
        return day
    }
    func currency(_ column: String) throws -> Currency {
        let text = try text(column)
        guard let currency = Currency(text) else { throw fault(column, "\(text) is no ISO 4217 code; write three capitals such as EUR") }
        return currency
    }
    func country(_ column: String) throws -> String {
        let text = try text(column)
        if let wrong = Country.fault(in: text) { throw fault(column, wrong) }
        return text
    }
    func money(_ text: String, _ column: String, _ currency: Currency) throws -> Money {
        guard let minor = DecimalNumber(text)?.units(atScale: currency.exponent), minor.magnitude <= Money.entryBound.magnitude else {
            throw fault(column, "\(text) is no amount; write digits, a point and at most \(currency.exponent) decimals")
        }
        return Money(minor: minor, currency)
    }
    /// `discount_percent`, up to two decimals, with `discount_days`; nil when both are empty.
    func discountTerms() throws -> DiscountTerms? {
        guard let percent = optional("discount_percent") else {
            if optional("discount_days") != nil { throw fault("discount_percent", "is empty, and discount_days is not") }
            return nil
        }
        let days = try text("discount_days")
        guard let basisPoints = DecimalNumber(percent)?.units(atScale: 2), (1...9_999).contains(basisPoints) else {
            throw fault("discount_percent", "\(percent): write per cent above 0 and below 100, with at most 2 decimals")
        }
        guard let count = Int64(days), let terms = DiscountTerms(basisPoints: basisPoints, days: count) else {
            throw fault("discount_days", "\(days): write a number from 0 to 365")
        }
        return terms
    }
    func choice<Choice: RawRepresentable & CaseIterable>(_ column: String, _ fallback: Choice) throws -> Choice
    where Choice.RawValue == String {
        guard let text = optional(column) else { return fallback }
        guard let choice = Choice(rawValue: text) else {
            throw fault(column, "\(text) is none of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}

func readCustomers(_ path: String) throws -> [CustomerProfile] {
    try readRecords(path, needed: ["number", "name", "country", "currency"]) { fields in
        let currency = try fields.currency("currency"), days = fields.optional("terms_days") ?? "30"
        guard let terms = Int(days), (0...3650).contains(terms) else {
            throw fields.fault("terms_days", "\(days): write a number from 0 to 3650")
        }
        let limit = try fields.optional("credit_limit").map { try fields.money($0, "credit_limit", currency) }
        if let limit, limit.minor < 0 { throw fields.fault("credit_limit", "is below zero") }
        let discountTerms = try fields.discountTerms()
        return CustomerProfile(
            number: try fields.text("number"), name: try fields.text("name"), email: fields.optional("email"),
            country: try fields.country("country"),
            vatNumber: fields.optional("vat_number"), termsDays: terms, creditLimitMinor: limit?.minor, currency: currency,
            billing: try fields.choice("billing", .order), cashPolicy: try fields.choice("cash_policy", .reference),
            ibans: (fields.optional("ibans") ?? "").split(separator: " ").map(String.init),
            mandates: (fields.optional("mandates") ?? "").split(separator: " ").map(String.init), parentNumber: fields.optional("parent"),
            discountTerms: discountTerms)
    }
}

func readOpeningItems(_ path: String) throws -> [OpeningItem] {
    try readRecords(path, needed: ["number", "customer", "issued_on", "due_on", "currency", "open"]) { fields in
        let open = try fields.money(try fields.text("open"), "open", try fields.currency("currency"))
        guard open.minor != 0 else { throw fields.fault("open", "is zero: only what is open is taken over") }
        let issued = try fields.day("issued_on"), due = try fields.day("due_on")
        guard due >= issued else { throw fields.fault("due_on", "\(due.iso8601) lies before issued_on \(issued.iso8601)") }
        var discount: CashDiscount?
        if let text = fields.optional("discount") {
            let amount = try fields.money(text, "discount", open.currency)
            guard amount.minor > 0, amount < open else {
                throw fields.fault("discount", "\(text): write an amount above zero and below what is open")
            }
            discount = CashDiscount(minor: amount.minor, until: try fields.day("discount_until"))
        }
        return OpeningItem(
            number: try fields.text("number"), customerNumber: try fields.text("customer"), issuedOn: issued, dueOn: due, open: open,
            discount: discount,
            references: ["order_number", "purchase_order", "delivery_number"].compactMap(fields.optional))
    }
}

extension String {
    fileprivate var trimmingBlanks: String { String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()) }
}
