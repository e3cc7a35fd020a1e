import Domain
import Store

/// An act that waits for a second person.
package struct ApprovalRequest: Sendable {
    package let id: Int64
    /// The path of the act's form.
    package let act: String
    /// The form as it was sent: `name=value` pairs.
    package let fields: String
    package let why: String
    package let askedBy: Int64
    package let askedName: String
    /// As it was then; the role of now where the request is of a release that did not keep it.
    package let askedRole: String
    package let askedAt: Instant
}

/// Keeps an act until somebody else decides it; the same one twice waits once.
package struct AskApproval: Sendable {
    private let entity: ID<Entity>
    private let actor: Actor
    private let act, fields, why: String
    package init(_ entity: ID<Entity>, _ actor: Actor, act: String, fields: String, why: String) {
        (self.entity, self.actor, self.act, self.fields, self.why) = (entity, actor, act, fields, why)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let known = try tx.first(
            "SELECT asked_name FROM approval WHERE entity_id = \(entity) AND state = 'waiting' AND act = \(act) AND why = \(why) LIMIT 1"
        ) { $0.text(0) }
        // Decide.
        if let known { throw PeopleRefusal.waits(why, askedBy: known) }
        // Write.
        let id: ID<Actor> = books.newID()
        try tx.run(
            """
            INSERT INTO approval (entity_id, id, act, fields, why, asked_by, asked_name, asked_role, asked_at, state)
            VALUES (\(entity), \(id), \(act), \(fields), \(why), \(actor.id), \(actor.name), \(actor.role.rawValue), \(now), 'waiting')
            """)
        try books.cover(.approval, in: [id.value], tx)
        try books.close(in: tx)
    }
}

package struct ReadApprovals: Sendable {
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func count(in tx: any Transaction) throws -> Int {
        try tx.first("SELECT count(*) FROM approval WHERE entity_id = \(entity) AND state = 'waiting'") { Int($0.integer(0)) } ?? 0
    }

    private static let text = """
        SELECT a.id, a.act, a.fields, a.why, a.asked_by, a.asked_name, a.asked_at, COALESCE(a.asked_role, p.role)
          FROM approval a JOIN person p ON p.entity_id = a.entity_id AND p.id = a.asked_by
         WHERE a.entity_id = $1 AND a.state = 'waiting'
        """

    /// The oldest first.
    package func waiting(limit: Int = 200, in tx: any Transaction) throws -> [ApprovalRequest] {
        let values: [SQLValue] = [.integer(entity.value), .integer(Int64(limit))]
        return try tx.rows(SQL(text: "\(Self.text) ORDER BY a.id LIMIT $2", values: values), Self.request)
    }

    func waiting(id: Int64, in tx: any Transaction) throws -> ApprovalRequest? {
        try tx.first(SQL(text: "\(Self.text) AND a.id = $2", values: [.integer(entity.value), .integer(id)]), Self.request)
    }

    private static func request(_ row: Row) -> ApprovalRequest {
        ApprovalRequest(
            id: row.integer(0), act: row.text(1), fields: row.text(2), why: row.text(3), askedBy: row.integer(4), askedName: row.text(5),
            askedRole: row.text(7), askedAt: Instant(microseconds: row.integer(6)))
    }
}

/// Decides what waits: once, and never by who asked, nor with a key that who asked made.
package struct DecideApproval: Sendable {
    private let entity: ID<Entity>
    private let id: Int64
    private let actor: Actor
    private let isApproved: Bool
    package init(_ entity: ID<Entity>, _ id: Int64, by actor: Actor, approve isApproved: Bool) {
        (self.entity, self.id, self.actor, self.isApproved) = (entity, id, actor, isApproved)
    }

    /// What waits, before it is decided: for the act that goes on in the same transaction.
    package func request(in tx: any Transaction) throws -> ApprovalRequest {
        guard let request = try ReadApprovals(entity).waiting(id: id, in: tx) else { throw PeopleRefusal.decided }
        guard request.askedBy != actor.id, request.askedBy != actor.maker else { throw PeopleRefusal.ownRequest }
        return request
    }

    @discardableResult package func run(in tx: any Transaction, at now: Instant) throws -> ApprovalRequest {
        let request = try request(in: tx), state = isApproved ? "approved" : "declined"
        let changed = try tx.changes(
            """
            UPDATE approval SET state = \(state), decided_by = \(actor.id), decided_name = \(actor.name), decided_at = \(now)
             WHERE entity_id = \(entity) AND id = \(id) AND state = 'waiting'
            """)
        guard changed == 1 else { throw PeopleRefusal.decided }
        return request
    }
}
