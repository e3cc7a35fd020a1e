import Domain
import Operations
import Store
import TestSupport
import Testing

/// Parts of an item: disputed, deducted, promised or on a plan, while the rest is collected.
@Suite struct SliceTests {
    static let document = "INV-2026-000001"
    static let iban = "DE02120300000000202051"

    /// C1 owes 100.00, due on 4 February.
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer", ibans: [Self.iban], email: "ap@meyer.example")
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        return shop
    }

    @Test(arguments: Engine.available) func theRestOfADisputedItemIsCollected(engine: Engine) async throws {
        let shop = try await shop(engine)
        let dispute = try await shop.apart(Self.document, .dispute, 30_00, on: "2026-02-06")
        let report = try await shop.dun(on: "2026-02-10")
        #expect(report.totalMinor == ["GBP": 70_00] && report.heldItems == 1)
        let letter = try #require(try await shop.texts("SELECT payload FROM outbox WHERE entity_id = 1").first)
        #expect(letter.contains("70.00 GBP  6 days overdue, 30.00 GBP in dispute or agreed for later is not asked for here"))
        try await shop.release(dispute, on: "2026-02-24")
        #expect(try await shop.dun(on: "2026-02-24").totalMinor == ["GBP": 100_00])
        await refuses("slice_closed") { try await shop.release(dispute, on: "2026-02-25") }
        #expect(try await shop.sliceEvents() == ["released 3000"])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aWholeItemStandsApartWithoutAnAmount(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.apart(Self.document, .dispute, on: "2026-02-06")
        #expect(try await shop.dun(on: "2026-02-10").notices == 0)
        await refuses("amount_above_free") { try await shop.apart(Self.document, .promise, until: "2026-03-01", on: "2026-02-16") }
        #expect(try await shop.slices() == ["dispute 10000"])
    }

    @Test(arguments: Engine.available) func whatCannotBeIsRefusedAndNothingHappens(engine: Engine) async throws {
        let shop = try await shop(engine), on: Day = "2026-02-10"
        await refuses("reason_missing") { try await shop.apart(Self.document, .dispute, reason: "", on: on) }
        await refuses("promise_day_missing") { try await shop.apart(Self.document, .promise, on: on) }
        await refuses("promise_day_missing") { try await shop.apart(Self.document, .promise, until: "2026-02-09", on: on) }
        await refuses("promise_day_missing") { try await shop.apart(Self.document, .promise, until: "9999-12-31", on: on) }
        await refuses("promise_day_missing") { try await shop.plan(Self.document, [(10_00, "2026-02-09")], on: on) }
        await refuses("amount_above_free") { try await shop.apart(Self.document, .dispute, 100_01, on: on) }
        await refuses("amount_not_positive") { try await shop.apart(Self.document, .dispute, 0, on: on) }
        await refuses("amount_above_free") { try await shop.plan(Self.document, [(60_00, "2026-03-01"), (40_01, "2026-04-01")], on: on) }
        await refuses("reason_code_unknown") { try await shop.apart(Self.document, .deduction, 5_00, on: on) }
        await refuses("reason_code_unknown") { try await shop.apart(Self.document, .deduction, 5_00, theirs: "D14", on: on) }
        await refuses("document_not_found") { try await shop.apart("INV-2026-000009", .dispute, on: on) }
        await refuses("slice_not_found") { try await shop.release(ID(1), on: on) }
        try await shop.pays(100_00, Self.document, from: "C1", e2e: "E1", on: "2026-02-11")
        await refuses("document_settled") { try await shop.apart(Self.document, .dispute, on: "2026-02-12") }
        #expect(try await shop.number("SELECT count(*) FROM slice WHERE entity_id = 1") == 0)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aCustomersCodeIsMappedOnceAndKnownFromThenOn(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.apart(Self.document, .deduction, 5_00, code: .freight, theirs: "D14", on: "2026-02-10")
        try await shop.apart(Self.document, .deduction, 7_00, theirs: "D14", on: "2026-02-11")
        #expect(try await shop.texts("SELECT reason_code FROM slice WHERE entity_id = 1 ORDER BY id") == ["freight", "freight"])
        let lines = try await shop.database.read { try DeductionCodeList(shop.entity).page(in: $0).rows }
        #expect(lines.map { "\($0.customerNumber) \($0.customerCode) \($0.code.rawValue)" } == ["C1 D14 freight"])
    }

    /// Cash pays what nobody disputes first; the dispute stands until the last penny.
    @Test(arguments: Engine.available) func cashPaysTheUndisputedPartFirst(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.apart(Self.document, .dispute, 30_00, on: "2026-02-06")
        try await shop.pays(70_00, Self.document, iban: Self.iban, e2e: "E1", on: "2026-02-09")
        #expect(try await shop.open(Self.document) == 30_00)
        #expect(try await shop.slices() == ["dispute 3000"])
        #expect(try await shop.dun(on: "2026-02-10").notices == 0)
        try await shop.pays(12_00, Self.document, iban: Self.iban, e2e: "E2", on: "2026-02-12")
        #expect(try await shop.slices() == ["dispute 1800"])
        #expect(try await shop.sliceEvents() == ["settled 1200"])
        // The bank takes both back: the dispute stands as before, and the rest is collected.
        try await shop.statement("R", [.returned(12_00, e2e: "E2", on: "2026-02-13"), .returned(70_00, e2e: "E1", on: "2026-02-13")])
        #expect(try await shop.slices() == ["dispute 3000"])
        #expect(try await shop.dun(on: "2026-02-16").totalMinor == ["GBP": 70_00])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aCreditNoteAnswersTheDispute(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", [item("TEA", 10, at: 10_00)], on: "2026-01-05", country: "US")
        try await shop.bill(on: "2026-01-05")
        try await shop.apart(Self.document, .dispute, 30_00, on: "2026-02-06")
        try await shop.apart(Self.document, .promise, 70_00, until: "2026-02-20", on: "2026-02-06")
        try await shop.order("X1", "C1", [item("TEA", -3, at: 10_00)], on: "2026-02-09", kind: .cancellation, country: "US")
        try await shop.bill(on: "2026-02-09")
        #expect(try await shop.open(Self.document) == 70_00)
        #expect(try await shop.slices() == ["dispute 0", "promise 7000"])
        try await shop.proves()
    }

    /// Two promises: one kept, one broken when its day passed and the bank was known through it.
    @Test(arguments: Engine.available) func promisesAreKeptOrBroken(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.apart(Self.document, .promise, 40_00, until: "2026-02-13", on: "2026-02-06")
        try await shop.apart(Self.document, .promise, 35_00, until: "2026-02-20", on: "2026-02-06")
        #expect(try await shop.dun(on: "2026-02-10").totalMinor == ["GBP": 25_00])
        try await shop.pays(40_00, Self.document, iban: Self.iban, e2e: "E1", on: "2026-02-12")
        #expect(try await shop.slices() == ["promise 0", "promise 3500"])
        // The bank is known through the 19th only: nobody can say that the promise is broken.
        try await shop.statement("2", [], created: "2026-02-19")
        _ = try await shop.dun(on: "2026-02-21")
        #expect(try await shop.slices() == ["promise 0", "promise 3500"])
        try await shop.statement("3", [], created: "2026-02-21")
        _ = try await shop.dun(on: "2026-02-23")
        #expect(try await shop.slices() == ["promise 0", "promise 0"])
        #expect(try await shop.sliceEvents() == ["settled 4000", "broken 3500"])
        let told = try await shop.database.read { try EventFeed(shop.entity, after: 0, limit: 1_000).events(in: $0) }
        #expect(told.map(\.type).filter { $0.hasPrefix("slice.") } == ["slice.opened", "slice.opened", "slice.settled", "slice.broken"])
        #expect(told.filter { $0.prefix == "slc" }.allSatisfy { $0.number == Self.document })
        let states = try await shop.database.read { tx in
            try ReadDocument(shop.entity, number: Self.document, on: "2026-02-23").run(in: tx)?.slices.map { $0.state(on: "2026-02-23") }
        }
        #expect(states == ["kept", "broken"])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aPromiseHoldsThroughItsDay(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.apart(Self.document, .promise, until: "2026-02-20", on: "2026-02-10")
        #expect(try await shop.dun(on: "2026-02-20").notices == 0)
        #expect(try await shop.dun(on: "2026-02-21").totalMinor == ["GBP": 100_00])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aPlanIsKeptInstalmentByInstalmentAndEndsAsOne(engine: Engine) async throws {
        let shop = try await shop(engine)
        let parts = AgreePlan.monthly(3, of: Money(minor: 90_01, .gbp), from: "2026-01-31")
        #expect(parts.map(\.amount.minor) == [30_01, 30_00, 30_00])
        #expect(parts.map(\.dueOn) == ["2026-01-31", "2026-02-28", "2026-03-31"])
        try await shop.plan(Self.document, [(30_00, "2026-02-15"), (30_00, "2026-03-15"), (30_00, "2026-04-15")], on: "2026-02-06")
        #expect(try await shop.dun(on: "2026-02-10").totalMinor == ["GBP": 10_00])
        try await shop.pays(30_00, Self.document, iban: Self.iban, e2e: "E1", on: "2026-02-15")
        #expect(try await shop.slices() == ["instalment 0", "instalment 3000", "instalment 3000"])
        try await shop.statement("2", [], created: "2026-03-16")
        #expect(try await shop.dun(on: "2026-03-16").totalMinor == ["GBP": 40_00])
        #expect(try await shop.slices() == ["instalment 0", "instalment 0", "instalment 3000"])
        let last = ID<Slice>(try #require(try await shop.number("SELECT MAX(id) FROM slice WHERE entity_id = 1")))
        try await shop.release(last, on: "2026-03-17")
        #expect(try await shop.sliceEvents() == ["settled 3000", "broken 3000", "released 3000"])
        try await shop.proves()
    }

    /// A hundred people set parts of one item apart at once, through two sets of connections: what stands never exceeds what is open.
    @Test(arguments: Engine.available) func racingSlicesNeverExceedWhatIsOpen(engine: Engine) async throws {
        let doors = try await engine.makePair()
        let first = try await Shop.opened(in: doors.0), second = Shop(doors.1, .gbp)
        _ = try await first.invoice("C1", 100_00, on: "2026-01-05")
        let won = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<100 {
                let shop = number % 2 == 0 ? first : second
                group.addTask { (try? await shop.apart(Self.document, .dispute, 7_00, on: "2026-02-10")) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(won == 14)
        #expect(try await first.number("SELECT SUM(open_minor) FROM slice WHERE entity_id = 1") == 98_00)
        try await first.proves()
    }

    @Test(arguments: Engine.available) func reportsShowWhatStandsApartOnTheirDay(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.apart(Self.document, .dispute, 30_00, on: "2026-02-06")
        try await shop.apart(Self.document, .promise, 20_00, until: "2026-02-20", on: "2026-02-07")
        let known = shop.now
        try await shop.pays(60_00, Self.document, iban: Self.iban, e2e: "E1", on: "2026-02-08")
        func sums(_ day: Day, _ instant: Instant? = nil) async throws -> [[ReportTable.Cell]] {
            try await shop.database.read { tx in
                let moment = ReportMoment(shop.entity, asOf: day, knownAt: instant)
                let open = try OpenItemsReport(moment).table(in: tx).totals[0], aging = try AgingReport(moment).table(in: tx).totals[0]
                #expect(Array(open.suffix(2)) == Array(aging.suffix(2)))
                return [Array(open.suffix(2))]
            }
        }
        func money(_ minor: Int64) -> ReportTable.Cell { .money(Money(minor: minor, .gbp)) }
        #expect(try await sums("2026-02-05") == [[money(0), money(0)]])
        #expect(try await sums("2026-02-06") == [[money(30_00), money(0)]])
        #expect(try await sums("2026-02-10") == [[money(30_00), money(0)]])
        #expect(try await sums("2026-02-10", known) == [[money(30_00), money(20_00)]])
        let statement = try await shop.database.read {
            try AccountStatementReport(ReportMoment(shop.entity, asOf: "2026-02-10"), customerNumber: "C1").table(in: $0)
        }
        #expect(statement.totals.last?.first == .text("of which disputed") && statement.totals.last?[5] == money(30_00))
    }
}
