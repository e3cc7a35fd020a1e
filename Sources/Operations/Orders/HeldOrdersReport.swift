import Domain
import Store

/// Orders that wait for a person, largest first.
package struct HeldOrdersReport: Sendable {
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func table(in tx: any Transaction) throws -> ReportTable {
        let gross = tenThousandths(of: "o.gross_minor", in: "o.currency")
        let text = """
            SELECT o.external_id, o.channel, c.number, o.ordered_on, o.currency, o.gross_minor, e.reason
              FROM sales_order o
              JOIN customer c ON c.entity_id = o.entity_id AND c.id = o.customer_id
              JOIN order_event e ON e.entity_id = o.entity_id AND e.order_id = o.id AND e.event = 'held'
             WHERE o.entity_id = $1 AND o.state = 'held' ORDER BY \(gross) DESC, o.id
            """
        let rows = try tx.rows(SQL(text: text, values: [.integer(entity.value)])) { row in
            [
                .text(row.text(0)), .text(row.text(1)), .text(row.text(2)), .day(row.day(3)), .text(row.text(4)),
                .money(row.money(5, row.currency(4))), .text(row.text(6)),
            ] as [ReportTable.Cell]
        }
        return ReportTable(
            "Held orders",
            [.text("order"), .text("channel"), .text("customer"), .day("date"), .text("currency"), .money("gross"), .text("reason")], rows
        )
    }
}
