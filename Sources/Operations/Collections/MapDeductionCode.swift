import Domain
import Store

/// Says which of our reasons a customer's deduction code means.
package struct MapDeductionCode: Sendable {
    package struct Line: Equatable, Sendable {
        package let customerNumber: String
        package let customerCode: String
        package let code: ReasonCode
    }

    private let entity: ID<Entity>
    private let customerNumber, customerCode: String
    private let code: ReasonCode
    package init(_ entity: ID<Entity>, customer: String, _ customerCode: String, means code: ReasonCode) {
        (self.entity, customerNumber, self.customerCode, self.code) = (entity, customer, customerCode, code)
    }

    /// - Returns: What it meant before; nil for a code that is new.
    @discardableResult package func run(in tx: any Transaction, at now: Instant) throws -> ReasonCode? {
        var books = try Books(lock: entity, at: now, in: tx)
        guard let customer = try customerIDs(entity, numbers: [customerNumber], in: tx)[customerNumber] else {
            throw ReceiptRefusal.unknownCustomer(customerNumber)
        }
        let before = try Self.meaning(entity, customer, customerCode, in: tx)
        try Self.remember(customer, customerCode, code, on: books.recordedAt.day, &books, in: tx)
        try books.cover(.deductionCode, key: [.integer(customer.value), .text(customerCode)], tx)
        try books.close(in: tx)
        return before
    }

    /// What a customer's code means; nil for a code that nobody mapped.
    static func meaning(
        _ entity: ID<Entity>, _ customer: ID<Customer>, _ customerCode: String, in tx: any Transaction
    ) throws -> ReasonCode? {
        try tx.first(
            """
            SELECT reason_code FROM deduction_code
             WHERE entity_id = \(entity) AND customer_id = \(customer) AND customer_code = \(customerCode)
            """
        ) { ReasonCode(rawValue: $0.text(0)) } ?? nil
    }

    static func remember(
        _ customer: ID<Customer>, _ customerCode: String, _ code: ReasonCode, on day: Day, _ books: inout Books, in tx: any Transaction
    ) throws {
        let before = try meaning(books.entity, customer, customerCode, in: tx)
        guard before != code else { return }
        let id: ID<DeductionCodeEvent> = books.newID()
        books.append(.deductionCodeEvent) { batch in
            batch.append(id.value)
            batch.append(customer.value)
            batch.append(customerCode)
            batch.append(code.rawValue)
            batch.append(before?.rawValue)
            batch.append(day.iso8601)
        }
        try tx.run(
            """
            INSERT INTO deduction_code (entity_id, customer_id, customer_code, reason_code)
            VALUES (\(books.entity), \(customer), \(customerCode), \(code.rawValue))
            ON CONFLICT (entity_id, customer_id, customer_code) DO UPDATE SET reason_code = excluded.reason_code
            """)
    }

    /// What was mapped at a moment, by customer and code; now when nil.
    package static func lines(_ entity: ID<Entity>, at moment: ReportMoment? = nil, in tx: any Transaction) throws -> [Line] {
        if let moment { return try lines(at: moment, in: tx) }
        return try tx.rows(
            """
            SELECT c.number, d.customer_code, d.reason_code FROM deduction_code d
              JOIN customer c ON c.entity_id = d.entity_id AND c.id = d.customer_id
             WHERE d.entity_id = \(entity) ORDER BY c.number, d.customer_code
            """
        ) { row in
            let code: ReasonCode = row.word(2)
            return Line(customerNumber: row.text(0), customerCode: row.text(1), code: code)
        }
    }

    /// A code without an event was mapped before its history was kept.
    private static func lines(at moment: ReportMoment, in tx: any Transaction) throws -> [Line] {
        let horizon = try moment.horizon(in: tx)
        let of =
            """
            FROM deduction_code_event e WHERE e.entity_id = d.entity_id AND e.customer_id = d.customer_id \
            AND e.customer_code = d.customer_code
            """
        let text = """
            SELECT x.number, x.customer_code, x.code
              FROM (SELECT c.number, d.customer_code,
                           COALESCE((SELECT e.reason_code \(of) AND e.mapped_on <= $2 AND e.id <= $3 ORDER BY e.id DESC LIMIT 1),
                                    CASE WHEN EXISTS (SELECT 1 \(of)) THEN (SELECT e.before_code \(of) ORDER BY e.id LIMIT 1)
                                         ELSE d.reason_code END) AS code
                      FROM deduction_code d JOIN customer c ON c.entity_id = d.entity_id AND c.id = d.customer_id
                     WHERE d.entity_id = $1 AND c.id <= $3) x
             WHERE x.code IS NOT NULL ORDER BY x.number, x.customer_code
            """
        return try tx.rows(SQL(text: text, values: [.integer(moment.entity.value), .text(moment.asOf.iso8601), .integer(horizon)])) { row in
            Line(customerNumber: row.text(0), customerCode: row.text(1), code: row.word(2))
        }
    }
}

private enum DeductionCodeEvent {}
