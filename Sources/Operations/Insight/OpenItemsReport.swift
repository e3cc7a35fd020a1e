import Domain
import Store

/// Every open item, of one customer or of all, oldest due first.
package struct OpenItemsReport: Sendable {
    private let moment: ReportMoment
    private let customerNumber: String?
    package init(_ moment: ReportMoment, customerNumber: String? = nil) { (self.moment, self.customerNumber) = (moment, customerNumber) }

    package func table(in tx: any Transaction) throws -> ReportTable {
        var values: [SQLValue] = [.integer(moment.entity.value)]
        let source = openItemsSource(moment, &values, try moment.horizon(in: tx))
        values.append(customerNumber.map(SQLValue.text) ?? .null)
        let wanted = "$\(values.count)"
        var table = ReportTable(
            "Open items \(moment.title)",
            [
                .text("customer"), .text("name"), .text("kind"), .text("number"), .text("date"), .text("due"), .number("days overdue"),
                .text("currency"),
                .number("amount"), .number("open"),
            ])
        var totals: [Currency: Money] = [:]
        let text = """
            SELECT COALESCE(c.number, ''), COALESCE(c.name, 'Unidentified cash'), x.kind, x.number, x.effective_on, x.due_on, x.currency, x.amount_minor,
                   x.open_minor
              FROM \(source) LEFT JOIN customer c ON c.entity_id = $1 AND c.id = x.customer_id
             WHERE x.open_minor <> 0 AND (CAST(\(wanted) AS TEXT) IS NULL OR c.number = \(wanted))
             ORDER BY x.due_on, x.id
            """
        try tx.forEach(SQL(text: text, values: values)) { row in
            let currency = row.currency(6), open = Money(minor: row.integer(8), currency), due = row.day(5)
            totals[currency, default: .zero(currency)] = totals[currency, default: .zero(currency)] + open
            table.rows.append([
                .text(row.text(0)), .text(row.text(1)), .text(row.text(2)), .text(row.text(3)), .day(row.day(4)), .day(due),
                .integer(open.minor > 0 ? max(0, moment.asOf - due) : 0), .text(currency.code),
                .money(Money(minor: row.integer(7), currency)), .money(open),
            ])
        }
        table.totals = totals.values.sorted { $0.currency.code < $1.currency.code }.map {
            [.text("total"), .none, .none, .none, .none, .none, .none, .text($0.currency.code), .none, .money($0)]
        }
        return table
    }
}

/// A customer's account in the order of its days, with the balance after each line: what one sends to the customer.
package struct AccountStatementReport: Sendable {
    package enum Refused: Refusal {
        case unknownCustomer(String)
        package var category: RefusalCategory { .missing }
        package var code: String { "customer_not_found" }
        package var message: String {
            switch self {
            case .unknownCustomer(let number): "customer \(number) does not exist"
            }
        }
    }

    private let moment: ReportMoment
    private let customerNumber: String
    private let from: Day?

    /// - Parameter from: The first day listed; earlier days are the opening balance. nil lists everything.
    package init(_ moment: ReportMoment, customerNumber: String, from: Day? = nil) {
        (self.moment, self.customerNumber, self.from) = (moment, customerNumber, from)
    }

    package func table(in tx: any Transaction) throws -> ReportTable {
        let customer = try tx.first("SELECT id, name FROM customer WHERE entity_id = \(moment.entity) AND number = \(customerNumber)") {
            ($0.integer(0), $0.text(1))
        }
        guard let (id, name) = customer else { throw Refused.unknownCustomer(customerNumber) }
        let horizon = try moment.horizon(in: tx)
        var table = ReportTable(
            "Statement of account of \(name) (\(customerNumber)) \(moment.title)",
            [.text("date"), .text("kind"), .text("number"), .text("due"), .text("currency"), .number("amount"), .number("balance")])
        var balances: [Currency: Money] = [:], opened: Set<Currency> = []
        try tx.forEach(
            """
            SELECT effective_on, kind, number, due_on, currency, amount_minor FROM open_item
             WHERE entity_id = \(moment.entity) AND customer_id = \(id) AND effective_on <= \(moment.asOf) AND id <= \(horizon)
             ORDER BY currency, effective_on, id
            """
        ) { row in
            let currency = row.currency(4), amount = Money(minor: row.integer(5), currency), before = balances[currency] ?? .zero(currency)
            balances[currency] = before + amount
            guard from.map({ row.day(0) >= $0 }) ?? true else { return }
            if let from, opened.insert(currency).inserted, before.minor != 0 {
                table.rows.append([.day(from), .text("opening balance"), .none, .none, .text(currency.code), .none, .money(before)])
            }
            table.rows.append([
                .day(row.day(0)), .text(row.text(1)), .text(row.text(2)), amount.minor > 0 ? .day(row.day(3)) : .none, .text(currency.code),
                .money(amount),
                .money(before + amount),
            ])
        }
        table.totals = balances.values.sorted { $0.currency.code < $1.currency.code }.map {
            [.text("balance"), .none, .none, .none, .text($0.currency.code), .none, .money($0)]
        }
        return table
    }
}
