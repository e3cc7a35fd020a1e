import Domain
import Store

/// Debits and credits of every account, by currency.
package struct TrialBalanceReport: Sendable {
    package struct Line: Equatable, Sendable {
        package let account: String
        package let name: String
        package let debit: Money
        package let credit: Money
        package var balance: Money { debit - credit }
    }

    private let moment: ReportMoment
    package init(_ moment: ReportMoment) { self.moment = moment }

    /// From the kept sums by day, or from the postings when an earlier state of knowledge is asked for.
    package func lines(in tx: any Transaction) throws -> [Line] {
        if moment.knownAt == nil {
            return try tx.rows(
                """
                SELECT k.account, a.name, k.currency, CAST(SUM(k.debit_minor) AS BIGINT), CAST(SUM(k.credit_minor) AS BIGINT)
                  FROM account_day k JOIN account a ON a.entity_id = k.entity_id AND a.code = k.account
                 WHERE k.entity_id = \(moment.entity) AND k.effective_on <= \(moment.asOf)
                 GROUP BY k.account, a.name, k.currency HAVING SUM(k.debit_minor + k.credit_minor) <> 0 ORDER BY k.account, k.currency
                """, Line.init)
        }
        let horizon = try moment.horizon(in: tx)
        return try tx.rows(
            """
            SELECT p.account, a.name, p.currency, CAST(SUM(CASE WHEN p.amount_minor > 0 THEN p.amount_minor ELSE 0 END) AS BIGINT),
                   CAST(SUM(CASE WHEN p.amount_minor < 0 THEN -p.amount_minor ELSE 0 END) AS BIGINT)
              FROM posting p
              JOIN journal_entry e ON e.entity_id = p.entity_id AND e.id = p.entry_id
              JOIN account a ON a.entity_id = p.entity_id AND a.code = p.account
             WHERE p.entity_id = \(moment.entity) AND p.entry_id <= \(horizon) AND e.effective_on <= \(moment.asOf)
             GROUP BY p.account, a.name, p.currency ORDER BY p.account, p.currency
            """, Line.init)
    }

    package static let columns: [ReportTable.Column] = [
        .text("account"), .text("name"), .text("currency"), .money("debit"), .money("credit"), .money("balance"),
    ]

    package func table(in tx: any Transaction) throws -> ReportTable {
        let lines = try lines(in: tx)
        var table = ReportTable(
            "Trial balance \(moment.title)", Self.columns,
            lines.map {
                [.text($0.account), .text($0.name), .text($0.debit.currency.code), .money($0.debit), .money($0.credit), .money($0.balance)]
            })
        let currencies = Set(lines.map(\.debit.currency)).sorted { $0.code < $1.code }
        table.totals = currencies.map { currency in
            let own = lines.filter { $0.debit.currency == currency }
            return [
                .text("total"), .none, .text(currency.code), .money(own.map(\.debit).total(in: currency)),
                .money(own.map(\.credit).total(in: currency)), .money(own.map(\.balance).total(in: currency)),
            ]
        }
        return table
    }
}

extension TrialBalanceReport.Line {
    fileprivate init(_ row: Row) {
        let currency = row.currency(2)
        self.init(
            account: row.text(0), name: row.text(1), debit: row.money(3, currency),
            credit: row.money(4, currency))
    }
}
