import Domain
import Store

/// The journal in the order of its recording, one entry at a time.
package struct JournalReading: Sendable {
    package struct AccountLine: Sendable {
        package let code: String
        package let name: String
        package let kind: String
        package let currencies: [String]
        package let firstOn: String?
    }
    package struct Entry: Sendable {
        package struct Posting: Sendable {
            package let code: String
            package let name: String
            package let kind: String
            package let customer: String?
            package let amount: Money
        }
        package let id: Int64
        package let on: String
        package let kind: String
        package fileprivate(set) var memo: String
        package fileprivate(set) var postings: [Posting]
    }

    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func accounts(in tx: any Transaction) throws -> [AccountLine] {
        var used: [String: (currencies: [String], firstOn: String)] = [:]
        try tx.forEach(
            "SELECT account, currency, MIN(effective_on) FROM account_day WHERE entity_id = \(entity) GROUP BY account, currency"
        ) { row in
            let known = used[row.text(0)]
            used[row.text(0)] = ((known?.currencies ?? []) + [row.text(1)], min(known?.firstOn ?? row.text(2), row.text(2)))
        }
        return try tx.rows("SELECT code, name, kind FROM account WHERE entity_id = \(entity) ORDER BY code") { row in
            let known = used[row.text(0)]
            return AccountLine(
                code: row.text(0), name: row.text(1), kind: row.text(2), currencies: known?.currencies ?? [], firstOn: known?.firstOn)
        }
    }

    private static let batch = 2_000

    /// A memo that is a receipt's digest is told as the receipt's name.
    package func entries(in tx: any Transaction, _ each: (Entry) throws -> Void) throws {
        var after: Int64 = 0
        while true {
            let batch = try batch(after: after, in: tx)
            guard let last = batch.last else { return }
            for entry in batch where !entry.postings.isEmpty { try each(entry) }
            after = last.id
        }
    }

    private func batch(after: Int64, in tx: any Transaction) throws -> [Entry] {
        var batch = try tx.rows(
            """
            SELECT id, effective_on, kind, memo FROM journal_entry WHERE entity_id = \(entity) AND id > \(after)
              ORDER BY id LIMIT \(Self.batch)
            """
        ) { Entry(id: $0.integer(0), on: $0.text(1), kind: $0.text(2), memo: $0.text(3), postings: []) }
        guard let first = batch.first, let last = batch.last else { return [] }
        let names = try ReceiptNames(entity, batch.map(\.memo), in: tx)
        var postings: [Int64: [Entry.Posting]] = [:]
        try tx.forEach(
            """
            SELECT p.entry_id, p.account, a.name, a.kind, c.number, p.currency, p.amount_minor
              FROM posting p
              JOIN account a ON a.entity_id = p.entity_id AND a.code = p.account
              LEFT JOIN customer c ON c.entity_id = p.entity_id AND c.id = p.customer_id
             WHERE p.entity_id = \(entity) AND p.entry_id >= \(first.id) AND p.entry_id <= \(last.id) ORDER BY p.entry_id, p.line
            """
        ) { row in
            postings[row.integer(0), default: []].append(
                Entry.Posting(
                    code: row.text(1), name: row.text(2), kind: row.text(3), customer: row.optionalText(4),
                    amount: row.money(6, row.currency(5))))
        }
        for at in batch.indices {
            batch[at].memo = names[batch[at].memo]
            batch[at].postings = postings[batch[at].id] ?? []
        }
        return batch
    }
}

/// Names of accounts in plain-text accounting: a root that tells the kind, then name and code.
package protocol JournalAccount {
    var code: String { get }
    var name: String { get }
    var kind: String { get }
}

extension JournalReading.AccountLine: JournalAccount {}
extension JournalReading.Entry.Posting: JournalAccount {}

extension JournalAccount {
    /// `assets:1200 Receivables`.
    package var path: String { "\(root.lowercased()):\(code) \(name)" }
    /// `Assets:1200-Receivables`.
    package var beancountName: String { "\(root):\(code)-\(name.replacing(" ", with: "-"))" }
    package var hledgerType: String { String(root.prefix(1)) == "I" ? "R" : kind == "expense" ? "X" : String(root.prefix(1)) }

    private var root: String {
        switch kind {
        case "asset": "Assets"
        case "liability": "Liabilities"
        case "equity": "Equity"
        case "income": "Income"
        default: "Expenses"
        }
    }
}
