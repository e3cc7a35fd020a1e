import Domain
import Store

/// What narrows a list down; whatever is given must hold.
///
/// - Units: amounts in minor units, of whatever currency unless one is named; those of a credit are below zero.
package struct ListFilter: Equatable, Sendable {
    /// By number.
    package var customer: String?
    package var from, through: Day?
    package var atLeastMinor, atMostMinor: Int64?
    package var currency: Currency?
    package init(
        customer: String? = nil, from: Day? = nil, through: Day? = nil, atLeastMinor: Int64? = nil, atMostMinor: Int64? = nil,
        currency: Currency? = nil
    ) {
        (self.customer, self.from, self.through, self.currency) = (customer, from, through, currency)
        (self.atLeastMinor, self.atMostMinor) = (atLeastMinor, atMostMinor)
    }
    package static let none = ListFilter()

    var isOfDays: Bool { from != nil || through != nil }
    /// Whether `ListFigures` tell what is left; a customer's rows have an index.
    package var isOfFigures: Bool { customer == nil && (isOfDays || atLeastMinor != nil || atMostMinor != nil || currency != nil) }

    /// Days, amounts and the currency as conditions on columns, from the program.
    func condition(day: String, amount: String, currency column: String, _ values: inout [SQLValue]) -> String {
        condition(day: day, &values) + condition(amount: amount, &values) + condition(currency: column, &values)
    }

    func condition(day: String, _ values: inout [SQLValue]) -> String {
        bound(day, ">=", from.map { .text($0.iso8601) }, &values) + bound(day, "<=", through.map { .text($0.iso8601) }, &values)
    }

    func condition(amount: String, _ values: inout [SQLValue]) -> String {
        bound(amount, ">=", atLeastMinor.map { .integer($0) }, &values) + bound(amount, "<=", atMostMinor.map { .integer($0) }, &values)
    }

    func condition(currency column: String, _ values: inout [SQLValue]) -> String {
        bound(column, "=", currency.map { .text($0.code) }, &values)
    }

    /// - Returns: The id of the customer that is asked for, as a query; nil where none is.
    func customerID(_ values: inout [SQLValue]) -> String? {
        guard let customer else { return nil }
        values.append(.text(customer))
        return "(SELECT id FROM customer WHERE entity_id = $1 AND number = $\(values.count))"
    }

    /// The days of a customer's rows as a condition on a column, so that the index by months finds them; empty where no customer is asked
    /// for.
    func condition(months column: String, of all: ItemMonths, _ values: inout [SQLValue]) -> String {
        guard customer != nil else { return "" }
        values.append(.texts(all.all.filter { (from?.iso8601 ?? "").prefix(7) <= $0 && $0 <= (through ?? .latest).iso8601.prefix(7) }))
        return " AND substr(\(column), 1, 7) IN (SELECT value FROM §texts($\(values.count)))"
    }

    /// All open items `k` that the customer ever had, from `FROM` on; nil where no customer is asked for.
    func items(of entity: ID<Entity>, _ values: inout [SQLValue], in tx: any Transaction) throws -> String? {
        guard let customer = customerID(&values) else { return nil }
        values.append(.texts(try ItemMonths(entity, in: tx).all))
        return """
            FROM open_item k WHERE k.entity_id = $1 AND substr(k.effective_on, 1, 7) IN (SELECT value FROM §texts($\(values.count)))
              AND k.customer_id = \(customer)
            """
    }

    /// The ids of the receipts whose money stands on the customer's account, as a query; nil where no customer is asked for.
    func receipts(
        of entity: ID<Entity>, _ values: inout [SQLValue], at moment: ReportMoment? = nil, in tx: any Transaction
    ) throws -> String? {
        guard let items = try items(of: entity, &values, in: tx) else { return nil }
        let credits = items + " AND k.kind = 'receipt'"
        values += [.text(moment?.asOf.iso8601 ?? Day.latest.iso8601), .integer(try moment?.horizon(in: tx) ?? .max)]
        let day = "$\(values.count - 1)", id = "$\(values.count)"
        func known(_ allocation: String) -> String { "\(allocation).effective_on <= \(day) AND \(allocation).id <= \(id)" }
        // A credit on the account follows the leg by which the cash came to it; what came to the account at once is the receipt's own item.
        return """
            SELECT k.id \(credits)
             UNION ALL SELECT a.credit_item_id FROM allocation a
              WHERE a.entity_id = $1 AND a.debit_item_id IN (SELECT k.id - 1 \(credits)) AND a.rule = 'identification' AND \(known("a"))
                AND NOT EXISTS (SELECT 1 FROM allocation b WHERE b.entity_id = a.entity_id AND b.debit_item_id = a.debit_item_id
                                   AND b.reverses_id = a.id AND \(known("b")))
            """
    }

    private func bound(_ column: String, _ sign: String, _ value: SQLValue?, _ values: inout [SQLValue]) -> String {
        guard let value else { return "" }
        values.append(value)
        return " AND \(column) \(sign) $\(values.count)"
    }
}
