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
        let before = moment.on(moment.asOf + -days)
        let opening = Dictionary(
            try AgingReport(before).totals(in: tx).map { ($0.currency, $0.total) }, uniquingKeysWith: { first, _ in first })
        let sales = try creditSales(from: before.asOf + 1, in: tx), behaviours = try behaviours(from: before.asOf + 1, in: tx)
        let closing = try AgingReport(moment).totals(in: tx)
        return ReceivablesPeriod.periods(opening: opening, sales: sales, closing: closing, days: days).map {
            let currency = $0.closing.currency
            return Figures(period: $0, behaviour: behaviours[currency] ?? PaymentBehaviour(in: currency))
        }
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

    /// Of the invoices whose last allocation lies in the period and that were settled by it.
    private func behaviours(from: Day, in tx: any Transaction) throws -> [Currency: PaymentBehaviour] {
        let horizon = try moment.horizon(in: tx)
        var behaviours: [Currency: PaymentBehaviour] = [:]
        try tx.forEach(
            """
            SELECT i.currency, i.amount_minor, i.effective_on, i.due_on, s.settled_on
              FROM open_item i
              JOIN (SELECT a.debit_item_id AS id, MAX(a.effective_on) AS settled_on, SUM(a.amount_minor) AS settled_minor
                      FROM allocation a WHERE a.entity_id = \(moment.entity) AND a.id <= \(horizon) AND a.effective_on <= \(moment.asOf)
                     GROUP BY a.debit_item_id HAVING MAX(a.effective_on) >= \(from)) s ON s.id = i.id
             WHERE i.entity_id = \(moment.entity) AND i.kind IN ('invoice', 'opening') AND i.amount_minor = s.settled_minor
            """
        ) { row in
            let currency = row.currency(0)
            behaviours[currency, default: PaymentBehaviour(in: currency)].add(
                SettledItem(
                    amount: row.money(1, currency), invoicedOn: row.day(2), dueOn: row.day(3), settledOn: row.day(4)))
        }
        return behaviours
    }

    package func table(in tx: any Transaction) throws -> ReportTable {
        var table = ReportTable(
            "Key figures of the \(days) days to \(moment.asOf.iso8601)\(moment.knownAt.map { ", as known at \($0.iso8601)" } ?? "")",
            [.text("figure"), .text("currency"), .number("value"), .text("unit"), .text("reason")])
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
                let reason = value == nil ? "no invoice was settled \(absent) in the period" : ""
                line(name, value.map { .decimal($0, decimals: decimals) } ?? .text("none settled \(absent)"), "days", reason: reason)
            }
            days(Figure.daysToPay.name, figures.behaviour.exactDSOCentiDays, decimals: 2, absent: "in full")
            days("Days late, mean of those late", figures.behaviour.daysLateMeanTenths, decimals: 1, absent: "late")
            line("Invoices settled", .integer(figures.behaviour.count), "count")
            line("Of these settled late", .integer(figures.behaviour.lateCount), "count")
        }
        table.notes = [Figure.dso, .bpdso, .add, .cei, .daysToPay].map { "\($0.name): \($0.definition)" }
        return table
    }
}

extension Figure.Unit {
    fileprivate var shape: (decimals: Int, name: String) {
        switch self {
        case .days(let decimals): (decimals, "days")
        case .percent(let decimals): (decimals, "per cent")
        case .amount: (0, "minor units")
        }
    }
}
