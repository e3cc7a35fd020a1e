import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What the API reads at a moment: the business day asked for, by what was recorded by an instant.
@Suite struct MomentTests {
    private struct Story {
        let server: DeskServer
        let key: String
        /// Before anything, between placing and billing, before money came, and after all.
        let start, placed, billed, paid: String
        let order, invoice, receipt, webhook: String

        func get(_ path: String) async -> (status: Int, json: JSON) {
            let answer = await server.send(.get, path, [("Authorization", "Bearer \(key)")])
            return (answer.status.code, (try? JSONReader.read(answer.bytes)) ?? .null)
        }
        func rows(_ path: String) async -> [JSON] { await get(path).json["rows"]?.array ?? [] }
    }

    /// An order of 2026-02-25 that waits for release, is released and billed the day after, and paid on 2026-02-27.
    private func story(_ engine: Engine) async throws -> Story {
        let server = try await DeskServer.open(engine), key = try await server.key(.administrator), entity = server.entity
        func now() -> String { server.clock.next().iso8601 }
        let start = now()
        let first = Day("2026-02-25")!, second = first + 1, third = first + 2
        let customer = CustomerProfile(number: "C1", name: "Meyer", country: "GB", creditLimitMinor: 0, currency: .gbp)
        let intake = webOrder("SO-1", on: first)
        try await server.write { tx, at in
            _ = try SaveCustomers(entity, [customer]).run(in: tx, at: at)
            _ = try PlaceOrders(entity, [intake]).run(in: tx, at: at)
        }
        let placed = now()
        try await server.write { tx, at in
            try DecideHeldOrders(
                entity, orders: ["SO-1"], channel: "web", .release, role: "approver ann", reason: "agreed", alone: nil, on: second
            )
            .run(
                in: tx, at: at)
        }
        try await server.write { tx, at in _ = try BillOrders(entity, .sale, on: second).run(in: tx, at: at) }
        let billed = now()
        let number = try await server.database.read { try $0.first("SELECT number FROM invoice WHERE entity_id = 1") { $0.text(0) } ?? "" }
        let receipt = ReceiptIntake(
            method: "card", externalID: "R1", bookedOn: third, amount: Money(minor: 120_00, .gbp), payerName: nil, payerIBAN: nil,
            endToEndID: nil, remittance: number)
        try await server.write { tx, at in _ = try RecordReceipts(entity, [receipt], on: third).run(in: tx, at: at) }
        try await server.write { tx, at in
            _ = try ApplyReceipts(entity, on: third, after: 0, toleranceMinor: 0, policy: .standard).run(in: tx, at: at)
        }
        try await server.write { tx, at in _ = try RegisterWebhook(entity, url: "https://example.com/hook", secret: "s").run(in: tx, at: at)
        }
        func id(_ prefix: String, _ query: SQL) async throws -> String { PrefixedID.text(prefix, try await server.count(query)) }
        return Story(
            server: server, key: key, start: start, placed: placed, billed: billed, paid: now(),
            order: try await id("ord", "SELECT id FROM sales_order WHERE entity_id = 1"), invoice: number,
            receipt: try await id("rcp", "SELECT id FROM receipt WHERE entity_id = 1"),
            webhook: try await id("whk", "SELECT id FROM webhook WHERE entity_id = 1"))
    }

    @Test(arguments: Engine.available) func anOrderHasTheStateOfTheMoment(engine: Engine) async throws {
        let story = try await story(engine)
        func state(_ moment: String) async -> [String] { await story.rows("/v1/orders?\(moment)").compactMap { $0["state"]?.text } }
        #expect(await state("") == ["billed"])
        #expect(await state("known_at=\(story.start)") == [])
        #expect(await state("known_at=\(story.placed)") == ["held"])
        #expect(await state("known_at=\(story.billed)&as_of=2026-02-26") == ["billed"])
        #expect(await state("as_of=2026-02-25") == ["held"], "released and billed the day after")
        #expect(await state("as_of=2026-02-24") == [])
        #expect(await state("state=held&as_of=2026-02-25") == ["held"])
        #expect(await state("state=held&as_of=2026-02-26") == [])
        #expect(await story.get("/v1/orders/\(story.order)?as_of=2026-02-25").json["state"] == "held")
        #expect(await story.get("/v1/orders/\(story.order)?as_of=2026-02-24").status == 404)
    }

    @Test(arguments: Engine.available) func whatIsOpenIsThatOfTheMoment(engine: Engine) async throws {
        let story = try await story(engine)
        func open(_ moment: String) async -> [Int64] {
            await story.rows("/v1/invoices?\(moment)").compactMap { $0["open"]?["minor"]?.integer }
        }
        #expect(await open("") == [0])
        #expect(await open("known_at=\(story.placed)") == [])
        #expect(await open("as_of=2026-02-27&known_at=\(story.billed)") == [120_00])
        #expect(await open("as_of=2026-02-26") == [120_00])
        #expect(await open("as_of=2026-02-27") == [0])
        #expect(await open("as_of=2026-02-26&state=open") == [120_00])
        #expect(await open("as_of=2026-04-01&known_at=\(story.billed)&state=overdue") == [120_00])
        #expect(await open("as_of=2026-02-26&state=overdue") == [])
        #expect(await story.get("/v1/invoices/\(story.invoice)?as_of=2026-02-26").json["open"]?["minor"] == 120_00)
        #expect(await story.get("/v1/invoices/\(story.invoice)?as_of=2026-02-25").status == 404)
        func owed(_ moment: String) async -> Int64? {
            await story.rows("/v1/customers?\(moment)").first?["balances"]?.array?.first?["owed"]?["minor"]?.integer
        }
        #expect(await owed("as_of=2026-02-26") == 120_00)
        #expect(await owed("as_of=2026-02-27&known_at=\(story.billed)") == 120_00)
        #expect(await owed("") == nil)
        #expect(await story.rows("/v1/customers?known_at=\(story.start)").isEmpty)
        #expect(await story.get("/v1/customers/C1?as_of=2026-02-26").json["balances"]?.array?.first?["owed"]?["minor"] == 120_00)
    }

    @Test(arguments: Engine.available) func moneyAndEntriesAreThoseOfTheMoment(engine: Engine) async throws {
        let story = try await story(engine)
        #expect(await story.rows("/v1/receipts").first?["waits"] == .bool(false))
        #expect(await story.rows("/v1/receipts?known_at=\(story.billed)").isEmpty)
        #expect(await story.rows("/v1/receipts?as_of=2026-02-26").isEmpty)
        let between = try await story.server.database.read {
            try $0.first(
                "SELECT recorded_at FROM seal WHERE entity_id = 1 AND last_id >= (SELECT id FROM receipt WHERE entity_id = 1) ORDER BY last_id LIMIT 1"
            ) {
                Instant(microseconds: $0.integer(0)).iso8601
            }
        }
        let waiting = await story.rows("/v1/receipts?as_of=2026-02-27&known_at=\(try #require(between))&state=unapplied")
        #expect(waiting.first?["waits"] == .bool(true) && waiting.first?["rule"] == .null)
        #expect(await story.rows("/v1/receipts?as_of=2026-02-27&state=unapplied").isEmpty)
        let entries = await story.rows("/v1/journal").count
        #expect(await story.rows("/v1/journal?as_of=2026-02-26").count < entries)
        #expect(await story.rows("/v1/journal?known_at=\(story.placed)").isEmpty)
        let told = await story.rows("/v1/events?known_at=\(story.placed)").compactMap { $0["type"]?.text }
        #expect(told == ["customer.created", "order.placed", "order.held"])
        #expect(await story.rows("/v1/events?as_of=2026-02-26").compactMap { $0["type"]?.text }.contains("receipt.recorded") == false)
    }

    /// Every reading takes both times and says what it tells of them; none refuses.
    @Test(arguments: Engine.available) func everyReadingTellsOfTheMoment(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), key = try await server.key(.administrator), things = try await server.things()
        let document = String(decoding: OpenAPI.document, as: UTF8.self)
        for endpoint in Endpoint.all where endpoint.method == "GET" {
            #expect(Set(endpoint.query.map(\.name)).isSuperset(of: ["as_of", "known_at"]), "\(endpoint.path)")
            #expect(document.contains(try #require(endpoint.moment).what), "\(endpoint.path)")
            let number = endpoint.path.contains("invoices") ? things["invoice"] ?? "" : "C-OWN"
            let path = endpoint.path.replacing("{number}", with: number).replacing("{id}", with: things[endpoint.idPrefix ?? ""] ?? "")
            // The things of this test are recorded now: before that most are not there.
            for moment in ["as_of=2026-02-27", "as_of=2026-02-27&known_at=2026-03-01T00:00:00Z"] {
                let answer = await server.send(.get, "\(path)?\(moment)", [("Authorization", "Bearer \(key)")])
                let status = answer.status.code, json = try JSONReader.read(answer.bytes)
                let fault = status == 200 ? endpoint.answer.fault(json) : nil
                #expect(status == 200 && fault == nil, "\(path)?\(moment) \(status) \(fault?.path ?? "") \(fault?.message ?? "")")
            }
        }
    }

    @Test(arguments: Engine.available) func aCustomersPageIsOfTheMoment(engine: Engine) async throws {
        let story = try await story(engine), reader = try await story.server.person(.viewer)
        let now = await reader.get("/customers/C1").body, billed = await reader.get("/customers/C1?as_of=2026-02-26").body
        #expect(now.contains("Exposure") && now.contains("Nothing is open") && !now.contains("of the moment asked for"))
        #expect(!billed.contains("Exposure") && billed.contains("of the moment asked for"))
        #expect(billed.contains("120<span class=\"f\">.00</span></span> <span class=\"cur\">GBP"))
        let placed = await reader.get("/customers/C1?as_of=2026-02-25").body
        #expect(placed.contains("No invoice and no receipt of this customer."))
        #expect(await reader.get("/customers/C1?known_at=2026-02-26").body.contains("name=\"known_at\" value=\"2026-02-26\""))
    }

    @Test(arguments: Engine.available) func listsOfTheDeskAreOfTheMoment(engine: Engine) async throws {
        let story = try await story(engine), reader = try await story.server.person(.viewer)
        let open = await reader.get("/invoices?state=open&late=0&currency=GBP&as_of=2026-02-26").body
        #expect(open.contains("/invoices/\(story.invoice)") && open.contains("name=\"late\" value=\"0\""))
        #expect(await !reader.get("/invoices?state=open&as_of=2026-02-28").body.contains("/invoices/\(story.invoice)"))
        #expect(await reader.get("/invoices/\(story.invoice)").body.contains("\">SO-1</a>"))
        let ledger = await reader.get("/ledger?as_of=2026-02-26").body
        #expect(ledger.contains("/ledger/journal?account=1200&amp;currency=GBP&amp;as_of=2026-02-26"))
        let journal = await reader.get("/ledger/journal?account=1200&as_of=2026-02-26").body
        #expect(journal.contains("of account 1200") && journal.contains("All accounts") && !journal.contains(">Receipt<"))
        #expect(await reader.get("/orders?state=held&customer=C1").body.contains("href=\"/customers/C1\""))
    }
}
