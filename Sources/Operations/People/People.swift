import Domain
import Store

/// A person or a key that acts on the books of one legal entity.
package struct Actor: Equatable, Sendable {
    package let id: Int64
    package let name: String
    package let role: Role
    package init(id: Int64, name: String, role: Role) { (self.id, self.name, self.role) = (id, name, role) }
    package func may(_ right: Role.Right) -> Bool { role.rights.contains(right) }
}

package enum PeopleRefusal: Refusal {
    case wrongSignIn, locked(minutes: Int), invitationUsed, weakPassword, emailTaken(String), unknownRole(String), unknownKey

    package var category: RefusalCategory {
        switch self {
        case .wrongSignIn, .locked: .forbidden
        case .invitationUsed, .emailTaken: .conflict
        case .weakPassword, .unknownRole: .invalid
        case .unknownKey: .missing
        }
    }
    package var code: String {
        switch self {
        case .wrongSignIn: "sign_in_wrong"
        case .locked: "sign_in_locked"
        case .invitationUsed: "invitation_used"
        case .weakPassword: "password_weak"
        case .emailTaken: "email_taken"
        case .unknownRole: "role_unknown"
        case .unknownKey: "api_key_not_found"
        }
    }
    package var message: String {
        switch self {
        case .wrongSignIn: "the mail address, the password or the code is wrong"
        case .locked(let minutes): "too many wrong tries: try again in \(minutes) minutes"
        case .invitationUsed: "this link was used already or is too old: ask an administrator for a new one"
        case .weakPassword: "a password has at least 12 characters"
        case .emailTaken(let email): "\(email) has an account already"
        case .unknownRole(let role): "\(role) is no role; write one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))"
        case .unknownKey: "this key does not exist or is revoked already"
        }
    }
}

/// Makes a link by which one person may open an account with a role, once, within a day.
package struct Invite: Sendable {
    private let entity: ID<Entity>
    private let role: Role
    private let token: String
    package init(_ entity: ID<Entity>, _ role: Role, token: String) { (self.entity, self.role, self.token) = (entity, role, token) }

    package func run(in tx: any Transaction, at now: Instant) throws {
        try tx.run(
            """
            INSERT INTO invitation (entity_id, token_digest, role, expires_at)
            VALUES (\(entity), \(Secret.digest(token)), \(role.rawValue), \(now.microseconds + 86_400_000_000))
            """)
    }
}

/// Opens an account by an invitation.
package struct AcceptInvitation: Sendable {
    private let entity: ID<Entity>
    private let token, email, name, passwordHash: String

    /// - Errors: `PeopleRefusal.weakPassword`.
    package init(_ entity: ID<Entity>, token: String, email: String, name: String, password: String) throws {
        guard password.count >= 12 else { throw PeopleRefusal.weakPassword }
        (self.entity, self.token, self.email, self.name) = (entity, token, email.lowercased(), name)
        passwordHash = try Secret.hash(password: password)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        var books = try Books(lock: entity, at: now, in: tx)
        let role = try tx.first(
            """
            UPDATE invitation SET used_at = \(now) WHERE entity_id = \(entity) AND token_digest = \(Secret.digest(token))
               AND used_at IS NULL AND expires_at > \(now) RETURNING role
            """
        ) { $0.text(0) }
        guard let role else { throw PeopleRefusal.invitationUsed }
        let id: ID<Actor> = books.newID()
        let inserted = try tx.changes(
            """
            INSERT INTO person (entity_id, id, email, name, role, password, failures, locked_until, disabled)
            VALUES (\(entity), \(id), \(email), \(name), \(role), \(passwordHash), 0, 0, 0) ON CONFLICT (entity_id, email) DO NOTHING
            """)
        guard inserted == 1 else { throw PeopleRefusal.emailTaken(email) }
        try books.close(in: tx)
    }
}

/// Checks mail address and password and opens a session. Ten wrong tries lock the account for 15 minutes.
package struct SignIn: Sendable {
    package static let tries: Int64 = 10, lockMinutes = 15
    private let entity: ID<Entity>
    private let email, password, sessionToken, csrf: String
    package init(_ entity: ID<Entity>, email: String, password: String, sessionToken: String, csrf: String) {
        (self.entity, self.email, self.password) = (entity, email.lowercased(), password)
        (self.sessionToken, self.csrf) = (sessionToken, csrf)
    }

    /// - Returns: nil for a wrong try, which is counted and committed.
    package func run(in tx: any Transaction, at now: Instant) throws -> Actor? {
        let person = try tx.first(
            """
            UPDATE person SET failures = failures + 1 WHERE entity_id = \(entity) AND email = \(email) AND disabled = 0
            RETURNING id, name, role, password, failures, locked_until
            """
        ) {
            (
                id: $0.integer(0), name: $0.text(1), role: Role(rawValue: $0.text(2)) ?? .viewer, hash: $0.text(3), failures: $0.integer(4),
                lockedUntil: $0.integer(5)
            )
        }
        guard let person else {
            // As slow as a known address, so that time does not tell which exist.
            _ = try Secret.hash(password: password)
            return nil
        }
        if person.lockedUntil > now.microseconds {
            throw PeopleRefusal.locked(minutes: Int((person.lockedUntil - now.microseconds) / 60_000_000) + 1)
        }
        guard try Secret.isRight(password: password, for: person.hash) else {
            if person.failures >= Self.tries {
                let until = now.microseconds + Int64(Self.lockMinutes) * 60_000_000
                try tx.run("UPDATE person SET failures = 0, locked_until = \(until) WHERE entity_id = \(entity) AND id = \(person.id)")
            }
            return nil
        }
        try tx.run("UPDATE person SET failures = 0, locked_until = 0 WHERE entity_id = \(entity) AND id = \(person.id)")
        try tx.run("DELETE FROM web_session WHERE entity_id = \(entity) AND expires_at < \(now)")
        try tx.run(
            """
            INSERT INTO web_session (entity_id, token_digest, person_id, csrf, last_at, expires_at)
            VALUES (\(entity), \(Secret.digest(sessionToken)), \(person.id), \(csrf), \(now), \(now.microseconds + 43_200_000_000))
            """)
        return Actor(id: person.id, name: person.name, role: person.role)
    }
}

/// Who stands behind a session or a key.
package struct Identify: Sendable {
    package struct Session: Sendable {
        package let actor: Actor
        package let csrf: String
    }
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func session(_ token: String, in tx: any Transaction, at now: Instant) throws -> Session? {
        try tx.first(
            """
            SELECT p.id, p.name, p.role, s.csrf FROM web_session s JOIN person p ON p.entity_id = s.entity_id AND p.id = s.person_id
             WHERE s.entity_id = \(entity) AND s.token_digest = \(Secret.digest(token)) AND s.expires_at > \(now) AND p.disabled = 0
            """
        ) { Session(actor: Actor(id: $0.integer(0), name: $0.text(1), role: Role(rawValue: $0.text(2)) ?? .viewer), csrf: $0.text(3)) }
    }

    package func key(_ token: String, in tx: any Transaction) throws -> Actor? {
        try tx.first(
            """
            SELECT id, name, role FROM api_key WHERE entity_id = \(entity) AND token_digest = \(Secret.digest(token)) AND revoked_at IS NULL
            """
        ) { Actor(id: $0.integer(0), name: "key \($0.text(1))", role: Role(rawValue: $0.text(2)) ?? .viewer) }
    }

    package func signOut(_ token: String, in tx: any Transaction) throws {
        try tx.run("DELETE FROM web_session WHERE entity_id = \(entity) AND token_digest = \(Secret.digest(token))")
    }

    /// Whether nobody has an account yet.
    package func isFresh(in tx: any Transaction) throws -> Bool {
        try tx.first("SELECT 1 FROM person WHERE entity_id = \(entity) LIMIT 1") { _ in false } ?? true
    }
}

/// Makes a key for a program.
package struct CreateAPIKey: Sendable {
    private let entity: ID<Entity>
    private let name, token: String
    private let role: Role
    package init(_ entity: ID<Entity>, name: String, role: Role, token: String) {
        (self.entity, self.name, self.role, self.token) = (entity, name, role, token)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        var books = try Books(lock: entity, at: now, in: tx)
        let id: ID<Actor> = books.newID()
        try tx.run(
            """
            INSERT INTO api_key (entity_id, id, token_digest, name, role, created_at)
            VALUES (\(entity), \(id), \(Secret.digest(token)), \(name), \(role.rawValue), \(now))
            """)
        try books.close(in: tx)
    }
}

/// Notes who did what, and what became of it.
package struct Audit: Sendable {
    private let entity: ID<Entity>
    private let actor: Actor
    private let act, detail, outcome: String
    package init(_ entity: ID<Entity>, _ actor: Actor, _ act: String, detail: String, outcome: String) {
        (self.entity, self.actor, self.act, self.detail, self.outcome) = (entity, actor, act, detail, outcome)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        var books = try Books(lock: entity, at: now, in: tx)
        let id: ID<Actor> = books.newID()
        try tx.run(
            """
            INSERT INTO audit_entry (entity_id, id, happened_at, actor, role, act, detail, outcome)
            VALUES (\(entity), \(id), \(now), \(actor.name), \(actor.role.rawValue), \(act), \(detail), \(outcome))
            """)
        try books.close(in: tx)
    }
}
