import Domain
import Store

/// Remittance advices as payers sent them, the last taken in first, a page at a time; of one that a later reader read again, that reading.
package struct RemittanceList: Sendable {
    /// By whether the receipt is known that it explains.
    package enum Filter: String, CaseIterable, Sendable { case linked, unlinked, all }
    package struct Link: Sendable {
        package let receipt: ID<Receipt>
        /// `reference` or `payer`: what left no doubt.
        package let rule: String
    }
    package struct Line: Sendable {
        package let id: ID<RemittanceAdvice>
        package let format: String
        package let payerName: String?
        package let payerIdentifiers: [String]
        package let paymentReference: String?
        /// As the payer states it.
        package let paidOn: Day?
        package let currency: Currency
        package let total: Money?
        package let lineCount: Int64
        package let findings: [String]
        package fileprivate(set) var link: Link?
        /// A later reading of the same advice.
        package fileprivate(set) var replacedBy: ID<RemittanceAdvice>?
    }

    private let entity: ID<Entity>
    private let filter: Filter
    private let narrowed: ListFilter
    private let after: ListPlace?
    private let limit: Int
    private let id: ID<RemittanceAdvice>?
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - narrowed: By the day of payment and the sum that the advice states, and by the customer on whose account the money stands.
    ///   - id: Only this one, replaced or not.
    ///   - moment: What was taken in by the end of that day and by then, and linked; nil tells of now.
    package init(
        _ entity: ID<Entity>, _ filter: Filter = .all, where narrowed: ListFilter = .none, after: ListPlace? = nil,
        limit: Int = ListLimit.page, id: ID<RemittanceAdvice>? = nil, at moment: ReportMoment? = nil
    ) {
        (self.entity, self.filter, self.narrowed, self.after, self.limit) = (entity, filter, narrowed, after, limit)
        (self.id, self.moment) = (id, moment)
    }

    /// `n` is a reading of the advice `a`.
    private static let readings =
        "n.entity_id = a.entity_id AND n.file_digest = a.file_digest AND n.position = a.position AND n.reader = a.reader"

    package func page(in tx: any Transaction) throws -> ListPage<Line> {
        let horizon = try moment?.recordedHorizon(in: tx) ?? .max
        var values: [SQLValue] = [.integer(entity.value), .integer(horizon)]
        let condition = try shown(&values, in: tx)
        var page = try ListPage<Line>.read(
            """
            SELECT a.id, a.format, a.payer_name, a.payer_identifiers, a.payment_reference, a.paid_on, a.currency, a.total_minor, a.findings,
                   (SELECT count(*) FROM remittance_line t WHERE t.entity_id = a.entity_id AND t.advice_id = a.id)
              FROM remittance_advice a WHERE a.entity_id = $1 AND a.id <= $2\(condition)
            """, ListOrder("a.id", .integer, id: "a.id", descending: true), after: after, limit: limit, values: values, in: tx
        ) { row in
            let currency = row.currency(6)
            let line = Line(
                id: row.id(0), format: row.text(1), payerName: row.optionalText(2), payerIdentifiers: parts(row.text(3)),
                paymentReference: row.optionalText(4), paidOn: row.optionalDay(5), currency: currency,
                total: row.isNull(7) ? nil : row.money(7, currency), lineCount: row.integer(9), findings: parts(row.text(8)))
            return (line, ListPlace("", row.integer(0)))
        }
        try tell(&page.rows, horizon, in: tx)
        return page
    }

    private func shown(_ values: inout [SQLValue], in tx: any Transaction) throws -> String {
        if let id {
            values.append(.integer(id.value))
            return " AND a.id = $\(values.count)"
        }
        let linked = """
            SELECT 1 FROM remittance_advice n JOIN remittance_link l ON l.entity_id = n.entity_id AND l.advice_id = n.id AND l.id <= $2
             WHERE \(Self.readings)
            """
        var condition = """
             AND NOT EXISTS (SELECT 1 FROM remittance_advice n
                              WHERE \(Self.readings) AND n.reader_version > a.reader_version AND n.id <= $2)
            """
        switch filter {
        case .linked: condition += " AND EXISTS (\(linked))"
        case .unlinked: condition += " AND NOT EXISTS (\(linked))"
        case .all: break
        }
        if let own = try narrowed.receipts(of: entity, &values, at: moment, in: tx) {
            condition += " AND EXISTS (\(linked) AND l.receipt_id IN (\(own)))"
        }
        return condition + narrowed.condition(day: "a.paid_on", amount: "a.total_minor", currency: "a.currency", &values)
    }

    /// The link of each, or else that of another reading of it, and by what reading it is replaced.
    private func tell(_ lines: inout [Line], _ horizon: Int64, in tx: any Transaction) throws {
        guard !lines.isEmpty else { return }
        let values: [SQLValue] = [.integer(entity.value), .integer(horizon), .integers(lines.map(\.id.value))]
        let text = """
            SELECT a.id, n.id, l.receipt_id, l.rule, CASE WHEN n.reader_version > a.reader_version THEN 1 ELSE 0 END
              FROM remittance_advice a JOIN remittance_advice n ON \(Self.readings) AND n.id <= $2
              LEFT JOIN remittance_link l ON l.entity_id = n.entity_id AND l.advice_id = n.id AND l.id <= $2
             WHERE a.entity_id = $1 AND a.id IN (SELECT value FROM §integers($3)) ORDER BY a.id, n.reader_version
            """
        var links: [ID<RemittanceAdvice>: Link] = [:], later: [ID<RemittanceAdvice>: ID<RemittanceAdvice>] = [:]
        try tx.forEach(SQL(text: text, values: values)) { row in
            let id: ID<RemittanceAdvice> = row.id(0), reading: ID<RemittanceAdvice> = row.id(1)
            if row.integer(4) == 1 { later[id] = reading }
            guard let receipt: ID<Receipt> = row.optionalID(2), links[id] == nil || reading == id else { return }
            links[id] = Link(receipt: receipt, rule: row.text(3))
        }
        for at in lines.indices { (lines[at].link, lines[at].replacedBy) = (links[lines[at].id], later[lines[at].id]) }
    }
}

/// What an advice says of one document.
package struct RemittanceLine: Sendable {
    /// 1-based.
    package let line: Int64
    package let document: String
    package let kind: RemittanceAdvice.DocumentKind
    package let issuedOn: Day?
    /// Other numbers of the same document.
    package let alsoKnownAs: [String]
    package let gross, discount: Money?
    /// What the payer keeps, with its codes or words for it.
    package let deduction: Money?
    package let deductionReasons: [String]
    /// Below zero where a credit is taken.
    package let paid: Money?

    /// The lines of an advice in its order.
    package static func read(_ entity: ID<Entity>, of advice: ID<RemittanceAdvice>, in tx: any Transaction) throws -> [RemittanceLine] {
        try tx.rows(
            """
            SELECT line, document, kind, issued_on, also_known_as, currency, gross_minor, discount_minor, deduction_minor,
                   deduction_reasons, paid_minor
              FROM remittance_line WHERE entity_id = \(entity) AND advice_id = \(advice) ORDER BY line
            """
        ) { row in
            let currency = row.currency(5)
            func money(_ column: Int) -> Money? { row.isNull(column) ? nil : row.money(column, currency) }
            return RemittanceLine(
                line: row.integer(0), document: row.text(1), kind: row.word(2), issuedOn: row.optionalDay(3),
                alsoKnownAs: parts(row.text(4)), gross: money(6), discount: money(7), deduction: money(8),
                deductionReasons: parts(row.text(9)), paid: money(10))
        }
    }
}

/// What is kept line by line.
private func parts(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
