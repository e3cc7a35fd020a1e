import Domain
import Store

/// What opens an item and what settles it: of these alone every balance can be told.
extension EventFeed {
    /// Items by the id they share with their document.
    func items(in tx: any Transaction) throws -> [Event] {
        try tx.rows(
            """
            SELECT o.id, o.kind, COALESCE(j.kind, ''), o.number, o.effective_on, o.due_on, o.currency, o.amount_minor, c.number
              FROM open_item o LEFT JOIN journal_entry j ON j.entity_id = o.entity_id AND j.id = o.id
              LEFT JOIN customer c ON c.entity_id = o.entity_id AND c.id = o.customer_id
             WHERE o.entity_id = \(entity) AND o.id > \(after) ORDER BY o.id LIMIT \(limit)
            """
        ) { row in
            let id = row.integer(0), type = itemEvent(row.text(1), entry: row.text(2))
            return Event(
                id: id, type: type, prefix: "itm", object: id, number: type.hasPrefix("document.") ? written(row.text(3)) : row.text(3),
                on: row.day(4), item: id, amount: row.money(7, row.currency(6)), dueOn: row.day(5), customer: row.optionalText(8))
        }
    }

    /// An item of a document or a receipt is told with it; any other is an event of its own.
    func take(items: [Event], into events: inout [Event]) throws {
        let places = Dictionary(events.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        for item in items {
            guard let at = places[item.id] else {
                events.append(item)
                continue
            }
            // A former system issued it.
            guard item.type != "open_item.taken_over" else {
                events[at] = item
                continue
            }
            (events[at].item, events[at].amount, events[at].dueOn, events[at].customer) = (
                item.item, item.amount, item.dueOn, item.customer
            )
        }
    }

    func allocations(in tx: any Transaction) throws -> [Event] {
        try tx.rows(
            """
            SELECT a.id, a.debit_item_id, a.credit_item_id, a.amount_minor, a.effective_on, d.number, d.currency, c.number
              FROM allocation a JOIN open_item d ON d.entity_id = a.entity_id AND d.id = a.debit_item_id
              LEFT JOIN customer c ON c.entity_id = d.entity_id AND c.id = d.customer_id
             WHERE a.entity_id = \(entity) AND a.id > \(after) ORDER BY a.id LIMIT \(limit)
            """
        ) { row in
            let id = row.integer(0), amount = row.money(3, row.currency(6))
            return Event(
                id: id, type: amount.minor < 0 ? "allocation.reversed" : "allocation.made", prefix: "alc", object: id, number: row.text(5),
                on: row.day(4), amount: amount, customer: row.optionalText(7), settled: .init(debit: row.integer(1), credit: row.integer(2))
            )
        }
    }

    private func itemEvent(_ kind: String, entry: String) -> String {
        switch (kind, entry) {
        case (_, WriteOff.rule): "document.written_off"
        case (_, ReverseWriteOff.rule): "document.write_off_reversed"
        case ("opening", _): "open_item.taken_over"
        case ("return", _): "receipt.returned"
        case ("receipt", _): "open_item.received"
        case ("transfer", _): "open_item.transferred"
        default: "open_item.adjusted"
        }
    }

    /// The document that an item of a write-off names.
    private func written(_ number: String) -> String {
        number.hasPrefix("\(WriteOff.rule) ") ? String(number.dropFirst(WriteOff.rule.count + 1)) : number
    }
}
