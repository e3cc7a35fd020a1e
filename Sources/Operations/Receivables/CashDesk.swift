import Domain
import Store

/// Books the decisions on a batch of receipts and keeps the queue of those that wait for a person.
struct CashDesk {
    private let entity: ID<Entity>
    private let on: Day
    private var settled: [Int64] = []
    private var sightings: [PayerSighting] = []
    private var queued: [SQLValue] = []
    private var questions: [(receipt: Int64, reason: String, weight: Int64)] = []
    private var asked: [Int64] = []
    private var candidates = RowBatch(candidateTable)

    private let areFresh: Bool

    /// - Parameter areFresh: The receipts were recorded in this transaction: none of them is queued yet.
    init(_ entity: ID<Entity>, on day: Day, areFresh: Bool = false) { (self.entity, on, self.areFresh) = (entity, day, areFresh) }

    mutating func settle(
        _ receipt: RecordedReceipt, _ candidates: inout Candidates, _ books: inout Books, _ tx: any Transaction,
        _ report: inout ApplyReceipts.Report,
        askBecause reason: String? = nil
    ) throws {
        let currency = receipt.cash.open.currency.code
        let matchCase = candidates.matchCase(for: receipt)
        switch reason.map({ Domain.ask(matchCase, $0) }) ?? decide(matchCase) {
        case .apply(let match):
            let certificate = MatchCertificate(match, matchCase, policy: candidates.policyVersion, paidOn: receipt.intake.bookedOn)
            try conclude(match, receipt, &candidates, &books, tx, certificate: certificate.text)
            if match.isUnnamed { for line in match.lines { candidates.update(settledUnnamed: line.itemID) } }
            if match.teachesPayer, !(match.rule == .advice && matchCase.namedCustomers.count > 1) {
                sight(receipt, match.customer, candidates)
            }
            report.applied += 1
            report.lines += match.lines.count
            report.rules[match.rule.rawValue, default: 0] += 1
            report.appliedMinor[currency, default: 0] -= receipt.cash.open.minor + match.rest.minor
            report.onAccountMinor[currency, default: 0] += match.rest.minor
        case .ask(let reason, let proposals):
            candidates.claim(matchCase)
            ask(receipt, reason, proposals)
            report.queued += 1
            report.queuedMinor[currency, default: 0] -= receipt.cash.open.minor
        }
    }

    /// Books a match and takes the receipt out of the queue.
    ///
    /// - Parameter certificate: nil for a person's answer.
    mutating func conclude(
        _ match: Match, _ receipt: RecordedReceipt, _ candidates: inout Candidates, _ books: inout Books, _ tx: any Transaction,
        certificate: String?
    ) throws {
        try apply(match, receipt, &candidates, &books, tx, certificate)
        settled.append(receipt.id)
    }

    /// Books a match: the cash moves to the account of each customer whose items it settles, and settles there, with the credits named and
    /// the differences, what the match names.
    private func apply(
        _ match: Match, _ receipt: RecordedReceipt, _ candidates: inout Candidates, _ books: inout Books, _ tx: any Transaction,
        _ certificate: String?
    ) throws {
        books.append(.application, receipt: receipt.id, rule: match.rule.rawValue, match.explanation, on: on, certificate: certificate)
        var cash = receipt.cash
        for share in shares(of: match, receipt, candidates) {
            var credits = [cash]
            if receipt.intake.customer != share.customer { credits = [try books.move(&cash, share.cash, of: receipt, to: share.customer)] }
            for adjustment in share.adjustments {
                credits.append(try books.adjust(adjustment, share.customer, receipt.intake.externalID, on: receipt.cash.effectiveOn, tx))
            }
            for line in share.lines where line.amount.minor < 0 { credits.append(item(line, candidates)) }
            for line in share.lines where line.amount.minor > 0 {
                var debit = item(line, candidates), rest = line.amount
                for at in credits.indices.reversed() where rest.minor > 0 && credits[at].open.minor < 0 {
                    let part = min(rest, -credits[at].open)
                    books.allocate(&debit, with: &credits[at], part, on: receipt.cash.effectiveOn, rule: match.rule.rawValue)
                    rest = rest - part
                }
                candidates.update(debit)
            }
            for credit in credits { candidates.update(credit) }
        }
    }

    private func item(_ line: Match.Line, _ candidates: Candidates) -> OpenItem {
        guard let item = candidates.index[item: line.itemID]?.item else { preconditionFailure("a match names loaded items only") }
        return item
    }

    private struct Share {
        let customer: ID<Customer>
        let lines: [Match.Line]
        let adjustments: [Match.Adjustment]
        let cash: Money
    }

    /// What of a match is each customer's: those to whom cash must be moved come before the one on whose account it stands. What is left
    /// over is the match's own customer's.
    private func shares(of match: Match, _ receipt: RecordedReceipt, _ candidates: Candidates) -> [Share] {
        let owners = match.lines.map { candidates.index[item: $0.itemID]?.customer ?? match.customer }
        guard owners.contains(where: { $0 != match.customer }) else {
            return [Share(customer: match.customer, lines: match.lines, adjustments: match.adjustments, cash: -receipt.cash.open)]
        }
        var left = -receipt.cash.open
        var shares = Set(owners).subtracting([match.customer]).sorted { $0.value < $1.value }.map { customer -> Share in
            let lines = zip(match.lines, owners).filter { $0.1 == customer }.map(\.0), items = Set(lines.map(\.itemID))
            let adjustments = match.adjustments.filter { items.contains($0.itemID) }
            let cash = lines.map(\.amount).total(in: left.currency) - adjustments.map(\.amount).total(in: left.currency)
            left = left - cash
            return Share(customer: customer, lines: lines, adjustments: adjustments, cash: cash)
        }
        if left.minor > 0 {
            let lines = zip(match.lines, owners).filter { $0.1 == match.customer }.map(\.0), items = Set(lines.map(\.itemID))
            shares.append(
                Share(
                    customer: match.customer, lines: lines, adjustments: match.adjustments.filter { items.contains($0.itemID) }, cash: left)
            )
        }
        let own = receipt.intake.customer
        return shares.filter { $0.customer != own } + shares.filter { $0.customer == own }
    }

    /// Notes who paid for whom, so that the payer is known next time.
    mutating func sight(_ receipt: RecordedReceipt, _ customer: ID<Customer>, _ candidates: Candidates) {
        sightings += PayerSighting.all(in: receipt, customer, candidates.index)
    }

    private mutating func ask(_ receipt: RecordedReceipt, _ reason: String, _ proposals: [MatchCandidate]) {
        asked.append(receipt.id)
        let amount = receipt.intake.amount.minor, weight = queueWeight(receipt.intake.amount, bookedOn: receipt.intake.bookedOn)
        questions.append((receipt.id, reason, weight))
        queued += [
            .integer(entity.value), .integer(receipt.id), .text(reason), .text(on.iso8601), .integer(amount), .integer(weight),
        ]
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

    func write(_ books: inout Books, in tx: any Transaction) throws {
        try noteQuestions(&books, in: tx)
        if !areFresh {
            try tx.run("DELETE FROM cash_queue WHERE entity_id = \(entity) AND receipt_id IN \(ids: settled)")
            try tx.run("DELETE FROM cash_candidate WHERE entity_id = \(entity) AND receipt_id IN \(ids: settled + asked)")
        }
        try tx.repeated(
            """
            INSERT INTO cash_queue (entity_id, receipt_id, reason, queued_on, amount_minor, weight) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (entity_id, receipt_id) DO UPDATE SET reason = excluded.reason, weight = excluded.weight
            """, 6, queued)
        try tx.insert(candidates)
        let learned = try learn(sightings, entity, in: tx)
        books.cover(.customerIdentity, learned)
        for row in learned.rows {
            guard case .text(let kind) = row[1], case .text(let value) = row[2], case .integer(let customer) = row[3],
                case .text(let source) = row[4]
            else { continue }
            books.append(.known, PayerIdentity.Key(kind: kind, value: value, customer: ID(customer)), source: source, on: on)
        }
    }

    /// What is asked as it was asked before, with the same weight, is no new question.
    private func noteQuestions(_ books: inout Books, in tx: any Transaction) throws {
        var standing: [Int64: (reason: String, weight: Int64)] = [:]
        if !areFresh, !asked.isEmpty {
            try tx.forEach(
                "SELECT receipt_id, reason, weight FROM cash_queue WHERE entity_id = \(entity) AND receipt_id IN \(ids: asked)"
            ) { standing[$0.integer(0)] = ($0.text(1), $0.integer(2)) }
        }
        for question in questions {
            if let before = standing[question.receipt], before.reason == question.reason, before.weight == question.weight { continue }
            books.append(question: question.reason, about: question.receipt, weight: question.weight, on: on)
        }
    }
}

extension Books {
    mutating func append(
        _ table: FactTable, receipt: Int64, rule: String, _ explanation: String, reverses: Int64? = nil, on day: Day,
        certificate: String? = nil
    ) {
        let id: ID<Receipt> = newID()
        append(table) { batch in
            batch.append(id.value)
            batch.append(receipt)
            batch.append(day.iso8601)
            batch.append(rule)
            batch.append(explanation)
            batch.append(reverses)
            batch.append(certificate)
        }
    }

    /// Moves cash from where it stands to a customer's account and returns the credit there; its id follows that of the leg it came by.
    fileprivate mutating func move(
        _ cash: inout OpenItem, _ amount: Money, of receipt: RecordedReceipt, to customer: ID<Customer>
    ) throws -> OpenItem {
        let id: ID<JournalEntry> = newID(), creditID: ID<JournalEntry> = newID()
        let day = openDay(receipt.cash.effectiveOn), number = receipt.intake.externalID, payer = receipt.intake.customer
        let account: Account = payer == nil ? .unappliedCash : .receivables
        try post(
            id, on: day, kind: "identification", memo: number,
            [Posting(account, payer, debit: amount), Posting(.receivables, customer, credit: amount)])
        var leg = add(
            NewOpenItem(
                id: id.value, kind: .transfer, account: account, customer: payer, number: number, effectiveOn: day, dueOn: day,
                amount: amount))
        allocate(&leg, with: &cash, amount, on: day, rule: "identification")
        return add(
            NewOpenItem(
                id: creditID.value, kind: .receipt, account: .receivables, customer: customer, number: number, effectiveOn: day, dueOn: day,
                amount: -amount))
    }

    /// Books a difference to its account and returns the credit that settles it. A cash discount lowers the tax that was invoiced with it.
    fileprivate mutating func adjust(
        _ adjustment: Match.Adjustment, _ customer: ID<Customer>, _ number: String, on day: Day, _ tx: any Transaction
    ) throws -> OpenItem {
        let id: ID<JournalEntry> = newID(), day = openDay(day), amount = adjustment.amount
        var tax = Money.zero(amount.currency)
        if adjustment.kind == .discount { tax = try taxShare(entity, of: adjustment.itemID, amount, in: tx) }
        let net = amount - tax
        var postings = [Posting(adjustment.kind.account, customer, debit: net), Posting(.receivables, customer, credit: amount)]
        if tax.minor != 0 { postings.insert(Posting(.outputVAT, customer, debit: tax), at: 1) }
        try post(id, on: day, kind: adjustment.kind.rawValue, memo: number, postings)
        return add(
            NewOpenItem(
                id: id.value, kind: .adjustment, account: .receivables, customer: customer, number: number, effectiveOn: day, dueOn: day,
                amount: -amount))
    }
}

extension Match.Adjustment.Kind {
    var account: Account {
        switch self {
        case .bankCharge: .bankFees
        case .discount: .discountsAllowed
        case .rounding: .roundingDifferences
        case .withholding: .withholdingTax
        case .deduction: .discountsAllowed
        case .shortPayment: .shortPayments
        }
    }
}

private let candidateTable = Table(
    "cash_candidate", "entity_id:i receipt_id:i line:i customer_id:i item_id:i amount_minor:i why:t")
