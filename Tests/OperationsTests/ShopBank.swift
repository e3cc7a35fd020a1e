import Domain
import Operations
import Store
import TestSupport
import Testing

extension BankEntry {
    /// Money in.
    static func credit(
        _ minor: Int64, _ text: String = "", from name: String? = nil, iban: String? = nil, e2e: String? = nil, mandate: String? = nil,
        rf: String? = nil, on day: Day, reference: String? = nil, status: Status = .booked, in currency: Currency = .gbp
    ) -> BankEntry {
        let amount = Money(minor: minor, currency)
        let transaction = Transaction(
            amount: amount, endToEndID: e2e, mandateID: mandate, counterpartyName: name, counterpartyIBAN: iban, structuredReference: rf,
            remittance: text)
        return BankEntry(
            amount: amount, status: status, bookedOn: day, valueOn: day, reference: reference, transactions: [transaction])
    }

    /// Money that the bank takes back.
    static func returned(_ minor: Int64, e2e: String?, reason: String = "AM04", on day: Day, reference: String? = nil) -> BankEntry {
        let amount = Money(minor: -minor, .gbp)
        let transaction = Transaction(amount: amount, endToEndID: e2e, returnReason: reason)
        return BankEntry(
            amount: amount, bookedOn: day, valueOn: day, isReversal: true, reference: reference, transactions: [transaction])
    }

    /// One entry of several transactions.
    static func batch(_ transactions: [Transaction], total: Int64, on day: Day) -> BankEntry {
        BankEntry(amount: Money(minor: total, .gbp), bookedOn: day, valueOn: day, transactions: transactions)
    }
}

extension Shop {
    static let meyerIBAN = "DE02120300000000202051"

    /// Meyer, known by its account, owes what is listed since 5 January: INV-2026-000001 and so on.
    static func owed(_ engine: Engine, _ invoices: [Int64], currency: Currency = .gbp) async throws -> Shop {
        let shop = try await open(engine, currency: currency)
        try await shop.customer("C1", "Meyer Werkzeuge GmbH", ibans: [meyerIBAN])
        for gross in invoices { _ = try await shop.invoice("C1", gross, on: "2026-01-05") }
        return shop
    }

    static let account = "GB33BUKB20201555555555"

    /// Imports a statement as the command does: its entries keyed in their order, known through its last day.
    @discardableResult
    func statement(
        _ id: String, _ entries: [BankEntry], created: Day? = nil, account: String = Shop.account, findings: [Finding] = [],
        chunk: Int = 1_000
    ) async throws -> ImportStatement.Report {
        let through = max(created ?? Day(number: 0), entries.map(\.bookedOn).max() ?? Day(number: 0))
        let header = StatementHeader(format: "camt.053.001.08", id: id, account: account, currency: currency, createdOn: created ?? through)
        let summary = ImportStatement.Summary(
            header: header, fileDigest: "\(id) \(through.iso8601) \(entries.count)", currency: currency, opening: nil, closing: nil,
            findings: findings, throughOn: through)
        var keys = EntryKeys(account: account)
        let keyed = entries.map { keys.key($0) }
        var total = ImportStatement.Report()
        for start in stride(from: 0, to: max(1, keyed.count), by: chunk) {
            let operation = ImportStatement(entity, summary, Array(keyed[start..<min(start + chunk, keyed.count)]))
            total.add(try await run { try operation.run(in: $0, at: $1) })
        }
        return total
    }

    /// Imports the statements of one file, in their order, as the command does.
    @discardableResult
    func importFile(_ statements: [(summary: ImportStatement.Summary, entries: [BankEntry])]) async throws -> ImportStatement.Report {
        var total = ImportStatement.Report(), keys = EntryKeys(account: ""), followed: [ImportStatement.Summary] = []
        var last: ImportStatement.Summary?
        for (summary, entries) in statements {
            if let last, summary.follows(last) {
                keys.follow(from: summary.fromOn)
                followed.append(last)
            } else {
                (keys, followed) = (EntryKeys(account: summary.header.account), [])
            }
            last = summary
            let digests = Set(entries.map { keys.digest($0) })
            let others = try await database.read { [entity, followed] tx in
                try StatementChain(entity, of: summary, after: followed, in: tx).others(digests, in: tx)
            }
            let operation = ImportStatement(entity, summary, entries.map { keys.key($0, others: others) })
            total.add(try await run { try operation.run(in: $0, at: $1) })
        }
        return total
    }

    /// A statement of its own for one credit, and cash application on the same day.
    @discardableResult
    func pays(
        _ minor: Int64, _ text: String = "", from name: String? = nil, iban: String? = nil, e2e: String? = nil, mandate: String? = nil,
        rf: String? = nil, on day: Day, tolerance: Int64 = 0
    ) async throws -> ApplyReceipts.Report {
        let entry = BankEntry.credit(
            minor, text, from: name, iban: iban, e2e: e2e, mandate: mandate, rf: rf, on: day, reference: "B\(tick().microseconds)")
        try await statement("S\(tick().microseconds)", [entry])
        return try await applyCash(on: day, tolerance: tolerance)
    }

    /// A receipt from a channel that knows its customer.
    @discardableResult
    func receive(
        _ id: String, _ minor: Int64, _ text: String = "", from customer: String, e2e: String? = nil, on day: Day, tolerance: Int64 = 0,
        currency: Currency? = nil
    ) async throws -> RecordReceipts.Report {
        let receipt = ReceiptIntake(
            method: "till", externalID: id, bookedOn: day, amount: Money(minor: minor, currency ?? self.currency),
            customer: try await self.id(of: customer), endToEndID: e2e, remittance: text)
        return try await run { [entity] tx, now in
            try RecordReceipts(entity, [receipt], on: day, toleranceMinor: tolerance).run(in: tx, at: now)
        }
    }

    func unapply(_ receipt: String, method: String = "bank", reason: String = "applied to the wrong invoice", on day: Day) async throws {
        try await run { [entity] tx, now in
            try UnapplyReceipt(entity, method: method, externalID: receipt, reason: reason, on: day).run(in: tx, at: now)
        }
    }

    /// A person's answer: whose receipt it is, and what it settles.
    func byHand(
        _ receipt: String, method: String = "bank", of customer: String, _ lines: [(String, Int64)], reason: String = "asked by phone",
        on day: Day
    ) async throws {
        let lines = lines.map { ApplyByHand.Line($0.0, Money(minor: $0.1, currency)) }
        try await run { [entity] tx, now in
            try ApplyByHand(entity, method: method, externalID: receipt, customer: customer, lines, reason: reason, on: day).run(
                in: tx, at: now)
        }
    }

    /// External ids of receipts in the order of their recording.
    func receipts() async throws -> [String] {
        try await texts("SELECT external_id FROM receipt WHERE entity_id = \(entity) ORDER BY id")
    }

    /// The rules of all applications, in the order of their recording.
    func rules() async throws -> [String] { try await texts("SELECT rule FROM application WHERE entity_id = \(entity) ORDER BY id") }

    /// Why receipts wait, in the order of their recording.
    func queue() async throws -> [String] {
        try await texts("SELECT reason FROM cash_queue WHERE entity_id = \(entity) ORDER BY receipt_id")
    }

    /// `customer document amount: why` of each candidate.
    func candidates() async throws -> [String] {
        try await texts(
            """
            SELECT c.number || ' ' || COALESCE(i.number, '-') || ' ' || CAST(k.amount_minor AS TEXT) || ': ' || k.why FROM cash_candidate k
              JOIN customer c ON c.entity_id = k.entity_id AND c.id = k.customer_id
              LEFT JOIN open_item i ON i.entity_id = k.entity_id AND i.id = k.item_id
             WHERE k.entity_id = \(entity) ORDER BY k.receipt_id, k.line
            """)
    }

    /// Cash whose payer is not known, as a positive amount.
    func unapplied() async throws -> Int64 { -(try await balance(.unappliedCash)) }
}
