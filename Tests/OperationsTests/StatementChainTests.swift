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
        var total = ImportStatement.Report(), keys = EntryKeys(account: Shop.account), last: ImportStatement.Summary?
        for part in parts {
            let closing = part.opening + part.entries.map(\.amount.minor).reduce(0, +) + part.gap
            let header = StatementHeader(
                format: part.format, id: part.id, account: Shop.account, currency: shop.currency, createdOn: part.day,
                isContinuation: part.isContinuation)
            let summary = ImportStatement.Summary(
                header: header, fileDigest: name, currency: shop.currency, opening: Money(minor: part.opening, shop.currency),
                closing: Money(minor: closing, shop.currency), findings: part.gap == 0 ? [] : [Finding(Finding.balanceGap)],
                throughOn: part.day, fromOn: part.entries.map(\.bookedOn).min())
            if let last, summary.follows(last) { keys.follow(from: summary.fromOn) } else { keys = EntryKeys(account: Shop.account) }
            last = summary
            let digests = Set(part.entries.map { keys.digest($0) })
            let others = try await shop.database.read { [entity = shop.entity] tx in
                try StatementChain(entity, of: summary, in: tx).others(digests, in: tx)
            }
            let operation = ImportStatement(shop.entity, summary, part.entries.map { keys.key($0, others: others) })
            total.add(try await shop.run { try operation.run(in: $0, at: $1) })
        }
        return total
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
