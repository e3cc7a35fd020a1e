import Domain
import Store

/// The balances behind DSO and its kin as they were known on each day, recorded by the day run.
package struct FigureHistory: Sendable {
    package struct Point: Sendable {
        package let on: Day
        package let period: ReceivablesPeriod
    }

    private let entity: ID<Entity>
    private let from, through: Day
    private let currency: Currency?

    /// - Parameters:
    ///   - from: nil begins a year before the last day.
    ///   - currency: nil tells of all.
    package init(_ entity: ID<Entity>, from: Day? = nil, through day: Day, in currency: Currency? = nil) {
        (self.entity, self.from, through, self.currency) = (entity, from ?? day + -365, day, currency)
    }

    /// By currency, oldest first.
    package func points(in tx: any Transaction) throws -> [Currency: [Point]] {
        var points: [Currency: [Point]] = [:]
        try tx.forEach(
            """
            SELECT currency, figure_on, period_days, opening_minor, sales_minor, closing_minor, current_minor FROM figure_day
             WHERE entity_id = \(entity) AND figure_on <= \(through) AND figure_on >= \(from)
               AND (CAST(\(currency?.code) AS TEXT) IS NULL OR currency = \(currency?.code)) ORDER BY currency, figure_on
            """
        ) { row in
            let currency = row.currency(0)
            points[currency, default: []].append(
                Point(
                    on: row.day(1),
                    period: ReceivablesPeriod(
                        opening: row.money(3, currency), creditSales: row.money(4, currency),
                        closing: row.money(5, currency), closingCurrent: row.money(6, currency),
                        days: Int(row.integer(2)))))
        }
        return points
    }
}

extension FigureHistory {
    /// The same a page at a time, by currency and day.
    package func page(after: ListPlace?, limit: Int, in tx: any Transaction) throws -> ListPage<Point> {
        func place(_ point: Point) -> ListPlace { ListPlace(point.period.closing.currency.code, Int64(point.on.number)) }
        let all = try points(in: tx).sorted { $0.key.code < $1.key.code }.flatMap(\.value).filter { point in
            guard let after else { return true }
            return (after.value, after.id) < (place(point).value, place(point).id)
        }
        let shown = Array(all.prefix(limit))
        return ListPage(shown, next: all.count > limit ? shown.last.map(place) : nil)
    }
}

/// Keeps the period's balances of one day; a day recorded again takes the later knowledge.
package struct RecordFigures: Sendable {
    private let entity: ID<Entity>
    private let on: Day
    private let days: Int
    package init(_ entity: ID<Entity>, on day: Day, days: Int = 90) { (self.entity, on, self.days) = (entity, day, days) }

    package func run(in tx: any Transaction, at now: Instant) throws {
        var books = try Books(lock: entity, at: now, in: tx)
        for period in try ReceivablesPeriod.current(entity, on: on, days: days, in: tx) {
            try tx.run(
                """
                INSERT INTO figure_day (entity_id, currency, figure_on, period_days, opening_minor, sales_minor, closing_minor, current_minor)
                VALUES (\(entity), \(period.closing.currency), \(on), \(days), \(period.opening.minor), \(period.creditSales.minor),
                        \(period.closing.minor), \(period.closingCurrent.minor))
                ON CONFLICT (entity_id, currency, figure_on) DO UPDATE
                SET period_days = excluded.period_days, opening_minor = excluded.opening_minor, sales_minor = excluded.sales_minor,
                    closing_minor = excluded.closing_minor, current_minor = excluded.current_minor
                """)
            try books.cover(.figureDay, key: [.text(period.closing.currency.code), .text(on.iso8601)], tx)
        }
        try books.close(in: tx)
    }
}

extension ReceivablesPeriod {
    /// The period's balances from the kept sums, in milliseconds at any size: receivables are the control accounts, credit sales what was
    /// booked to revenue, output VAT and opening balances.
    /// - Parameter closing: What aging says of the day; nil counts it.
    package static func current(
        _ entity: ID<Entity>, on day: Day, days: Int, closing: [AgingRow]? = nil, in tx: any Transaction
    ) throws -> [ReceivablesPeriod] {
        let before = day + -days
        var opening: [Currency: Money] = [:], sales: [Currency: Money] = [:]
        try tx.forEach(
            """
            SELECT currency, CAST(SUM(debit_minor - credit_minor) AS BIGINT) FROM account_day
             WHERE entity_id = \(entity) AND account IN ('1200', '1290') AND effective_on <= \(before) GROUP BY currency
            """
        ) { opening[$0.currency(0)] = Money(minor: $0.integer(1), $0.currency(0)) }
        try tx.forEach(
            """
            SELECT currency, CAST(SUM(credit_minor - debit_minor) AS BIGINT) FROM account_day
             WHERE entity_id = \(entity) AND account IN ('2200', '3000', '4000') AND effective_on > \(before) AND effective_on <= \(day) GROUP BY currency
            """
        ) { sales[$0.currency(0)] = Money(minor: $0.integer(1), $0.currency(0)) }
        // The tax of a cash discount or a write-off lowers output VAT, not what was sold.
        try tx.forEach(
            """
            SELECT p.currency, CAST(SUM(p.amount_minor) AS BIGINT)
              FROM open_item i JOIN posting p ON p.entity_id = i.entity_id AND p.entry_id = i.id
             WHERE i.entity_id = \(entity) AND i.kind = 'adjustment' AND i.effective_on > \(before) AND i.effective_on <= \(day)
               AND p.account = '2200'
             GROUP BY p.currency
            """
        ) { sales[$0.currency(0)] = (sales[$0.currency(0)] ?? .zero($0.currency(0))) + Money(minor: $0.integer(1), $0.currency(0)) }
        let closing = try closing ?? AgingReport(ReportMoment(entity, asOf: day)).totals(in: tx)
        return periods(opening: opening, sales: sales, closing: closing, days: days)
    }

    /// One a currency in which something is open at either end or was sold, in the order of their codes.
    static func periods(
        opening: [Currency: Money], sales: [Currency: Money], closing: [AgingRow], days: Int
    ) -> [ReceivablesPeriod] {
        let rows = Dictionary(closing.map { ($0.currency, $0) }, uniquingKeysWith: { first, _ in first })
        let moved = (Array(opening.values) + sales.values).filter { $0.minor != 0 }.map(\.currency)
        return Set(moved + closing.map(\.currency)).sorted { $0.code < $1.code }.map { currency in
            let zero = Money.zero(currency), row = rows[currency]
            return ReceivablesPeriod(
                opening: opening[currency] ?? zero, creditSales: sales[currency] ?? zero, closing: row?.total ?? zero,
                closingCurrent: row?.currentOfTotal ?? zero, days: days)
        }
    }
}
