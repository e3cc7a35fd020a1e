import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct JobLeaseTests {
    private func take(_ shop: Shop, _ name: String = "day", through day: Day) async throws -> JobLease? {
        try await shop.run { [entity = shop.entity] in try TakeJob(entity, name, through: day).run(in: $0, at: $1) }
    }

    private func hold(_ lease: JobLease, _ shop: Shop) async throws { try await shop.run { try lease.hold(in: $0, at: $1) } }

    private func finish(_ lease: JobLease, _ shop: Shop) async throws { try await shop.run { tx, _ in try lease.finish("done", in: tx) } }

    private func rows(_ shop: Shop) async throws -> [String] {
        try await shop.texts(
            "SELECT business_on || ' ' || state || ' ' || CAST(fence AS TEXT) FROM job WHERE entity_id = 1 ORDER BY business_on, name")
    }

    private func days(_ shop: Shop, through day: Day) async throws -> [Day] {
        try await ScheduledDays(shop.database, shop.entity, DayRun.Terms(), clock: { shop.tick() }).run(through: day)
    }

    @Test(arguments: Engine.available) func oneWorkerHoldsAJobUntilItsLeaseEnds(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let first = try #require(try await take(shop, through: "2026-01-05"))
        #expect(first.on == "2026-01-05" && first.fence == 1)
        #expect(try await take(shop, through: "2026-01-05") == nil)
        _ = shop.tick(seconds: 200)
        try await hold(first, shop)
        _ = shop.tick(seconds: 200)
        #expect(try await take(shop, through: "2026-01-05") == nil, "each write moves the lease on")
        _ = shop.tick(seconds: 100)
        #expect(try await take(shop, through: "2026-01-05")?.fence == 2)
    }

    @Test(arguments: Engine.available) func aWorkerThatSleptThroughItsLeaseWritesNothing(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let slept = try #require(try await take(shop, through: "2026-01-05"))
        _ = shop.tick(seconds: 301)
        let other = try #require(try await take(shop, through: "2026-01-05"))
        await #expect(throws: JobLease.Refused.self) { try await hold(slept, shop) }
        await #expect(throws: JobLease.Refused.self) { try await finish(slept, shop) }
        await #expect(throws: JobLease.Refused.self) {
            let late = DayRun(shop.database, shop.entity, on: slept.on, DayRun.Terms(), lease: slept, clock: { shop.tick() })
            _ = try await late.bill()
        }
        try await finish(other, shop)
        await #expect(throws: JobLease.Refused.self) { try await hold(other, shop) }
        #expect(try await rows(shop) == ["2026-01-05 done 2"])
    }

    /// A letter of a missed day would be dated back, and the next level could follow on the same real day.
    @Test(arguments: Engine.available) func missedDatesRemindNobodyAndTodayOnce(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        try await shop.addresses()
        var terms = DayRun.Terms()
        terms.ladder = .withoutFeed
        let scheduled = ScheduledDays(shop.database, shop.entity, terms, clock: { shop.tick() })
        _ = try await scheduled.run(through: "2026-01-06")
        #expect(try await scheduled.run(through: "2026-03-10").count == 63)
        #expect(try await shop.texts("SELECT sent_on FROM dunning_notice WHERE entity_id = 1") == ["2026-03-10"])
        let reports = try await shop.texts(
            "SELECT DISTINCT report FROM run_step WHERE entity_id = 1 AND step = 'dunning' AND report LIKE '%day is over%'")
        #expect(reports.count == 1)
        // The last day's work before the hour of a new one has come is of a day that is over, too.
        #expect(try await scheduled.run(through: "2026-03-30", today: "2026-03-31").count == 20)
        #expect(try await shop.number("SELECT count(*) FROM dunning_notice WHERE entity_id = 1") == 1)
    }

    @Test(arguments: Engine.available) func eachMissedDateRunsOnceAndInOrder(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        #expect(try await days(shop, through: "2026-01-05") == ["2026-01-05"])
        #expect(try await days(shop, through: "2026-01-05") == [])
        #expect(try await days(shop, through: "2026-01-08") == ["2026-01-06", "2026-01-07", "2026-01-08"])
        #expect(try await days(shop, through: "2026-01-07") == [], "a clock set back runs nothing again")
        #expect(try await rows(shop) == (5...8).map { "2026-01-0\($0) done 1" })
    }

    @Test(arguments: Engine.available) func aFailedJobIsTakenAgainBeforeAnyLaterDate(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let failed = try #require(try await take(shop, through: "2026-01-05"))
        try await shop.run { tx, _ in try failed.giveBack("the bank is shut", in: tx) }
        #expect(try await rows(shop) == ["2026-01-05 waiting 1"])
        let again = try #require(try await take(shop, through: "2026-01-09"))
        #expect(again.on == "2026-01-05" && again.fence == 2)
    }

    /// A run by hand whose server went down is not said to go on for ever.
    @Test(arguments: Engine.available) func aRunByHandIsListedFromItsBeginning(engine: Engine) async throws {
        let shop = try await Shop.open(engine), entity = shop.entity
        func begin() async throws -> HandRun {
            try await shop.run { try HandRun.begin(entity, "cash", on: "2026-01-05", by: "ann", in: $0, at: $1) }
        }
        func jobs() async throws -> [Today.Job] { try await shop.database.read { try ReadJobs(entity).run(in: $0) } }
        #expect(try await days(shop, through: "2026-01-05") == ["2026-01-05"])
        let first = try await begin()
        let step = try await shop.run { try RunStep.begin(entity, first.id.value, .cash, in: $0, at: $1) }
        _ = shop.tick(seconds: 24)
        try await shop.run { try first.hold(in: $0, at: $1) }
        _ = shop.tick(seconds: 24)
        #expect(try await days(shop, through: "2026-01-05") == [])
        #expect(try await jobs().map(\.state) == ["running", "done"])
        _ = shop.tick(seconds: 31)
        #expect(try await days(shop, through: "2026-01-05") == [])
        #expect(try await jobs().map(\.state) == ["failed", "done"])
        let stopped = try await shop.database.read { try RunView.read(entity, first.id.value, in: $0) }
        #expect(stopped?.run.report == HandRun.stopped && stopped?.steps.map(\.state) == [.failed])
        try await shop.run { tx, now in
            try step.end(.done, "1 receipt applied", in: tx, at: now)
            try first.end(.done, "1 receipt applied", in: tx, at: now)
        }
        let alive = try await shop.database.read { try RunView.read(entity, first.id.value, in: $0) }
        #expect(alive?.run.report == "1 receipt applied" && alive?.steps.map(\.state) == [.done], "it was silent, and lived")
        _ = try await begin()
        _ = shop.tick(seconds: 31)
        let second = try await begin()
        try await shop.run { try second.end(.done, "2 receipts applied", in: $0, at: $1) }
        let listed = try await jobs()
        #expect(listed.map(\.name) == ["cash", "cash", "cash", "day"] && listed.map(\.state) == ["done", "failed", "done", "done"])
        #expect(listed.first?.report == "2 receipts applied" && listed.first?.startedBy == "ann" && listed.last?.startedBy == nil)
        #expect(try await days(shop, through: "2026-01-06") == ["2026-01-06"], "a run by hand is none of the scheduler's")
    }

    /// What a day did before it failed is not counted once it is taken up again.
    @Test(arguments: Engine.available) func aRunTellsHowFarItIs(engine: Engine) async throws {
        let shop = try await Shop.open(engine), entity = shop.entity, day: Day = "2026-01-05", id = RunID.scheduled("2026-01-05")
        func view() async throws -> RunView {
            try #require(try await shop.database.read { try RunView.read(entity, id, in: $0) })
        }
        func step(_ name: RunStep.Name, _ end: HandRun.End) async throws {
            try await shop.run { try RunStep.begin(entity, id, name, in: $0, at: $1).end(end, "said", in: $0, at: $1) }
        }
        let first = try #require(try await take(shop, through: day))
        try await step(.billing, .done)
        try await step(.cash, .failed)
        let failed = try await view()
        #expect(failed.doneCount == 1 && failed.left == [.dunning] && !failed.run.isSilent(at: shop.now))
        try await shop.run { tx, _ in try first.giveBack("the bank is shut", in: tx) }
        let again = try #require(try await take(shop, through: day))
        try await step(.billing, .done)
        let resumed = try await view()
        #expect(resumed.doneCount == 1 && resumed.left == [.cash, .dunning] && resumed.steps.count == 3)
        _ = shop.tick(seconds: JobLease.seconds + 1)
        #expect(resumed.run.isSilent(at: shop.now))
        try await finish(again, shop)
        let done = try await view()
        #expect(done.left.isEmpty && !done.run.isSilent(at: shop.now))
    }

    /// Told to stop while it works, a worker stops between two transactions and gives the day back at once.
    @Test(arguments: Engine.available) func aWorkerThatIsToldToStopGivesTheDayBack(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("O1", "C1", net: 10_00, on: "2026-01-05")
        let stopped = Task {
            try await ScheduledDays(shop.database, shop.entity, DayRun.Terms(), clock: { shop.tick() }) { _, stage in
                if stage == .taken { withUnsafeCurrentTask { $0?.cancel() } }
            }.run(through: "2026-01-05")
        }
        await #expect(throws: CancellationError.self) { try await stopped.value }
        #expect(try await rows(shop) == ["2026-01-05 waiting 1"])
        #expect(try await shop.number("SELECT count(*) FROM invoice WHERE entity_id = 1") == 0)
        #expect(try await days(shop, through: "2026-01-05") == ["2026-01-05"])
        #expect(try await shop.number("SELECT count(*) FROM invoice WHERE entity_id = 1") == 1)
    }

    /// Two servers on one database, eight workers: each date is run once, its invoices are issued once.
    @Test(arguments: Engine.available) func twoSchedulersShareTheDays(engine: Engine) async throws {
        let doors = try await engine.makePair()
        let first = try await Shop.opened(in: doors.0)
        for number in 0..<20 { try await first.order("O\(number)", "C\(number % 5)", net: 10_00, on: "2026-01-05") }
        #expect(try await days(first, through: "2026-01-04") == ["2026-01-04"])
        let second = Shop(doors.1, .gbp, from: first.now.microseconds)
        let done = try await withThrowingTaskGroup(of: [Day].self) { group in
            for number in 0..<8 {
                let shop = number % 2 == 0 ? first : second
                group.addTask { try await days(shop, through: "2026-01-08") }
            }
            return try await group.reduce([], +)
        }
        #expect(done.sorted() == ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"])
        #expect(try await rows(first) == (4...8).map { "2026-01-0\($0) done 1" })
        #expect(try await first.number("SELECT count(*) FROM invoice WHERE entity_id = 1") == 20)
    }
}
