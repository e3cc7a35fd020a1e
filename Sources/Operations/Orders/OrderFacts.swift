import Domain
import Store

/// Lines of an order as they were taken, a page at a time.
package struct OrderLines: Sendable {
    package struct Row: Sendable {
        /// 1-based.
        package let line: Int64
        package let goods: GoodsLine
    }

    private let entity: ID<Entity>
    private let order: ID<Order>
    private let after: ListPlace?
    private let limit: Int
    package init(_ entity: ID<Entity>, _ order: ID<Order>, after: ListPlace? = nil, limit: Int = ListLimit.page) {
        (self.entity, self.order, self.after, self.limit) = (entity, order, after, limit)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Row> {
        try .read(
            """
            SELECT l.line, l.sku, l.description, l.quantity_milli, l.price_micro, l.net_minor, l.tax_bp, o.currency
              FROM sales_order_line l JOIN sales_order o ON o.entity_id = l.entity_id AND o.id = l.order_id
             WHERE l.entity_id = $1 AND l.order_id = $2
            """, ListOrder("l.line", .integer, id: "l.line"), after: after, limit: limit,
            values: [.integer(entity.value), .integer(order.value)], in: tx
        ) { row in
            let goods = GoodsLine(row, from: 1, row.currency(7))
            return (Row(line: row.integer(0), goods: goods), ListPlace("", row.integer(0)))
        }
    }
}

/// What was decided about an order, by whom and why, the first first.
package struct OrderEvents: Sendable {
    private let entity: ID<Entity>
    private let order: ID<Order>
    private let after: ListPlace?
    private let limit: Int
    private let moment: ReportMoment?

    /// - Parameter moment: Decisions of that day or before that were recorded by then; nil tells of now.
    package init(
        _ entity: ID<Entity>, _ order: ID<Order>, after: ListPlace? = nil, limit: Int = ListLimit.page, at moment: ReportMoment? = nil
    ) {
        (self.entity, self.order, self.after, self.limit, self.moment) = (entity, order, after, limit, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<OrderView.Event> {
        var values: [SQLValue] = [.integer(entity.value), .integer(order.value)]
        let known = try moment?.condition("happened_on", "id", &values, in: tx) ?? ""
        return try .read(
            "SELECT id, event, role, reason, happened_on FROM order_event WHERE entity_id = $1 AND order_id = $2\(known)",
            ListOrder("id", .integer, id: "id"), after: after, limit: limit, values: values, in: tx
        ) { row in
            (
                OrderView.Event(event: row.text(1), role: row.text(2), reason: row.text(3), on: row.day(4)),
                ListPlace("", row.integer(0))
            )
        }
    }
}
