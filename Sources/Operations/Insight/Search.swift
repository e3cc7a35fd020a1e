import Domain
import Store

/// Finds what a person types: a number, the beginning of one, a part of a name, or an amount.
package struct Search: Sendable {
    package struct Hit: Sendable {
        package enum Noun: String, Sendable { case customer, order, document, receipt }
        package let noun: Noun
        package let number: String
        /// Of orders and receipts, whose pages go by id.
        package let id: Int64
        package let name: String
        package let amount: Money?
        package let on: Day?
        /// The whole number was typed.
        package let isExact: Bool
    }

    package static let limit = 12
    /// How far back a settled item is found by its amount: an index over every amount ever booked would slow each booking.
    package static let settledReach = 50_000
    private let entity: ID<Entity>
    private let text: String
    package init(_ entity: ID<Entity>, _ text: String) { (self.entity, self.text) = (entity, String(text.prefix(80))) }

    package func hits(in tx: any Transaction) throws -> [Hit] {
        guard !text.isEmpty else { return [] }
        return try customers(in: tx) + documents(in: tx) + orders(in: tx) + amounts(in: tx)
    }

    /// Those whose number begins so, then those whose name holds it.
    private func customers(in tx: any Transaction) throws -> [Hit] {
        let pattern = "%\(escaped(text.lowercased()))%"
        func hit(_ row: Row) -> Hit {
            Hit(
                noun: .customer, number: row.text(1), id: row.integer(0), name: row.text(2), amount: nil, on: nil,
                isExact: row.text(1) == text)
        }
        let numbered = try tx.rows(
            """
            SELECT id, number, name FROM customer
             WHERE entity_id = \(entity) AND number >= \(text) AND number < \(end(ofPrefix: text)) ORDER BY number LIMIT \(Self.limit)
            """, hit)
        let named = try tx.rows(
            """
            SELECT c.id, c.number, c.name
              FROM (SELECT id FROM customer WHERE entity_id = \(entity) AND lower(name) LIKE \(pattern) ESCAPE '!' LIMIT \(Self.limit)) x
              JOIN customer c ON c.entity_id = \(entity) AND c.id = x.id ORDER BY lower(c.name), c.id
            """, hit)
        return numbered + named.filter { hit in !numbered.contains { $0.id == hit.id } }
    }

    private func documents(in tx: any Transaction) throws -> [Hit] {
        try tx.rows(
            """
            SELECT d.id, d.number, c.name, d.currency, d.gross_minor, d.issued_on, d.type_code
              FROM invoice d JOIN customer c ON c.entity_id = d.entity_id AND c.id = d.customer_id
             WHERE d.entity_id = \(entity) AND d.number >= \(text.uppercased()) AND d.number < \(end(ofPrefix: text.uppercased()))
             ORDER BY d.number LIMIT \(Self.limit)
            """
        ) { row in
            Hit(
                noun: .document, number: row.text(1), id: row.integer(0), name: row.text(2),
                amount: Money(minor: row.integer(6) == 381 ? -row.integer(4) : row.integer(4), row.currency(3)), on: row.day(5),
                isExact: row.text(1) == text.uppercased())
        }
    }

    private func orders(in tx: any Transaction) throws -> [Hit] {
        try tx.rows(
            """
            SELECT o.id, o.external_id, c.name, o.currency, o.gross_minor, o.ordered_on
              FROM sales_order o JOIN customer c ON c.entity_id = o.entity_id AND c.id = o.customer_id
             WHERE o.entity_id = \(entity) AND o.external_id >= \(text) AND o.external_id < \(end(ofPrefix: text))
             ORDER BY o.external_id, o.channel LIMIT \(Self.limit)
            """
        ) { row in
            Hit(
                noun: .order, number: row.text(1), id: row.integer(0), name: row.text(2),
                amount: Money(minor: row.integer(4), row.currency(3)),
                on: row.day(5), isExact: row.text(1) == text)
        }
    }

    /// Documents and receipts of exactly that amount, the latest first, in any currency with that many decimals: those that are open, and
    /// among the newest `settledReach` items the settled ones too.
    private func amounts(in tx: any Transaction) throws -> [Hit] {
        guard let minors = Self.minors(text) else { return [] }
        return try tx.rows(
            """
            SELECT i.id, i.kind, i.number, COALESCE(c.name, r.payer_name, ''), i.currency, i.amount_minor, i.effective_on
              FROM (SELECT entity_id, id, kind, number, currency, amount_minor, effective_on, customer_id FROM open_item
                     WHERE entity_id = \(entity) AND amount_minor IN \(ids: minors) AND open_minor <> 0
                    UNION ALL
                    SELECT entity_id, id, kind, number, currency, amount_minor, effective_on, customer_id
                      FROM (SELECT * FROM open_item WHERE entity_id = \(entity) ORDER BY id DESC LIMIT \(Self.settledReach)) AS newest
                     WHERE amount_minor IN \(ids: minors) AND open_minor = 0) i
              LEFT JOIN customer c ON c.entity_id = i.entity_id AND c.id = i.customer_id
              LEFT JOIN receipt r ON r.entity_id = i.entity_id AND r.id = i.id
             WHERE i.kind IN ('invoice', 'credit_note') OR r.id IS NOT NULL
             ORDER BY i.id DESC LIMIT \(Self.limit)
            """
        ) { row in
            let isReceipt = row.text(1) == "receipt"
            return Hit(
                noun: isReceipt ? .receipt : .document, number: row.text(2), id: row.integer(0), name: row.text(3),
                amount: Money(minor: isReceipt ? -row.integer(5) : row.integer(5), row.currency(4)), on: row.day(6), isExact: false)
        }
    }

    /// `1,234.50` in minor units of two decimals, and as whole units where it has none; both signs.
    static func minors(_ text: String) -> [Int64]? {
        let plain = text.replacing(",", with: "").replacing(" ", with: ""),
            parts = plain.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = Int64(parts[0]), whole.magnitude <= 10_000_000_000 else { return nil }
        guard parts.count == 2 else { return [whole * 100, -whole * 100] }
        guard (1...2).contains(parts[1].count), parts[1].allSatisfy(\.isASCII), let fraction = Int64(parts[1]), fraction >= 0 else {
            return nil
        }
        let minor = abs(whole) * 100 + (parts[1].count == 1 ? fraction * 10 : fraction)
        return [minor, -minor]
    }

    private func escaped(_ text: String) -> String { text.replacing("!", with: "!!").replacing("%", with: "!%").replacing("_", with: "!_") }
}
