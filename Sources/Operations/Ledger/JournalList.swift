import Domain
import Store

/// Journal entries, the latest recorded first, a page at a time.
package struct JournalList: Sendable {
    package struct Posting: Sendable {
        package let account: String
        package let accountName: String
        package let customerNumber: String?
        package let amount: Money
    }
    package struct Entry: Sendable {
        package let id: Int64
        package let on: Day
        package let kind: String
        package let memo: String
        package let reverses: Int64?
        /// The memo as people read it.
        package fileprivate(set) var name = ""
        /// Whose it is; nil for what is no receipt's.
        package fileprivate(set) var receipt: ID<Receipt>?
        package fileprivate(set) var postings: [Posting] = []
    }

    private let entity: ID<Entity>
    private let after: ListPlace?
    private let limit: Int
    private let moment: ReportMoment?
    private let account: String?
    private let id: Int64?
    private let narrowed: ListFilter

    /// - Parameters:
    ///   - narrowed: By their day; of a customer entries that touch its account; amounts and currency are those of a posting, a credit's
    ///     below zero.
    ///   - account: Only entries that touch it, whole; what is asked of a posting is asked of one on it.
    ///   - id: Only this one.
    ///   - moment: Only what is of that day or before and was recorded by then; everything when nil.
    package init(
        _ entity: ID<Entity>, where narrowed: ListFilter = .none, after: ListPlace? = nil, limit: Int = ListLimit.page,
        account: String? = nil, id: Int64? = nil, at moment: ReportMoment? = nil
    ) {
        (self.narrowed, self.id) = (narrowed, id)
        (self.entity, self.after, self.limit, self.account, self.moment) = (entity, after, limit, account, moment)
    }

    /// The kept days of the account, or of the currency, leave out most entries before their postings are looked at.
    private func days(_ values: inout [SQLValue]) -> String? {
        guard account != nil || narrowed.currency != nil else { return nil }
        let account = account.map { account in
            values.append(.text(account))
            return " AND k.account = $\(values.count)"
        }
        return "SELECT k.effective_on FROM account_day k WHERE k.entity_id = $1\(account ?? "")"
            + narrowed.condition(currency: "k.currency", &values)
    }

    private func days(in tx: any Transaction) throws -> Set<Day>? {
        var values: [SQLValue] = [.integer(entity.value)]
        return try days(&values).map { days in Set(try tx.rows(SQL(text: days, values: values)) { $0.day(0) }) }
    }

    private func condition(_ values: inout [SQLValue], among figures: ListFigures?, in tx: any Transaction) throws -> String {
        var condition = try then(&values, in: tx)
        condition += narrowed.condition(day: "effective_on", &values)
        if let days = days(&values) { condition += " AND effective_on IN (\(days))" }
        if let id {
            values.append(.integer(id))
            condition += " AND id = $\(values.count)"
        }
        let posting = try posting(&condition, &values, in: tx)
        let places = try figures?.places(
            narrowed, days: days(in: tx), through: moment?.bound(in: tx), order, after: after, limit: limit,
            isAlone: posting.isEmpty && id == nil, &values)
        condition += places?.condition(on: "id") ?? ""
        guard !posting.isEmpty else { return condition }
        // PostgreSQL may walk through the postings beside the entries, and begins where it is told.
        return condition + """
             AND EXISTS (SELECT 1 FROM posting p WHERE p.entity_id = $1 AND p.entry_id = journal_entry.id\
            \(posting)\(places?.condition(on: "p.entry_id") ?? ""))
            """
    }

    /// SQLite begins its walk at one bound of an id, the first: without an earlier knowledge that is where the figures say.
    private func then(_ values: inout [SQLValue], in tx: any Transaction) throws -> String {
        guard let moment else { return "" }
        guard moment.knownAt == nil else { return try moment.condition("effective_on", "id", &values, in: tx) }
        values.append(.text(moment.asOf.iso8601))
        return " AND effective_on <= $\(values.count)"
    }

    /// What is asked of a posting `p`; empty where any will do.
    private func posting(_ condition: inout String, _ values: inout [SQLValue], in tx: any Transaction) throws -> String {
        var posting = ""
        if let account {
            values.append(.text(account))
            posting = " AND p.account = $\(values.count)"
        }
        if let customer = narrowed.customerID(&values), let items = try narrowed.items(of: entity, &values, in: tx) {
            posting += " AND p.customer_id = \(customer)"
            // An entry on a customer's account shares its id with the item it made, or is the one before it.
            condition += " AND id IN (SELECT k.id \(items) UNION ALL SELECT k.id - 1 \(items))"
        }
        return posting + narrowed.condition(amount: "p.amount_minor", &values) + narrowed.condition(currency: "p.currency", &values)
    }

    private var order: ListOrder { ListOrder("id", .integer, id: "id", descending: true) }

    /// - Parameter figures: Of all entries in this snapshot; without them, what the list is narrowed by is looked for in every row.
    package func page(in tx: any Transaction, among figures: ListFigures? = nil) throws -> ListPage<Entry> {
        var values: [SQLValue] = [.integer(entity.value)]
        let known = try condition(&values, among: figures, in: tx)
        var page = try ListPage<Entry>.read(
            "SELECT id, effective_on, kind, memo, reverses_id FROM journal_entry WHERE entity_id = $1" + known, order,
            after: after, limit: limit, values: values, in: tx
        ) { row in
            let entry = Entry(id: row.integer(0), on: row.day(1), kind: row.text(2), memo: row.text(3), reverses: row.optionalInteger(4))
            return (entry, ListPlace(entry.on.iso8601, entry.id))
        }
        var postings: [Int64: [Posting]] = [:]
        try tx.forEach(
            """
            SELECT p.entry_id, p.account, a.name, c.number, p.amount_minor, p.currency
              FROM posting p
              JOIN account a ON a.entity_id = p.entity_id AND a.code = p.account
              LEFT JOIN customer c ON c.entity_id = p.entity_id AND c.id = p.customer_id
             WHERE p.entity_id = \(entity) AND p.entry_id IN \(ids: page.rows.map(\.id)) ORDER BY p.entry_id, p.line
            """
        ) { row in
            postings[row.integer(0), default: []].append(
                Posting(
                    account: row.text(1), accountName: row.text(2), customerNumber: row.optionalText(3),
                    amount: row.money(4, row.currency(5))))
        }
        let names = try ReceiptNames(entity, page.rows.map(\.memo), in: tx)
        let receipts = try ItemReceipts(entity, of: page.rows.map { ($0.kind, $0.memo) }, in: tx)
        for at in page.rows.indices {
            page.rows[at].receipt = receipts[page.rows[at].id, page.rows[at].kind, page.rows[at].memo]?.id
            page.rows[at].postings = postings[page.rows[at].id] ?? []
            page.rows[at].name = names[page.rows[at].memo]
        }
        return page
    }
}

/// What stands proven of the books without recounting them.
package struct ProofView: Sendable {
    package struct Line: Sendable {
        package let debits: Money
        package let credits: Money
        package let control: Money
        package let openItems: Money
    }
    package let lines: [Line]
    package let sealCount: Int
    package let sealedAt: Instant
    /// SHA-256 of the last seal, hexadecimal.
    package let head: String

    package static func read(_ entity: ID<Entity>, in tx: any Transaction) throws -> ProofView {
        let book = try tx.first("SELECT seal_count, sealed_at, head FROM book WHERE entity_id = \(entity)") {
            (Int($0.integer(0)), Instant(microseconds: $0.integer(1)), hexadecimal($0.bytes(2)))
        }
        guard let (count, at, head) = book else { throw LedgerRefusal.unknownEntity(entity) }
        let lines = try tx.rows(
            "SELECT currency, debit_minor, credit_minor, control_minor, open_minor FROM proof WHERE entity_id = \(entity) ORDER BY currency"
        ) { row in
            let currency = row.currency(0)
            return Line(
                debits: row.money(1, currency), credits: row.money(2, currency),
                control: row.money(3, currency), openItems: row.money(4, currency))
        }
        return ProofView(lines: lines, sealCount: count, sealedAt: at, head: head)
    }
}
