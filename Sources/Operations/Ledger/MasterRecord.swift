import Crypto
import Domain
import Store

/// Tables outside the facts whose rows may change, or have no id of their own: how each row stands is sealed whenever it is written.
///
/// Columns that a worker moves on by itself are left out, each with its reason in `docs/architecture.md`.
enum MasterRecord: String, CaseIterable, Sendable {
    case entity, customer
    case discountTerms = "discount_terms"
    case customerIdentity = "customer_identity"
    case identityRevocation = "identity_revocation"
    case deductionCode = "deduction_code"
    case period
    case statementSent = "statement_sent"
    case bankFeed = "bank_feed"
    case figureDay = "figure_day"
    case outbox, person
    case apiKey = "api_key"
    case entityAccess = "entity_access"
    case approval, webhook

    /// The covered columns, those that name the row first.
    var table: Table { Self.tables[self]! }

    /// How many columns behind `entity_id` name the row.
    var keyCount: Int {
        switch self {
        case .entity: 0
        case .customer, .discountTerms, .period, .bankFeed, .outbox, .person, .apiKey, .approval, .webhook: 1
        case .deductionCode, .statementSent, .figureDay, .entityAccess: 2
        case .customerIdentity, .identityRevocation: 3
        }
    }

    /// How many columns at the end came later: as long as they hold nothing, a row's digest is the one it had without them.
    var laterCount: Int {
        switch self {
        case .apiKey, .approval: 1
        case .entity, .customer, .discountTerms, .customerIdentity, .identityRevocation, .deductionCode, .period, .statementSent, .bankFeed,
            .figureDay, .outbox, .person, .entityAccess, .webhook:
            0
        }
    }

    private static let tables = Dictionary(
        uniqueKeysWithValues: allCases.map { record in (record, Table(record.rawValue, "entity_id:i " + record.columns)) })

    private var columns: String {
        switch self {
        case .entity: "name:t country:t currency:t vat_number:t iban:t created_at:i"
        case .customer:
            "id:i number:t name:t email:t country:t vat_number:t parent_id:i terms_days:i credit_limit_minor:i currency:t billing:t "
                + "cash_policy:t"
        case .discountTerms: "customer_id:i basis_points:i days:i"
        case .customerIdentity: "kind:t value:t customer_id:i source:t"
        case .identityRevocation: "kind:t value:t customer_id:i revoked_on:t role:t reason:t"
        case .deductionCode: "customer_id:i customer_code:t reason_code:t"
        case .period: "ends_on:t closed_at:i"
        case .statementSent: "customer_id:i as_of:t sent_at:i message_id:i"
        case .bankFeed: "account_iban:t through_on:t"
        case .figureDay: "currency:t figure_on:t period_days:i opening_minor:i sales_minor:i closing_minor:i current_minor:i"
        case .outbox: "id:i topic:t message_key:t recipient:t payload:t"
        case .person: "id:i email:t name:t role:t password:t totp_secret:t disabled:i home_entity_id:i home_person_id:i"
        case .apiKey: "id:i token_digest:t name:t role:t scopes:t created_at:i revoked_at:i made_by:i"
        case .entityAccess: "person_id:i other_entity_id:i other_person_id:i"
        case .approval: "id:i act:t fields:t why:t asked_by:i asked_name:t asked_at:i asked_role:t"
        case .webhook: "id:i url:t secret:t"
        }
    }
}

extension MasterRecord {
    /// The rows that a condition finds, as they stand; `condition` is the program's own words, `$1` the legal entity.
    func rows(
        _ entity: ID<Entity>, where condition: String = "", _ values: [SQLValue] = [], in tx: any Transaction
    ) throws -> RowBatch {
        var rows = RowBatch(table)
        try forEach(entity, where: condition, values, in: tx) { row in
            for (at, column) in table.columns.enumerated() { rows.append(row, at, column.kind) }
        }
        return rows
    }

    func forEach(
        _ entity: ID<Entity>, where condition: String = "", _ values: [SQLValue] = [], in tx: any Transaction, _ each: (Row) throws -> Void
    ) throws {
        let text = "SELECT \(table.columns.map(\.name).joined(separator: ", ")) FROM \(rawValue) WHERE entity_id = $1\(condition)"
        try tx.forEach(SQL(text: text, values: [.integer(entity.value)] + values), each)
    }
}

/// How rows of one table stood when they were written: for each the length of its key (4 bytes little endian) and the key as `RowBatch`
/// writes it, 1 for a row that stands or 0 for one that is gone, and the first 16 bytes of the row's SHA-256, zeros for one that is gone.
struct RecordChecks {
    static let digestSize = 16
    static let gone = [UInt8](repeating: 0, count: digestSize)
    private(set) var bytes: [UInt8] = []

    mutating func add(key: [UInt8], _ digest: [UInt8]) {
        withUnsafeBytes(of: UInt32(key.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: key)
        bytes.append(digest == Self.gone ? 0 : 1)
        bytes.append(contentsOf: digest)
    }

    mutating func add(_ record: MasterRecord, _ rows: RowBatch) {
        Self.forEach(record, rows) { add(key: $0, $1) }
    }

    /// Hands each row's key and digest on.
    static func forEach(_ record: MasterRecord, _ rows: RowBatch, _ each: (_ key: [UInt8], _ digest: [UInt8]) -> Void) {
        let columns = rows.table.columns.count
        rows.bytes.withUnsafeBytes { bytes in
            var at = 0
            for _ in 0..<rows.count {
                let start = at, keyStart = valueEnd(bytes, at)
                var key: [UInt8] = [], end = at
                for column in 0..<columns {
                    let holds = bytes[at] != 0 || column < columns - record.laterCount
                    at = valueEnd(bytes, at)
                    if column == record.keyCount { key = Array(bytes[keyStart..<at]) }
                    if holds { end = at }
                }
                var hash = SHA256()
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                each(key, Array(hash.finalize().prefix(digestSize)))
            }
        }
    }

    /// - Returns: false when the bytes have not that shape.
    static func read(_ bytes: [UInt8], _ each: (_ key: [UInt8], _ digest: [UInt8]) -> Void) -> Bool {
        var at = 0
        while at < bytes.count {
            guard at + 4 <= bytes.count else { return false }
            let key = at + 4, end = key + (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
            guard end + 1 + digestSize <= bytes.count else { return false }
            each(Array(bytes[key..<end]), Array(bytes[(end + 1)..<(end + 1 + digestSize)]))
            at = end + 1 + digestSize
        }
        return true
    }
}

extension Books {
    /// Seals how rows stand, which this transaction wrote so.
    mutating func cover(_ record: MasterRecord, _ rows: RowBatch) {
        guard !rows.isEmpty else { return }
        recordChecks[record, default: RecordChecks()].add(record, rows)
    }

    /// Seals how the rows with these values in `column` stand now.
    mutating func cover(_ record: MasterRecord, _ column: String = "id", in ids: [Int64], _ tx: any Transaction) throws {
        guard !ids.isEmpty else { return }
        var rows = RowBatch(record.table)
        let names = record.table.columns.map(\.name).joined(separator: ", ")
        let statement = ListStatement(from: 2, of: .integers) {
            "SELECT \(names) FROM \(record.rawValue) WHERE entity_id = $1 AND \(column) IN \($0)"
        }
        try tx.forEach(statement.with([.integer(entity.value)], ids)) { row in
            for (at, column) in record.table.columns.enumerated() { rows.append(row, at, column.kind) }
        }
        cover(record, rows)
    }

    /// Seals how the row with this key stands now.
    mutating func cover(_ record: MasterRecord, key: [SQLValue], _ tx: any Transaction) throws {
        let names = record.table.columns.dropFirst().prefix(key.count).enumerated()
        let condition = names.map { " AND \($1.name) = $\($0 + 2)" }.joined()
        cover(record, try record.rows(entity, where: condition, key, in: tx))
    }

    /// Seals that the row with this key is gone.
    mutating func uncover(_ record: MasterRecord, key: [SQLValue]) {
        precondition(key.count == record.keyCount)
        var row = RowBatch(record.table)
        row.append(entity.value)
        for value in key {
            switch value {
            case .integer(let integer): row.append(integer)
            case .text(let text): row.append(text)
            default: preconditionFailure("a key is of numbers and texts")
            }
        }
        let rowKey = Array(row.bytes.dropFirst(1 + MemoryLayout<Int64>.size))
        recordChecks[record, default: RecordChecks()].add(key: rowKey, RecordChecks.gone)
    }

}
