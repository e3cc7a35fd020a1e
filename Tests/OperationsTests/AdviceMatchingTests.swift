import Domain
import Formats
import Foundation
import Operations
import Simulation
import Store
import TestSupport
import Testing

/// A remittance advice that is linked to a receipt says what the receipt pays: line by line as stated, or a person decides.
@Suite struct AdviceMatchingTests {
    private static let iban = "DE02120300000000202051"

    /// Meyer owes 101.10, 62.20 and 33.30 (INV-2026-000001 to …3) and has a credit of 20.00.
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer Werkzeuge GmbH", ibans: [Self.iban])
        try await shop.customer("C2", "Smith & Sons Ltd.")
        for gross in [101_10, 62_20, 33_30] as [Int64] { _ = try await shop.invoice("C1", gross, on: "2026-01-05") }
        let credit = OpeningItem(
            number: "CR-7788", customerNumber: "C1", issuedOn: "2026-01-05", dueOn: "2026-01-05", open: Money(minor: -20_00, .gbp))
        let dear = OpeningItem(
            number: "A-553311", customerNumber: "C1", issuedOn: "2026-01-05", dueOn: "2026-02-05", open: Money(minor: 500_00, .gbp),
            discount: CashDiscount(minor: 10_00, until: "2026-01-19"))
        try await shop.run { [entity = shop.entity] tx, now in _ = try ImportOpenItems(entity, [credit, dear]).run(in: tx, at: now) }
        return shop
    }

    private func open(_ shop: Shop) async throws -> [Int64?] {
        var open: [Int64?] = []
        for number in ["INV-2026-000001", "INV-2026-000002", "INV-2026-000003", "CR-7788", "A-553311"] {
            open.append(try await shop.open(number))
        }
        return open
    }

    /// Each document gets what its line says, though other splits of the sum exist; the part kept back stays open.
    @Test(arguments: Engine.available) func linesApplyExactlyAsStated(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(150_00, "TR-778899", from: "Somebody's bank", on: "2026-01-20")
        #expect(try await shop.rules() == [])
        let told = [Told("inv 2026-000001", 101_10), Told("INV-2026-000002", 48_90, gross: 62_20, less: (13_30, "damaged goods"))]
        let report = try await shop.advises(shop.advice("TR-778899", of: 150_00, told), on: "2026-01-21")
        #expect(report.applied == 1)
        #expect(try await shop.rules() == ["remittance_advice"])
        #expect(try await shop.queue() == [])
        #expect(try await open(shop) == [0, 13_30, 33_30, -20_00, 500_00])
        #expect(try await shop.unapplied() == 0)
        let advised = try await shop.certified("advised")
        #expect(advised.count == 2 && advised[0].hasSuffix(" 10110 0 document 10:1-16; paid 10:20-28"), "\(advised)")
        #expect(advised[1].contains(" 4890 1330 document 11:1-16;") && advised[1].contains("deduction_reason 11:60-70"), "\(advised)")
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
        try await shop.proves()
    }

    /// The advice was there first: the receipt needs nobody.
    @Test(arguments: Engine.available) func anAdviceThatCameFirst(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.advises(
            shop.advice("TR-778899", of: 81_10, [Told("INV-2026-000001", 101_10), Told("CR-7788", 20_00, kind: .creditNote)]),
            on: "2026-01-19")
        try await shop.statement("1", [.credit(81_10, "TR-778899", on: "2026-01-20")])
        let linked = try await shop.run { [entity = shop.entity] tx, now in try LinkRemittances(entity).run(in: tx, at: now) }
        #expect(linked.count == 1)
        #expect(try await shop.applyCash(on: "2026-01-20").applied == 1)
        #expect(try await open(shop) == [0, 62_20, 33_30, 0, 500_00])
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
        try await shop.proves()
    }

    /// The advice says one document, the payment's own words another: neither is believed.
    @Test(arguments: Engine.available) func wordsThatNameAnotherDocumentAreNotPassedOver(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(62_20, "TR-778899 INV-2026-000003", from: "Somebody's bank", on: "2026-01-20")
        let report = try await shop.advises(
            shop.advice("TR-778899", of: 62_20, [Told("INV-2026-000002", 62_20)]), on: "2026-01-21")
        #expect(report.applied == 0)
        #expect(try await open(shop) == [101_10, 62_20, 33_30, -20_00, 500_00])
        #expect(try await shop.queue().contains { "\($0)".contains("INV-2026-000003") })
        try await shop.proves()
    }

    /// A stated discount is granted while it is earned; a day late it stays open.
    @Test(arguments: Engine.available, [("2026-01-19", 0), ("2026-01-20", 10_00)] as [(Day, Int64)])
    func aStatedDiscount(engine: Engine, when: (on: Day, open: Int64)) async throws {
        let shop = try await shop(engine)
        try await shop.pays(552_20, "TR-778899", on: when.on)
        let told = [Told("A-553311", gross: 500_00, discount: 10_00), Told("INV-2026-000002", 62_20)]
        try await shop.advises(shop.advice("TR-778899", of: 552_20, told), on: when.on)
        #expect(try await shop.rules() == ["remittance_advice"])
        #expect(try await open(shop) == [101_10, 0, 33_30, -20_00, when.open])
        #expect(try await shop.balance(.discountsAllowed) == 10_00 - when.open)
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
        try await shop.proves()
    }

    /// What cannot be read to the last line is proposed, with what could be.
    @Test(
        arguments: Engine.available,
        [
            (
                [Told("INV-2026-000001", 101_10), Told("INV-2026-000099", 48_90)],
                "line 2 of the advice: INV-2026-000099 is no open document of ours"
            ),
            ([Told("INV-2026-000001", 101_10), Told("INV-2026-000002", 48_80)], "the advice's lines pay 149.90 GBP, 150.00 GBP arrived"),
            (
                [Told("INV-2026-000001", 111_10), Told("INV-2026-000002", 38_90)],
                "the advice settles 111.10 GBP of INV-2026-000001, 101.10 GBP is open"
            ),
            (
                [Told("INV-2026-000001", 80_00), Told("INV-2026-000001", 70_00)],
                "the advice settles 150.00 GBP of INV-2026-000001, 101.10 GBP is open"
            ),
            ([Told("CR-7788", 150_00)], "line 1 of the advice: CR-7788 is no open document of ours"),
        ] as [([Told], String)])
    func doubtIsProposedNeverPosted(engine: Engine, told: ([Told], String)) async throws {
        let shop = try await shop(engine)
        try await shop.pays(150_00, "TR-778899", iban: Self.iban, on: "2026-01-20")
        try await shop.advises(shop.advice("TR-778899", of: 150_00, told.0), on: "2026-01-21")
        #expect(try await shop.queue() == [told.1])
        #expect(try await shop.rules() == [])
        #expect(try await open(shop) == [101_10, 62_20, 33_30, -20_00, 500_00])
        if told.0[0].document.hasPrefix("INV") {
            let first = "C1 INV-2026-000001 \(min(told.0[0].paid ?? 0, 101_10)): line 1 of the advice"
            #expect(try await shop.candidates().first == first)
        }
        try await shop.proves()
    }

    /// A line that a better reader makes out applies the receipt that waited; the first reading stays.
    @Test(arguments: Engine.available) func aBetterReaderDecides(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(163_30, "TR-778899", on: "2026-01-20")
        let blurred = shop.advice("TR-778899", of: 163_30, [Told("INV-2026-000001", 101_10), Told("lNV-2O26-OOOOO2", 62_20)])
        try await shop.advises(blurred, on: "2026-01-21")
        #expect(try await shop.queue().count == 1)
        let clear = shop.advice("TR-778899", of: 163_30, [Told("INV-2026-000001", 101_10), Told("INV-2026-000002", 62_20)])
        try await shop.advises(clear, version: 2, on: "2026-01-22")
        #expect(try await shop.applyCash(on: "2026-01-22").applied == 1)
        #expect(try await open(shop) == [0, 0, 33_30, -20_00, 500_00])
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
    }

    /// Documents without amounts are references as if the payer had written them on the transfer.
    @Test(arguments: Engine.available) func namesWithoutAmounts(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(163_30, "TR-778899", on: "2026-01-20")
        try await shop.advises(shop.advice("TR-778899", of: 163_30, [Told("INV-2026-000001"), Told("INV-2026-000002")]), on: "2026-01-21")
        #expect(try await shop.rules() == ["reference_exact"])
        #expect(try await open(shop) == [0, 0, 33_30, -20_00, 500_00])
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
    }

    /// What a person took back stays with that person, advice or not.
    @Test(arguments: Engine.available) func takenBackStaysTakenBack(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(163_30, "TR-778899", on: "2026-01-20")
        let told = shop.advice("TR-778899", of: 163_30, [Told("INV-2026-000001", 101_10), Told("INV-2026-000002", 62_20)])
        try await shop.advises(told, on: "2026-01-21")
        try await shop.unapply(try #require(try await shop.receipts().first), on: "2026-01-22")
        #expect(try await shop.applyCash(on: "2026-01-22").queued == 1)
        #expect(try await open(shop) == [101_10, 62_20, 33_30, -20_00, 500_00])
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1, manual: 1))
        try await shop.proves()
    }

    /// The separate verifier reads the advice itself.
    @Test(arguments: [
        ("UPDATE remittance_line SET paid_minor = paid_minor + 1 WHERE line = 2", "says something else"),
        ("UPDATE remittance_line SET document = 'INV-2026-000003' WHERE line = 2", "does not name item"),
        ("UPDATE remittance_line SET citations = '' WHERE line = 2", "says something else"),
        ("DELETE FROM remittance_line WHERE line = 2", "has no line 2"),
        (
            "INSERT INTO remittance_line SELECT entity_id, advice_id, 3, document, kind, issued_on, also_known_as, currency, gross_minor, discount_minor, deduction_minor, deduction_reasons, 1, citations FROM remittance_line WHERE line = 2",
            "line 3 of advice"
        ),
        ("DELETE FROM remittance_link", "was not linked to the receipt"),
        ("UPDATE remittance_link SET id = 9007199254740000", "was not linked to the receipt"),
        ("UPDATE application SET certificate = replace(certificate, 'advised ', 'adviced ')", "cannot be read"),
        ("UPDATE open_item SET customer_id = customer_id + 1 WHERE number = 'INV-2026-000002'", "is of customer"),
    ])
    func tamperingIsFound(statement: String, fault: String) async throws {
        let shop = try await shop(.sqlite)
        try await shop.pays(150_00, "TR-778899", on: "2026-01-20")
        let told = [Told("INV-2026-000001", 101_10), Told("INV-2026-000002", 48_90, gross: 62_20, less: (13_30, "damaged goods"))]
        try await shop.advises(shop.advice("TR-778899", of: 150_00, told), on: "2026-01-21")
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
        for trigger in try await shop.texts("SELECT name FROM sqlite_master WHERE type = 'trigger'") {
            try await shop.sql(SQL(text: "DROP TRIGGER \(trigger)", values: []))
        }
        try await shop.sql(SQL(text: statement, values: []))
        let faults = try await shop.verification().faults
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }

    /// Read from an X12 820 file, kept, linked and applied; the time is printed, not judged.
    @Test(arguments: Engine.available) func eightHundredLines(engine: Engine) async throws {
        let shop = try await Shop.open(engine), count = 800
        let items = (0..<count).map { at in
            OpeningItem(
                number: "R\(500_000 + at * 7)", customerNumber: "C1", issuedOn: "2026-01-05", dueOn: "2026-02-05",
                open: Money(minor: Int64(10_00 + at), .gbp))
        }
        try await shop.customer("C1", "Meyer Werkzeuge GmbH", ibans: [Self.iban])
        try await shop.run { [entity = shop.entity] tx, now in _ = try ImportOpenItems(entity, items).run(in: tx, at: now) }
        let total = items.reduce(Int64(0)) { $0 + $1.open.minor }
        try await shop.pays(total, "TR-778899", from: "Meyer", on: "2026-01-20")
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("florin-advice-\(engine).820")
        defer { unlink(file.path) }
        try remittanceOrder("TR-778899", items.map { ($0.number, $0.open) }, on: "2026-01-20")
            .write(to: file, atomically: true, encoding: .utf8)
        let clock = ContinuousClock(), start = clock.now
        let read = try readRemittance(file.path)
        try await shop.advises(try #require(read.advices.first), on: "2026-01-21")
        let took = clock.now - start
        print("800-line remittance on \(engine): read, kept, linked, applied in \(took)")
        #expect(try await shop.rules() == ["remittance_advice"])
        #expect(try await shop.balance(.receivables) == 0)
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
        try await shop.proves()
    }
}
