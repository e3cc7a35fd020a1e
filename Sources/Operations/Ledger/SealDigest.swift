import Crypto
import Domain
import Store

/// The hash of one seal and the checks that name a damaged row.
///
/// hash = SHA-256(format version ‖ previous hash ‖ entity ‖ first id ‖ last id ‖ recorded at ‖ row checks ‖ each table's rows in
/// `FactTable` order). A row is its sealed columns as `RowBatch` writes them.
struct SealDigest {
    static let version: UInt8 = 1
    private var rows = SHA256()
    private var hash = rowCheckSeed
    /// For each table with rows: its number (1 byte), the count (4 bytes little endian), then 4 bytes a row.
    private(set) var rowChecks: [UInt8] = []

    mutating func add(_ table: FactTable, _ batch: RowBatch) {
        guard !batch.isEmpty else { return }
        rowChecks.append(UInt8(table.rawValue))
        withUnsafeBytes(of: UInt32(batch.count).littleEndian) { rowChecks.append(contentsOf: $0) }
        let unsealed = table.unsealed, columns = batch.table.columns.count
        rowChecks.reserveCapacity(rowChecks.count + 4 * batch.count)
        batch.bytes.withUnsafeBytes { bytes in
            // Rows without a gap are hashed in one piece.
            if unsealed.isEmpty { rows.update(bufferPointer: bytes) }
            var at = 0
            for _ in 0..<batch.count {
                var start = at
                hash = rowCheckSeed
                for column in 0..<columns {
                    let end = valueEnd(bytes, at)
                    if !unsealed.isEmpty, unsealed.contains(column) {
                        seal(bytes[start..<at])
                        start = end
                    }
                    at = end
                }
                if unsealed.isEmpty { check(bytes[start..<at]) } else { seal(bytes[start..<at]) }
                let check = UInt32(truncatingIfNeeded: hash ^ hash >> 32)
                withUnsafeBytes(of: check.littleEndian) { rowChecks.append(contentsOf: $0) }
            }
        }
    }

    /// The checks of each row by the number of its table; `checks` has the shape of `rowChecks`.
    static func tables(_ checks: [UInt8]) -> [Int: [[UInt8]]] {
        var tables: [Int: [[UInt8]]] = [:], at = 0
        while at + 5 <= checks.count {
            let count = (0..<4).reduce(0) { $0 | Int(checks[at + 1 + $1]) << (8 * $1) }
            let end = min(at + 5 + count * 4, checks.count)
            tables[Int(checks[at])] = stride(from: at + 5, to: end, by: 4).map { Array(checks[$0..<min($0 + 4, end)]) }
            at = end
        }
        return tables
    }

    func hash(entity: ID<Entity>, previous: [UInt8], firstID: Int64, lastID: Int64, recordedAt: Instant) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: [Self.version])
        hash.update(data: previous)
        for value in [entity.value, firstID, lastID, recordedAt.microseconds] {
            withUnsafeBytes(of: value.littleEndian) { hash.update(bufferPointer: $0) }
        }
        hash.update(data: rowChecks)
        hash.update(data: Array(rows.finalize()))
        return Array(hash.finalize())
    }

    private mutating func seal(_ part: Swift.Slice<UnsafeRawBufferPointer>) {
        rows.update(bufferPointer: UnsafeRawBufferPointer(rebasing: part))
        check(part)
    }

    private mutating func check(_ part: Swift.Slice<UnsafeRawBufferPointer>) {
        let part = UnsafeRawBufferPointer(rebasing: part)
        var at = 0
        while at + 8 <= part.count {
            hash = (hash ^ UInt64(littleEndian: part.loadUnaligned(fromByteOffset: at, as: UInt64.self))) &* rowCheckPrime
            hash ^= hash >> 29
            at += 8
        }
        while at < part.count {
            hash = (hash ^ UInt64(part[at])) &* rowCheckPrime
            at += 1
        }
    }
}

/// Where the value of a `RowBatch` that begins at `at` ends.
func valueEnd(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Int {
    switch bytes[at] {
    case 0: at + 1
    case 1: at + 9
    default: at + 5 + Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 1, as: UInt32.self)))
    }
}

/// FNV-1a by words of eight bytes, folded to 32 bits: it only says which row to look at; the proof is the SHA-256.
private let rowCheckSeed: UInt64 = 0xcbf2_9ce4_8422_2325
private let rowCheckPrime: UInt64 = 0x9e37_79b9_7f4a_7c15
