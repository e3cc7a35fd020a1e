import Domain
import Operations
import Store
import TestSupport
import Testing

/// Two payers of the same sum with the same words, on two statements of one day: balances tell them from one payment told twice.
@Suite struct StatementChainTests {
    private struct Part {
        var id: String
        var opening: Int64
        var entries: [BankEntry]
        var format = "MT940"
        var isContinuation = false
        var day: Day = "2026-01-05"
        var gap: Int64 = 0
    }

    private let parking = BankEntry.credit(5_00, "Parken", on: "2026-01-05")
    private var first: Part { Part(id: "S 1/1", opening: 100_00, entries: [parking], day: "2026-01-04") }
    private var second: Part { Part(id: "S 2/1", opening: 105_00, entries: [parking]) }
    private var third: Part { Part(id: "S 3/1", opening: 110_00, entries: [parking]) }

    /// Imports the statements of one file as the command does.
    @discardableResult
    private func file(_ shop: Shop, _ name: String, _ parts: [Part]) async throws -> ImportStatement.Report {
        try await shop.importFile(
            parts.map { part in
                let closing = part.opening + part.entries.map(\.amount.minor).reduce(0, +) + part.gap
                let header = StatementHeader(
                    format: part.format, id: part.id, account: Shop.account, currency: shop.currency, createdOn: part.day,
                    isContinuation: part.isContinuation)
                let summary = ImportStatement.Summary(
                    header: header, fileDigest: name, currency: shop.currency, opening: Money(minor: part.opening, shop.currency),
                    closing: Money(minor: closing, shop.currency), findings: part.gap == 0 ? [] : [Finding(Finding.balanceGap)],
                    throughOn: part.day, fromOn: part.entries.map(\.bookedOn).min())
                return (summary, part.entries)
            })
    }

    /// A reader that finds more in the same words makes no other entry of it.
    @Test func knowsAnEntryAgainThatIsReadBetter() {
        let keys = EntryKeys(account: Shop.account)
        var better = parking
        better.wording = parking.transactions.first.map { BankEntry.Wording($0) }
        better.transactions[0].remittance += " Rechnung 17"
        better.transactions[0].counterpartyAccount = "20-20-15/12345678"
        better.transactions[0].endToEndID = "E-1"
        #expect(keys.digest(better) == keys.digest(parking))
        better.wording = nil
        #expect(keys.digest(better) != keys.digest(parking))
    }

    /// A number of an account tells two payers apart, whether or not its bank is told.
    @Test func tellsAccountsApartThatAreNoIBAN() {
        let keys = EntryKeys(account: Shop.account)
        func digest(_ account: String?) -> String {
            var entry = parking
            entry.transactions[0].counterpartyAccount = account
            return keys.digest(entry)
        }
        #expect(digest("20-20-15/12345678") != digest("20-20-15/12345679"))
        #expect(digest("20-20-15/12345678") == digest("12345678"))
        #expect(digest(nil) != digest("12345678"))
    }

    @Test(arguments: Engine.available) func countsOnInOneFile(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        #expect(try await file(shop, "a", [first, second, third]).receipts == 3)
        #expect(try await file(shop, "a", [first, second, third]).known == 3)
        #expect(try await file(shop, "b", [first, second, first, second, third]).known == 5)
        #expect(try await file(shop, "c", [second]).known == 1)
        #expect(try await file(shop, "d", [second, third]).known == 2)
        #expect(try await shop.balance(.bank) == 15_00)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func countsOnOverPagesOfOneStatement(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        var page = Part(id: "S 1/2", opening: 100_00, entries: [parking])
        page.isContinuation = true
        #expect(try await file(shop, "a", [first, page]).receipts == 2)
        #expect(try await file(shop, "a", [first, page]).known == 2)
    }

    /// Both pages bear one name and one day, as banks write that do not number their statements.
    @Test(arguments: Engine.available) func tellsPagesOfOneNameApart(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let first = Part(id: "0/1", opening: 100_00, entries: [parking, parking])
        var second = Part(id: "0/1", opening: 110_00, entries: [parking])
        second.isContinuation = true
        let next = Part(id: "0/1", opening: 115_00, entries: [parking], day: "2026-01-06")
        let pages = [first, second]
        #expect(try await file(shop, "a", pages).receipts == 3)
        for _ in 0..<3 { #expect(try await file(shop, "a", pages).known == 3) }
        #expect(try await file(shop, "b", pages).known == 3)
        #expect(try await file(shop, "c", pages + [next]).receipts == 1)
        for name in ["c", "d"] { #expect(try await file(shop, name, pages + [next]).known == 4) }
        #expect(try await shop.balance(.bank) == 20_00)
        let balances = try await shop.texts(
            """
            SELECT CAST(opening_minor AS TEXT) || ' ' || CAST(closing_minor AS TEXT) FROM statement
             WHERE entity_id = 1 AND file_digest = 'a' ORDER BY id
            """)
        #expect(balances == ["10000 11000", "11000 11500"])
        try await shop.proves()
    }

    /// Each page in a file of its own.
    @Test(arguments: Engine.available) func tellsPagesOfOneNameApartAcrossFiles(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let first = Part(id: "0/1", opening: 100_00, entries: [parking, parking])
        let second = Part(id: "0/1", opening: 110_00, entries: [parking])
        #expect(try await file(shop, "a", [first]).receipts == 2)
        #expect(try await file(shop, "b", [second]).receipts == 1)
        for _ in 0..<2 {
            #expect(try await file(shop, "a", [first]).known == 2)
            #expect(try await file(shop, "b", [second]).known == 1)
            #expect(try await file(shop, "both", [first, second]).known == 3)
        }
        #expect(try await shop.balance(.bank) == 15_00)
        try await shop.proves()
    }

    /// Books of an earlier release keep the entries of all pages under the first one's balances.
    @Test(arguments: Engine.available) func takesNothingTwiceThatWasKeptUnderTheFirstPage(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let first = Part(id: "0/1", opening: 100_00, entries: [parking, parking])
        var second = Part(id: "0/1", opening: 110_00, entries: [parking])
        second.isContinuation = true
        let header = StatementHeader(
            format: "MT940", id: "0/1", account: Shop.account, currency: shop.currency, createdOn: "2026-01-05")
        let kept = ImportStatement.Summary(
            header: header, fileDigest: "a", currency: shop.currency, opening: Money(minor: 100_00, shop.currency),
            closing: Money(minor: 110_00, shop.currency), findings: [], throughOn: "2026-01-05", fromOn: "2026-01-05")
        var keys = EntryKeys(account: Shop.account)
        let operation = ImportStatement(shop.entity, kept, [parking, parking, parking].map { keys.key($0) })
        #expect(try await shop.run { try operation.run(in: $0, at: $1) }.receipts == 3)
        for name in ["a", "b", "a", "b"] { #expect(try await file(shop, name, [first, second]).known == 3) }
        #expect(try await shop.balance(.bank) == 15_00)
        try await shop.proves()
    }

    /// Each statement in a file of its own, and then all again. One that comes before its neighbours is proven when it comes again.
    @Test(arguments: Engine.available) func countsOnAcrossFiles(engine: Engine) async throws {
        let all = [first, second, third]
        for order in [[0, 1, 2], [1, 0, 2], [1, 2, 0], [2, 1, 0], [0, 2, 1], [2, 0, 1]] {
            let shop = try await Shop.open(engine)
            for at in order { try await file(shop, "\(at)", [all[at]]) }
            #expect(try await shop.balance(.bank) == (order.firstIndex(of: 1) == 2 ? 10_00 : 15_00), "\(order)")
            for at in order.reversed() { try await file(shop, "\(at) again", [all[at]]) }
            #expect(try await shop.balance(.bank) == 15_00, "\(order)")
            #expect(try await file(shop, "all", all).known == 3)
            for at in order { #expect(try await file(shop, "\(at) once more", [all[at]]).known == 1) }
            try await shop.proves()
        }
    }

    @Test(arguments: Engine.available) func takesNothingTwiceThatMayBeToldTwice(engine: Engine) async throws {
        let refund = BankEntry.credit(-5_00, "Parken", on: "2026-01-05")
        let shop = try await Shop.open(engine)
        // A day that ends where it starts, sent again under another name.
        #expect(try await file(shop, "a", [Part(id: "1", opening: 100_00, entries: [parking, refund])]).entries == 2)
        #expect(try await file(shop, "b", [Part(id: "2", opening: 100_00, entries: [parking, refund])]).known == 2)
        #expect(try await file(shop, "c", [Part(id: "3", opening: 100_00, entries: [parking, refund, parking])]).entries == 1)
        // Reports within the day tell the same entries again and again.
        let other = try await Shop.open(engine)
        let report = Part(id: "1", opening: 100_00, entries: [parking], format: "camt.052.001.08")
        #expect(try await file(other, "a", [report]).entries == 1)
        #expect(try await file(other, "b", [Part(id: "2", opening: 105_00, entries: [parking], format: "camt.053.001.08")]).known == 1)
        #expect(try await file(other, "c", [Part(id: "3", opening: 105_00, entries: [parking], format: "MT940")]).known == 1)
    }

    @Test(arguments: Engine.available) func provesNothingByBalancesThatDoNotAddUp(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        var broken = first
        broken.gap = 5_00
        try await file(shop, "a", [broken])
        #expect(try await file(shop, "b", [Part(id: "2", opening: 110_00, entries: [parking])]).known == 1)
        #expect(try await shop.balance(.bank) == 5_00)
    }
}
