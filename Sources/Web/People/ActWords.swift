import Domain
import Operations
import Store

/// What the log of acts says to people, in place of addresses and names of fields.
extension DeskAct {
    /// By path: what the act does, whatever became of it, and the page of what it is done to; a part in braces is filled in.
    static let sentences: [String: (said: String, page: String?)] = [
        "/receipts/{id}/unapply": ("Take the application of a receipt back", "/receipts/{id}"),
        "/receipts/{id}/apply-from-account": ("Apply cash that stands on account", "/receipts/{id}"),
        "/cash/{id}/answer": ("Answer a receipt", "/receipts/{id}"),
        "/orders/decide": ("Decide orders", nil),
        "/new-customer": ("Create a customer", nil),
        "/customers/{number}/terms": ("Change what is agreed with customer {number}", "/customers/{number}"),
        "/customers/{number}/statement/send": ("Send customer {number} a statement of account", "/customers/{number}"),
        "/customers/{number}/habits/revoke": ("Revoke a habit of customer {number}", "/customers/{number}"),
        "/customers/{number}/identities": ("Give customer {number} an identity", "/customers/{number}"),
        "/customers/{number}/identities/revoke": ("Revoke an identity of customer {number}", "/customers/{number}"),
        "/invoices/{number}/slices": ("Set a part of {number} apart", "/invoices/{number}"),
        "/invoices/{number}/plan": ("Agree a plan for {number}", "/invoices/{number}"),
        "/invoices/{number}/write-off": ("Write off a part of {number}", "/invoices/{number}"),
        "/invoices/{number}/write-off/reverse": ("Take a write-off of {number} back", "/invoices/{number}"),
        "/slices/{id}/release": ("End what stands apart", nil), "/mail/decide": ("Decide mail that was not delivered", "/mail"),
        "/collections/codes": ("Map a customer's deduction code", nil),
        "/ledger/proof": ("Recount the books", "/ledger/proof"), "/ledger/periods": ("Close a period", "/ledger/periods"),
        "/runs/{run}": ("Start a run: {run}", "/runs"), "/import": ("Import a file", nil),
        "/users/reset": ("Let a person choose a new password", nil), "/account/password": ("Change the password", nil),
        "/account/sessions/end": ("Sign out everywhere else", nil),
        "/users/role": ("Change a role", nil), "/users/invite": ("Invite a person", nil),
        "/users/invitations/revoke": ("Take a one-time link back", nil), "/users/keys": ("Make a key", nil),
        "/users/keys/revoke": ("Revoke a key", nil), "/users/access": ("Let somebody into another legal entity", nil),
        "/entities/choose": ("Go to another legal entity", nil), "/account/factor/begin": ("Begin to set up a second factor", nil),
        "/account/factor": ("Set up a second factor", nil), "/account/factor/remove": ("Take the second factor away", nil),
        "/approvals/{id}/decide": ("Decide a request", "/approvals"),
    ]
    /// What is done at the door, before there is a session.
    static let atTheDoor = [
        "/sign-in": "Sign in", "/sign-out": "Sign out", "/welcome": "Open an account", "/reset": "Choose a new password by a link",
    ]
    /// What commands note.
    static let byCommand = [
        "florin people access": "Let somebody into another legal entity, by a command", "florin key create": "Make a key, by a command",
        "florin orders release": "Release orders, by a command", "florin orders cancel": "Cancel orders, by a command",
    ]
    private static let table = PathTable(all.map { (path: $0.path, entry: $0) })

    /// The words for an act that was noted by its path, and its page; nil for what is no act of the desk.
    static func told(_ noted: String) -> (said: String, page: String?)? {
        if let said = atTheDoor[noted] ?? byCommand[noted] { return (said, nil) }
        guard let found = table.entries(at: noted).first, let sentence = sentences[found.entry.path] else { return nil }
        func filled(_ text: String, _ shown: (String) -> String) -> String {
            found.values.reduce(text) { $0.replacing("{\($1.key)}", with: shown($1.value)) }
        }
        let said = filled(sentence.said) { found.values["run"] == nil ? $0 : RunsPage.title($0) }
        return (said, sentence.page.map { filled($0, Link.encoded) })
    }
}

/// A form as the log keeps it, `name=value name=value`: a value goes on until the next name.
func notedFields(_ detail: String) -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    for part in detail.split(separator: " ", omittingEmptySubsequences: false) {
        if let end = part.firstIndex(of: "="), end > part.startIndex, part[..<end].allSatisfy(isOfName) {
            fields.append((String(part[..<end]), String(part[part.index(after: end)...])))
        } else if let last = fields.indices.last {
            fields[last].value += " \(part)"
        }
    }
    return fields.map { ($0.name, $0.value.replacing("%3D", with: "=")) }
}

/// What somebody typed as the audit log keeps it, of 200 characters: nothing in it reads as another field.
package func escapedValue(_ text: String) -> String { String(text.prefix(200)).replacing("=", with: "%3D") }

private func isOfName(_ letter: Character) -> Bool { letter.isASCII && (letter.isLetter || letter.isNumber || "_-.".contains(letter)) }

/// - Parameter names: Of people, keys and orders, by their ids.
func fieldsInWords(_ detail: String, names: [String: String]) -> String {
    notedFields(detail).map { name, value in
        if name.hasPrefix("amount.") { return "Amount of \(name.dropFirst(7)): \(value)" }
        switch name {
        case "person", "key", "order": return "\(words(name)): \(names[value] ?? value)"
        case "act": return "\(words(name)): \(DeskAct.told(value)?.said ?? value)"
        case "answer", "before", "code", "decision", "event", "kind", "role": return "\(words(name)): \(words(value))"
        default: return "\(words(name)): \(value)"
        }
    }.joined(separator: " · ")
}

/// Acts as the log keeps them, in words.
struct ActTable: Sendable {
    private static let nameLimit = 50
    private let acts: [AuditLog.Act]
    /// Of people, keys and orders that acts name by their ids.
    private let names: [String: String]

    init(_ acts: [AuditLog.Act], _ entity: ID<Entity>, in tx: any Transaction) throws {
        self.acts = acts
        var orders: [String: String] = [:], ids: Set<Int64> = []
        for act in acts {
            for field in notedFields(act.detail) {
                guard let id = Int64(field.value) else { continue }
                if field.name == "person" || field.name == "key" { ids.insert(id) }
                guard field.name == "order", orders.count < Self.nameLimit, orders[field.value] == nil else { continue }
                orders[field.value] = try OrderList(entity, id: ID(id)).page(in: tx).rows.first?.number ?? field.value
            }
        }
        let named = try ReadPeople(entity).names(ids.sorted(), in: tx).map { (String($0.key), $0.value) }
        names = orders.merging(named) { $1 }
    }

    var table: DataTable {
        var table = DataTable("What was done", [.text("When"), .text("Who"), .text("Act"), .text("With"), .text("Outcome")])
        table.rows = acts.map { act in
            let told = DeskAct.told(act.act), said = told?.said ?? act.act
            return [
                .instant(act.at),
                .lines(act.actor, act.role, to: Link("/audit", ["actor": act.actor]).text),
                told?.page.map { .link(said, to: $0) } ?? .text(said),
                .text(told == nil ? act.detail : fieldsInWords(act.detail, names: names)), .text(words(act.outcome)),
            ]
        }
        table.empty = Empty("Nothing yet", "Every act of people and programs is written down here.")
        return table
    }
}
