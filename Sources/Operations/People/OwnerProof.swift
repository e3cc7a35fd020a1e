import Domain
import Store

/// Runs what hashes a password where it costs nobody else; gives back what it gives.
package typealias Hashing = @Sendable (@escaping @Sendable () throws -> String?) async throws -> String?

/// Shows that whoever has the session owns the account: by its password or, where there is one, by a code of its authenticator. Wrong tries
/// count with those of signing in.
struct OwnerProof: Sendable {
    /// The account as it was proven: a change that finds another one was overtaken.
    struct Proven: Sendable {
        let hash: String
        let step: Int64
    }
    private let home: Home
    private let password, code: String

    init(_ home: Home, password: String, code: String = "") {
        (self.home, self.password, self.code) = (home, String(password.prefix(AcceptInvitation.passwordLimit)), code)
    }

    /// - Parameter hashing: Counts the costly hash, outside any transaction.
    func check(_ database: any Database, at now: Instant, _ hashing: Hashing) async throws -> Proven {
        let home = home
        let found = try await database.read { tx in
            try tx.first(
                """
                SELECT password, totp_secret, totp_step, locked_until FROM person
                 WHERE entity_id = \(home.entity) AND id = \(home.person) AND home_entity_id IS NULL AND disabled = 0
                """
            ) { (hash: $0.text(0), secret: $0.optionalText(1).flatMap(Secret.bytes), step: $0.integer(2), lockedUntil: $0.integer(3)) }
        }
        guard let account = found else { throw PeopleRefusal.unknownPerson }
        guard account.lockedUntil <= now.microseconds else {
            throw PeopleRefusal.locked(minutes: Int((account.lockedUntil - now.microseconds) / 60_000_000) + 1)
        }
        let proven = Proven(hash: account.hash, step: account.step)
        if let secret = account.secret, Secret.step(of: code, secret, at: now, after: account.step) != nil { return proven }
        let password = password
        if !password.isEmpty, try await hashing({ try Secret.isRight(password: password, for: account.hash) ? account.hash : nil }) != nil {
            return proven
        }
        try await database.write(entity: home.entity) { try WrongTry(home.entity, home.person).run(in: $0, at: now) }
        throw PeopleRefusal.wrongProof
    }
}
