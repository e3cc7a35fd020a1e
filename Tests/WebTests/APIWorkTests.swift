import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// The day's work through the API: runs, collections, statements, second people, accounts.
@Suite struct APIWorkTests {
    @Test(arguments: Engine.available) func theWholeDayIsARunWithItsSteps(engine: Engine) async throws {
        let server = try await late(engine), program = try await Program(server, .controller)
        let before = server.clock.next().iso8601
        let run = await program.post("/v1/runs/day", ["on": "2026-02-25"])
        #expect(run.status == 200 && run.json["state"] == "done" && run.json["started_by"] == "key controller")
        let said = run.json["report"]?.text ?? ""
        #expect(said.contains("0 receipts applied, 0 wait; nobody was written to") && said.contains("; the books are proven"), "\(said)")
        let steps = run.json["steps"]?.array ?? []
        #expect(steps.compactMap { $0["name"]?.text } == ["billing", "cash", "dunning", "figures", "proof"])
        #expect(steps.allSatisfy { $0["state"] == "done" && $0["ended_at"]?.text != nil })
        let id = try #require(run.json["id"]?.text)
        #expect(await program.get("/v1/runs/\(id)").json == run.json)
        #expect(await program.get("/v1/runs/\(id)?known_at=\(before)").status == 404)
        #expect(await program.get("/v1/runs?as_of=2026-02-24").rows.isEmpty)
        #expect(await program.post("/v1/runs/cash").json["steps"]?.array?.count == 1)
        #expect(await program.get("/v1/figures").rows.isEmpty == false)
        let page = await program.get("/v1/runs?limit=1"), next = try #require(page.json["next"]?.text)
        #expect(page.rows.first?["name"] == "cash")
        #expect(await program.get("/v1/runs?limit=1&after=\(next)").rows.first?["id"]?.text == id)
        #expect(await program.get("/v1/runs/day").status == 405)
        #expect(try await Program(server, .clerk).post("/v1/runs/day").status == 403)
    }

    @Test(arguments: Engine.available) func theSchedulersDayIsListedWithItsSteps(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), program = try await Program(server, .viewer), day = Day("2026-02-25")!
        let before = server.clock.next()
        _ = try await ScheduledDays(server.database, ID(1), DayRun.Terms(), clock: { server.clock.next() }).run(through: day)
        let line = try #require(await program.get("/v1/runs").rows.first)
        #expect(line["state"] == "done" && line["started_by"] == .null && line["on"] == "2026-02-25")
        let id = try #require(line["id"]?.text)
        let steps = await program.get("/v1/runs/\(id)").json["steps"]?.array ?? []
        #expect(steps.compactMap { $0["name"]?.text } == ["billing", "cash", "dunning"])
        #expect(await program.get("/v1/runs?known_at=\(before.iso8601)").rows.isEmpty)
        let begun = try #require(steps.first?["started_at"]?.text)
        let then = await program.get("/v1/runs/\(id)?known_at=\(begun)").json
        #expect(then["state"] == "running" && then["report"] == .null && then["steps"]?.array?.count == 1)
    }

    /// Meyer owes 600.00 since 4 February and Novak 90.00, both overdue.
    private func late(_ engine: Engine) async throws -> DeskServer {
        let server = try await DeskServer.owed(engine), day = Day("2026-01-20")!
        let customer = CustomerProfile(number: "C2", name: "Novak", country: "GB", currency: .gbp)
        let item = OpeningItem(number: "OLD-2", customerNumber: "C2", issuedOn: day, dueOn: day + 1, open: Money(minor: 90_00, .gbp))
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try ImportOpenItems(ID(1), [item]).run(in: tx, at: now)
        }
        return server
    }

    @Test(arguments: Engine.available) func theWorklistIsThatOfTheMoment(engine: Engine) async throws {
        let server = try await late(engine), program = try await Program(server, .collector), now = server.clock.next().iso8601
        func numbers(_ query: String) async -> [String] {
            await program.get("/v1/collections?\(query)").rows.compactMap { $0["customer_number"]?.text }
        }
        let lines = await program.get("/v1/collections").rows
        #expect(lines.compactMap { $0["customer_number"]?.text } == ["C1", "C2"] && lines[0]["overdue"]?.minor == 600_00)
        #expect(lines[0]["has_address"] == .bool(true) && lines[1]["has_address"] == .bool(false))
        #expect(await numbers("order=days") == ["C2", "C1"])
        #expect(await numbers("as_of=2026-02-01") == ["C2"])
        #expect(await numbers("as_of=2026-03-01&known_at=\(now)") == ["C1", "C2"])
        #expect(await numbers("known_at=2026-02-01T00:00:00Z").isEmpty)
        for order in ["overdue", "days"] {
            let page = await program.get("/v1/collections?limit=1&order=\(order)"), next = try #require(page.json["next"]?.text)
            let rest = await numbers("limit=1&order=\(order)&after=\(next.replacing(" ", with: "%20"))")
            #expect(page.rows.compactMap { $0["customer_number"]?.text } + rest == (order == "overdue" ? ["C1", "C2"] : ["C2", "C1"]))
        }
        let document = "/v1/invoices/\(DeskServer.document)",
            part: JSON = ["kind": "dispute", "amount": ["minor": 5000, "currency": "GBP"], "reason": "broken"]
        #expect(await program.post("\(document)/slices", part).status == 200)
        #expect(await program.get("/v1/collections").rows.first?["disputed"]?.minor == 50_00)
        #expect(await program.get("/v1/collections?known_at=\(now)").rows.first?["disputed"]?.minor == 0)
    }

    @Test(arguments: Engine.available) func aStatementOfAccountIsSentOnceADay(engine: Engine) async throws {
        let server = try await late(engine), program = try await Program(server, .collector), path = "/v1/customers/C1/statement/send"
        let before = server.clock.next().iso8601
        #expect(try await Program(server, .viewer).post(path).status == 403)
        let backwards = await program.post(path, ["as_of": "2026-02-20", "from": "2026-02-21"])
        #expect(backwards.status == 422 && backwards.code == "statement_backwards" && backwards.json["param"] == "from")
        let ahead = await program.post(path, ["as_of": "2030-01-01"])
        #expect(ahead.status == 409 && ahead.code == "statement_day_ahead" && ahead.json["param"] == "as_of")
        let read = await program.get("/v1/customers/C1/statement?as_of=2026-02-20&from=2026-02-21")
        #expect(read.status == 422 && read.code == "statement_backwards" && read.json["param"] == "from")
        let sent = await program.post(path, ["as_of": "2026-02-20", "from": "2026-01-01"])
        #expect(sent.status == 200 && sent.json["sent_to"] == "ap@meyer.example" && sent.json["as_of"] == "2026-02-20")
        #expect(await program.post(path, ["as_of": "2026-02-20"]).code == "statement_sent")
        #expect(await program.post("/v1/customers/C2/statement/send").code == "address_missing")
        #expect(await program.post("/v1/customers/NONE/statement/send").status == 404)
        #expect(await program.post(path, ["as_of": "yesterday"]).status == 400)
        let message = try #require(await program.get("/v1/customers/C1/messages").rows.first)
        #expect(message["kind"] == "statement" && message["state"] == "waiting" && message["level"] == .null)
        #expect(message["subject"]?.text == "Statement of account as of 20 Feb 2026")
        #expect(await program.get("/v1/customers/C1/messages?known_at=\(before)").rows.isEmpty)
        #expect(await program.get("/v1/customers/C1/messages?as_of=2026-02-24").rows.isEmpty)
        #expect(await program.get("/v1/customers/NONE/messages").status == 404)
    }

    @Test(arguments: Engine.available) func aBankStatementTellsWhatBecameOfItsEntries(engine: Engine) async throws {
        let server = try await late(engine), program = try await Program(server, .clerk), day = Day("2026-02-10")!
        let amount = Money(minor: 33_00, .gbp), account = "GB33BUKB20201555555555"
        let header = StatementHeader(format: "camt.053.001.08", id: "S1", account: account, currency: .gbp, createdOn: day)
        let summary = ImportStatement.Summary(
            header: header, fileDigest: "S1", currency: .gbp, opening: Money(minor: 0, .gbp), closing: nil,
            findings: [Finding("the balances do not add up"), Finding("page 2 is missing")], throughOn: day)
        var keys = EntryKeys(account: account)
        let entry = keys.key(
            BankEntry(
                amount: amount, bookedOn: day, valueOn: day, reference: "R1",
                transactions: [.init(amount: amount, counterpartyName: "Somebody", remittance: "see letter")]))
        let before = server.clock.next().iso8601
        try await server.write { tx, now in _ = try ImportStatement(ID(1), summary, [entry]).run(in: tx, at: now) }
        try await server.write { tx, now in _ = try ApplyReceipts(ID(1), on: day, toleranceMinor: 0).run(in: tx, at: now) }
        let taken = server.clock.next().iso8601
        let statement = try #require(await program.get("/v1/statements").rows.first), id = try #require(statement["id"]?.text)
        #expect(statement["number"] == "S1" && statement["opening"]?.minor == 0 && statement["findings"]?.array?.count == 2)
        #expect(await program.get("/v1/statements/\(id)").json == statement)
        #expect(await program.get("/v1/statements?known_at=\(before)").rows.isEmpty)
        #expect(await program.get("/v1/statements?as_of=2026-02-09").rows.isEmpty)
        #expect(await program.get("/v1/statements/\(id)/entries?as_of=2026-02-09").status == 404)
        let told = try #require(await program.get("/v1/statements/\(id)/entries").rows.first)
        #expect(told["amount"]?.minor == 33_00 && told["reference"] == "R1" && told["payer"] == "Somebody" && told["waits"] == .bool(true))
        let receipt = try #require(told["receipt"]?.text)
        let answer: JSON = [
            "customer_number": "C2", "reason": "by phone", "lines": .array([["document": "OLD-2", "amount": JSON(amount)]]),
        ]
        #expect(await program.post("/v1/receipts/\(receipt)/apply", answer).status == 200)
        #expect(await program.get("/v1/receipts/\(receipt)/payment").json["statement"]?["id"]?.text == id)
        let applied = await program.get("/v1/statements/\(id)/entries").rows.first
        #expect(applied?["waits"] == .bool(false) && applied?["rule"]?.text != nil)
        let then = await program.get("/v1/statements/\(id)/entries?known_at=\(taken)").rows.first
        #expect(then?["waits"] == .bool(true) && then?["rule"] == .null)
    }

    @Test(arguments: Engine.available) func anotherKeyDecidesWhatWaits(engine: Engine) async throws {
        let server = try await late(engine), kim = try await server.person(.collector, "kim"), ann = try await Program(server, .approver)
        let path = "/invoices/\(DeskServer.document)/write-off"
        func open() async throws -> Int64 {
            try await server.count("SELECT open_minor FROM open_item WHERE entity_id = 1 AND number = \(DeskServer.document)")
        }
        #expect(await kim.post(path, "amount=80.00&code=uncollectable&reason=gone").header(.location) == "/approvals")
        let asked = server.clock.next().iso8601
        let waiting = try #require(await ann.get("/v1/approvals?state=waiting").rows.first), id = try #require(waiting["id"]?.text)
        #expect(waiting["document"]?.text == DeskServer.document && waiting["asked_by"] == "kim" && waiting["reason"] == "gone")
        #expect(await ann.get("/v1/today").json["approvals_waiting"] == 1)
        #expect(try await Program(server, .collector).post("/v1/approvals/\(id)/approve").status == 403)
        let done = await ann.post("/v1/approvals/\(id)/approve")
        #expect(done.status == 200 && done.json["state"] == "approved" && done.json["decided_by"] == "key approver")
        #expect(try await open() == 520_00)
        #expect(await ann.post("/v1/approvals/\(id)/approve").code == "already_decided")
        #expect(await ann.get("/v1/approvals/\(id)?known_at=\(asked)").json["state"] == "waiting")
        #expect(await ann.get("/v1/approvals?state=waiting&known_at=\(asked)").rows.count == 1)
        #expect(await ann.get("/v1/approvals?state=waiting").rows.isEmpty)
        #expect(await kim.post(path, "amount=90.00&code=uncollectable&reason=gone").header(.location) == "/approvals")
        let second = try #require(await ann.get("/v1/approvals?state=waiting").rows.first?["id"]?.text)
        #expect(await ann.post("/v1/approvals/\(second)/decline").json["state"] == "declined")
        #expect(try await open() == 520_00)
        let noted = try await server.database.read { tx in
            try tx.rows(
                """
                SELECT detail FROM audit_entry WHERE entity_id = 1 AND act LIKE 'POST /v1/approvals/{id}/%' AND outcome = 'done'
                 ORDER BY id
                """
            ) { $0.text(0) }
        }
        let asking = "Write-off of 80.00 GBP of \(DeskServer.document), Uncollectable asked_by=kim"
        #expect(noted.first == "id=\(id) {} act=\(path) request=\(asking)")
        #expect(noted.count == 2 && noted[1].hasPrefix("id=\(second) {} act=\(path) request=Write-off of 90.00 GBP"))
    }

    @Test(arguments: Engine.available) func accountsAndKeysAreGovernedByAnAdministratorsKey(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), root = try await Program(server, .administrator)
        _ = try await server.person(.administrator, "ann")
        let before = server.clock.next().iso8601
        _ = try await server.person(.clerk, "ben")
        let users = await root.get("/v1/users").rows
        #expect(users.compactMap { $0["name"]?.text } == ["ann", "ben"] && users[1]["role"] == "clerk")
        #expect(await root.get("/v1/users?known_at=\(before)").rows.count == 1)
        let ann = try #require(users[0]["id"]?.text), ben = try #require(users[1]["id"]?.text)
        #expect(await root.post("/v1/users/\(ben)/role", ["role": "collector"]).json["role"] == "collector")
        #expect(await root.post("/v1/users/\(ben)/role", ["role": "king"]).status == 400)
        #expect(await root.post("/v1/users/\(ben)/shut").json["is_shut"] == .bool(true))
        #expect(await root.post("/v1/users/\(ann)/shut").code == "last_administrator")
        let clerk = try await Program(server, .clerk)
        #expect(await clerk.get("/v1/users").status == 403)
        let keys = await root.get("/v1/keys").rows
        #expect(keys.compactMap { $0["name"]?.text } == ["administrator", "clerk"])
        let standing = server.clock.next().iso8601, key = try #require(keys.last?["id"]?.text)
        let own = try #require(keys.first?["id"]?.text)
        #expect(await root.post("/v1/keys/\(own)/revoke").status == 409)
        #expect(await root.post("/v1/keys/\(key)/revoke").status == 200)
        #expect(await root.post("/v1/keys/\(key)/revoke").code == "api_key_not_found")
        #expect(await root.get("/v1/keys").rows.count == 1)
        #expect(await root.get("/v1/keys?known_at=\(standing)").rows.count == 2)
        let seller = Party(
            name: "", country: "", address: PostalAddress(street: "1 Quay", postalCode: nil, city: "London"), registration: "01234567",
            account: PaymentAccount(iban: "GB33BUKB20201555555555", bic: "BUKBGB22"))
        try await server.write { try SaveSeller(ID(1), seller).run(in: $0, at: $1) }
        let settings = await root.get("/v1/entity").json
        #expect(settings["address"]?["city"] == "London" && settings["registration"] == "01234567" && settings["bic"] == "BUKBGB22")
        #expect(await root.get("/v1/entity?known_at=\(standing)").json["name"] == "Example Trading Ltd")
        let entity = await root.get("/v1/entity").json
        #expect(entity["name"] == "Example Trading Ltd" && entity["closed_through"] == .null)
    }

    @Test(arguments: Engine.available) func theProofIsThatOfTheMoment(engine: Engine) async throws {
        let server = try await late(engine), program = try await Program(server, .viewer)
        let proof = await program.get("/v1/proof").json, then = server.clock.next().iso8601
        let line = try #require(proof["currencies"]?.array?.first)
        #expect(line["debits"] == line["credits"] && line["open_items"]?.minor == 690_00 && line["is_equal"]?.flag == true)
        #expect(await program.get("/v1/seals?limit=1").rows.first?["hash"] == proof["head"])
        let past = await program.get("/v1/proof?known_at=\(then)").json
        #expect(past["currencies"] == proof["currencies"] && past["head"] == proof["head"] && past["seals"] == proof["seals"])
        let item = OpeningItem(
            number: "OLD-3", customerNumber: "C2", issuedOn: Day("2026-01-20")!, dueOn: Day("2026-01-21")!, open: Money(minor: 10_00, .gbp))
        try await server.write { _ = try ImportOpenItems(ID(1), [item]).run(in: $0, at: $1) }
        let now = await program.get("/v1/proof").json
        #expect(now["currencies"]?.array?.first?["open_items"]?.minor == 700_00 && now["head"] != proof["head"])
        #expect(await program.get("/v1/proof?known_at=\(then)").json == past)
        let early = await program.get("/v1/proof?as_of=2026-01-10").json
        #expect(early["currencies"]?.array?.first?["open_items"]?.minor == 600_00 && early["head"] == now["head"])
        #expect(await program.get("/v1/proof?known_at=2026-01-01").status == 404, "nothing was sealed yet")
    }
}
