import Domain
import Operations
import Store

extension DeskPage {
    static let house: [DeskPage] = [
        DeskPage("/users", .administer) { asked, tx in
            try UsersPage.read(asked, in: tx).body
        },
        DeskPage("/users/keys/all", .administer) { asked, tx in
            let sort: ListSort<ReadPeople.KeyOrder>? = asked.sort(), role = asked["role"].flatMap { Role(rawValue: $0) }
            let page = try ReadPeople(asked.entity).keys(
                role: role, by: sort?.order ?? .date, reversed: sort?.isReversed ?? false, after: asked.after, limit: asked.limit, in: tx)
            return KeysPage(
                keys: page.rows, role: role, place: asked.place(sort: sort?.text, keeping: ["role"], next: page.next?.text),
                reader: asked.reader
            ).body
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

/// `/users`: people and keys of programs, each with what can be done about it, and what was done last.
struct UsersPage: Sendable {
    /// So many people and so many keys stand on the page: each row carries its controls.
    static let rows = 25
    static let lastActs = 20
    let people: PeopleTable
    let keys: ListPage<ReadPeople.Key>
    let acts: ActTable
    /// The person whose legal entities are shown.
    let access: AccessPanel?
    var links: [OpenInvitations.Line] = []
    let reader: DeskReader
    /// Shown once, right after it was made.
    var secret: (title: String, text: String)?

    static func read(_ asked: DeskQuestion, in tx: any Transaction) throws -> UsersPage {
        let read = ReadPeople(asked.entity), isList = asked.path == "/users"
        let entities = try ReadAccess(asked.home).run(in: tx).filter { $0.entity != asked.entity && $0.role == .administrator }
        // What an act was sent is no filter.
        let role = isList ? asked["role"].flatMap { Role(rawValue: $0) } : nil,
            account = isList ? asked["account"].flatMap { ReadPeople.Account(rawValue: $0) } : nil,
            sort: ListSort<ReadPeople.Order>? = isList ? asked.sort() : nil
        let people = try read.people(
            role, account, by: sort?.order ?? .name, reversed: sort?.isReversed ?? false, after: isList ? asked.after : nil,
            limit: isList && asked.isExport ? asked.limit : rows, in: tx)
        var place = ListLink(path: "/users", next: people.next?.text)
        if isList { place = asked.place(sort: sort?.text, keeping: ["role", "account"], next: people.next?.text) }
        let table = PeopleTable(
            people: people.rows, place: place, after: isList ? asked["after"] : nil, hasEntities: !entities.isEmpty, reader: asked.reader,
            role: role, account: account)
        let acts = try AuditLog(asked.entity, limit: lastActs).page(in: tx).rows
        return UsersPage(
            people: table, keys: try read.keys(limit: rows, in: tx), acts: try ActTable(acts, asked.entity, in: tx),
            access: isList ? try access(asked, people.rows, entities, in: tx) : nil,
            links: try OpenInvitations(asked.entity).run(in: tx, at: asked.clock()), reader: asked.reader)
    }

    private static func access(
        _ asked: DeskQuestion, _ people: [ReadPeople.Line], _ entities: [ReadAccess.Choice], in tx: any Transaction
    ) throws -> AccessPanel? {
        guard !entities.isEmpty, let wanted = asked["person"].flatMap({ Int64($0) }),
            let person = people.first(where: { $0.id == wanted && $0.home == nil && !$0.isDisabled })
        else { return nil }
        let has = try ReadAccess(Home(asked.entity, wanted)).run(in: tx).filter { one in entities.contains { $0.entity == one.entity } }
        return AccessPanel(person: person, has: has, entities: entities, reader: asked.reader)
    }

    var body: PageBody {
        let table = people.table, more: HTML = keys.next == nil ? "" : "<a href=\"/users/keys/all\">All keys</a>"
        var body = PageBody(
            "Users",
            """
            <div class="stack">\(made)\(access?.html)\(people.forms)\(KeysPage.form(reader))\(panel("People", people.filter + table.html))\
            \(panel("Keys of programs", KeysPage.table(keys.rows).html, aside: more))\
            <div class="columns">\(panel("Invite a person", inviteForm))\(panel("Make a key", keyForm))</div>\(LinksPanel(links: links, reader: reader).html)\
            \(panel("What was done last", acts.table.html, aside: "<a href=\"/audit\">All acts</a>"))</div>
            """)
        body.table = table
        return body
    }

    private var made: HTML {
        guard let secret else { return "" }
        return panel(
            secret.title,
            "<div class=\"prose\"><p><code id=\"secret\">\(secret.text)</code></p><p class=\"muted\">It is shown once: keep it now.</p></div>"
        )
    }

    private var inviteForm: HTML {
        Form(
            "/users/invite", reader, class: "form",
            "\(Field("Role", "role", .choice(PeopleTable.roles)).html)<div>\(button("Make a one-time link", class: "main"))</div>"
        ).html
    }

    private var keyForm: HTML {
        Form(
            "/users/keys", reader, class: "form",
            "\(Field("Name", "name", isRequired: true).html)\(Field("Role", "role", .choice(PeopleTable.roles)).html)\(scopeChoices)<div>\(button("Make the key", class: "main"))</div>"
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
