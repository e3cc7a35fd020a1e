import Domain
import Store

/// The keys that a person made on the desk: none of them may what its maker may not.
struct MadeKeys {
    private let entity: ID<Entity>
    private let person: Int64
    init(_ entity: ID<Entity>, by person: Int64) { (self.entity, self.person) = (entity, person) }

    /// Whether the person makes keys still: an administrator whose account is open, at home too.
    func mayBeMade(in tx: any Transaction) throws -> Bool { try role(in: tx) == .administrator }

    /// Whether a key of that role stands: one whose maker was shut or given another role by a former release has not ended.
    func stands(_ key: Role, in tx: any Transaction) throws -> Bool { try role(in: tx)?.covers(key) == true }

    /// The maker's; nil for an account that is shut, at home too.
    private func role(in tx: any Transaction) throws -> Role? {
        let found = try tx.first(
            "SELECT home_entity_id, home_person_id, role FROM person WHERE entity_id = \(entity) AND id = \(person) AND disabled = 0"
        ) { row -> (home: Home, role: Role?) in
            (row.isNull(0) ? Home(entity, person) : Home(row.id(0), row.integer(1)), Role(rawValue: row.text(2)))
        }
        return try found.flatMap { try $0.home.isOpen(in: tx) ? $0.role : nil }
    }

    /// Ends those in force whose role has a right that the maker's has not.
    ///
    /// - Parameters:
    ///   - role: The maker's from now on; nil for one who is shut, which ends all of them.
    ///   - books: Of that legal entity.
    /// - Returns: How many were ended.
    @discardableResult
    func end(beyond role: Role?, _ books: inout Books, in tx: any Transaction, at now: Instant) throws -> Int {
        let beyond = Role.allCases.filter { role?.covers($0) != true }.map(\.rawValue)
        guard !beyond.isEmpty else { return 0 }
        let ended = try tx.rows(
            """
            UPDATE api_key SET revoked_at = \(now)
             WHERE entity_id = \(entity) AND made_by = \(person) AND revoked_at IS NULL AND role IN \(texts: beyond) RETURNING id
            """
        ) { $0.integer(0) }
        try books.cover(.apiKey, in: ended, tx)
        return ended.count
    }
}
