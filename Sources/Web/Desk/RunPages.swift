import Domain
import Operations

/// `/runs`: the work of a day, started here or by the scheduler.
struct RunsPage: Sendable {
    let page: ListPage<RunList.Line>
    let place: ListLink
    /// What is silent by now is told as stopped.
    let now: Instant
    let reader: DeskReader

    private static let runs = [
        ("billing", "Billing", "Invoices and credit notes for what is due to be billed."),
        ("cash", "Cash application", "Applies receipts; what is not certain waits for a person."),
        ("dunning", "Dunning", "Notices to customers whose items are overdue."),
        ("day", "The whole day", "Billing, cash, dunning and the proof, in this order."),
    ]

    static func title(_ name: String) -> String { runs.first { $0.0 == name }?.1 ?? words(name) }
    static func title(_ job: Today.Job) -> String { title(job.name, job.startedBy) }
    static func title(_ run: RunList.Line) -> String { title(run.name, run.startedBy) }
    private static func title(_ name: String, _ person: String?) -> String { person == nil ? words(name) : title(name) }
    /// What a run of that name does.
    static func work(of name: String) -> String { runs.first { $0.0 == name }?.2 ?? "" }
    static func path(_ id: Int64) -> String { "/runs/\(id)" }

    var body: PageBody {
        var table = DataTable(
            "Runs",
            [
                .text("Run"), .exported("Started by"), .text("Business day"), .text("Started"), .exported("Ended"), .text("State"),
                .text("Report"),
            ])
        table.rows = page.rows.map(cells)
        table.empty = Empty("Nothing ran yet", "Runs started here or by the scheduler appear with their report.")
        table.place = place
        let cards = Self.runs.map { key, title, text -> HTML in
            let start: HTML = reader.may(.control) ? Form("/runs/\(key)", reader, button("Run for \(reader.today.words)")).html : ""
            return "<div class=\"card\"><h2>\(title)</h2><p class=\"muted\">\(text)</p><br>\(start)</div>"
        }
        var body = PageBody(
            "Runs",
            """
            <div class="stack"><div class="cards">\(cards)</div>\(panel("What ran", table.html))
            <p class="muted">A run takes only what is still to be done: killed \
            at any point and started again, it goes on where it was.</p></div>
            """)
        body.table = table
        return body
    }

    private func cells(_ run: RunList.Line) -> [DataTable.Cell] {
        let person = run.startedBy ?? "the scheduler"
        return [
            .lines(Self.title(run), "by \(person)", to: Self.path(run.id)), .text(person), .day(run.on), instant(run.startedAt),
            instant(run.endedAt), .badge(Badge(run: run, at: now)), .text(run.state == .running ? "" : run.report ?? ""),
        ]
    }

    private func instant(_ at: Instant?) -> DataTable.Cell { at.map { .instant($0) } ?? .none }
}

/// `/runs/{id}`: one run with its steps, as far as it is, and how it goes on where it stopped.
struct RunPage: Sendable {
    let view: RunView
    /// What is silent by now is told as stopped.
    let now: Instant
    let reader: DeskReader

    private var run: RunList.Line { view.run }
    private var goesOn: Bool { run.state == .running && !run.isSilent(at: now) }

    var body: PageBody {
        var body = PageBody(
            "\(RunsPage.title(run)), \(run.on.words)", "<div class=\"stack\">\(about)\(panel("Steps", steps.html))\(again)</div>")
        body.aside = Badge(run: run, at: now).html
        body.crumbs = [("Runs", "/runs")]
        if goesOn { body.actions = "<a class=\"button\" href=\"\(RunsPage.path(run.id))\">Show how it stands now</a>" }
        return body
    }

    private var about: HTML {
        let isDone = run.state == .done, done = grouped(view.doneCount), planned = grouped(view.planned.count)
        let pairs: [(name: String, value: HTML)] = [
            ("Business day", run.on.html), ("Started by", "\(run.startedBy ?? "the scheduler")"),
            ("Began", run.startedAt?.html ?? "not told"), ("Ended", run.endedAt?.html ?? (isDone ? "not told" : "not yet")),
            ("Steps done", isDone ? "\(done)" : "\(done) of \(planned)"),
        ]
        let why: HTML = said.isEmpty ? "" : "<p>\(sentence(said))</p>"
        return panel("Run", facts(pairs) + why)
    }

    /// What it did, or why it stands where it does.
    private var said: String {
        if run.isSilent(at: now) { return HandRun.stopped }
        return goesOn ? "" : run.report ?? ""
    }

    private var steps: DataTable {
        var table = DataTable("Steps", [.text("Step"), .text("Began"), .text("Ended"), .text("State"), .text("What it said")])
        table.rows = view.steps.map { step -> [DataTable.Cell] in
            let isCut = step.state == .running && !goesOn, ended: DataTable.Cell = step.endedAt.map { .instant($0) } ?? .none
            return [
                .text(RunsPage.title(step.name)), .instant(step.startedAt), ended,
                .badge(isCut ? .stopped : Badge(job: step.state.rawValue)), .text(step.report ?? ""),
            ]
        }
        table.rows += view.left.map { name -> [DataTable.Cell] in
            [.text(RunsPage.title(name.rawValue)), .none, .none, .badge(Badge("Not begun", .calm)), .none]
        }
        table.empty = Empty("No step is told", "An earlier version of the program ran it.")
        return table
    }

    /// Of one that failed, was stopped or waits to be taken up.
    private var again: HTML {
        guard !goesOn, run.state != .done, let name = RunByHand.Name(rawValue: run.name) else { return "" }
        if let later = view.doneBy {
            return panel(
                "Run again",
                "<p>Nothing is left of it: <a href=\"\(RunsPage.path(later))\">a later run</a> did this for \(run.on.html).</p>")
        }
        guard name != .dunning || run.on >= reader.today else {
            return panel(
                "Run again", "<p>\(sentence(RunDunning.Report.dayIsOver.blocked ?? "")) <a href=\"/runs\">All runs</a>.</p>")
        }
        let scheduled =
            run.startedBy == nil ? " The scheduler takes the day up by itself too, before any later one: nothing is done twice." : ""
        let what: HTML = """
            <p>\(RunsPage.work(of: name.rawValue)) It is a run of its own for the same business day, \(run.on.html). What is done \
            stands; only what is still to be done is done.\(scheduled)</p>
            """
        guard reader.may(.control) else {
            return panel("Run again", what + "<p class=\"muted\">\(sentence(people(who: .control))) can run it again.</p>")
        }
        let day: HTML = "<input type=\"hidden\" name=\"on\" value=\"\(run.on.iso8601)\">"
        let form = Form("/runs/\(name.rawValue)", reader, day + button("Run again for \(run.on.words)", class: "main"))
        return panel("Run again", what + form.html)
    }
}

extension Badge {
    static let stopped = Badge("Stopped", .bad)

    /// - Parameter now: A run that is silent by then went down with its server.
    init(run: RunList.Line, at now: Instant) { self = run.isSilent(at: now) ? .stopped : Badge(job: run.state.rawValue) }
}
