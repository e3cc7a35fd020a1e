import Domain
import Store

/// One-time links that still open something: an account, or the choice of a new password.
package struct OpenInvitations: Sendable {
    package struct Line: Sendable {
        /// Names the link, which cannot be told from it.
        package let digest: String
        package let role: Role
        /// Whose new password it sets; nil for a new account.
        package let person: String?
        /// nil for the link of a first start, and for one from before makers were kept.
        package let maker: String?
        package let expiresAt: Instant
    }
    package static let limit = 100
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    /// The latest first, `limit` at most.
    package func run(in tx: any Transaction, at now: Instant) throws -> [Line] {
        try tx.rows(
            """
            SELECT i.token_digest, i.role, p.name, m.name, i.expires_at
              FROM invitation i LEFT JOIN person p ON p.entity_id = i.entity_id AND p.id = i.person_id
              LEFT JOIN person m ON m.entity_id = i.entity_id AND m.id = i.made_by
             WHERE i.entity_id = \(entity) AND i.used_at IS NULL AND i.expires_at > \(now)
             ORDER BY i.expires_at DESC, i.token_digest LIMIT \(Self.limit)
            """
        ) {
            Line(
                digest: $0.text(0), role: Role(rawValue: $0.text(1)) ?? .viewer, person: $0.optionalText(2), maker: $0.optionalText(3),
                expiresAt: Instant(microseconds: $0.integer(4)))
        }
    }

    /// Whether this link still opens something.
    ///
    /// - Parameter isForPassword: The choice of a new password, instead of an account.
    func stands(_ token: String, forPassword isForPassword: Bool, in tx: any Transaction, at now: Instant) throws -> Bool {
        try tx.first(
            """
            SELECT person_id FROM invitation WHERE entity_id = \(entity) AND token_digest = \(Secret.digest(token)) AND used_at IS NULL
               AND expires_at > \(now)
            """
        ) { $0.isNull(0) != isForPassword } ?? false
    }

    /// Those that this person made.
    func end(madeBy person: Int64, in tx: any Transaction, at now: Instant) throws {
        try tx.run("UPDATE invitation SET used_at = \(now) WHERE entity_id = \(entity) AND made_by = \(person) AND used_at IS NULL")
    }

    /// Those that set a new password of this person.
    func end(for person: Int64, in tx: any Transaction, at now: Instant) throws {
        try tx.run("UPDATE invitation SET used_at = \(now) WHERE entity_id = \(entity) AND person_id = \(person) AND used_at IS NULL")
    }

    func endAll(in tx: any Transaction, at now: Instant) throws {
        try tx.run("UPDATE invitation SET used_at = \(now) WHERE entity_id = \(entity) AND used_at IS NULL")
    }
}

/// Takes a one-time link back: it opens nothing any more.
package struct RevokeInvitation: Sendable {
    private let entity: ID<Entity>
    private let digest: String
    package init(_ entity: ID<Entity>, _ digest: String) { (self.entity, self.digest) = (entity, digest) }

    /// - Returns: The link as it stood.
    package func run(in tx: any Transaction, at now: Instant) throws -> OpenInvitations.Line {
        let line = try OpenInvitations(entity).run(in: tx, at: now).first { $0.digest == digest }
        let ended = try tx.changes(
            "UPDATE invitation SET used_at = \(now) WHERE entity_id = \(entity) AND token_digest = \(digest) AND used_at IS NULL")
        guard let line, ended == 1 else { throw PeopleRefusal.unknownInvitation }
        return line
    }
}
