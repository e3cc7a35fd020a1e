import Domain
import Store
import TestSupport
import Testing

@testable import Operations

/// Books of several currencies: what is asked in one is answered in that one.
@Suite struct SeveralCurrencyTests {
    /// Documents in pounds and in euros, and receipts that wait: one in pounds, two in euros, of which one was asked about.
    private func books(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine), entity = shop.entity, day: Day = "2026-03-01"
        try await shop.customer("C1", "Meyer GmbH", email: "ap@meyer.example")
        for currency in [Currency.gbp, .eur, .gbp, .eur] { _ = try await shop.invoice("C1", 100_00, on: day, currency: currency) }
        let amounts = [("R1", 33_33, .gbp), ("R2", 44_44, .eur), ("R3", 55_55, .eur)] as [(String, Int64, Currency)]
        let receipts = amounts.map { number, minor, currency in
            ReceiptIntake(
                method: "bank", externalID: number, bookedOn: day, amount: Money(minor: minor, currency), customer: nil, remittance: "?")
        }
        try await shop.run { tx, now in _ = try RecordReceipts(entity, receipts, on: day).run(in: tx, at: now) }
        try await shop.applyCash(on: day)
        let asked = try #require(try await shop.number("SELECT id FROM receipt WHERE entity_id = \(entity) AND external_id = 'R3'"))
        let ask = AskCustomer(entity, ID(asked), customer: "C1", question: "What for?", answerBy: day + 7, role: "clerk", on: day)
        try await shop.run { tx, now in _ = try ask.run(in: tx, at: now) }
        return shop
    }

    @Test(arguments: Engine.available) func waitingReceiptsAreCountedByTheirCurrency(engine: Engine) async throws {
        let shop = try await books(engine)
        let today = try await shop.database.read { try ReadToday(shop.entity, on: "2026-03-02").run(in: $0) }
        #expect(today.receiptCount == 2 && today.askedCount == 1)
        #expect(today.positions.map(\.bank.currency) == [.eur, .gbp])
        let counts = [Currency.eur, .gbp, .jpy].map { today.waiting(in: $0) }
        #expect(counts.map(\.waiting) == [1, 1, 0] && counts.map(\.asked) == [1, 0, 0])
        let later = try await shop.database.read { try ReadToday(shop.entity, on: "2026-03-09").run(in: $0).waiting(in: .eur) }
        #expect(later.waiting == 2 && later.asked == 0, "the day to answer by is over")
    }

    @Test(arguments: Engine.available, [1, 2, 50]) func anAccountsJournalIsOfOneCurrency(engine: Engine, limit: Int) async throws {
        let shop = try await books(engine)
        try await shop.database.read { tx in
            let all = try JournalList(shop.entity).page(in: tx).rows
            for (account, currency) in [("1200", .eur), ("1000", .gbp), ("1290", .eur), ("1200", .jpy)] as [(String, Currency)] {
                let own = try whole {
                    try JournalList(shop.entity, where: ListFilter(currency: currency), after: $0, limit: limit, account: account).page(
                        in: tx)
                }
                let wanted = all.filter { $0.postings.contains { $0.account == account && $0.amount.currency == currency } }
                #expect(own.map(\.id) == wanted.map(\.id) && wanted.isEmpty == (currency == .jpy), "\(account) \(currency.code)")
            }
        }
    }

    /// By minor units the dinars would come first, and the yen beside the euros.
    private static let largest = ["JPY", "KWD", "EUR", "GBP"]

    /// Of each currency a customer of its name with an order and a document, and a receipt that waits: 100,000 JPY, 1,500.000 KWD,
    /// 1,000.00 EUR and 900.00 GBP.
    private func mixed(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine), entity = shop.entity, day: Day = "2026-03-01"
        let amounts = try [("GBP", 900_00), ("KWD", 1_500_000), ("JPY", 100_000), ("EUR", 1_000_00)].map { code, minor in
            Money(minor: Int64(minor), try #require(Currency(code)))
        }
        for (amount, net) in zip(amounts, [900_00, 1_500_00, 100_000_00, 1_000_00] as [Int64]) {
            let code = amount.currency.code
            try await shop.customer(code)
            try await shop.order("SO-\(code)", code, net: net, on: day, country: "US", currency: amount.currency)
        }
        let items = amounts.map {
            OpeningItem(
                number: "I-\($0.currency.code)", customerNumber: $0.currency.code, issuedOn: "2026-01-02", dueOn: "2026-02-01", open: $0)
        }
        let receipts = amounts.map {
            ReceiptIntake(
                method: "bank", externalID: $0.currency.code, bookedOn: day, amount: Money(minor: $0.minor + 7, $0.currency), customer: nil,
                remittance: "?")
        }
        try await shop.run { tx, now in _ = try ImportOpenItems(entity, items).run(in: tx, at: now) }
        try await shop.run { tx, now in _ = try RecordReceipts(entity, receipts, on: day).run(in: tx, at: now) }
        try await shop.applyCash(on: day)
        return shop
    }

    @Test(arguments: Engine.available, [1, 3, 50]) func amountsAreSortedByWhatPeopleRead(engine: Engine, limit: Int) async throws {
        let shop = try await mixed(engine), entity = shop.entity, day: Day = "2026-03-01"
        try await shop.database.read { tx in
            let customers = try whole {
                try CustomerList(entity, on: day, .overdue, after: $0, limit: limit).page(in: tx)
            }.map(\.number)
            let worklist = try whole {
                try CollectionsWorklist(entity, on: day).page(after: $0, limit: limit, in: tx)
            }.map(\.overdue.currency.code)
            let queue = try whole {
                try CashQueue(entity, on: day, after: $0, limit: limit).page(in: tx)
            }.map(\.amount.currency.code)
            let orders = try whole {
                try OrderList(entity, .all, .amount, after: $0, limit: limit).page(in: tx)
            }.map(\.gross.currency.code)
            let waiting = try whole {
                try ReceiptList(entity, .unapplied, .amount, after: $0, limit: limit).page(in: tx)
            }.map(\.amount.currency.code)
            let receipts = try whole {
                try ReceiptList(entity, .all, .amount, after: $0, limit: limit).page(in: tx)
            }.map(\.amount.currency.code)
            let credits = try whole {
                try CreditList(entity, on: day, after: $0, limit: limit).page(in: tx)
            }.map(\.open.currency.code)
            let documents = try whole {
                try DocumentList(entity, on: day, .all, .largest, after: $0, limit: limit).page(in: tx)
            }.map(\.gross.currency.code)
            let smallest = try whole {
                try DocumentList(entity, on: day, .all, .largest, reversed: true, after: $0, limit: limit).page(in: tx)
            }.map(\.gross.currency.code)
            let aging = try AgingReport(ReportMoment(entity, asOf: day)).sums(by: .total, in: tx).prefix(4).map(\.row.currency.code)
            for (list, found) in [
                ("customers", customers), ("worklist", worklist), ("queue", queue), ("orders", orders), ("waiting", waiting),
                ("receipts", receipts), ("credits", credits), ("documents", documents), ("aging", aging),
                ("smallest", Array(smallest.reversed())),
            ] as [(String, [String])] { #expect(found == Self.largest, "\(list)") }
        }
        let today = try await shop.database.read { try ReadToday(entity, on: day).run(in: $0) }
        #expect(today.overdue.map(\.overdue.currency.code) == Self.largest && today.receipts.map(\.amount.currency.code) == Self.largest)
        try await shop.proves()
    }

    /// A receipt waits with the weight of its minor units until the next run asks again.
    @Test(arguments: Engine.available) func aWeightOfFormerReleasesStandsUntilTheNextRun(engine: Engine) async throws {
        let shop = try await mixed(engine), entity = shop.entity, day: Day = "2026-03-01", yen: Int64 = 100_007
        let former = queueWeight(Money(minor: yen, .eur), bookedOn: day), weight = queueWeight(Money(minor: yen, .jpy), bookedOn: day)
        let receipt = try #require(try await shop.number("SELECT id FROM receipt WHERE entity_id = \(entity) AND external_id = 'JPY'"))
        try await shop.sql("UPDATE cash_queue SET weight = \(former + 1) WHERE entity_id = \(entity) AND receipt_id = \(receipt)")
        let faults = try await shop.database.read { try CheckBooks(entity).run(in: $0).faults }
        #expect(faults.contains { $0.contains("waits with weight \(former + 1)") }, "\(faults)")
        try await shop.sql("UPDATE cash_queue SET weight = \(former) WHERE entity_id = \(entity) AND receipt_id = \(receipt)")
        try await shop.proves()
        for later in [day + 1, day + 2] { try await shop.applyCash(on: later) }
        let kept = try await shop.number("SELECT weight FROM cash_queue WHERE entity_id = \(entity) AND receipt_id = \(receipt)")
        #expect(kept == weight)
        let asked = try await shop.number("SELECT count(*) FROM receipt_question WHERE entity_id = \(entity) AND receipt_id = \(receipt)")
        #expect(asked == 2, "the queue at a moment has the new weight too, and is asked no more")
    }

    /// The largest documents come from a ranking that is carried on as they come from every row.
    @Test(arguments: Engine.available, [false, true]) func theLargestDocumentsAreRanked(engine: Engine, reversed: Bool) async throws {
        let shop = try await mixed(engine), entity = shop.entity, day: Day = "2026-03-01"
        @Sendable func list(_ after: ListPlace? = nil, in currency: Currency? = nil) -> DocumentList {
            DocumentList(
                entity, on: day, .all, .largest, reversed: reversed, where: ListFilter(currency: currency), after: after, limit: 2)
        }
        let kept = try await shop.database.read { tx -> Ranking.Kept in
            let lastID = try tx.first("SELECT last_id FROM book WHERE entity_id = \(entity)") { $0.integer(0) }
            return (try list().ranking(since: nil, in: tx), try #require(lastID))
        }
        let new = OpeningItem(
            number: "I-NEW", customerNumber: "EUR", issuedOn: "2026-01-02", dueOn: "2026-02-01", open: Money(minor: 1_200_00, .eur))
        try await shop.run { tx, now in _ = try ImportOpenItems(entity, [new]).run(in: tx, at: now) }
        let wanted = ["I-JPY", "I-KWD", "I-NEW", "I-EUR", "I-GBP"]
        try await shop.database.read { tx in
            let needsRanking = try [list().needsRanking(in: tx), list(in: .eur).needsRanking(in: tx)]
            #expect(needsRanking == [true, false])
            let all = try whole { try list($0).page(in: tx) }.map(\.number)
            #expect(all == (reversed ? Array(wanted.reversed()) : wanted))
            let sorted = try #require(try list().wholeRanking(in: tx))
            for ranking in [try list().ranking(since: kept, in: tx), sorted] {
                let ranked = try whole { try list($0).page(in: tx, by: ranking) }.map(\.number)
                #expect(ranked == all)
            }
        }
    }

    /// A place in the list is the same place when an amount of other decimals is booked between two pages.
    @Test(arguments: Engine.available, [false, true]) func aPlaceHoldsWhenDecimalsDiffer(engine: Engine, reversed: Bool) async throws {
        let shop = try await Shop.open(engine), entity = shop.entity, day: Day = "2026-03-01"
        func take(_ number: String, _ open: Money) async throws {
            let item = OpeningItem(number: number, customerNumber: "C1", issuedOn: "2026-01-02", dueOn: "2026-02-01", open: open)
            try await shop.run { tx, now in _ = try ImportOpenItems(entity, [item]).run(in: tx, at: now) }
        }
        @Sendable func list(_ after: ListPlace?) -> DocumentList {
            DocumentList(entity, on: day, .all, .largest, reversed: reversed, after: after, limit: 2)
        }
        for tens in Int64(1)...4 { try await take("I-\(tens)", Money(minor: tens * 10_00, .gbp)) }
        let first = try await shop.database.read { try list(nil).page(in: $0) }
        #expect(first.rows.map(\.number) == (reversed ? ["I-1", "I-2"] : ["I-4", "I-3"]))
        try await take("J-1", Money(minor: 1, .jpy))
        let rest = try await shop.database.read { tx in
            var rest: [String] = [], place = first.next
            while let after = place {
                let page = try list(after).page(in: tx)
                rest += page.rows.map(\.number)
                place = page.next
            }
            return rest
        }
        #expect(rest == (reversed ? ["I-3", "I-4"] : ["I-2", "I-1", "J-1"]))
    }

    /// Reasons of one text and equal totals stand by their currency.
    @Test(arguments: Engine.available) func equalReasonsStandByTheirCurrency(engine: Engine) async throws {
        let shop = try await Shop.open(engine), entity = shop.entity, day: Day = "2026-03-01", codes = ["CHF", "EUR", "GBP", "SEK", "USD"]
        let receipts = try codes.reversed().map { code in
            ReceiptIntake(
                method: "bank", externalID: code, bookedOn: day, amount: Money(minor: 10_00, try #require(Currency(code))), customer: nil,
                remittance: "?")
        }
        try await shop.run { tx, now in _ = try RecordReceipts(entity, receipts, on: day).run(in: tx, at: now) }
        try await shop.applyCash(on: day)
        let reasons = try await shop.database.read { try CashQueueReport(entity).reasons(in: $0) }
        #expect(reasons.map(\.total.currency.code) == codes && Set(reasons.map(\.text)).count == 1, "\(reasons)")
    }

    /// What the engines count is what the program counts, also where it passes what they hold.
    @Test(arguments: Engine.available) func theEnginesCountAmountsAlike(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let counted = tenThousandths(of: "x.minor", in: "x.currency")
        let text = "SELECT \(counted) FROM (SELECT CAST($1 AS BIGINT) AS minor, CAST($2 AS TEXT) AS currency) x"
        for code in ["EUR", "JPY", "KWD", "CLF"] {
            let currency = try #require(Currency(code))
            for minor in [0, 1, -1, 1_234, -Money.entryBound, Money.entryBound, Money.bound, -Money.bound] as [Int64] {
                let values: [SQLValue] = [.integer(minor), .text(code)]
                let found = try await shop.number(SQL(text: text, values: values))
                #expect(found == Money(minor: minor, currency).tenThousandths, "\(minor) \(code)")
            }
        }
    }
}
