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
        package let memo: String
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

    package func entries(in tx: any Transaction, _ each: (Entry) throws -> Void) throws {
        var current: Entry?
        try tx.forEach(
            """
            SELECT e.id, e.effective_on, e.kind, e.memo, p.account, a.name, a.kind, c.number, p.currency, p.amount_minor
              FROM journal_entry e
              JOIN posting p ON p.entity_id = e.entity_id AND p.entry_id = e.id
              JOIN account a ON a.entity_id = p.entity_id AND a.code = p.account
              LEFT JOIN customer c ON c.entity_id = p.entity_id AND c.id = p.customer_id
             WHERE e.entity_id = \(entity) ORDER BY e.id, p.line
            """
        ) { row in
            let posting = Entry.Posting(
                code: row.text(4), name: row.text(5), kind: row.text(6), customer: row.optionalText(7),
                amount: row.money(9, row.currency(8)))
            if current?.id == row.integer(0) {
                current?.postings.append(posting)
            } else {
                if let current { try each(current) }
                current = Entry(id: row.integer(0), on: row.text(1), kind: row.text(2), memo: row.text(3), postings: [posting])
            }
        }
        if let current { try each(current) }
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
