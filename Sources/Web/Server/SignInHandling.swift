import Domain
import HTTPTypes
import Hummingbird
import Operations
import Store

/// Into the desk and out of it.
extension FlorinResponder {
    func sender(of request: Request, _ peer: String?) -> Sender {
        Sender(peer: peer, forwarded: HTTPField.Name("X-Forwarded-For").flatMap { request.headers.value($0) })
    }

    func signIn(_ request: Request, _ sender: Sender) async throws -> Answer {
        let query = formPairs(request.uri.query ?? "")
        guard request.method == .post else {
            return only(.get, request) ?? Answer(html: SignInPage.signIn(to: query.first { $0.name == "to" }?.value ?? "/"))
        }
        let form = formPairs(String(decoding: try await body(request), as: UTF8.self))
        func field(_ name: String) -> String { form.first { $0.name == name }?.value ?? "" }
        let now = books.clock(), first = books.entity, email = field("email"), find = FindAccount(email, first: first)
        if let answer = waiting(sender, at: now) { return answer }
        let entity = try await books.database.read { try find.run(in: $0) }, token = Secret.token("ses_", of: entity)
        let operation = SignIn(
            entity, email: email, password: String(field("password").prefix(AcceptInvitation.passwordLimit)), code: field("code"),
            sessionToken: token,
            csrf: Secret.token(""))
        let wanted = field("to"), path = isOwn(wanted) ? wanted : "/"
        do {
            try await operation.run(books.database, at: now, isShut: tries.isShut(email, for: sender, at: now)) { [hashes] proof in
                try await hashes.run(for: sender, proof)
            }
        } catch let refusal as PeopleRefusal {
            if case .wrongSignIn = refusal { tries.add(email, from: sender, at: now) }
            return Answer(.forbidden, html: SignInPage.signIn(to: path, message: refusal.message, posted(form, to: "/sign-in", refusal)))
        }
        tries.forget(email, from: sender)
        return signedIn(token, to: path)
    }

    /// For whom tried too often; nil for everybody else.
    private func waiting(_ sender: Sender, at now: Instant) -> Answer? {
        guard let seconds = tries.wait(sender, at: now) else { return nil }
        var answer = Answer.problem(
            .tooManyRequests, "too_many_sign_ins", "too many wrong sign-ins from your address: try again in \(seconds) seconds")
        answer.headers.append((.retryAfter, String(seconds)))
        return answer
    }

    /// Counts a link that opens nothing as a wrong sign-in of that sender.
    private func count(_ refusal: PeopleRefusal, from sender: Sender, at now: Instant) {
        if case .invitationUsed = refusal { tries.add(nil, from: sender, at: now) }
    }

    private func posted(_ form: [(name: String, value: String)], to path: String, _ refusal: any Refusal) -> PostedForm {
        PostedForm(form, to: path, from: path, faults: FieldsRefusal.faults(of: refusal, in: form))
    }

    private func signedIn(_ token: String, to path: String) -> Answer {
        var answer = Answer.redirect(path)
        answer.headers.append((.setCookie, cookie(Self.sessionCookie, token, seconds: Self.sessionSeconds)))
        return answer
    }

    /// The page behind the one-time link.
    func welcome(_ request: Request, _ sender: Sender) async throws -> Answer {
        guard request.method == .post else {
            return only(.get, request)
                ?? Answer(html: SignInPage.welcome(token: formPairs(request.uri.query ?? "").first { $0.name == "token" }?.value ?? ""))
        }
        let form = formPairs(String(decoding: try await body(request), as: UTF8.self))
        func field(_ name: String) -> String { form.first { $0.name == name }?.value ?? "" }
        let now = books.clock(), entity = Secret.entity(of: field("token")) ?? books.entity, email = field("email")
        if let answer = waiting(sender, at: now) { return answer }
        let invitation = field("token"), name = field("name"), password = field("password")
        func again(_ refusal: any Refusal) -> Answer {
            Answer(
                .forbidden,
                html: SignInPage.welcome(token: invitation, message: refusal.message, posted(form, to: "/welcome", refusal)))
        }
        var check = FormCheck()
        if !Plausible.isName(name) {
            check.tell("name", "Your name", PeopleRefusal.badName)
        } else if PersonName(name).isReserved {
            check.tell("name", "Your name", PeopleRefusal.reservedName)
        }
        if !Plausible.isMailAddress(email) { check.tell("email", "Mail address", PeopleRefusal.badEmail) }
        if !AcceptInvitation.passwordLengths.contains(password.count) { check.tell("password", "Password", PeopleRefusal.weakPassword) }
        guard check.isSound else { return again(check.refusal) }
        do {
            let operation = try await AcceptInvitation(
                entity, token: invitation, email: email, name: name, password: password, books.database, at: now
            ) { [hashes] in try await hashes.run(for: sender, $0) }
            try await books.database.write(entity: entity) { try operation.run(in: $0, at: now) }
        } catch let refusal as PeopleRefusal {
            count(refusal, from: sender, at: now)
            return again(refusal)
        }
        let token = Secret.token("ses_", of: entity), later = books.clock()
        let signIn = SignIn(entity, email: email, password: password, sessionToken: token, csrf: Secret.token(""))
        // The password was chosen just now: it needs no proof.
        try await signIn.run(books.database, at: later) { _ in true }
        return signedIn(token, to: "/")
    }

    /// A new password by the one-time link of an administrator; then one signs in with it.
    func reset(_ request: Request, _ sender: Sender) async throws -> Answer {
        guard request.method == .post else {
            return only(.get, request)
                ?? Answer(html: SignInPage.reset(token: formPairs(request.uri.query ?? "").first { $0.name == "token" }?.value ?? ""))
        }
        let form = formPairs(String(decoding: try await body(request), as: UTF8.self))
        func field(_ name: String) -> String { form.first { $0.name == name }?.value ?? "" }
        let token = field("token"), entity = Secret.entity(of: token) ?? books.entity, now = books.clock()
        if let answer = waiting(sender, at: now) { return answer }
        do {
            let operation = try await ResetPassword(
                entity, token: token, password: field("password"), books.database, at: now
            ) { [hashes] in try await hashes.run(for: sender, $0) }
            try await books.of(entity).write { try operation.run(in: $0, at: $1) }
        } catch let refusal as PeopleRefusal {
            count(refusal, from: sender, at: now)
            return Answer(.forbidden, html: SignInPage.reset(token: token, message: refusal.message, posted(form, to: "/reset", refusal)))
        }
        return .redirect("/sign-in")
    }

    func signOut(_ request: Request) async throws -> Answer {
        guard request.method == .post else { return notAllowed(["POST"]) }
        let form = formPairs(String(decoding: try await body(request), as: UTF8.self))
        guard let token = cookies(request)[Self.sessionCookie], let session = try await session(request) else {
            return .redirect("/sign-in")
        }
        guard form.first(where: { $0.name == "csrf" })?.value == session.csrf else {
            return Answer(.forbidden, html: SignInPage.refused("This form is too old", "Open the page again."))
        }
        let entity = session.entity, now = books.clock()
        try await books.database.write(entity: entity) { try Identify(entity).signOut(token, session.actor, in: $0, at: now) }
        var answer = Answer.redirect("/sign-in")
        answer.headers.append((.setCookie, cookie(Self.sessionCookie, "", seconds: 0)))
        return answer
    }
}
