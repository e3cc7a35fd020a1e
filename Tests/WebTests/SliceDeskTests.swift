import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Parts of items on the desk: set apart, given up by two people, and the answers of the queue.
@Suite struct SliceDeskTests {
    private static let document = DeskServer.document

    /// Meyer owes 600.00 on one document; somebody paid 500.00.
    private func desk(_ engine: Engine) async throws -> DeskServer {
        let server = try await DeskServer.owed(engine), day = Day("2026-01-05")!
        let receipt = ReceiptIntake(
            method: "bank", externalID: "B1", bookedOn: day + 40, amount: Money(minor: 500_00, .gbp), customer: nil, remittance: "?")
        try await server.write { tx, now in
            _ = try RecordReceipts(ID(1), [receipt], on: day + 40).run(in: tx, at: now)
        }
        try await server.write { tx, now in _ = try ApplyReceipts(ID(1), on: day + 40, toleranceMinor: 0).run(in: tx, at: now) }
        return server
    }

    private func open(_ server: DeskServer) async throws -> Int64 {
        try await server.count("SELECT open_minor FROM open_item WHERE entity_id = 1 AND number = \(Self.document)")
    }

    @Test(arguments: Engine.available) func aPartIsSetApartShownAndEnded(engine: Engine) async throws {
        let server = try await desk(engine), kim = try await server.person(.collector, "kim")
        let path = "/invoices/\(Self.document)"
        let set = await kim.post("\(path)/slices", "kind=dispute&amount=150.00&reason=two%20broken%20%3Cb%3E")
        #expect(set.header(.location) == path)
        let page = await kim.get(path)
        #expect(page.body.contains("Disputed in part") && page.body.contains("two broken &lt;b&gt;"))
        #expect(await kim.get("/collections/slices?kind=dispute").body.contains("150<span class=\"f\">.00"))
        #expect(await kim.get("/customers/C1").body.contains("150.00 disputed"))
        #expect(await kim.get("/customers/C1/statement").body.contains("Of which disputed"))
        let id = try await server.count("SELECT id FROM slice WHERE entity_id = 1")
        #expect(await kim.post("/slices/\(id)/release", "reason=cleared").header(.location) == path)
        #expect(!(await kim.get(path)).body.contains("Disputed in part"))
        #expect(await kim.post("\(path)/plan", "count=3&amount=90.00&due_on=2026-09-30&reason=agreed").header(.location) == path)
        #expect(try await server.count("SELECT count(*) FROM slice WHERE entity_id = 1 AND kind = 'instalment' AND open_minor = 3000") == 3)
    }

    @Test(arguments: Engine.available) func codesAreMappedAndReadPageByPage(engine: Engine) async throws {
        let server = try await desk(engine), kim = try await server.person(.collector, "kim"), key = try await server.key(.viewer)
        for code in ["D3", "D1", "D2"] {
            let done = await kim.post("/collections/codes", "customer=C1&customer_code=\(code)&code=freight")
            #expect(done.header(.location) == "/collections/codes")
        }
        #expect(await kim.get("/collections/codes").body.contains("D3"))
        var told: [[String]] = [], next = ""
        repeat {
            let answer = await server.send(.get, "/v1/deduction-codes?limit=2\(next)", [("Authorization", "Bearer \(key)")])
            let page = try JSONReader.read(answer.bytes)
            told.append(page["rows"]?.array?.compactMap { $0["customer_code"]?.text } ?? [])
            next = page["next"]?.text.map { "&after=\($0)" } ?? ""
        } while !next.isEmpty && told.count < 5
        #expect(told == [["D1", "D2"], ["D3"]])
    }

    @Test(arguments: Engine.available) func aLargeWriteOffTakesTwoPeople(engine: Engine) async throws {
        let server = try await desk(engine)
        let kim = try await server.person(.collector, "kim"), ann = try await server.person(.approver, "ann")
        let path = "/invoices/\(Self.document)/write-off"
        #expect(
            await kim.post(path, "amount=20.00&code=small_balance&reason=not%20worth%20it").header(.location)
                == "/invoices/\(Self.document)")
        #expect(try await open(server) == 580_00)
        #expect(await kim.post(path, "amount=80.00&code=uncollectable&reason=gone").header(.location) == "/approvals")
        #expect(try await open(server) == 580_00)
        let request = try await server.count("SELECT id FROM approval WHERE entity_id = 1 AND state = 'waiting'")
        #expect(await kim.post("/approvals/\(request)/decide", "decision=approve").status == .forbidden)
        let again = await kim.post(path, "amount=80.00&code=uncollectable&reason=gone%20again")
        #expect(again.header(.location) != "/approvals")
        #expect(try await server.count("SELECT count(*) FROM approval WHERE entity_id = 1") == 1)
        #expect(await kim.get("/invoices/\(Self.document)").body.contains("Write-off waits for approval"))
        #expect(!(await kim.get("/").body).contains("href=\"/approvals\""))
        let today = await ann.get("/").body
        #expect(today.contains("<span>Approvals, 1</span>") && today.contains("Waits for a second person"))
        let page = await ann.get("/approvals").body
        #expect(page.contains("Write-off of 80.00 GBP of \(Self.document), Uncollectable"))
        for shown in [
            "kim, collector", "gone", "Meyer", "href=\"/invoices/\(Self.document)\"", "580<span class=\"f\">.00", "class=\"answers\"",
        ] {
            #expect(page.contains(shown), "\(shown)")
        }
        #expect(!(await kim.get("/approvals").body).contains("value=\"approve\""))
        #expect(await ann.post("/approvals/\(request)/decide", "decision=approve").header(.location) == "/approvals")
        #expect(try await open(server) == 500_00)
        #expect(!(await kim.get("/invoices/\(Self.document)").body).contains("waits for approval"))
        #expect(await kim.post("\(path)/reverse", "reason=paid").header(.location) == "/invoices/\(Self.document)")
        #expect(try await open(server) == 580_00)
    }

    @Test(arguments: Engine.available) func smallWriteOffsOfOneDocumentAddUpToASecondPerson(engine: Engine) async throws {
        let server = try await desk(engine), kim = try await server.person(.collector, "kim")
        let path = "/invoices/\(Self.document)/write-off", form = "amount=50.00&code=small_balance&reason=small"
        #expect(await kim.post(path, form).header(.location) == "/invoices/\(Self.document)")
        #expect(await kim.post(path, form).header(.location) == "/approvals")
        #expect(try await open(server) == 550_00)
        #expect(await kim.get("/approvals").body.contains("which makes 100.00 GBP written off of this document"))
        let key = try await server.key(.collector)
        let body = "{\"amount\":{\"minor\":5000,\"currency\":\"GBP\"},\"reason_code\":\"small_balance\",\"reason\":\"small\"}"
        let answer = await server.send(
            .post, "/v1\(path)",
            [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json"), ("Idempotency-Key", Secret.token(""))], body: body)
        #expect(answer.status == .conflict && answer.body.contains("above_limit") && answer.body.contains("100.00 GBP"))
        #expect(try await open(server) == 550_00)
    }

    @Test(arguments: Engine.available) func theQueueTakesEveryAnswer(engine: Engine) async throws {
        let server = try await desk(engine), kim = try await server.person(.clerk, "kim")
        let id = try await server.count("SELECT receipt_id FROM cash_queue WHERE entity_id = 1"), path = "/cash/\(id)/answer"
        let later = (Day(number: Int(server.clock.next().microseconds / 86_400_000_000)) + 7).iso8601
        #expect(await kim.get("/cash").body.contains("data-answer=\"n\""))
        #expect(await kim.post(path, "answer=ask&customer=C1&question=What%20for%3F&answer_by=\(later)").header(.location) == "/cash")
        #expect(await kim.get("/cash").body.contains("For a customer&#39;s answer, 1"))
        #expect(await kim.get("/cash?state=asked").body.contains("to be answered by"))
        #expect(await kim.post(path, "answer=not_ours&reason=stray").header(.location) == "/cash")
        #expect(await kim.get("/receipts/\(id)").body.contains("It is ours after all"))
        #expect(await kim.post("/receipts/\(id)/unapply", "reason=ours").header(.location) == "/receipts/\(id)")
        let short = "answer=deduct&customer=C1&amount.\(Self.document)=500.00&code=damage&reason=wet"
        #expect(await kim.post(path, short).header(.location) == "/cash")
        #expect(try await open(server) == 100_00)
        #expect(try await server.count("SELECT open_minor FROM slice WHERE entity_id = 1 AND kind = 'deduction'") == 100_00)
        let faults = try await server.database.read { try CheckBooks(ID(1)).run(in: $0).faults }
        #expect(faults == [])
    }

    /// Tax that was withheld goes to its account within what the person may give up alone; a clerk's answer leaves it to somebody who may.
    @Test(arguments: Engine.available, [(.approver, 0, 100_00), (.clerk, 100_00, 0)] as [(Role, Int64, Int64)])
    func withheldTaxIsBookedByWhoMay(engine: Engine, answer: (role: Role, open: Int64, tax: Int64)) async throws {
        let server = try await desk(engine), kim = try await server.person(answer.role, "kim")
        let id = try await server.count("SELECT receipt_id FROM cash_queue WHERE entity_id = 1")
        let words = "answer=deduct&customer=C1&amount.\(Self.document)=500.00&code=withholding_tax&reason=certificate"
        #expect(await kim.post("/cash/\(id)/answer", words).header(.location) == "/cash")
        #expect(try await open(server) == answer.open)
        let booked: SQL =
            "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM posting WHERE entity_id = 1 AND account = '1300'"
        #expect(try await server.count(booked) == answer.tax)
        #expect(try await server.database.read { try CheckBooks(ID(1)).run(in: $0).faults } == [])
    }

    @Test(arguments: Engine.available) func anAnswerLeadsToTheNeighbourAndNamesTheReceiptToTakeBack(engine: Engine) async throws {
        let server = try await desk(engine), kim = try await server.person(.clerk, "kim"), day = Day("2026-01-05")! + 40
        let more = [("B2", 700_00), ("B3", 300_00)].map { number, minor in
            ReceiptIntake(
                method: "bank", externalID: number, bookedOn: day, amount: Money(minor: Int64(minor), .gbp), customer: nil, remittance: "?")
        }
        try await server.write { tx, now in _ = try RecordReceipts(ID(1), more, on: day).run(in: tx, at: now) }
        try await server.write { tx, now in _ = try ApplyReceipts(ID(1), on: day, toleranceMinor: 0).run(in: tx, at: now) }
        let lines = try await server.database.read { try CashQueue(ID(1), on: day).page(in: $0).rows }, ids = lines.map(\.receipt.value)
        #expect(lines.map(\.amount.minor) == [700_00, 500_00, 300_00])
        let second = await kim.post("/cash/\(ids[1])/answer", "answer=not_ours&reason=stray")
        #expect(second.header(.location) == "/cash?receipt=\(ids[2])")
        let notice = second.headers.first { $0.0 == .setCookie && $0.1.hasPrefix("__Host-notice=") }?.1
        let word = try #require(notice?.split(separator: ";").first.map(String.init))
        let page = await server.send(.get, "/cash?receipt=\(ids[2])", [("Cookie", "\(kim.cookie); \(word)")]).body
        #expect(page.contains("it waits to be returned. <a href=\"/receipts/\(ids[1])\">Take back</a>"))
        let answered = await kim.get("/cash?receipt=\(ids[1])").body
        #expect(answered.contains("This receipt is answered already") && answered.contains("href=\"/receipts/\(ids[1])\""))
        #expect(!answered.contains("name=\"answer\"") && !answered.contains("data-answer"))
        #expect(await kim.get("/cash?receipt=99999").status == .notFound)
        #expect(await kim.post("/cash/\(ids[2])/answer", "answer=not_ours&reason=stray").header(.location) == "/cash?receipt=\(ids[0])")
        #expect(await kim.post("/cash/\(ids[0])/answer", "answer=not_ours&reason=stray").header(.location) == "/cash")
    }
}
