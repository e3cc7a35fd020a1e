import Domain
import Store

/// What a person who keeps the books calls a row: the document, the customer, the line, and the id beside them.
struct RowNames {
    let entity: ID<Entity>
    init(_ entity: ID<Entity>) { self.entity = entity }

    /// Columns by which a row is known, the first that holds a text.
    private static let own = [
        "number", "external_id", "reference", "statement_id", "entry_key", "document", "memo", "payment_reference", "email", "act",
        "subject",
    ]
    private static let parents = [
        "invoice_id", "order_id", "entry_id", "receipt_id", "notice_id", "item_id", "advice_id", "debit_item_id", "slice_id",
    ]

    func name(_ table: Table, _ row: [SQLValue], in tx: any Transaction) throws -> String {
        var values: [String: SQLValue] = [:]
        for (column, value) in zip(table.columns, row) { values[column.name] = value }
        var words: [String] = []
        for case .text(let text)? in Self.own.map({ values[$0] }).prefix(while: { _ in words.isEmpty }) where !text.isEmpty {
            words.append(text)
            break
        }
        for case .integer(let parent)? in Self.parents.map({ values[$0] }) {
            if let document = try document(parent, in: tx), !words.contains(document) { words.append(document) }
            break
        }
        if case .integer(let customer)? = values["customer_id"], let number = try customerNumber(customer, in: tx) {
            words.append("customer \(number)")
        }
        if case .integer(let line)? = values["line"] { words.append("line \(line)") }
        if case .integer(let entry)? = values["entry_id"] { words.append("entry \(entry)") }
        if case .integer(let id)? = values["id"] { words.append("id \(id)") }
        return words.joined(separator: ", ")
    }

    /// The number of what bears an id: a document, an order, a receipt, a statement or the words of an entry.
    private func document(_ id: Int64, in tx: any Transaction) throws -> String? {
        try tx.first(
            """
            SELECT number, 1 FROM invoice WHERE entity_id = \(entity) AND id = \(id)
            UNION ALL SELECT external_id, 2 FROM sales_order WHERE entity_id = \(entity) AND id = \(id)
            UNION ALL SELECT external_id, 3 FROM receipt WHERE entity_id = \(entity) AND id = \(id)
            UNION ALL SELECT statement_id, 4 FROM statement WHERE entity_id = \(entity) AND id = \(id)
            UNION ALL SELECT number, 5 FROM open_item WHERE entity_id = \(entity) AND id = \(id)
            UNION ALL SELECT memo, 6 FROM journal_entry WHERE entity_id = \(entity) AND id = \(id) ORDER BY 2 LIMIT 1
            """
        ) { $0.legible(0) }
    }

    func customerNumber(_ id: Int64, in tx: any Transaction) throws -> String? {
        try tx.first("SELECT number FROM customer WHERE entity_id = \(entity) AND id = \(id)") { $0.legible(0) }
    }
}
