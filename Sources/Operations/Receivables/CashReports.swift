import Domain
import Store

/// The receipts that wait, by money and age, with the reason and the best candidate.
package struct CashQueueReport: Sendable {
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func table(in tx: any Transaction) throws -> ReportTable {
        let rows = try tx.rows(
            """
            SELECT r.booked_on, r.currency, r.amount_minor, COALESCE(r.payer_name, ''), r.remittance, q.reason, COALESCE(c.number, ''),
              COALESCE(k.why, '')
              FROM cash_queue q
              JOIN receipt r ON r.entity_id = q.entity_id AND r.id = q.receipt_id
              LEFT JOIN cash_candidate k ON k.entity_id = q.entity_id AND k.receipt_id = q.receipt_id AND k.line = 1
              LEFT JOIN customer c ON c.entity_id = k.entity_id AND c.id = k.customer_id
             WHERE q.entity_id = \(entity) ORDER BY q.weight DESC, r.id
            """
        ) { row in
            [
                .day(row.day(0)), .text(row.text(1)), .money(row.money(2, row.currency(1))), .text(row.text(3)),
                .text(row.text(4)),
                .text(row.text(5)), .text(row.text(6)), .text(row.text(7)),
            ] as [ReportTable.Cell]
        }
        return ReportTable(
            "Receipts that wait for a person",
            [
                .day("booked"), .text("currency"), .money("amount"), .text("payer"), .text("remittance"), .text("reason"),
                .text("candidate"), .text("why"),
            ], rows)
    }

    package struct Reason: Equatable, Sendable {
        package let text: String
        package let count: Int
        package let total: Money
    }

    /// Counts and amounts by reason; figures inside a reason are left out so that like stands with like.
    package func reasons(in tx: any Transaction) throws -> [Reason] {
        var reasons: [String: (count: Int, total: Money)] = [:]
        try tx.forEach(
            """
            SELECT q.reason, r.currency, r.amount_minor FROM cash_queue q JOIN receipt r ON r.entity_id = q.entity_id
              AND r.id = q.receipt_id
             WHERE q.entity_id = \(entity)
            """
        ) { row in
            let amount = row.money(2, row.currency(1)), key = "\(reasonKind(row.text(0)))|\(amount.currency.code)"
            let known = reasons[key] ?? (0, .zero(amount.currency))
            reasons[key] = (known.count + 1, known.total + amount)
        }
        return reasons.map { Reason(text: String($0.key.split(separator: "|")[0]), count: $0.value.count, total: $0.value.total) }
            .sorted {
                ($1.total.tenThousandths, $0.text, $0.total.currency.code) < ($0.total.tenThousandths, $1.text, $1.total.currency.code)
            }
    }
}

/// What each bank receipt was applied to without a person: the judge's view of cash application.
package struct AppliedCash: Sendable {
    package struct Receipt: Sendable {
        /// The bank's own reference of the entry.
        package let bankReference: String
        package var customerNumber: String?
        package let appliedOn: Day
        /// Document number → minor units.
        package var settled: [String: Int64] = [:]
    }

    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    /// By the bank's reference.
    package func run(in tx: any Transaction) throws -> [String: Receipt] {
        var receipts: [String: Receipt] = [:]
        try tx.forEach(
            """
            SELECT e.reference, c.number, d.number, s.amount_minor, p.applied_on
              FROM statement_entry e
              JOIN receipt r ON r.entity_id = e.entity_id AND r.external_id = e.entry_key AND r.method = 'bank'
              JOIN application p ON p.entity_id = r.entity_id AND p.receipt_id = r.id
              JOIN allocation l ON l.entity_id = r.entity_id AND l.credit_item_id = r.id AND l.rule = 'identification'
              JOIN open_item k ON k.entity_id = l.entity_id AND k.id = l.debit_item_id + 1
              JOIN customer c ON c.entity_id = k.entity_id AND c.id = k.customer_id
              LEFT JOIN allocation s ON s.entity_id = k.entity_id AND s.credit_item_id = k.id AND s.amount_minor > 0 AND s.rule = p.rule
              LEFT JOIN open_item d ON d.entity_id = s.entity_id AND d.id = s.debit_item_id
             WHERE e.entity_id = \(entity) AND e.reference IS NOT NULL
            """
        ) { row in
            let reference = row.text(0)
            var receipt = receipts[reference] ?? Receipt(bankReference: reference, customerNumber: row.text(1), appliedOn: row.day(4))
            if let number = row.optionalText(2) { receipt.settled[number, default: 0] += row.integer(3) }
            receipts[reference] = receipt
        }
        return receipts
    }
}

/// What credit notes took off documents, and when: for the judge of cash application, who must not expect cash where nothing is owed.
package struct CreditedDocuments: Sendable {
    package struct Part: Equatable, Sendable {
        package let on: Day
        package let minor: Int64
        package init(on day: Day, minor: Int64) { (on, self.minor) = (day, minor) }
    }

    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    /// By document number.
    package func run(in tx: any Transaction) throws -> [String: [Part]] {
        var parts: [String: [Part]] = [:]
        try tx.forEach(
            """
            SELECT d.number, a.effective_on, a.amount_minor
              FROM open_item k
              JOIN allocation a ON a.entity_id = k.entity_id AND a.credit_item_id = k.id
              JOIN open_item d ON d.entity_id = a.entity_id AND d.id = a.debit_item_id
             WHERE k.entity_id = \(entity) AND k.kind = 'credit_note' ORDER BY a.id
            """
        ) { parts[$0.text(0), default: []].append(Part(on: $0.day(1), minor: $0.integer(2))) }
        return parts
    }
}
