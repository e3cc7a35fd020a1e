import Domain
import Store

/// Proves the books again from the facts alone: the chain of seals, the balance of every entry, every kept sum, every record.
package struct CheckBooks: Sendable {
    /// What is wrong, in words that name the row; empty when everything is proven.
    package struct Report: Equatable, Sendable {
        package var sealCount = 0
        package var faults: [String] = []
    }

    /// Findings of the database itself, at most.
    private static let damageLimit = 20

    let entity: ID<Entity>
    private let readsPages: Bool

    /// - Parameter readsPages: Whether the database is asked for damage of its pages and indexes, of whatever legal entity: once is enough.
    package init(_ entity: ID<Entity>, readsPages: Bool = true) { (self.entity, self.readsPages) = (entity, readsPages) }

    package func run(in tx: any Transaction) throws -> Report {
        var report = Report()
        if readsPages {
            try part(&report, in: tx) { report in
                report.faults += try tx.damage(limit: Self.damageLimit).map { "database: \($0)" }
            }
        }
        try part(&report, in: tx) { try checkChain(&$0, in: tx) }
        for (what, sql) in sumQueries { try part(&report, in: tx) { try check(what, sql, &$0, in: tx) } }
        try part(&report, in: tx) { try checkNumbers(&$0, in: tx) }
        try part(&report, in: tx) { try checkAccounts(&$0, in: tx) }
        try part(&report, in: tx) { try checkQueue(&$0, in: tx) }
        try CheckRecords(entity).run(&report, in: tx) { try part(&$0, in: tx, $1) }
        return report
    }

    /// What cannot even be read is a fault like any other: it is told, and the rest is checked all the same.
    private func part(_ report: inout Report, in tx: any Transaction, _ check: (inout Report) throws -> Void) throws {
        try tx.run("SAVEPOINT part")
        do { try check(&report) } catch let fault as DatabaseFault {
            report.faults.append(fault.advice ?? "\(fault)")
            try tx.run("ROLLBACK TO part")
        }
        try tx.run("RELEASE part")
    }

    private struct Seal { let first, last: Int64, at: Instant, rowChecks, hash: [UInt8] }
    private struct Book { let head: [UInt8], sealCount, lastID, sealedAt: Int64 }

    private func checkChain(_ report: inout Report, in tx: any Transaction) throws {
        let book = try tx.first("SELECT head, seal_count, last_id, sealed_at FROM book WHERE entity_id = \(entity)") {
            Book(head: $0.bytes(0), sealCount: $0.integer(1), lastID: $0.integer(2), sealedAt: $0.integer(3))
        }
        guard let book else { throw LedgerRefusal.unknownEntity(entity) }
        var previous = [UInt8](repeating: 0, count: 32), through = Int64.min, sealedAt: Int64 = 0, begun: Set<FactTable> = []
        while let seal = try nextSeal(after: through, in: tx) {
            report.sealCount += 1
            var digest = SealDigest(), found: [FactTable: RowBatch] = [:]
            let sealed = SealDigest.tables(seal.rowChecks)
            let parts = FactTable.allCases.filter { !$0.joinedLater || begun.contains($0) || sealed[$0.rawValue] != nil }.map { table in
                // Rows that stand between the seals belong to none: they were slipped in.
                (table, above: table.joinedLater && begun.insert(table).inserted ? max(through, seal.first &- 1) : through)
            }
            try tx.ask { parts.map { query($0, above: $1, through: seal.last) } }
            for (table, above) in parts {
                let rows = try rows(table, above: above, through: seal.last, in: tx)
                digest.add(table, rows)
                found[table] = rows
            }
            if digest.rowChecks != seal.rowChecks {
                let damage = try damage(digest.rowChecks, seal, found, in: tx)
                report.faults.append("\(damage): it is not what was sealed in ids \(seal.first)…\(seal.last)")
            } else if digest.hash(entity: entity, previous: previous, firstID: seal.first, lastID: seal.last, recordedAt: seal.at)
                != seal.hash
            {
                report.faults.append(
                    """
                    seal of \(seal.at.iso8601), ids \(seal.first)…\(seal.last): its hash does not follow from its facts and the seal before
                    """
                )
            }
            (previous, through, sealedAt) = (seal.hash, seal.last, seal.at.microseconds)
        }
        if previous != book.head || report.sealCount != Int(book.sealCount) {
            report.faults.append(
                """
                book: \(report.sealCount) seals stand, \(book.sealCount) were made, and the last is \
                \(previous == book.head ? "" : "not ")the head
                """
            )
        }
        if book.sealedAt != sealedAt || book.lastID < max(through, 0) {
            report.faults.append(
                "book: its last seal is of \(Instant(microseconds: sealedAt).iso8601) and ends with id \(through), it keeps another")
        }
        for table in FactTable.allCases where !table.joinedLater || begun.contains(table) {
            guard try !rows(table, above: through, through: .max, in: tx).isEmpty else { continue }
            report.faults.append("\(table.table.name): rows above id \(through) were never sealed")
        }
    }

    private func nextSeal(after through: Int64, in tx: any Transaction) throws -> Seal? {
        try tx.first(
            """
            SELECT first_id, last_id, recorded_at, row_checks, hash FROM seal
             WHERE entity_id = \(entity) AND last_id > \(through) ORDER BY last_id LIMIT 1
            """
        ) {
            Seal(
                first: $0.integer(0), last: $0.integer(1), at: Instant(microseconds: $0.integer(2)), rowChecks: $0.bytes(3),
                hash: $0.bytes(4))
        }
    }

    /// The rows with ids in `above + 1 … through`.
    private func query(_ table: FactTable, above: Int64, through: Int64) -> SQL {
        SQL(table.rowsBetween, [.integer(entity.value), .integer(above), .integer(through)])
    }

    private func rows(_ table: FactTable, above: Int64, through: Int64, in tx: any Transaction) throws -> RowBatch {
        var batch = RowBatch(table.table)
        try tx.forEach(query(table, above: above, through: through)) { row in
            for (at, column) in table.table.columns.enumerated() { batch.append(row, at, column.kind) }
        }
        return batch
    }

    /// Names the first row whose check differs; both lists have the shape `SealDigest.rowChecks` describes.
    private func damage(
        _ checks: [UInt8], _ seal: Seal, _ found: [FactTable: RowBatch], in tx: any Transaction
    ) throws -> String {
        var left = SealDigest.tables(checks), right = SealDigest.tables(seal.rowChecks)
        for table in FactTable.allCases {
            let have = left.removeValue(forKey: table.rawValue) ?? [], want = right.removeValue(forKey: table.rawValue) ?? []
            guard have != want else { continue }
            let at = zip(have, want).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(have.count, want.count)
            let change =
                have.count == want.count
                ? "was changed" : have.count < want.count ? "or a later one is missing" : "or a later one was added"
            let rows = found[table]?.rows ?? []
            let name = try rows.indices.contains(at) ? RowNames(entity).name(table.table, rows[at], in: tx) : ""
            return "\(table.table.name): row \(at + 1) of the seal \(change)\(name.isEmpty ? "" : " (now \(name))")"
        }
        return "seal: its list of rows was changed"
    }

    private func check(_ what: String, _ sql: SQL, _ report: inout Report, in tx: any Transaction) throws {
        try tx.forEach(sql) {
            report.faults.append("\(what) \($0.text(0)): \(figure($0, 1)) kept or stated, \(figure($0, 2)) by the facts")
        }
    }

    /// A number or a word.
    private func figure(_ row: Row, _ column: Int) -> String { row.optionalText(column) ?? "nothing" }
}
