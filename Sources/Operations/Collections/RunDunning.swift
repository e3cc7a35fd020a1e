import Domain
import Store

/// Sends notices to customers whose items are overdue: one letter a customer and currency, with every overdue item.
///
/// One run is one transaction of at most `customerLimit` customers; `report.through` is where the next run goes on.
package struct RunDunning: Sendable {
    package static let customerLimit = 500

    package struct Report: Equatable, Sendable {
        package var notices = 0
        package var byLevel: [Int: Int] = [:]
        package var totalMinor: [String: Int64] = [:]
        /// Customers left alone because cash of theirs is not applied yet.
        package var unappliedCash = 0
        /// Items of which a part or all is left out: in dispute, deducted, promised or on a plan.
        package var heldItems = 0
        /// Numbers of customers for whom a notice is due but who have no address; it is sent once they have one.
        package var unreached: [String] = []
        /// Why nobody was written to; nil when the run went ahead.
        package var blocked: String?
        package var through: Int64?
        package init() {}

        /// Of a day that is over, which a later day's run makes up for.
        package static var dayIsOver: Self {
            var report = Self()
            report.blocked = "that day is over: who is late is reminded by the run of a later one"
            return report
        }

        /// The first of those without an address, and how many more; nil when everybody has one.
        package var unreachedText: String? {
            guard !unreached.isEmpty else { return nil }
            let named = unreached.prefix(Self.namedLimit).joined(separator: ", "), more = unreached.count - Self.namedLimit
            return "no address: \(named)\(more > 0 ? " and \(more) more" : "")"
        }
        private static let namedLimit = 10
    }

    private let entity: ID<Entity>
    private let on: Day
    private let ladder: DunningLadder
    private let after: Int64

    /// - Parameter after: `through` of the run before, 0 to begin.
    package init(_ entity: ID<Entity>, on day: Day, _ ladder: DunningLadder, after: Int64 = 0) {
        (self.entity, on, self.ladder, self.after) = (entity, day, ladder, after)
    }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        var report = Report()
        let feeds = try bankFeeds(entity, through: max(on, now.day), in: tx)
        report.blocked = try obstacle(feeds, in: tx)
        guard report.blocked == nil else { return report }
        let customers = try customersPastDue(in: tx)
        guard !customers.isEmpty else { return report }
        report.through = customers.count == Self.customerLimit ? customers.last : nil
        var waiting = try customersWithUnappliedCash(entity, customers, in: tx)
        report.unappliedCash = waiting.count
        // Nobody gets two letters on one day.
        waiting.formUnion(try writtenToToday(customers, in: tx))
        let overdue = try overdueItems(of: customers.filter { !waiting.contains($0) }, in: tx, &report)
        guard !overdue.isEmpty else { return report }
        let addresses = try addresses(of: overdue.map(\.customer.value), in: tx)
        let credits = try openCredits(of: overdue.map(\.customer.value), in: tx), seller = try ReadParty(entity).run(in: tx)
        // Decide and write.
        let evidence =
            "Decided on \(on.iso8601), knowing the books through entry \(books.knownThrough)"
            + feeds.map { ", bank account \($0.account) through \($0.through.iso8601)" }.joined() + "."
        let booked = feeds.map(\.through).min().map { "that our bank booked through \($0.words)" } ?? "known to us on \(on.words)"
        var outbox: [SQLValue] = []
        for group in overdue {
            let setOff = credits[group.account] ?? []
            guard let notice = dunningNotice(for: group.items, less: setOff, on: on, ladder), let address = addresses[group.customer] else {
                continue
            }
            guard let email = address.email else {
                // One customer may owe in several currencies; its groups follow one another.
                if report.unreached.last != address.number { report.unreached.append(address.number) }
                continue
            }
            let id = books.append(notice, customer: group.customer, on: on, evidence: evidence)
            let letter = DunningLetter(
                notice, ladder: ladder, seller: seller, customer: address.name, on: on,
                known: "Payments \(booked) are taken into account.")
            outbox += outboxRow(entity, id: id, key: "dunning-\(id)", email, letter.subject, letter.body, at: now)
            report.notices += 1
            report.byLevel[notice.level, default: 0] += 1
            report.totalMinor[notice.total.currency.code, default: 0] += notice.total.minor
        }
        try books.write(outbox: outbox, in: tx)
        try books.close(in: tx)
        return report
    }

    /// After `after`, at most `customerLimit`.
    private func customersPastDue(in tx: any Transaction) throws -> [Int64] {
        try tx.rows(
            """
            SELECT DISTINCT customer_id FROM open_item
             WHERE entity_id = \(entity) AND open_minor <> 0 AND open_minor > 0 AND due_on < \(on) AND account = '1200'
               AND customer_id > \(after)
             ORDER BY customer_id LIMIT \(Self.customerLimit)
            """
        ) { $0.integer(0) }
    }

    private func writtenToToday(_ customers: [Int64], in tx: any Transaction) throws -> [Int64] {
        try tx.rows(
            """
            SELECT DISTINCT customer_id FROM dunning_notice
             WHERE entity_id = \(entity) AND sent_on = \(on) AND customer_id IN \(ids: customers)
            """
        ) { $0.integer(0) }
    }

    private func obstacle(_ feeds: [BankFeed], in tx: any Transaction) throws -> String? {
        if feeds.isEmpty, ladder.requiresFeed {
            return "no bank statement was ever imported, so who has paid is not known: import one first, or set feed_required = false "
                + "under [dunning] where cash comes another way"
        }
        if let old = feeds.first(where: { on - $0.through > ladder.feedAgeDays }) {
            return "bank account \(old.account) is known through \(old.through.iso8601) only, more than \(ladder.feedAgeDays) days ago: "
                + "import its newer statements first"
        }
        let untried =
            try tx.first(
                """
                SELECT count(*) FROM open_item i
                 WHERE i.entity_id = \(entity) AND i.account = '1290' AND i.open_minor <> 0 AND i.kind = 'receipt'
                   AND NOT EXISTS (SELECT 1 FROM cash_queue q WHERE q.entity_id = i.entity_id AND q.receipt_id = i.id)
                """
            ) { $0.integer(0) } ?? 0
        return untried > 0 ? "\(untried) receipts have not been through cash application: run it first" : nil
    }

    private struct Account: Hashable {
        let customer: ID<Customer>
        let currency: Currency
    }
    private struct Address {
        let number, name: String
        let email: String?
    }
    private struct Group {
        let account: Account
        var items: [OverdueItem]
        var customer: ID<Customer> { account.customer }
    }

    /// Credit notes that settle nothing yet. A customer who could set them off is not asked for more than the difference.
    private func openCredits(of customers: [Int64], in tx: any Transaction) throws -> [Account: [OpenItem]] {
        var credits: [Account: [OpenItem]] = [:]
        try tx.forEach(
            """
            SELECT id, customer_id, number, due_on, open_minor, currency, effective_on FROM open_item
             WHERE entity_id = \(entity) AND open_minor <> 0 AND open_minor < 0 AND account = '1200' AND kind IN ('credit_note', 'opening')
               AND effective_on <= \(on) AND customer_id IN \(ids: customers)
            """
        ) { row in
            let item = OpenItem(
                id: row.integer(0), number: row.text(2), effectiveOn: row.day(6), dueOn: row.day(3),
                open: row.money(4, row.currency(5)))
            credits[Account(customer: row.id(1), currency: item.open.currency), default: []].append(item)
        }
        return credits
    }

    private func overdueItems(of customers: [Int64], in tx: any Transaction, _ report: inout Report) throws -> [Group] {
        let rows = try tx.rows(
            """
            SELECT id, customer_id, number, due_on, open_minor, currency, effective_on FROM open_item
             WHERE entity_id = \(entity) AND open_minor <> 0 AND open_minor > 0 AND due_on < \(on) AND account = '1200'
               AND customer_id IN \(ids: customers)
             ORDER BY customer_id, currency, due_on, id
            """
        ) { row in
            (
                customer: row.id(1) as ID<Customer>,
                item: OpenItem(
                    id: row.integer(0), number: row.text(2), effectiveOn: row.day(6), dueOn: row.day(3),
                    open: row.money(4, row.currency(5)))
            )
        }
        let leftAlone = try leftAlone(entity, rows.map(\.item.id), on: on, in: tx)
        report.heldItems = leftAlone.count
        var earlier: [Int64: (level: Int, on: Day)] = [:]
        try tx.forEach(
            """
            SELECT i.item_id, i.level, MIN(n.sent_on)
              FROM dunning_notice_item i JOIN dunning_notice n ON n.entity_id = i.entity_id AND n.id = i.notice_id
             WHERE i.entity_id = \(entity) AND i.level > 0 AND i.item_id IN \(ids: rows.map(\.item.id))
             GROUP BY i.item_id, i.level ORDER BY i.item_id, i.level
            """
        ) { earlier[$0.integer(0)] = (Int($0.integer(1)), $0.day(2)) }  // the highest level comes last
        var groups: [Group] = []
        for row in rows {
            let last = earlier[row.item.id], left = Money(minor: leftAlone[row.item.id] ?? 0, row.item.open.currency)
            guard left < row.item.open else { continue }
            let overdue = OverdueItem(row.item, leftAlone: left, level: last?.level ?? 0, lastNoticeOn: last?.on)
            let account = Account(customer: row.customer, currency: row.item.open.currency)
            if groups.last?.account == account {
                groups[groups.count - 1].items.append(overdue)
            } else {
                groups.append(Group(account: account, items: [overdue]))
            }
        }
        return groups
    }

    private func addresses(
        of customers: [Int64], in tx: any Transaction
    ) throws -> [ID<Customer>: Address] {
        var addresses: [ID<Customer>: Address] = [:]
        try tx.forEach(
            """
            SELECT id, number, name, email FROM customer WHERE entity_id = \(entity) AND id IN \(ids: customers)
            """
        ) {
            addresses[$0.id(0)] = Address(number: $0.text(1), name: $0.text(2), email: $0.optionalText(3))
        }
        return addresses
    }
}

/// Those of these customers of whom a payment is not applied yet: on account, or a candidate's.
func customersWithUnappliedCash(_ entity: ID<Entity>, _ customers: [Int64], in tx: any Transaction) throws -> Set<Int64> {
    var waiting: Set<Int64> = []
    try tx.forEach(
        """
        SELECT DISTINCT customer_id FROM open_item
         WHERE entity_id = \(entity) AND open_minor <> 0 AND open_minor < 0 AND kind IN ('receipt', 'transfer')
           AND customer_id IN \(ids: customers)
        """
    ) { waiting.insert($0.integer(0)) }
    try tx.forEach("SELECT DISTINCT customer_id FROM cash_candidate WHERE entity_id = \(entity) AND customer_id IN \(ids: customers)") {
        waiting.insert($0.integer(0))
    }
    return waiting
}

extension Books {
    /// Records the notice and returns its id.
    fileprivate mutating func append(_ notice: DunningNotice, customer: ID<Customer>, on day: Day, evidence: String) -> Int64 {
        let id: ID<Customer> = newID()
        append(.dunningNotice) { batch in
            batch.append(id.value)
            batch.append(customer.value)
            batch.append(notice.total.currency.code)
            batch.append(day.iso8601)
            batch.append(Int64(notice.level))
            batch.append(notice.total.minor)
            batch.append(evidence)
        }
        let lines = notice.lines.map { (item: $0.item, level: $0.level) } + notice.credits.map { (item: $0, level: 0) }
        for (at, line) in lines.enumerated() {
            append(.dunningNoticeItem) { batch in
                batch.append(id.value)
                batch.append(Int64(at + 1))
                batch.append(line.item.id)
                batch.append(Int64(line.level))
                batch.append(line.item.open.minor)
            }
        }
        return id.value
    }
}
