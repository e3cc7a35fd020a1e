import Domain
import Store

/// Everybody with an account, every key in force, and what was done last.
package struct ReadPeople: Sendable {
    package struct Line: Sendable {
        package let id: Int64
        package let name: String
        package let email: String
        package let role: Role
        package let isDisabled: Bool
        package let hasSecondFactor: Bool
        /// The legal entity of the account; nil for one of this entity.
        package let home: ID<Entity>?
    }
    package struct Key: Sendable {
        package let id: Int64
        package let name: String
        package let role: String
        package let scopes: String
        package let createdAt: Instant
    }
    package struct Act: Sendable {
        package let at: Instant
        package let actor: String
        package let act: String
        package let detail: String
        package let outcome: String
    }
    package static let limit = 200
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func people(in tx: any Transaction) throws -> [Line] {
        try tx.rows(
            """
            SELECT id, name, email, role, disabled, CASE WHEN totp_secret IS NULL THEN 0 ELSE 1 END, home_entity_id
              FROM person WHERE entity_id = \(entity) ORDER BY name, id LIMIT \(Self.limit)
            """
        ) {
            Line(
                id: $0.integer(0), name: $0.text(1), email: $0.text(2), role: Role(rawValue: $0.text(3)) ?? .viewer,
                isDisabled: $0.integer(4) == 1,
                hasSecondFactor: $0.integer(5) == 1, home: $0.isNull(6) ? nil : $0.id(6))
        }
    }

    package func keys(in tx: any Transaction) throws -> [Key] {
        try tx.rows(
            "SELECT id, name, role, scopes, created_at FROM api_key WHERE entity_id = \(entity) AND revoked_at IS NULL ORDER BY id LIMIT \(Self.limit)"
        ) {
            Key(id: $0.integer(0), name: $0.text(1), role: $0.text(2), scopes: $0.text(3), createdAt: Instant(microseconds: $0.integer(4)))
        }
    }

    package func acts(in tx: any Transaction) throws -> [Act] {
        try tx.rows(
            "SELECT happened_at, actor, act, detail, outcome FROM audit_entry WHERE entity_id = \(entity) ORDER BY id DESC LIMIT \(Self.limit)"
        ) {
            Act(at: Instant(microseconds: $0.integer(0)), actor: $0.text(1), act: $0.text(2), detail: $0.text(3), outcome: $0.text(4))
        }
    }

    package func hasSecondFactor(_ person: Int64, in tx: any Transaction) throws -> Bool {
        try tx.first("SELECT totp_secret FROM person WHERE entity_id = \(entity) AND id = \(person)") { !$0.isNull(0) } ?? false
    }
}

/// Gives a person another role, or shuts the account; somebody stays administrator.
package struct ChangePerson: Sendable {
    private let entity: ID<Entity>
    private let person: Int64
    private let role: Role?
    /// - Parameter role: nil shuts the account and ends its sessions.
    package init(_ entity: ID<Entity>, _ person: Int64, role: Role?) { (self.entity, self.person, self.role) = (entity, person, role) }

    /// - Returns: The role before.
    package func run(in tx: any Transaction, at now: Instant) throws -> Role {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Touching every account serializes two administrators who demote each other.
        try tx.run("UPDATE person SET failures = failures WHERE entity_id = \(entity)")
        // Read.
        let people = try ReadPeople(entity).people(in: tx)
        guard let before = people.first(where: { $0.id == person }) else { throw PeopleRefusal.unknownPerson }
        // Decide.
        let others = people.contains { $0.id != person && $0.role == .administrator && !$0.isDisabled }
        guard role == .administrator || before.role != .administrator || before.isDisabled || others else {
            throw PeopleRefusal.lastAdministrator
        }
        // Write.
        if let role {
            try tx.run("UPDATE person SET role = \(role.rawValue), disabled = 0 WHERE entity_id = \(entity) AND id = \(person)")
        } else {
            try tx.run("UPDATE person SET disabled = 1 WHERE entity_id = \(entity) AND id = \(person)")
            try tx.run("DELETE FROM web_session WHERE entity_id = \(entity) AND person_id = \(person)")
        }
        try books.cover(.person, in: [person], tx)
        try books.close(in: tx)
        return before.role
    }
}

package struct RevokeAPIKey: Sendable {
    private let entity: ID<Entity>
    private let id: Int64
    package init(_ entity: ID<Entity>, _ id: Int64) { (self.entity, self.id) = (entity, id) }

    package func run(in tx: any Transaction, at now: Instant) throws {
        var books = try Books(lock: entity, at: now, in: tx)
        let changed = try tx.changes(
            "UPDATE api_key SET revoked_at = \(now) WHERE entity_id = \(entity) AND id = \(id) AND revoked_at IS NULL")
        guard changed == 1 else { throw PeopleRefusal.unknownKey }
        try books.cover(.apiKey, in: [id], tx)
        try books.close(in: tx)
    }
}
