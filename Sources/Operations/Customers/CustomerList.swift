import Domain
import Store

/// Customers with what each owes, a page at a time.
package struct CustomerList: Sendable {
    /// By word from the first, by amount from the largest: of several currencies the largest figure counts.
    package enum Order: String, CaseIterable, Sendable { case name, number, owed, overdue }
    package struct Line: Sendable {
        package let id: ID<Customer>
        package let number: String
        package let name: String
        package let country: String
        package let creditLimit: Money?
        /// The number of the customer that may pay for this one.
        package fileprivate(set) var parentNumber: String?
        /// Confirmed and not billed now, in the currency of the limit; nil for nothing, at a moment and without a limit.
        package fileprivate(set) var confirmed: Money?
        /// By currency, in the order of their codes.
        package fileprivate(set) var balances: [CustomerBalance] = []
        /// As an order of nothing would be held for.
        package var isOverLimit: Bool {
            guard let limit = creditLimit else { return false }
            let open = balances.first { $0.balance.currency == limit.currency }?.balance ?? .zero(limit.currency)
            return open + (confirmed ?? .zero(limit.currency)) > limit
        }
    }

    private let entity: ID<Entity>
    private let on: Day
    private let order: Order
    private let isReversed: Bool
    /// As names may be written; no name begins with two of them.
    private let prefixes: [String]
    private let after: ListPlace?
    private let limit: Int
    private let moment: ReportMoment?
    private let narrowed: ListFilter

    /// - Parameters:
    ///   - narrowed: By number, by the currency agreed, and by what is owed, or owed past its day where that is the order: of several
    ///     currencies the largest figure counts, and every open item is added up.
    ///   - prefix: Of the number where that is the order, of the name otherwise, in whatever case; empty for all.
    ///   - moment: The customers, what was agreed with them and their balances, as known then. nil tells of now.
    package init(
        _ entity: ID<Entity>, on day: Day, _ order: Order = .name, reversed: Bool = false, prefix: String = "",
        where narrowed: ListFilter = .none, after: ListPlace? = nil, limit: Int = ListLimit.page, at moment: ReportMoment? = nil
    ) {
        (self.entity, on, self.order, self.after, self.limit, self.moment) = (entity, day, order, after, limit, moment)
        (isReversed, self.narrowed) = (reversed, narrowed)
        prefixes = order == .number ? [prefix] : spellings(of: prefix)
    }

    /// So many whose names begin as asked are found at once; among more, the first rows of a ranking are asked for their names.
    private static let fewNamed = 2_000
    private var isAmount: Bool { order == .owed || order == .overdue }

    /// - Parameter ranking: Of this list in this snapshot; without one, an order by amount adds up every open item.
    package func page(in tx: any Transaction, by ranking: Ranking? = nil) throws -> ListPage<Line> {
        var values: [SQLValue] = [.integer(entity.value)], condition = ""
        let source = try moment.map { try customersSource($0, &values, in: tx) } ?? "customer"
        let ranked = try ranking.flatMap { try ids(of: $0, in: tx) }
        if let ranked {
            values.append(.integers(ranked.rows))
            condition = " AND id IN (SELECT value FROM §integers($\(values.count)))"
        }
        if let number = narrowed.customer {
            values.append(.text(number))
            condition += " AND number = $\(values.count)"
        }
        condition += narrowed.condition(currency: "currency", &values)
        let amounts = narrowed.condition(amount: "COALESCE(x.minor, 0)", &values)
        condition += amounts
        let sums = isAmount || !amounts.isEmpty ? try sums(&values, of: ranked?.rows, in: tx) : ""
        let text = """
            SELECT id, number, name, country, credit_limit_minor, currency, \(sorted), parent_id \
            FROM \(source)\(sums) WHERE entity_id = $1\(condition)
            """
        var found = try placed(text, values, after: ranked == nil ? after : nil, in: tx)
        if let ranked { found.next = ranked.next }
        let balances = try CustomerBalance.read(entity, found.rows.map(\.line.id), on: moment?.asOf ?? on, at: moment, in: tx)
        let numbers = try customerNumbers(entity, found.rows.compactMap(\.parent), in: tx)
        let limited = found.rows.filter { $0.line.creditLimit != nil }.map(\.line.id)
        let ordered = try moment == nil ? confirmed(limited, in: tx) : [:]
        let lines = found.rows.map { row in
            var line = row.line
            line.balances = balances[line.id] ?? []
            line.parentNumber = row.parent.flatMap { numbers[$0] }
            line.confirmed = line.creditLimit.flatMap { ordered[CustomerCurrency(customer: line.id.value, currency: $0.currency)] }
            return line
        }
        return ListPage(lines, next: found.next)
    }

    private var column: String { order == .number ? "number" : "lower(name)" }
    private var sorted: String { isAmount ? "COALESCE(x.sorted, 0)" : column }

    private struct Placed: Sendable {
        let line: Line
        let parent: ID<Customer>?
        let place: ListPlace
    }

    /// Those that begin as asked: by amount all at once, by word one way of writing after the other, each a range of the index.
    ///
    /// - Parameter text: Selects every row.
    private func placed(_ text: String, _ values: [SQLValue], after: ListPlace?, in tx: any Transaction) throws -> ListPage<Placed> {
        let order = ListOrder(sorted, isAmount ? .integer : .text, id: "id", descending: isAmount != isReversed)
        let ways: [[String]] = isAmount ? [prefixes] : (isReversed ? prefixes.reversed() : prefixes).map { [$0] }
        var found: [Placed] = []
        for prefixes in ways where found.count <= limit {
            var values = values
            let condition = within(prefixes, of: column, &values)
            found += try ListPage<Placed>.read(
                "\(text) AND \(condition)", order, after: after, limit: limit + 1 - found.count, values: values, in: tx
            ) { row in
                let currency = row.currency(5)
                let line = Line(
                    id: row.id(0), number: row.text(1), name: row.text(2), country: row.text(3),
                    creditLimit: row.optionalInteger(4).map { Money(minor: $0, currency) })
                let place = ListPlace(isAmount ? String(row.integer(6)) : row.text(6), row.integer(0))
                return (Placed(line: line, parent: row.optionalID(7), place: place), place)
            }.rows
        }
        return ListPage(Array(found.prefix(limit)), next: found.count > limit ? found[limit - 1].place : nil)
    }

    /// A condition: the column begins in one of these ways.
    private func within(_ prefixes: [String], of column: String, _ values: inout [SQLValue]) -> String {
        let ranges = prefixes.map { prefix in
            values += [.text(prefix), .text(end(ofPrefix: prefix))]
            return "\(column) >= $\(values.count - 1) AND \(column) < $\(values.count)"
        }
        return ranges.count == 1 ? ranges[0] : "(\(ranges.joined(separator: " OR ")))"
    }

    /// What was ordered and is not billed.
    private func confirmed(_ customers: [ID<Customer>], in tx: any Transaction) throws -> [CustomerCurrency: Money] {
        guard !customers.isEmpty else { return [:] }
        var sums: [CustomerCurrency: Money] = [:]
        try tx.forEach(confirmedOrders(entity, of: customers.map(\.value))) { row in
            let currency = row.currency(1)
            sums[CustomerCurrency(customer: row.integer(0), currency: currency)] = row.money(2, currency)
        }
        return sums
    }

    /// What each customer owes, or owes past its day, joined as `x`: one walk over the index of what is open.
    ///
    /// - Parameter customers: Only of these; nil is everybody.
    private func sums(_ values: inout [SQLValue], of customers: [Int64]? = nil, in tx: any Transaction) throws -> String {
        let source = try moment.map { wholeOpenItemsSource($0, &values, try $0.horizon(in: tx)) } ?? "open_item x"
        let own = moment == nil ? "x.entity_id = $1 AND " : ""
        var condition = ""
        if order == .overdue {
            values.append(.text((moment?.asOf ?? on).iso8601))
            condition = " AND x.due_on < $\(values.count)"
        }
        if let customers {
            values.append(.integers(customers))
            condition += " AND x.customer_id IN (SELECT value FROM §integers($\(values.count)))"
        }
        let counted = tenThousandths(of: "y.minor", in: "y.currency")
        return """
             LEFT JOIN (SELECT y.customer_id, MAX(y.minor) AS minor, MAX(\(counted)) AS sorted
               FROM (SELECT x.customer_id, x.currency, CAST(SUM(x.open_minor) AS BIGINT) AS minor FROM \(source)
                      WHERE \(own)x.open_minor <> 0 AND x.open_minor > 0 AND x.customer_id IS NOT NULL\(condition)
                      GROUP BY x.customer_id, x.currency) y GROUP BY y.customer_id) x ON x.customer_id = id
            """
    }
}

extension CustomerList: RankedList {
    package var rankingName: String? {
        isAmount && moment == nil && narrowed == .none ? "customers by \(isReversed ? "-" : "")\(order.rawValue)" : nil
    }

    /// A customer's figure changes by its own debit items and what settles them: only those of whom something was recorded are added up
    /// again.
    package func ranking(since kept: Ranking.Kept?, in tx: any Transaction) throws -> Ranking {
        guard let kept else {
            return Ranking(try places(in: tx), by: .minor, descending: !isReversed)
        }
        let changed = try changed(since: kept.lastID, in: tx)
        return kept.value.carried(on: changed.isEmpty ? [] : try places(of: changed, in: tx), without: Set(changed))
    }

    package func wholeRanking(in tx: any Transaction) throws -> Ranking? {
        isAmount && moment == nil ? try ranking(since: nil, in: tx) : nil
    }

    private func places(of customers: [Int64]? = nil, in tx: any Transaction) throws -> [Ranking.Place] {
        var values: [SQLValue] = [.integer(entity.value)]
        let sums = try sums(&values, of: customers, in: tx)
        let own = customers == nil ? "" : " AND id IN (SELECT value FROM §integers($\(values.count)))"
        let text = "SELECT id, COALESCE(x.sorted, 0) FROM customer\(sums) WHERE entity_id = $1\(own)"
        return try tx.rows(SQL(text: text, values: values)) { Ranking.Place(value: $0.integer(1), id: $0.integer(0)) }
    }

    private func changed(since id: Int64, in tx: any Transaction) throws -> [Int64] {
        try tx.rows(
            """
            SELECT id FROM customer WHERE entity_id = \(entity) AND id > \(id)
            UNION
            SELECT customer_id FROM open_item WHERE entity_id = \(entity) AND id > \(id) AND amount_minor > 0 AND customer_id IS NOT NULL
            UNION
            SELECT i.customer_id FROM allocation a JOIN open_item i ON i.entity_id = a.entity_id AND i.id = a.debit_item_id
             WHERE a.entity_id = \(entity) AND a.id > \(id) AND i.customer_id IS NOT NULL
            """
        ) { $0.integer(0) }
    }

    private func ids(of ranking: Ranking, in tx: any Transaction) throws -> ListPage<Int64>? {
        guard prefixes != [""] else { return ranking.page(after: after, limit: limit) }
        var values: [SQLValue] = [.integer(entity.value)]
        let named = prefixes.map { "SELECT id FROM customer WHERE entity_id = $1 AND \(within([$0], of: "lower(name)", &values))" }
        values.append(.integer(Int64(Self.fewNamed) + 1))
        let text = "\(named.joined(separator: " UNION ALL ")) LIMIT $\(values.count)"
        let few = Set(try tx.rows(SQL(text: text, values: values)) { $0.integer(0) })
        if few.count <= Self.fewNamed { return ranking.page(after: after, limit: limit) { _ in few } }
        return try ranking.page(after: after, limit: limit) { ids in
            var values: [SQLValue] = [.integer(entity.value), .integers(ids)]
            let text = """
                SELECT id FROM customer WHERE entity_id = $1 AND id IN (SELECT value FROM §integers($2))
                   AND \(within(prefixes, of: "lower(name)", &values))
                """
            return Set(try tx.rows(SQL(text: text, values: values)) { $0.integer(0) })
        }
    }
}

/// What a customer owes in one currency, from the open items.
package struct CustomerBalance: Equatable, Sendable {
    /// Above zero; credits stand apart.
    package let owed: Money
    /// Past due on the day asked for.
    package let overdue: Money
    /// Zero or below.
    package let credits: Money
    /// The earliest due day of what is owed.
    package let oldestDueOn: Day?
    package var balance: Money { owed + credits }

    static func read(
        _ entity: ID<Entity>, _ customers: [ID<Customer>], on day: Day, at moment: ReportMoment? = nil, in tx: any Transaction
    ) throws -> [ID<Customer>: [CustomerBalance]] {
        guard !customers.isEmpty else { return [:] }
        var balances: [ID<Customer>: [CustomerBalance]] = [:]
        var values: [SQLValue] = [.integer(entity.value)]
        let source =
            try moment.map { openItemsSource($0, &values, try $0.horizon(in: tx), of: try one(of: customers, $0, in: tx)) } ?? "open_item x"
        values += [.text(day.iso8601), .integers(customers.map(\.value))]
        let own = moment == nil ? "entity_id = $1 AND " : "", on = "$\(values.count - 1)",
            whose = "(SELECT value FROM §integers($\(values.count)))"
        let text = """
            SELECT customer_id, currency, CAST(SUM(CASE WHEN open_minor > 0 THEN open_minor ELSE 0 END) AS BIGINT),
                   CAST(SUM(CASE WHEN open_minor > 0 AND due_on < \(on) THEN open_minor ELSE 0 END) AS BIGINT),
                   CAST(SUM(CASE WHEN open_minor < 0 THEN open_minor ELSE 0 END) AS BIGINT), MIN(CASE WHEN open_minor > 0 THEN due_on END)
              FROM \(source)
             WHERE \(own)open_minor <> 0 AND customer_id IN \(whose)
             GROUP BY customer_id, currency ORDER BY customer_id, currency
            """
        try tx.forEach(SQL(text: text, values: values)) { row in
            let currency = row.currency(1)
            balances[row.id(0), default: []].append(
                CustomerBalance(
                    owed: row.money(2, currency), overdue: row.money(3, currency),
                    credits: row.money(4, currency), oldestDueOn: row.optionalDay(5)))
        }
        return balances
    }

    /// One customer's items are found by their months.
    private static func one(
        of customers: [ID<Customer>], _ moment: ReportMoment, in tx: any Transaction
    ) throws -> (customer: ID<Customer>, months: [String])? {
        guard customers.count == 1 else { return nil }
        return (customers[0], try ItemMonths(moment.entity, in: tx).through(moment.asOf))
    }
}
