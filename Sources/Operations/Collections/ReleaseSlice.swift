import Domain
import Store

/// Ends a part that stood apart: a dispute that was cleared, a deduction that is recovered, a promise that is called off. It is collected
/// again from that day on. Ending one instalment ends its plan.
package struct ReleaseSlice: Sendable {
    private let entity: ID<Entity>
    private let id: ID<Slice>
    private let reason, role: String
    private let on: Day
    package init(_ entity: ID<Entity>, _ id: ID<Slice>, reason: String, role: String, on day: Day) {
        (self.entity, self.id, self.reason, self.role, on) = (entity, id, reason, role, day)
    }

    /// - Returns: The number of the document.
    @discardableResult package func run(in tx: any Transaction, at now: Instant) throws -> String {
        guard !reason.isEmpty else { throw SliceRefusal.noReason }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let found = try tx.first(
            """
            SELECT s.open_minor, s.plan_id, i.number FROM slice s JOIN open_item i ON i.entity_id = s.entity_id AND i.id = s.item_id
             WHERE s.entity_id = \(entity) AND s.id = \(id)
            """
        ) { (open: $0.integer(0), plan: $0.optionalInteger(1), document: $0.text(2)) }
        guard let slice = found else { throw SliceRefusal.unknown }
        guard slice.open > 0 else { throw SliceRefusal.closed(slice.document) }
        var ended = [(id: id.value, open: slice.open)]
        if let plan = slice.plan {
            ended = try tx.rows(
                "SELECT id, open_minor FROM slice WHERE entity_id = \(entity) AND open_minor <> 0 AND plan_id = \(plan) ORDER BY id"
            ) {
                (id: $0.integer(0), open: $0.integer(1))
            }
        }
        // Write.
        for one in ended { books.append(.released, of: one.id, one.open, on: on, reason: reason, role: role) }
        try tx.run("UPDATE slice SET open_minor = 0 WHERE entity_id = \(entity) AND id IN \(ids: ended.map(\.id))")
        try books.close(in: tx)
        return slice.document
    }
}

/// Writes down which promises and instalments were broken: their day has passed, the bank is known through it, and no cash of the customer
/// waits to be applied. One run is one transaction of at most `sliceLimit`.
package struct JudgePromises: Sendable {
    package static let sliceLimit = 1_000

    private let entity: ID<Entity>
    private let on: Day
    package init(_ entity: ID<Entity>, on day: Day) { (self.entity, on) = (entity, day) }

    /// - Returns: How many were broken.
    package func run(in tx: any Transaction, at now: Instant) throws -> Int {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let known = try bankFeeds(entity, through: max(on, now.day), in: tx).map(\.through).min()
        let passed = min(on + -1, known ?? on)
        let broken = try tx.rows(
            """
            SELECT s.id, s.open_minor FROM slice s
             WHERE s.entity_id = \(entity) AND s.open_minor <> 0 AND s.due_on IS NOT NULL AND s.due_on <= \(passed)
               AND NOT EXISTS (SELECT 1 FROM cash_candidate k WHERE k.entity_id = s.entity_id AND k.customer_id = s.customer_id)
               AND NOT EXISTS (SELECT 1 FROM open_item c WHERE c.entity_id = s.entity_id AND c.customer_id = s.customer_id
                                  AND c.open_minor <> 0 AND c.open_minor < 0 AND c.kind IN ('receipt', 'transfer'))
             ORDER BY s.id LIMIT \(Self.sliceLimit)
            """
        ) { (id: $0.integer(0), open: $0.integer(1)) }
        // Write.
        for one in broken { books.append(.broken, of: one.id, one.open, on: on, reason: "the day passed", role: "") }
        try tx.run("UPDATE slice SET open_minor = 0 WHERE entity_id = \(entity) AND id IN \(ids: broken.map(\.id))")
        try books.close(in: tx)
        return broken.count
    }
}
