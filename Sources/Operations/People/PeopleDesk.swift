import Domain
import Store

/// Everybody with an account and every key in force.
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
        /// Who made it on the desk; nil for one of the command line, and for one from before makers were kept.
        package var maker: String?
        /// nil while it is in force.
        package var revokedAt: Instant?
    }
    package enum Account: String, CaseIterable, Sendable { case open, shut }
    package enum KeyState: String, CaseIterable, Sendable { case inForce = "in_force", revoked, all }
    package enum Order: String, CaseIterable, Sendable { case name, role }
    package enum KeyOrder: String, CaseIterable, Sendable { case date, name, role }
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    private static let columns = "id, name, email, role, disabled, CASE WHEN totp_secret IS NULL THEN 0 ELSE 1 END, home_entity_id"

    private static func line(_ row: Row) -> Line {
        Line(
            id: row.integer(0), name: row.text(1), email: row.text(2), role: Role(rawValue: row.text(3)) ?? .viewer,
            isDisabled: row.integer(4) == 1, hasSecondFactor: row.integer(5) == 1, home: row.isNull(6) ? nil : row.id(6))
    }

    /// Everybody, by name.
    package func people(in tx: any Transaction) throws -> [Line] {
        let text = "SELECT \(Self.columns) FROM person WHERE entity_id = $1 ORDER BY name, id"
        return try tx.rows(SQL(text: text, values: [.integer(entity.value)]), Self.line)
    }

    /// By name unless asked otherwise, a page at a time.
    ///
    /// - Parameters:
    ///   - role, account, id: Only these; nil lists all.
    ///   - moment: Only who had an account by then; everybody is as they are now.
    package func people(
        _ role: Role? = nil, _ account: Account? = nil, by order: Order = .name, reversed: Bool = false, after: ListPlace?,
        limit: Int = ListLimit.page, id: Int64? = nil, at moment: ReportMoment? = nil, in tx: any Transaction
    ) throws -> ListPage<Line> {
        var condition = role.map { " AND role = '\($0.rawValue)'" } ?? ""
        condition += account.map { " AND disabled = \($0 == .shut ? 1 : 0)" } ?? ""
        var values: [SQLValue] = [.integer(entity.value), .integer(try moment?.throughLast.horizon(in: tx) ?? .max)]
        if let id {
            values.append(.integer(id))
            condition += " AND id = $3"
        }
        return try ListPage.read(
            "SELECT \(Self.columns) FROM person WHERE entity_id = $1 AND id <= $2\(condition)",
            ListOrder(order.rawValue, .text, id: "id", descending: reversed), after: after,
            limit: limit, values: values, in: tx
        ) {
            let line = Self.line($0)
            return (line, ListPlace(order == .name ? line.name : $0.text(3), line.id))
        }
    }

    /// Keys, the oldest first unless asked otherwise, a page at a time.
    ///
    /// - Parameters:
    ///   - role, id: Only of this one; nil lists all.
    ///   - scope: Only those that are held to it, beside others or alone; one that is held to none is left out.
    ///   - moment: Keys that were there then, and whether they were in force; nil tells of now.
    package func keys(
        _ state: KeyState = .inForce, role: Role? = nil, scope: String? = nil, by order: KeyOrder = .date, reversed: Bool = false,
        after: ListPlace? = nil, limit: Int = ListLimit.page, id: Int64? = nil, at moment: ReportMoment? = nil, in tx: any Transaction
    ) throws -> ListPage<Key> {
        var values: [SQLValue] = [.integer(entity.value), .integer(moment?.last ?? .max)], condition = ""
        switch state {
        case .inForce: condition += " AND (revoked_at IS NULL OR revoked_at > $2)"
        case .revoked: condition += " AND revoked_at <= $2"
        case .all: break
        }
        if let role { condition += " AND role = '\(role.rawValue)'" }
        if let id {
            values.append(.integer(id))
            condition += " AND id = $\(values.count)"
        }
        if let scope {
            values.append(.text(scope))
            condition += " AND replace(' ' || scopes || ' ', ' ' || CAST($\(values.count) AS TEXT) || ' ', '') <> ' ' || scopes || ' '"
        }
        let column =
            order == .date
            ? ListOrder("id", .integer, id: "id", descending: reversed)
            : ListOrder(order.rawValue, .text, id: "id", descending: reversed)
        return try ListPage.read(
            """
            SELECT id, name, role, scopes, created_at, CASE WHEN revoked_at <= $2 THEN revoked_at END,
                   (SELECT p.name FROM person p WHERE p.entity_id = api_key.entity_id AND p.id = api_key.made_by) AS maker
              FROM api_key WHERE entity_id = $1 AND created_at <= $2\(condition)
            """, column, after: after, limit: limit, values: values, in: tx
        ) {
            let key = Key(
                id: $0.integer(0), name: $0.text(1), role: $0.text(2), scopes: $0.text(3), createdAt: Instant(microseconds: $0.integer(4)),
                maker: $0.optionalText(6), revokedAt: $0.optionalInteger(5).map { Instant(microseconds: $0) })
            return (key, ListPlace(order == .name ? key.name : key.role, key.id))
        }
    }

    /// Of people and keys by their ids, for whoever is named by one.
    package func names(_ ids: [Int64], in tx: any Transaction) throws -> [Int64: String] {
        var names: [Int64: String] = [:]
        try tx.forEach("SELECT id, name FROM person WHERE entity_id = \(entity) AND id IN \(ids: ids)") {
            names[$0.integer(0)] = $0.text(1)
        }
        try tx.forEach("SELECT id, name FROM api_key WHERE entity_id = \(entity) AND id IN \(ids: ids)") {
            names[$0.integer(0)] = $0.text(1)
        }
        return names
    }

    /// Every name under which a person acts: the own one, and those of the keys that the person made.
    ///
    /// - Parameter actor: The id of the person, or of one of the keys; a key of the command line stands for itself alone.
    func actingNames(of actor: Int64, in tx: any Transaction) throws -> [String] {
        let maker: Int64? =
            try tx.first("SELECT made_by FROM api_key WHERE entity_id = \(entity) AND id = \(actor)") { $0.optionalInteger(0) } ?? nil
        let person = maker ?? actor
        return try tx.rows(
            """
            SELECT name FROM person WHERE entity_id = \(entity) AND id = \(person)
            UNION ALL
            SELECT 'key ' || name FROM api_key WHERE entity_id = \(entity) AND (made_by = \(person) OR id = \(person))
            """
        ) { $0.text(0) }
    }

    package func hasSecondFactor(_ person: Int64, in tx: any Transaction) throws -> Bool {
        try tx.first("SELECT totp_secret FROM person WHERE entity_id = \(entity) AND id = \(person)") { !$0.isNull(0) } ?? false
    }
}

/// Gives a person another role, or shuts the account; somebody stays administrator, in other legal entities too.
///
/// Keys that the person made end with the rights that the person has no more.
package struct ChangePerson: Sendable {
    package struct Outcome: Sendable {
        /// The role before.
        package let before: Role
        /// How many keys ended, in every legal entity.
        package let endedKeys: Int
    }
    private let entity: ID<Entity>
    private let person: Int64
    private let role: Role?
    private let account: Home?
    /// - Parameters:
    ///   - role: nil shuts the account and ends its sessions and the links and keys it made, everywhere when it is at home here.
    ///   - account: Of who changes it, at home, a key by its own id; nil where nobody asks whether they may.
    package init(_ entity: ID<Entity>, _ person: Int64, role: Role?, by account: Home? = nil) {
        (self.entity, self.person, self.role, self.account) = (entity, person, role, account)
    }

    /// - Errors: `PeopleRefusal.unknownPerson`, `lastAdministrator`, `lastAdministratorOf`; `worksElsewhere` for shutting it.
    package func run(in tx: any Transaction, at now: Instant) throws -> Outcome {
        // Lock. What other legal entities keep of the person changes in their own books.
        var books = try Books(lock: entity, at: now, in: tx)
        let guests = role == nil ? try Home(entity, person).guests(in: tx) : []
        var others = try guests.map { try Books(lock: $0.entity, at: now, in: tx) }
        try Accounts.lock(in: tx)
        // Read.
        let people = try ReadPeople(entity).people(in: tx)
        guard let before = people.first(where: { $0.id == person }) else { throw PeopleRefusal.unknownPerson }
        // Decide.
        if role == nil { try ReadAccess(Home(entity, person)).leave(to: account, in: tx) }
        guard try role == .administrator || Administrators(entity).canSpare(person, in: tx) else { throw PeopleRefusal.lastAdministrator }
        for guest in guests {
            guard try Administrators(guest.entity).canSpare(guest.person, in: tx) else {
                throw PeopleRefusal.lastAdministratorOf(guest.entity)
            }
        }
        // Write.
        var endedKeys = try MadeKeys(entity, by: person).end(beyond: role, &books, in: tx, at: now)
        for (at, guest) in guests.enumerated() {
            endedKeys += try MadeKeys(guest.entity, by: guest.person).end(beyond: nil, &others[at], in: tx, at: now)
            try others[at].close(in: tx)
        }
        if let role {
            try tx.run("UPDATE person SET role = \(role.rawValue), disabled = 0 WHERE entity_id = \(entity) AND id = \(person)")
            if !role.rights.contains(.administer) { try OpenInvitations(entity).end(madeBy: person, in: tx, at: now) }
            // A link for a new password that was made before would lead here again.
            if before.isDisabled, let home = try guestHome(in: tx) {
                try OpenInvitations(home.entity).end(for: home.person, in: tx, at: now)
            }
        } else {
            try tx.run("UPDATE person SET disabled = 1 WHERE entity_id = \(entity) AND id = \(person)")
            try OpenInvitations(entity).end(for: person, in: tx, at: now)
            for place in [(entity: entity, person: person)] + guests {
                try tx.run("DELETE FROM web_session WHERE entity_id = \(place.entity) AND person_id = \(place.person)")
                try OpenInvitations(place.entity).end(madeBy: place.person, in: tx, at: now)
            }
        }
        try books.cover(.person, in: [person], tx)
        try books.close(in: tx)
        return Outcome(before: before.role, endedKeys: endedKeys)
    }

    /// Where the account of a guest is; nil for one of this legal entity.
    private func guestHome(in tx: any Transaction) throws -> Home? {
        try tx.first(
            """
            SELECT home_entity_id, home_person_id FROM person
             WHERE entity_id = \(entity) AND id = \(person) AND home_entity_id IS NOT NULL
            """
        ) { Home($0.id(0), $0.integer(1)) }
    }
}

package struct RevokeAPIKey: Sendable {
    private let entity: ID<Entity>
    private let id: Int64
    package init(_ entity: ID<Entity>, _ id: Int64) { (self.entity, self.id) = (entity, id) }

    /// - Returns: The key as it stood: its name, its role and its scopes.
    @discardableResult package func run(in tx: any Transaction, at now: Instant) throws -> String {
        var books = try Books(lock: entity, at: now, in: tx)
        let revoked = try tx.rows(
            """
            UPDATE api_key SET revoked_at = \(now) WHERE entity_id = \(entity) AND id = \(id) AND revoked_at IS NULL
            RETURNING name, role, scopes
            """
        ) { [$0.text(0), $0.text(1), $0.text(2)].filter { !$0.isEmpty }.joined(separator: ", ") }
        guard let before = revoked.first else { throw PeopleRefusal.unknownKey }
        try books.cover(.apiKey, in: [id], tx)
        try books.close(in: tx)
        return before
    }
}
