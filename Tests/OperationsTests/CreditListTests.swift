import Domain
import Store
import TestSupport
import Testing

@testable import Operations

@Suite struct CreditListTests {
    private func take(_ credits: [(number: String, customer: String, open: Money)], _ shop: Shop) async throws {
        let items = credits.map {
            OpeningItem(number: $0.number, customerNumber: $0.customer, issuedOn: "2026-01-05", dueOn: "2026-02-04", open: $0.open)
        }
        try await shop.run { [entity = shop.entity] tx, now in _ = try ImportOpenItems(entity, items).run(in: tx, at: now) }
    }

    /// A receipt that is booked tomorrow took nothing of a credit yet: the items of a day add up to the credits of its aging.
    @Test(arguments: Engine.available) func theCreditsOfADayAreThoseOfAging(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [300_00]), entity = shop.entity, day: Day = "2026-01-20"
        try await take([("CR-100100", "C1", Money(minor: -100_00, .gbp)), ("CR-100101", "C2", Money(minor: -7_00, .gbp))], shop)
        try await shop.pays(200_00, "INV-2026-000001 less CR-100100", iban: Shop.meyerIBAN, on: day + 1)
        #expect(try await shop.open("CR-100100") == 0)
        for (on, wanted) in [(day, [-100_00, -7_00]), (day + 1, [-7_00])] as [(Day, [Int64])] {
            let (rows, aging) = try await shop.database.read { tx in
                (try CreditList(entity, on: on).page(in: tx).rows, try AgingReport(ReportMoment(entity, asOf: on)).totals(in: tx))
            }
            #expect(rows.map(\.open.minor) == wanted, "\(on.iso8601)")
            #expect(aging.map(\.credits.minor) == [wanted.reduce(0, +)], "\(on.iso8601)")
        }
        try await shop.proves()
    }

    /// A cashier and a bank may use one number: what was booked with it is of neither, unless it is a receipt's own item.
    @Test(arguments: Engine.available) func aNumberOfTwoReceiptsNamesNone(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [300_00]), entity = shop.entity, day: Day = "2026-01-20"
        try await shop.receive("T1", 10_00, "?", from: "C1", on: day)
        func receipts() async throws -> [ID<Receipt>?] {
            let items = try await shop.texts("SELECT CAST(id AS TEXT) FROM open_item WHERE entity_id = 1 AND number = 'T1' ORDER BY id")
            return try await shop.database.read { tx in
                let receipts = try ItemReceipts(entity, of: [(kind: "receipt", number: "T1"), (kind: "return", number: "T1")], in: tx)
                return items.compactMap { Int64($0) }.map { receipts[$0, "receipt", "T1"]?.id } + [receipts[1, "return", "T1"]?.id]
            }
        }
        let till = try #require(try await receipts().first)
        #expect(try await receipts() == [till, till])
        let receipt = ReceiptIntake(
            method: "shop", externalID: "T1", bookedOn: day, amount: Money(minor: 20_00, .gbp), customer: nil, remittance: "?")
        try await shop.run { tx, now in _ = try RecordReceipts(entity, [receipt], on: day).run(in: tx, at: now) }
        let both = try await receipts()
        #expect(both.count == 3 && both[0] == till && both[1] != till && both[1] != nil && both[2] == nil)
    }

    /// Those of one currency are sorted by its minor units, and paged as all are.
    @Test(arguments: Engine.available, [1, 2, 50]) func theCreditsOfACurrencyAreWholePageByPage(engine: Engine, limit: Int) async throws {
        let shop = try await Shop.open(engine), entity = shop.entity, day: Day = "2026-01-20"
        let opens = [(-5, .jpy), (-700, .jpy), (-30, .jpy), (-9_00, .gbp), (-700, .jpy)] as [(Int64, Currency)]
        let credits = opens.enumerated().map { at, open in (number: "CR-\(at)", customer: "C1", open: Money(minor: open.0, open.1)) }
        try await take(credits, shop)
        let (yen, all) = try await shop.database.read { tx in
            (
                try whole { try CreditList(entity, on: day, in: .jpy, after: $0, limit: limit).page(in: tx) }.map(\.number),
                try whole { try CreditList(entity, on: day, after: $0, limit: limit).page(in: tx) }.map(\.number)
            )
        }
        #expect(yen == ["CR-1", "CR-4", "CR-2", "CR-0"])
        #expect(all == ["CR-1", "CR-4", "CR-2", "CR-3", "CR-0"])
    }

    /// Of the largest only a little is open: those of which more is open come first, however far on they stand by amount.
    @Test(arguments: Engine.available, [1, 3, 50]) func whatIsOpenTellsTheOrderAndNotTheAmount(engine: Engine, limit: Int) async throws {
        let shop = try await Shop.open(engine), entity = shop.entity, day: Day = "2026-01-20", left: Int64 = -2_50
        try await take([("CR-100100", "C1", Money(minor: -900_00, .gbp))], shop)
        let smaller = (1...20).map { (number: "CR-2002\($0 + 10)", customer: "C2", open: Money(minor: Int64(-$0) * 1_00, .gbp)) }
        try await take(smaller, shop)
        try await shop.sql("UPDATE open_item SET open_minor = \(left) WHERE entity_id = \(entity) AND number = 'CR-100100'")
        let found = try await shop.database.read { tx in
            try whole { try CreditList(entity, on: day, after: $0, limit: limit).page(in: tx) }.map(\.open.minor)
        }
        #expect(found == (smaller.map(\.open.minor) + [left]).sorted())
    }
}
