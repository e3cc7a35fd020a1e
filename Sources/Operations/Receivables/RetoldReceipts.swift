import Domain
import Store

/// Receipts that a statement told as one, or without their payer, and that a later notification tells in full: what was booked is
/// taken back, and what is told now is booked in its place.
struct RetoldReceipts {
    static let rule = "retold"

    private let entity: ID<Entity>
    /// By the key of their entry; whether nobody was named as payer.
    private var replaceable: [String: Bool] = [:]

    /// - Parameter known: Entries that were booked before.
    init(_ entity: ID<Entity>, of known: [KeyedEntry], in tx: any Transaction) throws {
        self.entity = entity
        let telling = known.filter { Self.tells($0) }.map(\.key)
        guard !telling.isEmpty else { return }
        try tx.forEach(
            """
            SELECT r.external_id,
              CASE WHEN COALESCE(r.payer_name, r.payer_iban, r.end_to_end_id, r.structured_reference) IS NULL THEN 1 ELSE 0 END
              FROM receipt r JOIN open_item i ON i.entity_id = r.entity_id AND i.id = r.id
             WHERE r.entity_id = \(entity) AND r.external_id IN \(texts: telling) AND r.method = 'bank' AND r.customer_id IS NULL
               AND i.open_minor = -r.amount_minor
               AND NOT EXISTS (SELECT 1 FROM application a WHERE a.entity_id = r.entity_id AND a.receipt_id = r.id)
            """
        ) { replaceable[$0.text(0)] = $0.integer(1) == 1 }
    }

    /// - Returns: How many receipts replace the one that was booked; 0 when it stands, as it does once any of it was applied: what a
    ///   person took back stays that person's.
    mutating func take(_ keyed: KeyedEntry, on day: Day, _ books: inout Books, _ tx: any Transaction) throws -> Int {
        guard Self.tells(keyed), let isUntold = replaceable.removeValue(forKey: keyed.key) else { return 0 }
        let parts = keyed.receipts
        guard parts.count > 1 || isUntold else { return 0 }
        let found = try tx.first(
            SQL(
                text: RecordedReceipt.query + " AND r.external_id = $2 AND r.method = 'bank'",
                values: [.integer(entity.value), .text(keyed.key)]), RecordedReceipt.init)
        guard let receipt = found, receipt.intake.amount == keyed.entry.amount else { return 0 }
        let reason = parts.count == 1 ? "the bank told its payer later" : "the bank told its \(parts.count) payments later"
        try books.move(receipt, to: .bank, rule: Self.rule, reason, on: day, in: tx)
        for (at, var part) in parts.enumerated() {
            part.externalID = "\(keyed.key)/\(at + 1)"
            _ = try books.receive(part)
        }
        return parts.count
    }

    /// Whether an entry names payments or a payer.
    private static func tells(_ keyed: KeyedEntry) -> Bool {
        let entry = keyed.entry
        guard entry.status == .booked, entry.amount.minor > 0, !entry.isReversal, entry.transactions.allSatisfy({ $0.returnReason == nil }),
            keyed.divided.count == 1
        else { return false }
        guard entry.transactions.count == 1, let only = entry.transactions.first else { return keyed.receipts.count > 1 }
        return (only.counterpartyName ?? only.counterpartyNumber ?? only.endToEndID ?? only.structuredReference) != nil
    }
}
