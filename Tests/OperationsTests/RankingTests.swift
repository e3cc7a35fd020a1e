import Domain
import Store
import TestSupport
import Testing

@testable import Operations

extension Shop {
    /// Reads every list by every figure, both ways and page by page: from rankings that are carried on since `kept`, and from every row.
    ///
    /// - Returns: The rankings of now, by their names.
    fileprivate func agreed(_ kept: [String: Ranking.Kept], on day: Day, _ step: String) async throws -> [String: Ranking.Kept] {
        try await database.read { [entity] tx in
            var kept = kept
            let lastID = try #require(try tx.first("SELECT last_id FROM book WHERE entity_id = \(entity)") { $0.integer(0) })
            func carried(_ list: some RankedList) throws -> Ranking {
                let name = try #require(list.rankingName)
                let ranking = try list.ranking(since: kept[name], in: tx)
                kept[name] = (ranking, lastID)
                return ranking
            }
            for reversed in [false, true] {
                for order in [CustomerList.Order.owed, .overdue] {
                    for prefix in ["", "M"] {
                        func list(_ after: ListPlace? = nil) -> CustomerList {
                            CustomerList(entity, on: day, order, reversed: reversed, prefix: prefix, after: after, limit: 2)
                        }
                        let ranking = try carried(list()), all = try whole { try list($0).page(in: tx) }
                        let shown = try whole { try list($0).page(in: tx, by: ranking) }
                        #expect(
                            shown.map(\.number) == all.map(\.number) && shown.map(\.balances) == all.map(\.balances), "\(step): \(order)")
                    }
                }
                for order in ReceiptList.Order.allCases {
                    for filter in ReceiptList.Filter.allCases {
                        func list(_ after: ListPlace? = nil) -> ReceiptList {
                            ReceiptList(entity, filter, order, reversed: reversed, after: after, limit: 2)
                        }
                        let ranking = try carried(list()), all = try whole { try list($0).page(in: tx) }
                        let shown = try whole { try list($0).page(in: tx, by: ranking) }
                        #expect(shown.map(\.id) == all.map(\.id) && shown.map(\.rule) == all.map(\.rule), "\(step): \(filter) by \(order)")
                        let sorted = try #require(try list().wholeRanking(in: tx))
                        #expect(
                            try whole { try list($0).page(in: tx, by: sorted) }.map(\.id) == all.map(\.id),
                            "\(step): \(filter), sorted once")
                    }
                }
                for order in OrderList.Order.allCases {
                    func list(_ after: ListPlace? = nil) -> OrderList {
                        OrderList(entity, .all, order, reversed: reversed, after: after, limit: 2)
                    }
                    let ranking = try carried(list()), all = try whole { try list($0).page(in: tx) }
                    let shown = try whole { try list($0).page(in: tx, by: ranking) }
                    #expect(
                        shown.map(\.number) == all.map(\.number) && shown.map(\.state) == all.map(\.state), "\(step): orders by \(order)")
                    for filter in OrderList.Filter.allCases {
                        func list(_ after: ListPlace? = nil) -> OrderList {
                            OrderList(entity, filter, order, reversed: reversed, after: after, limit: 2)
                        }
                        let sorted = try #require(try list().wholeRanking(in: tx)), every = try whole { try list($0).page(in: tx) }
                        let told = try whole { try list($0).page(in: tx, by: sorted) }
                        #expect(told.map(\.number) == every.map(\.number), "\(step): \(filter) orders by \(order), sorted once")
                    }
                }
            }
            return kept
        }
    }
}

/// Orders that no index has are read from a ranking that is carried on, and say the same as a reading of every row.
@Suite struct RankingTests {
    @Test(arguments: Engine.available) func aRankingIsRightAfterEveryBooking(engine: Engine) async throws {
        let shop = try await Shop.desk(engine), day: Day = "2026-03-10", start = try await shop.agreed([:], on: day, "the first reading")
        var kept = try await shop.agreed(start, on: day, "nothing recorded")
        try await shop.customer("C3", "Mills and Sons")
        kept = try await shop.agreed(kept, on: day, "a new customer")
        _ = try await shop.invoice("C3", 500_00, on: "2026-03-02")
        _ = try await shop.invoice("C3", 90_00, on: "2026-03-02", currency: .eur)
        kept = try await shop.agreed(kept, on: day, "who owes most now")
        try await shop.pays(500_00, "INV-2026-000004", from: "Mills", e2e: "E3", on: "2026-03-04")
        kept = try await shop.agreed(kept, on: day, "it is paid")
        let receipt = try #require(try await shop.receipts().last)
        try await shop.unapply(receipt, on: "2026-03-05")
        kept = try await shop.agreed(kept, on: day, "it is taken back")
        let taken = OpeningItem(
            number: "OLD-1", customerNumber: "C9", issuedOn: "2025-12-01", dueOn: "2025-12-31", open: Money(minor: 700_00, .gbp))
        try await shop.run { [entity = shop.entity] tx, now in _ = try ImportOpenItems(entity, [taken]).run(in: tx, at: now) }
        kept = try await shop.agreed(kept, on: day, "an opening item of somebody new")
        try await shop.byHand(receipt, of: "C9", [("OLD-1", 450_00)], on: "2026-03-06")
        kept = try await shop.agreed(kept, on: day, "a person's word")
        // What is owed by now comes first, from a ranking that was carried on all the way and from one of the first reading alike.
        for rankings in [kept, start] {
            let first = try await shop.database.read { [entity = shop.entity] tx in
                let list = CustomerList(entity, on: day, .owed)
                let ranking = try list.ranking(since: rankings[try #require(list.rankingName)], in: tx)
                return try list.page(in: tx, by: ranking).rows.map { line in
                    "\(line.number) \(line.balances.first { $0.owed.currency == .gbp }?.owed.minor ?? 0)"
                }
            }
            #expect(first == ["C3 50000", "C9 25000", "C1 16000", "C2 8000"])
        }
    }

    /// A list that is narrowed down has no ranking that is kept; sorted once for all of its pages it holds its own rows and no other.
    @Test(arguments: Engine.available, [false, true]) func aNarrowedListIsSortedByItself(engine: Engine, reversed: Bool) async throws {
        let shop = try await Shop.desk(engine), entity = shop.entity
        try await shop.pays(100_00, "INV-2026-000001", from: "Meyer", e2e: "E3", on: "2026-03-04")
        try await shop.pays(15_00, "no word", from: "Third", e2e: "E4", on: "2026-03-05")
        try await shop.database.read { tx in
            let receipts: [(ListFilter, (ReceiptList.Line) -> Bool)] = [
                (ListFilter(from: "2026-03-04"), { $0.bookedOn >= "2026-03-04" }),
                (ListFilter(atMostMinor: 50_00, currency: .gbp), { $0.amount.minor <= 50_00 }),
                (ListFilter(customer: "C1"), { $0.amount.minor == 100_00 }),
            ]
            for (narrowed, isMeant) in receipts {
                for (filter, order) in [(.all, .amount), (.all, .date), (.unapplied, .amount), (.unapplied, .date)]
                    as [(ReceiptList.Filter, ReceiptList.Order)]
                {
                    func list(_ after: ListPlace? = nil) -> ReceiptList {
                        ReceiptList(entity, filter, order, reversed: reversed, where: narrowed, after: after, limit: 1)
                    }
                    let every = try ReceiptList(entity, filter, order, reversed: reversed).page(in: tx).rows
                    let wanted = every.filter(isMeant).map(\.id), sorted = try #require(try list().wholeRanking(in: tx))
                    #expect(list().rankingName == nil && wanted.count < every.count)
                    #expect(try whole { try list($0).page(in: tx) }.map(\.id) == wanted, "\(filter) by \(order)")
                    #expect(try whole { try list($0).page(in: tx, by: sorted) }.map(\.id) == wanted, "\(filter) by \(order), sorted once")
                }
            }
            for order in OrderList.Order.allCases {
                func list(_ after: ListPlace? = nil) -> OrderList {
                    OrderList(entity, .all, order, reversed: reversed, where: ListFilter(customer: "C1"), after: after, limit: 1)
                }
                let every = try OrderList(entity, .all, order, reversed: reversed).page(in: tx).rows
                let wanted = every.filter { $0.customerNumber == "C1" }.map(\.number)
                let sorted = try #require(try list().wholeRanking(in: tx))
                #expect(list().rankingName == nil && wanted.count == 2 && every.count == 4)
                #expect(try whole { try list($0).page(in: tx) }.map(\.number) == wanted)
                #expect(try whole { try list($0).page(in: tx, by: sorted) }.map(\.number) == wanted)
            }
        }
    }

    /// A ranking of rows that never change holds the first of them only: what follows is read from the table.
    @Test func aPageBeyondTheRankingIsLeftToTheTable() {
        let places = (1...6).map { Ranking.Place(value: Int64($0 % 3), id: Int64($0)) }
        let ranking = Ranking(places, by: .minor, descending: true, limit: 4)
        #expect(ranking.page(after: nil, limit: 2)?.rows == [5, 2])
        #expect(ranking.page(after: nil, limit: 2)?.next == ListPlace("2", 2))
        #expect(ranking.page(after: ListPlace("2", 2), limit: 1)?.rows == [4])
        #expect(ranking.page(after: ListPlace("2", 2), limit: 2) == nil)
        let later = ranking.carried(on: [Ranking.Place(value: 9, id: 7)])
        #expect(later.page(after: nil, limit: 3)?.rows == [7, 5, 2])
        #expect(ranking.page(after: nil, limit: 3) { Set($0).subtracting([5]) } == nil)
        let whole = Ranking(places, by: .minor, descending: false)
        #expect(whole.page(after: nil, limit: 9)?.rows == [3, 6, 1, 4, 2, 5] && whole.page(after: nil, limit: 9)?.next == nil)
        #expect(whole.page(after: ListPlace("1", 2), limit: 9)?.rows == [4, 2, 5], "the place need not stand there any more")
    }

    /// However few of the rows are shown, pages hold all of them once, in order.
    @Test(arguments: [1, 2, 9, 100, 1_001]) func theRowsThatAreShownAreFoundPageByPage(everyNth: Int64) throws {
        let ranking = Ranking((1...1_000).map { Ranking.Place(value: $0 % 7, id: $0) }, by: .minor, descending: true)
        let wanted = (1...1_000).filter { $0 % everyNth == 0 }.sorted { ($0 % 7, $0) > ($1 % 7, $1) } as [Int64]
        var found: [Int64] = [], place: ListPlace?
        repeat {
            let page = try #require(ranking.page(after: place, limit: 5) { Set($0.filter { $0 % everyNth == 0 }) })
            found += page.rows
            place = page.next
        } while place != nil
        #expect(found == wanted)
    }

    /// Many names begin so: then the first of the ranking are asked for theirs.
    @Test(arguments: Engine.available) func whoOwesMostAmongManyOfAName(engine: Engine) async throws {
        let shop = try await Shop.open(engine), entity = shop.entity
        let profiles = (0..<2_100).map {
            CustomerProfile(number: "K\(10_000 + $0)", name: $0 % 20 == 0 ? "Mill \($0)" : "Shop \($0)", country: "GB", currency: .gbp)
        }
        let items = profiles.enumerated().map { at, profile in
            OpeningItem(
                number: "O-\(at)", customerNumber: profile.number, issuedOn: "2026-01-05", dueOn: "2026-02-05",
                open: Money(minor: Int64(100 + at * 7_919 % 2_100), .gbp))
        }
        try await shop.run { tx, now in
            _ = try SaveCustomers(entity, profiles).run(in: tx, at: now)
            _ = try ImportOpenItems(entity, items).run(in: tx, at: now)
        }
        for (prefix, count) in [("", 2_100), ("k", 0), ("SHOP", 1_995), ("mill", 105), ("shop 7", 106)] {
            let wanted = zip(profiles, items).filter { prefix.isEmpty || $0.0.name.lowercased().hasPrefix(prefix.lowercased()) }
                .sorted { $0.1.open.minor > $1.1.open.minor }.map(\.0.number)
            #expect(wanted.count == count)
            let found = try await shop.database.read { tx in
                var found: [String] = [], place: ListPlace?
                let ranking = try #require(try CustomerList(entity, on: "2026-03-01", .owed).wholeRanking(in: tx))
                repeat {
                    let page = try CustomerList(entity, on: "2026-03-01", .owed, prefix: prefix, after: place, limit: 400)
                        .page(in: tx, by: ranking)
                    found += page.rows.map(\.number)
                    place = page.next
                } while place != nil
                return found
            }
            #expect(found == wanted, "\(prefix)")
        }
    }
}
