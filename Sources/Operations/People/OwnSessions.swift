import Domain
import Store

/// The sessions of one's own account, in every legal entity where it works.
package struct OwnSessions: Sendable {
    package struct Line: Equatable, Sendable {
        package let entityName: String
        package let openedAt: Instant
        package let expiresAt: Instant
        /// Whether it is the one that asks.
        package let isThis: Bool
    }

    let home: Home
    private let digest: String
    /// - Parameter token: Of the session that stays; empty where none does.
    package init(_ home: Home, token: String) { (self.home, digest) = (home, Secret.digest(token)) }

    /// The latest first in each legal entity.
    package func run(in tx: any Transaction, at now: Instant) throws -> [Line] {
        try ReadAccess(home).run(in: tx).flatMap { place in
            try tx.rows(
                """
                SELECT last_at, expires_at, token_digest FROM web_session
                 WHERE entity_id = \(place.entity) AND person_id = \(place.person) AND expires_at > \(now)
                   ORDER BY last_at DESC, token_digest
                """
            ) {
                Line(
                    entityName: place.name, openedAt: Instant(microseconds: $0.integer(0)), expiresAt: Instant(microseconds: $0.integer(1)),
                    isThis: $0.text(2) == digest)
            }
        }
    }

    /// Those of every legal entity, of one that let the account in no more too. The book of its home is locked.
    ///
    /// - Returns: How many were ended.
    @discardableResult func endOthers(in tx: any Transaction) throws -> Int {
        var count = 0
        for place in try home.places(in: tx) {
            count += try tx.changes(
                """
                DELETE FROM web_session WHERE entity_id = \(place.entity) AND person_id = \(place.person) AND token_digest <> \(digest)
                """)
        }
        return count
    }

    /// - Returns: How many were ended.
    @discardableResult package func endOthers(_ database: any Database) async throws -> Int {
        try await database.write(entity: home.entity) { tx in
            // Lock: a session that goes to another legal entity meanwhile is ended here or there.
            try Books.lock(home.entity, in: tx)
            return try endOthers(in: tx)
        }
    }
}
