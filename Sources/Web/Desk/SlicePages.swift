import Domain
import Operations

/// `/collections/slices`: what stands apart and waits for a person or a day, the oldest first.
struct SlicesPage: Sendable {
    let page: ListPage<SliceList.Line>
    let kind: Slice.Kind?
    let sums: [(kind: Slice.Kind, count: Int, open: Money)]
    let place: ListLink
    let on: Day
    /// nil where it tells of now.
    let past: ReportMoment?
    let reader: DeskReader

    var body: PageBody {
        var table = DataTable(
            "Disputes and promises",
            [
                .text("Document"), .text("Customer"), .exported("Customer number"), .text("What"), .number("Open"),
                .text("Since"), .text("Day"), .text("Why", second: "Code and role"),
            ])
        table.rows = page.rows.map { line in
            [
                .link(line.document, to: documentPath(line.document) + "#apart"),
                .link(line.customerName, to: customerPath(line.customerNumber, at: past)), .text(line.customerNumber),
                .badge(badge(line.slice)), .money(line.slice.open), .day(line.slice.openedOn),
                line.slice.slice.dueOn.map { .day($0) } ?? .none,
                .lines(line.slice.reason, why(line.slice), to: nil),
            ]
        }
        table.empty = Empty("Nothing stands apart", "Disputes, deductions, promises and plans appear here until they are ended.")
        table.place = place
        func here(_ kind: Slice.Kind?) -> String {
            let then = ["kind": kind?.rawValue, "as_of": past?.asOf.iso8601, "known_at": past?.knownAt?.iso8601] as KeyValuePairs
            return Link("/collections/slices", then).text
        }
        let links =
            [("All", here(nil), kind == nil)] + Slice.Kind.allCases.map { (words($0.rawValue) + "s", here($0), $0 == kind) }
        let kept = kind.map { [(name: "kind", value: $0.rawValue)] } ?? []
        let momentAsked = moment("/collections/slices", asOf: on, knownAt: past?.knownAt, keeping: kept)
        let cards = sums.map { card("\(words($0.kind.rawValue))s", $0.open.html(withCurrency: true), note: "\(counted($0.count, "part"))") }
        var body = PageBody(
            "Disputes and promises",
            """
            <div class="stack">\(momentAsked)\(cards.isEmpty ? "" : "<div class=\"cards\">\(cards)</div>" as HTML)<div>\(tabs("By kind", links))\
            <div class="list-frame">\(table.html)</div></div></div>
            """)
        body.crumbs = [("Collections", "/collections")]
        body.actions = "<a class=\"button\" href=\"/collections/codes\">Deduction codes</a>"
        body.table = table
        return body
    }

    private func badge(_ slice: StandingSlice) -> Badge {
        guard slice.slice.isLeftAlone(on: on) else { return Badge("Day passed", .bad) }
        return Badge(words(slice.slice.kind.rawValue), slice.slice.kind.hasDay ? .info : .warn)
    }

    private func why(_ slice: StandingSlice) -> String {
        [slice.code.map { words($0.rawValue) }, slice.customerCode.map { "their code \($0)" }, slice.role.isEmpty ? nil : slice.role]
            .compactMap { $0 }.joined(separator: " · ")
    }
}

/// `/collections/codes`: what customers' deduction codes mean, and the form that maps one.
struct DeductionCodesPage: Sendable {
    let page: ListPage<DeductionCodeList.Line>
    let place: ListLink
    let reader: DeskReader

    var body: PageBody {
        var table = DataTable("Codes of customers", [.text("Their code"), .text("Customer"), .text("Our reason")])
        table.rows = page.rows.map {
            [.text($0.customerCode), .link($0.customerNumber, to: customerPath($0.customerNumber)), .text(words($0.code.rawValue))]
        }
        table.empty = Empty("No codes yet", "A deduction named with a customer's code and our reason is remembered here.")
        table.place = place
        var body = PageBody(
            "Deduction codes", "<div class=\"stack\">\(form)<div class=\"list-frame\">\(table.html)</div></div>")
        body.crumbs = [("Collections", "/collections"), ("Disputes and promises", "/collections/slices")]
        body.table = table
        return body
    }

    private var form: HTML {
        guard reader.may(.collect) else { return "" }
        func fields() -> HTML {
            """
            <div class="inline">\(Field("Customer's number", "customer", isRequired: true).html)\(Field("Their code", "customer_code", isRequired: true).html)\
            \(Field("Our reason", "code", .choice(reasonCodes)).html)\(button("Map"))</div>
            """
        }
        return panel("Say what a customer's code means", Form("/collections/codes", reader, fields()).html)
    }
}

let reasonCodes = ReasonCode.allCases.map { (value: $0.rawValue, text: words($0.rawValue)) }

/// What stands apart of a document, and the forms to set apart, to end and to give up.
struct SlicePanel: Sendable {
    let view: DocumentView
    let on: Day
    let reader: DeskReader
    private var document: DocumentList.Line { view.document }
    private var path: String { documentPath(document.number) }
    private var free: Money {
        let apart = document.slices.sum(in: document.open.currency)
        return document.open - apart.disputed - apart.promised
    }
    private var hasWriteOff: Bool { view.settlements.contains { $0.rule == "write_off" } }

    var html: HTML {
        guard document.gross.minor > 0, document.open.minor > 0 || !view.slices.isEmpty || hasWriteOff else { return "" }
        return "<div id=\"apart\">\(panel("Disputes, promises and write-offs", "\(table.html)\(endForms)\(openForms)"))</div>"
    }

    private var table: DataTable {
        var table = DataTable(
            "Parts that stand or stood apart",
            [.text("What"), .number("Amount"), .number("Open"), .text("Since"), .text("Day"), .text("Why"), .text("State")])
        table.rows = view.slices.map { history in
            let slice = history.slice, state = history.state(on: on)
            let why =
                ([slice.reason]
                + history.events.map { "\($0.event.rawValue.replacing("_", with: " ")) \($0.amount.readable) on \($0.on.words)" })
                .joined(separator: "; ")
            return [
                .text(words(slice.slice.kind.rawValue)), .money(slice.amount), slice.slice.open == 0 ? .none : .money(slice.open),
                .day(slice.openedOn), slice.slice.dueOn.map { .day($0) } ?? .none,
                .lines(why, [slice.code.map { words($0.rawValue) }, slice.role].compactMap { $0 }.joined(separator: " · "), to: nil),
                .badge(Badge(words(state), slice.slice.open > 0 ? .warn : state == "kept" ? .good : .calm)),
            ]
        }
        table.empty = Empty("Nothing stands apart", "All that is open is collected.")
        return table
    }

    /// One line a standing slice: end it, or give it up.
    private var endForms: HTML {
        guard reader.may(.collect) else { return "" }
        // A plan ends as one.
        let ended = document.slices.enumerated().filter { at, slice in
            slice.plan == nil || document.slices.firstIndex { $0.plan == slice.plan } == at
        }
        return "\(ended.map { endForm($0.element) })"
    }

    private func endForm(_ slice: StandingSlice) -> HTML {
        let kind = slice.slice.kind, whole = document.slices.filter { $0.plan != nil && $0.plan == slice.plan }.map(\.open)
        let what = "\((whole.isEmpty ? slice.open : whole.total(in: slice.currency)).readable) \(kind.standing)"
        let end = kind == .deduction ? "Recover" : kind == .instalment ? "End the plan" : kind == .promise ? "Call off" : "Lift"
        let release = Form(
            "/slices/\(slice.slice.id)/release", reader,
            """
            <div class="inline"><input type="hidden" name="document" value="\(sent: document.number)">\
            \(Field("\(what): why it ends", "reason", isRequired: true).html)\(button(end))</div>
            """
        ).html
        guard !kind.hasDay else { return release }
        return "\(release)\(writeOffForm(of: slice.open, slice: slice))"
    }

    private func writeOffForm(of amount: Money, slice: StandingSlice?) -> HTML {
        let hidden: HTML = slice.map { "<input type=\"hidden\" name=\"slice\" value=\"\($0.slice.id)\">" } ?? ""
        let chosen = (slice?.code ?? (slice == nil ? .uncollectable : .price)).rawValue
        let title = slice.map { "Give up of the \($0.slice.kind.rawValue)" } ?? "Give up"
        return Form(
            "\(path)/write-off", reader, sentWhen: { $0["slice"] == slice.map { String($0.slice.id) } },
            """
            <div class="inline">\(hidden)\(Field(title, "amount", .amount, value: amount.decimal).html)\
            \(Field("For", "code", .choice(reasonCodes), value: chosen).html)\
            \(Field("Reason", "reason", isRequired: true).html)\(button("Write off"))</div>
            """
        ).html
    }

    private var openForms: HTML {
        guard reader.may(.collect) else { return "" }
        let reverse: HTML =
            hasWriteOff
            ? Form(
                "\(path)/write-off/reverse", reader,
                "<div class=\"inline\">\(Field("Take the last write-off back", "reason", hint: "Why.", isRequired: true).html)\(button("Take back"))</div>"
            ).html : ""
        guard free.minor > 0 else { return reverse }
        let kinds = [("dispute", "Disputed"), ("deduction", "Deducted"), ("promise", "Promised")]
        let codes = [(value: "", text: "by their code")] + reasonCodes
        return """
            <div class="prose"><h3>Set a part apart</h3></div>\(Form("\(path)/slices", reader, """
            <div class="inline">\(Field("What", "kind", .choice(kinds)).html)\(Field("Amount", "amount", .amount, value: free.decimal).html)\
            \(Field("Day promised", "due_on", .date, hint: "Of a promise.").html)\(Field("Our reason", "code", .choice(codes), hint: "Of a deduction.").html)\
            \(Field("Their code", "customer_code").html)\(Field("Why", "reason", isRequired: true).html)\(button("Set apart"))</div>
            """).html)
            <div class="prose"><h3>Agree a plan</h3></div>\(Form("\(path)/plan", reader, """
            <div class="inline">\(Field("Instalments", "count", value: "3", isRequired: true).html)\(Field("Amount", "amount", .amount, value: free.decimal).html)\
            \(Field("First due", "due_on", .date, hint: "Then monthly.", isRequired: true).html)\(Field("Why", "reason", isRequired: true).html)\
            \(button("Agree"))</div>
            """).html)
            <div class="prose"><h3>Give up what is left</h3></div>\(writeOffForm(of: free, slice: nil))\(reverse)
            """
    }
}
