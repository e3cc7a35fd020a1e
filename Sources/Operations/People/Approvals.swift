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
    /// The person who made the key that asked; nil where a person asked, and where nobody knows.
    package let askedMaker: Int64?
    /// Whether a key asked of which nobody knows who made it, as those of the command line.
    package let isOfUnknownMaker: Bool
}

/// Keeps an act until somebody else decides it; the same one twice waits once.
package struct AskApproval: Sendable {
    private let entity: ID<Entity>
    private let actor: Actor
    private let act, fields, why: String
    package init(_ entity: ID<Entity>, _ actor: Actor, act: String, fields: String, why: String) {
        (self.entity, self.actor, self.act, self.fields, self.why) = (entity, actor, act, fields, why)
    }

    /// - Returns: The id of what waits.
    @discardableResult package func run(in tx: any Transaction, at now: Instant) throws -> Int64 {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let picks = Self.picks(fields)
        let known = try tx.rows(
            "SELECT asked_name, fields FROM approval WHERE entity_id = \(entity) AND state = 'waiting' AND act = \(act) AND why = \(why)"
        ) { (name: $0.text(0), picks: Self.picks($0.text(1))) }
        .first { picks.isEmpty ? $0.picks.isEmpty : !picks.isDisjoint(with: $0.picks) }?.name
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
        return id.value
    }

    /// What a form picks by its id: orders of two channels, or parts of one document, may have the same words.
    private static func picks(_ fields: String) -> Set<Substring> {
        Set(fields.split(separator: "&").filter { ($0.hasPrefix("order=") || $0.hasPrefix("slice=")) && !$0.hasSuffix("=") })
    }
}

package struct ReadApprovals: Sendable {
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func count(in tx: any Transaction) throws -> Int {
        try tx.first("SELECT count(*) FROM approval WHERE entity_id = \(entity) AND state = 'waiting'") { Int($0.integer(0)) } ?? 0
    }

    private static let text = """
        SELECT a.id, a.act, a.fields, a.why, a.asked_by, a.asked_name, a.asked_at, COALESCE(a.asked_role, p.role),
               k.id, k.made_by
          FROM approval a
          LEFT JOIN person p ON p.entity_id = a.entity_id AND p.id = a.asked_by
          LEFT JOIN api_key k ON k.entity_id = a.entity_id AND k.id = a.asked_by
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
            askedRole: row.text(7), askedAt: Instant(microseconds: row.integer(6)), askedMaker: row.optionalInteger(9),
            isOfUnknownMaker: !row.isNull(8) && row.isNull(9))
    }
}

/// Decides what waits: once, and never by who asked, by who made the key that asked, nor with a key that either of them made.
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
        let askers = Set([request.askedBy, request.askedMaker].compactMap { $0 }), deciders = [actor.id, actor.maker].compactMap { $0 }
        guard askers.isDisjoint(with: deciders) else { throw PeopleRefusal.ownRequest }
        // Whoever runs the command line may be an administrator here.
        if isApproved, request.isOfUnknownMaker, actor.role == .administrator { throw PeopleRefusal.makerUnknown }
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
