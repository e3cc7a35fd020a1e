import Domain
import Operations
import Store

extension DeskAct {
    static let house: [DeskAct] =
        [
            DeskAct("/users/role", .administer, changeRole), DeskAct("/users/invite", .administer, invite),
            DeskAct("/users/invitations/revoke", .administer, revokeInvitation).hiding("invitation"),
            DeskAct("/users/keys", .administer, makeKey),
            DeskAct("/users/keys/revoke", .administer, revokeKey), DeskAct("/users/access", .administer, grantAccess).inSteps(),
            DeskAct("/users/reset", .administer, offerReset), DeskAct("/entities/choose", .read, chooseEntity).inSteps(),
            DeskAct("/approvals/{id}/decide", .approve, decideApproval),
        ] + account
}

private func role(_ asked: DeskQuestion) throws -> Role {
    guard let role = asked["role"].flatMap({ Role(rawValue: $0) }) else { throw PeopleRefusal.unknownRole(asked["role"] ?? "") }
    return role
}

private let changeRole: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let person = asked["person"].flatMap({ Int64($0) }) else { throw PeopleRefusal.unknownPerson }
    let wanted = asked["role"] == nil ? nil : try role(asked), operation = ChangePerson(asked.entity, person, role: wanted, by: asked.home)
    let told: @Sendable (ChangePerson.Outcome) -> String = {
        "before=\($0.before.rawValue)" + ($0.endedKeys > 0 ? " ended_keys=\($0.endedKeys)" : "")
    }
    let outcome = try await books.write(telling: told) { try operation.run(in: $0, at: $1) }
    let keys = outcome.endedKeys > 0 ? " \(counted(outcome.endedKeys, "key")) of theirs ended." : ""
    return .done("Before \(outcome.before.rawValue), now \(wanted?.rawValue ?? "shut").\(keys)", then: "/users")
}

private func users(_ asked: DeskQuestion, _ books: DeskBooks, _ secret: (title: String, text: String)) async throws -> DeskOutcome {
    var page = try await books.database.read { tx in
        return try UsersPage.read(asked, in: tx)
    }
    page.secret = secret
    return .page(page.body)
}

private let invite: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let role = try role(asked), token = Secret.token("inv_", of: asked.entity),
        operation = Invite(asked.entity, role, token: token, by: asked.reader.person)
    try await books.write { try operation.run(in: $0, at: $1) }
    return try await users(
        asked, books, ("One-time link for a new \(role.rawValue), good for a day", "\(asked.address)/welcome?token=\(token)"))
}

/// A one-time link as the audit log has it.
@Sendable private func noted(_ link: OpenInvitations.Line) -> String {
    let fields: [(name: String, value: String?)] = [("role", link.role.rawValue), ("person_name", link.person), ("made_by", link.maker)]
    return fields.compactMap { name, value in value.map { "\(name)=\(escapedValue($0))" } }.joined(separator: " ")
}

private let revokeInvitation: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let operation = RevokeInvitation(asked.entity, asked["invitation"] ?? "")
    _ = try await books.write(telling: noted) { try operation.run(in: $0, at: $1) }
    return .done("The link opens nothing any more.", then: "/users")
}

private let offerReset: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let person = asked["person"].flatMap({ Int64($0) }) else { throw PeopleRefusal.unknownPerson }
    let token = Secret.token("rst_", of: asked.entity),
        operation = OfferReset(asked.entity, person, token: token, by: asked.reader.person, of: asked.home)
    let name = try await books.write { try operation.run(in: $0, at: $1) }
    return try await users(
        asked, books, ("One-time link for a new password of \(name), good for a day", "\(asked.address)/reset?token=\(token)"))
}

private let makeKey: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    var form = FormCheck()
    let written = asked["name"].flatMap { Plausible.isName($0, limit: 100) ? $0 : nil },
        chosen = asked["role"].flatMap { Role(rawValue: $0) }
    let told = form.need("name", "Name", written, or: FormRefusal.missing("Name, of 100 characters at most"))
    let picked = form.need("role", "Role", chosen, or: PeopleRefusal.unknownRole(asked["role"] ?? ""))
    guard let name = told, let role = picked else { throw form.refusal }
    let token = Secret.token("key_", of: asked.entity), scopes = try Endpoint.scopes(named: asked.all("scope").filter { !$0.isEmpty })
    let operation = CreateAPIKey(asked.entity, name: name, role: role, scopes: scopes, by: asked.reader.person, token: token)
    try await books.write { try operation.run(in: $0, at: $1) }
    return try await users(asked, books, ("Key of \(name)", token))
}

private let revokeKey: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let key = asked["key"].flatMap({ Int64($0) }) else { throw PeopleRefusal.unknownKey }
    let operation = RevokeAPIKey(asked.entity, key)
    _ = try await books.write(telling: { "before=\($0)" }) { try operation.run(in: $0, at: $1) }
    return .done("The key opens nothing any more.", then: "/users")
}

private func wantedEntity(_ asked: DeskQuestion) throws -> ID<Entity> {
    guard let entity: ID<Entity> = asked.id("entity") else { throw FormRefusal.unpicked("a legal entity") }
    return entity
}

/// Lets somebody of these books work in another legal entity, of which the reader is administrator too.
private let grantAccess: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let person = asked["person"].flatMap({ Int64($0) }) else { throw PeopleRefusal.unknownPerson }
    let other = try wantedEntity(asked), role = try role(asked), home = asked.home
    let choices = try await books.database.read { try ReadAccess(home).run(in: $0) }
    guard choices.contains(where: { $0.entity == other && $0.role == .administrator }) else { throw PeopleRefusal.notAdministrator(other) }
    let grant = GrantAccess(Home(asked.entity, person), to: other, role, by: asked.actor)
    let before = try await grant.run(books.database, at: books.clock())
    books.note?.tell("before=\(before?.rawValue ?? "none")")
    return .done("They work there as \(role.rawValue).", then: "/users")
}

private let chooseEntity: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let entity = try wantedEntity(asked), token = Secret.token("ses_", of: entity)
    let choice = ChooseEntity(
        asked.home, entity, from: (asked.entity, asked.reader.session), token: token, csrf: Secret.token(""))
    let name = try await choice.run(books.database, at: books.clock())
    return .session(token, "You work in the books of \(name) now.", then: "/")
}

/// Runs the act that waited, in the name of who asked, once another person approves it.
private let decideApproval: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let id = asked["id"].flatMap({ Int64($0) }), let decision = asked["decision"] else {
        throw FormRefusal.unpicked("Approve or Decline")
    }
    let isApproved = decision == "approve", decide = DecideApproval(asked.entity, id, by: asked.actor, approve: isApproved)
    let request = try await books.database.read { try decide.request(in: $0) }
    let noted = request.noted
    guard isApproved else {
        _ = try await books.write(telling: { _ in noted }) { try decide.run(in: $0, at: $1) }
        return .done("Declined: \(request.why).", then: "/approvals")
    }
    try await carryOut(request, decide, asked, books) { _, _ in noted }
    return .done("Approved and done: \(request.why).", then: "/approvals")
}

/// Does what waited, in the name of who asked, in one transaction with the decision: what is refused after all still waits.
///
/// - Parameters:
///   - asked: By whoever approves.
///   - noted: What the audit log says of it, in that transaction.
func carryOut(
    _ request: ApprovalRequest, _ decide: DecideApproval, _ asked: DeskQuestion, _ books: DeskBooks,
    noting noted: @escaping @Sendable (any Transaction, Instant) throws -> String
) async throws {
    guard let act = DeskAct.all.first(where: { $0.path == request.act }) else { throw FormRefusal.unknown(request.act) }
    let asker = DeskReader(
        entityName: asked.reader.entityName, userName: request.askedName, person: request.askedBy, role: request.askedRole,
        csrf: asked.reader.csrf, today: asked.reader.today)
    let again = asked.repeated(formPairs(request.fields), by: asker, approvedBy: asked.reader)
    let following = books.after { tx, now in
        try decide.run(in: tx, at: now)
        return try noted(tx, now)
    }
    _ = try await act.run(again, following)
}
