import Domain
import Store

/// Compares each master record with how it stood when it was last written, which the chain of seals holds.
struct CheckRecords {
    private let entity: ID<Entity>
    init(_ entity: ID<Entity>) { self.entity = entity }

    /// - Parameter part: Runs one check so that what cannot be read is a fault.
    func run(
        _ report: inout CheckBooks.Report, in tx: any Transaction,
        _ part: (inout CheckBooks.Report, (inout CheckBooks.Report) throws -> Void) throws -> Void
    ) throws {
        var isWhole = false
        for record in MasterRecord.allCases {
            try part(&report) { report in
                var sealed = try sealed(record, &report, in: tx)
                // Books whose first seal names their legal entity hold every record; older ones hold those written since.
                if record == .entity { isWhole = !sealed.isEmpty }
                try compare(record, &sealed, isWhole: isWhole, &report, in: tx)
            }
        }
    }

    /// The last digest of each row by its key.
    private func sealed(
        _ record: MasterRecord, _ report: inout CheckBooks.Report, in tx: any Transaction
    ) throws -> [[UInt8]: [UInt8]] {
        var sealed: [[UInt8]: [UInt8]] = [:]
        try tx.forEach("SELECT checks, id FROM record_check WHERE entity_id = \(entity) AND subject = \(record.rawValue) ORDER BY id") {
            row in
            let isRead = RecordChecks.read(row.bytes(0)) { key, digest in sealed[key] = digest }
            if !isRead { report.faults.append("record_check \(record.rawValue) (id \(row.integer(1))) cannot be read") }
        }
        return sealed
    }

    private func compare(
        _ record: MasterRecord, _ sealed: inout [[UInt8]: [UInt8]], isWhole: Bool, _ report: inout CheckBooks.Report,
        in tx: any Transaction
    ) throws {
        var rows = RowBatch(record.table), differing: [(row: [SQLValue], what: String)] = []
        try record.forEach(entity, in: tx) { row in
            rows.removeAll()
            for (at, column) in record.table.columns.enumerated() { rows.append(row, at, column.kind) }
            RecordChecks.forEach(record, rows) { key, digest in
                switch sealed.removeValue(forKey: key) {
                case digest: break
                case nil: if isWhole { differing.append((rows.rows[0], "was not written by florin")) }
                case RecordChecks.gone: differing.append((rows.rows[0], "was taken away and stands again"))
                default: differing.append((rows.rows[0], "is not as it was last written"))
                }
            }
        }
        for (row, what) in differing {
            report.faults.append("\(record.rawValue) \(try RowNames(entity).name(record.table, row, in: tx)): it \(what)")
        }
        for key in sealed.filter({ $0.value != RecordChecks.gone }).keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            report.faults.append("\(record.rawValue) \(named(key)): it is missing")
        }
    }

    /// The values of a key, as a person reads them.
    private func named(_ key: [UInt8]) -> String {
        var words: [String] = [], at = 0
        key.withUnsafeBytes { bytes in
            while at < bytes.count, bytes[at] != 0, at + 5 <= bytes.count {
                let end = valueEnd(bytes, at)
                guard end <= bytes.count else { return }
                words.append(
                    bytes[at] == 1
                        ? String(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 1, as: Int64.self)))
                        : String(decoding: bytes[(at + 5)..<end], as: UTF8.self))
                at = end
            }
        }
        return words.joined(separator: " ")
    }
}
