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
        return report
    }

    private struct Seal { let first, last: Int64, at: Instant, rowChecks, hash: [UInt8] }

    private func checkChain(_ report: inout Report, in tx: any Transaction) throws {
        guard let (head, count) = try tx.first("SELECT head, seal_count FROM book WHERE entity_id = \(entity)", { ($0.bytes(0), $0.integer(1)) })
        else { throw LedgerRefusal.unknownEntity(entity) }
        var previous = [UInt8](repeating: 0, count: 32), through: Int64 = 0
        while let seal = try tx.first(
            """
            SELECT first_id, last_id, recorded_at, row_checks, hash FROM seal
             WHERE entity_id = \(entity) AND last_id > \(through) ORDER BY last_id LIMIT 1
            """, { Seal(first: $0.integer(0), last: $0.integer(1), at: Instant(microseconds: $0.integer(2)), rowChecks: $0.bytes(3), hash: $0.bytes(4)) })
        {
            report.sealCount += 1
            var digest = SealDigest()
            // Rows that stand between the seals belong to none: they were slipped in.
            for table in FactTable.allCases { digest.add(table, try rows(table, above: through, through: seal.last, in: tx)) }
            if digest.rowChecks != seal.rowChecks {
                report.faults.append("\(damage(digest.rowChecks, seal)): it is not what was sealed in ids \(seal.first)…\(seal.last)")
            } else if digest.hash(entity: entity, previous: previous, firstID: seal.first, lastID: seal.last, recordedAt: seal.at) != seal.hash {
                report.faults.append("seal of ids \(seal.first)…\(seal.last): its hash does not follow from its facts and the seal before")
            }
            (previous, through) = (seal.hash, seal.last)
        }
        if previous != head || report.sealCount != Int(count) {
            report.faults.append("book: \(report.sealCount) seals stand, \(count) were made, and the last is \(previous == head ? "" : "not ")the head")
        }
        for table in FactTable.allCases where try !rows(table, above: through, through: .max, in: tx).isEmpty {
            report.faults.append("\(table.table.name): rows above id \(through) were never sealed")
        }
    }

    /// The rows with ids in `above + 1 … through`, as they were written.
    private func rows(_ table: FactTable, above: Int64, through: Int64, in tx: any Transaction) throws -> RowBatch {
        var batch = RowBatch(table.table)
        let columns = table.table.columns
        let text = "SELECT \(columns.map(\.name).joined(separator: ", ")) FROM \(table.table.name) WHERE entity_id = $1 AND \(table.idColumn) > $2"
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
            let change = have.count == want.count ? "was changed" : have.count < want.count ? "or a later one is missing" : "or a later one was added"
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
            try tx.forEach(sql) { report.faults.append("\(what) \($0.text(0)): \($0.integer(1)) kept or stated, \($0.integer(2)) by the facts") }
        }
    }

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
            (
                "kept balance of account",
                """
                SELECT k.account, CAST(SUM(k.debit_minor - k.credit_minor) AS BIGINT), CAST(COALESCE(MAX(p.balance_minor), 0) AS BIGINT)
                  FROM account_day k
                  LEFT JOIN (SELECT account, currency, SUM(amount_minor) AS balance_minor FROM posting WHERE entity_id = \(entity)
                              GROUP BY account, currency) p ON p.account = k.account AND p.currency = k.currency
                 WHERE k.entity_id = \(entity) GROUP BY k.account, k.currency
                HAVING SUM(k.debit_minor - k.credit_minor) <> COALESCE(MAX(p.balance_minor), 0)
                """
            ),
            (
                "kept open amount due on",
                """
                SELECT k.due_on, k.debit_minor + k.credit_minor, CAST(COALESCE(o.open_minor, 0) AS BIGINT)
                  FROM due_day k
                  LEFT JOIN (SELECT currency, due_on, SUM(open_minor) AS open_minor FROM open_item WHERE entity_id = \(entity)
                              GROUP BY currency, due_on) o ON o.currency = k.currency AND o.due_on = k.due_on
                 WHERE k.entity_id = \(entity) AND k.debit_minor + k.credit_minor <> COALESCE(o.open_minor, 0)
                """
            ),
        ]
    }
}
