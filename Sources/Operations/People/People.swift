import Domain
import Store

/// A person or a key that acts on the books of one legal entity.
package struct Actor: Equatable, Sendable {
    package let id: Int64
    package let name: String
    package let role: Role
    /// What a program's key is held to besides its role, such as `orders:write`; nil holds it to its role alone.
    package let scopes: Set<String>?
    /// The person who made a key on the desk; nil for a person, and for a key of the command line.
    package let maker: Int64?
    package init(id: Int64, name: String, role: Role, scopes: Set<String>? = nil, maker: Int64? = nil) {
        (self.id, self.name, self.role, self.scopes, self.maker) = (id, name, role, scopes, maker)
    }
    package func may(_ right: Role.Right) -> Bool { role.rights.contains(right) }
}

package enum PeopleRefusal: Refusal {
    case wrongSignIn, locked(minutes: Int), codeMissing, invitationUsed, weakPassword, badName, badEmail, emailTaken(String), unknownRole(
        String), unknownKey
    case unknownPerson, lastAdministrator, ownRequest, decided, wrongCode, unknownEntity(ID<Entity>), notAdministrator(ID<Entity>)
    case waits(String, askedBy: String)
    case wrongProof, factorStands
    case emailElsewhere(String), nameTaken(String), reservedName, unknownInvitation, lastAdministratorOf(ID<Entity>)
    case unknownScope(String, known: [String]), makerUnknown, worksElsewhere(ID<Entity>), ownMaker, sessionEnded

    package var category: RefusalCategory {
        switch self {
        case .wrongSignIn, .locked, .codeMissing, .ownRequest, .makerUnknown, .ownMaker, .notAdministrator, .worksElsewhere, .sessionEnded:
            .forbidden
        case .invitationUsed, .emailTaken, .emailElsewhere, .nameTaken, .lastAdministrator, .lastAdministratorOf, .decided, .waits,
            .factorStands:
            .conflict
        case .weakPassword, .badName, .reservedName, .badEmail, .unknownRole, .wrongCode, .unknownScope, .wrongProof: .invalid
        case .unknownKey, .unknownPerson, .unknownEntity, .unknownInvitation: .missing
        }
    }
    package var code: String {
        switch self {
        case .wrongSignIn: "sign_in_wrong"
        case .locked: "sign_in_locked"
        case .invitationUsed: "invitation_used"
        case .weakPassword: "password_weak"
        case .badName: "name_invalid"
        case .badEmail: "email_invalid"
        case .emailTaken, .emailElsewhere: "email_taken"
        case .nameTaken: "name_taken"
        case .reservedName: "name_reserved"
        case .unknownInvitation: "invitation_not_found"
        case .unknownRole: "role_unknown"
        case .unknownKey: "api_key_not_found"
        case .codeMissing: "code_missing"
        case .wrongCode: "code_wrong"
        case .unknownPerson: "person_not_found"
        case .lastAdministrator, .lastAdministratorOf: "last_administrator"
        case .ownRequest, .makerUnknown: "own_request"
        case .ownMaker: "own_maker"
        case .sessionEnded: "session_ended"
        case .decided: "already_decided"
        case .waits: "already_waits"
        case .unknownEntity: "entity_not_found"
        case .notAdministrator, .worksElsewhere: "not_administrator"
        case .unknownScope: "scope_unknown"
        case .wrongProof: "proof_wrong"
        case .factorStands: "second_factor_stands"
        }
    }
    package var message: String {
        switch self {
        case .wrongSignIn:
            "the mail address, the password or the code is wrong. Too many wrong tries shut an account for \(SignIn.lockMinutes) minutes"
        case .locked(let minutes): "too many wrong tries: try again in \(minutes) minutes"
        case .invitationUsed: "this link was used or taken back already, or is too old: ask an administrator for a new one"
        case .weakPassword: "a password has at least 12 characters, and \(AcceptInvitation.passwordLimit) at most"
        case .badName: "a name has 1 to \(Plausible.nameLimit) characters on one line"
        case .badEmail: "this is no mail address: write one such as ann@example.com"
        case .emailTaken(let email): "\(email) has an account already"
        case .emailElsewhere(let email):
            "\(email) has an account in another legal entity already: an administrator there lets it in here"
        case .nameTaken(let name): "\(name) is somebody else's name here: add what tells you apart"
        case .reservedName: "a name does not begin with “key” or “command line”: the audit log calls programs and commands so"
        case .unknownInvitation: "this link was used or taken back already, or is too old"
        case .unknownRole(let role): "\(role) is no role; write one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))"
        case .unknownKey: "this key does not exist or is revoked already"
        case .codeMissing: "enter the six digits of your authenticator"
        case .wrongCode: "these are not the six digits of this moment: check the clock of your device and try again"
        case .unknownPerson: "there is no such person here"
        case .lastAdministrator: "somebody must stay administrator: name another one first"
        case .lastAdministratorOf(let entity):
            "nobody else is administrator of legal entity \(entity.value): name another one there first"
        case .ownRequest: "another person decides what you asked for"
        case .makerUnknown:
            "a key of the command line asked, which an administrator may have made: somebody of another role who approves decides"
        case .ownMaker: "a key does not change the account of whoever made it: use the desk, or a key that somebody else made"
        case .sessionEnded: "this session has ended: sign in again"
        case .decided: "this was decided already"
        case .waits(let what, let name): "\(name) asked for this already and it waits for a second person: \(what)"
        case .unknownEntity(let entity): "legal entity \(entity.value) is not there, or you may not work in it"
        case .notAdministrator(let entity): "only an administrator of legal entity \(entity.value) lets people and programs in there"
        case .worksElsewhere(let entity):
            "this person works in legal entity \(entity.value) too: an administrator of both does this, or one of that legal entity "
                + "shuts the account there first"
        case .wrongProof: "the password or the code is wrong: nothing was changed"
        case .factorStands: "an authenticator is set up already: take it away first"
        case .unknownScope(let scope, let known): "\(scope) is no scope; write some of \(known.joined(separator: ", "))"
        }
    }
}

/// Who stands behind a session or a key.
package struct Identify: Sendable {
    package struct Session: Sendable {
        package let entity: ID<Entity>
        package let actor: Actor
        package let csrf: String
        /// The account behind the actor: of this legal entity or of another one.
        package let home: Home
        package let token: String
    }
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func session(_ token: String, in tx: any Transaction, at now: Instant) throws -> Session? {
        let session = try tx.first(
            """
            SELECT p.id, p.name, p.role, s.csrf, p.home_entity_id, p.home_person_id
              FROM web_session s JOIN person p ON p.entity_id = s.entity_id AND p.id = s.person_id
             WHERE s.entity_id = \(entity) AND s.token_digest = \(Secret.digest(token)) AND s.expires_at > \(now) AND p.disabled = 0
            """
        ) {
            let home = $0.isNull(4) ? Home(entity, $0.integer(0)) : Home($0.id(4), $0.integer(5))
            let actor = Actor(id: $0.integer(0), name: $0.text(1), role: Role(rawValue: $0.text(2)) ?? .viewer)
            return Session(entity: entity, actor: actor, csrf: $0.text(3), home: home, token: token)
        }
        guard let session, session.home.entity != entity else { return session }
        return try session.home.isOpen(in: tx) ? session : nil
    }

    package func key(_ token: String, in tx: any Transaction) throws -> Actor? {
        let found = try tx.first(
            """
            SELECT id, name, role, scopes, made_by FROM api_key WHERE entity_id = \(entity) AND token_digest = \(Secret.digest(token))
              AND revoked_at IS NULL
            """
        ) {
            let scopes = Set($0.text(3).split(separator: " ").map(String.init))
            return Actor(
                id: $0.integer(0), name: "key \($0.text(1))", role: Role(rawValue: $0.text(2)) ?? .viewer,
                scopes: scopes.isEmpty ? nil : scopes, maker: $0.optionalInteger(4))
        }
        guard let key = found, let maker = key.maker else { return found }
        return try MadeKeys(entity, by: maker).stands(key.role, in: tx) ? key : nil
    }

    package func signOut(_ token: String, _ actor: Actor, in tx: any Transaction, at now: Instant) throws {
        try tx.run("DELETE FROM web_session WHERE entity_id = \(entity) AND token_digest = \(Secret.digest(token))")
        try Audit(entity, actor, "/sign-out", detail: "", outcome: "done").run(in: tx, at: now)
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
    private let scopes: [String]
    private let maker: Int64?

    /// - Parameters:
    ///   - scopes: What it is held to besides its role; nothing when empty.
    ///   - maker: The person who makes it, an administrator there; nil on the command line.
    package init(_ entity: ID<Entity>, name: String, role: Role, scopes: [String] = [], by maker: Int64? = nil, token: String) {
        (self.entity, self.name, self.role, self.scopes, self.maker, self.token) = (entity, name, role, scopes, maker, token)
    }

    /// - Errors: `PeopleRefusal.notAdministrator` when the maker was shut or is none any more.
    package func run(in tx: any Transaction, at now: Instant) throws {
        var books = try Books(lock: entity, at: now, in: tx)
        if let maker, try !MadeKeys(entity, by: maker).mayBeMade(in: tx) { throw PeopleRefusal.notAdministrator(entity) }
        let id: ID<Actor> = books.newID()
        try tx.run(
            """
            INSERT INTO api_key (entity_id, id, token_digest, name, role, scopes, created_at, made_by)
            VALUES (\(entity), \(id), \(Secret.digest(token)), \(name), \(role.rawValue), \(scopes.joined(separator: " ")), \(now),
              \(maker))
            """)
        try books.cover(.apiKey, in: [id.value], tx)
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
        books.note(actor, act, detail: detail, outcome: outcome, at: now)
        try books.close(in: tx)
    }
}

extension Books {
    mutating func note(_ actor: Actor, _ act: String, detail: String, outcome: String, at now: Instant) {
        let id: ID<Actor> = newID()
        append(.auditEntry) { batch in
            batch.append(id.value)
            batch.append(now.microseconds)
            for text in [actor.name, actor.role.rawValue, act, detail, outcome] { batch.append(text) }
        }
    }
}
