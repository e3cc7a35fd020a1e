import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// The same figure on two pages is the same number.
@Suite struct AgreeingFigureTests {
    private static let day = Day("2026-02-25")!

    /// Four customers with documents, a credit note taken over, a dispute, a write-off, cash on account, cash that waits and cash that was
    /// asked about.
    private func desk(_ engine: Engine) async throws -> DeskServer {
        let server = try await DeskServer.owed(engine), entity = server.entity, day = Self.day
        let others = ["C2", "C3", "C4"].map {
            CustomerProfile(number: $0, name: "Trader \($0)", email: "\($0.lowercased())@trader.example", country: "GB", currency: .gbp)
        }
        func item(_ number: String, _ customer: String, _ due: Day, _ minor: Int64, _ currency: Currency = .gbp) -> OpeningItem {
            OpeningItem(number: number, customerNumber: customer, issuedOn: due + -30, dueOn: due, open: Money(minor: minor, currency))
        }
        let items = [
            item("D-1", "C2", day + -12, 90_00), item("D-2", "C2", day + 5, 45_50), item("D-3", "C2", day + -40, -20_25),
            item("D-4", "C3", day, 10_00), item("D-5", "C4", day + -100, 70_00), item("D-6", "C4", day + -3, 33_00, .eur),
        ]
        let receipts = [("B1", 500_00), ("B2", 77_77), ("B3", 5_00)].map { number, minor in
            ReceiptIntake(
                method: "bank", externalID: number, bookedOn: day + -2, amount: Money(minor: Int64(minor), .gbp), customer: nil,
                remittance: "?")
        }
        try await server.write { tx, now in
            _ = try SaveCustomers(entity, others).run(in: tx, at: now)
            _ = try ImportOpenItems(entity, items).run(in: tx, at: now)
            _ = try RecordReceipts(entity, receipts, on: day + -2).run(in: tx, at: now)
        }
        try await server.write { tx, now in _ = try ApplyReceipts(entity, on: day + -2, toleranceMinor: 0).run(in: tx, at: now) }
        let asked = ID<Receipt>(try await server.count("SELECT id FROM receipt WHERE entity_id = 1 AND external_id = 'B2'"))
        let ask = AskCustomer(entity, asked, customer: "C2", question: "What for?", answerBy: day + 7, role: "clerk", on: day)
        let onAccount = ApplyByHand(entity, method: "bank", externalID: "B3", customer: "C3", [], reason: "told by phone", on: day)
        let dispute = OpenSlice(
            entity, document: DeskServer.document, .dispute, Money(minor: 8_00, .gbp), reason: "scratched", role: "clerk", on: day)
        try await server.write { tx, now in
            _ = try ask.run(in: tx, at: now)
            try onAccount.run(in: tx, at: now)
            _ = try dispute.run(in: tx, at: now)
        }
        return server
    }

    private struct File {
        let columns: [String]
        let rows: [[String]]

        init(_ text: String) {
            let lines = text.split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
            (columns, rows) = (lines.first ?? [], Array(lines.dropFirst()))
        }

        /// Of rows in pounds, in minor units.
        func sum(_ column: String, where isMeant: ([String]) -> Bool = { _ in true }) -> Int64 {
            guard let at = columns.firstIndex(of: column) else { return .min }
            return rows.filter { $0.contains("GBP") && isMeant($0) }.reduce(0) { sum, row in
                sum + (DecimalNumber(row[at].isEmpty ? "0" : row[at])?.units(atScale: 2) ?? .min / 1_000)
            }
        }
    }

    @Test(arguments: Engine.available) func listsReportsAndTheDayTellTheSameNumbers(engine: Engine) async throws {
        let server = try await desk(engine), reader = try await server.person(.clerk), key = try await server.key(.viewer)
        func file(_ path: String) async -> File { File(await reader.get("\(path)format=csv").body) }
        let customers = await file("/customers?"), aging = await file("/figures/aging?"), ledger = await file("/ledger?")
        let overdue = await file("/invoices?state=overdue&"), worklist = await file("/collections?"),
            waiting = await file("/receipts?state=unapplied&")
        let receivables = ledger.sum("Balance") { $0.contains("1200") }, unapplied = ledger.sum("Balance") { $0.contains("1290") }
        #expect(customers.sum("Owes") + customers.sum("Credits") == receivables && receivables == 790_25)
        #expect(aging.sum("Total") == receivables + unapplied)
        #expect(["1–30", "31–60", "61–90", "Over 90"].reduce(0) { $0 + aging.sum($1) } == customers.sum("Past due"))
        #expect(worklist.sum("Past due") == customers.sum("Past due") && overdue.sum("Open") == customers.sum("Past due"))
        #expect(waiting.sum("Amount") == -unapplied && waiting.rows.count == 2)
        let answer = await server.send(.get, "/v1/today", [("Authorization", "Bearer \(key)")]).bytes
        let today = try JSONReader.read(answer), position = today["positions"]?.array?.first { $0["bank"]?["currency"] == "GBP" }
        #expect(position?["receivables"]?["minor"]?.integer == aging.sum("Total"))
        #expect(position?["overdue"]?["minor"]?.integer == customers.sum("Past due"))
        #expect(position?["unapplied"]?["minor"]?.integer == -unapplied)
        #expect(today["receipts_waiting"]?.array?.first?["total"]?["minor"]?.integer == -unapplied)
        #expect(today["receipts_waiting"]?.array?.first?["count"]?.integer == 2)
        let page = await reader.get("/").body
        #expect(page.contains("1 receipt waits, 1 asked about") && page.contains("577<span class=\"f\">.77"))
        #expect(page.contains("<p class=\"card-note\">0 receipts wait</p>"), "of euros")
    }

    /// A figure of today leaves out what is booked ahead; so do the items behind it.
    @Test(arguments: Engine.available) func whatIsBookedAheadIsInNeitherTheFigureNorItsItems(engine: Engine) async throws {
        let server = try await desk(engine), reader = try await server.person(.clerk), day = Self.day
        let ahead = OpeningItem(
            number: "D-9", customerNumber: "C2", issuedOn: day + 1, dueOn: day + 31, open: Money(minor: 11_00, .gbp))
        let paid = ReceiptIntake(
            method: "till", externalID: "T1", bookedOn: day + 1, amount: Money(minor: 45_50, .gbp), customer: nil, remittance: "D-2")
        try await server.write { tx, now in
            _ = try ImportOpenItems(ID(1), [ahead]).run(in: tx, at: now)
            _ = try RecordReceipts(ID(1), [paid], on: day + 1).run(in: tx, at: now)
        }
        try await server.write { tx, now in
            try ApplyByHand(
                ID(1), method: "till", externalID: "T1", customer: "C2", [.init("D-2", Money(minor: 45_50, .gbp))], reason: "told",
                on: day + 1
            ).run(in: tx, at: now)
        }
        let aging = File(await reader.get("/figures/aging?format=csv").body)
        let items = File(await reader.get("/invoices?late=0&format=csv").body)
        #expect(aging.sum("Not due") == items.sum("Open"))
        #expect(items.rows.contains { $0.contains("D-2") } && !items.rows.contains { $0.contains("D-9") })
        let list = File(await reader.get("/invoices?format=csv").body)
        #expect(list.rows.contains { $0.contains("D-9") }, "the list of documents has all that there are")
    }

    /// The card is the balance of the statement of account; what the list says is owed and set off stands beside it.
    @Test func aCustomersPageTellsTheListsNumbers() async throws {
        let server = try await desk(.sqlite), reader = try await server.person(.viewer), page = await reader.get("/customers/C2").body
        #expect(page.contains("<p class=\"card-name\">Balance</p>") && page.contains("115<span class=\"f\">.25"))
        let list = File(await reader.get("/customers?begins=trader%20c2&format=csv").body)
        #expect(list.sum("Owes") == 135_50 && list.sum("Credits") == -20_25)
        #expect(page.contains("135<span class=\"f\">.50</span></span> owed"))
        let account = File(await reader.get("/customers/C2/statement?format=csv").body)
        #expect(account.rows.last?.contains("115.25") == true)
    }
}
