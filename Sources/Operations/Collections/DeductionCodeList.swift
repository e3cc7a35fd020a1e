import Domain
import Store

/// What customers' deduction codes mean, by code and then customer, a page at a time.
package struct DeductionCodeList: Sendable {
    package struct Line: Equatable, Sendable {
        package let customerNumber: String
        package let customerCode: String
        package let code: ReasonCode
    }

    private let entity: ID<Entity>
    private let customer, customerCode: String?
    private let after: ListPlace?
    private let limit: Int
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - customer: Only codes of the customer with this number.
    ///   - customerCode: Only this code.
    ///   - moment: What they meant on that day by that knowledge; nil tells of now.
    package init(
        _ entity: ID<Entity>, customer: String? = nil, _ customerCode: String? = nil, after: ListPlace? = nil, limit: Int = ListLimit.page,
        at moment: ReportMoment? = nil
    ) {
        (self.entity, self.customer, self.customerCode) = (entity, customer, customerCode)
        (self.after, self.limit, self.moment) = (after, limit, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Line> {
        let values: [SQLValue] = [
            .integer(entity.value), .text(moment?.asOf.iso8601 ?? ""), .integer(try moment?.horizon(in: tx) ?? .max),
            customer.map { .text($0) } ?? .null, customerCode.map { .text($0) } ?? .null,
        ]
        let code = moment == nil ? "d.reason_code" : Self.meaning
        return try .read(
            """
            SELECT x.number, x.customer_code, x.code, x.customer_id
              FROM (SELECT c.number, d.customer_code, d.customer_id, \(code) AS code
                      FROM deduction_code d JOIN customer c ON c.entity_id = d.entity_id AND c.id = d.customer_id
                     WHERE d.entity_id = $1 AND c.id <= $3 AND (CAST($4 AS TEXT) IS NULL OR c.number = $4)
                       AND (CAST($5 AS TEXT) IS NULL OR d.customer_code = $5)) x
             WHERE x.code IS NOT NULL AND CAST($2 AS TEXT) IS NOT NULL
            """, ListOrder("x.customer_code", .text, id: "x.customer_id"), after: after, limit: limit, values: values, in: tx
        ) { row in
            let line = Line(customerNumber: row.text(0), customerCode: row.text(1), code: row.word(2))
            return (line, ListPlace(line.customerCode, row.integer(3)))
        }
    }

    /// What a code meant at the moment; one without an event was mapped before its history was kept.
    private static let meaning = """
        COALESCE((SELECT e.reason_code \(event) AND e.mapped_on <= $2 AND e.id <= $3 ORDER BY e.id DESC LIMIT 1),
                 CASE WHEN EXISTS (SELECT 1 \(event)) THEN (SELECT e.before_code \(event) ORDER BY e.id LIMIT 1)
                      ELSE d.reason_code END)
        """
    private static let event =
        "FROM deduction_code_event e WHERE e.entity_id = d.entity_id AND e.customer_id = d.customer_id AND e.customer_code = d.customer_code"
}
