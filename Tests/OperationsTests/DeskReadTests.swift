import Domain
import Store
import TestSupport
import Testing

@testable import Operations

/// A list read to its end, page by page.
func whole<Line>(_ page: (ListPlace?) throws -> ListPage<Line>) throws -> [Line] {
    var lines: [Line] = [], after: ListPlace?
    repeat {
        let found = try page(after)
        lines += found.rows
        after = found.next.flatMap { ListPlace($0.text) }
    } while after != nil && lines.count < 100
    return lines
}

extension Shop {
    /// Meyer owes an invoice that is late and one that is not, Smith one that is late; two receipts wait, one order is held.
    static func desk(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", email: "ap@meyer.example")
        try await shop.customer("C2", "Smith Ltd", limit: 90_00)
        for (customer, gross, day) in [("C1", 100_00, "2026-01-05"), ("C2", 80_00, "2026-01-06"), ("C1", 60_00, "2026-03-01")]
            as [(String, Int64, Day)]
        {
            _ = try await shop.invoice(customer, gross, on: day)
        }
        try await shop.order("HELD-1", "C2", net: 500_00, on: "2026-03-02")
        try await shop.pays(40_00, "Meyer, see letter", from: "Meyer", e2e: "E1", on: "2026-03-03")
        try await shop.pays(120_00, "see our letter", from: "Unknown 100% Ltd", e2e: "E2", on: "2026-03-03")
        return shop
    }
}

/// What the desk's pages read: whole lists page by page, and figures that agree with the reports.
@Suite struct DeskReadTests {
    @Test(arguments: Engine.available, [1, 2, 7]) func aListIsWholePageByPage(engine: Engine, limit: Int) async throws {
        let shop = try await Shop.open(engine), names = ["Zander", "müller", "Abel", "abel", "O'Neill", "Abel"]
        for (at, name) in names.enumerated() { try await shop.customer("K\(at)", name) }
        for order in CustomerList.Order.allCases {
            var seen: [String] = [], after: ListPlace?, pages = 0
            repeat {
                let place = after
                let page = try await shop.database.read {
                    try CustomerList(shop.entity, on: "2026-01-01", order, after: place.flatMap { ListPlace($0.text) }, limit: limit).page(
                        in: $0)
                }
                #expect(page.rows.count <= limit)
                seen += page.rows.map(\.number)
                after = page.next
                pages += 1
            } while after != nil && pages < 20
            #expect(Set(seen).count == names.count && seen.count == names.count, "\(order): \(seen)")
        }
    }

    @Test(arguments: Engine.available, [false, true]) func aListIsSortedBothWaysPageByPage(engine: Engine, reversed: Bool) async throws {
        let shop = try await Shop.desk(engine), day: Day = "2026-03-10"
        try await shop.customer("C3", "Owes nothing")
        try await shop.pays(75_00, "no word", from: "Third", e2e: "E3", on: "2026-03-01")
        try await shop.database.read { tx in
            func turned<Value>(_ values: [Value]) -> [Value] { reversed ? values.reversed() : values }
            for (filter, order, amounts) in [
                (.all, .amount, [120_00, 75_00, 40_00]), (.unapplied, .amount, [120_00, 75_00, 40_00]),
                (.all, .date, [120_00, 40_00, 75_00]), (.unapplied, .date, [120_00, 40_00, 75_00]),
            ] as [(ReceiptList.Filter, ReceiptList.Order, [Int64])] {
                let found = try whole {
                    try ReceiptList(shop.entity, filter, order, reversed: reversed, after: $0, limit: 2).page(in: tx)
                }
                #expect(found.map(\.amount.minor) == turned(amounts), "\(filter) by \(order)")
            }
            let orders = try whole { try OrderList(shop.entity, .all, .amount, reversed: reversed, after: $0, limit: 3).page(in: tx) }
            #expect(orders.count == 4 && orders.map(\.gross.minor) == turned(orders.map(\.gross.minor).sorted(by: >)))
            let dates = try whole { try OrderList(shop.entity, .all, .date, reversed: reversed, after: $0, limit: 3).page(in: tx) }
            #expect(dates.map(\.orderedOn) == turned(["2026-03-02", "2026-03-01", "2026-01-06", "2026-01-05"] as [Day]))
            #expect(try OrderList(shop.entity, .held, .date, reversed: reversed).page(in: tx).rows.map(\.number) == ["HELD-1"])
            for order in [CustomerList.Order.owed, .overdue] {
                let found = try whole {
                    try CustomerList(shop.entity, on: day, order, reversed: reversed, after: $0, limit: 1).page(in: tx)
                }
                #expect(found.map(\.number) == turned(["C1", "C2", "C3"]), "\(order)")
            }
            for order in CollectionsWorklist.Order.allCases {
                let ranks = try CollectionsWorklist(shop.entity, on: day).ranks(order, reversed: reversed, in: tx)
                #expect(ranks.map(\.number) == turned(["C1", "C2"]), "\(order)")
            }
            let documents = try whole {
                try DocumentList(shop.entity, on: day, .open, .due, reversed: reversed, after: $0, limit: 2).page(in: tx)
            }
            #expect(documents.map(\.number) == turned(["INV-2026-000001", "INV-2026-000002", "INV-2026-000003"]))
        }
    }

    @Test(arguments: Engine.available) func aPrefixNarrowsTheList(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        let found = try await shop.database.read { tx in
            (
                try CustomerList(shop.entity, on: "2026-03-10", prefix: "MEY").page(in: tx).rows,
                try CustomerList(shop.entity, on: "2026-03-10", .number, prefix: "C2").page(in: tx).rows
            )
        }
        #expect(found.0.map(\.number) == ["C1"] && found.1.map(\.number) == ["C2"])
        #expect(found.0[0].balances.map(\.owed.minor) == [160_00])
        #expect(found.0[0].balances.map(\.overdue.minor) == [100_00])
        #expect(found.1[0].creditLimit?.minor == 90_00)
    }

    @Test(arguments: Engine.available) func theQueueShowsTheLargestFirstWithItsCandidates(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        let lines = try await shop.database.read { try CashQueue(shop.entity, on: "2026-03-10").page(in: $0).rows }
        #expect(lines.map(\.amount.minor) == [120_00, 40_00])
        let views = try await shop.database.read { tx in try lines.compactMap { try ReadReceipt(shop.entity, $0.receipt).run(in: tx) } }
        #expect(views.map(\.unapplied.minor) == [120_00, 40_00])
        #expect(views.allSatisfy { $0.queueReason != nil && $0.applications.isEmpty })
        for view in views {
            for candidate in view.candidates { #expect(candidate.items.allSatisfy { $0.proposed <= $0.open && $0.open.minor > 0 }) }
        }
    }

    @Test(arguments: Engine.available) func aReceiptTellsWhatItSettledAndWhy(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        try await shop.pays(80_00, "INV-2026-000002", from: "Smith", e2e: "E3", on: "2026-03-04")
        let view = try await shop.database.read { tx in
            let newest = try ReceiptList(shop.entity).page(in: tx).rows[0]
            #expect(newest.rule != nil && !newest.isWaiting)
            return try ReadReceipt(shop.entity, newest.id).run(in: tx)
        }
        let receipt = try #require(view)
        #expect(receipt.customerNumber == "C2")
        #expect(receipt.unapplied.minor == 0)
        #expect(receipt.settlements.map(\.document) == ["INV-2026-000002"])
        #expect(receipt.settlements.map(\.amount.minor) == [80_00])
        #expect(receipt.applications.count == 1 && !receipt.applications[0].explanation.isEmpty)
        let document = try await shop.database.read {
            try ReadDocument(shop.entity, number: "INV-2026-000002", on: "2026-03-05").run(in: $0)
        }
        #expect(document?.settlements.map(\.amount.minor) == [80_00])
        #expect(document?.settlements.first?.receipt == receipt.id)
        #expect(document?.document.open.minor == 0)
    }

    @Test(arguments: Engine.available) func oneThingLeadsToTheNext(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        try await shop.pays(80_00, "INV-2026-000002", from: "Smith", e2e: "E3", on: "2026-03-04")
        try await shop.database.read { tx in
            let document = try ReadDocument(shop.entity, number: "INV-2026-000002", on: "2026-03-05").run(in: tx)
            let order = try #require(document?.orders.first)
            #expect(document?.orders.count == 1 && document?.orderNumber == order.number)
            #expect(try OrderView.read(shop.entity, order.id, in: tx)?.order.documentNumber == "INV-2026-000002")
            let newest = try ReceiptList(shop.entity).page(in: tx).rows[0]
            let statement = try #require(try ReadReceipt(shop.entity, newest.id).run(in: tx)?.statement)
            #expect(try StatementView.read(shop.entity, statement.id, in: tx)?.entries.map(\.receipt) == [newest.id])
            let customer = try ReadCustomer(ReportMoment(shop.entity, asOf: "2026-03-10"), number: "C2").run(in: tx)
            let named = customer?.documents.compactMap(\.receipt) ?? []
            #expect(named.map(\.id) == [newest.id] && named.map(\.payer) == ["Smith"])
            #expect(try OrderList(shop.entity, .held, where: ListFilter(customer: "C2")).page(in: tx).rows.map(\.number) == ["HELD-1"])
            #expect(try OrderList(shop.entity, .held, where: ListFilter(customer: "C1")).page(in: tx).rows.isEmpty)
        }
    }

    @Test(arguments: Engine.available) func theJournalOfAnAccountIsWholeEntriesThatTouchIt(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        try await shop.database.read { tx in
            let all = try JournalList(shop.entity).page(in: tx).rows
            for account in ["1000", "1200", "1290", "4000", "9999"] {
                let own = try JournalList(shop.entity, account: account).page(in: tx).rows
                let wanted = all.filter { $0.postings.contains { $0.account == account } }
                #expect(own.map(\.id) == wanted.map(\.id) && own.map(\.postings.count) == wanted.map(\.postings.count), "\(account)")
            }
            let moment = ReportMoment(shop.entity, asOf: "2026-01-31")
            #expect(try JournalList(shop.entity, account: "1200", at: moment).page(in: tx).rows.map(\.kind) == ["invoice", "invoice"])
        }
    }

    @Test(arguments: Engine.available) func theLargestDocumentsComeFirstPageByPage(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        let taken = OpeningItem(
            number: "OLD-1", customerNumber: "C2", issuedOn: "2025-12-01", dueOn: "2025-12-31", open: Money(minor: 90_00, .gbp))
        try await shop.run { [entity = shop.entity] tx, now in _ = try ImportOpenItems(entity, [taken]).run(in: tx, at: now) }
        let pages = try await shop.database.read { tx in
            var pages: [[String]] = [], after: ListPlace?
            repeat {
                let page = try DocumentList(shop.entity, on: "2026-03-10", .all, .largest, after: after, limit: 2).page(in: tx)
                pages.append(page.rows.map { "\($0.number) \($0.gross.minor)" })
                after = page.next
            } while after != nil
            return pages
        }
        let all = try await shop.database.read { try DocumentList(shop.entity, on: "2026-03-10").page(in: $0).rows }
        #expect(pages.flatMap(\.self) == all.sorted { $0.gross.minor > $1.gross.minor }.map { "\($0.number) \($0.gross.minor)" })
        #expect(all.count == 4 && pages.map(\.count) == [2, 2])
    }

    @Test(arguments: Engine.available) func overdueListsAndTheWorklistAgreeWithAging(engine: Engine) async throws {
        let shop = try await Shop.desk(engine), day: Day = "2026-03-10"
        let (documents, worklist, aging) = try await shop.database.read { tx in
            (
                try DocumentList(shop.entity, on: day, .overdue).page(in: tx).rows,
                try CollectionsWorklist(shop.entity, on: day).lines(in: tx),
                try AgingReport(ReportMoment(shop.entity, asOf: day)).totals(in: tx)
            )
        }
        #expect(documents.map(\.number) == ["INV-2026-000001", "INV-2026-000002"])
        #expect(worklist.map(\.number) == ["C1", "C2"])
        #expect(worklist.map(\.overdue.minor) == [100_00, 80_00])
        #expect(aging.first?.overdue.minor == 180_00)
        let largest = try await shop.database.read { tx in
            let report = AgingReport(ReportMoment(shop.entity, asOf: day)), sums = try report.sums(by: .total, in: tx)
            #expect(sums.count == 3)
            return try report.lines(of: sums.prefix(1), in: tx)
        }
        #expect(largest.map(\.number) == ["C1"])
        #expect(worklist[0].oldestDueOn == "2026-02-04")
    }

    @Test(
        arguments: Engine.available,
        [
            ("0", ["INV-2026-000003"]), ("1-30", []), ("1-33", ["INV-2026-000002"]), ("34-60", ["INV-2026-000001"]),
            ("33-", ["INV-2026-000001", "INV-2026-000002"]), ("91-", []),
        ] as [(String, [String])])
    func documentsAreListedByTheDaysOfAging(engine: Engine, wanted: (late: String, numbers: [String])) async throws {
        let shop = try await Shop.desk(engine), day: Day = "2026-03-10", late = try #require(DaysLate(wanted.late))
        let found = try await shop.database.read { tx in
            func numbers(_ currency: Currency, at moment: ReportMoment?) throws -> [String] {
                try DocumentList(shop.entity, on: day, .open, where: ListFilter(currency: currency), late: late, at: moment).page(in: tx)
                    .rows.map(\.number)
            }
            return [
                try numbers(.gbp, at: nil), try numbers(.gbp, at: ReportMoment(shop.entity, asOf: day)), try numbers(.jpy, at: nil),
            ]
        }
        #expect(found == [wanted.numbers, wanted.numbers, []])
    }

    @Test func daysLateAreReadAsAgingCountsThem() {
        let buckets = AgingBuckets.standard
        #expect((0..<buckets.count).map { DaysLate(bucket: $0, of: buckets).text } == ["0", "1-30", "31-60", "61-90", "91-"])
        for text in ["0", "7", "1-30", "91-"] { #expect(DaysLate(text)?.text == text) }
        for text in ["", "-", "-5", "0-30", "30-1", "1-2-3", "x", "1-99999999999"] { #expect(DaysLate(text) == nil, "\(text)") }
    }

    @Test(arguments: Engine.available) func aDisputeShowsOnTheDocumentTheCustomerAndTheWorklist(engine: Engine) async throws {
        let shop = try await Shop.desk(engine), day: Day = "2026-03-10"
        try await shop.apart("INV-2026-000001", .dispute, on: "2026-03-05")
        try await shop.database.read { tx in
            let document = try ReadDocument(shop.entity, number: "INV-2026-000001", on: day).run(in: tx)
            #expect(document?.document.slices.map(\.slice.kind) == [.dispute])
            #expect(try DocumentList(shop.entity, on: day, .overdue).page(in: tx).rows.map(\.slices.count) == [1, 0])
            #expect(try CollectionsWorklist(shop.entity, on: day).lines(in: tx).map(\.standing.disputed.minor) == [100_00, 0])
            let customer = try ReadCustomer(ReportMoment(shop.entity, asOf: day), number: "C1").run(in: tx)
            #expect(customer?.openItems.map(\.slices.count) == [1, 0])
            // Before the dispute began nothing was held.
            #expect(try DocumentList(shop.entity, on: "2026-03-04", .open).page(in: tx).rows.allSatisfy { $0.slices.isEmpty })
        }
    }

    @Test(arguments: Engine.available) func aCustomerIsReadAsOfADayAsKnownAtAnInstant(engine: Engine) async throws {
        let shop = try await Shop.desk(engine), known = shop.now
        try await shop.pays(100_00, "INV-2026-000001", from: "Meyer", e2e: "E4", on: "2026-03-04")
        let open = try await shop.database.read { tx in
            try [
                ReportMoment(shop.entity, asOf: "2026-03-10"), ReportMoment(shop.entity, asOf: "2026-03-10", knownAt: known),
                ReportMoment(shop.entity, asOf: "2026-02-10"),
            ].compactMap { try ReadCustomer($0, number: "C1").run(in: tx) }
        }
        let numbers = open.map { $0.openItems.map(\.number) }
        #expect(numbers == [["INV-2026-000003"], ["INV-2026-000001", "INV-2026-000003"], ["INV-2026-000001"]])
        #expect(open.map { $0.balances.map(\.owed.minor) } == [[60_00], [160_00], [100_00]])
        #expect(open.map { $0.balances.map(\.overdue.minor) } == [[0], [100_00], [100_00]])
        let documents = open.map { $0.documents.filter { $0.kind == "invoice" }.map { "\($0.number) \($0.open.minor)" } }
        #expect(
            documents == [
                ["INV-2026-000003 6000", "INV-2026-000001 0"], ["INV-2026-000003 6000", "INV-2026-000001 10000"],
                ["INV-2026-000001 10000"],
            ])
        #expect(open.map(\.behaviour.count) == [1, 0, 0])
        let none = try await shop.database.read {
            try ReadCustomer(ReportMoment(shop.entity, asOf: "2026-03-10"), number: "NOBODY").run(in: $0)
        }
        #expect(none == nil)
    }

    @Test(arguments: Engine.available) func periodFiguresFromKeptSumsEqualTheReport(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        for back in 0...60 {
            let day = "2026-03-10" as Day + -back
            let (kept, counted) = try await shop.database.read { tx in
                (
                    try ReceivablesPeriod.current(shop.entity, on: day, days: 30, in: tx),
                    try KeyFiguresReport(ReportMoment(shop.entity, asOf: day), days: 30).figures(in: tx).map(\.period)
                )
            }
            #expect(kept == counted && (back > 0 || !kept.isEmpty), "\(day.iso8601)")
        }
    }

    /// Tax that a write-off takes back is no sale taken back; a currency in which everything is paid has its figures too.
    @Test(arguments: Engine.available) func periodFiguresAreTheSameFromEitherSource(engine: Engine) async throws {
        let shop = try await Shop.open(engine), day: Day = "2026-03-10"
        for (order, customer, currency) in [("A1", "C1", Currency.gbp), ("A2", "C2", Currency.eur)] {
            try await shop.order(order, customer, net: 100_00, on: "2026-03-01", currency: currency)
            try await shop.bill(on: "2026-03-01")
        }
        let deduction = try await shop.apart("INV-2026-000001", .deduction, 12_00, code: .damage, on: "2026-03-05")
        try await shop.writeOff("INV-2026-000001", 12_00, slice: deduction, code: .damage, on: "2026-03-06")
        try await shop.receive("P1", 120_00, "INV-2026-000002", from: "C2", on: "2026-03-07", currency: .eur)
        let (kept, counted, table) = try await shop.database.read { tx in
            let report = KeyFiguresReport(ReportMoment(shop.entity, asOf: day), days: 30)
            return (
                try ReceivablesPeriod.current(shop.entity, on: day, days: 30, in: tx), try report.figures(in: tx).map(\.period),
                try report.table(in: tx)
            )
        }
        #expect(kept == counted)
        #expect(kept.map(\.closing) == [Money(minor: 0, .eur), Money(minor: 108_00, .gbp)])
        #expect(kept.map(\.creditSales.minor) == [120_00, 120_00])
        #expect(kept.map(\.dsoCentiDays) == [0, 27_00])
        #expect(kept.map { $0.ceiBasisPoints() } == [100_00, 100_00])
        #expect(table.rows.count == 24 && table.columns.last?.name == "reason")
    }

    /// Long after the last invoice the report says so in words, not in blanks.
    @Test(arguments: Engine.available) func aPeriodWithoutSalesSaysWhy(engine: Engine) async throws {
        let shop = try await Shop.desk(engine), report = KeyFiguresReport(ReportMoment(shop.entity, asOf: "2026-09-30"), days: 30)
        let rows = try await shop.database.read { try report.table(in: $0) }.rows.filter { $0[2] == .text("no sales") }
        #expect(rows.map { $0[0] } == [Figure.dso, .bpdso, .add].map { ReportTable.Cell.text($0.name) })
        #expect(rows.allSatisfy { $0[4] == .text("nothing was invoiced in the period, credit notes taken off") })
    }

    @Test(arguments: Engine.available) func aRecordedDayStaysAndASecondRecordingReplacesIt(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        for day in ["2026-03-09", "2026-03-10"] as [Day] {
            try await shop.run { try RecordFigures(shop.entity, on: day).run(in: $0, at: $1) }
        }
        try await shop.pays(100_00, "INV-2026-000001", from: "Meyer", e2e: "E4", on: "2026-03-10")
        try await shop.run { try RecordFigures(shop.entity, on: "2026-03-10").run(in: $0, at: $1) }
        let points = try await shop.database.read { try FigureHistory(shop.entity, through: "2026-03-31").points(in: $0)[.gbp] ?? [] }
        #expect(points.map(\.on) == ["2026-03-09", "2026-03-10"])
        #expect(points.map(\.period.closing.minor) == [80_00, -20_00])
    }

    @Test(arguments: Engine.available) func aReceiptTellsTheBanksReference(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        let entry = BankEntry.credit(5_00, on: "2026-03-04", reference: "BANK-REF-1")
        try await shop.statement("S9", [entry])
        try await shop.receive("TILL-1", 5_00, from: "C1", on: "2026-03-04")
        let ids = try await shop.database.read { tx in
            try tx.rows("SELECT id FROM receipt WHERE entity_id = 1 ORDER BY id DESC LIMIT 2") { $0.id(0) as ID<Receipt> }
        }
        let told = try await shop.database.read { tx in
            try ids.map { try ReadReceipt(shop.entity, $0).run(in: tx)?.bankReference }
        }
        #expect(told == [nil, "BANK-REF-1"])
    }

    /// A customer knows a payment by its own reference, never by our digest; so with what was booked with it.
    @Test(arguments: Engine.available) func aStatementOfAccountNamesNothingByADigest(engine: Engine) async throws {
        let shop = try await Shop.open(engine), iban = "DE02120300000000202051"
        try await shop.customer("C1", "Meyer GmbH", ibans: [iban])
        for _ in 0..<2 { _ = try await shop.invoice("C1", 100_00, on: "2026-01-05") }
        try await shop.pays(98_00, "INV-2026-000001", iban: iban, e2e: "PAY-7", on: "2026-02-04", tolerance: 5_00)
        try await shop.pays(100_00, "INV-2026-000002", iban: iban, on: "2026-02-05")
        let report = AccountStatementReport(ReportMoment(shop.entity, asOf: "2026-02-10"), customerNumber: "C1")
        let rows = try await shop.database.read { try report.table(in: $0) }.rows
        #expect(rows.map { $0[1] } == ["invoice", "invoice", "receipt", "adjustment", "receipt"].map { ReportTable.Cell.text($0) })
        #expect(rows.map { $0[2] } == ["INV-2026-000001", "INV-2026-000002", "PAY-7", "PAY-7", ""].map { ReportTable.Cell.text($0) })
    }

    @Test(arguments: Engine.available) func journalAndProofShowBalancedBooks(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        let (entries, proof) = try await shop.database.read {
            (try JournalList(shop.entity).page(in: $0).rows, try ProofView.read(shop.entity, in: $0))
        }
        #expect(entries.map(\.kind) == ["receipt", "receipt", "invoice", "invoice", "invoice"])
        #expect(entries.allSatisfy { $0.postings.map(\.amount.minor).reduce(0, +) == 0 && $0.postings.count >= 2 })
        #expect(proof.lines.allSatisfy { $0.debits == $0.credits && $0.control == $0.openItems } && proof.lines.count == 1)
        #expect(proof.head.count == 64)
    }

    @Test(arguments: Engine.available) func todayPutsTheLargestFirst(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        let today = try await shop.database.read { try ReadToday(shop.entity, on: "2026-03-10").run(in: $0) }
        #expect(today.positions.map(\.bank.minor) == [160_00])
        #expect(today.positions.map(\.unapplied.minor) == [160_00])
        #expect(today.positions.map(\.receivables.overdue.minor) == [180_00])
        #expect(today.receiptCount == 2 && today.orderCount == 1)
        #expect(today.orders.map(\.number) == ["HELD-1"])
        #expect(today.orders.first?.reason?.isEmpty == false)
        #expect(today.overdue.map(\.number) == ["C1", "C2"])
    }
}
