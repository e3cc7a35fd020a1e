import Domain
import Store

/// Proves the books again from the facts alone: the chain of seals, the balance of every entry, every kept sum.
package struct CheckBooks: Sendable {
    /// What is wrong, in words that name the row; empty when everything is proven.
    package struct Report: Equatable, Sendable {
        package var sealCount = 0
        package var faults: [String] = []
    }

    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func run(in tx: any Transaction) throws -> Report {
        var report = Report()
        try checkChain(&report, in: tx)
        try checkSums(&report, in: tx)
        try checkNumbers(&report, in: tx)
        return report
    }

    private struct Seal { let first, last: Int64, at: Instant, rowChecks, hash: [UInt8] }

    private func checkChain(_ report: inout Report, in tx: any Transaction) throws {
        guard
            let (head, count) = try tx.first(
                "SELECT head, seal_count FROM book WHERE entity_id = \(entity)", { ($0.bytes(0), $0.integer(1)) })
        else { throw LedgerRefusal.unknownEntity(entity) }
        var previous = [UInt8](repeating: 0, count: 32), through = Int64.min
        while let seal = try tx.first(
            """
            SELECT first_id, last_id, recorded_at, row_checks, hash FROM seal
             WHERE entity_id = \(entity) AND last_id > \(through) ORDER BY last_id LIMIT 1
            """,
            {
                Seal(
                    first: $0.integer(0), last: $0.integer(1), at: Instant(microseconds: $0.integer(2)), rowChecks: $0.bytes(3),
                    hash: $0.bytes(4))
            })
        {
            report.sealCount += 1
            var digest = SealDigest()
            // Rows that stand between the seals belong to none: they were slipped in.
            for table in FactTable.allCases { digest.add(table, try rows(table, above: through, through: seal.last, in: tx)) }
            if digest.rowChecks != seal.rowChecks {
                report.faults.append("\(damage(digest.rowChecks, seal)): it is not what was sealed in ids \(seal.first)…\(seal.last)")
            } else if digest.hash(entity: entity, previous: previous, firstID: seal.first, lastID: seal.last, recordedAt: seal.at)
                != seal.hash
            {
                report.faults.append("seal of ids \(seal.first)…\(seal.last): its hash does not follow from its facts and the seal before")
            }
            (previous, through) = (seal.hash, seal.last)
        }
        if previous != head || report.sealCount != Int(count) {
            report.faults.append(
                "book: \(report.sealCount) seals stand, \(count) were made, and the last is \(previous == head ? "" : "not ")the head")
        }
        for table in FactTable.allCases where try !rows(table, above: through, through: .max, in: tx).isEmpty {
            report.faults.append("\(table.table.name): rows above id \(through) were never sealed")
        }
    }

    /// The rows with ids in `above + 1 … through`, as they were written.
    private func rows(_ table: FactTable, above: Int64, through: Int64, in tx: any Transaction) throws -> RowBatch {
        var batch = RowBatch(table.table)
        let columns = table.table.columns
        let text =
            "SELECT \(columns.map(\.name).joined(separator: ", ")) FROM \(table.table.name) WHERE entity_id = $1 AND \(table.idColumn) > $2"
            + " AND \(table.idColumn) <= $3 ORDER BY \(table.order)"
        try tx.forEach(SQL(text: text, values: [.integer(entity.value), .integer(above), .integer(through)])) { row in
            for (at, column) in columns.enumerated() {
                switch column.kind {
                case .integer: batch.append(row.optionalInteger(at))
                case .text: batch.append(row.optionalText(at))
                case .bytes: batch.append(row.bytes(at))
                }
            }
        }
        return batch
    }

    /// Names the first row whose check differs; both lists have the shape `SealDigest.rowChecks` describes.
    private func damage(_ found: [UInt8], _ seal: Seal) -> String {
        var left = tables(found), right = tables(seal.rowChecks)
        for table in FactTable.allCases {
            let have = left.removeValue(forKey: table.rawValue) ?? [], want = right.removeValue(forKey: table.rawValue) ?? []
            guard have != want else { continue }
            let at = zip(have, want).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(have.count, want.count)
            let change =
                have.count == want.count
                ? "was changed" : have.count < want.count ? "or a later one is missing" : "or a later one was added"
            return "\(table.table.name): row \(at + 1) of the seal \(change)"
        }
        return "seal: its list of rows was changed"
    }

    private func tables(_ checks: [UInt8]) -> [Int: [[UInt8]]] {
        var tables: [Int: [[UInt8]]] = [:], at = 0
        while at + 5 <= checks.count {
            let count = (0..<4).reduce(0) { $0 | Int(checks[at + 1 + $1]) << (8 * $1) }
            let end = min(at + 5 + count * 4, checks.count)
            tables[Int(checks[at])] = stride(from: at + 5, to: end, by: 4).map { Array(checks[$0..<min($0 + 4, end)]) }
            at = end
        }
        return tables
    }

    private func checkSums(_ report: inout Report, in tx: any Transaction) throws {
        for (what, sql) in sumQueries {
            try tx.forEach(sql) {
                report.faults.append("\(what) \($0.text(0)): \(figure($0, 1)) kept or stated, \(figure($0, 2)) by the facts")
            }
        }
    }

    /// The last number of each series is the highest that a document bears.
    private func checkNumbers(_ report: inout Report, in tx: any Transaction) throws {
        var last: [String: Int64] = [:]
        try tx.forEach("SELECT number FROM invoice WHERE entity_id = \(entity)") { row in
            guard let number = DocumentSeries.parsed(row.text(0)) else { return }
            let series = "\(number.series.rawValue) \(number.year)"
            last[series] = max(last[series] ?? 0, number.sequence)
        }
        try tx.forEach("SELECT series, year, last FROM document_series WHERE entity_id = \(entity)") { row in
            let series = "\(row.text(0)) \(row.integer(1))", borne = last.removeValue(forKey: series) ?? 0
            if borne != row.integer(2) {
                report.faults.append("series \(series): \(row.integer(2)) drawn, the highest on a document is \(borne)")
            }
        }
        for (series, borne) in last.sorted(by: { $0.key < $1.key }) {
            report.faults.append("series \(series): nothing drawn, the highest on a document is \(borne)")
        }
    }

    private func figure(_ row: Row, _ column: Int) -> String { row.optionalInteger(column).map(String.init) ?? "nothing" }

    /// Each gives a row only where something differs: its name, the kept figure, the figure recounted.
    private var sumQueries: [(String, SQL)] {
        [
            (
                "debits and credits of entry",
                """
                SELECT CAST(entry_id AS TEXT), CAST(0 AS BIGINT), CAST(SUM(amount_minor) AS BIGINT) FROM posting WHERE entity_id = \(entity)
                 GROUP BY entry_id, currency HAVING SUM(amount_minor) <> 0
                """
            ),
            (
                "open amount of item",
                """
                SELECT CAST(i.id AS TEXT), i.open_minor, CAST(i.amount_minor - COALESCE(d.settled, 0) + COALESCE(c.settled, 0) AS BIGINT)
                  FROM open_item i
                  LEFT JOIN (SELECT debit_item_id AS id, SUM(amount_minor) AS settled FROM allocation WHERE entity_id = \(entity) GROUP BY debit_item_id) d
                    ON d.id = i.id
                  LEFT JOIN (SELECT credit_item_id AS id, SUM(amount_minor) AS settled FROM allocation WHERE entity_id = \(entity) GROUP BY credit_item_id) c
                    ON c.id = i.id
                 WHERE i.entity_id = \(entity) AND i.open_minor <> i.amount_minor - COALESCE(d.settled, 0) + COALESCE(c.settled, 0)
                """
            ),
            (
                "control accounts against open items in",
                """
                SELECT o.currency, o.open_minor, COALESCE(p.balance_minor, 0)
                  FROM (SELECT currency, CAST(SUM(open_minor) AS BIGINT) AS open_minor FROM open_item WHERE entity_id = \(entity) GROUP BY currency) o
                  LEFT JOIN (SELECT x.currency, CAST(SUM(x.amount_minor) AS BIGINT) AS balance_minor FROM posting x
                               JOIN account a ON a.entity_id = x.entity_id AND a.code = x.account AND a.control = 1
                              WHERE x.entity_id = \(entity) GROUP BY x.currency) p ON p.currency = o.currency
                 WHERE o.open_minor <> COALESCE(p.balance_minor, 0)
                """
            ),
        ] + keptQueries(entity) + sliceQueries(entity) + bookQueries(entity)
    }
}

/// Kept figures against the facts, both ways round: a row that is missing on either side shows.
private func keptQueries(_ entity: ID<Entity>) -> [(String, SQL)] {
    [
        (
            "kept balance of account",
            """
            SELECT x.account || ' ' || x.effective_on, CAST(SUM(x.kept) AS BIGINT), CAST(SUM(x.counted) AS BIGINT)
              FROM (SELECT account, currency, effective_on, 0 AS side, debit_minor AS kept, 0 AS counted FROM account_day WHERE entity_id = \(entity)
                    UNION ALL
                    SELECT account, currency, effective_on, 1, credit_minor, 0 FROM account_day WHERE entity_id = \(entity)
                    UNION ALL
                    SELECT p.account, p.currency, e.effective_on, CASE WHEN p.amount_minor > 0 THEN 0 ELSE 1 END, 0,
                           CASE WHEN p.amount_minor > 0 THEN p.amount_minor ELSE -p.amount_minor END
                      FROM posting p JOIN journal_entry e ON e.entity_id = p.entity_id AND e.id = p.entry_id WHERE p.entity_id = \(entity)) x
             GROUP BY x.account, x.currency, x.effective_on, x.side HAVING SUM(x.kept) <> SUM(x.counted)
            """
        ),
        (
            "kept open amount due on",
            """
            SELECT x.due_on, CAST(SUM(x.kept) AS BIGINT), CAST(SUM(x.counted) AS BIGINT)
              FROM (SELECT currency, due_on, 0 AS side, debit_minor AS kept, 0 AS counted FROM due_day WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, due_on, 1, credit_minor, 0 FROM due_day WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, due_on, 2, debit_count, 0 FROM due_day WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, due_on, 3, credit_count, 0 FROM due_day WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, due_on, CASE WHEN open_minor > 0 THEN 0 ELSE 1 END, 0, open_minor
                                FROM open_item WHERE entity_id = \(entity) AND open_minor <> 0
                    UNION ALL SELECT currency, due_on, CASE WHEN open_minor > 0 THEN 2 ELSE 3 END, 0, 1
                                FROM open_item WHERE entity_id = \(entity) AND open_minor <> 0) x
             GROUP BY x.currency, x.due_on, x.side HAVING SUM(x.kept) <> SUM(x.counted)
            """
        ),
        (
            "proof of",
            """
            SELECT x.currency, CAST(SUM(x.kept) AS BIGINT), CAST(SUM(x.counted) AS BIGINT)
              FROM (SELECT currency, 0 AS side, debit_minor AS kept, 0 AS counted FROM proof WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, 1, open_minor, 0 FROM proof WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, 0, 0, amount_minor FROM posting WHERE entity_id = \(entity) AND amount_minor > 0
                    UNION ALL SELECT currency, 1, 0, open_minor FROM open_item WHERE entity_id = \(entity)) x
             GROUP BY x.currency, x.side HAVING SUM(x.kept) <> SUM(x.counted)
            """
        ),
        (
            "state of order",
            """
            SELECT o.external_id, o.document_id, CAST(NULL AS BIGINT) FROM sales_order o
             WHERE o.entity_id = \(entity) AND o.state = 'billed'
               AND NOT EXISTS (SELECT 1 FROM invoice_line l
                                WHERE l.entity_id = o.entity_id AND l.invoice_id = o.document_id AND l.order_id = o.id)
            UNION
            SELECT o.external_id, CAST(NULL AS BIGINT), l.invoice_id
              FROM invoice_line l JOIN sales_order o ON o.entity_id = l.entity_id AND o.id = l.order_id
             WHERE l.entity_id = \(entity) AND o.state <> 'billed'
            """
        ),
    ]
}

/// What is left of slices, and that no item has more of them than it has open.
private func sliceQueries(_ entity: ID<Entity>) -> [(String, SQL)] {
    [
        (
            "open amount of slice",
            """
            SELECT CAST(s.id AS TEXT), s.open_minor, CAST(s.amount_minor - COALESCE(e.gone, 0) AS BIGINT)
              FROM slice s
              LEFT JOIN (SELECT slice_id, SUM(CASE WHEN event = 'reopened' THEN -amount_minor ELSE amount_minor END) AS gone
                           FROM slice_event WHERE entity_id = \(entity) GROUP BY slice_id) e ON e.slice_id = s.id
             WHERE s.entity_id = \(entity) AND s.open_minor <> s.amount_minor - COALESCE(e.gone, 0)
            """
        ),
        (
            "slices of item",
            """
            SELECT CAST(s.item_id AS TEXT), CAST(SUM(s.open_minor) AS BIGINT), MAX(i.open_minor)
              FROM slice s JOIN open_item i ON i.entity_id = s.entity_id AND i.id = s.item_id
             WHERE s.entity_id = \(entity) AND s.open_minor <> 0 GROUP BY s.item_id HAVING SUM(s.open_minor) > MAX(i.open_minor)
            """
        ),
    ]
}

/// What the book itself keeps: how many slices there are, and through which day it is closed.
private func bookQueries(_ entity: ID<Entity>) -> [(String, SQL)] {
    [
        (
            "count of slices, by",
            """
            SELECT CAST(b.entity_id AS TEXT), b.slice_count, (SELECT count(*) FROM slice WHERE entity_id = \(entity))
              FROM book b WHERE b.entity_id = \(entity) AND b.slice_count <> (SELECT count(*) FROM slice WHERE entity_id = \(entity))
            """
        ),
        (
            "closed days of entity",
            """
            SELECT CAST(b.entity_id AS TEXT), CAST(replace(b.closed_through, '-', '') AS BIGINT),
                   CAST(replace((SELECT MAX(p.ends_on) FROM period p WHERE p.entity_id = \(entity)), '-', '') AS BIGINT)
              FROM book b WHERE b.entity_id = \(entity)
               AND COALESCE(b.closed_through, '') <> COALESCE((SELECT MAX(p.ends_on) FROM period p WHERE p.entity_id = \(entity)), '')
            """
        ),
    ]
}
