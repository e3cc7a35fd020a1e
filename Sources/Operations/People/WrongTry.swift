import Domain
import Store

/// Counts a wrong password or code; the last of `SignIn.accountTries` locks the account for a while, which is noted once.
struct WrongTry: Sendable {
    private let entity: ID<Entity>
    private let person: Int64?
    private let isCounted: Bool

    /// - Parameter person: nil where the mail address has no account: any other is then written as it stands, which takes as long.
    init(_ entity: ID<Entity>, _ person: Int64?, isCounted: Bool = true) {
        (self.entity, self.person, self.isCounted) = (entity, person, isCounted)
    }

    func run(in tx: any Transaction, at now: Instant) throws {
        var books = try Books(lock: entity, at: now, in: tx)
        let any = try person ?? tx.first("SELECT id FROM person WHERE entity_id = \(entity) ORDER BY id LIMIT 1") { $0.integer(0) }
        guard let person = any else { return }
        let more: Int64 = isCounted && self.person != nil ? 1 : 0
        let failures = try tx.rows(
            "UPDATE person SET failures = failures + \(more) WHERE entity_id = \(entity) AND id = \(person) RETURNING failures"
        ) { $0.integer(0) }.first
        guard more > 0, let failures, failures >= SignIn.accountTries else { return }
        let until = now.microseconds + Int64(SignIn.lockMinutes) * 60_000_000
        try tx.run("UPDATE person SET failures = 0, locked_until = \(until) WHERE entity_id = \(entity) AND id = \(person)")
        try books.note(person, "/sign-in", outcome: "sign_in_locked", in: tx, at: now)
        try books.close(in: tx)
    }
}

extension Books {
    /// Notes what somebody did before there was a session that says who it is.
    mutating func note(_ person: Int64, _ act: String, outcome: String, in tx: any Transaction, at now: Instant) throws {
        let actor = try tx.first("SELECT name, role FROM person WHERE entity_id = \(entity) AND id = \(person)") {
            Actor(id: person, name: $0.text(0), role: Role(rawValue: $0.text(1)) ?? .viewer)
        }
        guard let actor else { throw PeopleRefusal.unknownPerson }
        note(actor, act, detail: "", outcome: outcome, at: now)
    }
}
