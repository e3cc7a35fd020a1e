import Domain
import Operations
import Store

extension DeskPage {
    static let house: [DeskPage] = [
        DeskPage("/users", .administer) { asked, tx in
            try UsersPage.read(asked, in: tx).body
        },
        DeskPage("/users/keys/all", .administer) { asked, tx in
            let page = try ReadPeople(asked.entity).keys(after: asked.after, limit: asked.limit, in: tx)
            return KeysPage(keys: page.rows, place: asked.place(next: page.next?.text), reader: asked.reader).body
        },
        DeskPage("/audit", .audit) { asked, tx in
            let log = AuditLog(asked.entity, actor: asked["actor"], act: asked["act"], after: asked.after, limit: asked.limit)
            let page = try log.page(in: tx)
            return AuditPage(
                acts: try ActTable(page.rows, asked.entity, in: tx), actor: asked["actor"] ?? "", act: asked["act"] ?? "",
                place: asked.place(keeping: ["actor", "act"], next: page.next?.text)
            ).body
        },
        DeskPage("/entities") { asked, tx in
            EntitiesPage(choices: try ReadAccess(asked.home).run(in: tx), entity: asked.entity, reader: asked.reader).body
        },
        DeskPage("/account") { asked, tx in
            try AccountPage.read(asked, in: tx).body
        },
        DeskPage("/approvals") { asked, tx in
            let today = asked.reader.today
            return ApprovalsPage(waiting: try WaitingApproval.read(asked.entity, on: today, in: tx), on: today, reader: asked.reader).body
        },
    ]
}

/// `/users`: people with their roles, a page at a time, keys of programs, what was done last.
struct UsersPage: Sendable {
    static let lastActs = 20
    let people: [ReadPeople.Line]
    let place: ListLink
    let keys: ListPage<ReadPeople.Key>
    let acts: ActTable
    /// Other legal entities of which the reader is administrator.
    let entities: [ReadAccess.Choice]
    let reader: DeskReader
    /// Shown once, right after it was made.
    var secret: (title: String, text: String)?

    static func read(_ asked: DeskQuestion, in tx: any Transaction) throws -> UsersPage {
        let read = ReadPeople(asked.entity), isList = asked.path == "/users"
        let entities = try ReadAccess(asked.home).run(in: tx).filter { $0.entity != asked.entity && $0.role == .administrator }
        let people = try read.people(after: isList ? asked.after : nil, limit: isList ? asked.limit : ListLimit.page, in: tx)
        var place = ListLink(path: "/users", next: people.next?.text)
        place.isFirst = !isList || asked["after"] == nil
        let acts = try AuditLog(asked.entity, limit: lastActs).page(in: tx).rows
        return UsersPage(
            people: people.rows, place: place, keys: try read.keys(in: tx), acts: try ActTable(acts, asked.entity, in: tx),
            entities: entities, reader: asked.reader)
    }

    private static let roles = Role.allCases.map { (value: $0.rawValue, text: words($0.rawValue)) }

    var body: PageBody {
        let others = entities.isEmpty ? "" : panel("Let somebody work in another legal entity", accessForm)
        var body = PageBody(
            "Users",
            """
            <div class="stack">\(made)\(panel("People", peopleTable.html))<div class="columns">\(panel("Change a role", changeForm))\
            \(panel("Invite a person", inviteForm))\(panel("Let somebody choose a new password", resetForm))\(others)</div>\(keyPanels)\
            \(panel("What was done last", acts.table.html, aside: "<a href=\"/audit\">All acts</a>"))</div>
            """)
        body.table = peopleTable
        return body
    }

    private var keyPanels: HTML {
        let more: HTML = keys.next == nil ? "" : "<a href=\"/users/keys/all\">All keys</a>"
        let revoke = keys.rows.isEmpty ? "" : panel("Revoke a key", KeysPage.form(keys.rows, reader))
        return """
            \(panel("Keys of programs", KeysPage.table(keys.rows).html, aside: more))<div class="columns">\
            \(panel("Make a key", keyForm))\(revoke)</div>
            """
    }

    private var made: HTML {
        guard let secret else { return "" }
        return panel(
            secret.title,
            "<div class=\"prose\"><p><code id=\"secret\">\(secret.text)</code></p><p class=\"muted\">It is shown once: keep it now.</p></div>"
        )
    }

    private var peopleTable: DataTable {
        var table = DataTable("People", [.text("Name"), .text("Mail address"), .text("Role"), .text("Second factor"), .text("Account")])
        table.rows = people.map {
            [
                .text($0.name), .text($0.email), .text(words($0.role.rawValue)), .text($0.hasSecondFactor ? "Authenticator" : "None"),
                .text(($0.isDisabled ? "Shut" : "Open") + ($0.home.map { ", of legal entity \($0.value)" } ?? "")),
            ]
        }
        table.place = place
        return table
    }

    private var changeForm: HTML {
        let who = people.map { (value: String($0.id), text: "\($0.name), \($0.email)") }
        let roles = Self.roles + [(value: "", text: "No role: shut the account")]
        return Form(
            "/users/role", reader, class: "form",
            "\(Field("Person", "person", .choice(who)).html)\(Field("Role", "role", .choice(roles), value: Role.viewer.rawValue).html)<div>\(button("Change the role", class: "main"))</div>"
        ).html
    }

    private var inviteForm: HTML {
        Form(
            "/users/invite", reader, class: "form",
            "\(Field("Role", "role", .choice(Self.roles)).html)<div>\(button("Make a one-time link", class: "main"))</div>"
        ).html
    }

    private var resetForm: HTML {
        let who = people.filter { $0.home == nil && !$0.isDisabled }.map { (value: String($0.id), text: "\($0.name), \($0.email)") }
        return Form(
            "/users/reset", reader, class: "form",
            """
            <p>The link also takes the authenticator away and ends all sessions.</p>\(Field("Person", "person", .choice(who)).html)\
            <div>\(button("Make a one-time link", class: "main"))</div>
            """
        ).html
    }

    private var accessForm: HTML {
        let who = people.filter { $0.home == nil }.map { (value: String($0.id), text: "\($0.name), \($0.email)") }
        let places = entities.map { (value: String($0.entity.value), text: $0.name) }
        return Form(
            "/users/access", reader, class: "form",
            "\(Field("Person", "person", .choice(who)).html)\(Field("Legal entity", "entity", .choice(places)).html)\(Field("Role there", "role", .choice(Self.roles)).html)<div>\(button("Let them in", class: "main"))</div>"
        ).html
    }

    private var keyForm: HTML {
        Form(
            "/users/keys", reader, class: "form",
            "\(Field("Name", "name", isRequired: true).html)\(Field("Role", "role", .choice(Self.roles)).html)\(scopeChoices)<div>\(button("Make the key", class: "main"))</div>"
        ).html
    }

    private var scopeChoices: HTML {
        let boxes = Endpoint.scopes.map { scope -> HTML in
            "<label class=\"check\"><input type=\"checkbox\" name=\"scope\" value=\"\(scope)\"\(checked("scope", scope))> <code>\(scope)</code></label>"
        }
        return
            "<fieldset class=\"checks\"><legend>Scopes</legend><p class=\"hint\">Pick what it may do; none picked leaves all of its role.</p>\(boxes)</fieldset>"
    }
}

/// `/entities`: the legal entities a person may work in.
struct EntitiesPage: Sendable {
    let choices: [ReadAccess.Choice]
    let entity: ID<Entity>
    let reader: DeskReader

    var body: PageBody {
        let cards = choices.map { choice -> HTML in
            let here: HTML = "<p class=\"muted\">You work here now.</p>"
            let go = Form(
                "/entities/choose", reader,
                "<input type=\"hidden\" name=\"entity\" value=\"\(choice.entity.value)\">\(button("Work here", class: "main"))"
            ).html
            return panel(
                choice.name, "<div class=\"prose\"><p>\(words(choice.role.rawValue))</p>\(choice.entity == entity ? here : go)</div>")
        }
        return PageBody("Legal entities", "<div class=\"stack\">\(cards)</div>")
    }
}
