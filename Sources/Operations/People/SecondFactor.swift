import Domain
import Store

/// Sets up the second factor of an account that has none, once its owner has shown the password and a right code of it.
package struct SetSecondFactor: Sendable {
    private let home: Home
    private let secret: String
    private let step: Int64
    private let proven: OwnerProof.Proven

    /// - Parameter secret: Hexadecimal.
    /// - Errors: `PeopleRefusal.wrongCode`, `wrongProof`, `locked`.
    package init(
        _ home: Home, secret: String, code: String, password: String, _ database: any Database, at now: Instant, _ hashing: Hashing
    ) async throws {
        guard let bytes = Secret.bytes(secret), bytes.count >= 16, let step = Secret.step(of: code, bytes, at: now, after: 0) else {
            throw PeopleRefusal.wrongCode
        }
        (self.home, self.secret, self.step) = (home, secret, step)
        proven = try await OwnerProof(home, password: password).check(database, at: now, hashing)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        var books = try Books(lock: home.entity, at: now, in: tx)
        let changed = try tx.changes(
            """
            UPDATE person SET totp_secret = \(secret), totp_step = \(step)
             WHERE entity_id = \(home.entity) AND id = \(home.person) AND totp_secret IS NULL AND password = \(proven.hash)
            """)
        guard changed == 1 else {
            throw try ReadPeople(home.entity).hasSecondFactor(home.person, in: tx) ? PeopleRefusal.factorStands : .wrongProof
        }
        try books.cover(.person, in: [home.person], tx)
        try books.close(in: tx)
    }
}

/// Takes the second factor away, once its owner has shown the password or a code.
package struct RemoveSecondFactor: Sendable {
    private let home: Home
    private let proven: OwnerProof.Proven

    /// - Errors: `PeopleRefusal.wrongProof`, `locked`.
    package init(_ home: Home, password: String, code: String, _ database: any Database, at now: Instant, _ hashing: Hashing) async throws {
        self.home = home
        proven = try await OwnerProof(home, password: password, code: code).check(database, at: now, hashing)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        var books = try Books(lock: home.entity, at: now, in: tx)
        let changed = try tx.changes(
            """
            UPDATE person SET totp_secret = NULL, totp_step = 0, failures = 0
             WHERE entity_id = \(home.entity) AND id = \(home.person) AND password = \(proven.hash) AND totp_step = \(proven.step)
            """)
        guard changed == 1 else { throw PeopleRefusal.wrongProof }
        try books.cover(.person, in: [home.person], tx)
        try books.close(in: tx)
    }
}
