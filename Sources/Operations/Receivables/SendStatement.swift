import Domain
import Store

/// Puts a customer's statement of account on its way by mail; once a customer and business day.
package struct SendStatement: Sendable {
    package enum Refused: Refusal {
        case noAddress(String)
        case sent(String, Day)

        package var category: RefusalCategory { .conflict }
        package var code: String {
            switch self {
            case .noAddress: "address_missing"
            case .sent: "statement_sent"
            }
        }
        package var message: String {
            switch self {
            case .noAddress(let number): "customer \(number) has no mail address: print the statement instead"
            case .sent(let number, let day): "customer \(number) has its statement of \(day.iso8601) already"
            }
        }
    }

    private let moment: ReportMoment
    private let customerNumber: String
    package init(_ moment: ReportMoment, customerNumber: String) { (self.moment, self.customerNumber) = (moment, customerNumber) }

    /// - Returns: The address it goes to.
    package func run(in tx: any Transaction, at now: Instant) throws -> String {
        // Lock.
        var books = try Books(lock: moment.entity, at: now, in: tx)
        // Read.
        let found = try tx.first(
            """
            SELECT c.id, c.name, c.email, e.name FROM customer c JOIN entity e ON e.entity_id = c.entity_id
             WHERE c.entity_id = \(moment.entity) AND c.number = \(customerNumber)
            """
        ) { (id: $0.integer(0), name: $0.text(1), email: $0.optionalText(2), seller: $0.text(3)) }
        guard let customer = found else { throw AccountStatementReport.Refused.unknownCustomer(customerNumber) }
        guard let email = customer.email else { throw Refused.noAddress(customerNumber) }
        let sent = try tx.changes(
            """
            INSERT INTO statement_sent (entity_id, customer_id, as_of, sent_at) VALUES (\(moment.entity), \(customer.id), \(moment.asOf), \(now))
            ON CONFLICT (entity_id, customer_id, as_of) DO NOTHING
            """)
        guard sent == 1 else { throw Refused.sent(customerNumber, moment.asOf) }
        // Write.
        let table = try AccountStatementReport(moment, customerNumber: customerNumber).table(in: tx), id: ID<Customer> = books.newID()
        let subject = "Statement of account as of \(moment.asOf.iso8601)"
        let body =
            "\(customer.name)\n\nYour account with \(customer.seller) as of \(moment.asOf.iso8601):\n\n\(lines(table))\n\n\(customer.seller)"
        try writeOutbox(outboxRow(moment.entity, id: id.value, key: "statement-\(id.value)", email, subject, body, at: now), in: tx)
        try books.close(in: tx)
        return email
    }

    private func lines(_ table: ReportTable) -> String {
        (table.rows + table.totals).map { row in
            row.compactMap { cell in
                switch cell {
                case .text(let text): text.replacing("_", with: " ")
                case .money(let money): money.decimal
                case .day(let day): day.iso8601
                case .integer(let number): String(number)
                case .decimal, .none: nil
                }
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
