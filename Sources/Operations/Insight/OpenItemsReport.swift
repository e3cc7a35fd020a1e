import Domain
import Store

/// Every open item, of one customer or of all, oldest due first.
package struct OpenItemsReport: Sendable {
    private let moment: ReportMoment
    private let customerNumber: String?
    package init(_ moment: ReportMoment, customerNumber: String? = nil) { (self.moment, self.customerNumber) = (moment, customerNumber) }

    package static let columns: [ReportTable.Column] = [
        .text("customer"), .text("name"), .text("kind"), .text("number"), .day("date"), .day("due"), .integer("days overdue"),
        .text("currency"), .money("amount"), .money("open"), .money("disputed"), .money("promised"),
    ]

    package func table(in tx: any Transaction) throws -> ReportTable {
        var values: [SQLValue] = [.integer(moment.entity.value)]
        let horizon = try moment.horizon(in: tx)
        let source = customerNumber == nil ? wholeOpenItemsSource(moment, &values, horizon) : openItemsSource(moment, &values, horizon)
        values.append(customerNumber.map(SQLValue.text) ?? .null)
        let wanted = "$\(values.count)"
        var table = ReportTable("Open items \(moment.title)", Self.columns)
        var items: [Int64] = [], numbers: [String] = [], standing: [Currency: StandingSum] = [:]
        let former = try formerNames(moment, in: tx)
        var totals: [Currency: Money] = [:]
        let text = """
            SELECT COALESCE(c.number, ''), COALESCE(c.name, 'Unidentified cash'), x.kind, x.number, x.effective_on, x.due_on, x.currency,
              x.amount_minor,
                   x.open_minor, x.id
              FROM \(source) LEFT JOIN customer c ON c.entity_id = $1 AND c.id = x.customer_id
             WHERE x.open_minor <> 0 AND (CAST(\(wanted) AS TEXT) IS NULL OR c.number = \(wanted))
             ORDER BY x.due_on, x.id
            """
        try tx.forEach(SQL(text: text, values: values)) { row in
            let currency = row.currency(6), open = row.money(8, currency), due = row.day(5)
            totals[currency, default: .zero(currency)] = totals[currency, default: .zero(currency)] + open
            table.rows.append([
                .text(row.text(0)), .text(former[row.text(0)] ?? row.text(1)), .text(row.text(2)), .text(row.text(3)), .day(row.day(4)),
                .day(due),
                .integer(open.minor > 0 ? max(0, moment.asOf - due) : 0), .text(currency.code),
                .money(row.money(7, currency)), .money(open), .none, .none,
            ])
            items.append(row.integer(9))
            numbers.append(row.text(3))
        }
        let names = try ReceiptNames(moment.entity, numbers, in: tx)
        for (at, number) in numbers.enumerated() { table.rows[at][3] = .text(names[number]) }
        let slices = try standingSlices(moment.entity, items, on: moment.asOf, knownThrough: horizon, in: tx)
        for (at, item) in items.enumerated() {
            guard let own = slices[item], let currency = own.first?.currency else { continue }
            let sum = own.sum(in: currency)
            standing[currency, default: StandingSum(currency)].add(sum)
            table.rows[at][10] = sum.disputed.minor == 0 ? .none : .money(sum.disputed)
            table.rows[at][11] = sum.promised.minor == 0 ? .none : .money(sum.promised)
        }
        table.totals = totals.values.sorted { $0.currency.code < $1.currency.code }.map {
            let apart = standing[$0.currency] ?? StandingSum($0.currency)
            return [
                .text("total"), .none, .none, .none, .none, .none, .none, .text($0.currency.code), .none, .money($0),
                .money(apart.disputed),
                .money(apart.promised),
            ]
        }
        return table
    }
}

/// A customer's account in the order of its days, with the balance after each line: what one sends to the customer.
///
/// A receipt that we know by a digest is shown by the payer's reference, and so is what was booked with it; the customer has not seen our
/// digest.
package struct AccountStatementReport: Sendable {
    package enum Refused: Refusal {
        case unknownCustomer(String)
        case backwards(from: Day, Day)
        package var category: RefusalCategory {
            switch self {
            case .unknownCustomer: .missing
            case .backwards: .invalid
            }
        }
        package var code: String {
            switch self {
            case .unknownCustomer: "customer_not_found"
            case .backwards: "statement_backwards"
            }
        }
        package var message: String {
            switch self {
            case .unknownCustomer(let number): "customer \(number) does not exist"
            case .backwards(let from, let asOf):
                "the first day, \(from.iso8601), is after the day of the statement, \(asOf.iso8601): name that day or one before"
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

    package static let columns: [ReportTable.Column] = [
        .day("date"), .text("kind"), .text("number"), .day("due"), .text("currency"), .money("amount"), .money("balance"),
    ]

    package func table(in tx: any Transaction) throws -> ReportTable {
        if let from, from > moment.asOf { throw Refused.backwards(from: from, moment.asOf) }
        let customer = try tx.first("SELECT id, name FROM customer WHERE entity_id = \(moment.entity) AND number = \(customerNumber)") {
            ($0.integer(0), $0.text(1))
        }
        guard let (id, name) = customer else { throw Refused.unknownCustomer(customerNumber) }
        let horizon = try moment.horizon(in: tx), months = try ItemMonths(moment.entity, in: tx).through(moment.asOf)
        var table = ReportTable("Statement of account of \(name) (\(customerNumber)) \(moment.title)", Self.columns)
        var balances: [Currency: Money] = [:], opened: Set<Currency> = [], numbers: [Int64: String] = [:]
        try tx.forEach(
            """
            SELECT effective_on, kind,
                   CASE WHEN kind IN ('receipt', 'return', 'transfer', 'adjustment') AND length(number) >= 30 THEN
                     COALESCE((SELECT COALESCE(r.structured_reference, r.end_to_end_id, '') FROM receipt r
                       WHERE r.entity_id = open_item.entity_id AND r.external_id = open_item.number ORDER BY r.id LIMIT 1), number)
                   WHEN kind = 'adjustment' THEN replace(number, 'write_off ', '')
                   ELSE number END, due_on, currency, amount_minor, id
              FROM open_item
             WHERE entity_id = \(moment.entity) AND substr(effective_on, 1, 7) IN \(texts: months) AND customer_id = \(id)
               AND effective_on <= \(moment.asOf) AND id <= \(horizon)
             ORDER BY currency, effective_on, id
            """
        ) { row in
            let currency = row.currency(4), amount = row.money(5, currency), before = balances[currency] ?? .zero(currency)
            balances[currency] = before + amount
            if amount.minor > 0 { numbers[row.integer(6)] = row.text(2) }
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
        let slices = try standingSlices(moment.entity, Array(numbers.keys), on: moment.asOf, knownThrough: horizon, in: tx)
        table.totals += slices.values.joined().sorted { ($0.currency.code, $0.slice.id) < ($1.currency.code, $1.slice.id) }.map { slice in
            [
                .text("of which \(slice.slice.kind.standing)"), .none, .text(numbers[slice.item] ?? ""),
                slice.slice.dueOn.map { .day($0) } ?? .none,
                .text(slice.currency.code), .money(slice.open), .none,
            ]
        }
        return table
    }
}
