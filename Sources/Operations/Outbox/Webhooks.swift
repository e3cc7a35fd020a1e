import Domain
import Store

package enum Webhook {}

/// An address that wants to be told of every event, and how far it has been told.
///
/// Events reach an address one after the other in the order of recording, so those of one object never overtake each other.
package struct WebhookTarget: Equatable, Sendable {
    package let id: ID<Webhook>
    package let url: String
    /// Without the query, which may hold a key of the other side.
    package var shownURL: String { Self.shown(url) }
    package let secret: String
    /// The last event it took.
    package let throughID: Int64
    package let state: String
    package let attempts: Int
    package let lastError: String?
    /// The end of the lease names its holder: each lease ends later than those before it. 0 where nobody has it.
    let leasedUntil: Int64

    package static func shown(_ url: String) -> String {
        let end = url.firstIndex(of: "?")
        return end.map { url[..<$0] + "?…" } ?? url
    }
}

package struct RegisterWebhook: Sendable {
    private let entity: ID<Entity>
    private let url, secret: String
    package init(_ entity: ID<Entity>, url: String, secret: String) { (self.entity, self.url, self.secret) = (entity, url, secret) }

    /// - Returns: The id; events recorded from now on are sent.
    package func run(in tx: any Transaction, at now: Instant) throws -> ID<Webhook> {
        var books = try Books(lock: entity, at: now, in: tx)
        let id: ID<Webhook> = books.newID()
        try tx.run(
            """
            INSERT INTO webhook (entity_id, id, url, secret, through_id, state, attempts, next_at, leased_until)
            VALUES (\(entity), \(id), \(url), \(secret), \(id), 'active', 0, \(now), 0)
            """)
        try books.cover(.webhook, in: [id.value], tx)
        try books.close(in: tx)
        return id
    }
}

/// A "no" to what somebody wants of a webhook.
package enum WebhookRefusal: Refusal {
    case beyondFeed(last: Int64)
    case removed

    package var category: RefusalCategory {
        switch self {
        case .beyondFeed: .invalid
        case .removed: .conflict
        }
    }
    package var code: String {
        switch self {
        case .beyondFeed: "since_beyond_feed"
        case .removed: "webhook_removed"
        }
    }
    package var message: String {
        switch self {
        case .beyondFeed(let last): "nothing is recorded that far: since is \(last) at most"
        case .removed: "this address is told nothing any more: register it again"
        }
    }
}

/// Sends again what came after an event, as after an outage on the other side; or no more at all.
package struct ChangeWebhook: Sendable {
    package enum Change: Equatable, Sendable { case replay(after: Int64), remove }
    private let entity: ID<Entity>
    private let id: ID<Webhook>
    private let change: Change
    package init(_ entity: ID<Entity>, _ id: ID<Webhook>, _ change: Change) { (self.entity, self.id, self.change) = (entity, id, change) }

    /// - Returns: nil when there is no such webhook.
    /// - Errors: `WebhookRefusal.beyondFeed`: a place that no event reaches would silence the address for good; `removed` for a replay of one
    ///   that was taken away.
    package func run(in tx: any Transaction, at now: Instant) throws -> WebhookTarget? {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        let changed: Int, target = try ReadWebhooks(entity).one(id, in: tx)
        switch change {
        case .replay(let after):
            guard target?.state != "removed" else { throw WebhookRefusal.removed }
            let last = try tx.first("SELECT last_id FROM book WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0
            guard after <= last else { throw WebhookRefusal.beyondFeed(last: last) }
            // Whoever tells it now has another lease by this, and stops.
            changed = try tx.changes(
                """
                UPDATE webhook SET through_id = \(after), state = 'active', attempts = 0, next_at = \(now), last_error = NULL,
                       leased_until = CASE WHEN leased_until > 0 THEN leased_until - 1 ELSE 0 END
                 WHERE entity_id = \(entity) AND id = \(id) AND state <> 'removed'
                """)
        case .remove:
            changed = try tx.changes(
                "UPDATE webhook SET state = 'removed' WHERE entity_id = \(entity) AND id = \(id) AND state <> 'removed'")
        }
        if changed > 0 { books.append(change == .remove ? .removed : .replayed, of: id) }
        try books.close(in: tx)
        return try ReadWebhooks(entity).one(id, in: tx)
    }
}

/// What a person, or too many failures, did to an address.
enum WebhookEvent: String { case removed, paused, replayed }

extension Books {
    fileprivate mutating func append(_ event: WebhookEvent, of webhook: ID<Webhook>) {
        let id: ID<WebhookEvent> = newID()
        append(.webhookEvent) { batch in
            batch.append(id.value)
            batch.append(webhook.value)
            batch.append(event.rawValue)
        }
    }
}

package struct ReadWebhooks: Sendable {
    package enum Filter: String, CaseIterable, Sendable {
        case active, paused, removed, all
        /// nil leaves out those that were removed.
        fileprivate static func condition(_ filter: Filter?) -> String {
            filter == .all ? "1 = 1" : filter.map { "state = '\($0.rawValue)'" } ?? "state <> 'removed'"
        }
    }
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    /// - Parameter filter: Only these; nil leaves out those that were removed.
    package func page(
        _ filter: Filter? = nil, after: ListPlace?, limit: Int, in tx: any Transaction
    ) throws -> ListPage<WebhookTarget> {
        try .read(
            Self.columns + " AND \(Filter.condition(filter))", ListOrder("id", .integer, id: "id"), after: after, limit: limit,
            values: [.integer(entity.value)], in: tx
        ) { row in
            let target = Self.target(row)
            return (target, ListPlace("", target.id.value))
        }
    }

    /// Addresses that were registered at a moment with the state they had; how far each was told is not theirs.
    ///
    /// - Parameters:
    ///   - filter: As above, of the state they had.
    ///   - id: This one, though it was removed by then.
    package func page(
        _ filter: Filter? = nil, at moment: ReportMoment, id: ID<Webhook>? = nil, after: ListPlace? = nil, limit: Int = ListLimit.page,
        in tx: any Transaction
    ) throws -> ListPage<WebhookTarget> {
        let of = "FROM webhook_event e WHERE e.entity_id = w.entity_id AND e.webhook_id = w.id"
        // One without an event is as it was registered, or was changed before its history was kept.
        let text = """
            SELECT id, url, secret, through_id, state, attempts, last_error, leased_until
              FROM (SELECT w.id, w.url, w.secret, w.through_id, w.attempts, w.last_error, w.leased_until,
                           CASE WHEN NOT EXISTS (SELECT 1 \(of)) THEN w.state
                                ELSE COALESCE((SELECT CASE e.event WHEN 'replayed' THEN 'active' ELSE e.event END
                                               \(of) AND e.id <= $2 ORDER BY e.id DESC LIMIT 1), 'active') END AS state
                      FROM webhook w WHERE w.entity_id = $1 AND w.id <= $2) x
             WHERE \(id == nil ? Filter.condition(filter) : "id = $3")
            """
        let values: [SQLValue] = [.integer(moment.entity.value), .integer(try moment.recordedHorizon(in: tx))]
        return try .read(
            text, ListOrder("id", .integer, id: "id"), after: after, limit: limit, values: values + (id.map { [.integer($0.value)] } ?? []),
            in: tx
        ) { row in
            let target = Self.target(row)
            return (target, ListPlace("", target.id.value))
        }
    }

    package func one(_ id: ID<Webhook>, in tx: any Transaction) throws -> WebhookTarget? {
        try tx.first(
            SQL(text: Self.columns + " AND id = $2", values: [.integer(entity.value), .integer(id.value)]), Self.target)
    }

    static let columns = "SELECT id, url, secret, through_id, state, attempts, last_error, leased_until FROM webhook WHERE entity_id = $1"
    static func target(_ row: Row) -> WebhookTarget {
        WebhookTarget(
            id: row.id(0), url: row.text(1), secret: row.text(2), throughID: row.integer(3), state: row.text(4),
            attempts: Int(row.integer(5)), lastError: row.optionalText(6), leasedUntil: row.integer(7))
    }
}

/// Takes one address that is due; until the lease ends no other worker sends to it.
package struct LeaseWebhook: Sendable {
    /// An address that failed this often in a row is paused: a person looks, then replays.
    package static let attemptLimit = 8
    /// Longer than one event takes: to resolve the name, and to send.
    static let leaseMicroseconds: Int64 = 60_000_000
    private let entity: ID<Entity>
    private let after: Int64
    /// - Parameter after: The address that was served last in this round.
    package init(_ entity: ID<Entity>, after: Int64) { (self.entity, self.after) = (entity, after) }

    package func run(in tx: any Transaction, at now: Instant) throws -> WebhookTarget? {
        let id = try tx.rows(
            """
            UPDATE webhook SET leased_until = \(now.microseconds + Self.leaseMicroseconds)
             WHERE entity_id = \(entity) AND state = 'active' AND leased_until <= \(now) AND next_at <= \(now) AND id IN (
                SELECT id FROM webhook WHERE entity_id = \(entity) AND state = 'active' AND leased_until <= \(now) AND next_at <= \(now)
                   AND id > \(after) ORDER BY id LIMIT 1)
            RETURNING id
            """
        ) { row -> ID<Webhook> in row.id(0) }.first
        return try id.flatMap { try ReadWebhooks(entity).one($0, in: tx) }
    }
}

/// Records that an address took an event, and renews the lease.
package struct AdvanceWebhook: Sendable {
    private let entity: ID<Entity>
    private let target: WebhookTarget
    private let through: Int64
    package init(_ entity: ID<Entity>, _ target: WebhookTarget, through: Int64) {
        (self.entity, self.target, self.through) = (entity, target, through)
    }

    /// - Returns: The address with its new lease; nil when the caller's is over: another has it, or somebody removed or replayed it.
    package func run(in tx: any Transaction, at now: Instant) throws -> WebhookTarget? {
        let until = max(target.leasedUntil, now.microseconds + LeaseWebhook.leaseMicroseconds)
        let changed = try tx.changes(
            """
            UPDATE webhook SET through_id = \(through), attempts = 0, last_error = NULL, leased_until = \(until)
             WHERE entity_id = \(entity) AND id = \(target.id) AND state = 'active' AND leased_until = \(target.leasedUntil)
            """)
        return changed == 0 ? nil : try ReadWebhooks(entity).one(target.id, in: tx)
    }
}

/// Ends a lease and records what stopped it: tried again after 1, 2, 4 … minutes.
package struct ConcludeWebhook: Sendable {
    private let entity: ID<Entity>
    private let target: WebhookTarget
    private let error: String?
    package init(_ entity: ID<Entity>, _ target: WebhookTarget, error: String?) {
        (self.entity, self.target, self.error) = (entity, target, error)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        let attempts = target.attempts + (error == nil ? 0 : 1)
        let isLast = error != nil && attempts >= LeaseWebhook.attemptLimit
        var books = isLast ? try Books(lock: entity, at: now, in: tx) : nil
        let next = error == nil ? now.microseconds : now.microseconds + 60_000_000 << Int64(min(attempts, 10) - 1)
        let state = isLast ? "paused" : "active"
        let changed = try tx.changes(
            """
            UPDATE webhook SET attempts = \(attempts), next_at = \(next), leased_until = 0, last_error = \(error ?? target.lastError),
                   state = \(state)
             WHERE entity_id = \(entity) AND id = \(target.id) AND state = 'active' AND leased_until = \(target.leasedUntil)
            """)
        if changed > 0 { books?.append(.paused, of: target.id) }
        try books?.close(in: tx)
        guard changed == 0 else { return }
        // Somebody replayed it meanwhile: their place stands, and is told of at once. A later lease is another's.
        try tx.run(
            """
            UPDATE webhook SET leased_until = 0
             WHERE entity_id = \(entity) AND id = \(target.id) AND leased_until < \(target.leasedUntil)
            """)
    }
}
