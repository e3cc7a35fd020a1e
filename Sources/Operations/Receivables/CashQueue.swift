import Domain
import Store

/// Receipts that wait, by money and age, a page at a time.
package struct CashQueue: Sendable {
    /// For a person, or for the answer of a customer who was asked.
    package enum Filter: String, CaseIterable, Sendable { case waiting, asked }
    package struct Line: Sendable {
        package let receipt: ID<Receipt>
        package let bookedOn: Day
        package let amount: Money
        package let payer: String
        package let remittance: String
        package let reason: String
        package let queuedOn: Day
        /// The day by which the customer was asked to answer.
        package let askedUntil: Day?
    }

    private let entity: ID<Entity>
    private let on: Day
    private let filter: Filter
    private let after: ListPlace?
    private let limit: Int
    package init(
        _ entity: ID<Entity>, on day: Day, _ filter: Filter = .waiting, after: ListPlace? = nil, limit: Int = ListLimit.page
    ) {
        (self.entity, on, self.filter, self.after, self.limit) = (entity, day, filter, after, limit)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Line> { try read(after, limit, in: tx) }

    /// Where a receipt stands; nil when it does not wait.
    package func place(of receipt: ID<Receipt>, in tx: any Transaction) throws -> ListPlace? {
        try tx.first("SELECT weight FROM cash_queue WHERE entity_id = \(entity) AND receipt_id = \(receipt)") {
            ListPlace(String($0.integer(0)), receipt.value)
        }
    }

    /// The receipt that follows that place, behind the last one the one before it; nil when none waits.
    package func neighbour(of place: ListPlace, in tx: any Transaction) throws -> ID<Receipt>? {
        try (read(place, 1, in: tx).rows.first ?? read(nil, 1, fromTheEnd: true, in: tx).rows.first)?.receipt
    }

    private func read(
        _ after: ListPlace?, _ limit: Int, fromTheEnd: Bool = false, in tx: any Transaction
    ) throws -> ListPage<Line> {
        try .read(
            """
            SELECT r.id, r.booked_on, r.currency, r.amount_minor, COALESCE(r.payer_name, ''), r.remittance, q.reason, q.queued_on,
                   q.asked_until, q.weight
              FROM cash_queue q JOIN receipt r ON r.entity_id = q.entity_id AND r.id = q.receipt_id
             WHERE q.entity_id = $1 AND COALESCE(q.asked_until, '0000-00-00') \(filter == .asked ? ">=" : "<") $2
            """, ListOrder("q.weight", .integer, id: "q.receipt_id", descending: !fromTheEnd), after: after, limit: limit,
            values: [.integer(entity.value), .text(on.iso8601)], in: tx
        ) { row in
            let amount = row.money(3, row.currency(2))
            let line = Line(
                receipt: row.id(0), bookedOn: row.day(1), amount: amount, payer: row.text(4), remittance: row.text(5), reason: row.text(6),
                queuedOn: row.day(7), askedUntil: row.optionalDay(8))
            return (line, ListPlace(String(row.integer(9)), row.integer(0)))
        }
    }

    package func count(in tx: any Transaction) throws -> Int {
        let asked =
            try tx.first("SELECT count(*) FROM cash_queue WHERE entity_id = \(entity) AND asked_until IS NOT NULL AND asked_until >= \(on)")
        {
            $0.integer(0)
        } ?? 0
        guard filter == .waiting else { return Int(asked) }
        return Int(try tx.first("SELECT count(*) FROM cash_queue WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0) - Int(asked)
    }
}

/// A receipt with everything that helps to say whose it is.
package struct ReceiptView: Sendable {
    package struct Candidate: Sendable {
        package struct Item: Sendable {
            package let id: Int64
            package let number: String
            package let on: Day
            package let dueOn: Day
            package let open: Money
            /// What the proposal settles of it; zero where it only stands beside.
            package let proposed: Money
        }
        package let customer: ID<Customer>
        package let number: String
        package let name: String
        package let why: String
        package let items: [Item]
        package var proposed: Money? { items.first.map { items.map(\.proposed).total(in: $0.open.currency) } }
    }
    package struct Application: Sendable {
        package let on: Day
        package let rule: String
        package let explanation: String
        /// What the rule rested on, line by line; nil for a person's answer.
        package let certificate: String?
        package let isReversal: Bool
    }
    package struct Inquiry: Sendable {
        package let customer: String
        package let askedOn: Day
        package let answerBy: Day
        package let question: String
    }
    package struct Settlement: Sendable {
        /// A receipt's, as where a bank took it back, is its name.
        package fileprivate(set) var document: String
        package let kind: String
        package let amount: Money
        package let on: Day
        package let rule: String
    }
    package let id: ID<Receipt>
    package let method: String
    package let externalID: String
    package let bookedOn: Day
    package let amount: Money
    /// Not applied yet, zero or above.
    package let unapplied: Money
    package let customerNumber: String?
    package let customerName: String?
    package let payerName: String?
    package let payerIBAN: String?
    package let endToEndID: String?
    package let mandateID: String?
    package let structuredReference: String?
    package let remittance: String
    /// Why it waits; nil when it does not.
    package let queueReason: String?
    /// The day by which a customer was asked to answer.
    package let askedUntil: Day?
    /// What customers were asked, the latest last.
    package let inquiries: [Inquiry]
    package let candidates: [Candidate]
    package let applications: [Application]
    package let settlements: [Settlement]
    /// The bank statement that told of it; nil when no bank did.
    package fileprivate(set) var statement: (id: Int64, number: String)? = nil
    /// The bank's own reference of the entry; nil where it gave none, and where no bank told of the receipt.
    package var bankReference: String?
    package static let candidateLimit = 6
}

/// Reads one receipt; nil when there is none.
package struct ReadReceipt: Sendable {
    private let entity: ID<Entity>
    private let id: ID<Receipt>
    package init(_ entity: ID<Entity>, _ id: ID<Receipt>) { (self.entity, self.id) = (entity, id) }

    package func run(in tx: any Transaction) throws -> ReceiptView? {
        // Each customer's credit follows the leg by which the cash came to it.
        let legs = try tx.rows(
            """
            SELECT debit_item_id FROM allocation a
             WHERE a.entity_id = \(entity) AND a.credit_item_id = \(id) AND a.rule = 'identification'
               AND NOT EXISTS (SELECT 1 FROM allocation b
                                WHERE b.entity_id = a.entity_id AND b.credit_item_id = a.credit_item_id AND b.reverses_id = a.id)
             ORDER BY a.id
            """
        ) { $0.integer(0) }
        let credits = [id.value] + legs.map { $0 + 1 }
        let customer = try tx.first(
            """
            SELECT c.number, c.name FROM open_item i JOIN customer c ON c.entity_id = i.entity_id AND c.id = i.customer_id
             WHERE i.entity_id = \(entity) AND i.id IN \(ids: credits) ORDER BY i.id DESC LIMIT 1
            """
        ) { (number: $0.text(0), name: $0.text(1)) }
        let open =
            try tx.first(
                "SELECT CAST(COALESCE(SUM(open_minor), 0) AS BIGINT) FROM open_item WHERE entity_id = \(entity) AND id IN \(ids: credits)"
            ) {
                $0.integer(0)
            } ?? 0
        let (candidates, applications, settlements) = (
            try candidates(in: tx), try applications(in: tx), try settlements(of: credits, in: tx)
        )
        let inquiries = try tx.rows(
            """
            SELECT c.name, n.asked_on, n.answer_by, n.question FROM receipt_inquiry n
              JOIN customer c ON c.entity_id = n.entity_id AND c.id = n.customer_id
             WHERE n.entity_id = \(entity) AND n.receipt_id = \(id) ORDER BY n.id
            """
        ) { ReceiptView.Inquiry(customer: $0.text(0), askedOn: $0.day(1), answerBy: $0.day(2), question: $0.text(3)) }
        let statement = try statement(in: tx)
        return try tx.first(
            """
            SELECT r.method, r.external_id, r.booked_on, r.currency, r.amount_minor, r.payer_name, r.payer_iban, r.end_to_end_id,
                   r.structured_reference, r.remittance, q.reason, q.asked_until,
                   (SELECT m.mandate_id FROM receipt_mandate m WHERE m.entity_id = r.entity_id AND m.receipt_id = r.id),
                   (SELECT e.reference FROM statement_entry e
                     WHERE e.entity_id = r.entity_id AND e.entry_key = r.external_id AND r.method = 'bank')
              FROM receipt r LEFT JOIN cash_queue q ON q.entity_id = r.entity_id AND q.receipt_id = r.id
             WHERE r.entity_id = \(entity) AND r.id = \(id)
            """
        ) { row in
            let currency = row.currency(3)
            return ReceiptView(
                id: id, method: row.text(0), externalID: row.text(1), bookedOn: row.day(2), amount: row.money(4, currency),
                unapplied: Money(minor: -open, currency), customerNumber: customer?.number, customerName: customer?.name,
                payerName: row.optionalText(5),
                payerIBAN: row.optionalText(6), endToEndID: row.optionalText(7), mandateID: row.optionalText(12),
                structuredReference: row.optionalText(8), remittance: row.text(9),
                queueReason: row.optionalText(10), askedUntil: row.optionalDay(11), inquiries: inquiries, candidates: candidates,
                applications: applications, settlements: settlements, statement: statement, bankReference: row.optionalText(13))
        }
    }

    private func statement(in tx: any Transaction) throws -> (id: Int64, number: String)? {
        try tx.first(
            """
            SELECT s.id, s.statement_id FROM receipt r
              JOIN statement_entry e ON e.entity_id = r.entity_id AND e.entry_key = r.external_id
              JOIN statement s ON s.entity_id = e.entity_id AND s.id = e.statement_id
             WHERE r.entity_id = \(entity) AND r.id = \(id) AND r.method = 'bank'
            """
        ) { (id: $0.integer(0), number: $0.text(1)) }
    }

    private func candidates(in tx: any Transaction) throws -> [ReceiptView.Candidate] {
        var lines: [(customer: ID<Customer>, number: String, name: String, item: Int64?, amount: Int64, why: String)] = []
        try tx.forEach(
            """
            SELECT k.customer_id, c.number, c.name, k.item_id, k.amount_minor, k.why
              FROM cash_candidate k JOIN customer c ON c.entity_id = k.entity_id AND c.id = k.customer_id
             WHERE k.entity_id = \(entity) AND k.receipt_id = \(id) ORDER BY k.line
            """
        ) { lines.append(($0.id(0), $0.text(1), $0.text(2), $0.optionalInteger(3), $0.integer(4), $0.text(5))) }
        var seen: [ID<Customer>] = []
        for line in lines where !seen.contains(line.customer) { seen.append(line.customer) }
        let customers = Array(seen.prefix(ReceiptView.candidateLimit))
        guard !customers.isEmpty else { return [] }
        var items: [ID<Customer>: [ReceiptView.Candidate.Item]] = [:]
        let proposed = Dictionary(lines.compactMap { line in line.item.map { ($0, line.amount) } }, uniquingKeysWith: { first, _ in first })
        try tx.forEach(
            """
            SELECT i.id, i.customer_id, i.number, i.effective_on, i.due_on, i.currency, i.open_minor FROM open_item i
             WHERE i.entity_id = \(entity) AND i.open_minor <> 0 AND i.open_minor > 0 AND i.customer_id IN \(ids: customers.map(\.value))
               AND i.currency = (SELECT currency FROM receipt WHERE entity_id = \(entity) AND id = \(id))
             ORDER BY i.customer_id, i.due_on, i.id LIMIT 500
            """
        ) { row in
            let open = row.money(6, row.currency(5))
            items[row.id(1), default: []].append(
                .init(
                    id: row.integer(0), number: row.text(2), on: row.day(3), dueOn: row.day(4), open: open,
                    proposed: Money(minor: proposed[row.integer(0)] ?? 0, open.currency)))
        }
        return customers.compactMap { customer in
            guard let line = lines.first(where: { $0.customer == customer }) else { return nil }
            // The proposed ones first, then what else is open, a handful.
            let own = items[customer] ?? [], first = own.filter { $0.proposed.minor != 0 }
            return .init(
                customer: customer, number: line.number, name: line.name, why: line.why,
                items: first + own.filter { $0.proposed.minor == 0 }.prefix(max(0, 6 - first.count)))
        }
    }

    private func applications(in tx: any Transaction) throws -> [ReceiptView.Application] {
        try tx.rows(
            "SELECT applied_on, rule, explanation, reverses_id, certificate FROM application WHERE entity_id = \(entity) AND receipt_id = \(id) ORDER BY id"
        ) {
            .init(
                on: $0.day(0), rule: $0.text(1), explanation: $0.text(2), certificate: $0.optionalText(4),
                isReversal: $0.optionalInteger(3) != nil)
        }
    }

    private func settlements(of credits: [Int64], in tx: any Transaction) throws -> [ReceiptView.Settlement] {
        var settlements = try tx.rows(
            """
            SELECT d.number, d.kind, a.amount_minor, d.currency, a.effective_on, a.rule
              FROM allocation a JOIN open_item d ON d.entity_id = a.entity_id AND d.id = a.debit_item_id
             WHERE a.entity_id = \(entity) AND a.credit_item_id IN \(ids: credits) AND d.kind <> 'transfer' ORDER BY a.id
            """
        ) {
            ReceiptView.Settlement(
                document: $0.text(0), kind: $0.text(1), amount: $0.money(2, $0.currency(3)), on: $0.day(4), rule: $0.text(5)
            )
        }
        let names = try ReceiptNames(entity, settlements.map(\.document), in: tx)
        for at in settlements.indices { settlements[at].document = names[settlements[at].document] }
        return settlements
    }
}
