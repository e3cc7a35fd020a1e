import Domain
import Store

/// Makes a link by which one person may open an account with a role, once, within a day.
package struct Invite: Sendable {
    private let entity: ID<Entity>
    private let role: Role
    private let token: String
    private let maker: Int64?

    /// - Parameter maker: A person of that legal entity; nil where nobody has an account yet.
    package init(_ entity: ID<Entity>, _ role: Role, token: String, by maker: Int64? = nil) {
        (self.entity, self.role, self.token, self.maker) = (entity, role, token, maker)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        try tx.run(
            """
            INSERT INTO invitation (entity_id, token_digest, role, expires_at, made_by)
            VALUES (\(entity), \(Secret.digest(token)), \(role.rawValue), \(now.microseconds + 86_400_000_000), \(maker))
            """)
    }
}

/// Makes the administrator's link of a server's start while nobody has an account: those of earlier starts open nothing any more.
package struct InviteFirst: Sendable {
    private let entity: ID<Entity>
    private let token: String
    package init(_ entity: ID<Entity>, token: String) { (self.entity, self.token) = (entity, token) }

    /// - Returns: Whether it was made: not once somebody has an account.
    package func run(in tx: any Transaction, at now: Instant) throws -> Bool {
        _ = try Books(lock: entity, at: now, in: tx)
        guard try Identify(entity).isFresh(in: tx) else { return false }
        try OpenInvitations(entity).endAll(in: tx, at: now)
        try Invite(entity, .administrator, token: token).run(in: tx, at: now)
        return true
    }
}

/// Opens an account by an invitation.
package struct AcceptInvitation: Sendable {
    private let entity: ID<Entity>
    private let token, email, name, passwordHash: String

    /// In characters.
    package static let passwordLimit = 200, passwordLengths = 12...passwordLimit

    /// - Errors: `PeopleRefusal.badName`, `.reservedName`, `.badEmail`, `.weakPassword`, `.invitationUsed`; a link that does not stand
    ///   costs no hash.
    package init(
        _ entity: ID<Entity>, token: String, email: String, name: String, password: String, _ database: any Database, at now: Instant,
        _ hashing: Hashing
    ) async throws {
        guard Plausible.isName(name) else { throw PeopleRefusal.badName }
        guard !PersonName(name).isReserved else { throw PeopleRefusal.reservedName }
        guard Plausible.isMailAddress(email) else { throw PeopleRefusal.badEmail }
        guard Self.passwordLengths.contains(password.count) else { throw PeopleRefusal.weakPassword }
        let stands = try await database.read { try OpenInvitations(entity).stands(token, forPassword: false, in: $0, at: now) }
        guard stands else { throw PeopleRefusal.invitationUsed }
        (self.entity, self.token, self.email, self.name) = (entity, token, email.lowercased(), name)
        passwordHash = try await hashing { try Secret.hash(password: password) } ?? ""
    }

    /// The first account of a legal entity ends every other link that is open there.
    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        try Accounts.lock(in: tx)
        // Read and decide.
        let role = try tx.first(
            """
            UPDATE invitation SET used_at = \(now) WHERE entity_id = \(entity) AND token_digest = \(Secret.digest(token))
               AND used_at IS NULL AND expires_at > \(now) AND person_id IS NULL RETURNING role
            """
        ) { $0.text(0) }
        guard let role else { throw PeopleRefusal.invitationUsed }
        let isElsewhere = try tx.first(
            "SELECT 1 FROM person WHERE email = \(email) AND home_entity_id IS NULL AND entity_id <> \(entity) LIMIT 1"
        ) { _ in true }
        guard isElsewhere == nil else { throw PeopleRefusal.emailElsewhere(email) }
        // Write.
        if try Identify(entity).isFresh(in: tx) { try OpenInvitations(entity).endAll(in: tx, at: now) }
        let isNamesake = try PersonName(name).isTaken(in: entity, tx), id: ID<Actor> = books.newID()
        let inserted = try tx.changes(
            """
            INSERT INTO person (entity_id, id, email, name, role, password, failures, locked_until, disabled)
            VALUES (\(entity), \(id), \(email), \(name), \(role), \(passwordHash), 0, 0, 0) ON CONFLICT (entity_id, email) DO NOTHING
            """)
        guard inserted == 1 else { throw PeopleRefusal.emailTaken(email) }
        guard !isNamesake else { throw PeopleRefusal.nameTaken(name) }
        try books.cover(.person, in: [id.value], tx)
        try books.note(id.value, "/welcome", outcome: "done", in: tx, at: now)
        try books.close(in: tx)
    }
}
