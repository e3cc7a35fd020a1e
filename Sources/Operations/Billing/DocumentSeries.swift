import Domain
import Store

/// A number series of a legal entity. Numbers are drawn in the commit that issues the documents, without gaps, in the order of
/// their dates; drafts draw none.
enum DocumentSeries: String, CaseIterable {
    case invoice = "INV"
    case creditNote = "CN"

    /// Draws `count` numbers and returns the first.
    func draw(_ count: Int, _ entity: ID<Entity>, on day: Day, in tx: any Transaction) throws -> Int64 {
        try draw(count, entity, from: day, through: day, in: tx)
    }

    /// Draws `count` numbers, under the lock of the entity's book, for documents dated `from` to `through`, one year, and returns the
    /// first.
    func draw(_ count: Int, _ entity: ID<Entity>, from: Day, through: Day, in tx: any Transaction) throws -> Int64 {
        let year = from.parts.year
        let drawn = try tx.first(drawn(entity, in: year)) { (last: $0.integer(0), on: $0.day(1)) }
        if let drawn, drawn.on > from { throw BillingRefusal.dateBeforeLast(rawValue, from) }
        let last = (drawn?.last ?? 0) + Int64(count)
        if drawn == nil {
            try tx.run(
                """
                INSERT INTO document_series (entity_id, series, year, last, last_on)
                VALUES (\(entity), \(rawValue), \(year), \(last), \(through))
                """)
        } else {
            try tx.run(
                """
                UPDATE document_series SET last = \(last), last_on = \(through)
                 WHERE entity_id = \(entity) AND series = \(rawValue) AND year = \(year)
                """)
        }
        return last - Int64(count) + 1
    }

    /// The last number drawn in a year, and its date.
    func drawn(_ entity: ID<Entity>, in year: Int) -> SQL {
        "SELECT last, last_on FROM document_series WHERE entity_id = \(entity) AND series = \(rawValue) AND year = \(year)"
    }

    /// Counts a number that a former system issued as drawn.
    func reserve(_ number: ParsedNumber, _ entity: ID<Entity>, in tx: any Transaction) throws {
        try tx.run(
            """
            INSERT INTO document_series (entity_id, series, year, last, last_on)
            VALUES (\(entity), \(rawValue), \(number.year), \(number.sequence), '0001-01-01')
            ON CONFLICT (entity_id, series, year) DO UPDATE SET last = excluded.last WHERE document_series.last < excluded.last
            """)
    }

    struct ParsedNumber {
        let series: DocumentSeries
        let year: Int
        let sequence: Int64
    }

    /// Reads a number of our own shape; nil for any other.
    static func parsed(_ number: String) -> ParsedNumber? {
        let parts = number.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let series = DocumentSeries(rawValue: String(parts[0])), parts[1].utf8.count == 4, let year = Int(parts[1]),
            (6...12).contains(parts[2].utf8.count), let sequence = Int64(parts[2]), sequence > 0
        else { return nil }
        return ParsedNumber(series: series, year: year, sequence: sequence)
    }

    /// `INV-2026-000123`.
    func number(_ sequence: Int64, on day: Day) -> String {
        let digits = String(sequence)
        return "\(rawValue)-\(day.parts.year)-" + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
    }
}

package enum BillingRefusal: Refusal {
    case dateBeforeLast(String, Day)

    package var category: RefusalCategory { .conflict }
    package var code: String { "document_date_before_last" }
    package var message: String {
        switch self {
        case .dateBeforeLast(let series, let day):
            "series \(series) has a document later than \(day.iso8601) already: numbers follow their dates; bill on a later day"
        }
    }
}
