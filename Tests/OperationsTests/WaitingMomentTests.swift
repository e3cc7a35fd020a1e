import Domain
import Store
import TestSupport
import Testing

@testable import Operations

/// What waits for a person on any day by any knowledge: the queue, its count, the list of receipts and the figures of the day tell one
/// number, which is counted again here from the facts.
@Suite struct WaitingMomentTests {
    private static let cases: [(engine: Engine, seed: UInt64)] = Engine.available.flatMap { engine in
        (101...(engine == .sqlite ? 112 : 103)).map { (engine, UInt64($0)) }
    }

    /// The facts about one receipt.
    private struct Told {
        var id: Int64 = 0
        var bookedOn: Day = "2026-01-01"
        var amount = Money.zero(.gbp)
        /// Questions and applications in their order; a question of nothing ends the waiting.
        var decided: [(id: Int64, on: Day, isQuestion: Bool, waits: Bool)] = []
        var returned: [(id: Int64, on: Day)] = []

        func waits(_ asOf: Day, _ horizon: Int64) -> Bool {
            guard bookedOn <= asOf, id <= horizon, !returned.contains(where: { $0.id <= horizon && $0.on <= asOf }) else { return false }
            let known = decided.enumerated().filter { at, one in
                one.id <= horizon && (one.on <= asOf || at == 0 && one.isQuestion)
            }
            return known.last?.element.waits ?? false
        }
        func isUndecided(_ asOf: Day, _ horizon: Int64) -> Bool {
            bookedOn <= asOf && id <= horizon && !decided.contains { $0.id <= horizon }
                && !returned.contains { $0.id <= horizon && $0.on <= asOf }
        }
    }

    private func told(_ shop: Shop) async throws -> [Told] {
        try await shop.database.read { tx in
            var told: [Int64: Told] = [:], ids: [String: Int64] = [:]
            try tx.forEach("SELECT id, external_id, booked_on, amount_minor, currency FROM receipt WHERE entity_id = 1") { row in
                told[row.integer(0)] = Told(id: row.integer(0), bookedOn: row.day(2), amount: row.money(3, row.currency(4)))
                ids[row.text(1)] = row.integer(0)
            }
            try tx.forEach(
                """
                SELECT receipt_id, id, asked_on, 1, CASE WHEN reason = '' THEN 0 ELSE 1 END FROM receipt_question WHERE entity_id = 1
                UNION ALL SELECT receipt_id, id, applied_on, 0, 0 FROM application WHERE entity_id = 1 ORDER BY 2
                """
            ) { row in
                told[row.integer(0)]?.decided.append((row.integer(1), row.day(2), row.integer(3) == 1, row.integer(4) == 1))
            }
            try tx.forEach("SELECT number, id, effective_on FROM open_item WHERE entity_id = 1 AND kind = 'return'") { row in
                if let id = ids[row.text(0)] { told[id]?.returned.append((row.integer(1), row.day(2))) }
            }
            return told.values.sorted { $0.id < $1.id }
        }
    }

    private struct Read: Equatable {
        var queue: Set<Int64> = []
        var listed: Set<Int64> = []
        var counts: [Int] = []
        var sums: [TodayFigures.Waiting] = []
    }

    private func read(_ shop: Shop, _ moment: ReportMoment?, on day: Day) async throws -> Read {
        try await shop.database.read { tx in
            var read = Read()
            for filter in CashQueue.Filter.allCases {
                let queue = CashQueue(shop.entity, on: day, filter, limit: 10_000, at: moment), lines = try queue.page(in: tx).rows
                read.queue.formUnion(lines.map(\.receipt.value))
                read.counts.append(try queue.count(in: tx))
                #expect(read.counts.last == lines.count)
            }
            read.listed = Set(try ReceiptList(shop.entity, .unapplied, limit: 10_000, at: moment).page(in: tx).rows.map(\.id.value))
            read.sums = try TodayFigures.read(moment ?? ReportMoment(shop.entity, asOf: day), isNow: moment == nil, in: tx).receipts
            return read
        }
    }

    private func expected(_ told: [Told], _ asOf: Day, _ horizon: Int64) -> Read {
        let waiting = told.filter { $0.waits(asOf, horizon) }
        let sums = Dictionary(grouping: waiting) { $0.amount.currency }.map { currency, all in
            TodayFigures.Waiting(count: all.count, total: all.map(\.amount).total(in: currency))
        }.sorted { $0.total.currency.code < $1.total.currency.code }
        return Read(
            queue: Set(waiting.map(\.id)), listed: Set(told.filter { $0.waits(asOf, horizon) || $0.isUndecided(asOf, horizon) }.map(\.id)),
            counts: [waiting.count, 0, waiting.count], sums: sums)
    }

    @Test(arguments: cases) func theQueueAndTheFiguresOfTheDayAreOne(engine: Engine, seed: UInt64) async throws {
        let shop = try await Shop.open(engine)
        var diary = Diary(seed: seed), known: [Instant] = [], days: [Day] = []
        try await diary.begin(shop)
        for _ in 0..<60 {
            try await diary.step(shop)
            known.append(shop.now)
            days.append(diary.today)
        }
        try await shop.applyCash(on: diary.today)
        let told = try await told(shop), seals = try await shop.seals()
        var waited = 0
        for at in stride(from: 3, to: days.count, by: 7) {
            for instant in [nil] + stride(from: 9, to: known.count, by: 10).map({ known[$0] }) as [Instant?] {
                let asOf = days[at], moment = ReportMoment(shop.entity, asOf: asOf, knownAt: instant)
                let horizon = instant.map { now in seals.last { $0.at <= now }?.last ?? 0 } ?? .max
                let read = try await read(shop, moment, on: asOf)
                #expect(read == expected(told, asOf, horizon), "seed \(seed) as of \(asOf.iso8601), known at \(instant?.iso8601 ?? "now")")
                waited += read.queue.count
            }
        }
        #expect(waited > 0, "seed \(seed)")
        // The kept queue is the queue of the facts.
        let end: Day = "2099-12-31", now = try await self.read(shop, nil, on: end)
        #expect(try await self.read(shop, ReportMoment(shop.entity, asOf: end), on: end) == now, "seed \(seed)")
    }

    private func waiting(_ shop: Shop, asOf day: Day, knownAt: Instant? = nil) async throws -> Int {
        let read = try await read(shop, ReportMoment(shop.entity, asOf: day, knownAt: knownAt), on: day)
        #expect(read.sums.reduce(0) { $0 + $1.count } == read.queue.count)
        return read.queue.count
    }

    /// Amounts of receipts that the bank took back, as their list, their pages and their statements tell it.
    private func returned(_ shop: Shop, _ moment: ReportMoment?) async throws -> [Int64] {
        try await shop.database.read { tx in
            let lines = try ReceiptList(shop.entity, .all, .amount, at: moment).page(in: tx).rows
            for line in lines {
                #expect(try ReadReceipt(shop.entity, line.id, at: moment).run(in: tx)?.isReturned == line.isReturned)
            }
            let entries = try StatementList(shop.entity, at: moment).page(in: tx).rows.flatMap {
                try StatementView.read(shop.entity, $0.id, at: moment, in: tx)?.entries ?? []
            }
            let amounts = lines.filter(\.isReturned).map(\.amount.minor)
            #expect(entries.filter(\.isReturned).map(\.amount.minor).sorted(by: >) == amounts)
            return amounts
        }
    }

    /// Booked on the 20th, told by the bank and asked about on the 23rd, answered on the 26th.
    @Test(arguments: Engine.available) func aReceiptWaitsFromItsBookingOnceItIsKnown(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer")
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        let before = shop.now
        try await shop.statement("S1", [.credit(90_00, "see our letter", e2e: "E1", on: "2026-01-20", reference: "B1")])
        let recorded = shop.now
        try await shop.applyCash(on: "2026-01-23")
        let asked = shop.now
        try await shop.byHand(try #require(try await shop.receipts().first), of: "C1", [("INV-2026-000001", 90_00)], on: "2026-01-26")
        for (day, count) in [("2026-01-19", 0), ("2026-01-20", 1), ("2026-01-23", 1), ("2026-01-25", 1), ("2026-01-26", 0)]
            as [(Day, Int)]
        { #expect(try await waiting(shop, asOf: day) == count, "\(day.iso8601)") }
        #expect(try await waiting(shop, asOf: "2026-01-20", knownAt: before) == 0)
        #expect(try await waiting(shop, asOf: "2026-01-26", knownAt: recorded) == 0, "nobody was asked yet")
        #expect(try await waiting(shop, asOf: "2026-01-26", knownAt: asked) == 1)
    }

    /// What a run applies on the morning after its booking waited for nobody; what a person took back waits from then on; what the bank
    /// took back waits no more from the day it did.
    @Test(arguments: Engine.available) func whatWasTakenBackWaitsForThePersonOrForNobody(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer")
        let number = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        try await shop.statement("S1", [.credit(100_00, number, e2e: "E1", on: "2026-01-20", reference: "B1")])
        try await shop.applyCash(on: "2026-01-21")
        for day in ["2026-01-20", "2026-01-21"] as [Day] { #expect(try await waiting(shop, asOf: day) == 0) }
        try await shop.unapply(try #require(try await shop.receipts().first), on: "2026-01-24")
        #expect(try await waiting(shop, asOf: "2026-01-23") == 0)
        #expect(try await waiting(shop, asOf: "2026-01-24") == 1)
        try await shop.statement("S2", [.credit(40_00, "?", e2e: "E2", on: "2026-01-22", reference: "B2")])
        try await shop.applyCash(on: "2026-01-25")
        #expect(try await waiting(shop, asOf: "2026-01-26") == 2)
        let before = shop.now
        try await shop.statement("R", [.returned(40_00, e2e: "E2", on: "2026-01-26"), .returned(100_00, e2e: "E1", on: "2026-01-27")])
        #expect(try await waiting(shop, asOf: "2026-01-25") == 2)
        #expect(try await waiting(shop, asOf: "2026-01-26") == 1)
        #expect(try await waiting(shop, asOf: "2026-01-27") == 0)
        #expect(try await waiting(shop, asOf: "2026-01-27", knownAt: before) == 2)
        #expect(try await returned(shop, nil) == [100_00, 40_00])
        #expect(try await returned(shop, ReportMoment(shop.entity, asOf: "2026-01-26")) == [40_00])
        #expect(try await returned(shop, ReportMoment(shop.entity, asOf: "2026-01-27", knownAt: before)) == [])
        try await shop.proves()
    }
}
