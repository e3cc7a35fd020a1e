import Domain
import Store

/// Puts a customer's statement of account on its way by mail; once a customer and business day.
package struct SendStatement: Sendable {
    package enum Refused: Refusal {
        case noAddress(String)
        case sent(String, Day)
        case dayAhead(Day)

        package var category: RefusalCategory { .conflict }
        package var code: String {
            switch self {
            case .noAddress: "address_missing"
            case .sent: "statement_sent"
            case .dayAhead: "statement_day_ahead"
            }
        }
        package var message: String {
            switch self {
            case .noAddress(let number): "customer \(number) has no mail address: print the statement instead"
            case .sent(let number, let day): "customer \(number) has its statement of \(day.iso8601) already"
            case .dayAhead(let today): "a statement is of a day that has begun: as of \(today.iso8601), UTC, or before"
            }
        }
    }

    private let moment: ReportMoment
    private let customerNumber: String
    private let from: Day?
    private let today: Day

    /// - Parameter from: The first day listed; nil lists everything.
    package init(_ moment: ReportMoment, customerNumber: String, from: Day? = nil, on today: Day) {
        (self.moment, self.customerNumber, self.from, self.today) = (moment, customerNumber, from, today)
    }

    /// When the statement of that day went out; nil when it did not.
    package static func sentAt(_ moment: ReportMoment, _ customer: ID<Customer>, in tx: any Transaction) throws -> Instant? {
        try tx.first(
            "SELECT sent_at FROM statement_sent WHERE entity_id = \(moment.entity) AND customer_id = \(customer) AND as_of = \(moment.asOf)"
        ) { Instant(microseconds: $0.integer(0)) }
    }

    /// - Returns: The address it goes to.
    package func run(in tx: any Transaction, at now: Instant) throws -> String {
        // Lock.
        var books = try Books(lock: moment.entity, at: now, in: tx)
        guard moment.asOf <= today else { throw Refused.dayAhead(today) }
        // Read.
        let found = try tx.first(
            """
            SELECT id, name, email FROM customer WHERE entity_id = \(moment.entity) AND number = \(customerNumber)
            """
        ) { (id: $0.integer(0), name: $0.text(1), email: $0.optionalText(2)) }
        guard let customer = found else { throw AccountStatementReport.Refused.unknownCustomer(customerNumber) }
        guard let email = customer.email else { throw Refused.noAddress(customerNumber) }
        let id: ID<Customer> = books.newID()
        let sent = try tx.changes(
            """
            INSERT INTO statement_sent (entity_id, customer_id, as_of, sent_at, message_id)
            VALUES (\(moment.entity), \(customer.id), \(moment.asOf), \(now), \(id))
            ON CONFLICT (entity_id, customer_id, as_of) DO NOTHING
            """)
        guard sent == 1 else { throw Refused.sent(customerNumber, moment.asOf) }
        // Write.
        let table = try AccountStatementReport(moment, customerNumber: customerNumber, from: from).table(in: tx)
        let subject = "Statement of account as of \(moment.asOf.words)"
        let span = from.map { "from \($0.words) to \(moment.asOf.words)" } ?? "as of \(moment.asOf.words)"
        let terms = try StatementTerms(moment, ID(customer.id), in: tx), told = terms.text
        let body =
            "Dear \(customer.name),\n\nthis is your account with \(terms.seller.name) \(span):\n\n\(lines(table))\n\n"
            + "\(told.isEmpty ? "" : told + "\n\n")\(terms.seller.signature)"
        let mail = outboxRow(moment.entity, id: id.value, key: "statement-\(id.value)", email, subject, body, at: now)
        try books.write(outbox: mail, in: tx)
        try books.cover(.statementSent, key: [.integer(customer.id), .text(moment.asOf.iso8601)], tx)
        try books.close(in: tx)
        return email
    }

    /// Under their headings, numbers to the right.
    private func lines(_ table: ReportTable) -> String {
        let rows = [table.columns.map(\.label)] + (table.rows + table.totals).map { zip(table.columns, $0).map(text) }
        let widths = table.columns.indices.map { at in rows.map { $0[at].count }.max() ?? 0 }
        return rows.map { row in
            let line = row.indices.map { at in
                let blanks = String(repeating: " ", count: widths[at] - row[at].count)
                return table.columns[at].isNumber ? blanks + row[at] : row[at] + blanks
            }.joined(separator: "  ")
            return line.lastIndex { $0 != " " }.map { String(line[...$0]) } ?? ""
        }.joined(separator: "\n")
    }

    private func text(_ column: ReportTable.Column, _ cell: ReportTable.Cell) -> String {
        switch cell {
        case .text(let text): column.name == "number" ? text : text.replacing("_", with: " ")
        case .money(let money): String(money.readable.dropLast(4))
        case .day(let day): day.words
        case .integer(let number): String(number)
        case .decimal, .none: ""
        }
    }
}
