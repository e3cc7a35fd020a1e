import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What programs read of an order, a document and a receipt, now and at an earlier moment.
@Suite struct APIFactTests {
    private struct Story {
        let server: DeskServer
        let program: Program
        let order, invoice, receipt: String
        /// Before it was released, before it was paid, and when it was paid.
        let placed, billed, paid: String
    }
    private static let first = Day("2026-02-20")!

    /// An order of the 20th waits for release, is released and billed on the 21st, and paid on the 22nd.
    private func story(_ engine: Engine) async throws -> Story {
        let server = try await DeskServer.open(engine), program = try await Program(server, .controller), first = Self.first
        func now() -> String { server.clock.next().iso8601 }
        let customer = CustomerProfile(
            number: "C1", name: "Meyer", email: "ap@meyer.example", country: "GB", creditLimitMinor: 0, currency: .gbp)
        let intake = webOrder("SO-1", on: first)
        try await server.write { tx, at in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: at)
            _ = try PlaceOrders(ID(1), [intake]).run(in: tx, at: at)
        }
        let placed = now()
        try await server.write { tx, at in
            try DecideHeldOrders(
                ID(1), orders: ["SO-1"], channel: "web", .release, role: "approver ann", reason: "agreed", alone: nil, on: first + 1
            ).run(in: tx, at: at)
        }
        try await server.write { tx, at in _ = try BillOrders(ID(1), .sale, on: first + 1).run(in: tx, at: at) }
        let billed = now()
        let number = try await server.database.read { try $0.first("SELECT number FROM invoice WHERE entity_id = 1") { $0.text(0) } ?? "" }
        let receipt = ReceiptIntake(
            method: "card", externalID: "R1", bookedOn: first + 2, amount: Money(minor: 120_00, .gbp), payerName: "Meyer", payerIBAN: nil,
            endToEndID: "E2E-1", remittance: number)
        try await server.write { tx, at in _ = try RecordReceipts(ID(1), [receipt], on: first + 2).run(in: tx, at: at) }
        try await server.write { tx, at in
            _ = try ApplyReceipts(ID(1), on: first + 2, after: 0, toleranceMinor: 0, policy: .standard).run(in: tx, at: at)
        }
        return Story(
            server: server, program: program,
            order: PrefixedID.text("ord", try await server.count("SELECT id FROM sales_order WHERE entity_id = 1")), invoice: number,
            receipt: PrefixedID.text("rcp", try await server.count("SELECT id FROM receipt WHERE entity_id = 1")), placed: placed,
            billed: billed, paid: now())
    }

    @Test(arguments: Engine.available) func anOrderTellsItsLinesAndItsDecisions(engine: Engine) async throws {
        let story = try await story(engine), path = "/v1/orders/\(story.order)"
        let lines = await story.program.get("\(path)/lines").rows
        #expect(lines.count == 1 && lines[0]["sku"] == "A" && lines[0]["net"]?.minor == 100_00 && lines[0]["quantity_milli"] == 1_000)
        let events = await story.program.get("\(path)/events").rows
        #expect(events.compactMap { $0["event"]?.text } == ["held", "released"] && events.last?["reason"] == "agreed")
        #expect(events.last?["role"] == "approver ann" && events.last?["on"] == "2026-02-21")
        #expect(await story.program.get("\(path)/events?known_at=\(story.placed)").rows.count == 1)
        #expect(await story.program.get("\(path)/events?as_of=2026-02-20").rows.count == 1)
        #expect(await story.program.get("\(path)/lines?as_of=2026-02-19").status == 404)
        let page = await story.program.get("\(path)/events?limit=1"), next = try #require(page.json["next"]?.text)
        #expect(await story.program.get("\(path)/events?limit=1&after=\(next)").rows.first?["event"] == "released")
    }

    @Test(arguments: Engine.available) func aDocumentTellsWhatStandsOnItAndWhatSettledIt(engine: Engine) async throws {
        let story = try await story(engine), path = "/v1/invoices/\(story.invoice)", program = story.program
        let heading = await program.get("\(path)/heading").json
        #expect(heading["net"]?.minor == 100_00 && heading["tax"]?.minor == 20_00 && heading["gross"]?.minor == 120_00)
        #expect(heading["orders"]?.array?.first?["id"]?.text == story.order)
        let tax = try #require(heading["vat_breakdown"]?.array?.first)
        #expect(tax["category"] == "S" && tax["tax_basis_points"] == 2_000 && tax["exemption_reason"] == .null)
        #expect(tax["taxable_amount"]?.minor == 100_00 && tax["tax_amount"]?.minor == 20_00)
        #expect(heading["delivered_on"]?.text != nil && heading["invoicing_period"] == .null && heading["cash_discount_left"] == .null)
        let lines = await program.get("\(path)/lines").rows
        #expect(lines.count == 1 && lines[0]["order"]?.text == story.order && lines[0]["tax_basis_points"] == 2_000)
        let settled = await program.get("\(path)/settlements").rows
        #expect(settled.count == 1 && settled[0]["amount"]?.minor == 120_00 && settled[0]["receipt"]?.text == story.receipt)
        #expect(settled[0]["is_reversed"] == .bool(false))
        #expect(await program.get("\(path)/settlements?as_of=2026-02-21").rows.isEmpty)
        #expect(await program.get("\(path)/settlements?as_of=2026-02-22&known_at=\(story.billed)").rows.isEmpty)
        func open(_ moment: String) async -> Int64? { await program.get("\(path)/open-items\(moment)").rows.first?["open"]?.minor }
        #expect(await open("") == 0)
        #expect(await open("?as_of=2026-02-21") == 120_00)
        #expect(await open("?as_of=2026-02-22&known_at=\(story.billed)") == 120_00)
        #expect(await program.get("\(path)/heading?known_at=\(story.placed)").status == 404)
        #expect(await program.get("\(path)/notices").rows.isEmpty)
        #expect(await program.get("/v1/invoices/NONE/settlements").status == 404)
    }

    @Test(arguments: Engine.available) func aReceiptTellsWhatItSettledAndWhatWasTakenBack(engine: Engine) async throws {
        let story = try await story(engine), path = "/v1/receipts/\(story.receipt)", program = story.program
        let settled = await program.get("\(path)/settlements").rows
        #expect(settled.count == 1 && settled[0]["document"]?.text == story.invoice && settled[0]["kind"] == "invoice")
        #expect(settled[0]["amount"]?.minor == 120_00 && settled[0]["customer_number"] == "C1" && settled[0]["is_reversed"] == .bool(false))
        #expect(await program.post("\(path)/unapply", ["reason": "another's"]).status == 200)
        let both = await program.get("\(path)/settlements").rows
        #expect(both.count == 2 && both[0]["is_reversed"] == .bool(true) && both[1]["amount"]?.minor == -120_00)
        #expect(both[1]["reverses"] == both[0]["id"])
        let before = await program.get("\(path)/settlements?known_at=\(story.paid)").rows
        #expect(before.count == 1 && before[0]["is_reversed"] == .bool(false))
        let applied = await program.get("\(path)/applications").rows
        #expect(applied.count == 2 && applied[0]["has_certificate"] == .bool(true) && applied[1]["reverses"] == applied[0]["id"])
        #expect(await program.get("\(path)/applications?known_at=\(story.paid)").rows.count == 1)
        #expect(await program.get("\(path)/settlements?as_of=2026-02-21").status == 404)
        #expect(await program.get("\(path)/payment").json["end_to_end_id"] == "E2E-1")
        #expect(await program.get("\(path)/payment?known_at=\(story.billed)").status == 404)
    }

    @Test(arguments: Engine.available) func aReceiptThatWaitsTellsWhoseItMayBe(engine: Engine) async throws {
        let story = try await story(engine), path = "/v1/receipts/\(story.receipt)", program = story.program
        #expect(await program.post("\(path)/unapply", ["reason": "another's"]).status == 200)
        try await story.server.write { tx, _ in
            try tx.run("DELETE FROM cash_candidate WHERE entity_id = 1")
            try tx.run(
                """
                INSERT INTO cash_candidate (entity_id, receipt_id, line, customer_id, item_id, amount_minor, why)
                SELECT 1, r.id, 1, c.id, i.id, 12000, 'names it' FROM receipt r
                  JOIN invoice i ON i.entity_id = r.entity_id JOIN customer c ON c.entity_id = i.entity_id AND c.id = i.customer_id
                 WHERE r.entity_id = 1
                """)
        }
        let candidates = await program.get("\(path)/candidates").json["candidates"]?.array ?? []
        #expect(candidates.count == 1 && candidates[0]["customer_number"] == "C1" && candidates[0]["proposed"]?.minor == 120_00)
        #expect(candidates.first?["items"]?.array?.first?["document"]?.text == story.invoice)
        #expect(await program.get("\(path)/candidates?known_at=\(story.billed)").status == 404)
        let question: JSON = ["customer_number": "C1", "question": "What is it for?", "answer_by": "2026-03-10"]
        #expect(await program.post("\(path)/ask", question).status == 200)
        let asked = await program.get("\(path)/inquiries").rows
        #expect(asked.count == 1 && asked[0]["customer_number"] == "C1" && asked[0]["question"] == "What is it for?")
        #expect(await program.get("\(path)/inquiries?known_at=\(story.paid)").rows.isEmpty)
        #expect(await program.get("/v1/customers/C1/messages").rows.first?["kind"] == "question")
    }

    @Test(arguments: Engine.available) func theDayIsToldAtAMoment(engine: Engine) async throws {
        let story = try await story(engine), program = story.program
        let now = await program.get("/v1/today").json, position = now["positions"]?.array?.first
        #expect(position?["bank"]?.minor == 120_00 && position?["unapplied"]?.minor == 0 && position?["receivables"]?.minor == 0)
        #expect(now["orders_held"] == .array([]) && now["receipts_waiting"] == .array([]))
        let held = await program.get("/v1/today?as_of=2026-02-20").json["orders_held"]?.array?.first
        #expect(held?["count"] == 1 && held?["total"]?.minor == 120_00)
        for moment in ["as_of=2026-02-21", "as_of=2026-02-22&known_at=\(story.billed)"] {
            let past = await program.get("/v1/today?\(moment)").json["positions"]?.array?.first
            #expect(past?["bank"]?.minor == 0 && past?["receivables"]?.minor == 120_00 && past?["not_due"]?.minor == 120_00, "\(moment)")
        }
        #expect(await program.post("/v1/receipts/\(story.receipt)/unapply", ["reason": "another's"]).status == 200)
        let waiting = await program.get("/v1/today").json["receipts_waiting"]?.array?.first
        #expect(waiting?["count"] == 1 && waiting?["total"]?.minor == 120_00)
        #expect(await program.get("/v1/today?known_at=\(story.paid)").json["receipts_waiting"] == .array([]))
    }

    @Test(arguments: Engine.available) func searchFindsAndForgetsWhatCameLater(engine: Engine) async throws {
        let story = try await story(engine)
        func nouns(_ query: String) async -> [String] {
            await story.program.get("/v1/search?\(query)").json["hits"]?.array?.compactMap { $0["noun"]?.text } ?? []
        }
        #expect(await nouns("q=C1") == ["customer"])
        #expect(await nouns("q=SO-1") == ["order"])
        #expect(await Set(nouns("q=120.00")) == ["invoice", "receipt"])
        #expect(await nouns("q=120.00&as_of=2026-02-21") == ["invoice"])
        #expect(await nouns("q=120.00&known_at=\(story.placed)") == ["order"], "no document told it yet")
        #expect(await nouns("").isEmpty)
        #expect(await story.program.get("/v1/search?q=").status == 400)
    }

    @Test(arguments: Engine.available) func theChainOfSealsIsTold(engine: Engine) async throws {
        let story = try await story(engine)
        let seals = await story.program.get("/v1/seals").rows
        #expect(seals.count > 4 && seals.allSatisfy { $0["hash"]?.text?.count == 64 })
        let head = try await story.server.database.read { try ProofView.read(ID(1), in: $0).head }
        #expect(seals.first?["hash"]?.text == head)
        #expect(await story.program.get("/v1/seals?known_at=\(story.placed)").rows.count < seals.count)
    }
}
