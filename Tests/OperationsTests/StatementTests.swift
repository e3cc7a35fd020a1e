import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct StatementTests {
    private let monday: [BankEntry] = [
        .credit(100_00, "first", from: "Meyer GmbH", iban: "DE02120300000000202051", on: "2026-01-05", reference: "R1"),
        .credit(250_50, "second", on: "2026-01-05", reference: "R2"),
        .credit(9_99, on: "2026-01-05"),
    ]

    @Test(arguments: Engine.available) func aStatementTwiceIsBookedOnce(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        #expect(try await shop.statement("1", monday).receipts == 3)
        let again = try await shop.statement("1", monday)
        #expect(again.known == 3 && again.entries == 0 && again.receipts == 0)
        #expect(try await shop.balance(.bank) == 360_49)
        #expect(try await shop.unapplied() == 360_49)
        #expect(try await shop.number("SELECT count(*) FROM statement WHERE entity_id = 1") == 1)
        try await shop.proves()
    }

    /// A bank's own CSV names no entry as its statements do.
    @Test(arguments: Engine.available) func aTableAndStatementsNeverTellTheSameDays(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        func file(_ format: String, _ days: [Day]) async throws -> Int {
            let header = StatementHeader(format: format, id: "\(format) \(days)", account: "GB33BUKB20201555555555", currency: .gbp)
            let summary = ImportStatement.Summary(
                header: header, fileDigest: header.id, currency: .gbp, opening: nil, closing: nil, findings: [],
                throughOn: days.max() ?? days[0], fromOn: days.min())
            return try await shop.importFile([(summary, days.map { .credit(10_00, "\(format) \($0)", on: $0) })]).entries
        }
        #expect(try await file("camt.053.001.08", ["2026-01-05", "2026-01-06"]) == 2)
        await #expect(throws: StatementRefusal.self) { _ = try await file(StatementHeader.tableFormat, ["2026-01-06", "2026-01-07"]) }
        #expect(try await file(StatementHeader.tableFormat, ["2026-01-07"]) == 1)
        #expect(try await file(StatementHeader.tableFormat, ["2026-01-07"]) == 0, "the same file again")
        await #expect(throws: StatementRefusal.self) { _ = try await file("MT940", ["2026-01-07"]) }
        #expect(try await file("MT940", ["2026-01-08"]) == 1)
        #expect(try await shop.balance(.bank) == 40_00)
    }

    /// The import dies after its first chunk and is started again from the top.
    @Test(arguments: Engine.available) func aBrokenImportIsSimplyRepeated(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let entries = (0..<25).map { BankEntry.credit(1_00 + Int64($0), "payment \($0)", on: "2026-01-05") }
        try await shop.statement("1", entries, chunk: 10)
        let again = try await shop.statement("1", entries, chunk: 7)
        #expect(again.known == 25)
        #expect(try await shop.receipts().count == 25)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func overlappingStatementsBookEachEntryOnce(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let tuesday: [BankEntry] = [.credit(30_00, "third", on: "2026-01-06"), .credit(9_99, on: "2026-01-06")]
        try await shop.statement("1", monday)
        let second = try await shop.statement("2", monday.suffix(2) + tuesday)
        #expect(second.known == 2 && second.entries == 2)
        try await shop.statement("3", monday + tuesday)
        #expect(try await shop.balance(.bank) == 400_48)
        try await shop.proves()
    }

    /// Banks reuse statement ids; the entries of another year are others.
    @Test(arguments: Engine.available) func aReusedStatementIDIsAnotherStatement(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.statement("7", [.credit(100_00, "rent", on: "2025-01-07", reference: "R7")], created: "2025-01-07")
        let nextYear = try await shop.statement("7", [.credit(100_00, "rent", on: "2026-01-07", reference: "R7")], created: "2026-01-07")
        #expect(nextYear.entries == 1 && nextYear.known == 0)
        #expect(try await shop.balance(.bank) == 200_00)
        #expect(try await shop.number("SELECT count(*) FROM statement WHERE entity_id = 1") == 2)
        try await shop.proves()
    }

    /// Two customers pay the same amount with the same words on one day: two receipts, also when the statement comes again.
    @Test(arguments: Engine.available) func twoIdenticalEntriesAreTwo(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let twins = [BankEntry.credit(50_00, "thanks", on: "2026-01-05"), .credit(50_00, "thanks", on: "2026-01-05")]
        #expect(try await shop.statement("morning", [twins[0]]).receipts == 1)
        let evening = try await shop.statement("evening", twins)
        #expect(evening.known == 1 && evening.receipts == 1)
        #expect(try await shop.statement("evening again", twins).known == 2)
        #expect(try await shop.balance(.bank) == 100_00)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func accountsAreKeptApart(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let entry = BankEntry.credit(50_00, "thanks", on: "2026-01-05", reference: "R1")
        try await shop.statement("1", [entry])
        #expect(try await shop.statement("1", [entry], account: "GB94BARC10201530093459").receipts == 1)
        #expect(try await shop.balance(.bank) == 100_00)
    }

    @Test(arguments: Engine.available) func aBatchEntryIsAReceiptATransaction(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let parts = [10_00, 20_00, 30_00].map { (minor: Int64) in
            BankEntry.Transaction(amount: Money(minor: minor, .gbp), endToEndID: "E\(minor)", remittance: "part \(minor)")
        }
        let batch = BankEntry.batch(parts, total: 60_00, on: "2026-01-05")
        #expect(try await shop.statement("1", [batch]).receipts == 3)
        #expect(try await shop.statement("2", [batch]).known == 1)
        let amounts = try await shop.texts(
            "SELECT CAST(amount_minor AS TEXT) || ' ' || remittance FROM receipt WHERE entity_id = 1 ORDER BY id")
        #expect(amounts == ["1000 part 1000", "2000 part 2000", "3000 part 3000"])
        #expect(try await shop.balance(.bank) == 60_00)
        try await shop.proves()
    }

    /// The parts do not add up: the bank's booking counts, as one receipt with all the words.
    @Test(arguments: Engine.available) func aBatchThatDoesNotAddUpIsOneReceipt(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let parts = [10_00, 20_00].map { (minor: Int64) in
            BankEntry.Transaction(amount: Money(minor: minor, .gbp), remittance: "part \(minor)")
        }
        #expect(try await shop.statement("1", [.batch(parts, total: 60_00, on: "2026-01-05")]).receipts == 1)
        #expect(try await shop.texts("SELECT remittance FROM receipt WHERE entity_id = 1") == ["part 1000 part 2000"])
        #expect(try await shop.unapplied() == 60_00)
    }

    @Test(arguments: Engine.available) func pendingEntriesMoveNoMoney(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let pending = BankEntry.credit(70_00, "soon", on: "2026-01-05", reference: "R9", status: .pending)
        let note = BankEntry.credit(5_00, "note", on: "2026-01-05", status: .information)
        let report = try await shop.statement("1", [pending, note])
        #expect(report.notBooked == 2 && report.receipts == 0)
        #expect(try await shop.balance(.bank) == 0)
        let booked = BankEntry.credit(70_00, "soon", on: "2026-01-05", reference: "R9")
        #expect(try await shop.statement("2", [booked]).receipts == 1)
        #expect(try await shop.balance(.bank) == 70_00)
        try await shop.proves()
    }

    /// An identical pending entry stands above the booked one; the next statement has the booked one alone.
    @Test(arguments: Engine.available) func aPendingTwinTakesNoPlace(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let pending = BankEntry.credit(70_00, "thanks", on: "2026-01-05", status: .pending)
        let booked = BankEntry.credit(70_00, "thanks", on: "2026-01-05")
        try await shop.statement("1", [pending, booked])
        #expect(try await shop.statement("2", [booked]).known == 1)
        #expect(try await shop.balance(.bank) == 70_00)
    }

    @Test(arguments: Engine.available) func debitsThatAreNoReturnsWaitOnBankClearing(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let fee = BankEntry(
            amount: Money(minor: -7_50, .gbp), bookedOn: "2026-01-05", valueOn: "2026-01-05",
            transactions: [.init(amount: Money(minor: -7_50, .gbp), remittance: "account fee")])
        #expect(try await shop.statement("1", [fee]).debits == 1)
        #expect(try await shop.statement("1", [fee]).known == 1)
        #expect(try await shop.balance(.bankClearing) == 7_50)
        #expect(try await shop.balance(.bank) == -7_50)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func findingsAreKeptWithTheirWords(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let findings = [Finding(line: 12, "balances do not add up"), Finding("100 more findings left out")]
        try await shop.statement("1", monday, findings: findings)
        let kept = try await shop.texts("SELECT findings FROM statement WHERE entity_id = 1")
        #expect(kept == ["line 12: balances do not add up\n100 more findings left out"])
    }

    /// The feed knows through its newest day; an older statement imported later does not turn it back.
    @Test(arguments: Engine.available) func theFeedNeverGoesBack(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.statement("2", [.credit(1_00, on: "2026-01-09")], created: "2026-01-10")
        try await shop.statement("1", monday)
        #expect(try await shop.texts("SELECT through_on FROM bank_feed WHERE entity_id = 1") == ["2026-01-10"])
    }

    /// Ten imports of the same statement at once, through two sets of connections.
    @Test(arguments: Engine.available) func importsAtOnceBookEachEntryOnce(engine: Engine) async throws {
        let doors = try await engine.makePair()
        let first = try await Shop.opened(in: doors.0), second = Shop(doors.1, .gbp)
        let entries = monday
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                let shop = number % 2 == 0 ? first : second
                group.addTask { try await shop.statement("1", entries) }
            }
            try await group.waitForAll()
        }
        #expect(try await first.balance(.bank) == 360_49)
        try await first.proves()
    }
}
