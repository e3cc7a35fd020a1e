import Domain
import Store

/// Where a person's account is: the legal entity, and the person's id there.
package struct Home: Hashable, Sendable {
    package let entity: ID<Entity>
    package let person: Int64
    package init(_ entity: ID<Entity>, _ person: Int64) { (self.entity, self.person) = (entity, person) }

    func isOpen(in tx: any Transaction) throws -> Bool {
        try tx.first("SELECT disabled FROM person WHERE entity_id = \(entity) AND id = \(person)") { $0.integer(0) == 0 } ?? false
    }

    /// The person's rows in other legal entities, shut or not.
    func guests(in tx: any Transaction) throws -> [(entity: ID<Entity>, person: Int64)] {
        try tx.rows(
            """
            SELECT other_entity_id, other_person_id FROM entity_access
             WHERE entity_id = \(entity) AND person_id = \(person) ORDER BY other_entity_id
            """
        ) { (entity: ID<Entity>($0.integer(0)), person: $0.integer(1)) }
    }

    /// The person's rows in every legal entity, the one at home first, shut or not.
    func places(in tx: any Transaction) throws -> [(entity: ID<Entity>, person: Int64)] {
        [(entity: entity, person: person)] + (try guests(in: tx))
    }
}

/// Where a person may work: at home, and in the legal entities that let the account in, each with a role of its own.
package struct ReadAccess: Sendable {
    package struct Choice: Equatable, Sendable {
        package let entity: ID<Entity>
        package let name: String
        package let role: Role
        /// The person's id in that legal entity.
        package let person: Int64
    }

    private let home: Home
    package init(_ home: Home) { self.home = home }

    package func run(in tx: any Transaction) throws -> [Choice] {
        guard let own = try choice(home.entity, home.person, in: tx) else { return [] }
        return [own] + (try home.guests(in: tx).compactMap { try choice($0.entity, $0.person, in: tx) })
    }

    /// Whoever could come in by the account comes into every legal entity where it works: so only an administrator of all of them may
    /// set its password or shut it.
    ///
    /// - Parameter actor: The account of who acts; a key, by its own id, administers its own legal entity alone; nil is the command line.
    /// - Errors: `PeopleRefusal.worksElsewhere`.
    func leave(to actor: Home?, in tx: any Transaction) throws {
        guard let actor, actor != home else { return }
        let others = try run(in: tx).map(\.entity).filter { $0 != home.entity }
        guard !others.isEmpty else { return }
        let administered = Set(try ReadAccess(actor).run(in: tx).filter { $0.role.rights.contains(.administer) }.map(\.entity))
        if let other = others.first(where: { !administered.contains($0) }) { throw PeopleRefusal.worksElsewhere(other) }
    }

    /// One legal entity a statement: they may stand on different servers.
    private func choice(_ entity: ID<Entity>, _ person: Int64, in tx: any Transaction) throws -> Choice? {
        try tx.first(
            """
            SELECT e.name, p.role FROM person p JOIN entity e ON e.entity_id = p.entity_id
             WHERE p.entity_id = \(entity) AND p.id = \(person) AND p.disabled = 0
            """
        ) { Choice(entity: entity, name: $0.text(0), role: Role(rawValue: $0.text(1)) ?? .viewer, person: person) }
    }
}

/// Lets an account work in another legal entity, or gives it another role there.
///
/// Each legal entity keeps its own row of the person, so that approvals and the audit log of one never point into another.
package struct GrantAccess: Sendable {
    private let home: Home
    private let other: ID<Entity>
    private let role: Role
    private let actor: Actor
    private let act: String

    /// - Parameters:
    ///   - actor: Who lets the account in.
    ///   - act: As the audit log of the other legal entity names it.
    package init(_ home: Home, to other: ID<Entity>, _ role: Role, by actor: Actor, as act: String = "/users/access") {
        (self.home, self.other, self.role, self.actor, self.act) = (home, other, role, actor, act)
    }

    /// Two transactions, one a legal entity: repeated after a fault, it goes on where it was.
    ///
    /// - Returns: The role there before; nil for somebody who was not let in.
    @discardableResult package func run(_ database: any Database, at now: Instant) async throws -> Role? {
        let home = home, other = other
        let found = try await database.read { tx in
            guard try tx.first("SELECT 1 FROM entity WHERE entity_id = \(other)", { _ in true }) ?? false else {
                throw PeopleRefusal.unknownEntity(other)
            }
            return try tx.first(
                """
                SELECT email, name FROM person WHERE entity_id = \(home.entity) AND id = \(home.person) AND home_entity_id IS NULL
                  AND disabled = 0
                """
            ) { (email: $0.text(0), name: $0.text(1)) }
        }
        guard let person = found, home.entity != other else { throw PeopleRefusal.unknownPerson }
        let email = person.email, name = person.name
        let (there, before) = try await database.write(entity: other) { try open(email, name, in: $0, at: now) }
        try await database.write(entity: home.entity) { tx in
            var books = try Books(lock: home.entity, at: now, in: tx)
            try tx.run(
                """
                INSERT INTO entity_access (entity_id, person_id, other_entity_id, other_person_id)
                VALUES (\(home.entity), \(home.person), \(other), \(there)) ON CONFLICT (entity_id, person_id, other_entity_id) DO NOTHING
                """)
            try books.cover(.entityAccess, key: [.integer(home.person), .integer(other.value)], tx)
            // A link for a new password that was made before would lead there too.
            try OpenInvitations(home.entity).end(for: home.person, in: tx, at: now)
            try books.close(in: tx)
        }
        return before
    }

    /// The person's row there.
    private func open(
        _ email: String, _ name: String, in tx: any Transaction, at now: Instant
    ) throws -> (person: Int64, before: Role?) {
        var books = try Books(lock: other, at: now, in: tx)
        try Accounts.lock(in: tx)
        let guest = try tx.first(
            """
            SELECT id, role, disabled FROM person WHERE entity_id = \(other) AND email = \(email)
               AND home_entity_id = \(home.entity) AND home_person_id = \(home.person)
            """
        ) { (id: $0.integer(0), role: $0.integer(2) == 0 ? Role(rawValue: $0.text(1)) : nil) }
        let person = try guest?.id ?? enter(email, name, &books, in: tx)
        var endedKeys = 0
        if let guest {
            guard try role == .administrator || Administrators(other).canSpare(guest.id, in: tx) else {
                throw PeopleRefusal.lastAdministratorOf(other)
            }
            try tx.run("UPDATE person SET role = \(role.rawValue), disabled = 0 WHERE entity_id = \(other) AND id = \(guest.id)")
            if !role.rights.contains(.administer) { try OpenInvitations(other).end(madeBy: guest.id, in: tx, at: now) }
            endedKeys = try MadeKeys(other, by: guest.id).end(beyond: role, &books, in: tx, at: now)
        }
        try books.cover(.person, in: [person], tx)
        let said = "person=\(person) role=\(role.rawValue) before=\(guest?.role?.rawValue ?? "none") legal_entity=\(home.entity.value)"
        books.note(actor, act, detail: said + (endedKeys > 0 ? " ended_keys=\(endedKeys)" : ""), outcome: "done", at: now)
        try books.close(in: tx)
        return (person, guest?.role)
    }

    /// Without a password, so that nobody signs in by it; with the number of its home where somebody there has the name.
    private func enter(_ email: String, _ name: String, _ books: inout Books, in tx: any Transaction) throws -> Int64 {
        let isNamesake = try PersonName(name).isTaken(in: other, tx)
        let name = isNamesake ? "\(name), of legal entity \(home.entity.value)" : name
        if isNamesake, try PersonName(name).isTaken(in: other, tx) { throw PeopleRefusal.nameTaken(name) }
        let id: ID<Actor> = books.newID()
        let inserted = try tx.changes(
            """
            INSERT INTO person (entity_id, id, email, name, role, password, failures, locked_until, disabled, home_entity_id,
              home_person_id)
            VALUES (\(other), \(id), \(email), \(name), \(role.rawValue), '', 0, 0, 0, \(home.entity), \(home.person))
            ON CONFLICT (entity_id, email) DO NOTHING
            """)
        guard inserted == 1 else { throw PeopleRefusal.emailTaken(email) }
        return id.value
    }
}

/// Ends a session and opens one in another legal entity where the account may work.
package struct ChooseEntity: Sendable {
    private let home: Home
    private let entity: ID<Entity>
    private let from: (entity: ID<Entity>, digest: String)
    private let token, csrf: String

    /// - Parameters:
    ///   - from: The session that ends, by its token.
    ///   - token: Of the new session.
    package init(_ home: Home, _ entity: ID<Entity>, from: (entity: ID<Entity>, token: String), token: String, csrf: String) {
        (self.home, self.entity, self.token, self.csrf) = (home, entity, token, csrf)
        self.from = (from.entity, Secret.digest(from.token))
    }

    /// - Errors: `PeopleRefusal.unknownEntity`; `sessionEnded` when the old session does not stand any more.
    /// - Returns: The name of the legal entity.
    package func run(_ database: any Database, at now: Instant) async throws -> String {
        let home = home, entity = entity, token = token, csrf = csrf, from = from
        return try await database.write(entity: home.entity) { tx in
            // Lock: whoever shuts the account or ends its sessions sees the old one or the new one.
            try Books.lock(home.entity, in: tx)
            try Accounts.lock(in: tx)
            let choice = try ReadAccess(home).run(in: tx).first { $0.entity == entity }
            guard let choice else { throw PeopleRefusal.unknownEntity(entity) }
            let ended = try tx.changes(
                """
                DELETE FROM web_session WHERE entity_id = \(from.entity) AND token_digest = \(from.digest) AND expires_at > \(now)
                """)
            guard ended == 1 else { throw PeopleRefusal.sessionEnded }
            try WebSession.open(entity, choice.person, token: token, csrf: csrf, in: tx, at: now)
            return choice.name
        }
    }
}

/// A browser's session, in one legal entity.
enum WebSession {
    static func open(_ entity: ID<Entity>, _ person: Int64, token: String, csrf: String, in tx: any Transaction, at now: Instant) throws {
        try tx.run("DELETE FROM web_session WHERE entity_id = \(entity) AND expires_at < \(now)")
        try tx.run(
            """
            INSERT INTO web_session (entity_id, token_digest, person_id, csrf, last_at, expires_at)
            VALUES (\(entity), \(Secret.digest(token)), \(person), \(csrf), \(now), \(now.microseconds + SignIn.sessionMicroseconds))
            """)
    }
}
