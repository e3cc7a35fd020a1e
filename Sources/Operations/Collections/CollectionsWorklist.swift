import Domain
import Store

/// Customers whose items are past due, the largest overdue amount or the longest overdue first.
package struct CollectionsWorklist: Sendable {
    package enum Order: String, CaseIterable, Sendable { case overdue, days }
    /// How many the list ranks; nobody works further down, and an export holds all.
    package static let rankLimit = 1_000

    /// A customer's place in the list.
    package struct Rank: Sendable {
        package let customer: ID<Customer>
        package let number: String
        package let name: String
        package let overdue: Money
        package let itemCount: Int
        package let oldestDueOn: Day
    }
    package struct Line: Sendable {
        package let customer: ID<Customer>
        package let number: String
        package let name: String
        package let overdue: Money
        package let itemCount: Int
        package let oldestDueOn: Day
        package let lastNotice: (level: Int, on: Day)?
        /// Whether a notice can reach it.
        package let hasAddress: Bool
        /// What of everything open stands apart.
        package let standing: StandingSum
    }

    private let entity: ID<Entity>
    private let on: Day
    private let moment: ReportMoment?

    /// - Parameter moment: What was overdue on that day by that knowledge, with the names of then;
    ///   addresses are as they are now. nil tells of now.
    package init(_ entity: ID<Entity>, on day: Day, at moment: ReportMoment? = nil) {
        (self.entity, on, self.moment) = (entity, moment?.asOf ?? day, moment)
    }

    /// The order of the list: it counts every overdue item.
    ///
    /// - Parameter reversed: The smallest or the latest first.
    package func ranks(
        _ order: Order = .overdue, reversed: Bool = false, limit: Int = rankLimit, in tx: any Transaction
    ) throws -> [Rank] {
        let sorted = order == .overdue ? "overdue\(reversed ? "" : " DESC")" : "oldest_on\(reversed ? " DESC" : "")",
            overdue = tenThousandths(of: "y.overdue_minor", in: "y.currency")
        var values: [SQLValue] = [.integer(entity.value), .text(on.iso8601), .integer(Int64(limit))]
        let source = try sums(&values, in: tx)
        let text = """
            SELECT x.customer_id, c.number, c.name, x.currency, x.overdue_minor, x.item_count, x.oldest_on
              FROM (SELECT y.customer_id, y.currency, y.overdue_minor, y.item_count, y.oldest_on, \(overdue) AS overdue
                      FROM (\(source)) y ORDER BY \(sorted), customer_id LIMIT $3) x
              JOIN customer c ON c.entity_id = $1 AND c.id = x.customer_id
             ORDER BY x.\(sorted), x.customer_id
            """
        return try tx.rows(SQL(text: text, values: values)) { row in
            Rank(
                customer: row.id(0), number: row.text(1), name: row.text(2), overdue: row.money(4, row.currency(3)),
                itemCount: Int(row.integer(5)), oldestDueOn: row.day(6))
        }
    }

    /// How many places there are, however few are ranked: a customer has one in each currency.
    package func count(in tx: any Transaction) throws -> Int {
        var values: [SQLValue] = [.integer(entity.value), .text(on.iso8601)]
        let source = try sums(&values, in: tx)
        return try tx.first(SQL(text: "SELECT count(*) FROM (\(source)) y", values: values)) { Int($0.integer(0)) } ?? 0
    }

    /// What each customer owes past its day in each currency, as a query; `$1` is the entity and `$2` the day.
    private func sums(_ values: inout [SQLValue], in tx: any Transaction) throws -> String {
        let past = try moment.map { wholeOpenItemsSource($0, &values, try $0.horizon(in: tx)) },
            source = past.map { "\($0) WHERE" } ?? "open_item WHERE entity_id = $1 AND"
        return """
            SELECT customer_id, currency, CAST(SUM(open_minor) AS BIGINT) AS overdue_minor, count(*) AS item_count, MIN(due_on) AS oldest_on
              FROM \(source) open_minor <> 0 AND open_minor > 0 AND due_on < $2 AND customer_id IS NOT NULL
             GROUP BY customer_id, currency
            """
    }

    /// These places with what was last said and what is held, as it is now.
    package func lines(of ranks: some Sequence<Rank>, in tx: any Transaction) throws -> [Line] {
        let customers = ranks.map(\.customer.value)
        let notices = try lastNotices(customers, in: tx), standing = try standing(customers, in: tx)
        let reached = try withAddress(customers, in: tx)
        let former = try moment.map { try formerNames($0, of: Set(ranks.map(\.number)), in: tx) } ?? [:]
        return ranks.map { rank in
            Line(
                customer: rank.customer, number: rank.number, name: former[rank.number] ?? rank.name, overdue: rank.overdue,
                itemCount: rank.itemCount, oldestDueOn: rank.oldestDueOn, lastNotice: notices[rank.customer.value],
                hasAddress: reached.contains(rank.customer.value),
                standing: standing[CustomerCurrency(customer: rank.customer.value, currency: rank.overdue.currency)]
                    ?? StandingSum(rank.overdue.currency))
        }
    }

    package func lines(in tx: any Transaction) throws -> [Line] { try lines(of: ranks(in: tx), in: tx) }

    private func lastNotices(_ customers: [Int64], in tx: any Transaction) throws -> [Int64: (level: Int, on: Day)] {
        var notices: [Int64: (level: Int, on: Day)] = [:]
        let horizon = try moment?.horizon(in: tx) ?? .max, last = moment?.asOf.iso8601 ?? "9999-12-31"
        try tx.forEach(
            """
            SELECT customer_id, level, sent_on FROM dunning_notice
             WHERE entity_id = \(entity) AND customer_id IN \(ids: customers) AND sent_on <= \(last) AND id <= \(horizon) ORDER BY id
            """
        ) { notices[$0.integer(0)] = (Int($0.integer(1)), $0.day(2)) }
        return notices
    }

    private func withAddress(_ customers: [Int64], in tx: any Transaction) throws -> Set<Int64> {
        Set(
            try tx.rows("SELECT id FROM customer WHERE entity_id = \(entity) AND id IN \(ids: customers) AND email IS NOT NULL") {
                $0.integer(0)
            })
    }

    /// What nobody is asked for on the day, of these customers.
    private func standing(_ customers: [Int64], in tx: any Transaction) throws -> [CustomerCurrency: StandingSum] {
        var sums: [CustomerCurrency: StandingSum] = [:]
        let horizon = try moment?.horizon(in: tx) ?? .max
        let text =
            "SELECT s.customer_id, \(StandingSlice.columns) FROM slice s WHERE s.entity_id = $1 AND s.opened_on <= $2 AND s.id <= $3"
            + (moment == nil ? " AND s.open_minor <> 0" : "") + " AND s.customer_id IN (SELECT value FROM §integers($4))"
        try tx.forEach(
            SQL(text: text, values: [.integer(entity.value), .text(on.iso8601), .integer(horizon), .integers(customers)])
        ) { row in
            let slice = StandingSlice(row, from: 1)
            guard slice.slice.isLeftAlone(on: on) else { return }
            sums[CustomerCurrency(customer: row.integer(0), currency: slice.currency), default: StandingSum(slice.currency)].add(slice)
        }
        return sums
    }
}

extension CollectionsWorklist {
    /// A page of the list: it begins behind the place of the last row before, wherever that row stands by now.
    package func page(_ order: Order = .overdue, after: ListPlace?, limit: Int, in tx: any Transaction) throws -> ListPage<Line> {
        func key(_ rank: Rank) -> [Int64] {
            [order == .overdue ? -rank.overdue.tenThousandths : Int64(rank.oldestDueOn.number), rank.customer.value]
        }
        func place(_ rank: Rank) -> ListPlace { ListPlace("\(key(rank)[0]) \(rank.overdue.currency.code)", rank.customer.value) }
        // Customers of one sum stand by id, one customer's sums by currency.
        func isBefore(_ left: (key: [Int64], code: String), _ right: (key: [Int64], code: String)) -> Bool {
            left.key == right.key ? left.code < right.code : left.key.lexicographicallyPrecedes(right.key)
        }
        var ranks = try ranks(order, in: tx).map { (rank: $0, key: (key: key($0), code: $0.overdue.currency.code)) }
        ranks.sort { isBefore($0.key, $1.key) }
        if let after {
            let parts = after.value.split(separator: " "), sum = parts.first.flatMap { Int64($0) } ?? .min
            let last = (key: [sum, after.id], code: parts.count > 1 ? String(parts[1]) : "")
            ranks = ranks.filter { isBefore(last, $0.key) }
        }
        let shown = ranks.prefix(limit).map(\.rank)
        return ListPage(try lines(of: shown, in: tx), next: ranks.count > limit ? shown.last.map(place) : nil)
    }
}
