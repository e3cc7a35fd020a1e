import Domain
import Store

/// Customers whose items are past due, the largest overdue amount first.
package struct CollectionsWorklist: Sendable {
    package struct Line: Sendable {
        package let customer: ID<Customer>
        package let number: String
        package let name: String
        package let overdue: Money
        package let itemCount: Int
        package let oldestDueOn: Day
        package let lastNotice: (level: Int, on: Day)?
        package let disputedCount: Int
        package let promisedCount: Int
    }

    private let entity: ID<Entity>
    private let on: Day
    private let limit: Int
    package init(_ entity: ID<Entity>, on day: Day, limit: Int = ListLimit.page) { (self.entity, on, self.limit) = (entity, day, limit) }

    package func lines(in tx: any Transaction) throws -> [Line] {
        let rows = try tx.rows(
            """
            SELECT x.customer_id, c.number, c.name, x.currency, x.overdue_minor, x.item_count, x.oldest_on
              FROM (SELECT customer_id, currency, CAST(SUM(open_minor) AS BIGINT) AS overdue_minor, count(*) AS item_count, MIN(due_on) AS oldest_on
                      FROM open_item
                     WHERE entity_id = \(entity) AND open_minor <> 0 AND open_minor > 0 AND due_on < \(on) AND customer_id IS NOT NULL
                     GROUP BY customer_id, currency ORDER BY overdue_minor DESC, customer_id LIMIT \(limit)) x
              JOIN customer c ON c.entity_id = \(entity) AND c.id = x.customer_id
             ORDER BY x.overdue_minor DESC, x.customer_id
            """
        ) { row in
            (
                customer: row.id(0) as ID<Customer>, number: row.text(1), name: row.text(2), overdue: Money(minor: row.integer(4), row.currency(3)),
                count: Int(row.integer(5)), oldest: row.day(6)
            )
        }
        let customers = rows.map(\.customer.value)
        let notices = try lastNotices(customers, in: tx), held = try heldCounts(customers, in: tx)
        return rows.map { row in
            let own = held[row.customer.value] ?? [:]
            return Line(
                customer: row.customer, number: row.number, name: row.name, overdue: row.overdue, itemCount: row.count, oldestDueOn: row.oldest,
                lastNotice: notices[row.customer.value], disputedCount: own["dispute"] ?? 0, promisedCount: own["promise"] ?? 0)
        }
    }

    private func lastNotices(_ customers: [Int64], in tx: any Transaction) throws -> [Int64: (level: Int, on: Day)] {
        var notices: [Int64: (level: Int, on: Day)] = [:]
        try tx.forEach(
            "SELECT customer_id, level, sent_on FROM dunning_notice WHERE entity_id = \(entity) AND customer_id IN \(ids: customers) ORDER BY id"
        ) { notices[$0.integer(0)] = (Int($0.integer(1)), $0.day(2)) }
        return notices
    }

    private func heldCounts(_ customers: [Int64], in tx: any Transaction) throws -> [Int64: [String: Int]] {
        var counts: [Int64: [String: Int]] = [:]
        try tx.forEach(
            """
            SELECT i.customer_id, h.kind, count(*)
              FROM collection_hold h JOIN open_item i ON i.entity_id = h.entity_id AND i.id = h.item_id
             WHERE h.entity_id = \(entity) AND h.from_on <= \(on) AND COALESCE(h.until_on, '9999-12-31') >= \(on)
               AND COALESCE(h.lifted_on, '9999-12-31') > \(on) AND i.open_minor <> 0 AND i.customer_id IN \(ids: customers)
             GROUP BY i.customer_id, h.kind
            """
        ) { counts[$0.integer(0), default: [:]][$0.text(1)] = Int($0.integer(2)) }
        return counts
    }
}
