import Domain
import Store

/// A request's key: the same request with the same key has one effect and one answer.
///
/// (entity, route, key) is unique; the answer is kept with the digest of the body in the operation's own transaction.
package struct IdempotencyKey: Hashable, Sendable {
    package struct Answer: Equatable, Sendable {
        package let status: Int
        package let body: String
        package init(status: Int, body: String) { (self.status, self.body) = (status, body) }
    }
    package enum Refused: Refusal, Equatable {
        case otherBody
        case running(seconds: Int64)
        package var category: RefusalCategory { .conflict }
        package var code: String {
            switch self {
            case .otherBody: "idempotency_key_reused"
            case .running: "idempotency_key_running"
            }
        }
        package var message: String {
            switch self {
            case .otherBody: "this Idempotency-Key came with another body before: use a new key"
            case .running(let seconds):
                "the first request with this Idempotency-Key is still running: try again in \(counted(Int(seconds), "second"))"
            }
        }
        /// - Parameter until: The end of its lease.
        fileprivate static func held(until: Int64, at now: Instant) -> Refused {
            .running(seconds: (until - now.microseconds) / 1_000_000 + 1)
        }
    }

    /// How long work of many transactions keeps its key when it is silent; while it lives it moves the end on.
    private static let leaseMicroseconds: Int64 = 30_000_000
    private let entity: ID<Entity>
    private let route, key, bodyDigest: String

    private struct Name: Hashable {
        let route, key: String
        /// The key alone tells most of them apart.
        func hash(into hasher: inout Hasher) { hasher.combine(key) }
    }

    /// The key alone tells most of them apart.
    package func hash(into hasher: inout Hasher) { hasher.combine(key) }

    /// - Parameter bodyDigest: SHA-256 of the canonical body, hexadecimal.
    package init(_ entity: ID<Entity>, route: String, key: String, bodyDigest: String) {
        (self.entity, self.route, self.key, self.bodyDigest) = (entity, route, key, bodyDigest)
    }

    /// Runs `body` once; a repeat gets the first answer.
    package func once(in tx: any Transaction, at now: Instant, _ body: () throws -> Answer) throws -> Answer {
        // Lock: two requests with one key follow each other.
        try Books.lock(entity, in: tx)
        if let known = try known(in: tx, at: now) { return known }
        let answer = try body()
        try store(answer, in: tx, at: now)
        return answer
    }

    /// Takes the key for work of several transactions.
    ///
    /// - Returns: The answer when the work is done already; nil when the caller must do it, `hold` the key meanwhile and `finish`.
    package func begin(in tx: any Transaction, at now: Instant) throws -> Answer? {
        try Books.lock(entity, in: tx)
        if let known = try known(in: tx, at: now) { return known }
        try tx.run(
            """
            INSERT INTO idempotency (entity_id, route, request_key, body_digest, state, leased_until, created_at)
            VALUES (\(entity), \(route), \(key), \(bodyDigest), 'started', \(now.microseconds + Self.leaseMicroseconds), \(now))
            ON CONFLICT (entity_id, route, request_key) DO UPDATE
            SET leased_until = excluded.leased_until, created_at = excluded.created_at
            """)
        return nil
    }

    /// Moves the end of the lease on.
    ///
    /// - Parameter begun: When the key was taken, which tells its holder.
    /// - Errors: `Refused` when it is taken over.
    package func hold(since begun: Instant, in tx: any Transaction, at now: Instant) throws {
        let until = now.microseconds + Self.leaseMicroseconds
        let held = try tx.changes(
            """
            UPDATE idempotency SET leased_until = \(until)
             WHERE entity_id = \(entity) AND route = \(route) AND request_key = \(key) AND created_at = \(begun)
            """)
        guard held == 1 else { throw Refused.held(until: until, at: now) }
    }

    /// - Parameter begun: When the key was taken.
    /// - Returns: The answer that is kept: of whoever took the key over, when that one was quicker.
    @discardableResult
    package func finish(_ answer: Answer, since begun: Instant, in tx: any Transaction, at now: Instant) throws -> Answer {
        let finished = try tx.changes(
            """
            UPDATE idempotency SET state = 'done', status = \(answer.status), body = \(answer.body), leased_until = 0
             WHERE entity_id = \(entity) AND route = \(route) AND request_key = \(key) AND state = 'started' AND created_at = \(begun)
            """)
        if finished == 0, let known = try known(in: tx, at: now) { return known }
        if finished == 0 { try store(answer, in: tx, at: now) }
        return answer
    }

    /// Gives a key back whose work came to nothing: the caller may repeat it.
    ///
    /// - Parameter begun: When the key was taken: who took it over keeps it.
    package func abandon(since begun: Instant, in tx: any Transaction) throws {
        try tx.run(
            """
            DELETE FROM idempotency
             WHERE entity_id = \(entity) AND route = \(route) AND request_key = \(key) AND state = 'started' AND created_at = \(begun)
            """)
    }

    /// Takes the key for work whose answer nobody reads again.
    ///
    /// - Returns: Whether it was free.
    func take(status: Int, in tx: any Transaction, at now: Instant) throws -> Bool {
        try tx.changes(
            """
            INSERT INTO idempotency (entity_id, route, request_key, body_digest, state, status, leased_until, created_at)
            VALUES (\(entity), \(route), \(key), \(bodyDigest), 'done', \(status), 0, \(now))
            ON CONFLICT (entity_id, route, request_key) DO NOTHING
            """) == 1
    }

    /// Gives a key back that was taken, whatever became of its work.
    func forget(in tx: any Transaction) throws {
        try tx.run("DELETE FROM idempotency WHERE entity_id = \(entity) AND route = \(route) AND request_key = \(key)")
    }

    /// The answers that are kept of these keys.
    ///
    /// - Errors: `Refused` when one of them came with another body or still runs.
    static func answers(
        to keys: [IdempotencyKey], _ entity: ID<Entity>, in tx: any Transaction, at now: Instant
    ) throws -> [IdempotencyKey: Answer] {
        var wanted: [Name: IdempotencyKey] = [:]
        wanted.reserveCapacity(keys.count)
        for key in keys {
            guard let first = wanted.updateValue(key, forKey: Name(route: key.route, key: key.key)) else { continue }
            guard first == key else { throw Refused.otherBody }
        }
        var answers: [IdempotencyKey: Answer] = [:]
        try tx.forEach(question(keys, entity)) { row in
            guard let key = wanted[Name(route: row.text(0), key: row.text(1))] else { return }
            guard row.text(2) == key.bodyDigest else { throw Refused.otherBody }
            if row.text(3) == "done", let status = row.optionalInteger(4) {
                answers[key] = Answer(status: Int(status), body: row.optionalText(5) ?? "")
            } else if row.integer(6) >= now.microseconds {
                throw Refused.held(until: row.integer(6), at: now)
            }
        }
        return answers
    }

    /// What `answers` reads.
    static func question(_ keys: [IdempotencyKey], _ entity: ID<Entity>) -> SQL {
        """
        SELECT route, request_key, body_digest, state, status, body, leased_until FROM idempotency
         WHERE entity_id = \(entity) AND route IN \(texts: routes(of: keys)) AND request_key IN \(texts: keys.map(\.key))
        """
    }

    /// Each once.
    private static func routes(of keys: [IdempotencyKey]) -> [String] {
        keys.reduce(into: []) { routes, key in
            if !routes.contains(key.route) { routes.append(key.route) }
        }
    }

    private static let table = Table(
        "idempotency", "entity_id:i route:t request_key:t body_digest:t state:t status:i body:t leased_until:i created_at:i")

    /// Of requests that are done in one transaction and never begun before, as far as is known: the index refuses a key that is there.
    static func keep(_ answers: [(IdempotencyKey, Answer)], _ entity: ID<Entity>, in tx: any Transaction, at now: Instant) throws {
        var batch = RowBatch(table)
        for (key, answer) in answers {
            batch.append(entity.value)
            batch.append(key.route)
            batch.append(key.key)
            batch.append(key.bodyDigest)
            batch.append("done")
            batch.append(Int64(answer.status))
            batch.append(answer.body)
            batch.append(Int64(0))
            batch.append(now.microseconds)
        }
        try tx.insert(batch)
    }

    private func known(in tx: any Transaction, at now: Instant) throws -> Answer? {
        let row = try tx.first(
            """
            SELECT body_digest, state, status, body, leased_until FROM idempotency
             WHERE entity_id = \(entity) AND route = \(route) AND request_key = \(key)
            """
        ) { (digest: $0.text(0), state: $0.text(1), status: $0.optionalInteger(2), body: $0.optionalText(3), leasedUntil: $0.integer(4)) }
        guard let row else { return nil }
        guard row.digest == bodyDigest else { throw Refused.otherBody }
        if row.state == "done", let status = row.status { return Answer(status: Int(status), body: row.body ?? "") }
        guard row.leasedUntil < now.microseconds else { throw Refused.held(until: row.leasedUntil, at: now) }
        return nil
    }

    private func store(_ answer: Answer, in tx: any Transaction, at now: Instant) throws {
        try tx.run(
            """
            INSERT INTO idempotency (entity_id, route, request_key, body_digest, state, status, body, leased_until, created_at)
            VALUES (\(entity), \(route), \(key), \(bodyDigest), 'done', \(answer.status), \(answer.body), 0, \(now))
            ON CONFLICT (entity_id, route, request_key) DO UPDATE
            SET state = 'done', status = excluded.status, body = excluded.body, leased_until = 0
            """)
    }
}
