import Domain
import Store

/// Checks mail address, password and, where one is set up, the second factor, and opens a session. A hundred wrong tries shut the account
/// for 15 minutes, wherever they come from.
///
/// Who has no account, a wrong password or an account that is shut is refused in the same words, after one hash and one write, so that
/// neither answer nor time tells which.
package struct SignIn: Sendable {
    /// After so many from one sender, whoever serves shuts the account for that sender; `accountTries` shut it for all.
    package static let tries: Int64 = 10, accountTries: Int64 = 100
    package static let lockMinutes = 15, sessionMicroseconds: Int64 = 43_200_000_000
    /// What no password has.
    private static let nobody = "scrypt$32768$\(String(repeating: "0", count: 32))$\(String(repeating: "0", count: 64))"
    private let entity: ID<Entity>
    private let email, password, code, sessionToken, csrf: String

    /// - Parameter code: Of the authenticator; empty when the account has none.
    package init(_ entity: ID<Entity>, email: String, password: String, code: String = "", sessionToken: String, csrf: String) {
        (self.entity, self.email, self.password, self.code) = (entity, email.lowercased(), password, code)
        (self.sessionToken, self.csrf) = (sessionToken, csrf)
    }

    private struct Account: Sendable {
        let id: Int64
        let hash: String
        let totp: [UInt8]?
        let step: Int64
        let lockedUntil: Int64
    }

    /// - Parameters:
    ///   - isShut: The account, if there is one, is shut for who asks.
    ///   - prove: Counts the costly hash, outside any transaction.
    package func run(
        _ database: any Database, at now: Instant, isShut: Bool = false,
        _ prove: (@escaping @Sendable () throws -> Bool) async throws -> Bool
    ) async throws {
        let entity = entity, email = email
        let found = try await database.read { tx in
            try tx.first(
                """
                SELECT id, password, totp_secret, totp_step, locked_until FROM person WHERE entity_id = \(entity) AND email = \(email) \
                AND disabled = 0 AND home_entity_id IS NULL
                """
            ) {
                Account(
                    id: $0.integer(0), hash: $0.text(1), totp: $0.optionalText(2).flatMap(Secret.bytes), step: $0.integer(3),
                    lockedUntil: $0.integer(4))
            }
        }
        let password = password, hash = found?.hash ?? Self.nobody
        let isRight = try await prove { try Secret.isRight(password: password, for: hash) }
        let isOpen = !isShut && found.map { $0.lockedUntil <= now.microseconds } ?? false
        guard let account = found, isRight, isOpen else { throw try await fail(found, isCounted: isOpen, database, at: now) }
        var step = account.step
        if let secret = account.totp {
            guard !code.isEmpty else { throw PeopleRefusal.codeMissing }
            guard let used = Secret.step(of: code, secret, at: now, after: account.step) else {
                throw try await fail(account, isCounted: true, database, at: now)
            }
            step = used
        }
        let used = step
        try await database.write(entity: entity) { try open(account, step: used, in: $0, at: now) }
    }

    private func open(_ account: Account, step: Int64, in tx: any Transaction, at now: Instant) throws {
        var books = try Books(lock: entity, at: now, in: tx)
        // A code counts once, even when two send it at the same moment. A password that was changed while it was hashed opens nothing, nor
        // does an account that was shut.
        let touched = try tx.changes(
            """
            UPDATE person SET failures = 0, locked_until = 0, totp_step = \(step)
             WHERE entity_id = \(entity) AND id = \(account.id) AND totp_step = \(account.step) AND locked_until <= \(now)
               AND password = \(account.hash) AND disabled = 0
            """)
        guard touched == 1 else { throw PeopleRefusal.wrongSignIn }
        try WebSession.open(entity, account.id, token: sessionToken, csrf: csrf, in: tx, at: now)
        try books.note(account.id, "/sign-in", outcome: "done", in: tx, at: now)
        try books.close(in: tx)
    }

    private func fail(_ account: Account?, isCounted: Bool, _ database: any Database, at now: Instant) async throws -> PeopleRefusal {
        let entity = entity, wrong = WrongTry(entity, account?.id, isCounted: isCounted)
        try await database.write(entity: entity) { try wrong.run(in: $0, at: now) }
        return .wrongSignIn
    }
}

/// The legal entity in which a mail address has its account.
package struct FindAccount: Sendable {
    private let email: String
    private let first: ID<Entity>
    /// - Parameter first: Looked at before the others.
    package init(_ email: String, first: ID<Entity>) { (self.email, self.first) = (email.lowercased(), first) }

    /// - Returns: `first` where there is none, so that an unknown address is refused like a wrong password.
    package func run(in tx: any Transaction) throws -> ID<Entity> {
        let entities: [ID<Entity>] = try tx.rows(
            "SELECT entity_id FROM person WHERE email = \(email) AND home_entity_id IS NULL AND disabled = 0 ORDER BY entity_id LIMIT 100"
        ) { $0.id(0) }
        return entities.contains(first) ? first : entities.first ?? first
    }
}
