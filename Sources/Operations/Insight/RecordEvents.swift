import Domain
import Store

/// What people keep, and what came in: customers, periods, statements, advices, questions.
extension EventFeed {
    /// Customers by the day on which they were recorded, UTC.
    func created(in tx: any Transaction) throws -> [Event] {
        try tx.rows(
            """
            SELECT c.id, c.number, COALESCE((SELECT s.recorded_at FROM seal s WHERE s.entity_id = c.entity_id AND s.last_id >= c.id
                                              ORDER BY s.last_id LIMIT 1), 0)
              FROM customer c WHERE c.entity_id = \(entity) AND c.id > \(after) ORDER BY c.id LIMIT \(limit)
            """
        ) { row in
            Event(
                id: row.integer(0), type: "customer.created", prefix: "cus", object: row.integer(0), number: row.text(1),
                on: Instant(microseconds: row.integer(2)).day, customer: row.text(1))
        }
    }

    func intake(in tx: any Transaction) throws -> [Event] {
        var events = try tx.rows(
            """
            SELECT q.id, q.receipt_id, r.external_id, q.asked_on, c.number FROM receipt_inquiry q
              JOIN receipt r ON r.entity_id = q.entity_id AND r.id = q.receipt_id
              JOIN customer c ON c.entity_id = q.entity_id AND c.id = q.customer_id
             WHERE q.entity_id = \(entity) AND q.id > \(after) ORDER BY q.id LIMIT \(limit)
            """
        ) { row in
            Event(
                id: row.integer(0), type: "receipt.asked", prefix: "rcp", object: row.integer(1), number: row.text(2), on: row.day(3),
                customer: row.text(4))
        }
        for (table, number, type, prefix) in [
            ("statement", "t.statement_id", "statement.imported", "stm"),
            ("remittance_advice", "COALESCE(t.payment_reference, '')", "remittance.recorded", "adv"),
        ] {
            let text = """
                SELECT t.id, \(number), COALESCE((SELECT s.recorded_at FROM seal s WHERE s.entity_id = t.entity_id AND s.last_id >= t.id
                                                   ORDER BY s.last_id LIMIT 1), 0)
                  FROM \(table) t WHERE t.entity_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3
                """
            let values: [SQLValue] = [.integer(entity.value), .integer(after), .integer(Int64(limit))]
            events += try tx.rows(SQL(text: text, values: values)) { row in
                Event(
                    id: row.integer(0), type: type, prefix: prefix, object: row.integer(0), number: row.text(1),
                    on: Instant(microseconds: row.integer(2)).day)
            }
        }
        return events
    }

    /// Customers that were changed and periods that were closed, up to an id. One act that changed several customers is one event.
    ///
    /// Books from before version 23 of the schema tell of them from then on.
    func changed(through last: Int64, in tx: any Transaction) throws -> [Event] {
        try periods(through: last, in: tx) + customers(through: last, in: tx)
    }

    private func periods(through last: Int64, in tx: any Transaction) throws -> [Event] {
        try changes(of: .period, after: after, through: last, in: tx).compactMap { change in
            guard let day = change.keys.first.flatMap({ Day(String(decoding: $0.dropFirst(5), as: UTF8.self)) }) else { return nil }
            return Event(id: change.id, type: "period.closed", prefix: "per", object: change.id, number: day.iso8601, on: change.on)
        }
    }

    private func customers(through last: Int64, in tx: any Transaction) throws -> [Event] {
        var events: [Event] = [], place = after
        while events.count < limit {
            let changes = try changes(of: .customer, after: place, through: last, in: tx)
            let ids = changes.map { change in change.keys.map(integerKey).filter { $0 < change.firstID } }
            let numbers = try customerNumbers(entity, ids.joined().map { ID($0) }, in: tx)
            for (change, ids) in zip(changes, ids) {
                guard let first = ids.first else { continue }
                events.append(
                    Event(
                        id: change.id, type: "customers.changed", prefix: "cus", object: first, number: numbers[ID(first)] ?? "",
                        on: change.on, customers: ids.compactMap { numbers[ID($0)] }))
            }
            guard changes.count == limit, let end = changes.last?.id else { break }
            place = end
        }
        return events
    }

    private struct Change {
        let id: Int64
        /// As `RecordChecks` writes them.
        let keys: [[UInt8]]
        /// The first id of the act: records from there on are new.
        let firstID: Int64
        let on: Day
    }

    private func changes(of record: MasterRecord, after: Int64, through last: Int64, in tx: any Transaction) throws -> [Change] {
        try tx.rows(
            """
            SELECT r.id, r.checks, s.first_id, s.recorded_at FROM record_check r
              JOIN seal s ON s.entity_id = r.entity_id
               AND s.last_id = (SELECT MIN(t.last_id) FROM seal t WHERE t.entity_id = r.entity_id AND t.last_id >= r.id)
             WHERE r.entity_id = \(entity) AND r.subject = \(record.rawValue) AND r.id > \(after) AND r.id <= \(last)
             ORDER BY r.id LIMIT \(limit)
            """
        ) { row in
            var keys: [[UInt8]] = []
            _ = RecordChecks.read(row.bytes(1)) { key, _ in keys.append(key) }
            return Change(id: row.integer(0), keys: keys, firstID: row.integer(2), on: Instant(microseconds: row.integer(3)).day)
        }
    }

    private func integerKey(_ key: [UInt8]) -> Int64 {
        key.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(fromByteOffset: 1, as: Int64.self)) }
    }
}
