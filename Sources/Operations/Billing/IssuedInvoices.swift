import Domain
import Store

/// The invoices issued on one day, in the order of their numbers.
package struct IssuedInvoices: Sendable {
    package struct Invoice: Sendable {
        package let number: String
        /// Of the order it bills; nil when it collects several.
        package let orderNumber: String?
        package let customerNumber: String
        package let customerName: String
        package let issuedOn: Day
        package let dueOn: Day
        package let gross: Money
    }

    private let entity: ID<Entity>
    private let on: Day
    package init(_ entity: ID<Entity>, on day: Day) { (self.entity, on) = (entity, day) }

    package func run(in tx: any Transaction) throws -> [Invoice] {
        try tx.rows(
            """
            SELECT i.number, i.order_number, c.number, c.name, i.issued_on, i.due_on, i.currency, i.gross_minor
              FROM invoice i JOIN customer c ON c.entity_id = i.entity_id AND c.id = i.customer_id
             WHERE i.entity_id = \(entity) AND i.type_code = 380 AND i.issued_on = \(on) ORDER BY i.id
            """
        ) { row in
            Invoice(
                number: row.text(0), orderNumber: row.optionalText(1), customerNumber: row.text(2), customerName: row.text(3),
                issuedOn: row.day(4),
                dueOn: row.day(5), gross: row.money(7, row.currency(6)))
        }
    }
}
