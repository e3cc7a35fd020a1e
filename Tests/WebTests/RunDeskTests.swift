import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Runs that a person starts on the desk.
@Suite struct RunDeskTests {
    @Test(arguments: Engine.available) func aRunByHandIsListedWithItsReport(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.controller, "kim")
        #expect(await kim.get("/runs").body.contains("Nothing ran yet"))
        #expect(await kim.post("/runs/cash").header(.location) == "/runs")
        let page = await kim.get("/runs").body
        #expect(page.contains("by kim") && page.contains("0 receipts applied, 0 wait") && !page.contains("the books are proven"))
        #expect(await kim.post("/runs/day").header(.location) == "/runs")
        #expect(await kim.get("/runs").body.contains("the books are proven"))
        let today = await kim.get("/").body
        #expect(today.contains("The whole day") && !today.contains("Nothing ran yet"))
        #expect(try await server.count("SELECT count(*) FROM hand_run WHERE entity_id = 1 AND state = 'done'") == 2)
    }

    @Test func anUnknownRunLeavesNoRow() async throws {
        let server = try await DeskServer.open(.sqlite), kim = try await server.person(.controller, "kim")
        _ = await kim.post("/runs/nothing")
        #expect(try await server.count("SELECT count(*) FROM hand_run WHERE entity_id = 1") == 0)
        #expect(await kim.get("/runs/cash").header(.location) == "/runs", "a form's address is no run")
        #expect(await kim.get("/runs/7").status == .notFound)
    }

    /// The page of the run that began last.
    private func latest(_ server: DeskServer) async throws -> String {
        "/runs/\(try await server.count("SELECT id FROM hand_run WHERE entity_id = 1 ORDER BY id DESC LIMIT 1"))"
    }

    @Test(arguments: Engine.available) func aRunHasAPageWithItsSteps(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.controller, "kim")
        let done = await kim.post("/runs/day"), path = try await latest(server)
        #expect(done.header(.setCookie)?.contains(Link.encoded(path)) == true, "the word about it leads to it")
        #expect(await kim.get("/runs").body.contains("<a href=\"\(path)\">The whole day</a>"))
        let page = await kim.get(path).body
        for step in ["Billing", "Cash application", "Dunning", "Figures", "Proof"] {
            #expect(page.contains("<td>\(step)</td>"), "\(step)")
        }
        #expect(page.contains("<dt>Started by</dt><dd>kim</dd>") && page.contains("<dt>Steps done</dt><dd>5</dd>"))
        #expect(page.contains("the books are proven") && !page.contains("Run again") && !page.contains("Show how it stands now"))
    }

    @Test(arguments: Engine.available) func theSchedulersRunHasAPageToo(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), vic = try await server.person(.viewer, "vic"), day = Day("2026-02-25")!
        _ = try await ScheduledDays(server.database, ID(1), DayRun.Terms(), clock: { server.clock.next() }).run(through: day)
        let list = await vic.get("/runs").body, path = "/runs/\(RunID.scheduled(day))"
        #expect(list.contains("<a href=\"\(path)\">Day</a>") && list.contains("by the scheduler"))
        #expect(list.contains(" UTC</time>"), "when it started")
        let page = await vic.get(path).body
        #expect(page.contains("<dd>the scheduler</dd>") && page.contains("<dt>Steps done</dt><dd>3</dd>"))
        #expect(page.contains("<td>Cash application</td>") && !page.contains("Run again"))
        #expect(await vic.get("/runs/\(RunID.scheduled(day + 1))").status == .notFound)
    }

    /// The page of a run of cash application that failed in its step.
    private func failed(_ server: DeskServer, on day: Day) async throws -> String {
        try await server.write { tx, now in
            let run = try HandRun.begin(ID(1), "cash", on: day, by: "ann", in: tx, at: now)
            try RunStep.begin(ID(1), run.id.value, .cash, in: tx, at: now).end(.failed, "the bank is shut", in: tx, at: now)
            try run.end(.failed, "the bank is shut", in: tx, at: now)
        }
        return try await latest(server)
    }

    @Test(arguments: Engine.available) func aRunThatFailedIsRunAgainForItsDay(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), path = try await failed(server, on: Day("2026-02-24")!)
        let kim = try await server.person(.controller, "kim"), vic = try await server.person(.viewer, "vic")
        let page = await kim.get(path).body
        #expect(page.contains("Failed") && page.contains("<p>The bank is shut</p>") && page.contains("<td>the bank is shut</td>"))
        #expect(page.contains("Run again for 24 Feb 2026") && page.contains("name=\"on\" value=\"2026-02-24\""))
        #expect(page.contains("<form method=\"post\" action=\"/runs/cash\""))
        let seen = await vic.get(path).body
        #expect(seen.contains("A controller or administrator can run it again") && !seen.contains("action=\"/runs/cash\""))
        #expect(await vic.post("/runs/cash", "on=2026-02-24").status == .forbidden)
        let again = await kim.post("/runs/cash", "on=2026-02-24", from: path), new = try await latest(server)
        #expect(again.header(.location) == new && new != path)
        let told = await kim.get(new).body
        #expect(told.contains("Cash application, 24 Feb 2026") && told.contains("0 receipts applied, 0 wait"))
        #expect(!told.contains("Run again") && told.contains("<dd>kim</dd>"))
        #expect(
            try await server.count(
                "SELECT count(*) FROM hand_run WHERE entity_id = 1 AND business_on = '2026-02-24' AND state = 'done'") == 1)
        let failed = await kim.get(path).body
        #expect(failed.contains("The bank is shut"), "what failed stays told")
        #expect(failed.contains("<a href=\"\(new)\">a later run</a>") && !failed.contains("action=\"/runs/cash\""), "nothing is left of it")
    }

    @Test(arguments: Engine.available) func remindersOfADayThatIsOverAreNotRunAgain(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.controller, "kim")
        try await server.write { tx, now in
            let run = try HandRun.begin(ID(1), "dunning", on: Day("2026-02-24")!, by: "ann", in: tx, at: now)
            try run.end(.failed, "the bank is shut", in: tx, at: now)
        }
        let path = try await latest(server), page = await kim.get(path).body
        #expect(page.contains("That day is over: who is late is reminded by the run of a later one"))
        #expect(!page.contains("action=\"/runs/dunning\""))
        _ = await kim.post("/runs/dunning", "on=2026-02-24", from: path)
        let sent = await kim.get(try await latest(server)).body
        #expect(
            sent.contains("Dunning, 24 Feb 2026") && sent.contains("is reminded by the run of a later one"), "an old form writes nobody")
    }

    @Test func aRunIsOfADayThatHasBegun() async throws {
        let server = try await DeskServer.open(.sqlite), path = try await failed(server, on: Day("2026-02-24")!)
        let kim = try await server.person(.controller, "kim")
        for (on, word) in [("2026-02-26", "run is of a day that has begun"), ("tomorrow", "Business day, a day such as 2026-01-31")] {
            let refused = await kim.post("/runs/cash", "on=\(on)", from: path)
            #expect(refused.status == .unprocessableContent && refused.body.contains(word), "\(on)")
            #expect(refused.body.contains("The bank is shut"), "the page of the form, \(on)")
        }
        #expect(try await server.count("SELECT count(*) FROM hand_run WHERE entity_id = 1") == 1)
    }

    @Test(arguments: Engine.available) func aRunWhoseServerWentDownIsToldAsStopped(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.controller, "kim"), day = Day("2026-02-24")!
        try await server.write { tx, now in
            let run = try HandRun.begin(ID(1), "day", on: day, by: "ann", in: tx, at: now)
            _ = try RunStep.begin(ID(1), run.id.value, .billing, in: tx, at: now)
        }
        let path = try await latest(server), live = await kim.get(path).body
        #expect(live.contains("Running") && live.contains("<dt>Steps done</dt><dd>0 of 5</dd>") && live.contains("Not begun"))
        #expect(live.contains("<a class=\"button\" href=\"\(path)\">Show how it stands now</a>") && !live.contains("Run again"))
        server.clock.advance(minutes: 1)
        let stopped = await kim.get(path).body
        #expect(stopped.contains("Stopped before its end") && stopped.contains("Run again for 24 Feb 2026"))
        #expect(!stopped.contains("Running") && !stopped.contains("Show how it stands now"))
        #expect(await kim.get("/runs").body.contains("Stopped"))
        #expect(
            try await server.count("SELECT count(*) FROM hand_run WHERE entity_id = 1 AND state = 'running'") == 1, "a page writes nothing")
    }

    @Test(arguments: Engine.available) func aDayThatTheSchedulerGaveBackIsRunByHand(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.controller, "kim"), day = Day("2026-02-25")!
        let taken = try await server.write { tx, now in try TakeJob(ID(1), ScheduledDays.job, through: day).run(in: tx, at: now) }
        let lease = try #require(taken)
        try await server.write { tx, _ in try lease.giveBack("the disk is full", in: tx) }
        let path = "/runs/\(RunID.scheduled(day))", page = await kim.get(path).body
        #expect(page.contains("Waiting") && page.contains("<p>The disk is full</p>") && page.contains("The scheduler takes the day up"))
        #expect(page.contains("Run again for 25 Feb 2026") && page.contains("action=\"/runs/day\""))
        let again = await kim.post("/runs/day", "on=2026-02-25", from: path), new = try await latest(server)
        #expect(again.header(.location) == new)
        #expect(await kim.get(new).body.contains("the books are proven"))
        #expect(try await server.count("SELECT count(*) FROM job WHERE entity_id = 1 AND state = 'waiting'") == 1, "its own stays its own")
    }

    @Test(arguments: Engine.available) func theListOfRunsGoesOnOnFurtherPages(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.viewer, "kim"), day = Day("2026-02-24")!
        try await server.write { tx, now in
            for number in 0...ListLimit.page {
                let run = try HandRun.begin(ID(1), "cash", on: day + -number, by: "ann", in: tx, at: now)
                try run.end(.done, "told \(number)", in: tx, at: now)
            }
        }
        let first = await kim.get("/runs").body
        #expect(first.contains("told 49<") && !first.contains("told 50<"))
        let next = try #require(first.firstMatch(of: /rel="next" href="([^"]+)"/)?.output.1)
        let second = await kim.get(String(next)).body
        #expect(second.contains("told 50<") && !second.contains("told 49<"))
        let file = await kim.get("/runs?format=csv").body
        #expect(file.hasPrefix("Run,Started by,Business day,Started,Ended,State,Report\r\nCash application,ann,2026-02-24,"))
        #expect(file.split(separator: "\r\n").count == ListLimit.page + 2)
    }
}
