import Domain
import Operations
import Store

extension DeskAct {
    static let house: [DeskAct] = [
        DeskAct("/users/role", .administer, changeRole), DeskAct("/users/invite", .administer, invite),
        DeskAct("/users/keys", .administer, makeKey),
        DeskAct("/users/keys/revoke", .administer, revokeKey), DeskAct("/account/factor/begin", .read, beginFactor),
        DeskAct("/account/factor", .read, setFactor),
        DeskAct("/account/factor/remove", .read, removeFactor), DeskAct("/approvals/{id}/decide", .approve, decideApproval),
    ]
}

private func role(_ asked: DeskQuestion) throws -> Role {
    guard let role = asked["role"].flatMap({ Role(rawValue: $0) }) else { throw PeopleRefusal.unknownRole(asked["role"] ?? "") }
    return role
}

private let changeRole: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let person = asked["person"].flatMap({ Int64($0) }) else { throw PeopleRefusal.unknownPerson }
    let wanted = asked["role"] == nil ? nil : try role(asked), operation = ChangePerson(asked.entity, person, role: wanted)
    let before = try await books.write { try operation.run(in: $0, at: $1) }
    return .done("Before \(before.rawValue), now \(wanted?.rawValue ?? "shut").", then: "/users")
}

private func users(_ asked: DeskQuestion, _ books: DeskBooks, _ secret: (title: String, text: String)) async throws -> DeskOutcome {
    var page = try await books.database.read { tx in
        let read = ReadPeople(asked.entity)
        return UsersPage(people: try read.people(in: tx), keys: try read.keys(in: tx), acts: try read.acts(in: tx), reader: asked.reader)
    }
    page.secret = secret
    return .page(page.body)
}

private let invite: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let role = try role(asked), token = Secret.token("inv_"), operation = Invite(asked.entity, role, token: token)
    try await books.write { try operation.run(in: $0, at: $1) }
    return try await users(asked, books, ("One-time link for a new \(role.rawValue), on this server", "/welcome?token=\(token)"))
}

private let makeKey: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let name = asked["name"], name.count <= 100 else { throw FormRefusal.missing("Name, of 100 characters at most") }
    let token = Secret.token("key_"), operation = CreateAPIKey(asked.entity, name: name, role: try role(asked), token: token)
    try await books.write { try operation.run(in: $0, at: $1) }
    return try await users(asked, books, ("Key of \(name)", token))
}

private let revokeKey: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let key = asked["key"].flatMap({ Int64($0) }) else { throw PeopleRefusal.unknownKey }
    let operation = RevokeAPIKey(asked.entity, key)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("The key opens nothing any more.", then: "/users")
}

private let beginFactor: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, _ in
    .page(AccountPage(hasSecondFactor: false, reader: asked.reader, secret: String(Secret.token("").prefix(40))).body)
}

private let setFactor: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let operation = SetSecondFactor(asked.entity, asked.reader.person, secret: asked["secret"] ?? "", code: asked["code"] ?? "")
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("From now on signing in asks for the code.", then: "/account")
}

private let removeFactor: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let operation = SetSecondFactor(asked.entity, asked.reader.person, secret: nil)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("Signing in takes the password alone.", then: "/account")
}

/// Runs the act that waited, in the name of who asked, once another person approves it.
private let decideApproval: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let id = asked["id"].flatMap({ Int64($0) }), let decision = asked["decision"] else {
        throw FormRefusal.missing("Approve or decline")
    }
    let decide = DecideApproval(asked.entity, id, by: asked.actor, approve: decision == "approve")
    let request = try await books.write { try decide.run(in: $0, at: $1) }
    guard decision == "approve" else { return .done("Declined: \(request.why).", then: "/approvals") }
    guard let act = DeskAct.all.first(where: { $0.path == request.act }) else { throw FormRefusal.unknown(request.act) }
    let asker = DeskReader(
        entityName: asked.reader.entityName, userName: request.askedName, person: request.askedBy, role: request.askedRole,
        csrf: asked.reader.csrf, today: asked.reader.today)
    let again = asked.repeated(formPairs(request.fields), by: asker, reason: "approved by \(asked.reader.userName)")
    do { _ = try await act.run(again, books) } catch {
        try await books.write { tx, _ in try decide.withdraw(in: tx) }
        throw error
    }
    return .done("Approved and done: \(request.why).", then: "/approvals")
}
