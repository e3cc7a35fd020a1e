import Domain
import Store

/// Books the decisions on a batch of receipts and keeps the queue of those that wait for a person.
struct CashDesk {
    private let entity: ID<Entity>
    private let on: Day
    private var settled: [Int64] = []
    private var learned: [PayerIdentity] = []
    private var queued: [SQLValue] = []
    private var asked: [Int64] = []
    private var candidates = RowBatch(candidateTable)

    private let areFresh: Bool

    /// - Parameter areFresh: The receipts were recorded in this transaction: none of them is queued yet.
    init(_ entity: ID<Entity>, on day: Day, areFresh: Bool = false) { (self.entity, on, self.areFresh) = (entity, day, areFresh) }

    mutating func settle(
        _ receipt: RecordedReceipt, _ candidates: inout Candidates, _ books: inout Books, _ tx: any Transaction, _ report: inout ApplyReceipts.Report
    ) throws {
        let currency = receipt.cash.open.currency.code
        switch decide(try candidates.matchCase(for: receipt, in: tx)) {
        case .apply(let match):
            try apply(match, receipt, &candidates, &books)
            settled.append(receipt.id)
            if match.rule == .referenceExact, let iban = receipt.intake.payerIBAN, candidates.paysInOwnName(receipt, match.customer) {
                learned.append(PayerIdentity(evidence: .iban, value: iban, customer: match.customer, source: "receipt \(receipt.id)"))
            }
            report.applied += 1
            report.lines += match.lines.count
            report.rules[match.rule.rawValue, default: 0] += 1
            report.appliedMinor[currency, default: 0] -= receipt.cash.open.minor + match.rest.minor
            report.onAccountMinor[currency, default: 0] += match.rest.minor
        case .ask(let reason, let proposals):
            ask(receipt, reason, proposals)
            report.queued += 1
            report.queuedMinor[currency, default: 0] -= receipt.cash.open.minor
        }
    }

    private func apply(_ match: Match, _ receipt: RecordedReceipt, _ candidates: inout Candidates, _ books: inout Books) throws {
        let application: ID<Receipt> = books.newID()
        books.append(.application) { batch in
            batch.append(application.value)
            batch.append(receipt.id)
            batch.append(on.iso8601)
            batch.append(match.rule.rawValue)
            batch.append(match.explanation)
            batch.appendNull()
        }
        var credits = [receipt.isIdentified ? receipt.cash : try identify(receipt, match, &books)]
        if match.charge.minor > 0 { credits.append(try charge(match, receipt, &books)) }
        for line in match.lines {
            guard var debit = candidates.items[line.itemID]?.item, let effective = candidates.items[line.itemID]?.effectiveOn else {
                preconditionFailure("a match names loaded items only")
            }
            var rest = line.amount
            for at in credits.indices where rest.minor > 0 && credits[at].open.minor < 0 {
                let part = min(rest, -credits[at].open)
                let day = books.openDay(max(receipt.intake.bookedOn, effective), else: on)
                books.allocate(&debit, with: &credits[at], part, on: day, rule: match.rule.rawValue)
                rest = rest - part
            }
            candidates.update(debit)
        }
    }

    /// Moves the cash from unapplied to its customer's account and returns the credit there.
    private func identify(_ receipt: RecordedReceipt, _ match: Match, _ books: inout Books) throws -> OpenItem {
        let id: ID<JournalEntry> = books.newID(), creditID: ID<JournalEntry> = books.newID(), amount = -receipt.cash.open
        let day = books.openDay(receipt.intake.bookedOn, else: on), number = receipt.intake.externalID
        try books.post(
            id, on: day, kind: "identification", memo: number,
            [Posting(.unappliedCash, nil, debit: amount), Posting(.receivables, match.customer, credit: amount)])
        books.add(
            NewOpenItem(
                id: id.value, kind: .transfer, account: .unappliedCash, customer: nil, number: number, effectiveOn: day, dueOn: day, amount: amount))
        books.add(
            NewOpenItem(
                id: creditID.value, kind: .receipt, account: .receivables, customer: match.customer, number: number, effectiveOn: day, dueOn: day,
                amount: -amount))
        var leg = OpenItem(id: id.value, number: number, dueOn: day, open: amount), cash = receipt.cash
        books.allocate(&leg, with: &cash, amount, on: day, rule: "identification")
        return OpenItem(id: creditID.value, number: number, dueOn: day, open: -amount)
    }

    private func charge(_ match: Match, _ receipt: RecordedReceipt, _ books: inout Books) throws -> OpenItem {
        let id: ID<JournalEntry> = books.newID(), day = books.openDay(receipt.intake.bookedOn, else: on), number = receipt.intake.externalID
        try books.post(
            id, on: day, kind: "bank_charge", memo: number,
            [Posting(.bankFees, match.customer, debit: match.charge), Posting(.receivables, match.customer, credit: match.charge)])
        books.add(
            NewOpenItem(
                id: id.value, kind: .adjustment, account: .receivables, customer: match.customer, number: number, effectiveOn: day, dueOn: day,
                amount: -match.charge))
        return OpenItem(id: id.value, number: number, dueOn: day, open: -match.charge)
    }

    private mutating func ask(_ receipt: RecordedReceipt, _ reason: String, _ proposals: [MatchCandidate]) {
        asked.append(receipt.id)
        queued += [.integer(entity.value), .integer(receipt.id), .text(reason), .text(on.iso8601)]
        for (at, proposal) in proposals.enumerated() {
            candidates.append(entity.value)
            candidates.append(receipt.id)
            candidates.append(Int64(at + 1))
            candidates.append(proposal.customer.value)
            candidates.append(proposal.itemID)
            candidates.append(proposal.amount.minor)
            candidates.append(proposal.why)
        }
    }

    func write(in tx: any Transaction) throws {
        if !areFresh {
            try tx.run("DELETE FROM cash_queue WHERE entity_id = \(entity) AND receipt_id IN \(ids: settled)")
            try tx.run("DELETE FROM cash_candidate WHERE entity_id = \(entity) AND receipt_id IN \(ids: settled + asked)")
        }
        try tx.repeated(
            """
            INSERT INTO cash_queue (entity_id, receipt_id, reason, queued_on) VALUES ($1, $2, $3, $4)
            ON CONFLICT (entity_id, receipt_id) DO UPDATE SET reason = excluded.reason
            """, 4, queued)
        try tx.insert(candidates)
        try learn(learned, entity, in: tx)
    }
}

private let candidateTable = Table(
    "cash_candidate", "entity_id:i receipt_id:i line:i customer_id:i item_id:i amount_minor:i why:t")
