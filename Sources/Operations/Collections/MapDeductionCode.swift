import Domain
import Store

/// Says which of our reasons a customer's deduction code means.
package struct MapDeductionCode: Sendable {
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
}

private enum DeductionCodeEvent {}
