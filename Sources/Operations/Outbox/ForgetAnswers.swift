import Domain
import Store

/// Forgets answers that were kept for repeats of a request, two days after it came; those of money moves stay for ever.
struct ForgetAnswers: Sendable {
    struct Key: Sendable { fileprivate let route, key: String }

    /// So many go in one transaction.
    static let batch = 1_000
    private static let keptMicroseconds: Int64 = 48 * 3_600_000_000, limit = 50_000
    private let entity: ID<Entity>
    init(_ entity: ID<Entity>) { self.entity = entity }

    /// Some of those that may go, which reads the table once; none when all are gone.
    func keys(in tx: any Transaction, at now: Instant) throws -> [Key] {
        try tx.rows(
            """
            SELECT route, request_key FROM idempotency
             WHERE entity_id = \(entity) AND created_at < \(now.microseconds - Self.keptMicroseconds)
               AND §lower(route) NOT LIKE '%post /v1/receipts%' AND §lower(route) NOT LIKE '%post /v1/statements%'
               AND §lower(route) NOT LIKE '%post /v1/approvals/%' AND §lower(route) NOT LIKE '%post /v1/invoices/%/write-off%'
             LIMIT \(Self.limit)
            """
        ) { Key(route: $0.text(0), key: $0.text(1)) }
    }

    func run(_ keys: some Sequence<Key>, in tx: any Transaction, at now: Instant) throws {
        let end = SQLValue.integer(now.microseconds - Self.keptMicroseconds)
        try tx.repeated(
            "DELETE FROM idempotency WHERE entity_id = $1 AND route = $2 AND request_key = $3 AND created_at < $4", 4,
            keys.flatMap { [.integer(entity.value), .text($0.route), .text($0.key), end] })
    }
}
