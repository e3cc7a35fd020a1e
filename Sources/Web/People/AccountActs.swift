import Domain
import Operations
import Store

/// What people do with their own account; it stands where they are at home, whatever books they look at.
extension DeskAct {
    static let account: [DeskAct] = [
        DeskAct("/account/password", .read, changePassword).hiding("password", "new_password"),
        DeskAct("/account/sessions/end", .read, endSessions).inSteps(), DeskAct("/account/factor/begin", .read, beginFactor),
        DeskAct("/account/factor", .read, setFactor).hiding("secret", "code", "password").drawnAgain(keepingTheKey),
        DeskAct("/account/factor/remove", .read, removeFactor).hiding("password", "code"),
    ]
}

extension DeskQuestion {
    var sessions: OwnSessions { OwnSessions(home, token: reader.session) }
}

private let changePassword: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let length = asked["new_password"].map(\.count) ?? 0
    var form = FormCheck()
    let told = form.need("password", "Present password", asked["password"], or: FormRefusal.missing("Present password"))
    if !AcceptInvitation.passwordLengths.contains(length) { form.tell("new_password", "New password", PeopleRefusal.weakPassword) }
    guard let old = told, form.isSound else { throw form.refusal }
    let operation = try await ChangePassword(
        asked.sessions, old: old, new: asked["new_password"] ?? "", books.database, at: books.clock(), books.hashing)
    try await books.of(asked.home.entity).write { try operation.run(in: $0, at: $1) }
    return .done("The password is changed; every other session is ended.", then: "/account")
}

private let endSessions: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let count = try await asked.sessions.endOthers(books.database)
    books.note?.tell("ended=\(count)")
    return .done("\(counted(count, "other session")) ended.", then: "/account")
}

private let beginFactor: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    var page = try await books.database.read { try AccountPage.read(asked, in: $0) }
    guard !page.hasSecondFactor else { throw PeopleRefusal.factorStands }
    page.secret = String(Secret.token("").prefix(AccountPage.secretLength))
    return .page(page.body)
}

/// A code or password that is mistyped leaves the key that the authenticator has: the page that shows it has no address.
private let keepingTheKey: @Sendable (DeskQuestion, any Refusal, any Transaction) throws -> PageBody? = { asked, refusal, tx in
    let isMistyped =
        switch refusal as? PeopleRefusal {
        case .wrongCode, .wrongProof: true
        default: false
        }
    guard isMistyped, let secret = asked["secret"], secret.utf8.count == AccountPage.secretLength,
        Secret.bytes(secret) != nil
    else { return nil }
    var page = try AccountPage.read(asked, in: tx)
    guard !page.hasSecondFactor else { return nil }
    page.secret = secret
    return page.body
}

private let setFactor: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let operation = try await SetSecondFactor(
        asked.home, secret: asked["secret"] ?? "", code: asked["code"] ?? "", password: asked["password"] ?? "", books.database,
        at: books.clock(), books.hashing)
    try await books.of(asked.home.entity).write { try operation.run(in: $0, at: $1) }
    return .done("From now on signing in asks for the code.", then: "/account")
}

private let removeFactor: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let operation = try await RemoveSecondFactor(
        asked.home, password: asked["password"] ?? "", code: asked["code"] ?? "", books.database, at: books.clock(), books.hashing)
    try await books.of(asked.home.entity).write { try operation.run(in: $0, at: $1) }
    return .done("Signing in takes the password alone.", then: "/account")
}
