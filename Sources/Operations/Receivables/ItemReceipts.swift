import Domain
import Store

/// The receipts behind open items. A receipt has the id of its own item, and its number on its credit on the customer's account, its return
/// and what was booked with it.
struct ItemReceipts {
    /// Its payer is nil where the bank tells of nobody; its name is what people call it.
    typealias Named = (id: ID<Receipt>, payer: String?, name: String)

    private var byID: [Int64: Named] = [:]
    /// nil where several receipts have the number.
    private var byNumber: [String: Named?] = [:]

    private static let kinds: Set = ["receipt", "transfer", "return", "adjustment"]

    init(_ entity: ID<Entity>, of items: some Sequence<(kind: String, number: String)>, in tx: any Transaction) throws {
        let numbers = Set(items.lazy.filter { Self.kinds.contains($0.kind) }.map(\.number))
        guard !numbers.isEmpty else { return }
        try tx.forEach(
            """
            SELECT external_id, id, payer_name, COALESCE(payer_iban, ''), booked_on FROM receipt
             WHERE entity_id = \(entity) AND external_id IN \(texts: numbers) ORDER BY id
            """
        ) { row in
            let number = row.text(0), payer = row.optionalText(2)
            let named: Named = (row.id(1), payer, receiptName(number, payer: payer ?? row.text(3), on: row.text(4)))
            byID[row.integer(1)] = named
            let isTaken = byNumber.keys.contains(number)
            byNumber.updateValue(isTaken ? nil : named, forKey: number)
        }
    }

    /// nil where two ways of payment use the number: only the receipt's own item tells which it is.
    subscript(item: Int64, kind: String, number: String) -> Named? {
        Self.kinds.contains(kind) ? byID[item] ?? byNumber[number] ?? nil : nil
    }
}
