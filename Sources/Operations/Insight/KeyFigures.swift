import Domain
import Store

/// DSO and its kin over a period that ends on the report's day, by currency.
package struct KeyFiguresReport: Sendable {
    package struct Figures: Sendable {
        package let period: ReceivablesPeriod
        package let behaviour: PaymentBehaviour
    }

    private let moment: ReportMoment
    private let days: Int

    /// - Parameter days: Length of the period, above zero.
    package init(_ moment: ReportMoment, days: Int = 90) {
        precondition(days > 0)
        (self.moment, self.days) = (moment, days)
    }

    package func figures(in tx: any Transaction) throws -> [Figures] {
        let behaviours = try behaviours(from: moment.asOf + (1 - days), in: tx)
        return try periods(closing: AgingReport(moment).totals(in: tx), in: tx).map {
            let currency = $0.closing.currency
            return Figures(period: $0, behaviour: behaviours[currency] ?? PaymentBehaviour(in: currency))
        }
    }

    /// - Parameter closing: What aging says of the moment.
    package func periods(closing: [AgingRow], in tx: any Transaction) throws -> [ReceivablesPeriod] {
        let before = moment.on(moment.asOf + -days)
        let opening = Dictionary(
            try AgingReport(before).totals(in: tx).map { ($0.currency, $0.total) }, uniquingKeysWith: { first, _ in first })
        return ReceivablesPeriod.periods(
            opening: opening, sales: try creditSales(from: before.asOf + 1, in: tx), closing: closing, days: days)
    }

    /// Invoices less credit notes, tax included.
    private func creditSales(from: Day, in tx: any Transaction) throws -> [Currency: Money] {
        let horizon = try moment.horizon(in: tx)
        var sales: [Currency: Money] = [:]
        try tx.forEach(
            """
            SELECT currency, CAST(SUM(amount_minor) AS BIGINT) FROM open_item
             WHERE entity_id = \(moment.entity) AND kind IN ('invoice', 'credit_note', 'opening') AND effective_on >= \(from)
               AND effective_on <= \(moment.asOf) AND id <= \(horizon)
             GROUP BY currency
            """
        ) { sales[$0.currency(0)] = $0.money(1, $0.currency(0)) }
        return sales
    }

    /// Of the invoices that were settled in the period, each with what cash paid of it and the last day cash came that was not taken back.
    /// One that credit notes or a write-off settled alone was not paid.
    private func behaviours(from: Day, in tx: any Transaction) throws -> [Currency: PaymentBehaviour] {
        var values: [SQLValue] = [.integer(moment.entity.value)]
        let known = try moment.condition("a.effective_on", "a.id", &values, in: tx)
        values.append(.text(from.iso8601))
        let text = """
            SELECT i.currency, s.paid_minor, i.effective_on, i.due_on, s.paid_on
              FROM open_item i
              JOIN (SELECT p.id, SUM(p.settled_minor) AS settled_minor, CAST(SUM(p.paid_minor) AS BIGINT) AS paid_minor,
                           MAX(CASE WHEN p.paid_minor > 0 THEN p.paid_on END) AS paid_on
                      FROM (SELECT a.debit_item_id AS id, SUM(a.amount_minor) AS settled_minor,
                                   SUM(CASE WHEN \(isPaidByCash) THEN a.amount_minor ELSE 0 END) AS paid_minor,
                                   MAX(CASE WHEN a.amount_minor > 0 THEN a.effective_on END) AS paid_on, MAX(a.effective_on) AS last_on
                              FROM allocation a JOIN open_item c ON c.entity_id = a.entity_id AND c.id = a.credit_item_id
                             WHERE a.entity_id = $1\(known) GROUP BY a.debit_item_id, a.credit_item_id) p
                     GROUP BY p.id HAVING MAX(p.last_on) >= $\(values.count)) s ON s.id = i.id
             WHERE i.entity_id = $1 AND i.kind IN ('invoice', 'opening') AND i.amount_minor = s.settled_minor AND s.paid_minor > 0
            """
        var behaviours: [Currency: PaymentBehaviour] = [:]
        try tx.forEach(SQL(text: text, values: values)) { row in
            let currency = row.currency(0)
            behaviours[currency, default: PaymentBehaviour(in: currency)].add(
                SettledItem(amount: row.money(1, currency), invoicedOn: row.day(2), dueOn: row.day(3), settledOn: row.day(4)))
        }
        return behaviours
    }

    /// `value` is of the row's unit: an amount, a count, or days and per cent as a decimal; empty where the reason says why.
    package static let columns: [ReportTable.Column] = [
        .text("figure"), .text("currency"), ReportTable.Column("value", .figure), .text("unit"), .text("reason"),
    ]

    package func table(in tx: any Transaction) throws -> ReportTable {
        var table = ReportTable(
            "Key figures of the \(days) days to \(moment.asOf.iso8601)\(moment.knownAt.map { ", as known at \($0.iso8601)" } ?? "")",
            Self.columns)
        for figures in try figures(in: tx) {
            let period = figures.period, currency = ReportTable.Cell.text(period.closing.currency.code)
            func line(_ name: String, _ value: ReportTable.Cell, _ unit: String, reason: String = "") {
                table.rows.append([.text(name), currency, value, .text(unit), .text(reason)])
            }
            for (name, money) in [
                ("Opening receivables", period.opening), ("Credit sales", period.creditSales), ("Closing receivables", period.closing),
                ("Closing receivables not past due", period.closingCurrent),
            ] { line(name, .money(money), "amount") }
            for figure in ReceivablesPeriod.figures {
                let (decimals, unit) = figure.unit.shape, absence = period.absence(of: figure)
                let value = period.value(of: figure).map { ReportTable.Cell.decimal($0, decimals: decimals) }
                line(figure.name, value ?? .text(absence?.name ?? ""), unit, reason: absence?.reason ?? "")
            }
            func days(_ name: String, _ value: Int64?, decimals: Int, absent: String) {
                let reason = value == nil ? "no invoice was paid \(absent) in the period" : ""
                line(name, value.map { .decimal($0, decimals: decimals) } ?? .text("none paid \(absent)"), "days", reason: reason)
            }
            days(Figure.daysToPay.name, figures.behaviour.exactDSOCentiDays, decimals: 2, absent: "in full")
            days("Days late, mean of those late", figures.behaviour.daysLateMeanTenths, decimals: 1, absent: "late")
            line("Invoices paid", .integer(figures.behaviour.count), "count")
            line("Of these paid late", .integer(figures.behaviour.lateCount), "count")
        }
        table.notes = [Figure.dso, .bpdso, .add, .cei, .daysToPay].map { "\($0.name): \($0.definition)" }
        return table
    }
}

/// Whether an allocation `a` with the credit item `c` pays its item: cash does, and the discount or difference that is booked with it; a
/// credit note and a write-off do not.
let isPaidByCash = "c.kind IN ('receipt', 'transfer', 'adjustment') AND a.rule NOT IN ('\(WriteOff.rule)', '\(ReverseWriteOff.rule)')"

extension Figure.Unit {
    fileprivate var shape: (decimals: Int, name: String) {
        switch self {
        case .days(let decimals): (decimals, "days")
        case .percent(let decimals): (decimals, "per cent")
        case .amount: (0, "minor units")
        }
    }
}
