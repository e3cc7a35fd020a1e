import Crypto
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Operations
import Store

/// The desk in front of its tables: sessions, forms with their token, the word about an act on the page after it.
///
/// Adding a page or a form is adding an entry to `DeskPage.all` or `DeskAct.all`, which name the right that it needs.
extension FlorinResponder {
    static let sessionCookie = "__Host-florin"
    static let sessionSeconds = 43_200
    private static let noticeCookie = "__Host-notice"

    static let temporaryFolder = FileManager.default.temporaryDirectory.path(percentEncoded: false)

    func desk(_ request: Request, _ path: String, from peer: String?) async throws -> Answer {
        guard request.method == .get || request.method == .head || isFromHere(request) else {
            return Answer(.forbidden, html: SignInPage.refused("Sent from another site", "Open the page here and send the form from it."))
        }
        switch OpenPath(path) {
        case .signIn: return try await signIn(request, sender(of: request, peer))
        case .welcome: return try await welcome(request, sender(of: request, peer))
        case .reset: return try await reset(request, sender(of: request, peer))
        case .signOut: return try await signOut(request)
        case .health, .ready, .metrics, .document, .reference, .assets, nil: break
        }
        guard let session = try await session(request) else { return try await withoutSession(request, path) }
        let own = on(session.entity)
        return try await crowd.within(session.entity) { try await own.answer(session, request, path) } ?? .busy
    }

    private func answer(_ session: Identify.Session, _ request: Request, _ path: String) async throws -> Answer {
        if request.method == .get || request.method == .head {
            guard let found = page(at: path) else {
                guard !acts.entries(at: path).isEmpty else { return try await missing(session, path) }
                return pageAbove(path).map { .redirect($0) } ?? notAllowed(["POST"])
            }
            return try await show(found.entry, found.values, session, request, path)
        }
        guard request.method == .post, let found = acts.entries(at: path).first else {
            let isPage = page(at: path) != nil, isAct = !acts.entries(at: path).isEmpty
            guard isPage || isAct else { return try await missing(session, path) }
            return notAllowed((isPage ? ["GET"] : []) + (isAct ? ["POST"] : []))
        }
        return try await perform(found.entry, found.values, session, request, path)
    }

    private func missing(_ session: Identify.Session, _ path: String) async throws -> Answer {
        Answer(.notFound, html: Frame(FaultPage(.missing).body, path: path, try await reader(session, nil)).html)
    }

    /// Whether what a browser says of the page that sent a form names this server. Programs say nothing: the form's token is asked of them
    /// too.
    private func isFromHere(_ request: Request) -> Bool {
        func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { request.headers.value($0) } }
        if let site = field("Sec-Fetch-Site"), site != "same-origin", site != "none" { return false }
        guard let origin = field("Origin") else { return true }
        guard let from = origin.firstRange(of: "://"), let authority = request.head.authority else { return false }
        return origin[from.upperBound...].lowercased() == authority.lowercased()
    }

    /// Behind a proxy that ends TLS only the browser knows the scheme: it names it in `Origin`, which was found to be of this server.
    private func address(of request: Request) -> String {
        if let origin = HTTPField.Name("Origin").flatMap({ request.headers.value($0) }), origin.hasPrefix("http") { return origin }
        return "\(request.head.scheme ?? "http")://\(request.head.authority ?? "localhost")"
    }

    private func withoutSession(_ request: Request, _ path: String) async throws -> Answer {
        guard request.method == .get || request.method == .head else {
            guard let act = acts.entries(at: path).first?.entry, mediaType(request) == "application/x-www-form-urlencoded" else {
                return Answer(.forbidden, html: SignInPage.refused("Signed out", "Sign in and send the form again."))
            }
            let secrets = act.secrets.union(PostedForm.secrets).subtracting([PostedForm.pageField])
            var kept = formPairs(String(decoding: try await body(request), as: UTF8.self)).filter { !secrets.contains($0.name) }
            if let page = origin(of: request, kept), !kept.contains(where: { $0.name == PostedForm.pageField }) {
                kept.append((PostedForm.pageField, page))
            }
            return Answer(.forbidden, html: SignInPage.signedOut(path, kept))
        }
        let query = request.uri.query.map { "?\($0)" } ?? ""
        return .redirect(Link("/sign-in", ["to": path + query]).text)
    }

    private func show(
        _ page: DeskPage, _ values: [String: String], _ session: Identify.Session, _ request: Request, _ path: String
    ) async throws -> Answer {
        let notice = cookies(request)[Self.noticeCookie].map { percentDecoded($0) }
        guard session.actor.may(page.right) else {
            return try await forbidden(page.right, session, path, back: origin(of: request, []))
        }
        let reader = try await reader(session, notice), query = formPairs(request.uri.query ?? "")
        var question = DeskQuestion(
            books.entity, reader, path: path, values: values.map { ($0.key, $0.value) } + query, memory: memory, terms: books.terms)
        question.clock = books.clock
        let asked = question.reading(page.checked)
        let found = try await books.database.read { tx -> (body: PageBody, csv: AnswerBody?)? in
            let asked = asked.isExport ? asked.whole() : asked
            guard let body = try page.read(asked, tx) else { return nil }
            return (body, asked.isExport ? try self.csv(of: page, asked, body, tx) : nil)
        }
        guard let (body, csv) = found else { return try await missing(session, path) }
        if let csv {
            var answer = Answer("text/csv; charset=utf-8", csv)
            let name = path.split(separator: "/").joined(separator: "-").filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            answer.headers.append((.contentDisposition, "attachment; filename=\"\(name.isEmpty ? "florin" : name).csv\""))
            return answer
        }
        var answer = Answer(html: Frame(body, path: path, query: asked["q"] ?? "", reader).html)
        if notice != nil { answer.headers.append((.setCookie, cookie(Self.noticeCookie, "", seconds: 0))) }
        return answer
    }

    /// Every row of a page's table, later pages too, as of one moment; nil where the page is no table. One page at a time is in memory.
    private func csv(of page: DeskPage, _ asked: DeskQuestion, _ body: PageBody, _ tx: any Transaction) throws -> AnswerBody? {
        guard let table = body.table else { return nil }
        var csv = TableCSV(table), next = table.place?.next, count = table.rows.count, answer = GrowingAnswer(in: Self.temporaryFolder)
        try answer.append(csv.take())
        while let place = next, let more = try page.read(asked.from(place), tx)?.table {
            count += more.rows.count
            guard count <= ListLimit.rows else { throw ExportTooLong() }
            csv.append(more.rows)
            try answer.append(csv.take())
            next = more.place?.next
        }
        return try answer.end()
    }

    private func perform(
        _ act: DeskAct, _ values: [String: String], _ session: Identify.Session, _ request: Request, _ path: String
    ) async throws -> Answer {
        guard session.actor.may(act.right) else {
            return try await forbidden(act.right, session, path, back: origin(of: request, []) ?? pageAbove(path))
        }
        guard let posted = try await form(request, of: act, csrf: session.csrf) else { return .tooOld }
        defer { posted.remove() }
        let sent = posted.fields, form = sent.filter { ![PostedForm.pageField, PostedForm.onceField].contains($0.name) }
        guard form.first(where: { $0.name == "csrf" })?.value == session.csrf else {
            return try await ofOtherSession(form, from: origin(of: request, sent), session, path)
        }
        let reader = try await reader(session, nil)
        var question = DeskQuestion(
            books.entity, reader, path: path, values: values.map { ($0.key, $0.value) } + form, file: posted.file?.file, memory: memory,
            terms: books.terms)
        (question.address, question.clock) = (address(of: request), books.clock)
        let asked = question, detail = noted(act, form, posted.file?.file), once = once(sent, posted.fileDigest, of: session, path)
        let note = ActNote(session.actor, path, detail: detail, once: act.isInSteps ? nil : once)
        do {
            if let wrong = form.first(where: { !$0.name.hasPrefix(CustomerForm.readPrefix) && holdsControl($0.value) }) {
                throw FormRefusal.notOnOneLine(wrong.name)
            }
            if let second = try await act.second?(asked, books) {
                let fields = Link.query(second.fields)
                let request = AskApproval(books.entity, session.actor, act: second.act, fields: fields, why: second.why)
                let waiting = ActNote(session.actor, path, detail: detail, outcome: "waits for a second person", once: once)
                try await books.noting(waiting).write { _ = try request.run(in: $0, at: $1) }
                return redirect("/approvals", "\(second.why): it waits for a second person.")
            }
            if act.isInSteps { try await begin(ActNote(session.actor, path, detail: detail, outcome: "begun", once: once)) }
            let person = Sender(person: session.actor.id, of: session.entity)
            let noting = books.noting(note, behind: act.isInSteps).hashing { [hashes] in try await hashes.run(for: person, $0) }
            let outcome = try await givingBack(act.isInSteps ? once : nil) { try await act.run(asked, noting) }
            if !note.isWritten { try await write(note) }
            switch outcome {
            case .page(let body): return Answer(html: Frame(body, path: path, reader).html)
            case .done(let word, let then, let link):
                return redirect(then, ([word] + (link.map { [$0.text, $0.to] } ?? [])).joined(separator: "\n"))
            case .session(let token, let word, let then):
                var answer = redirect(then, word)
                answer.headers.append((.setCookie, cookie(Self.sessionCookie, token, seconds: Self.sessionSeconds)))
                return answer
            }
        } catch is FormOnce.Refused {
            return redirect(origin(of: request, sent) ?? pageAbove(path) ?? "/", "It was sent twice, and done once.")
        } catch let refusal as any Refusal {
            try await write(ActNote(session.actor, path, detail: detail, outcome: refusal.code))
            let from = origin(of: request, sent)
            if let drawn = try await drawnAgain(act, refusal, asked.fields, from: from, session, path) { return drawn }
            return try await refused(refusal, form, from: from, session, path)
        }
    }

    /// Does what a form asks for; one that was taken before is free again where that fails.
    private func givingBack(_ once: FormOnce?, _ run: () async throws -> DeskOutcome) async throws -> DeskOutcome {
        do { return try await run() } catch {
            if let once { try await books.write { tx, _ in try once.giveBack(in: tx) } }
            throw error
        }
    }

    /// The page of the form with what was typed, where it is known.
    private func ofOtherSession(
        _ form: [(name: String, value: String)], from origin: String?, _ session: Identify.Session, _ path: String
    ) async throws -> Answer {
        var answer = try await refused(FormRefusal.tooOld, form, from: origin, session, path)
        guard answer.status == .unprocessableContent else { return .tooOld }
        answer.status = .forbidden
        return answer
    }

    /// nil of a form that carries no token of its page, as a program may send it.
    ///
    /// - Parameter file: The digest of the file that came with it.
    private func once(
        _ sent: [(name: String, value: String)], _ file: String?, of session: Identify.Session, _ path: String
    ) -> FormOnce? {
        guard sent.contains(where: { $0.name == PostedForm.onceField }) else { return nil }
        let told = sent.filter { $0.name != "csrf" } + (file.map { [(name: "file", value: $0)] } ?? [])
        let digest = SHA256.hash(data: Array(Link.query(told).utf8))
        return FormOnce(books.entity, route: "form \(session.actor.id) \(path)", digest: hexadecimal(digest))
    }

    /// What was sent for that act; nil of a form with a file that does not begin with the session's token.
    private func form(_ request: Request, of act: DeskAct, csrf: String) async throws -> SentForm? {
        guard mediaType(request) == "multipart/form-data" else {
            return SentForm(formPairs(String(decoding: try await body(request), as: UTF8.self)))
        }
        guard var form = MultipartForm(contentType: request.headers.value(.contentType) ?? "") else { return nil }
        var sent = SentForm()
        do {
            try await read(request, limit: act.takesFile ? Self.uploadLimit : Self.bodyLimit) { part in
                guard let pieces = form.take(part.readableBytesView) else { throw SentForm.Refused() }
                for piece in pieces { try sent.take(piece, csrf: csrf, keepsFile: act.takesFile) }
            }
            guard form.isWhole, sent.hasToken else { throw SentForm.Refused() }
            return sent
        } catch {
            sent.remove()
            if error is SentForm.Refused { return nil }
            throw error
        }
    }

    /// - Parameter word: Kept in a cookie, of which browsers drop what has more than 4 kB: a long one is cut, its link stays.
    func redirect(_ path: String, _ word: String) -> Answer {
        var answer = Answer.redirect(path), lines = word.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if Link.encoded(word).utf8.count > 3_000 { lines[0] = lines[0].prefix(300) + "…" }
        answer.headers.append((.setCookie, cookie(Self.noticeCookie, Link.encoded(lines.joined(separator: "\n")), seconds: 60)))
        return answer
    }

    /// What the audit log keeps of a form: all that is not secret.
    private func noted(_ act: DeskAct, _ form: [(name: String, value: String)], _ file: UploadedFile?) -> String {
        let told = form.filter {
            !PostedForm.ownFields.contains($0.name) && !$0.name.hasPrefix(CustomerForm.readPrefix) && !act.secrets.contains($0.name)
                && !$0.value.isEmpty
        }
        return (told + (file.map { [(name: "file", value: $0.name)] } ?? [])).map { "\($0.name)=\(escapedValue($0.value))" }
            .joined(separator: " ")
    }

    /// Of work of many transactions, which would record nothing in books that a newer program has brought on.
    private func begin(_ note: ActNote) async throws {
        let entity = books.entity
        try await books.write { tx, now in
            try note.write(entity, in: tx, at: now)
            try tx.requireKnownSchema()
        }
    }

    private func write(_ note: ActNote) async throws {
        let entity = books.entity
        try await books.write { try note.write(entity, in: $0, at: $1) }
    }

    func reader(_ session: Identify.Session, _ notice: String?) async throws -> DeskReader {
        let entity = books.entity, mayDecide = session.actor.may(.approve)
        let (own, waiting) = try await books.database.read { tx in
            (
                try tx.first("SELECT name, currency FROM entity WHERE entity_id = \(entity)") { row in
                    (name: row.text(0), currency: row.currency(1))
                },
                mayDecide ? try ReadApprovals(entity).count(in: tx) : nil
            )
        }
        let word = notice.map(DeskReader.Notice.init(kept:))
        var reader = DeskReader(
            entityName: own?.name ?? "", userName: session.actor.name, person: session.actor.id, role: session.actor.role.rawValue,
            csrf: session.csrf, today: books.today, notice: word)
        (reader.home, reader.session, reader.once) = (session.home, session.token, String(Secret.token("").prefix(24)))
        (reader.approvalCount, reader.currency) = (waiting, own?.currency)
        return reader
    }
}

extension DeskReader.Notice {
    /// As the cookie keeps it: the word, and in two more lines a link of this site; a refusal begins with `!`.
    init(kept text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if text.hasPrefix("!") {
            self.init(String(text.dropFirst()), isRefusal: true)
        } else if lines.count == 3, isOwn(lines[2]) {
            self.init(lines[0], link: (lines[1], lines[2]))
        } else {
            self.init(text)
        }
    }
}

extension FlorinResponder {
    func session(_ request: Request) async throws -> Identify.Session? {
        guard let token = cookies(request)[Self.sessionCookie] else { return nil }
        let entity = Secret.entity(of: token) ?? books.entity, now = books.clock()
        return try await books.database.read { try Identify(entity).session(token, in: $0, at: now) }
    }

    func cookies(_ request: Request) -> [String: String] {
        var found: [String: String] = [:]
        for field in request.headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { found[String(parts[0].drop { $0 == " " })] = String(parts[1]) }
            }
        }
        return found
    }

    /// Secure also on http://localhost, which browsers take for trustworthy.
    func cookie(_ name: String, _ value: String, seconds: Int) -> String {
        "\(name)=\(value); Path=/; Max-Age=\(seconds); Secure; HttpOnly; SameSite=Lax"
    }
}

extension Answer {
    /// Of a form whose page is not known any more.
    fileprivate static var tooOld: Answer {
        Answer(.forbidden, html: SignInPage.refused("This form is too old", "Open the page again and send the form from there."))
    }
}
