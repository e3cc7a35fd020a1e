import Domain
import Store

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
            package fileprivate(set) var proposed: Money
        }
        package let customer: ID<Customer>
        package let number: String
        package let name: String
        package let why: String
        package fileprivate(set) var items: [Item]
        package var proposed: Money? { items.first.map { items.map(\.proposed).total(in: $0.open.currency) } }

        /// Where the cash is for one of several items, not for each: what can be carried out, the oldest item first.
        fileprivate func within(_ cash: Money) -> Candidate {
            guard let proposed, proposed.currency == cash.currency, proposed > cash else { return self }
            var candidate = self, rest = cash
            for at in items.indices {
                candidate.items[at].proposed = min(items[at].proposed, rest)
                rest = rest - candidate.items[at].proposed
            }
            return candidate
        }
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
    /// Whether the bank took the money back.
    package var isReturned: Bool { settlements.contains { $0.kind == OpenItem.Kind.return.rawValue } }

    /// As the list of receipts has it.
    ///
    /// - Parameter isNow: Whether the queue that is kept was asked: at an earlier moment what was not decided yet counts as unapplied.
    package func state(isNow: Bool) -> ReceiptList.State {
        guard queueReason == nil else { return .unapplied }
        if isReturned { return .returned }
        guard let last = applications.last else { return isNow ? .new : .unapplied }
        return last.isReversal ? .unapplied : ReceiptList.State(rawValue: last.rule) ?? .applied
    }
}

/// Reads one receipt; nil when there is none.
package struct ReadReceipt: Sendable {
    private let entity: ID<Entity>
    private let id: ID<Receipt>
    private let moment: ReportMoment?

    /// - Parameter moment: What was booked and decided of it through that day and recorded by then, without proposals; nil tells of now.
    package init(_ entity: ID<Entity>, _ id: ID<Receipt>, at moment: ReportMoment? = nil) {
        (self.entity, self.id, self.moment) = (entity, id, moment)
    }

    private struct Bounds { let through: Day, horizon: Int64 }

    package func run(in tx: any Transaction) throws -> ReceiptView? {
        let known = Bounds(through: moment?.asOf ?? .latest, horizon: try moment?.horizon(in: tx) ?? .max)
        // Each customer's credit follows the leg by which the cash came to it.
        let legs = try tx.rows(
            """
            SELECT debit_item_id FROM allocation a
             WHERE a.entity_id = \(entity) AND a.credit_item_id = \(id) AND a.rule = 'identification'
               AND a.effective_on <= \(known.through) AND a.id <= \(known.horizon)
               AND NOT EXISTS (SELECT 1 FROM allocation b
                                WHERE b.entity_id = a.entity_id AND b.credit_item_id = a.credit_item_id AND b.reverses_id = a.id
                                  AND b.effective_on <= \(known.through) AND b.id <= \(known.horizon))
             ORDER BY a.id
            """
        ) { $0.integer(0) }
        let credits = [id.value] + legs.map { $0 + 1 }
        var customer = try tx.first(
            """
            SELECT c.number, c.name FROM open_item i JOIN customer c ON c.entity_id = i.entity_id AND c.id = i.customer_id
             WHERE i.entity_id = \(entity) AND i.id IN \(ids: credits) ORDER BY i.id DESC LIMIT 1
            """
        ) { (number: $0.text(0), name: $0.text(1)) }
        if let moment, let now = customer { customer?.name = try formerNames(moment, of: [now.number], in: tx)[now.number] ?? now.name }
        let open = try open(of: credits, known, in: tx)
        let (candidates, applications, settlements) = (
            moment == nil ? try candidates(in: tx) : [], try applications(known, in: tx), try settlements(of: credits, known, in: tx)
        )
        let waiting = try waiting(in: tx)
        let inquiries = try tx.rows(
            """
            SELECT c.name, n.asked_on, n.answer_by, n.question FROM receipt_inquiry n
              JOIN customer c ON c.entity_id = n.entity_id AND c.id = n.customer_id
             WHERE n.entity_id = \(entity) AND n.receipt_id = \(id) AND n.asked_on <= \(known.through) AND n.id <= \(known.horizon)
             ORDER BY n.id
            """
        ) { ReceiptView.Inquiry(customer: $0.text(0), askedOn: $0.day(1), answerBy: $0.day(2), question: $0.text(3)) }
        let statement = try statement(in: tx)
        return try tx.first(
            """
            SELECT r.method, r.external_id, r.booked_on, r.currency, r.amount_minor, r.payer_name, r.payer_iban, r.end_to_end_id,
                   r.structured_reference, r.remittance,
                   (SELECT m.mandate_id FROM receipt_mandate m WHERE m.entity_id = r.entity_id AND m.receipt_id = r.id),
                   (SELECT e.reference FROM statement_entry e
                     WHERE e.entity_id = r.entity_id AND e.entry_key = r.external_id AND r.method = 'bank')
              FROM receipt r
             WHERE r.entity_id = \(entity) AND r.id = \(id) AND r.booked_on <= \(known.through) AND r.id <= \(known.horizon)
            """
        ) { row in
            let currency = row.currency(3)
            return ReceiptView(
                id: id, method: row.text(0), externalID: row.text(1), bookedOn: row.day(2), amount: row.money(4, currency),
                unapplied: Money(minor: -open, currency), customerNumber: customer?.number, customerName: customer?.name,
                payerName: row.optionalText(5),
                payerIBAN: row.optionalText(6), endToEndID: row.optionalText(7), mandateID: row.optionalText(10),
                structuredReference: row.optionalText(8), remittance: row.text(9),
                queueReason: waiting?.reason, askedUntil: waiting?.askedUntil, inquiries: inquiries,
                candidates: candidates.map { $0.within(Money(minor: -open, currency)) },
                applications: applications, settlements: settlements, statement: statement, bankReference: row.optionalText(11))
        }
    }

    /// What is left of these credits; the sum is kept for now.
    private func open(of credits: [Int64], _ known: Bounds, in tx: any Transaction) throws -> Int64 {
        let settled: SQL =
            """
            SELECT CAST(COALESCE(SUM(i.amount_minor + COALESCE((SELECT CAST(SUM(a.amount_minor) AS BIGINT) FROM allocation a
                     WHERE a.entity_id = i.entity_id AND a.credit_item_id = i.id AND a.effective_on <= \(known.through)
                       AND a.id <= \(known.horizon)), 0)), 0) AS BIGINT)
              FROM open_item i WHERE i.entity_id = \(entity) AND i.id IN \(ids: credits)
            """
        let kept: SQL =
            "SELECT CAST(COALESCE(SUM(open_minor), 0) AS BIGINT) FROM open_item WHERE entity_id = \(entity) AND id IN \(ids: credits)"
        return try tx.first(moment == nil ? kept : settled) { $0.integer(0) } ?? 0
    }

    private func waiting(in tx: any Transaction) throws -> (reason: String, askedUntil: Day?)? {
        var values: [SQLValue] = [.integer(entity.value), .integer(id.value)]
        let source = try waitingSource(moment, &values, in: tx)
        let text = "SELECT q.reason, q.asked_until FROM \(source) q WHERE q.receipt_id = $2"
        return try tx.first(SQL(text: text, values: values)) { ($0.text(0), $0.optionalDay(1)) }
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

    private func applications(_ known: Bounds, in tx: any Transaction) throws -> [ReceiptView.Application] {
        try tx.rows(
            """
            SELECT applied_on, rule, explanation, reverses_id, certificate FROM application
             WHERE entity_id = \(entity) AND receipt_id = \(id) AND applied_on <= \(known.through) AND id <= \(known.horizon) ORDER BY id
            """
        ) {
            .init(
                on: $0.day(0), rule: $0.text(1), explanation: $0.text(2), certificate: $0.optionalText(4),
                isReversal: $0.optionalInteger(3) != nil)
        }
    }

    private func settlements(of credits: [Int64], _ known: Bounds, in tx: any Transaction) throws -> [ReceiptView.Settlement] {
        var settlements = try tx.rows(
            """
            SELECT d.number, d.kind, a.amount_minor, d.currency, a.effective_on, a.rule
              FROM allocation a JOIN open_item d ON d.entity_id = a.entity_id AND d.id = a.debit_item_id
             WHERE a.entity_id = \(entity) AND a.credit_item_id IN \(ids: credits) AND d.kind <> 'transfer'
               AND a.effective_on <= \(known.through) AND a.id <= \(known.horizon)
             ORDER BY a.id
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
