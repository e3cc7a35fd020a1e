import Domain
import Store

/// What is owed, by days overdue. Its total is the control account's balance for any day and any state of knowledge.
package struct AgingReport: Sendable {
    package struct Line: Sendable {
        /// nil: cash whose payer is not known.
        package let customer: ID<Customer>?
        package let number: String
        package let name: String
        package let row: AgingRow
    }
    /// What a customer owes in one currency; nil is cash whose payer is not known.
    package typealias Sums = (customer: ID<Customer>?, row: AgingRow)
    /// By the largest sum or the largest of what is overdue longest, both in major units whatever the currency, or by name.
    package enum Order: String, CaseIterable, Sendable { case total, oldest, name }

    private let moment: ReportMoment
    private let buckets: AgingBuckets
    package init(_ moment: ReportMoment, buckets: AgingBuckets = .standard) { (self.moment, self.buckets) = (moment, buckets) }

    /// One row a currency, in the order of their codes; from the kept sums by due day when these answer.
    package func totals(in tx: any Transaction) throws -> [AgingRow] {
        guard try moment.isCurrent(in: tx) else { return try rows(in: tx, byCustomer: false).map(\.row) }
        var rows: [Currency: AgingRow] = [:]
        try tx.forEach(
            """
            SELECT currency, due_on, debit_minor, debit_count, credit_minor, credit_count FROM due_day
             WHERE entity_id = \(moment.entity) AND (debit_count <> 0 OR credit_count <> 0)
            """
        ) { row in
            let currency = row.currency(0)
            var total = rows[currency] ?? AgingRow(asOf: moment.asOf, in: currency, buckets: buckets)
            let bucket = buckets.index(dueOn: row.day(1), asOf: moment.asOf)
            total.add(row.money(2, currency), count: Int(row.integer(3)), bucket: bucket)
            total.add(credits: row.money(4, currency), count: Int(row.integer(5)))
            rows[currency] = total
        }
        return rows.values.sorted { $0.currency.code < $1.currency.code }
    }

    /// One line a customer and currency, in the order of customer ids; unidentified cash last.
    package func lines(in tx: any Transaction) throws -> [Line] {
        let rows = try rows(in: tx, byCustomer: true)
        var names: [Int64: (number: String, name: String)] = [:]
        try tx.forEach("SELECT id, number, name FROM customer WHERE entity_id = \(moment.entity)") {
            names[$0.integer(0)] = ($0.text(1), $0.text(2))
        }
        let former = try formerNames(moment, in: tx)
        return rows.map { line(of: $0.customer, $0.row, names, former) }.sorted {
            ($0.customer?.value ?? .max, $0.row.currency.code) < ($1.customer?.value ?? .max, $1.row.currency.code)
        }
    }

    /// Every customer's sums in that order; what is equal stands by customer and currency, unidentified cash last.
    package func sums(by order: Order, in tx: any Transaction) throws -> [Sums] {
        func isBefore(_ left: Sums, _ right: Sums) -> Bool {
            (left.customer?.value ?? .max, left.row.currency.code) < (right.customer?.value ?? .max, right.row.currency.code)
        }
        if order == .name {
            let named = try lines(in: tx).map { (name: $0.name.lowercased(), sums: (customer: $0.customer, row: $0.row)) }
            return named.sorted { $0.name == $1.name ? isBefore($0.sums, $1.sums) : $0.name < $1.name }.map { $0.sums }
        }
        let last = buckets.count - 1
        let sized = try rows(in: tx, byCustomer: true).map { sums in
            (size: (order == .total ? sums.row.total : sums.row.amounts[last]).tenThousandths, sums: sums)
        }
        return sized.sorted { $0.size == $1.size ? isBefore($0.sums, $1.sums) : $0.size > $1.size }.map { $0.sums }
    }

    /// These sums with the names of the moment.
    package func lines(of sums: some Collection<Sums>, in tx: any Transaction) throws -> [Line] {
        let customers = sums.compactMap { $0.customer?.value }
        var names: [Int64: (number: String, name: String)] = [:]
        try tx.forEach("SELECT id, number, name FROM customer WHERE entity_id = \(moment.entity) AND id IN \(ids: customers)") {
            names[$0.integer(0)] = ($0.text(1), $0.text(2))
        }
        let former = try formerNames(moment, of: Set(names.values.map(\.number)), in: tx)
        return sums.map { line(of: $0.customer, $0.row, names, former) }
    }

    /// What of the totals stands apart, by currency.
    package func standing(in tx: any Transaction) throws -> [Currency: StandingSum] {
        try standingSums(moment, in: tx).reduce(into: [:]) { $0[$1.key.currency, default: StandingSum($1.key.currency)].add($1.value) }
    }

    private func line(
        of customer: ID<Customer>?, _ row: AgingRow, _ names: [Int64: (number: String, name: String)], _ former: [String: String]
    ) -> Line {
        let known = customer.flatMap { names[$0.value] }, name = known.map { former[$0.number] ?? $0.name }
        return Line(customer: customer, number: known?.number ?? "", name: name ?? "Unidentified cash", row: row)
    }

    /// Sums without names. Those by customer come without counts of items, which nobody reads and which would double the cost.
    package func rows(in tx: any Transaction, byCustomer: Bool) throws -> [Sums] {
        var result: [Sums] = []
        let count = buckets.count, none = [Int](repeating: 0, count: count)
        try tx.forEach(try query(in: tx, byCustomer: byCustomer)) { row in
            let currency = row.currency(1)
            // Of amounts and of items: what is due no earlier than each bucket begins, the credits, and all.
            func credits(_ column: Int) -> Int64 { row.optionalInteger(column + count - 1) ?? 0 }
            func read<Value>(from column: Int, as value: (Int64) -> Value) -> [Value] {
                let owed = row.integer(column + count) - credits(column)
                var before: Int64 = 0
                return (0..<count).map { bucket in
                    let reached = bucket < count - 1 ? row.optionalInteger(column + bucket) ?? 0 : owed
                    defer { before = reached }
                    return value(reached - before)
                }
            }
            let items = count + 3
            let sums = AgingRow(
                asOf: moment.asOf, amounts: read(from: 2) { Money(minor: $0, currency) },
                counts: byCustomer ? none : read(from: items) { Int($0) },
                credits: Money(minor: credits(2), currency), creditCount: byCustomer ? 0 : Int(credits(items)), buckets: buckets)
            result.append((row.optionalID(0), sums))
        }
        return result
    }

    private func query(in tx: any Transaction, byCustomer: Bool) throws -> SQL {
        var values: [SQLValue] = [.integer(moment.entity.value)]
        // Each row is compared with one day a bucket; what lies between two of them is their difference.
        let conditions =
            buckets.upperBounds.map { bound in
                values.append(.text((moment.asOf + -bound).iso8601))
                return " FILTER (WHERE due_on >= $\(values.count) AND open_minor > 0)"
            } + [" FILTER (WHERE open_minor < 0)", ""]
        let sums =
            conditions.map { "CAST(SUM(open_minor)\($0) AS BIGINT)" } + (byCustomer ? [] : conditions.map { "COUNT(*)\($0)" })
        let source = try openItems(&values, in: tx), group = byCustomer ? "customer_id, currency" : "currency"
        let customer = byCustomer ? "customer_id" : "CAST(NULL AS BIGINT)"
        return SQL(
            text:
                """
                SELECT \(customer), currency, \(sums.joined(separator: ", ")) FROM \(source) WHERE open_minor <> 0 GROUP BY \(group) \
                ORDER BY \(group)
                """,
            values: values)
    }

    private func openItems(_ values: inout [SQLValue], in tx: any Transaction) throws -> String {
        if try moment.isCurrent(in: tx) {
            return "(SELECT customer_id, currency, due_on, open_minor FROM open_item WHERE entity_id = $1 AND open_minor <> 0) x"
        }
        return wholeOpenItemsSource(moment, &values, try moment.horizon(in: tx))
    }
}

/// A subquery with what was open of each item on that day by that knowledge, looked up item by item: `x(id, customer_id, kind, account,
/// number, effective_on, due_on, currency, amount_minor, open_minor)`. `$1` is the entity.
///
/// - Parameter account: A customer and the months in which there may be items; nil is everybody.
func openItemsSource(
    _ moment: ReportMoment, _ values: inout [SQLValue], _ horizon: Int64, of account: (customer: ID<Customer>, months: [String])? = nil
) -> String {
    values += [.text(moment.asOf.iso8601), .integer(horizon)]
    let day = "$\(values.count - 1)", known = "$\(values.count)"
    var whose = ""
    if let account {
        values += [.texts(account.months), .integer(account.customer.value)]
        whose = " AND substr(i.effective_on, 1, 7) IN (SELECT value FROM §texts($\(values.count - 1))) AND i.customer_id = $\(values.count)"
    }
    func settled(_ side: String) -> String {
        """
        COALESCE((SELECT CAST(SUM(a.amount_minor) AS BIGINT) FROM allocation a WHERE a.entity_id = i.entity_id AND a.\(side) = i.id
                     AND a.effective_on <= \(day) AND a.id <= \(known)), 0)
        """
    }
    return """
        (SELECT i.id, i.customer_id, i.kind, i.account, i.number, i.effective_on, i.due_on, i.currency, i.amount_minor,
                i.amount_minor - \(settled("debit_item_id")) + \(settled("credit_item_id")) AS open_minor
           FROM open_item i WHERE i.entity_id = $1\(whose) AND i.effective_on <= \(day) AND i.id <= \(known)) x
        """
}

extension AgingReport {
    package static func columns(_ buckets: AgingBuckets = .standard) -> [ReportTable.Column] {
        [.text("customer"), .text("name"), .text("currency")]
            + zip(buckets.labels, buckets.names).map { ReportTable.Column($0, .money, name: $1) }
            + [.money("credits"), .money("total"), .money("disputed"), .money("promised")]
    }

    package func table(in tx: any Transaction) throws -> ReportTable {
        var table = ReportTable("Aging \(moment.title)", Self.columns(buckets))
        var totals: [Currency: AgingRow] = [:]
        func cells(_ row: AgingRow) -> [ReportTable.Cell] { row.amounts.map { .money($0) } + [.money(row.credits), .money(row.total)] }
        func cells(_ sum: StandingSum) -> [ReportTable.Cell] { [.money(sum.disputed), .money(sum.promised)] }
        let standing = try standingSums(moment, in: tx)
        var sums: [Currency: StandingSum] = [:]
        for line in try lines(in: tx) {
            let currency = line.row.currency
            let apart =
                line.customer.flatMap { standing[CustomerCurrency(customer: $0.value, currency: currency)] } ?? StandingSum(currency)
            table.rows.append([.text(line.number), .text(line.name), .text(currency.code)] + cells(line.row) + cells(apart))
            sums[currency, default: StandingSum(currency)].add(apart)
            totals[line.row.currency, default: AgingRow(asOf: moment.asOf, in: line.row.currency, buckets: buckets)].add(line.row)
        }
        table.totals = totals.values.sorted { $0.currency.code < $1.currency.code }.map {
            [.text("total"), .none, .text($0.currency.code)] + cells($0) + cells(sums[$0.currency] ?? StandingSum($0.currency))
        }
        table.notes = [Figure.aging.definition]
        return table
    }
}

/// As `openItemsSource`, for who reads all that was open: what is open now, with what settled it later taken back in one walk.
///
/// - Returns: Items of which nothing was open too, of those that have been settled or opened since.
func wholeOpenItemsSource(_ moment: ReportMoment, _ values: inout [SQLValue], _ horizon: Int64) -> String {
    values += [.text(moment.asOf.iso8601), .integer(horizon)]
    let day = "$\(values.count - 1)", known = "$\(values.count)"
    func later(_ side: String, _ sign: String) -> String {
        """
        SELECT a.\(side) AS id, \(sign)a.amount_minor AS minor FROM allocation a
         WHERE a.entity_id = $1 AND (a.effective_on > \(day) OR a.id > \(known))
        """
    }
    let columns = "i.id, i.customer_id, i.kind, i.account, i.number, i.effective_on, i.due_on, i.currency, i.amount_minor"
    return """
        (WITH l AS MATERIALIZED (
            SELECT z.id, CAST(SUM(z.minor) AS BIGINT) AS minor
              FROM (\(later("debit_item_id", "")) UNION ALL \(later("credit_item_id", "-"))) z GROUP BY z.id)
         SELECT \(columns), i.open_minor + COALESCE(l.minor, 0) AS open_minor FROM open_item i LEFT JOIN l ON l.id = i.id
          WHERE i.entity_id = $1 AND i.open_minor <> 0 AND i.effective_on <= \(day) AND i.id <= \(known)
         UNION ALL
         SELECT \(columns), l.minor FROM l JOIN open_item i ON i.entity_id = $1 AND i.id = l.id
          WHERE i.open_minor = 0 AND i.effective_on <= \(day) AND i.id <= \(known)) x
        """
}
