import Domain
import Foundation
import Testing

@testable import Operations
@testable import Web

private let reader = DeskReader(
    entityName: "Example Trading Ltd", userName: "ann@example.com", role: "controller", csrf: "token", today: Day("2026-03-10")!)
private let day = Day("2026-03-10")!
private func pounds(_ minor: Int64) -> Money { Money(minor: minor, .gbp) }
/// A text that would do harm anywhere it is not escaped.
private let hostile = "</td><script>alert(1)</script>\" onload='x' =HYPERLINK(\"http://x\")"

private func framed(_ body: PageBody, _ path: String) -> String { Frame(body, path: path, reader).html.text }

private let order = OrderList.Line(
    id: ID(77), number: "SO-1", channel: "web", customerNumber: "C1", customerName: hostile, kind: "sale", orderedOn: day,
    gross: pounds(120_00), state: "held",
    documentNumber: nil, reason: "over its credit limit of 100.00 GBP")

private let waiting = CashQueue.Line(
    receipt: ID(5), bookedOn: day, amount: pounds(120_00), payer: hostile, remittance: "inv 1 & 2", reason: "two customers fit",
    queuedOn: day, askedUntil: nil)

private let receipt = ReceiptView(
    id: ID(5), method: "bank", externalID: "abc", bookedOn: day, amount: pounds(120_00), unapplied: pounds(120_00), customerNumber: nil,
    customerName: nil,
    payerName: hostile, payerIBAN: "DE02120300000000202051", endToEndID: "E1", mandateID: "MND-17", structuredReference: nil,
    remittance: "inv 1 & 2",
    queueReason: "two customers fit", askedUntil: nil, inquiries: [],
    candidates: [
        .init(
            customer: ID(1), number: "C1", name: "Meyer GmbH", why: "the amount of two items",
            items: [
                .init(id: 9, number: "INV-2026-000001", on: day, dueOn: day, open: pounds(100_00), proposed: pounds(100_00)),
                .init(id: 10, number: "INV-2026-000002", on: day, dueOn: day, open: pounds(60_00), proposed: pounds(20_00)),
            ]),
        .init(customer: ID(2), number: "C2", name: "Smith Ltd", why: "the payer's name", items: []),
    ], applications: [], settlements: [])

@Suite struct PageTests {
    @Test func todayLooksAsItDid() throws {
        var aging = AgingRow(asOf: day, in: .gbp)
        aging.add(pounds(100_00), dueOn: day + -40)
        aging.add(pounds(60_00), dueOn: day + 3)
        let today = Today(
            on: day, positions: [.init(bank: pounds(1_234_567_89), unapplied: pounds(120_00), receivables: aging)], receipts: [waiting],
            receiptCount: 1, orders: [order],
            orderCount: 1, overdue: [], feeds: [.init(account: "GB1", through: day)],
            jobs: [
                .init(name: "cash", on: day, state: "done", report: nil), .init(name: "dunning", on: day, state: "failed", report: nil),
            ],
            mail: .init(waiting: 2, dead: 1, lastError: "no route"))
        try expectSnapshot(framed(TodayPage(today: today, reader: reader).body, "/"), "today.html")
    }

    @Test func aShareIsOfTheNumberBesideIt() {
        var aging = AgingRow(asOf: day, in: .gbp)
        aging.add(pounds(100_00), dueOn: day + -40)
        aging.add(pounds(60_00), dueOn: day + 3)
        aging.add(pounds(-10_00), dueOn: day)
        let today = Today(
            on: day, positions: [.init(bank: pounds(0), unapplied: pounds(0), receivables: aging)], receipts: [], receiptCount: 0,
            orders: [], orderCount: 0, overdue: [], feeds: [], jobs: [], mail: .init(waiting: 0, dead: 0, lastError: nil))
        let text = framed(TodayPage(today: today, reader: reader).body, "/")
        #expect(text.contains("3 open items, credits set off") && text.contains("66 % of what is owed"))
    }

    @Test func theQueueLooksAsItDid() throws {
        let page = CashPage(queue: ListPage([waiting]), filter: .waiting, counts: [1, 0], receipt: receipt, after: nil, reader: reader)
        try expectSnapshot(framed(page.body, "/cash"), "cash.html")
    }

    @Test func theFiguresLookAsTheyDid() throws {
        let periods = (0..<3).map { at in
            FigureHistory.Point(
                on: day + (at - 2),
                period: ReceivablesPeriod(
                    opening: pounds(400_00), creditSales: pounds(1200_00 + Int64(at) * 100_00), closing: pounds(350_00),
                    closingCurrent: pounds(280_00), days: 90))
        }
        var aging = AgingRow(asOf: day, in: .gbp)
        for late in [-5, 10, 45, 70, 120] { aging.add(pounds(100_00 + Int64(late)), dueOn: day + -late) }
        aging.add(pounds(-30_00), dueOn: day)
        let page = FiguresPage(periods: [periods[2].period], aging: [aging], history: [.gbp: periods], asOf: day, knownAt: nil)
        try expectSnapshot(framed(page.body, "/figures"), "figures.html")
    }

    @Test func aFigureWithoutANumberSaysWhy() {
        let idle = ReceivablesPeriod(
            opening: pounds(100_00), creditSales: pounds(0), closing: pounds(50_00), closingCurrent: pounds(0), days: 90)
        let page = FiguresPage(periods: [idle], aging: [], history: [:], asOf: day, knownAt: nil)
        let text = framed(page.body, "/figures")
        #expect(text.components(separatedBy: ">no sales<").count == 4)
        #expect(text.components(separatedBy: "nothing was invoiced in the period, credit notes taken off").count == 4)
        #expect(text.contains("50.0 <span class=\"cur\">%</span>"))
    }

    @Test func theWorklistSaysWhoHasNoAddress() {
        func line(_ number: String, hasAddress: Bool) -> CollectionsWorklist.Line {
            CollectionsWorklist.Line(
                customer: ID(1), number: number, name: "Meyer", overdue: pounds(10_00), itemCount: 1, oldestDueOn: day + -3,
                lastNotice: nil,
                hasAddress: hasAddress, standing: StandingSum(.gbp))
        }
        let lines = [line("C1", hasAddress: true), line("C2", hasAddress: false)]
        let page = CollectionsPage(lines: lines, place: ListLink(path: "/collections"), on: day, reader: reader).body
        #expect(framed(page, "/collections").components(separatedBy: "no address").count == 2)
        #expect(page.table?.csv.contains("Meyer,C1,10.00,1,3,none yet,,") == true)
        #expect(page.table?.csv.contains("Meyer,C2,10.00,1,3,none yet,no address,") == true)
        let today = Today(
            on: day, positions: [], receipts: [], receiptCount: 0, orders: [], orderCount: 0, overdue: lines, feeds: [], jobs: [],
            mail: .init(waiting: 0, dead: 0, lastError: nil))
        let text = framed(TodayPage(today: today, reader: reader).body, "/")
        #expect(text.components(separatedBy: "no notice yet, no address").count == 2)
    }

    @Test func textsOfOthersDoNoHarm() {
        let pages = [
            OrdersPage(page: ListPage([order]), filter: .held, place: ListLink(path: "/orders"), reader: reader).body,
            CashPage(queue: ListPage([waiting]), filter: .waiting, counts: [1, 0], receipt: receipt, after: nil, reader: reader).body,
            ReceiptPage(receipt: receipt, reader: reader).body,
            SearchPage(query: hostile, found: Search.Found()).body,
        ]
        for page in pages {
            let text = framed(page, "/orders")
            #expect(!text.contains("<script>alert") && !text.contains("onload='"), "\(page.title)")
            #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "\(page.title)")
        }
        #expect(framed(SearchPage(query: hostile, found: Search.Found()).body, "/search").contains("<title>“&lt;/td&gt;"))
    }

    /// A strict policy serves the pages: nothing runs or styles that stands in the markup itself.
    @Test func noPageHoldsAScriptOrAStyle() {
        let text = framed(
            CashPage(queue: ListPage([waiting]), filter: .waiting, counts: [1, 0], receipt: receipt, after: nil, reader: reader).body,
            "/cash")
        #expect(text.components(separatedBy: "<script").count == 2)
        for inline in [" style=\"", " onclick=\"", " onload=\"", "javascript:", "<style"] { #expect(!text.contains(inline), "\(inline)") }
    }

    /// Its style sheet shows the sections behind the menu: on a wide screen always, on a narrow one while it is open.
    @Test func aMenuOfItsOwnOpensTheSections() throws {
        let text = framed(PageBody("Orders", ""), "/orders/7"), style = String(decoding: Asset.style.bytes, as: UTF8.self)
        #expect(text.components(separatedBy: "<nav").count == 2)
        let menu = "<details class=\"menu\"><summary>Menu <span class=\"muted\">Orders</span></summary></details><ul>"
        #expect(text.contains("<nav class=\"side\" aria-label=\"Desk\">" + menu))
        #expect(framed(PageBody("Account", ""), "/account").contains("<summary>Menu</summary>"))
        let narrow = try #require(style.range(of: "@media screen and (max-width: 760px)"))
        #expect(style[..<narrow.lowerBound].contains(".menu { display: none; }"))
        #expect(style[narrow.upperBound...].contains(".menu:not([open]) + ul { display: none; }"))
    }

    /// No column goes; what names the row stays while the others scroll.
    @Test func aNarrowScreenLosesNoColumn() {
        let style = String(decoding: Asset.style.bytes, as: UTF8.self)
        #expect(!style.contains(".minor") && style.contains(".list tr > :first-child"))
        var table = DataTable("T", [.text("Customer"), .number("Debit")])
        table.rows = [
            [.link("INV-2026-000001", to: "/invoices/1"), .money(pounds(1_00))],
            [.link(String(repeating: "long", count: 20), to: "/customers/1"), .money(pounds(2_00))],
        ]
        let text = table.html.text
        #expect(text.contains("<th scope=\"col\" class=\"n\">Debit</th>"))
        #expect(text.contains("<td><a href=\"/invoices/1\">INV-2026-000001</a></td>"))
        #expect(text.contains("<td><span class=\"name\"><a href=\"/customers/1\">long"))
    }

    /// Paper has no fields and no head: it says whose books it shows, of which day and by what was known when.
    @Test func aPrintedReportSaysWhoseItIsAndOfWhen() throws {
        let place = ListLink(path: "/ledger"), known = try #require(Instant("2026-03-01"))
        func ledger(_ knownAt: Instant?) -> String {
            framed(TrialBalancePage(lines: [], asOf: Day("2026-02-20")!, knownAt: knownAt, place: place).body, "/ledger")
        }
        #expect(ledger(nil).contains("<p class=\"print-only\">Example Trading Ltd</p>"))
        #expect(ledger(nil).contains("<p class=\"print-only\">As of 20 Feb 2026</p>"))
        #expect(ledger(known).contains("<p class=\"print-only\">As of 20 Feb 2026, known on 1 Mar 2026</p>"))
        #expect(ledger(Instant("2026-03-01T08:15:00Z")).contains("known at <time datetime=\"2026-03-01T08:15:00Z\">1 Mar 2026, 08:15"))
        let journal = JournalPage(page: ListPage([]), account: nil, on: day, past: nil, place: place).body
        let invoices = DocumentsPage(
            page: ListPage([]), filter: .all, order: .newest, late: nil, place: place, on: day, past: nil
        ).body
        for text in [framed(journal, "/ledger/journal"), framed(invoices, "/invoices")] {
            #expect(text.contains("<p class=\"print-only\">As of 10 Mar 2026</p>"))
        }
    }

    /// Letters can be turned off, by what shows only where they act.
    @Test func whatNeedsScriptsIsHiddenWithoutThem() {
        let account = framed(AccountPage(hasSecondFactor: false, sessions: [], reader: reader).body, "/account")
        #expect(account.contains("<div data-scripted hidden>") && account.contains("role=\"switch\" data-keys> One-letter keys"))
        #expect(String(decoding: Asset.script.bytes, as: UTF8.self).contains("[data-scripted]"))
        #expect(String(decoding: Asset.style.bytes, as: UTF8.self).contains("[hidden] { display: none !important; }"))
    }

    @Test func aWideTableScrollsInARegionWithAName() throws {
        let cash = CashPage(queue: ListPage([waiting]), filter: .waiting, counts: [1, 0], receipt: receipt, after: nil, reader: reader)
        for text in [framed(cash.body, "/cash"), ReferencePage.html.text] {
            let regions = text.matches(of: /<div class="scroll" tabindex="0" role="region" aria-label="([^"]+)"><table/).map {
                String($0.output.1)
            }
            #expect(Set(regions).count == regions.count && !regions.isEmpty)
            #expect(text.components(separatedBy: "<table").count == regions.count + 1)
        }
    }

    @Test func anAnswerKeepsThePartOfTheQueueAndNothingElseLeadsAway() {
        let asked = CashPage(queue: ListPage([waiting]), filter: .asked, counts: [0, 1], receipt: receipt, after: "7~5", reader: reader)
        let text = framed(asked.body, "/cash"), fields = "<input type=\"hidden\" name=\"state\" value=\"asked\">"
        #expect(text.components(separatedBy: fields + "<input type=\"hidden\" name=\"after\" value=\"7~5\">").count == 6)
        let notices = [
            "done\nTake back\n/receipts/5", "done\nTake back\n//elsewhere.example", "done\nTake back\n/\\elsewhere.example", "done",
            "!no\nTake back\n/",
        ].map { DeskReader.Notice(kept: $0) }
        #expect(notices.map { $0.link?.to } == ["/receipts/5", nil, nil, nil, nil])
        #expect(notices.map(\.isRefusal) == [false, false, false, false, true])
    }

    @Test func whoMayOnlyLookSeesNoButtonThatActs() {
        let viewer = DeskReader(entityName: "E", userName: "v", role: "viewer", csrf: "t", today: day)
        let text = Frame(
            CashPage(queue: ListPage([waiting]), filter: .waiting, counts: [1, 0], receipt: receipt, after: nil, reader: viewer).body,
            path: "/cash", viewer
        ).html.text
        #expect(!text.contains("name=\"answer\""))
        #expect(text.contains("Meyer GmbH"))
    }

    @Test func anExportIsWhatThePageShowsAndNoFormula() {
        var table = DataTable("T", [.text(""), .text("Name"), .number("Amount"), .number("Late"), .text("State")])
        table.rows = [
            [
                .pick(name: "order", value: "1", label: "x"), .text("=1+1"), .money(pounds(-1_234_50)), .overdueDays(12),
                .badge(Badge("Overdue", .bad)),
            ],
            [
                .pick(name: "order", value: "2", label: "x"), .lines("Quote \" and, comma", "under", to: nil),
                .money(Money(minor: 1234, .jpy)), .overdueDays(0), .none,
            ],
        ]
        #expect(
            table.csv == "Name,Amount,Late,State,Currency\r\n'=1+1,-1234.50,12,Overdue,GBP\r\n\"Quote \"\" and, comma\",1234,0,,JPY\r\n")
    }

    /// What stands beneath one another aligns on the decimal, whatever its currency, and says which one where there are several.
    @Test(
        arguments: [([.gbp], 0, "list"), ([.gbp, .eur], 3, "list"), ([.gbp, .jpy, .kwd], 4, "list mixed")]
            as [([Currency], Int, String)])
    func amountsOfSeveralCurrenciesNameThem(currencies: [Currency], named: Int, kind: String) {
        func text(_ columns: [DataTable.Column], _ first: (Currency) -> [DataTable.Cell]) -> String {
            var table = DataTable("T", columns + [.number("Amount")])
            table.rows = currencies.map { first($0) + [.money(Money(minor: 1_234, $0))] }
            table.totals = [first(.gbp) + [.money(pounds(1_234))]]
            return table.html.text
        }
        let plain = text([]) { _ in [] }, told = text([.text("Currency")]) { [.text($0.code)] }
        #expect(plain.components(separatedBy: "<span class=\"cur\">").count == named + 1)
        #expect(!told.contains("class=\"cur\""))
        #expect([plain, told].allSatisfy { $0.contains("<table class=\"\(kind)\">") })
    }

    @Test func theQueueNamesCurrenciesWhereThereAreSeveral() {
        let yen = CashQueue.Line(
            receipt: ID(6), bookedOn: day, amount: Money(minor: 10_500, .jpy), payer: "Sato", remittance: "", reason: "two customers fit",
            queuedOn: day, askedUntil: nil)
        let page = CashPage(
            queue: ListPage([waiting, yen]), filter: .waiting, counts: [2, 0], receipt: receipt, after: nil, reader: reader)
        let text = framed(page.body, "/cash")
        #expect(text.contains("<ol class=\"queue-list mixed\""))
        #expect(text.contains("10,500<span class=\"f\"></span></span> <span class=\"cur\">JPY</span></span><span class=\"sub\">"))
        #expect(text.contains("120<span class=\"f\">.00</span></span> <span class=\"cur\">GBP</span></span><span class=\"sub\">"))
    }

    /// Each exported row stands for itself: whole names, and the cells of the row it goes on from.
    @Test func anExportSaysWhatIdentifiesARow() {
        var table = DataTable(
            "T", [.text("Entry"), .exported("Number"), .text("Account", second: "Account number"), .number("Debit"), .text("Currency")])
        table.rows = [
            [.text("Invoice"), .text("7"), .lines("Receivables", "1200", to: nil), .money(pounds(120_00)), .text("GBP")],
            [.none, .text("7"), .lines("Sales", "4000", to: nil), .none, .text("GBP")],
        ]
        #expect(
            table.csv
                == "Entry,Number,Account,Account number,Debit,Currency\r\nInvoice,7,Receivables,1200,120.00,GBP\r\n"
                + "Invoice,7,Sales,4000,,GBP\r\n")
        #expect(!table.html.text.contains("Number") && !table.html.text.contains("<td>7"))
        let account = DataTable.Cell.account("GB29NWBK60161331926819")
        #expect(account.csv == "GB29NWBK60161331926819" && account.html.text == "GB29 NWBK 6016 1331 9268 19")
        #expect(DataTable.Cell.overdueDays(-30).csv == "0")
    }

    @Test func theExportsOfListsNameTheirRows() {
        let receipts = ReceiptsPage(
            page: ListPage([
                .init(
                    id: ID(5), bookedOn: day, method: "bank", payer: "Meyer", remittance: String(repeating: "long ", count: 30),
                    amount: pounds(120_00), rule: nil, state: .unapplied, number: "R-5")
            ]), filter: .all, place: ListLink(path: "/receipts"), reader: reader
        ).body
        #expect(receipts.table?.csv.hasPrefix("Receipt,Booked,Payer,Remittance,Method,Amount") == true)
        #expect(receipts.table?.csv.contains("5,2026-03-10,Meyer,\(String(repeating: "long ", count: 30)),Bank,120.00") == true)
        let orders = OrdersPage(page: ListPage([order]), filter: .all, place: ListLink(path: "/orders"), reader: reader).body
        #expect(orders.table?.csv.hasPrefix("Order,Customer,Customer number,Date") == true)
    }

    @Test(
        arguments: [
            (nil, nil, "amount"), ("amount", "descending", "-amount"), ("-amount", "ascending", "amount"), ("name", nil, "amount"),
        ] as [(String?, String?, String)])
    func aHeadingSortsAndASecondClickTurnsTheListAround(sort: String?, order: String?, next: String) {
        var table = DataTable("T", [.number("Amount", sort: "amount"), .text("State")])
        table.rows = [[.money(pounds(1_00)), .text("Open")]]
        table.place = ListLink(path: "/orders", sort: sort)
        let text = table.html.text
        #expect(text.contains("<a href=\"/orders?sort=\(next)\">Amount"))
        #expect(text.contains("aria-sort") == (order != nil))
        if let order { #expect(text.contains("aria-sort=\"\(order)\"")) }
    }

    @Test func aListLeadsOnWithItsFilters() {
        var place = ListLink(path: "/orders", filters: [("state", "held")], sort: "newest")
        place.next = "12~a b"
        #expect(place.link(after: place.next) == "/orders?state=held&sort=newest&after=12~a%20b")
        #expect(place.link(format: "csv") == "/orders?state=held&sort=newest&format=csv")
        #expect(ListLink(path: "/orders").link() == "/orders")
    }

    @Test(
        arguments: [
            (1523, 2, nil, "15.23"), (1523, 2, 1, "15.2"), (1555, 2, 1, "15.6"), (-5, 2, nil, "\u{2212}0.05"), (33, 0, nil, "33"),
            (149_999, 4, 0, "15"), (300_453, 4, 1, "30.0"), (300_500, 4, 1, "30.1"), (-300_453, 4, 1, "\u{2212}30.0"),
            (-300_500, 4, 1, "\u{2212}30.1"), (1446, 2, 0, "14"),
        ] as [(Int64, Int, Int?, String)])
    func decimalsAreRoundedForReading(value: Int64, decimals: Int, shown: Int?, text: String) {
        #expect(decimalText(value, decimals, shown: shown) == text)
    }

    @Test func aChartDrawsEveryDayAndSaysItsFiguresInWords() {
        let chart = LineChart(
            title: "DSO", days: [day, day + 1, day + 2], series: [.init(name: "DSO", values: [1000, nil, 3000])], decimals: 2, unit: "days"
        ).html.text
        #expect(chart.contains("DSO 30.0 days at the end"))
        let line = chart.components(separatedBy: " d=\"")[1].prefix { $0 != "\"" }
        #expect(line.count { $0 == "M" } == 2, "a gap begins a new line: \(line)")
        #expect(chart.contains("<table"))
        let one = LineChart(title: "DSO", days: [day], series: [.init(name: "DSO", values: [1000])], decimals: 2, unit: "days").html.text
        #expect(one.contains("No course yet"))
    }
}
