import Domain
import Store

/// What is told of one receipt, as it is or as it was at a moment.
package struct ReceiptFacts: Sendable {
    package struct Settlement: Sendable {
        /// Of the allocation.
        package let id: Int64
        package let on: Day
        package let item: Int64
        package let kind: String
        package let document: String
        package let customerNumber: String?
        /// Below zero where it takes an earlier one back.
        package let amount: Money
        package let rule: String
        /// The allocation that it takes back.
        package let reverses: Int64?
        /// Whether it was taken back.
        package let isReversed: Bool
    }
    package struct Application: Sendable {
        package let id: Int64
        package let told: ReceiptView.Application
        /// The application that it takes back.
        package let reverses: Int64?
    }
    package struct Inquiry: Sendable {
        package let id: Int64
        package let customerNumber: String
        package let askedOn: Day
        package let answerBy: Day
        package let question: String
        package let role: String
    }

    private let entity: ID<Entity>
    private let id: ID<Receipt>
    private let moment: ReportMoment?

    /// - Parameter moment: What was of that day or before and recorded by then; nil tells of now.
    package init(_ entity: ID<Entity>, _ id: ID<Receipt>, at moment: ReportMoment? = nil) {
        (self.entity, self.id, self.moment) = (entity, id, moment)
    }

    private func known(_ day: String, _ id: String, _ values: inout [SQLValue], in tx: any Transaction) throws -> String {
        try moment?.condition(day, id, &values, in: tx) ?? ""
    }

    /// Whether it was there.
    package func isKnown(in tx: any Transaction) throws -> Bool {
        var values: [SQLValue] = [.integer(entity.value), .integer(id.value)]
        let known = try known("booked_on", "id", &values, in: tx)
        return try tx.first(
            SQL(text: "SELECT 1 FROM receipt WHERE entity_id = $1 AND id = $2\(known)", values: values), { _ in true }) ?? false
    }

    /// Every allocation of its cash to an item, taken back or not, in the order of recording.
    package func settlements(after: ListPlace?, limit: Int, in tx: any Transaction) throws -> ListPage<Settlement> {
        // Each customer's credit follows the leg by which the cash came to it, whether that leg still stands or not.
        let legs = try tx.rows(
            """
            SELECT debit_item_id FROM allocation
             WHERE entity_id = \(entity) AND credit_item_id = \(id) AND rule = 'identification' AND amount_minor > 0 ORDER BY id
            """
        ) { $0.integer(0) + 1 }
        var values: [SQLValue] = [.integer(entity.value), .integers([id.value] + legs)]
        let known = try known("a.effective_on", "a.id", &values, in: tx), taken = try self.known("b.effective_on", "b.id", &values, in: tx)
        return try .read(
            """
            SELECT a.id, a.effective_on, d.id, d.kind, d.number, c.number, a.amount_minor, d.currency, a.rule, a.reverses_id,
                   (SELECT MIN(b.id) FROM allocation b
                     WHERE b.entity_id = a.entity_id AND b.credit_item_id = a.credit_item_id AND b.reverses_id = a.id\(taken))
              FROM allocation a
              JOIN open_item d ON d.entity_id = a.entity_id AND d.id = a.debit_item_id
              LEFT JOIN customer c ON c.entity_id = d.entity_id AND c.id = d.customer_id
             WHERE a.entity_id = $1 AND a.credit_item_id IN (SELECT value FROM §integers($2)) AND d.kind <> 'transfer'\(known)
            """, ListOrder("a.id", .integer, id: "a.id"), after: after, limit: limit, values: values, in: tx
        ) { row in
            let settled = Settlement(
                id: row.integer(0), on: row.day(1), item: row.integer(2), kind: row.text(3), document: row.text(4),
                customerNumber: row.optionalText(5), amount: row.money(6, row.currency(7)), rule: row.text(8),
                reverses: row.optionalInteger(9), isReversed: !row.isNull(10))
            return (settled, ListPlace("", settled.id))
        }
    }

    /// Every time that it was applied or taken back, the first first.
    package func applications(after: ListPlace?, limit: Int, in tx: any Transaction) throws -> ListPage<Application> {
        var values: [SQLValue] = [.integer(entity.value), .integer(id.value)]
        let known = try known("applied_on", "id", &values, in: tx)
        return try .read(
            """
            SELECT id, applied_on, rule, explanation, certificate, reverses_id FROM application
             WHERE entity_id = $1 AND receipt_id = $2\(known)
            """, ListOrder("id", .integer, id: "id"), after: after, limit: limit, values: values, in: tx
        ) { row in
            let told = ReceiptView.Application(
                on: row.day(1), rule: row.text(2), explanation: row.text(3), certificate: row.optionalText(4), isReversal: !row.isNull(5))
            return (Application(id: row.integer(0), told: told, reverses: row.optionalInteger(5)), ListPlace("", row.integer(0)))
        }
    }

    /// What customers were asked about it, the first first.
    package func inquiries(after: ListPlace?, limit: Int, in tx: any Transaction) throws -> ListPage<Inquiry> {
        var values: [SQLValue] = [.integer(entity.value), .integer(id.value)]
        let known = try known("q.asked_on", "q.id", &values, in: tx)
        return try .read(
            """
            SELECT q.id, c.number, q.asked_on, q.answer_by, q.question, q.role
              FROM receipt_inquiry q JOIN customer c ON c.entity_id = q.entity_id AND c.id = q.customer_id
             WHERE q.entity_id = $1 AND q.receipt_id = $2\(known)
            """, ListOrder("q.id", .integer, id: "q.id"), after: after, limit: limit, values: values, in: tx
        ) { row in
            let asked = Inquiry(
                id: row.integer(0), customerNumber: row.text(1), askedOn: row.day(2), answerBy: row.day(3), question: row.text(4),
                role: row.text(5))
            return (asked, ListPlace("", asked.id))
        }
    }
}
