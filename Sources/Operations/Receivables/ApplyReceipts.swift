import Domain
import Store

/// Applies unapplied receipts to open items, in booking order: posted with its explanation, or queued for a person with the reason
/// and the candidates.
///
/// One run is one transaction of at most `receiptLimit` receipts; `report.through` is where the next run goes on.
package struct ApplyReceipts: Sendable {
    package static let receiptLimit = 1_000

    package struct Report: Equatable, Sendable {
        package var applied = 0
        package var queued = 0
        /// Settled items, and how many of them by rule.
        package var lines = 0
        package var rules: [String: Int] = [:]
        package var appliedMinor: [String: Int64] = [:]
        package var onAccountMinor: [String: Int64] = [:]
        package var queuedMinor: [String: Int64] = [:]
        package var through: Int64?
        package init() {}
    }

    private let entity: ID<Entity>
    private let on: Day
    private let after: Int64
    private let only: [Int64]?
    private let toleranceMinor: Int64
    private let policy: MatchPolicy

    /// - Parameters:
    ///   - after: `through` of the run before, 0 to begin.
    ///   - only: These receipts, as far as they wait; nil for every one that does.
    ///   - toleranceMinor: The largest shortfall taken as a bank charge.
    package init(
        _ entity: ID<Entity>, on day: Day, after: Int64 = 0, only: [ID<Receipt>]? = nil, toleranceMinor: Int64,
        policy: MatchPolicy = .standard
    ) {
        (self.entity, on, self.after, self.toleranceMinor, self.policy) = (entity, day, after, toleranceMinor, policy)
        self.only = only?.map(\.value)
    }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        var report = Report()
        var receipts = try only.map { try waiting(among: $0, in: tx) } ?? unapplied(in: tx)
        report.through = receipts.count == Self.receiptLimit ? receipts.last?.id : nil
        if after == 0, only == nil { receipts += try queuedOnAccount(in: tx) }
        let takenBack = try takenBack(receipts, in: tx)
        receipts.sort { ($0.intake.bookedOn, $0.id) < ($1.intake.bookedOn, $1.id) }
        var candidates = Candidates(entity, toleranceMinor: toleranceMinor, policy: policy)
        try candidates.load(for: receipts, in: tx)
        // Decide and write.
        var desk = CashDesk(entity, on: on)
        for receipt in receipts {
            try desk.settle(receipt, &candidates, &books, tx, &report, askBecause: takenBack[receipt.id])
        }
        try desk.write(&books, in: tx)
        if !receipts.isEmpty { try books.keep(CashRules(policy, toleranceMinor: toleranceMinor), on: on, in: tx) }
        try books.close(in: tx)
        return report
    }

    private func unapplied(in tx: any Transaction) throws -> [RecordedReceipt] {
        try tx.rows(
            SQL(
                text: RecordedReceipt.query + " AND i.account = '1290' AND i.open_minor <> 0 AND i.id > $2 ORDER BY i.id LIMIT $3",
                values: [.integer(entity.value), .integer(after), .integer(Int64(Self.receiptLimit))]), RecordedReceipt.init)
    }

    private func waiting(among receipts: [Int64], in tx: any Transaction) throws -> [RecordedReceipt] {
        try tx.rows(
            SQL(
                text: RecordedReceipt.query
                    + """
                     AND i.id IN (SELECT value FROM §integers($2)) AND i.open_minor <> 0 AND i.id > $3
                     AND (i.account = '1290' OR i.id IN (SELECT receipt_id FROM cash_queue WHERE entity_id = $1)) ORDER BY i.id LIMIT $4
                    """,
                values: [.integer(entity.value), .integers(receipts), .integer(after), .integer(Int64(Self.receiptLimit))]),
            RecordedReceipt.init)
    }

    /// Receipts of known customers that wait in the queue: their cash stands on receivables.
    private func queuedOnAccount(in tx: any Transaction) throws -> [RecordedReceipt] {
        try tx.rows(
            SQL(
                text: RecordedReceipt.query
                    + """
                     AND i.account = '1200' AND i.open_minor <> 0 AND i.id IN (SELECT receipt_id FROM cash_queue WHERE entity_id = $1)
                    ORDER BY i.id LIMIT $2
                    """, values: [.integer(entity.value), .integer(Int64(Self.receiptLimit))]), RecordedReceipt.init)
    }

    /// What a person took back waits for a person, with that person's reason.
    private func takenBack(_ receipts: [RecordedReceipt], in tx: any Transaction) throws -> [Int64: String] {
        var reasons: [Int64: String] = [:]
        try tx.forEach(
            """
            SELECT receipt_id, rule, explanation FROM application
             WHERE entity_id = \(entity) AND receipt_id IN \(ids: receipts.map(\.id)) ORDER BY receipt_id, id
            """
        ) { reasons[$0.integer(0)] = $0.text(1) == UnapplyReceipt.rule ? "taken back: \($0.text(2))" : nil }
        return reasons
    }
}

extension RecordedReceipt {
    /// `$1` is the entity; conditions on `r` (receipt) and `i` (its open item) may follow.
    static let query = """
        SELECT r.id, r.method, r.external_id, r.booked_on, r.currency, r.amount_minor, r.payer_name, r.payer_iban, r.end_to_end_id,
               r.structured_reference, r.remittance, i.open_minor, r.customer_id, i.effective_on, i.due_on,
               (SELECT MAX(a.effective_on) FROM allocation a
                 WHERE a.entity_id = i.entity_id AND a.credit_item_id = i.id AND a.amount_minor < 0),
               (SELECT m.mandate_id FROM receipt_mandate m WHERE m.entity_id = r.entity_id AND m.receipt_id = r.id)
          FROM open_item i JOIN receipt r ON r.entity_id = i.entity_id AND r.id = i.id
         WHERE i.entity_id = $1
        """

    init(_ row: Row) {
        let currency = row.currency(4)
        id = row.integer(0)
        intake = ReceiptIntake(
            method: row.text(1), externalID: row.text(2), bookedOn: row.day(3), amount: row.money(5, currency),
            customer: row.optionalID(12), payerName: row.optionalText(6), payerIBAN: row.optionalText(7), endToEndID: row.optionalText(8),
            mandateID: row.optionalText(16), structuredReference: row.optionalText(9), remittance: row.text(10))
        cash = OpenItem(
            id: id, number: intake.externalID, effectiveOn: max(row.day(13), row.optionalDay(15) ?? row.day(13)), dueOn: row.day(14),
            open: row.money(11, currency))
    }
}
