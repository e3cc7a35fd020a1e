import Domain
import Store

/// Changes the password of one's own account, which ends its other sessions in every legal entity.
package struct ChangePassword: Sendable {
    private let sessions: OwnSessions
    private let proven: OwnerProof.Proven
    private let passwordHash: String

    /// - Errors: `PeopleRefusal.weakPassword`, `wrongProof`, `locked`.
    package init(
        _ sessions: OwnSessions, old: String, new: String, _ database: any Database, at now: Instant, _ hashing: Hashing
    ) async throws {
        guard AcceptInvitation.passwordLengths.contains(new.count) else { throw PeopleRefusal.weakPassword }
        self.sessions = sessions
        proven = try await OwnerProof(sessions.home, password: old).check(database, at: now, hashing)
        passwordHash = try await hashing { try Secret.hash(password: new) } ?? ""
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        let home = sessions.home
        var books = try Books(lock: home.entity, at: now, in: tx)
        let changed = try tx.changes(
            """
            UPDATE person SET password = \(passwordHash), failures = 0
             WHERE entity_id = \(home.entity) AND id = \(home.person) AND password = \(proven.hash)
            """)
        guard changed == 1 else { throw PeopleRefusal.wrongProof }
        try sessions.endOthers(in: tx)
        try books.cover(.person, in: [home.person], tx)
        try books.close(in: tx)
    }
}

/// Makes a link by which somebody who is locked out chooses a new password, once, within a day. Until it is used everything stays as it is.
package struct OfferReset: Sendable {
    private let entity: ID<Entity>
    private let person: Int64
    private let token: String
    private let maker: Int64?
    private let account: Home?

    /// - Parameters:
    ///   - maker: The person who makes it, as that legal entity has them.
    ///   - account: Theirs, at home; nil where nobody asks whether they may.
    package init(_ entity: ID<Entity>, _ person: Int64, token: String, by maker: Int64? = nil, of account: Home? = nil) {
        (self.entity, self.person, self.token, self.maker, self.account) = (entity, person, token, maker, account)
    }

    /// - Errors: `PeopleRefusal.unknownPerson`, `worksElsewhere`.
    /// - Returns: The name of the person.
    package func run(in tx: any Transaction, at now: Instant) throws -> String {
        // Lock: whoever is let in elsewhere meanwhile has no link left.
        _ = try Books(lock: entity, at: now, in: tx)
        let found = try tx.first(
            "SELECT name, role FROM person WHERE entity_id = \(entity) AND id = \(person) AND home_entity_id IS NULL AND disabled = 0"
        ) { (name: $0.text(0), role: $0.text(1)) }
        guard let found else { throw PeopleRefusal.unknownPerson }
        try ReadAccess(Home(entity, person)).leave(to: account, in: tx)
        try tx.run(
            """
            INSERT INTO invitation (entity_id, token_digest, role, expires_at, person_id, made_by)
            VALUES (\(entity), \(Secret.digest(token)), \(found.role), \(now.microseconds + 86_400_000_000), \(person), \(maker))
            """)
        return found.name
    }
}

/// Sets a new password by a link of `OfferReset`: the authenticator is cleared, a lock ends, and so do all sessions, in every legal
/// entity.
package struct ResetPassword: Sendable {
    private let entity: ID<Entity>
    private let token, passwordHash: String

    /// - Errors: `PeopleRefusal.weakPassword`, `invitationUsed`; a link that does not stand costs no hash.
    package init(
        _ entity: ID<Entity>, token: String, password: String, _ database: any Database, at now: Instant, _ hashing: Hashing
    ) async throws {
        guard AcceptInvitation.passwordLengths.contains(password.count) else { throw PeopleRefusal.weakPassword }
        let stands = try await database.read { try OpenInvitations(entity).stands(token, forPassword: true, in: $0, at: now) }
        guard stands else { throw PeopleRefusal.invitationUsed }
        (self.entity, self.token) = (entity, token)
        passwordHash = try await hashing { try Secret.hash(password: password) } ?? ""
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        var books = try Books(lock: entity, at: now, in: tx)
        let person = try tx.rows(
            """
            UPDATE invitation SET used_at = \(now) WHERE entity_id = \(entity) AND token_digest = \(Secret.digest(token))
               AND used_at IS NULL AND expires_at > \(now) AND person_id IS NOT NULL RETURNING person_id
            """
        ) { $0.integer(0) }.first
        guard let person else { throw PeopleRefusal.invitationUsed }
        let changed = try tx.changes(
            """
            UPDATE person SET password = \(passwordHash), totp_secret = NULL, totp_step = 0, failures = 0, locked_until = 0
             WHERE entity_id = \(entity) AND id = \(person) AND disabled = 0
            """)
        guard changed == 1 else { throw PeopleRefusal.invitationUsed }
        // A second link for the same account opens nothing any more.
        try OpenInvitations(entity).end(for: person, in: tx, at: now)
        try OwnSessions(Home(entity, person), token: "").endOthers(in: tx)
        try books.cover(.person, in: [person], tx)
        try books.note(person, "/reset", outcome: "done", in: tx, at: now)
        try books.close(in: tx)
    }
}
