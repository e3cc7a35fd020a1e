import Domain
import Operations
import Store

/// `/audit`: who did what, the last act first, narrowed to a person or to an act.
struct AuditPage: Sendable {
    let acts: ActTable
    let actor, act: String
    let place: ListLink

    /// Every act there is, as the log has it, with its words.
    private static let choices: [(value: String, text: String)] = {
        let desk = DeskAct.sentences.map { ($0.key, words($0.value.said.replacing("{number}", with: "…").replacing("{run}", with: "…"))) }
        let door = (Array(DeskAct.atTheDoor) + Array(DeskAct.byCommand)).map { ($0.key, $0.value) }
        let programs = Endpoint.all.filter { $0.method != "GET" }.map { ("\($0.method) \($0.path)", "\($0.method) \($0.path)") }
        return [("", "Every act")] + (desk + door).sorted { $0.1 < $1.1 } + programs.sorted { $0.1 < $1.1 }
    }()

    var body: PageBody {
        var table = acts.table
        table.place = place
        if !actor.isEmpty || !act.isEmpty {
            table.empty = Empty(
                "Nothing of the kind", "A name is the whole name; that of a key begins with “key ”.", link: ("All acts", "/audit"))
        }
        var body = PageBody(
            "Audit log",
            """
            <div class="stack"><form class="inline" action="/audit">\(Field("Who", "actor", value: actor).html)\
            \(Field("Act", "act", .choice(Self.choices), value: act).html)\(button("Filter"))</form>\
            <div class="list-frame">\(table.html)</div></div>
            """)
        body.table = table
        return body
    }
}

/// `/users/keys/all`: the keys of programs that are in force.
struct KeysPage: Sendable {
    let keys: [ReadPeople.Key]
    /// The only one shown; nil shows all.
    var role: Role?
    let place: ListLink
    let reader: DeskReader

    var body: PageBody {
        var table = Self.table(keys)
        table.place = place
        let filter: HTML =
            "<form class=\"inline\" action=\"/users/keys/all\">\(PeopleTable.rolePicked(role))\(place.sortKept)\(button("Filter"))</form>"
        var body = PageBody(
            "Keys of programs",
            "<div class=\"stack\">\(Self.form(reader))\(filter)<div class=\"list-frame\">\(table.html)</div></div>")
        body.crumbs = [("Users", "/users")]
        body.table = table
        return body
    }

    static func table(_ keys: [ReadPeople.Key]) -> DataTable {
        var table = DataTable(
            "Keys",
            [
                .text("Name", sort: "name"), .text("Role", sort: "role"), .text("Scopes"), .text("Made", sort: "date"), .text("Made by"),
                .acts,
            ])
        table.rows = keys.enumerated().map { at, key in
            [
                .drawn(key.name, "<span class=\"name\" id=\"k\(at)\">\(key.name)</span>"), .text(words(key.role)),
                .text(key.scopes.isEmpty ? "All of its role" : key.scopes), .instant(key.createdAt),
                .text(key.maker ?? "Nobody on record"),
                .drawn(
                    "",
                    "<span class=\"in-row\">\(button("Revoke", inRow: "k\(at)", name: "key", value: String(key.id), form: revoke))</span>"),
            ]
        }
        table.empty = Empty("No keys", "A program that uses the API carries one.")
        return table
    }

    private static let revoke = "revoke"

    /// What the buttons of the rows send.
    static func form(_ reader: DeskReader) -> HTML {
        Form("/users/keys/revoke", reader, id: revoke, class: "hidden", "").html
    }
}
