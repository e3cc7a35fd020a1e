import Domain
import HTTPTypes
import Hummingbird
import Operations
import Store

/// What the desk answers in place of a page or an act: a "no" on the page that the form stood on, or why a role may not.
extension FlorinResponder {
    /// The page of a path; one that an act has written out is that act's, not the number of something, and so is one with a word where the
    /// page has an id: `/orders/decide` is no order, `/runs/day` no run.
    func page(at path: String) -> PathTable<DeskPage>.Match? {
        guard let found = pages.entries(at: path).first else { return nil }
        guard found.entry.path != path else { return found }
        let isWord = found.values["id"].map { Int64($0) == nil } ?? false
        return acts.entries(at: path).contains { isWord || $0.entry.path == path } ? nil : found
    }

    /// The page an act belongs to: `/orders` of `/orders/decide`, `/receipts/7` of `/receipts/7/unapply`; nil where none is above it.
    func pageAbove(_ path: String) -> String? {
        var parts = path.split(separator: "/")
        while !parts.isEmpty {
            let path = "/" + parts.joined(separator: "/")
            if page(at: path) != nil { return path }
            parts.removeLast()
        }
        return nil
    }

    /// Where a form stood, with the query: what the form says of itself, else the page that sent it, when it is one of ours.
    func origin(of request: Request, _ form: [(name: String, value: String)]) -> String? {
        if let said = form.first(where: { $0.name == PostedForm.pageField })?.value, isOwn(said) { return said }
        guard let referer = HTTPField.Name("Referer").flatMap({ request.headers.value($0) }), let from = referer.firstRange(of: "://")
        else {
            return nil
        }
        let rest = String(referer[from.upperBound...].drop { $0 != "/" })
        guard isOwn(rest) else { return nil }
        let path = String(rest.prefix { $0 != "?" })
        return page(at: path) == nil ? pageAbove(path) : rest
    }

    func forbidden(_ right: Role.Right, _ session: Identify.Session, _ path: String, back: String?) async throws -> Answer {
        let body = FaultPage(.forbidden(role: session.actor.role, needed: right, back: back)).body
        return Answer(.forbidden, html: Frame(body, path: path, try await reader(session, nil)).html)
    }

    /// The page of a refused form as its act draws it; nil where the act leaves that to the page's address.
    func drawnAgain(
        _ act: DeskAct, _ refusal: any Refusal, _ form: [(name: String, value: String)], from origin: String?, _ session: Identify.Session,
        _ path: String
    ) async throws -> Answer? {
        guard let again = act.again else { return nil }
        var reader = try await reader(session, "!" + refusal.message)
        let page = origin ?? pageAbove(path) ?? "/", faults = FieldsRefusal.faults(of: refusal, in: form)
        reader.posted = PostedForm(form, to: path, from: page, faults: faults)
        var question = DeskQuestion(books.entity, reader, path: path, values: form, memory: memory, terms: books.terms)
        question.clock = books.clock
        let asked = question
        guard let body = try await books.database.read({ try again(asked, refusal, $0) }) else { return nil }
        return Answer(.unprocessableContent, html: Frame(body, path: path, reader).html)
    }

    /// The page again, with the refusal and what was typed; the way to it where it cannot be shown here.
    func refused(
        _ refusal: any Refusal, _ form: [(name: String, value: String)], from origin: String?, _ session: Identify.Session, _ path: String
    ) async throws -> Answer {
        let word = "!" + refusal.message, parts = (origin ?? "").split(separator: "?", maxSplits: 1).map(String.init)
        guard let origin, let place = parts.first, let found = page(at: place), session.actor.may(found.entry.right) else {
            return redirect(pageAbove(path) ?? "/", word)
        }
        var reader = try await reader(session, word)
        reader.posted = PostedForm(form, to: path, from: origin, faults: FieldsRefusal.faults(of: refusal, in: form))
        let query = formPairs(parts.count == 2 ? parts[1] : "").filter { $0.name != "format" }
        var question = DeskQuestion(
            books.entity, reader, path: place, values: found.values.map { ($0.key, $0.value) } + query, memory: memory, terms: books.terms)
        question.clock = books.clock
        let asked = question
        guard let body = try await books.database.read({ try found.entry.read(asked, $0) }) else { return redirect("/", word) }
        return Answer(.unprocessableContent, html: Frame(body, path: place, query: asked["q"] ?? "", reader).html)
    }
}

/// Whether a path leads to this server: browsers read `//` and `/\` as another host, and skip blanks and control characters.
func isOwn(_ path: String) -> Bool {
    path.hasPrefix("/") && !path.hasPrefix("//") && path.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 92 }
}
