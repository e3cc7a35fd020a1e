import Domain
import Store
import TestSupport
import Testing

@testable import Operations

/// What a list is narrowed down by is looked for in kept figures, which tell the same as a reading of every row.
@Suite struct ListFiguresTests {
    private struct Kept {
        var figures: [ListFigures.List: ListFigures] = [:]
        var settled: SettledDocuments?
        var states: ReceiptStates?
        var lastID: Int64 = 0
        func since<Value>(_ value: Value?) -> (value: Value, lastID: Int64)? { value.map { ($0, lastID) } }
    }

    /// By days, amounts and currencies, alone and together; nobody and everybody among them.
    private static let filters: [ListFilter] =
        [
            ListFilter.none, ListFilter(from: "2026-03-02"), ListFilter(through: "2026-03-02"),
            ListFilter(from: "2026-03-02", through: "2026-03-04"),
            ListFilter(from: "2030-01-01"), ListFilter(atLeastMinor: 50_00), ListFilter(atMostMinor: 0), ListFilter(currency: .eur),
            ListFilter(currency: .jpy), ListFilter(atLeastMinor: 20_00, atMostMinor: 200_00, currency: .gbp),
            ListFilter(from: "2026-03-01", through: "2026-03-03", atLeastMinor: 80_00, currency: .gbp),
        ]

    /// - Returns: The figures of now, by their lists.
    private func agreed(
        _ shop: Shop, _ kept: Kept, few: Int, _ step: String
    ) async throws -> Kept {
        try await shop.database.read { [entity = shop.entity] tx in
            var kept = kept
            let lastID = try #require(try tx.first("SELECT last_id FROM book WHERE entity_id = \(entity)") { $0.integer(0) })
            for list in [ListFigures.List.orders, .documents, .receipts, .entries] {
                kept.figures[list] = try ListFigures(list, entity, since: kept.since(kept.figures[list]), few: few, in: tx)
            }
            let settled = try SettledDocuments(entity, since: kept.since(kept.settled), in: tx)
            let states = try ReceiptStates(entity, since: kept.since(kept.states), in: tx)
            (kept.settled, kept.states, kept.lastID) = (settled, states, lastID)
            #expect(try settled.ids == SettledDocuments(entity, in: tx).ids, "\(step): settled documents")
            let documents = try #require(kept.figures[.documents])
            for filter in Self.filters {
                for reversed in [false, true] {
                    try orders(entity, filter, reversed, kept.figures[.orders], step, in: tx)
                    try self.documents(entity, filter, reversed, documents, settled, step, in: tx)
                    try receipts(entity, filter, reversed, try #require(kept.figures[.receipts]), states, step, in: tx)
                }
                for account in [nil, "1200", "4000"] {
                    for moment in try moments(entity, step, in: tx) {
                        func list(_ after: ListPlace?) -> JournalList {
                            JournalList(entity, where: filter, after: after, limit: 2, account: account, at: moment)
                        }
                        let all = try whole { try list($0).page(in: tx) }
                        let shown = try whole { try list($0).page(in: tx, among: kept.figures[.entries]) }
                        #expect(shown.map(\.id) == all.map(\.id), "\(step): entries of \(filter), \(account ?? "every account")")
                    }
                }
            }
            return kept
        }
    }

    /// Former moments are as many readings again.
    private static let stepsOfMoments = ["one is paid, one ordered", "the bank takes one back"]

    /// Now, a former day, and what was known when a few things were recorded.
    private func moments(_ entity: ID<Entity>, _ step: String, in tx: any Transaction) throws -> [ReportMoment?] {
        guard Self.stepsOfMoments.contains(step) else { return [nil] }
        let known = try tx.first("SELECT recorded_at FROM seal WHERE entity_id = \(entity) ORDER BY last_id LIMIT 1 OFFSET 6") {
            Instant(microseconds: $0.integer(0))
        }
        return [nil, ReportMoment(entity, asOf: "2026-03-02"), ReportMoment(entity, asOf: "2026-05-10", knownAt: try #require(known))]
    }

    private func orders(
        _ entity: ID<Entity>, _ filter: ListFilter, _ reversed: Bool, _ figures: ListFigures?, _ step: String, in tx: any Transaction
    ) throws {
        for order in [nil, .date, .amount] as [OrderList.Order?] {
            for state in [OrderList.Filter.all, .billed, .held] {
                func list(_ after: ListPlace?) -> OrderList {
                    OrderList(entity, state, order, reversed: reversed, where: filter, after: after, limit: 2)
                }
                let all = try whole { try list($0).page(in: tx) }, shown = try whole { try list($0).page(in: tx, among: figures) }
                #expect(shown.map(\.number) == all.map(\.number), "\(step): \(state) orders of \(filter)")
                guard list(nil).rankingName != nil else { continue }
                let ranking = try list(nil).ranking(since: nil, in: tx), ranked = try whole { try list($0).page(in: tx, by: ranking) }
                #expect(ranked.map(\.number) == all.map(\.number), "\(step): \(state) orders by \(order?.rawValue ?? "")")
            }
        }
    }

    private func documents(
        _ entity: ID<Entity>, _ filter: ListFilter, _ reversed: Bool, _ all: ListFigures, _ settled: SettledDocuments, _ step: String,
        in tx: any Transaction
    ) throws {
        for state in DocumentList.Filter.allCases {
            let figures = state == .settled ? all.only(settled.ids) : all
            for order in DocumentList.orders(of: state) {
                for late in [nil, DaysLate("1-")] where late == nil || state == .open {
                    for moment in try moments(entity, step, in: tx) {
                        func list(_ after: ListPlace?) -> DocumentList {
                            DocumentList(
                                entity, on: "2026-05-10", state, order, reversed: reversed, where: filter, after: after, limit: 2,
                                late: late,
                                at: moment)
                        }
                        let every = try whole { try list($0).page(in: tx) }, then = try list(nil).rankingThen(in: tx)
                        let shown = try whole { try list($0).page(in: tx, by: then, among: moment == nil ? figures : all) }
                        #expect(shown.map(\.number) == every.map(\.number), "\(step): \(state) documents by \(order) of \(filter)")
                        #expect((then != nil) == (moment != nil && (state == .open || state == .overdue)))
                    }
                }
            }
        }
    }

    private func receipts(
        _ entity: ID<Entity>, _ filter: ListFilter, _ reversed: Bool, _ all: ListFigures, _ states: ReceiptStates, _ step: String,
        in tx: any Transaction
    ) throws {
        for order in [nil, .date, .amount] as [ReceiptList.Order?] {
            for state in ReceiptList.Filter.allCases {
                let one = state == .unapplied ? nil : ReceiptList.State(rawValue: state.rawValue)
                let figures = one.map { all.only(states.ids(of: $0)) } ?? all
                func list(_ after: ListPlace?) -> ReceiptList {
                    ReceiptList(entity, state, order, reversed: reversed, where: filter, after: after, limit: 2)
                }
                let all = try whole { try list($0).page(in: tx) }, shown = try whole { try list($0).page(in: tx, among: figures) }
                #expect(shown.map(\.id) == all.map(\.id), "\(step): \(state) receipts of \(filter)")
            }
        }
    }

    /// - Parameter few: So many rows are named: with none, pages of many are told from those of few.
    @Test(arguments: Engine.available, [0, 3, ListFigures.few]) func narrowedListsAreThoseOfEveryRow(engine: Engine, few: Int) async throws
    {
        let shop = try await Shop.desk(engine), entity = shop.entity
        var kept = try await agreed(shop, Kept(), few: few, "the first reading")
        for day in 0..<4 {
            _ = try await shop.invoice("C1", Int64(30_00 * (day + 1)), on: ("2026-03-01" as Day) + day, currency: day == 1 ? .eur : .gbp)
        }
        kept = try await agreed(shop, kept, few: few, "new documents")
        let taken = (0..<4).map {
            OpeningItem(
                number: "OLD-\($0)", customerNumber: "C9", issuedOn: ("2026-03-04" as Day) + -$0, dueOn: "2026-03-31",
                open: Money(minor: $0 == 2 ? -60_00 : 70_00, .gbp))
        }
        try await shop.run { tx, now in _ = try ImportOpenItems(entity, taken).run(in: tx, at: now) }
        kept = try await agreed(shop, kept, few: few, "items of a former system, the newest day first")
        try await shop.pays(70_00, "OLD-0", from: "Mills", e2e: "E3", on: "2026-03-04")
        try await shop.order("SO-NEW", "C1", net: 11_00, on: "2026-03-05")
        kept = try await agreed(shop, kept, few: few, "one is paid, one ordered")
        let receipt = try #require(try await shop.receipts().last)
        try await shop.byHand(receipt, of: "C9", [("OLD-0", 70_00)], on: "2026-03-05")
        kept = try await agreed(shop, kept, few: few, "a person's word settles it")
        try await shop.unapply(receipt, on: "2026-03-06")
        kept = try await agreed(shop, kept, few: few, "it is taken back")
        for (id, minor) in [("T1", 30_00), ("T2", 45_00), ("T3", 12_00)] {
            try await shop.receive(id, Int64(minor), "?", from: "C1", on: "2026-03-06")
        }
        let aside = SetReceiptAside(entity, method: "till", externalID: "T2", reason: "not ours", on: "2026-03-07")
        try await shop.run { try aside.run(in: $0, at: $1) }
        try await shop.byHand("T3", method: "till", of: "C1", [("INV-2026-000003", 12_00)], on: "2026-03-07")
        kept = try await agreed(shop, kept, few: few, "one is set aside, one applied")
        try await shop.statement("R1", [BankEntry.returned(70_00, e2e: "E3", on: "2026-03-08")])
        kept = try await agreed(shop, kept, few: few, "the bank takes one back")
        try await shop.unapply("T2", method: "till", on: "2026-03-09")
        kept = try await agreed(shop, kept, few: few, "it is ours after all")
        let found = ReceiptList.State.allCases.filter { kept.states?.ids(of: $0).isEmpty == false }
        #expect(Set(found).isSuperset(of: [.applied, .returned]))
    }

    /// Each state of an order has an index of its own, by month where it is settled.
    @Test(arguments: Engine.available) func aCustomersOrdersAreThoseOfEveryStateAndMonth(engine: Engine) async throws {
        let shop = try await Shop.open(engine), entity = shop.entity
        for customer in ["C1", "C2"] {
            for month in ["2024-12", "2025-01", "2026-02"] {
                try await shop.order("\(customer)-\(month)", customer, net: 10_00, on: #require(Day(month + "-05")))
            }
            try await shop.order("\(customer)-FREE", customer, [item("SAMPLE", 1, at: 0)], on: "2025-06-05")
            try await shop.bill(on: "2026-02-06")
            try await shop.order("\(customer)-WAITS", customer, net: 10_00, on: "2026-02-07")
            try await shop.customer(customer, limit: 1)
            for order in ["HELD", "CANCELLED"] { try await shop.order("\(customer)-\(order)", customer, net: 10_00, on: "2026-02-07") }
            try await shop.decide(["\(customer)-CANCELLED"], .cancel, on: "2026-02-08")
        }
        try await shop.database.read { tx in
            let all = try OrderList(entity).page(in: tx).rows
            #expect(Set(all.map(\.state)) == ["billed", "no_charge", "confirmed", "held", "cancelled"])
            for order in [nil, .date, .amount] as [OrderList.Order?] {
                let every = try OrderList(entity, .all, order).page(in: tx).rows.filter { $0.customerNumber == "C1" }
                let own = try whole {
                    try OrderList(entity, .all, order, where: ListFilter(customer: "C1"), after: $0, limit: 2).page(in: tx)
                }
                #expect(own.count == 7 && own.map(\.number) == every.map(\.number))
            }
            let past = ReportMoment(entity, asOf: "2025-12-31")
            let then = try OrderList(entity, where: ListFilter(customer: "C1"), at: past).page(in: tx).rows
            #expect(then.map(\.number) == ["C1-FREE", "C1-2025-01", "C1-2024-12"])
        }
    }
}
