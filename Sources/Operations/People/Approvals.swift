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
            INSERT INTO approval (entity_id, id, act, fields, why, asked_by, asked_name, asked_at, state)
            VALUES (\(entity), \(id), \(act), \(fields), \(why), \(actor.id), \(actor.name), \(now), 'waiting')
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

    /// The oldest first.
    package func waiting(limit: Int = 200, in tx: any Transaction) throws -> [ApprovalRequest] {
        try tx.rows(
            """
            SELECT a.id, a.act, a.fields, a.why, a.asked_by, a.asked_name, a.asked_at, p.role
              FROM approval a JOIN person p ON p.entity_id = a.entity_id AND p.id = a.asked_by
             WHERE a.entity_id = \(entity) AND a.state = 'waiting' ORDER BY a.id LIMIT \(limit)
            """
        ) {
            ApprovalRequest(
                id: $0.integer(0), act: $0.text(1), fields: $0.text(2), why: $0.text(3), askedBy: $0.integer(4), askedName: $0.text(5),
                askedRole: $0.text(7), askedAt: Instant(microseconds: $0.integer(6)))
        }
    }
}

/// Decides what waits: once, and never by who asked.
package struct DecideApproval: Sendable {
    private let entity: ID<Entity>
    private let id: Int64
    private let actor: Actor
    private let isApproved: Bool
    package init(_ entity: ID<Entity>, _ id: Int64, by actor: Actor, approve isApproved: Bool) {
        (self.entity, self.id, self.actor, self.isApproved) = (entity, id, actor, isApproved)
    }

    package func run(in tx: any Transaction, at now: Instant) throws -> ApprovalRequest {
        guard let request = try ReadApprovals(entity).waiting(in: tx).first(where: { $0.id == id }) else { throw PeopleRefusal.decided }
        guard request.askedBy != actor.id else { throw PeopleRefusal.ownRequest }
        let state = isApproved ? "approved" : "declined"
        let changed = try tx.changes(
            """
            UPDATE approval SET state = \(state), decided_by = \(actor.id), decided_name = \(actor.name), decided_at = \(now)
             WHERE entity_id = \(entity) AND id = \(id) AND state = 'waiting'
            """)
        guard changed == 1 else { throw PeopleRefusal.decided }
        return request
    }

    /// The act was refused after all: it waits again.
    package func withdraw(in tx: any Transaction) throws {
        try tx.run(
            """
            UPDATE approval SET state = 'waiting', decided_by = NULL, decided_name = NULL, decided_at = NULL
             WHERE entity_id = \(entity) AND id = \(id) AND decided_by = \(actor.id)
            """)
    }
}
