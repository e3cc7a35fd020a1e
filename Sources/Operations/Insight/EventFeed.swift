import Domain
import Store

/// What happened in a legal entity, in the order in which it was recorded: the facts themselves, read after a place.
///
/// An event's id is its fact's id, so whoever has read up to one knows that nothing before it will come. A document and its open item share
/// one id and are one event. Whoever adds up `amount` of the items and of the allocations has what is open of each.
package struct EventFeed: Sendable {
    /// Two open items by their ids.
    package struct Settlement: Equatable, Sendable { package let debit, credit: Int64 }

    package struct Event: Equatable, Sendable {
        package let id: Int64
        /// `invoice.issued`
        package let type: String
        /// The thing it is about, and the prefix of its id.
        package let prefix: String
        package let object: Int64
        package let number: String
        package let on: Day
        /// The open item that it made.
        package var item: Int64?
        /// Of an item above zero when it is owed to us, below when it is owed by us; of an allocation what it takes off both items, below
        /// zero when it is taken back; of a slice its part.
        package var amount: Money?
        package var dueOn: Day?
        /// Whose the item is; nil while nobody knows.
        package var customer: String?
        /// What an allocation settles, and with what.
        package var settled: Settlement?
        /// The numbers of the customers that one act changed.
        package var customers: [String] = []
    }

    package static let types = [
        "customer.created", "customers.changed", "period.closed", "open_item.taken_over", "open_item.transferred", "open_item.adjusted",
        "open_item.received", "receipt.returned", "receipt.asked", "document.written_off", "document.write_off_reversed",
        "allocation.made", "allocation.reversed", "statement.imported", "remittance.recorded",
        "order.placed", "order.held", "order.released", "order.cancelled", "invoice.issued", "credit_note.issued", "receipt.recorded",
        "receipt.applied", "receipt.unapplied", "receipt.set_aside", "receipt.retold", "slice.opened", "slice.settled", "slice.written_off",
        "slice.released",
        "slice.broken", "slice.reopened",
        "dunning_notice.sent",
    ]

    let entity: ID<Entity>
    let after: Int64
    let limit: Int
    /// - Parameter limit: At most 1,000.
    package init(_ entity: ID<Entity>, after: Int64, limit: Int) {
        precondition((1...1_000).contains(limit))
        (self.entity, self.after, self.limit) = (entity, after, limit)
    }

    /// Parts set apart and what became of them; the number is that of their document.
    private func slices(in tx: any Transaction) throws -> [Event] {
        let opened = try tx.rows(
            """
            SELECT s.id, i.number, s.opened_on, s.amount_minor, i.currency FROM slice s
              JOIN open_item i ON i.entity_id = s.entity_id AND i.id = s.item_id
             WHERE s.entity_id = \(entity) AND s.id > \(after) ORDER BY s.id LIMIT \(limit)
            """
        ) { row in
            Event(
                id: row.integer(0), type: "slice.opened", prefix: "slc", object: row.integer(0), number: row.text(1), on: row.day(2),
                amount: row.money(3, row.currency(4)))
        }
        return try opened
            + tx.rows(
                """
                SELECT e.id, e.event, e.slice_id, i.number, e.happened_on, e.amount_minor, i.currency FROM slice_event e
                  JOIN slice s ON s.entity_id = e.entity_id AND s.id = e.slice_id
                  JOIN open_item i ON i.entity_id = s.entity_id AND i.id = s.item_id
                 WHERE e.entity_id = \(entity) AND e.id > \(after) ORDER BY e.id LIMIT \(limit)
                """
            ) { row in
                Event(
                    id: row.integer(0), type: "slice.\(row.text(1))", prefix: "slc", object: row.integer(2), number: row.text(3),
                    on: row.day(4), amount: row.money(5, row.currency(6)))
            }
    }

    package func events(in tx: any Transaction) throws -> [Event] {
        var events = try named(in: tx) + slices(in: tx) + allocations(in: tx) + created(in: tx) + intake(in: tx)
        try take(items: items(in: tx), into: &events)
        events = Array(events.sorted { $0.id < $1.id }.prefix(limit))
        // What was changed is read as far as the page goes: its rows hold new customers, too, which are events of their own.
        events += try changed(through: events.count < limit ? .max : events.last?.id ?? .max, in: tx)
        return Array(events.sorted { $0.id < $1.id }.prefix(limit))
    }

    /// Orders, documents, receipts and letters, by their numbers.
    private func named(in tx: any Transaction) throws -> [Event] {
        var events = try tx.rows(
            """
            SELECT id, external_id, ordered_on FROM sales_order WHERE entity_id = \(entity) AND id > \(after) ORDER BY id LIMIT \(limit)
            """
        ) { Event(id: $0.integer(0), type: "order.placed", prefix: "ord", object: $0.integer(0), number: $0.text(1), on: $0.day(2)) }
        events += try tx.rows(
            """
            SELECT e.id, e.event, e.order_id, o.external_id, e.happened_on FROM order_event e
              JOIN sales_order o ON o.entity_id = e.entity_id AND o.id = e.order_id
             WHERE e.entity_id = \(entity) AND e.id > \(after) ORDER BY e.id LIMIT \(limit)
            """
        ) { Event(id: $0.integer(0), type: "order.\($0.text(1))", prefix: "ord", object: $0.integer(2), number: $0.text(3), on: $0.day(4)) }
        events += try tx.rows(
            """
            SELECT id, type_code, number, issued_on FROM invoice WHERE entity_id = \(entity) AND id > \(after) ORDER BY id LIMIT \(limit)
            """
        ) { row in
            Event(
                id: row.integer(0), type: row.integer(1) == 381 ? "credit_note.issued" : "invoice.issued", prefix: "inv",
                object: row.integer(0), number: row.text(2), on: row.day(3))
        }
        events += try tx.rows(
            """
            SELECT id, external_id, booked_on FROM receipt WHERE entity_id = \(entity) AND id > \(after) ORDER BY id LIMIT \(limit)
            """
        ) { Event(id: $0.integer(0), type: "receipt.recorded", prefix: "rcp", object: $0.integer(0), number: $0.text(1), on: $0.day(2)) }
        events += try tx.rows(
            """
            SELECT a.id, a.receipt_id, r.external_id, a.applied_on, a.reverses_id, a.rule FROM application a
              JOIN receipt r ON r.entity_id = a.entity_id AND r.id = a.receipt_id
             WHERE a.entity_id = \(entity) AND a.id > \(after) ORDER BY a.id LIMIT \(limit)
            """
        ) { row in
            Event(
                id: row.integer(0),
                type: receiptEvent(rule: row.text(5), isReversal: !row.isNull(4)),
                prefix: "rcp", object: row.integer(1),
                number: row.text(2), on: row.day(3))
        }
        events += try tx.rows(
            """
            SELECT n.id, n.customer_id, c.number, n.sent_on FROM dunning_notice n
              JOIN customer c ON c.entity_id = n.entity_id AND c.id = n.customer_id
             WHERE n.entity_id = \(entity) AND n.id > \(after) ORDER BY n.id LIMIT \(limit)
            """
        ) { Event(id: $0.integer(0), type: "dunning_notice.sent", prefix: "cus", object: $0.integer(1), number: $0.text(2), on: $0.day(3)) }
        return events
    }
}

private func receiptEvent(rule: String, isReversal: Bool) -> String {
    if isReversal { return "receipt.unapplied" }
    return [SetReceiptAside.rule: "receipt.set_aside", RetoldReceipts.rule: "receipt.retold"][rule] ?? "receipt.applied"
}

extension EventFeed {
    /// Of these events those that a filter leaves: by their day, by their amount, and by whom they are about.
    ///
    /// - Parameter moment: Whose a receipt was then; nil tells of now.
    package func narrowed(
        _ events: [Event], by filter: ListFilter, at moment: ReportMoment? = nil, in tx: any Transaction
    ) throws -> [Event] {
        let left = events.filter { event in
            guard filter.from.map({ event.on >= $0 }) ?? true, filter.through.map({ event.on <= $0 }) ?? true else { return false }
            guard filter.atLeastMinor != nil || filter.atMostMinor != nil || filter.currency != nil else { return true }
            guard let amount = event.amount, filter.currency.map({ amount.currency == $0 }) ?? true else { return false }
            return filter.atLeastMinor ?? .min <= amount.minor && amount.minor <= filter.atMostMinor ?? .max
        }
        guard let number = filter.customer else { return left }
        guard let customer = try customerIDs(entity, numbers: [number], in: tx)[number] else { return [] }
        let ids = Set(left.flatMap { [$0.object, $0.item ?? 0, $0.settled?.debit ?? 0, $0.settled?.credit ?? 0] })
        // Ids are unique over all nouns: an event is about the customer of whatever bears one of its ids.
        let receipts = Set(left.filter { $0.prefix == "rcp" }.map(\.object))
        let about = Set(
            try tx.rows(
                """
                SELECT id FROM sales_order WHERE entity_id = \(entity) AND customer_id = \(customer) AND id IN \(ids: ids)
                UNION ALL SELECT id FROM open_item WHERE entity_id = \(entity) AND customer_id = \(customer) AND id IN \(ids: ids)
                UNION ALL SELECT id FROM invoice WHERE entity_id = \(entity) AND customer_id = \(customer) AND id IN \(ids: ids)
                UNION ALL SELECT id FROM slice WHERE entity_id = \(entity) AND customer_id = \(customer) AND id IN \(ids: ids)
                """
            ) { $0.integer(0) } + own(receipts, by: filter, at: moment, in: tx) + [customer.value])
        return left.filter { event in
            event.customer == number || event.customers.contains(number) || about.contains(event.object)
                || event.item.map(about.contains) ?? false
                || event.settled.map { about.contains($0.debit) || about.contains($0.credit) } ?? false
        }
    }

    /// Which of these receipts are the customer's: they bear no customer of their own.
    private func own(_ receipts: Set<Int64>, by filter: ListFilter, at moment: ReportMoment?, in tx: any Transaction) throws -> [Int64] {
        var values: [SQLValue] = [.integer(entity.value)]
        guard !receipts.isEmpty, let own = try filter.receipts(of: entity, &values, at: moment, in: tx) else { return [] }
        values.append(.integers(receipts.sorted()))
        let text = """
            SELECT r.id FROM receipt r
             WHERE r.entity_id = $1 AND r.id IN (SELECT value FROM §integers($\(values.count))) AND r.id IN (\(own))
            """
        return try tx.rows(SQL(text: text, values: values)) { $0.integer(0) }
    }
}
