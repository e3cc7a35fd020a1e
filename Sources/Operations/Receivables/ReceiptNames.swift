import Domain
import Store

/// What people call receipts and bank entries whose number is a digest of ours: payer and booking day, `Meyer GmbH, 4 Mar 2026`. The amount
/// stands beside it wherever they are named. Facts and the API keep the digest; it is named when people read it.
package struct ReceiptNames: Sendable {
    private var names: [String: String] = [:]

    /// - Parameter numbers: Numbers of items and memos of entries; what is no digest keeps its number.
    package init(_ entity: ID<Entity>, _ numbers: some Sequence<String>, in tx: any Transaction) throws {
        let digests = Set(numbers.filter(isEntryKey))
        guard !digests.isEmpty else { return }
        try tx.forEach(
            """
            SELECT external_id, COALESCE(payer_name, payer_iban, ''), booked_on FROM receipt
             WHERE entity_id = \(entity) AND external_id IN \(texts: digests) ORDER BY id
            """
        ) { names[$0.text(0)] = receiptName($0.text(0), payer: $0.text(1), on: $0.text(2)) }
        // A debit is no receipt: it goes by what the bank calls its entry.
        let others = Dictionary(grouping: digests.filter { names[$0] == nil }) { String($0.prefix { $0 != "/" }) }
        guard !others.isEmpty else { return }
        try tx.forEach(
            """
            SELECT entry_key, COALESCE(reference, ''), booked_on FROM statement_entry
             WHERE entity_id = \(entity) AND entry_key IN \(texts: others.keys)
            """
        ) { row in
            let reference = row.text(1), name = "bank entry" + (reference.isEmpty ? "" : " \(reference)")
            for number in others[row.text(0)] ?? [] { names[number] = receiptName(number, payer: name, on: row.text(2)) }
        }
    }

    /// The name of what bears that number; the number where it has no other.
    package subscript(_ number: String) -> String { names[number] ?? (isEntryKey(number) ? number.prefix(10) + "…" : number) }
}

/// The name of one receipt.
///
/// - Parameters:
///   - payer: Empty when the bank tells of nobody.
///   - day: ISO 8601.
func receiptName(_ number: String, payer: String, on day: String) -> String {
    isEntryKey(number) ? "\(payer.isEmpty ? "unknown payer" : payer), \(Day(day)?.words ?? day)" : number
}

/// Whether a number is a digest of ours: a channel's own is told by people.
func isEntryKey(_ number: String) -> Bool {
    number.utf8.count >= 30 && number.utf8.prefix(30).allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
}
