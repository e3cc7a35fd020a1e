import Domain
import Store

/// A document's item as settling needs it.
enum DocumentItem {
    static func debit(
        _ entity: ID<Entity>, document: String, in tx: any Transaction
    ) throws -> (item: OpenItem, customer: ID<Customer>) {
        let found = try tx.first(
            """
            SELECT i.id, i.number, i.effective_on, i.due_on, i.open_minor, i.currency, i.customer_id,
                   (SELECT MAX(a.effective_on) FROM allocation a
                     WHERE a.entity_id = i.entity_id AND a.debit_item_id = i.id AND a.amount_minor < 0)
              FROM invoice d JOIN open_item i ON i.entity_id = d.entity_id AND i.id = d.id
             WHERE d.entity_id = \(entity) AND d.number = \(document) AND i.amount_minor > 0
            """
        ) { row in
            let item = OpenItem(
                id: row.integer(0), number: row.text(1), effectiveOn: max(row.day(2), row.optionalDay(7) ?? row.day(2)), dueOn: row.day(3),
                open: row.money(4, row.currency(5)))
            return (item, row.id(6) as ID<Customer>)
        }
        guard let found else { throw SliceRefusal.unknownDocument(document) }
        return found
    }

    static func dueOn(_ entity: ID<Entity>, _ item: Int64, in tx: any Transaction) throws -> Day {
        guard let day = try tx.first("SELECT due_on FROM open_item WHERE entity_id = \(entity) AND id = \(item)", { $0.day(0) }) else {
            preconditionFailure("an allocation names items that exist")
        }
        return day
    }
}

/// How much of a part of a document is tax, in the document's own proportion.
func taxShare(_ entity: ID<Entity>, of document: Int64, _ amount: Money, in tx: any Transaction) throws -> Money {
    let parts = try tx.first("SELECT tax_minor, gross_minor FROM invoice WHERE entity_id = \(entity) AND id = \(document)") {
        ($0.integer(0), $0.integer(1))
    }
    guard let (part, whole) = parts, whole > 0, let share = scaled(amount.minor, by: part, over: whole, .halfAwayFromZero) else {
        return .zero(amount.currency)
    }
    return Money(minor: share, amount.currency)
}
