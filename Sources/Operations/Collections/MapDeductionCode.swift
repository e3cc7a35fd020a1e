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
        let before = try tx.first(
            """
            SELECT reason_code FROM deduction_code
             WHERE entity_id = \(entity) AND customer_id = \(customer) AND customer_code = \(customerCode)
            """
        ) { ReasonCode(rawValue: $0.text(0)) }
        try Self.remember(entity, customer, customerCode, code, in: tx)
        try books.cover(.deductionCode, key: [.integer(customer.value), .text(customerCode)], tx)
        try books.close(in: tx)
        return before ?? nil
    }

    static func remember(
        _ entity: ID<Entity>, _ customer: ID<Customer>, _ customerCode: String, _ code: ReasonCode, in tx: any Transaction
    ) throws {
        try tx.run(
            """
            INSERT INTO deduction_code (entity_id, customer_id, customer_code, reason_code)
            VALUES (\(entity), \(customer), \(customerCode), \(code.rawValue))
            ON CONFLICT (entity_id, customer_id, customer_code) DO UPDATE SET reason_code = excluded.reason_code
            """)
    }

    /// What is mapped, by customer and code.
    package static func lines(_ entity: ID<Entity>, in tx: any Transaction) throws -> [Line] {
        try tx.rows(
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
}
