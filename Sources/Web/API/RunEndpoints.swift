import Domain
import Operations
import Store

/// The work of a business day, and what became of it.
extension Endpoint {
    private static let state = Schema.choice(RunList.State.allCases.map(\.rawValue))
    private static let report = Schema.optional(.prose(max: 10_000))
    private static let lineFields: [Schema.Field] = [
        .init("id", .text()), .init("name", .text()), .init("on", .day), .init("state", state), .init("report", report),
        .init("started_by", .optional(.text(max: 1000))), .init("started_at", .optional(.instant)), .init("ended_at", .optional(.instant)),
    ]
    private static let step = Schema.object([
        .init("name", .choice(RunStep.Name.allCases.map(\.rawValue))), .init("state", state), .init("report", report),
        .init("started_at", .instant), .init("ended_at", .optional(.instant)),
    ])
    private static let one = Schema.object(lineFields + [.init("steps", .array(step, max: 10_000))])
    private static let on = Schema.object([.init("on", .day, required: false)])

    static let runs: [Endpoint] = [
        Endpoint(
            get: "/v1/runs", "Runs, the latest business day first: the scheduler's and those that a person or a program started",
            query: [.only("name", RunByHand.Name.self), .state(RunList.State.self)] + .days("business day") + [.after, .limit],
            at: .told("runs of that day or before that had begun by then, in the state they had"), answer: .page(.object(lineFields))
        ) { asked, tx in
            try RunList(
                asked.entity, asked.word("name"), asked.word("state"), on: asked.filter, after: asked.after, limit: asked.limit,
                at: asked.askedMoment
            ).page(in: tx).json { .object(members($0)) }
        },
        Endpoint(
            get: "/v1/runs/{id}", "One run with its steps, as far as it is", id: "run",
            at: .told("the state it and its steps had then"), answer: one
        ) { asked, tx in
            let id: ID<HandRun> = try asked.id("run")
            return try RunView.read(asked.entity, id.value, at: asked.askedMoment, in: tx).map(json)
        },
        starting(.billing, "Bills what is due to be billed"),
        starting(.cash, "Applies unapplied receipts"),
        starting(.dunning, "Writes to customers whose items are overdue"),
        starting(.day, "The whole day: bills, applies cash, writes to who is late, keeps the day's figures and proves the books"),
    ]

    private static func starting(_ name: RunByHand.Name, _ summary: String) -> Endpoint {
        Endpoint(run: "/v1/runs/\(name.rawValue)", summary, .control, body: on, answer: one) { asked, books in
            // What a run of a day ahead issues and writes could not be taken back by waiting.
            guard asked.day("on") <= asked.today else { throw APIRefusal.dayAhead(asked.today) }
            let run = RunByHand(
                books.database, books.entity, name, on: asked.day("on"), today: asked.today, by: asked.actor.name, books.terms,
                clock: books.clock, pause: DeskBooks.pause)
            let id = try await run.run().id
            guard let view = try await books.database.read({ try RunView.read(books.entity, id.value, in: $0) }) else {
                throw APIRefusal.notFound("the run")
            }
            return json(view)
        }
    }

    private static func members(_ run: RunList.Line) -> [JSON.Member] {
        [
            .init("id", .text(PrefixedID.text("run", run.id))), .init("name", .text(run.name)), .init("on", JSON(run.on)),
            .init("state", .text(run.state.rawValue)), .init("report", JSON(run.report)), .init("started_by", JSON(run.startedBy)),
            .init("started_at", JSON(run.startedAt?.iso8601)), .init("ended_at", JSON(run.endedAt?.iso8601)),
        ]
    }

    private static func json(_ view: RunView) -> JSON {
        let steps = view.steps.map { step -> JSON in
            [
                "name": .text(step.name), "state": .text(step.state.rawValue), "report": JSON(step.report),
                "started_at": .text(step.startedAt.iso8601), "ended_at": JSON(step.endedAt?.iso8601),
            ]
        }
        return .object(members(view.run) + [.init("steps", .array(steps))])
    }
}
