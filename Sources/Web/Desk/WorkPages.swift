import Domain
import Operations

/// `/import`: files in, findings out.
struct ImportPage: Sendable {
    /// Of the file just taken, by its name.
    let outcome: (name: String, outcome: ImportOutcome)?
    let reader: DeskReader

    private static func text(_ kind: ImportKind) -> String {
        switch kind {
        case .bank: "Bank statement: camt, MT940, BAI2, OFX, NACHA"
        case .remittance: "Remittance advice: X12, EDIFACT, mail text, PDF"
        case .orders: "Orders: CSV"
        case .customers: "Customers: CSV"
        case .invoices: "Open items of a former system: CSV"
        }
    }

    var body: PageBody {
        let kinds = ImportKind.allCases.filter { reader.may($0.right) }.map { (value: $0.rawValue, text: Self.text($0)) }
        let form = Form(
            "/import", reader, isUpload: true, class: "form",
            """
            \(Field("What it is", "kind", .choice(kinds)).html)\
            \(Field(
                "File", "file", .file, hint: "Plain, gzipped or in a ZIP archive. The same file twice changes nothing.", isRequired: true
            ).html)\
            <div>\(button("Import", class: "main"))</div>
            """)
        var body = PageBody("Import", "<div class=\"stack\">\(report)\(panel("Take a file in", form.html))</div>")
        if outcome != nil { body.actions = "<a class=\"button\" href=\"/import\">Another file</a>" }
        return body
    }

    private var report: HTML {
        guard let (name, result) = outcome else { return "" }
        let count = result.findings.count, mark = count == 0 ? Badge("No findings", .good) : Badge(counted(count, "finding"), .warn)
        let told = facts(result.facts.map { (name: $0.name, value: "\($0.value)") })
        let done = panel(name, "\(told)<p>\(mark.html)</p>", aside: Badge("Imported", .good).html)
        return count == 0 ? done : done + panel("Findings", FindingList("Findings", "Finding", result.findings).html)
    }
}

/// `/search`: everything that a number, a name or an amount may mean.
struct SearchPage: Sendable {
    let query: String
    let found: Search.Found

    var body: PageBody {
        var table = DataTable("Hits", [.text("What"), .text("Number"), .text("Name"), .text("Date"), .number("Amount")])
        table.rows = found.hits.map { hit in
            [
                .text(words(hit.noun.rawValue)), .link(Self.title(hit), to: Self.path(hit)),
                .text(hit.noun == .statement ? grouped(hit.name) : hit.name),
                hit.on.map { .day($0) } ?? .none, hit.amount.map { .money($0) } ?? .none,
            ]
        }
        table.empty =
            query.isEmpty
            ? Empty("Search", "Type a number, the beginning of one, a part of a name, an IBAN, or an amount such as 1,234.50.")
            : Empty(
                "Nothing is called “\(query)”",
                """
                Try the beginning of a number, a part of a name, or an exact amount such as 1,234.50. A payer's name, IBAN and reference \
                find receipts that wait.
                """
            )
        let cut: HTML = found.isCut ? "<p class=\"pager muted\">The first \(Search.limit); type more of it.</p>" : ""
        return PageBody(query.isEmpty ? "Search" : "“\(query)”", "<div class=\"list-frame\">\(table.html)\(cut)</div>")
    }

    private static func title(_ hit: Search.Hit) -> String { hit.number.isEmpty ? words(hit.noun.rawValue) : hit.number }

    static func path(_ hit: Search.Hit) -> String {
        switch hit.noun {
        case .customer: customerPath(hit.number)
        case .order: "/orders/\(hit.id)"
        case .invoice, .creditNote: documentPath(hit.number)
        case .receipt: "/receipts/\(hit.id)"
        case .statement: "/statements/\(hit.id)"
        }
    }
}

/// `/settings`: how the desk works for this reader and these books.
struct SettingsPage: Sendable {
    let facts: [(name: String, value: String)]
    let rules: CashRules
    let reader: DeskReader

    private var cashRules: HTML {
        var table = DataTable(
            rules.table.title, rules.table.columns.map { $0.isNumber ? .number(words($0.label)) : .text(words($0.label)) })
        table.rows = rules.table.rows.map { row in
            row.map { cell in
                switch cell {
                case .text(let text): .text(text)
                case .integer(let number): .number(number)
                default: .none
                }
            }
        }
        return panel(
            "How cash is applied",
            """
            <div class="prose"><p>The first rule that fits payer, documents and amount says what is done.</p></div>\(table.html)\
            <div class="prose">\(rules.table.notes.map { "<p class=\"hint\">\($0)</p>" as HTML })</div>
            """)
    }

    var body: PageBody {
        let keys: [(name: String, text: String)] =
            reader.sections.map { ("g \($0.key)", $0.title) }
            + [("/", "Search"), ("j k", "Walk the rows"), ("Enter", "Open"), ("x", "Pick the row"), ("?", "All keys of the page")]
        let keyFacts = keys.map { "<div><dt><kbd>\($0.name)</kbd></dt><dd>\($0.text)</dd></div>" as HTML }
        return PageBody(
            "Settings",
            """
            <div class="stack">\(panel("Books", Web.facts(facts.map { (name: $0.name, value: "\($0.value)") })))\
            \(cashRules)\(panel("You", Web.facts([
                ("Name", "\(reader.userName)"), ("Role", "\(words(reader.role))"), ("Looks", "light or dark, as your system says"),
            ])))\
            <div class="keys-told">\(panel("Keys", "<dl class=\"facts\">\(keyFacts)</dl>"))</div></div>
            """)
    }
}

/// What stands in place of a page: not found, not allowed, a failure.
package struct FaultPage: Sendable {
    package enum Fault: Sendable {
        case missing, failed(requestID: String)
        /// - Parameter back: The page that led here; nil leads to Today.
        case forbidden(role: Role, needed: Role.Right, back: String?)
        case other(String, advice: String)
    }
    let fault: Fault

    package init(_ fault: Fault) { self.fault = fault }

    package var body: PageBody {
        switch fault {
        case .missing:
            PageBody(
                "Not found",
                Empty("There is no such page", "The number may be mistyped, or belong to other books.", link: ("Today", "/")).html)
        case .forbidden(let role, let right, let back):
            PageBody(
                "Not allowed",
                Empty(
                    "Only \(people(who: right)) can \(right.deed)",
                    "You are signed in as \(role.rawValue). An administrator can change roles.",
                    link: back.map { ("Back", $0) } ?? ("Today", "/")
                ).html)
        case .failed(let id):
            PageBody(
                "Something failed",
                Empty(
                    "The answer could not be made",
                    "See whether it was done before you try again; if it stays, tell your administrator request \(id).",
                    link: ("Today", "/")
                ).html)
        case .other(let title, let advice): PageBody("Not done", Empty(title, advice, link: ("Today", "/")).html)
        }
    }
}

/// A page before anybody is signed in: no navigation, one form.
package struct DoorPage: Sendable {
    private let title: String
    private let refusal: String?
    private let content: HTML
    package init(_ title: String, refusal: String? = nil, _ content: HTML) {
        (self.title, self.refusal, self.content) = (title, refusal, content)
    }

    package var html: HTML {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>\
        \(title) · Florin</title>
        <meta name="color-scheme" content="light dark"><link rel="icon" href="\(Asset.icon.address)" type="image/svg+xml">\
        <link rel="stylesheet" href="\(Asset.style.address)"></head>
        <body class="plain"><main id="main"><div class="panel"><div class="document"><p class="brand">\
        <span class="coin" aria-hidden="true">ƒ</span>Florin</p><h1>\(title)</h1>
        \(refusal.map { "<p class=\"notice bad\" role=\"alert\">\(sentence($0))</p>" as HTML })\(content)</div></div></main></body></html>
        """
    }
}
