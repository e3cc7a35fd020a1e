import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Lists of the API by customer, days, amounts and currency: each narrows them down, together they hold, page after page and in files.
@Suite struct ListFilterTests {
    private struct Shop {
        let server: DeskServer
        let key: String

        func send(_ path: String, _ type: String = "application/json") async -> Answer {
            await server.send(.get, path, [("Authorization", "Bearer \(key)"), ("Accept", type)])
        }
        func rows(_ path: String) async -> [JSON] {
            let answer = await send(path)
            #expect(answer.status == .ok, "\(path): \(answer.body)")
            return (try? JSONReader.read(answer.bytes))?["rows"]?.array ?? []
        }
        func texts(_ path: String, _ name: String = "number") async -> [String] { await rows(path).compactMap { $0[name]?.text } }

        /// The same, a row a page.
        func paged(_ path: String, _ name: String = "number") async throws -> [String] {
            var found: [String] = [], after = ""
            for _ in 0..<100 {
                let page = try JSONReader.read(await send("\(path)&limit=1\(after)").bytes)
                found += (page["rows"]?.array ?? []).compactMap { $0[name]?.text }
                guard let next = page["next"]?.text else { return found }
                after = "&after=\(Link.encoded(next))"
            }
            return found
        }
    }

    private static let days = [Day("2026-01-30")!, Day("2026-02-10")!, Day("2026-02-20")!]

    /// Two customers, an order each on three days in two months, of 100, 200 … 600.00; all are billed on the last day but the second's last.
    private func shop(_ engine: Engine) async throws -> Shop {
        let server = try await DeskServer.open(engine), key = try await server.key(.administrator), entity = server.entity
        let customers = ["C1", "C2"].map { CustomerProfile(number: $0, name: "Customer \($0)", country: "US", currency: .gbp) }
        try await server.write { tx, at in _ = try SaveCustomers(entity, customers).run(in: tx, at: at) }
        for (at, day) in Self.days.enumerated() {
            let orders = customers.map(\.number).enumerated().map { second, customer in
                webOrder("\(customer)-\(at + 1)", customer, net: Int64(at * 2 + second + 1) * 100_00, country: "US", on: day)
            }
            try await server.write { tx, now in _ = try PlaceOrders(entity, orders).run(in: tx, at: now) }
            try await server.write { tx, now in _ = try BillOrders(entity, .sale, on: day).run(in: tx, at: now) }
        }
        try await money(server)
        return Shop(server: server, key: key)
    }

    /// C1 pays its first document, somebody pays 7.77 for nothing, and a part of C2's first is disputed.
    private func money(_ server: DeskServer) async throws {
        let entity = server.entity, day = Self.days[2]
        func number(_ order: String) async throws -> String {
            try await server.database.read {
                try $0.first("SELECT number FROM invoice WHERE entity_id = 1 AND order_number = \(order)") { $0.text(0) } ?? ""
            }
        }
        let paid = try await number("C1-1"), disputed = try await number("C2-1")
        let receipts = [("R1", 100_00, paid, Self.days[1]), ("R2", 7_77, "?", day)].map { id, minor, words, day in
            ReceiptIntake(
                method: "card", externalID: id, bookedOn: day, amount: Money(minor: minor, .gbp), payerName: "Payer \(id)", payerIBAN: nil,
                endToEndID: nil, remittance: words)
        }
        try await server.write { tx, at in _ = try RecordReceipts(entity, receipts, on: day).run(in: tx, at: at) }
        try await server.write { tx, at in _ = try ApplyReceipts(entity, on: day, toleranceMinor: 0, policy: .standard).run(in: tx, at: at)
        }
        try await server.write { tx, at in
            try OpenSlice(entity, document: disputed, .dispute, Money(minor: 8_00, .gbp), reason: "late", role: "clerk", on: day).run(
                in: tx, at: at)
        }
    }

    @Test(arguments: Engine.available) func ordersAreNarrowedDown(engine: Engine) async throws {
        let shop = try await shop(engine)
        #expect(await shop.texts("/v1/orders?customer_number=C1") == ["C1-3", "C1-2", "C1-1"])
        #expect(await shop.texts("/v1/orders?from=2026-02-10") == ["C2-3", "C1-3", "C2-2", "C1-2"])
        #expect(await shop.texts("/v1/orders?through=2026-02-10") == ["C2-2", "C1-2", "C2-1", "C1-1"])
        #expect(await shop.texts("/v1/orders?customer_number=C2&from=2026-02-01&through=2026-02-15") == ["C2-2"])
        #expect(await shop.texts("/v1/orders?at_least_minor=20000&at_most_minor=30000") == ["C1-2", "C2-1"])
        #expect(await shop.texts("/v1/orders?customer_number=C1&at_least_minor=20000&currency=GBP") == ["C1-3", "C1-2"])
        #expect(await shop.texts("/v1/orders?currency=EUR").isEmpty)
        #expect(await shop.texts("/v1/orders?customer_number=C9").isEmpty)
        #expect(await shop.texts("/v1/orders?customer_number=C1&as_of=2026-02-10") == ["C1-2", "C1-1"])
        for filter in ["customer_number=C2", "from=2026-02-01", "customer_number=C1&at_most_minor=30000", "state=all&through=2026-02-12"] {
            #expect(try await shop.paged("/v1/orders?\(filter)") == (await shop.texts("/v1/orders?\(filter)")), "\(filter)")
        }
    }

    @Test(arguments: Engine.available) func documentsAreNarrowedDown(engine: Engine) async throws {
        let shop = try await shop(engine)
        func gross(_ filter: String) async -> [Int64] {
            await shop.rows("/v1/invoices?\(filter)").compactMap { $0["gross"]?["minor"]?.integer }
        }
        #expect(await gross("customer_number=C1") == [500_00, 300_00, 100_00])
        #expect(await gross("customer_number=C1&state=open") == [500_00, 300_00])
        #expect(await gross("customer_number=C1&state=settled") == [100_00])
        #expect(await gross("state=settled") == [100_00])
        #expect(await gross("state=settled&as_of=2026-02-09").isEmpty)
        #expect(await gross("from=2026-02-10&through=2026-02-10").sorted() == [300_00, 400_00])
        #expect(await gross("at_least_minor=50000").sorted() == [500_00, 600_00])
        #expect(await gross("customer_number=C2&through=2026-02-15&at_least_minor=30000") == [400_00])
        #expect(await gross("customer_number=C1&as_of=2026-02-10&state=open") == [300_00], "paid on that day")
        for filter in [
            "customer_number=C1", "from=2026-02-01", "state=open&from=2026-01-01", "customer_number=C2&as_of=2026-02-15", "state=settled",
        ] {
            #expect(try await shop.paged("/v1/invoices?\(filter)") == (await shop.texts("/v1/invoices?\(filter)")), "\(filter)")
        }
        let file = await shop.send("/v1/invoices?customer_number=C1&from=2026-02-01", "text/csv")
        #expect(file.body.split(separator: "\r\n").count == 3, "a head and two rows")
        let lines = await shop.send("/v1/invoices?customer_number=C1&from=2026-02-01", "application/x-ndjson")
        #expect(lines.body.split(separator: "\n").count == 2)
    }

    @Test(arguments: Engine.available) func moneyIsNarrowedDown(engine: Engine) async throws {
        let shop = try await shop(engine)
        func payers(_ filter: String) async -> [String] { await shop.texts("/v1/receipts?\(filter)", "payer") }
        #expect(await payers("customer_number=C1") == ["Payer R1"])
        #expect(await payers("customer_number=C2").isEmpty)
        #expect(await payers("from=2026-02-15") == ["Payer R2"])
        #expect(await payers("at_least_minor=5000") == ["Payer R1"])
        #expect(await payers("state=unapplied&at_most_minor=1000&currency=GBP") == ["Payer R2"])
        #expect(await payers("state=unapplied&through=2026-02-15").isEmpty)
        #expect(await payers("state=applied") == ["Payer R1"])
        #expect(await payers("state=applied&from=2026-02-15").isEmpty)
        #expect(await payers("state=applied&as_of=2026-02-20") == ["Payer R1"])
        #expect(await payers("customer_number=C1&as_of=2026-02-20") == ["Payer R1"])
        #expect(try await shop.paged("/v1/receipts?from=2026-01-01", "payer") == ["Payer R2", "Payer R1"])
        #expect(await shop.texts("/v1/cash-queue?from=2026-02-20&at_most_minor=777", "payer") == ["Payer R2"])
        #expect(await shop.texts("/v1/cash-queue?at_least_minor=778", "payer").isEmpty)
        #expect(await shop.texts("/v1/cash-queue?customer_number=C9", "payer").isEmpty)
        #expect(await shop.rows("/v1/slices?customer_number=C2&from=2026-02-20&at_least_minor=800").count == 1)
        #expect(await shop.texts("/v1/slices", "customer_number") == ["C2"])
        #expect(await shop.texts("/v1/receipts") == ["R2", "R1"])
        #expect(await shop.rows("/v1/slices?customer_number=C1").isEmpty)
        #expect(await shop.rows("/v1/slices?customer_number=C2&as_of=2026-02-19").isEmpty)
    }

    @Test(arguments: Engine.available) func theLedgerAndTheLogsAreNarrowedDown(engine: Engine) async throws {
        let shop = try await shop(engine)
        func kinds(_ filter: String) async -> [String] { await shop.texts("/v1/journal?\(filter)", "kind") }
        #expect(await kinds("customer_number=C2") == ["invoice", "invoice", "invoice"])
        #expect(await kinds("customer_number=C1&through=2026-02-01") == ["invoice"])
        #expect(await kinds("customer_number=C1").contains("identification"))
        #expect(await kinds("at_least_minor=60000") == ["invoice"])
        #expect(await kinds("account=4000") == Array(repeating: "invoice", count: 6))
        #expect(await kinds("account=9999").isEmpty)
        #expect(await kinds("from=2026-02-20&at_most_minor=-60000") == ["invoice"])
        #expect(try await shop.paged("/v1/journal?from=2026-02-01", "id") == (await shop.texts("/v1/journal?from=2026-02-01", "id")))
        #expect(try await shop.paged("/v1/journal?customer_number=C1", "id") == (await shop.texts("/v1/journal?customer_number=C1", "id")))
        func events(_ filter: String) async -> [String] { await shop.texts("/v1/events?\(filter)", "type") }
        #expect(await events("customer_number=C2").prefix(2) == ["customer.created", "order.placed"])
        #expect(await events("customer_number=C2").contains("slice.opened"))
        #expect(await !events("customer_number=C2").contains("receipt.recorded"))
        #expect(await Set(events("customer_number=C1")).isSuperset(of: ["receipt.recorded", "receipt.applied"]))
        #expect(await !events("customer_number=C1&as_of=2026-02-09").contains("receipt.recorded"))
        #expect(await events("from=2026-02-20&at_least_minor=60000") == ["invoice.issued"])
        #expect(await shop.texts("/v1/customers?customer_number=C2") == ["C2"])
        #expect(await shop.texts("/v1/customers?at_least_minor=100000") == ["C2"], "1,200.00 against 800.00")
        #expect(await shop.texts("/v1/customers?at_most_minor=100000&currency=GBP&as_of=2026-02-20") == ["C1"])
    }

    @Test(arguments: Engine.available) func theLogOfActsIsOfDays(engine: Engine) async throws {
        let shop = try await shop(engine), clerk = Actor(id: 1, name: "Kim", role: .clerk), entity = shop.server.entity
        for act in ["one", "two"] {
            try await shop.server.write { tx, at in try Audit(entity, clerk, act, detail: "", outcome: "done").run(in: tx, at: at) }
            shop.server.clock.advance(minutes: 24 * 60)
        }
        func acts(_ filter: String) async -> [String] { await shop.texts("/v1/audit?actor=Kim\(filter)", "act") }
        #expect(await acts("") == ["two", "one"])
        #expect(await acts("&from=2026-02-26") == ["two"])
        #expect(await acts("&through=2026-02-25") == ["one"])
        #expect(await acts("&from=2026-02-25&through=2026-02-25") == ["one"])
        #expect(try await shop.paged("/v1/audit?actor=Kim&from=2026-02-25", "act") == ["two", "one"])
    }
}
