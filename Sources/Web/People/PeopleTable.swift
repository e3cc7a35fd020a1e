import Domain
import Operations

/// People as rows, each with what an administrator can do about it.
///
/// - Shape: a role is chosen in a form of the row's own; links and shutting are buttons of two forms that stand once beside the table.
struct PeopleTable: Sendable {
    static let roles = Role.allCases.map { (value: $0.rawValue, text: words($0.rawValue)) }
    private static let shut = "shut", reset = "reset"
    let people: [ReadPeople.Line]
    let place: ListLink
    /// Where this page of the list begins; nil on the first.
    let after: String?
    /// Whether there is another legal entity that somebody can be let into.
    let hasEntities: Bool
    let reader: DeskReader
    /// The only ones shown; nil shows all.
    var role: Role?
    var account: ReadPeople.Account?

    var table: DataTable {
        var table = DataTable(
            "People",
            [
                .text("Name", sort: "name"), .exported("Mail address"), .text("Role", sort: "role"), .text("Second factor"),
                .text("Account"), .acts,
            ])
        table.rows = people.enumerated().map { row($1, "p\($0)") }
        table.empty = Empty("Nobody here", "Nobody has such an account.", link: ("Everybody", "/users"))
        table.place = place
        return table
    }

    /// The order stays as it is.
    var filter: HTML {
        let accounts = [(value: "", text: "Open and shut")] + ReadPeople.Account.allCases.map { ($0.rawValue, words($0.rawValue)) }
        return """
            <form class="inline" action="/users">\(Self.rolePicked(role))\
            \(Field("Account", "account", .choice(accounts), value: account?.rawValue ?? "").html)\(place.sortKept)\(button("Filter"))</form>
            """
    }

    static func rolePicked(_ role: Role?) -> HTML {
        Field("Role", "role", .choice([(value: "", text: "Every role")] + roles), value: role?.rawValue ?? "").html
    }

    /// What the buttons of the rows send.
    var forms: HTML {
        """
        \(Form("/users/role", reader, id: Self.shut, class: "hidden", "<input type=\"hidden\" name=\"role\" value=\"\">").html)\
        \(Form("/users/reset", reader, id: Self.reset, class: "hidden", "").html)
        """
    }

    private func row(_ person: ReadPeople.Line, _ row: String) -> [DataTable.Cell] {
        [
            .drawn(
                person.name, "<span class=\"name\" id=\"\(row)\">\(person.name)</span><span class=\"sub\">\(person.email)</span>"),
            .text(person.email), .drawn(words(person.role.rawValue), roleForm(person, row)),
            .text(person.hasSecondFactor ? "Authenticator" : "None"),
            .text((person.isDisabled ? "Shut" : "Open") + (person.home.map { ", of legal entity \($0.value)" } ?? "")),
            .drawn("", acts(person, row)),
        ]
    }

    private func roleForm(_ person: ReadPeople.Line, _ row: String) -> HTML {
        let id = String(person.id)
        return Form(
            "/users/role", reader, class: "in-row", sentWhen: { $0["person"] == id && $0["role"] != "" },
            """
            <input type="hidden" name="person" value="\(id)">\
            \(Field("Role", "role", .choice(Self.roles), value: person.role.rawValue).control(inRow: row))\
            \(button(person.isDisabled ? "Open again" : "Change", inRow: row))
            """
        ).html
    }

    /// An account of another legal entity has its password and its access there.
    private func acts(_ person: ReadPeople.Line, _ row: String) -> HTML {
        guard !person.isDisabled else { return "" }
        let id = String(person.id), isOurs = person.home == nil
        let reset: HTML = isOurs ? button("Reset link", inRow: row, name: "person", value: id, form: Self.reset) : ""
        let access: HTML =
            isOurs && hasEntities
            ? """
            <a class="button" href="\(place.link(after: after, person: id))" aria-describedby="\(row)">Legal entities</a>
            """ : ""
        return """
            <span class="in-row">\(reset)\(access)\(button("Shut", inRow: row, name: "person", value: id, form: Self.shut))</span>
            """
    }
}

extension ListLink {
    /// The order, for a form that asks for other filters.
    var sortKept: HTML { sort.map { "<input type=\"hidden\" name=\"sort\" value=\"\($0)\">" } ?? "" }

    /// The same page with what concerns one person.
    fileprivate func link(after: String?, person: String) -> String {
        Link(path, filters + [("sort", sort ?? ""), ("after", after ?? ""), ("person", person)]).text
    }
}

/// Where one person may work besides, as far as the reader is administrator there, and a way to let them in.
struct AccessPanel: Sendable {
    let person: ReadPeople.Line
    /// Where they work already, with their role.
    let has: [ReadAccess.Choice]
    /// Of which the reader is administrator.
    let entities: [ReadAccess.Choice]
    let reader: DeskReader

    var html: HTML {
        var table = DataTable("Legal entities of \(person.name)", [.text("Legal entity"), .text("Role there")])
        table.rows = has.map { [.text($0.name), .text(words($0.role.rawValue))] }
        table.empty = Empty("They work in no other legal entity", "Pick one and the role there.")
        return panel("Legal entities of \(person.name)", table.html + form, aside: "<a href=\"/users\">Done</a>")
    }

    private var form: HTML {
        let places = entities.map { (value: String($0.entity.value), text: $0.name) }
        return Form(
            "/users/access", reader, class: "inline",
            """
            <input type="hidden" name="person" value="\(person.id)">\(Field("Legal entity", "entity", .choice(places)).html)\
            \(Field("Role there", "role", .choice(PeopleTable.roles), hint: "To take it away, shut the account there.").html)\
            \(button("Let them in", class: "main"))
            """
        ).html
    }
}
