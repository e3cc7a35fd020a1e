import Domain
import Operations
import Store
import TestSupport
import Testing

/// Reports for any day as known at any instant, against books counted again from raw postings and allocations.
@Suite struct BitemporalTests {
    /// A diary whose later entries speak of earlier days; gives the instants after each of its steps.
    private func diary(_ shop: Shop) async throws -> [Instant] {
        var known: [Instant] = []
        func remember() { known.append(shop.now) }
        try await shop.customer("C1", "Meyer GmbH", policy: .oldestFirst, ibans: ["DE02120300000000202051"])
        try await shop.customer("C2", "Smith Ltd")
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        remember()
        _ = try await shop.invoice("C2", 80_00, on: "2026-01-12")
        _ = try await shop.invoice("C2", 33_00, on: "2026-01-12", currency: .eur)
        remember()
        try await shop.pays(40_00, "INV-2026-000001", iban: "DE02120300000000202051", on: "2026-01-20")
        remember()
        try await shop.pays(70_00, "who is this", e2e: "E7", on: "2026-01-22")
        remember()
        // Taken over late, effective long before.
        let old = [
            OpeningItem(
                number: "OLD-1", customerNumber: "C1", issuedOn: "2025-11-01", dueOn: "2025-12-01", open: Money(minor: 500_00, .gbp)),
            OpeningItem(
                number: "OLD-2", customerNumber: "C2", issuedOn: "2025-12-20", dueOn: "2025-12-20", open: Money(minor: -20_00, .gbp)),
        ]
        try await shop.run { _ = try ImportOpenItems(shop.entity, old).run(in: $0, at: $1) }
        remember()
        // A statement of the week before arrives now.
        try await shop.pays(80_00, "INV-2026-000002", from: "Smith", e2e: "E8", on: "2026-01-15")
        remember()
        _ = try await shop.invoice("C1", 60_00, on: "2026-02-10")
        try await shop.pays(555_00, iban: "DE02120300000000202051", on: "2026-02-12")
        remember()
        try await shop.statement("R", [.returned(80_00, e2e: "E8", on: "2026-02-03"), .returned(70_00, e2e: "E7", on: "2026-02-14")])
        remember()
        // Money of a day to come.
        try await shop.receive("T9", 12_00, from: "C2", on: "2026-04-01")
        remember()
        return known
    }

    @Test(arguments: Engine.available) func agingIsTheControlAccountForEveryDayAndKnowledge(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let known = try await diary(shop)
        try await shop.proves()
        let recount = try await shop.recount()
        let seals = try await shop.seals()
        let days: [Day] = recount.days.compactMap { Day($0) }.flatMap { [$0 + -1, $0] } + ["2026-12-31"]
        let instants: [Instant?] = known + [nil]
        var compared = 0
        for asOf in days {
            for instant in instants {
                let through = instant.map { now in seals.last { $0.at <= now }?.last ?? 0 } ?? .max
                let expected = recount.aging(asOf: asOf.iso8601, through: through)
                let rows = try await shop.aging(asOf: asOf, knownAt: instant)
                #expect(rows == expected, "as of \(asOf.iso8601) known at \(instant?.iso8601 ?? "now")")
                let control = recount.control(asOf: asOf.iso8601, through: through)
                #expect(rows.mapValues { $0.total.minor }.filter { $0.value != 0 } == control, "as of \(asOf.iso8601)")
                #expect(try await controlOfTheTrialBalance(shop, asOf, instant) == control, "as of \(asOf.iso8601)")
                compared += 1
            }
        }
        #expect(compared > 200)
    }

    private func controlOfTheTrialBalance(_ shop: Shop, _ asOf: Day, _ knownAt: Instant?) async throws -> [String: Int64] {
        let report = TrialBalanceReport(ReportMoment(shop.entity, asOf: asOf, knownAt: knownAt))
        let lines = try await shop.database.read { try report.lines(in: $0) }
        #expect(lines.reduce(0) { $0 + $1.balance.minor } == 0)
        var sums: [String: Int64] = [:]
        for line in lines where line.account == "1200" || line.account == "1290" {
            sums[line.balance.currency.code, default: 0] += line.balance.minor
        }
        return sums.filter { $0.value != 0 }
    }

    /// The kept sums and the facts answer alike: knowing everything until the end of time is knowing everything.
    @Test(arguments: Engine.available) func theKeptSumsAnswerLikeTheFacts(engine: Engine) async throws {
        let shop = try await Shop.open(engine), end = Instant(microseconds: 253_402_300_799_000_000)
        _ = try await diary(shop)
        for asOf in ["2026-02-13", "2026-04-01", "2026-06-30", "9999-12-31"] as [Day] {
            #expect(try await shop.aging(asOf: asOf) == shop.aging(asOf: asOf, knownAt: end), "\(asOf.iso8601)")
            let now = AgingReport(ReportMoment(shop.entity, asOf: asOf)),
                general = AgingReport(ReportMoment(shop.entity, asOf: asOf, knownAt: end))
            let lines = try await shop.database.read { tx in
                (try now.lines(in: tx).map { "\($0.number) \($0.row)" }, try general.lines(in: tx).map { "\($0.number) \($0.row)" })
            }
            #expect(lines.0 == lines.1)
            let balances = try await shop.database.read { tx in
                (
                    try TrialBalanceReport(ReportMoment(shop.entity, asOf: asOf)).lines(in: tx),
                    try TrialBalanceReport(ReportMoment(shop.entity, asOf: asOf, knownAt: end)).lines(in: tx)
                )
            }
            #expect(balances.0 == balances.1)
        }
    }

    /// The lines by customer add up to the totals, for days in the past too.
    @Test(arguments: Engine.available) func theLinesAddUpToTheTotals(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let known = try await diary(shop)
        for asOf in ["2026-01-14", "2026-01-31", "2026-05-01"] as [Day] {
            for instant in [nil, known[3], known[6]] {
                let report = AgingReport(ReportMoment(shop.entity, asOf: asOf, knownAt: instant))
                let lines = try await shop.database.read { try report.lines(in: $0) }
                var sums: [String: AgingRow] = [:]
                for line in lines { sums[line.row.currency.code, default: AgingRow(asOf: asOf, in: line.row.currency)].add(line.row) }
                // Lines say what is owed, not by how many items.
                let totals = try await shop.aging(asOf: asOf, knownAt: instant)
                #expect(totals.mapValues { $0.amounts + [$0.credits] } == sums.mapValues { $0.amounts + [$0.credits] })
            }
        }
    }

    /// What was known then stays known then, whatever comes later.
    @Test(arguments: Engine.available) func yesterdaysReportNeverChanges(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        let then = shop.now
        let before = try await shop.aging(asOf: "2026-01-31", knownAt: then)
        _ = shop.tick(seconds: 3600)
        try await shop.pays(100_00, "INV-2026-000001", on: "2026-01-10")
        _ = try await shop.invoice("C1", 7_00, on: "2026-01-20")
        #expect(try await shop.aging(asOf: "2026-01-31", knownAt: then) == before)
        #expect(try await shop.aging(asOf: "2026-01-31")["GBP"]?.total.minor == 7_00)
        #expect(try await shop.aging(asOf: "2026-01-09")["GBP"]?.total.minor == 100_00)
        #expect(try await shop.aging(asOf: "2026-01-31", knownAt: Instant(microseconds: 1)) == [:])
    }

    /// Open items and statements of account, read for a day in the past.
    @Test(arguments: Engine.available) func theOtherReportsAgreeWithTheAging(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let known = try await diary(shop)
        for asOf in ["2026-01-14", "2026-02-13", "2026-05-01"] as [Day] {
            for instant in [nil, known[5]] {
                let moment = ReportMoment(shop.entity, asOf: asOf, knownAt: instant)
                let aging = try await shop.aging(asOf: asOf, knownAt: instant).mapValues(\.total)
                let items = try await shop.database.read { try OpenItemsReport(moment).table(in: $0) }
                let open = try #require(items.columns.firstIndex { $0.name == "open" })
                #expect(Set(items.totals.map { $0[open] }) == Set(aging.values.map { ReportTable.Cell.money($0) }))
                let (account, line) = try await shop.database.read { tx in
                    (try AccountStatementReport(moment, customerNumber: "C1").table(in: tx), try AgingReport(moment).lines(in: tx))
                }
                let total = line.first { $0.number == "C1" && $0.row.currency == .gbp }?.row.total
                let balance = account.totals.first { $0.contains(.text("GBP")) }?.last
                #expect(balance == total.map { .money($0) } || total == nil && balance == .money(.zero(.gbp)))
            }
        }
    }
}

extension ReportTable.Cell: Hashable {
    public func hash(into hasher: inout Hasher) { hasher.combine("\(self)") }
}

extension Shop {
    /// Last id and instant of each seal, in order.
    func seals() async throws -> [(last: Int64, at: Instant)] {
        try await database.read { tx in
            try tx.rows("SELECT last_id, recorded_at FROM seal WHERE entity_id = 1 ORDER BY last_id") {
                ($0.integer(0), Instant(microseconds: $0.integer(1)))
            }
        }
    }
}
