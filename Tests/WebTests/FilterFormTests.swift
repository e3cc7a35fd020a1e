import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Lists of the desk by customer, days and amounts: each field narrows them down, and they stay narrowed wherever they lead.
@Suite struct FilterFormTests {
    private static let days = [Day("2026-01-30")!, Day("2026-02-10")!, Day("2026-02-20")!]

    /// Two customers, an order each on three days, of 100, 200 … 600.00, all billed; C1 pays its first document, somebody pays 7.77 for
    /// nothing; a statement on each of the last two days.
    private func desk(_ engine: Engine) async throws -> (server: DeskServer, reader: Visitor) {
        let server = try await DeskServer.open(engine), entity = server.entity, day = Self.days[2]
        let customers = ["C1", "C2"].map { CustomerProfile(number: $0, name: "Customer \($0)", country: "US", currency: .gbp) }
        try await server.write { tx, at in _ = try SaveCustomers(entity, customers).run(in: tx, at: at) }
        for (at, day) in Self.days.enumerated() {
            let orders = customers.map(\.number).enumerated().map { second, customer in
                webOrder("\(customer)-\(at + 1)", customer, net: Int64(at * 2 + second + 1) * 100_00, country: "US", on: day)
            }
            try await server.write { tx, now in _ = try PlaceOrders(entity, orders).run(in: tx, at: now) }
            try await server.write { tx, now in _ = try BillOrders(entity, .sale, on: day).run(in: tx, at: now) }
        }
        let paid = try await server.database.read {
            try $0.first("SELECT number FROM invoice WHERE entity_id = 1 AND order_number = 'C1-1'") { $0.text(0) } ?? ""
        }
        let receipts = [("R1", 100_00, paid, Self.days[1]), ("R2", 7_77, "?", day)].map { id, minor, words, day in
            ReceiptIntake(
                method: "card", externalID: id, bookedOn: day, amount: Money(minor: minor, .gbp), payerName: "Payer \(id)", payerIBAN: nil,
                endToEndID: nil, remittance: words)
        }
        try await server.write { tx, at in _ = try RecordReceipts(entity, receipts, on: day).run(in: tx, at: at) }
        try await server.write { tx, at in
            _ = try ApplyReceipts(entity, on: day, toleranceMinor: 0, policy: .standard).run(in: tx, at: at)
        }
        for day in Self.days.dropFirst() {
            let header = StatementHeader(
                format: "camt.053.001.08", id: "S \(day.iso8601)", account: "GB33BUKB20201555555555", currency: .gbp, createdOn: day)
            let summary = ImportStatement.Summary(
                header: header, fileDigest: day.iso8601, currency: .gbp, opening: nil, closing: nil, findings: [], throughOn: day)
            try await server.write { tx, now in _ = try ImportStatement(entity, summary, []).run(in: tx, at: now) }
        }
        return (server, try await server.person(.viewer))
    }

    /// One column of a list's file; of a list without rows there are none.
    private func column(_ at: Int, _ path: String, _ reader: Visitor) async -> [String] {
        let answer = await reader.get("\(path)\(path.contains("?") ? "&" : "?")format=csv")
        #expect(answer.status == .ok && answer.type.hasPrefix("text/csv"), "\(path)")
        return answer.body.split(separator: "\r\n").dropFirst().map {
            String($0.split(separator: ",", omittingEmptySubsequences: false)[at])
        }
    }

    @Test(arguments: Engine.available) func ordersAndDocumentsAreNarrowedDown(engine: Engine) async throws {
        let (server, reader) = try await desk(engine)
        func orders(_ filter: String) async -> [String] { await column(0, "/orders?\(filter)", reader) }
        #expect(await orders("customer=C1") == ["C1-3", "C1-2", "C1-1"])
        #expect(await orders("from=2026-02-10&through=2026-02-10") == ["C2-2", "C1-2"])
        #expect(await orders("at_least=200&at_most=300.00") == ["C1-2", "C2-1"])
        #expect(await orders("at_least=+200&at_most=300.00%20&customer=+C1") == ["C1-2"], "blanks that come with what is pasted")
        #expect(await orders("customer=C2&through=2026-01-31&currency=gbp") == ["C2-1"])
        #expect(await orders("sort=-amount&at_most=250") == ["C1-1", "C2-1"])
        #expect(await orders("currency=EUR").isEmpty)
        #expect(await orders("customer=C9").isEmpty)
        func gross(_ filter: String) async -> [String] { await column(6, "/invoices?\(filter)", reader) }
        #expect(await gross("customer=C1") == ["500.00", "300.00", "100.00"])
        #expect(await gross("customer=C1&state=open") == ["300.00", "500.00"], "the first to be due")
        #expect(await gross("customer=C1&state=open&as_of=2026-02-10") == ["300.00"])
        #expect(await gross("from=2026-02-10&through=2026-02-10").sorted() == ["300.00", "400.00"])
        #expect(await gross("at_least=500&sort=largest") == ["600.00", "500.00"])
        let credit = OpeningItem(
            number: "CN-1", customerNumber: "C2", issuedOn: Self.days[2], dueOn: Self.days[2], open: Money(minor: -50_00, .gbp))
        try await server.write { tx, now in _ = try ImportOpenItems(ID(1), [credit]).run(in: tx, at: now) }
        #expect(await gross("at_most=-10") == ["-50.00"])
        let page = await reader.get("/invoices?customer=C2&at_most=%E2%88%9210.00").body
        #expect(page.contains("href=\"/invoices/CN-1\"") && page.contains("of <a href=\"/customers/C2\">Customer C2</a>"))
        #expect(page.contains("<p class=\"print-only\">Only customer C2, \u{2212}10.00 GBP or less</p>"))
    }

    @Test(arguments: Engine.available) func moneyAndTheLedgerAreNarrowedDown(engine: Engine) async throws {
        let (_, reader) = try await desk(engine)
        func payers(_ filter: String) async -> [String] { await column(2, "/receipts?\(filter)", reader) }
        #expect(await payers("customer=C1") == ["Payer R1"])
        #expect(await payers("customer=C2").isEmpty)
        #expect(await payers("from=2026-02-15") == ["Payer R2"])
        #expect(await payers("at_least=50&sort=amount") == ["Payer R1"])
        #expect(await payers("state=unapplied&at_most=10&sort=amount") == ["Payer R2"])
        #expect(await payers("state=unapplied&through=2026-02-15").isEmpty)
        #expect(await column(0, "/statements?from=2026-02-11", reader) == ["S 2026-02-20"])
        #expect(await column(0, "/statements?through=2026-02-11", reader) == ["S 2026-02-10"])
        #expect(await reader.get("/statements?from=2026-02-21").body.contains("None is as asked for."))
        func days(_ filter: String) async -> Set<String> { Set(await column(1, "/ledger/journal?\(filter)", reader)) }
        #expect(await days("from=2026-02-11") == ["2026-02-20"])
        #expect(await days("through=2026-02-09&account=4000") == ["2026-01-30"])
        #expect(await days("from=2026-02-01&as_of=2026-02-10") == ["2026-02-10"])
    }

    /// Amounts are of the books' own currency, unless another one is asked for.
    @Test(arguments: Engine.available) func anAmountIsOfOneCurrency(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), reader = try await server.person(.viewer), day = Self.days[0]
        let items = [("D-EUR", Money(minor: 33_00, .eur)), ("D-JPY", Money(minor: 10_500, .jpy))].map { number, open in
            OpeningItem(number: number, customerNumber: "C1", issuedOn: day, dueOn: day + 30, open: open)
        }
        try await server.write { tx, now in _ = try ImportOpenItems(ID(1), items).run(in: tx, at: now) }
        #expect(await column(0, "/invoices?at_least=30", reader) == [DeskServer.document])
        #expect(await column(0, "/invoices?at_least=30&currency=EUR", reader) == ["D-EUR"])
        #expect(await column(0, "/invoices?at_least=10%2C500&at_most=10500&currency=jpy", reader) == ["D-JPY"])
        #expect(await column(0, "/invoices?sort=largest", reader).count == 3)
        #expect(await reader.get("/invoices?at_least=30").body.contains("name=\"currency\" value=\"GBP\""))
    }

    @Test(arguments: ["/orders", "/invoices", "/receipts", "/statements", "/ledger/journal"])
    func whatCannotBeReadIsToldBesideItsField(path: String) async throws {
        let reader = try await desk(.sqlite).reader, plain = await reader.get(path).body
        func told(_ query: String, _ name: String, _ words: String) async {
            let page = await reader.get("\(path)?\(query)")
            #expect(page.status == .ok && page.body.contains("id=\"fault-\(name)\"><span class=\"fault\">\(words)</span>"), "\(query)")
            #expect(page.body.contains("<details class=\"internal\" open>"), "\(query)")
            #expect(page.body.contains("aria-describedby=\"fault-\(name)\" autofocus>"), "\(query)")
            #expect(!page.body.contains("print-only\">Only"), "nothing is left out")
            #expect(await reader.get("\(path)?\(query)&format=csv").body.contains(words), "a file cannot say it")
        }
        await told("from=2026-02-30", "from", "“2026-02-30” is no day: write it as 2026-02-25; it lists from the first day on")
        await told("through=soon", "through", "“soon” is no day: write it as 2026-02-25; it lists through the last day")
        #expect(plain.contains("<details class=\"internal\"><summary>Filter</summary>") && !plain.contains("aria-invalid"))
        guard path != "/statements" else { return }
        await told(
            "currency=EURO", "currency", "“EURO” is no currency: write its three letters, such as GBP; it lists as if none was given")
        guard path != "/ledger/journal" else { return }
        await told("at_least=much", "at_least", "“much” is no amount in GBP: write it as 1234.50; it lists every amount")
        let fine = await reader.get("\(path)?at_most=0.5&currency=JPY").body
        #expect(fine.contains("“0.5” is no amount in JPY: write it as 1234; it lists every amount"))
        #expect(fine.contains("name=\"at_most\" value=\"0.5\" aria-invalid"), "what was written stays")
    }

    @Test func theFormKeepsWhatElseIsAskedFor() async throws {
        let reader = try await desk(.sqlite).reader
        let page = await reader.get("/invoices?state=open&late=0&customer=C1&from=2026-02-01&as_of=2026-02-20&sort=newest").body
        let form = try #require(page.components(separatedBy: "<form class=\"inline\" action=\"/invoices\">").dropFirst().first)
            .components(separatedBy: "</form>")[0]
        for (name, value) in [("state", "open"), ("late", "0"), ("as_of", "2026-02-20"), ("sort", "newest")] {
            #expect(form.contains("<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"), "\(name)")
        }
        for label in ["Customer number", "Issued from", "Issued through", "Smallest amount", "Largest amount", "Currency"] {
            #expect(form.contains("<label class=\"field\"><span>\(label)</span><input"), "\(label)")
        }
        #expect(form.contains("name=\"customer\" value=\"C1\"") && form.contains("name=\"from\" value=\"2026-02-01\""))
        #expect(form.contains("href=\"/invoices?state=open&amp;late=0&amp;as_of=2026-02-20&amp;sort=newest\">Clear</a>"))
        #expect(page.contains("href=\"/invoices?state=overdue&amp;customer=C1&amp;from=2026-02-01&amp;as_of=2026-02-20\">Overdue</a>"))
        let receipts = await reader.get("/receipts?customer=C1&at_least=5").body
        #expect(receipts.contains("href=\"/receipts?state=unapplied&amp;customer=C1&amp;at_least=5\">Unapplied</a>"))
        #expect(receipts.contains("href=\"/receipts?customer=C1&amp;at_least=5&amp;sort=amount\">Amount</a>"))
        let journal = await reader.get("/ledger/journal?account=1200&from=2026-02-01&as_of=2026-02-20").body
        #expect(journal.components(separatedBy: "type=\"hidden\" name=\"account\" value=\"1200\"").count == 3, "in both forms")
        #expect(journal.contains("<input type=\"hidden\" name=\"from\" value=\"2026-02-01\">"))
    }

    /// Whoever sorts a narrowed list sees its own rows, also after the order of all was read and kept, page by page and in the file.
    @Test(arguments: Engine.available) func aSortedListStaysNarrowed(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), reader = try await server.person(.viewer), count = 2 * ListLimit.page + 6
        let orders = (0..<count).map { webOrder("N\($0)", "C\($0 % 2 + 1)", net: Int64($0 * 37 % count + 1) * 100, on: Self.days[$0 % 3]) }
        let receipts = (0..<count).map { at in
            let amount = Money(minor: Int64(at * 37 % count + 1) * 100, .gbp)
            return ReceiptIntake(
                method: "card", externalID: "R\(at)", bookedOn: Self.days[at % 2], amount: amount, payerName: "N\(at)", payerIBAN: nil,
                endToEndID: nil, remittance: "?")
        }
        try await server.write { tx, now in _ = try PlaceOrders(ID(1), orders).run(in: tx, at: now) }
        try await server.write { tx, now in _ = try RecordReceipts(ID(1), receipts, on: Self.days[2]).run(in: tx, at: now) }
        let sizes = (0..<count).sorted { $0 * 37 % count > $1 * 37 % count }, even = sizes.filter { $0 % 2 == 0 }.map { "N\($0)" }
        for (path, at) in [("/orders?sort=amount&customer=C1", 0), ("/receipts?sort=amount&through=2026-02-01", 2)] {
            let all = String(path.prefix { $0 != "&" }), list = String(path.prefix { $0 != "?" })
            #expect(await column(at, all, reader) == sizes.map { "N\($0)" })
            _ = await reader.get(all)
            var found: [String] = [], next: String? = path, pages = 0
            while let place = next, pages < 4 {
                let page = await reader.get(place).body
                found += page.split(separator: "<a href=\"\(list)/").dropFirst().map { row in
                    String(row.drop { $0 != ">" }.dropFirst().prefix { $0 != "<" })
                }
                next = page.split(separator: "rel=\"next\" href=\"").dropFirst().first.map {
                    String($0.prefix { $0 != "\"" }).replacing("&amp;", with: "&")
                }
                pages += 1
            }
            #expect(found == even && pages == 2, "\(path)")
            #expect(await column(at, path, reader) == even, "\(path)")
        }
    }
}
