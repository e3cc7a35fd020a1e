import Domain
import Store

/// Applications and their certificates against the seals that hold them, without the rest of the books.
struct SealedApplications {
    private static let batch = 500
    private let entity: ID<Entity>
    init(_ entity: ID<Entity>) { self.entity = entity }

    /// What differs from what was sealed, by receipt.
    func faults(in tx: any Transaction) throws -> [String] {
        var faults: [String] = [], through = Int64.min
        while true {
            let seals = try tx.rows(
                """
                SELECT last_id, row_checks FROM seal WHERE entity_id = \(entity) AND last_id > \(through)
                  ORDER BY last_id LIMIT \(Self.batch)
                """
            ) { (last: $0.integer(0), checks: $0.bytes(1)) }
            guard let last = seals.last?.last else { break }
            var batches = seals.map { _ in RowBatch(FactTable.application.table) }, at = 0
            try forEach(above: through, through: last, in: tx) { row, id in
                while seals[at].last < id { at += 1 }
                for (column, shape) in batches[at].table.columns.enumerated() { batches[at].append(row, column, shape.kind) }
            }
            for (seal, rows) in zip(seals, batches) { faults += try differences(seal.checks, rows, in: tx) }
            through = last
        }
        try forEach(above: through, through: .max, in: tx) { _, id in faults.append("application \(id) was never sealed") }
        return faults
    }

    private func forEach(above: Int64, through: Int64, in tx: any Transaction, _ each: (Row, Int64) throws -> Void) throws {
        let query = SQL(FactTable.application.rowsBetween, [.integer(entity.value), .integer(above), .integer(through)])
        try tx.forEach(query) { try each($0, $0.integer(1)) }
    }

    private func differences(_ sealed: [UInt8], _ rows: RowBatch, in tx: any Transaction) throws -> [String] {
        var digest = SealDigest()
        digest.add(.application, rows)
        let number = FactTable.application.rawValue
        let have = SealDigest.tables(digest.rowChecks)[number] ?? [], want = SealDigest.tables(sealed)[number] ?? []
        guard have != want else { return [] }
        guard have.count == want.count else { return ["\(want.count) applications were sealed together, \(have.count) stand"] }
        let values = rows.rows
        return try have.indices.filter { have[$0] != want[$0] }.map { at in
            "receipt \(try RowNames(entity).name(rows.table, values[at], in: tx)): its application is not what was sealed"
        }
    }
}
