import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct DunningTests {
    private static let iban = "DE02120300000000202051"

    /// Meyer owes 100.00 since 2026-01-05, due on 2026-02-04.
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: [Self.iban], email: "books@meyer.example")
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        return shop
    }

    /// `day level total` of every notice.
    private func notices(_ shop: Shop) async throws -> [String] {
        try await shop.texts(
            """
            SELECT sent_on || ' ' || CAST(level AS TEXT) || ' ' || CAST(total_minor AS TEXT) || ' ' || currency FROM dunning_notice
             WHERE entity_id = 1 ORDER BY id
            """)
    }

    private func dunDaily(_ shop: Shop, from: Day, through: Day) async throws {
        for number in from.number...through.number { try await shop.dun(on: Day(number: number)) }
    }

    @Test(arguments: Engine.available) func theLadderIsClimbedLevelByLevel(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await dunDaily(shop, from: "2026-02-01", through: "2026-04-30")
        #expect(try await notices(shop) == ["2026-02-05 1 10000 GBP", "2026-02-19 2 10000 GBP", "2026-03-06 3 10000 GBP"])
        try await shop.proves()
    }

    /// An item found late still starts at the first level and waits between levels.
    @Test(arguments: Engine.available) func aLateStartSkipsNoLevel(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await dunDaily(shop, from: "2026-06-01", through: "2026-06-30")
        #expect(try await notices(shop) == ["2026-06-01 1 10000 GBP", "2026-06-11 2 10000 GBP", "2026-06-21 3 10000 GBP"])
    }

    @Test(arguments: Engine.available) func aPartPaymentNeitherSkipsNorRepeatsALevel(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await dunDaily(shop, from: "2026-02-05", through: "2026-02-10")
        try await shop.pays(40_00, "INV-2026-000001", iban: Self.iban, on: "2026-02-11")
        try await shop.statement("F1", [], created: "2026-02-20")
        try await dunDaily(shop, from: "2026-02-12", through: "2026-02-25")
        try await shop.pays(10_00, "INV-2026-000001", iban: Self.iban, on: "2026-02-26")
        try await shop.statement("F2", [], created: "2026-03-20")
        try await dunDaily(shop, from: "2026-02-27", through: "2026-03-20")
        #expect(try await notices(shop) == ["2026-02-05 1 10000 GBP", "2026-02-19 2 6000 GBP", "2026-03-06 3 5000 GBP"])
    }

    @Test(arguments: Engine.available) func aPaidInvoiceIsNotReminded(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(100_00, "INV-2026-000001", iban: Self.iban, on: "2026-02-04")
        #expect(try await shop.dun(on: "2026-02-05").notices == 0)
    }

    @Test(arguments: Engine.available) func oneLetterACustomerAndCurrency(engine: Engine) async throws {
        let shop = try await shop(engine)
        _ = try await shop.invoice("C1", 50_00, on: "2026-01-06")
        _ = try await shop.invoice("C1", 30_00, on: "2026-01-06", currency: .eur)
        _ = try await shop.invoice("C2", 20_00, on: "2026-01-06")
        _ = try await shop.invoice("C1", 10_00, on: "2026-02-01")  // not due yet
        try await shop.addresses()
        let report = try await shop.dun(on: "2026-02-10")
        #expect(report.notices == 3 && report.byLevel == [1: 3] && report.totalMinor == ["GBP": 170_00, "EUR": 30_00])
        let lines = try await shop.texts(
            """
            SELECT n.currency || ' ' || i.number || ' ' || CAST(l.level AS TEXT) FROM dunning_notice_item l
              JOIN dunning_notice n ON n.entity_id = l.entity_id AND n.id = l.notice_id
              JOIN open_item i ON i.entity_id = l.entity_id AND i.id = l.item_id
             WHERE l.entity_id = 1 ORDER BY n.customer_id, n.currency, l.line
            """)
        #expect(lines == ["EUR INV-2026-000003 1", "GBP INV-2026-000001 1", "GBP INV-2026-000002 1", "GBP INV-2026-000004 1"])
        try await shop.proves()
    }

    /// An item listed before its first reminder is due still gets its first level later.
    @Test(arguments: Engine.available) func everyOverdueItemIsListedFromTheFirstLetter(engine: Engine) async throws {
        let shop = try await shop(engine)
        _ = try await shop.invoice("C1", 50_00, on: "2026-01-10")  // due on 2026-02-09
        var ladder = DunningLadder.withoutFeed
        ladder.levels[0].overdueDays = 5
        #expect(try await shop.dun(on: "2026-02-10", ladder).totalMinor == ["GBP": 150_00])
        #expect(try await shop.dun(on: "2026-02-13", ladder).notices == 0)
        #expect(try await shop.dun(on: "2026-02-14", ladder).notices == 1)
        let levels = try await shop.texts(
            "SELECT CAST(level AS TEXT) FROM dunning_notice_item WHERE entity_id = 1 ORDER BY notice_id, line")
        #expect(levels == ["1", "0", "1", "1"])
    }

    /// A customer who buys every week has a new item overdue every week; the oldest climbs all the same.
    @Test(arguments: Engine.available) func aBusyCustomerStillClimbs(engine: Engine) async throws {
        let shop = try await shop(engine)
        for week in 1..<10 { _ = try await shop.invoice("C1", 10_00, on: Day("2026-01-05") + 7 * week) }
        try await dunDaily(shop, from: "2026-02-05", through: "2026-04-05")
        let oldest = try await shop.number(
            """
            SELECT MAX(l.level) FROM dunning_notice_item l JOIN open_item i ON i.entity_id = l.entity_id AND i.id = l.item_id
             WHERE l.entity_id = 1 AND i.number = 'INV-2026-000001'
            """)
        #expect(oldest == 3)
    }

    @Test(arguments: Engine.available) func disputedAndPromisedItemsAreLeftAlone(engine: Engine) async throws {
        let shop = try await shop(engine)
        _ = try await shop.invoice("C1", 50_00, on: "2026-01-05")
        _ = try await shop.invoice("C1", 25_00, on: "2026-01-05")
        let dispute = try await shop.apart("INV-2026-000001", .dispute, on: "2026-02-01")
        try await shop.apart("INV-2026-000002", .promise, until: "2026-02-12", on: "2026-02-01")
        let first = try await shop.dun(on: "2026-02-10")
        #expect(first.totalMinor == ["GBP": 25_00] && first.heldItems == 2)
        #expect(try await shop.dun(on: "2026-02-12").notices == 0)  // the promise's last day
        #expect(try await shop.dun(on: "2026-02-13").totalMinor == ["GBP": 75_00])  // the promise is broken
        #expect(try await shop.dun(on: "2026-02-19").heldItems == 1)
        try await shop.release(dispute, on: "2026-02-20")
        #expect(try await shop.dun(on: "2026-02-20").byLevel.values.reduce(0, +) == 1)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func nothingIsSentWhileCashIsNotTried(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.statement("1", [.credit(100_00, "INV-2026-000001", on: "2026-02-10")])
        let report = try await shop.dun(on: "2026-02-10")
        #expect(report.notices == 0)
        #expect(report.blocked == "1 receipts have not been through cash application: run it first")
        try await shop.applyCash(on: "2026-02-10")
        #expect(try await shop.dun(on: "2026-02-10") == RunDunning.Report())
    }

    /// A receipt in the queue may be this customer's money; the others are written to.
    @Test(arguments: Engine.available) func nothingIsSentToACandidateOfTheQueue(engine: Engine) async throws {
        let shop = try await shop(engine)
        _ = try await shop.invoice("C2", 20_00, on: "2026-01-06")
        try await shop.addresses()
        try await shop.pays(77_77, from: "Meyer", on: "2026-02-10")
        let report = try await shop.dun(on: "2026-02-10")
        #expect(report.notices == 1 && report.unappliedCash == 1 && report.totalMinor == ["GBP": 20_00])
    }

    @Test(arguments: Engine.available) func nothingIsSentWhileTheCustomerHasCredit(engine: Engine) async throws {
        let shop = try await shop(engine)
        _ = try await shop.invoice("C1", 50_00, on: "2026-01-05")
        try await shop.pays(130_00, "INV-2026-000001", iban: Self.iban, on: "2026-02-10")
        let report = try await shop.dun(on: "2026-02-10")
        #expect(report.notices == 0 && report.unappliedCash == 1)
    }

    @Test(arguments: Engine.available) func nothingIsSentOnOldKnowledge(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.statement("1", [], created: "2026-02-04")
        #expect(try await shop.dun(on: "2026-02-09").notices == 1)
        let report = try await shop.dun(on: "2026-02-20")
        #expect(report.notices == 0)
        #expect(report.blocked?.contains("known through 2026-02-04 only, more than 5 days ago") == true)
        try await shop.statement("2", [], created: "2026-02-20")
        #expect(try await shop.dun(on: "2026-02-20").byLevel == [2: 1])
    }

    /// Books of an earlier release took the account as known through the wrong day of one entry.
    @Test(arguments: Engine.available) func anEntryOfADayToComeMakesNoFeedFresh(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.statement("1", [.credit(1_00, on: "2026-02-09")], created: "2026-02-10")
        for wrong in ["2027-02-10", "9999-12-31"] as [Day] {
            try await shop.statement("wrong \(wrong.iso8601)", [.credit(2_00, on: wrong)], created: "2026-02-08")
            _ = try await shop.applyCash(on: "2026-02-20")
            let report = try await shop.dun(on: "2026-02-20", .standard)
            #expect(report.notices == 0 && report.blocked?.contains("known through 2026-02-10 only") == true)
        }
        try await shop.statement("2", [], created: "2026-02-20")
        #expect(try await shop.dun(on: "2026-02-20", .standard).notices == 1)
        let evidence = try await shop.texts("SELECT evidence FROM dunning_notice WHERE entity_id = 1")
        #expect(evidence.first?.hasSuffix("bank account \(Shop.account) through 2026-02-20.") == true)
        let letter = try await shop.texts("SELECT payload FROM outbox WHERE entity_id = 1 AND recipient = 'books@meyer.example'")
        #expect(letter.first?.contains("booked through 20 Feb 2026") == true)
    }

    /// Before the first statement nobody knows who has paid; the setting is for those whose cash comes another way.
    @Test(arguments: Engine.available) func nothingIsSentBeforeTheFirstStatement(engine: Engine) async throws {
        let shop = try await shop(engine)
        let report = try await shop.dun(on: "2026-02-10", .standard)
        #expect(report.notices == 0 && report.blocked?.hasPrefix("no bank statement was ever imported") == true)
        #expect(report.blocked?.contains("set feed_required = false under [dunning]") == true)
        #expect(try await notices(shop) == [])
        #expect(try await shop.number("SELECT count(*) FROM outbox WHERE entity_id = 1") == 0)
        try await shop.statement("1", [], created: "2026-02-10")
        #expect(try await shop.dun(on: "2026-02-10", .standard).notices == 1)
    }

    /// Who cannot be written to is named, and gets the first letter, not the second, once there is an address.
    @Test(arguments: Engine.available) func whoHasNoAddressIsToldAndWrittenToLater(engine: Engine) async throws {
        let shop = try await shop(engine)
        _ = try await shop.invoice("C2", 20_00, on: "2026-01-06")
        _ = try await shop.invoice("C2", 30_00, on: "2026-01-06", currency: .eur)
        let report = try await shop.dun(on: "2026-02-10")
        #expect(report.notices == 1 && report.totalMinor == ["GBP": 100_00] && report.unreached == ["C2"])
        #expect(report.unreachedText == "no address: C2")
        #expect(try await shop.number("SELECT count(*) FROM outbox WHERE entity_id = 1 AND recipient = ''") == 0)
        func reached() async throws -> [Bool] {
            try await shop.database.read { try CollectionsWorklist(shop.entity, on: "2026-02-10").lines(in: $0) }.map(\.hasAddress)
        }
        #expect(try await reached() == [true, false, false])
        try await shop.customer("C2", email: "ap@c2.example")
        #expect(try await reached() == [true, true, true])
        let later = try await shop.dun(on: "2026-02-24")
        #expect(later.byLevel == [1: 2, 2: 1] && later.unreached.isEmpty && later.unreachedText == nil)
        try await shop.proves()
    }

    @Test func manyWithoutAddressAreCounted() {
        var report = RunDunning.Report()
        report.unreached = (1...12).map { "C\($0)" }
        #expect(report.unreachedText == "no address: C1, C2, C3, C4, C5, C6, C7, C8, C9, C10 and 2 more")
    }

    @Test(arguments: Engine.available) func nobodyIsWrittenToTwiceOnOneDay(engine: Engine) async throws {
        let shop = try await shop(engine)
        #expect(try await shop.dun(on: "2026-02-10").notices == 1)
        #expect(try await shop.dun(on: "2026-02-10").notices == 0)
        // Another item of an earlier day turns up in the afternoon.
        let late = OpeningItem(
            number: "OLD-1", customerNumber: "C1", issuedOn: "2025-12-01", dueOn: "2025-12-31", open: Money(minor: 5_00, .gbp))
        try await shop.run { _ = try ImportOpenItems(shop.entity, [late]).run(in: $0, at: $1) }
        #expect(try await shop.dun(on: "2026-02-10").notices == 0)
        #expect(try await shop.dun(on: "2026-02-11").notices == 1)
    }

    @Test(arguments: Engine.available) func smallSumsAreLeftAlone(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        _ = try await shop.invoice("C1", 0_99, on: "2026-01-05")
        _ = try await shop.invoice("C2", 1_00, on: "2026-01-05")
        for _ in 0..<2 { _ = try await shop.invoice("C3", 0_60, on: "2026-01-05") }
        try await shop.addresses()
        let report = try await shop.dun(on: "2026-02-10")
        #expect(report.notices == 2 && report.totalMinor == ["GBP": 2_20])
    }

    /// Two runs of one day at once, through two sets of connections: each customer gets one letter.
    @Test(arguments: Engine.available) func runsAtOnceSendOneLetterEach(engine: Engine) async throws {
        let doors = try await engine.makePair()
        let first = try await Shop.opened(in: doors.0), second = Shop(doors.1, .gbp)
        for number in 0..<10 { _ = try await first.invoice("C\(number)", 10_00, on: "2026-01-05") }
        try await first.addresses()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                let shop = number % 2 == 0 ? first : second
                group.addTask { try await shop.dun(on: "2026-02-10") }
            }
            try await group.waitForAll()
        }
        #expect(try await first.number("SELECT count(*) FROM dunning_notice WHERE entity_id = 1") == 10)
        #expect(try await first.number("SELECT count(*) FROM outbox WHERE entity_id = 1") == 10)
        try await first.proves()
    }

    /// More customers than one transaction takes.
    @Test(arguments: Engine.available) func aRunGoesOnOverManyTransactions(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.place((0..<1_100).map { shop.intake("A\($0)", "C\($0)", [item("TEA", 1, at: 5_00)], on: "2026-01-05") })
        try await shop.bill(on: "2026-01-05")
        try await shop.addresses()
        #expect(try await shop.dun(on: "2026-02-10").notices == 1_100)
        #expect(try await shop.dun(on: "2026-02-10").notices == 0)
    }
}
