import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Lists of the API by state and by what else a row says of itself: every word is taken, and finds what it names.
@Suite struct ListStateTests {
    private static let day = "2026-02-25"

    private func order(_ number: String, of customer: String = "C1", price: Int64 = 100_000_000) -> JSON {
        [
            "channel": "web", "number": .text(number), "customer_number": .text(customer), "country": "GB", "ordered_on": "2026-02-20",
            "currency": "GBP", "lines": .array([["sku": "A", "quantity_milli": 1_000, "price_micro": .integer(price)]]),
        ]
    }

    private func texts(_ program: Program, _ path: String, _ name: String) async -> [String] {
        await program.get(path).rows.compactMap { $0[name]?.text }.sorted()
    }

    /// Every word of every parameter of every reading, now and at a moment.
    @Test(arguments: Engine.available) func everyFilterIsTaken(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), program = try await Program(server, .administrator), ids = try await server.things()
        for endpoint in Endpoint.all where endpoint.method == "GET" {
            let number = endpoint.path.contains("invoices") ? ids["invoice"] ?? "" : "C-OWN"
            let path = endpoint.path.replacing("{number}", with: number).replacing("{id}", with: ids[endpoint.idPrefix ?? ""] ?? "")
            for parameter in endpoint.query {
                for word in words(of: parameter.schema) {
                    for moment in ["", "&as_of=2026-02-26", "&known_at=2026-02-26T00:00:00Z"] where !moment.contains(parameter.name) {
                        let reply = await program.get("\(path)?\(parameter.name)=\(word)\(moment)")
                        #expect(reply.status == 200, "\(path)?\(parameter.name)=\(word)\(moment): \(reply.json)")
                    }
                }
            }
        }
    }

    private func words(of schema: Schema) -> [String] {
        switch schema {
        case .choice(let words): words
        case .day: [Self.day]
        case .instant: ["2026-02-26T00:00:00Z"]
        case .currency: ["GBP"]
        case .integer: ["1"]
        case .word, .text: ["C-OWN"]
        default: []
        }
    }

    /// What a list tells can be read by its id, and was not there before it was recorded.
    @Test(arguments: Engine.available) func whatIsListedIsReadAlone(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), program = try await Program(server, .administrator)
        _ = try await server.things()
        for path in [
            "approvals", "journal", "keys", "messages", "open-items", "orders", "receipts", "remittances", "runs", "slices", "statements",
            "users", "webhooks",
        ] {
            let row = try #require(await program.get("/v1/\(path)").rows.first), id = try #require(row["id"]?.text)
            let one = await program.get("/v1/\(path)/\(id)")
            #expect(one.status == 200 && one.json["id"]?.text == id, "\(path)")
            if !["receipts", "remittances", "runs"].contains(path) { #expect(one.json == row, "\(path) tells more of one") }
            #expect(await program.get("/v1/\(path)/\(id)?known_at=2026-02-25T00:00:00Z").status == 404, "\(path)")
            let strange = "\(id.prefix { $0 != "_" })_0000000000001"
            #expect(await program.get("/v1/\(path)/\(strange)").status == 404, "\(path)")
        }
    }

    /// A row that has a state is found by it.
    @Test func everyListOfThingsWithAStateIsNarrowedByIt() {
        let lists = Endpoint.all.filter { endpoint in endpoint.method == "GET" && endpoint.query.contains { $0.name == "after" } }
        var narrowed: [String] = []
        for list in lists {
            guard var state = list.answer.rows?.fields.first(where: { $0.name == "state" })?.schema else { continue }
            if case .optional(let inner) = state { state = inner }
            guard case .choice(let states) = state, case .choice(let words)? = list.query.first(where: { $0.name == "state" })?.schema
            else {
                Issue.record("\(list.path) has states without a filter")
                continue
            }
            #expect(Set(states).isSubset(of: words), "\(list.path)")
            narrowed.append(list.path)
        }
        #expect(
            narrowed.sorted() == [
                "/v1/approvals", "/v1/customers/{number}/messages", "/v1/messages", "/v1/orders", "/v1/receipts", "/v1/runs",
                "/v1/webhooks",
            ])
        #expect(Set(OrderList.Filter.allCases.map(\.rawValue)) == Set(OrderState.allCases.map(\.rawValue) + ["all"]))
        #expect(Set(ReceiptList.Filter.allCases.map(\.rawValue)) == Set(ReceiptList.State.allCases.map(\.rawValue) + ["all"]))
    }

    @Test(arguments: Engine.available) func ordersOfEveryState(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), program = try await Program(server, .controller)
        let customers: [JSON] = [
            ["number": "C1", "name": "Meyer", "country": "GB", "currency": "GBP"],
            ["number": "C2", "name": "Novak", "country": "GB", "currency": "GBP", "credit_limit": ["minor": 0, "currency": "GBP"]],
        ]
        #expect(await program.post("/v1/customers", ["customers": .array(customers)]).status == 200)
        #expect(await program.post("/v1/orders", ["orders": .array([order("B"), order("Z", price: 0)])]).status == 200)
        #expect(await program.post("/v1/runs/billing", ["on": .text(Self.day)]).status == 200)
        let placed = await program.post("/v1/orders", ["orders": .array([order("C"), order("X"), order("H", of: "C2")])]).json
        let told = placed["orders"]?.array ?? [], cancelled = try #require(told[1]["id"]?.text), held = try #require(told[2]["id"]?.text)
        #expect(await program.post("/v1/orders/\(cancelled)/cancel", ["reason": "by phone"]).status == 200)
        for (state, numbers) in [
            ("held", ["H"]), ("confirmed", ["C"]), ("billed", ["B"]), ("cancelled", ["X"]), ("no_charge", ["Z"]),
            ("all", ["B", "C", "H", "X", "Z"]),
        ] {
            #expect(await texts(program, "/v1/orders?state=\(state)", "number") == numbers, "\(state)")
            if state != "all" { #expect(Set(await texts(program, "/v1/orders?state=\(state)", "state")) == [state]) }
        }
        #expect(await texts(program, "/v1/orders?state=confirmed&as_of=\(Self.day)", "number") == ["C", "Z"])
        #expect(await texts(program, "/v1/orders?state=cancelled&as_of=\(Self.day)", "number") == ["X"])
        // Why it is held is told at once, as it is kept.
        let event = await program.get("/v1/orders/\(held)/events").rows.first
        #expect(await program.get("/v1/orders/\(held)").json["hold_reason"] == event?["reason"])
        #expect(await program.get("/v1/orders?state=held").rows.first?["hold_reason"] == event?["reason"])
        #expect(await program.get("/v1/orders/\(cancelled)").json["hold_reason"] == .null)
        #expect(told[2]["outcome"] == "held" && told[2]["reason"]?.text?.isEmpty == false && told[2]["reason"] == event?["reason"])
        #expect(told[0]["outcome"] == "placed" && told[0]["reason"] == .null)
    }

    @Test(arguments: Engine.available) func receiptsOfEveryState(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), program = try await Program(server, .controller)
        func receipt(_ payer: String, _ minor: Int64, _ words: String) -> JSON {
            [
                "method": "card", "number": .text("ch_\(minor)"), "booked_on": .text(Self.day),
                "amount": ["minor": .integer(minor), "currency": "GBP"],
                "payer_name": .text(payer), "remittance": .text(words),
            ]
        }
        let given = [receipt("Meyer", 600_00, DeskServer.document), receipt("strange", 7_77, "?"), receipt("later", 8_88, "?")]
        #expect(await program.post("/v1/receipts", ["receipts": .array(Array(given.prefix(2)))]).status == 200)
        #expect(await texts(program, "/v1/receipts?state=new", "payer").contains("strange"))
        #expect(await program.post("/v1/runs/cash", ["on": .text(Self.day)]).status == 200)
        #expect(await texts(program, "/v1/receipts?state=applied", "payer") == ["Meyer"])
        #expect(await texts(program, "/v1/receipts?state=unapplied", "payer") == ["strange"])
        #expect(await texts(program, "/v1/receipts?state=new", "payer").isEmpty)
        #expect(await texts(program, "/v1/cash-queue?state=all", "payer") == ["strange"])
        let waited = server.clock.next().iso8601
        let id = try #require(await program.get("/v1/receipts?state=unapplied").rows.first?["id"]?.text)
        #expect(await program.post("/v1/receipts/\(id)/set-aside", ["reason": "another firm's"]).status == 200)
        #expect(await program.post("/v1/receipts", ["receipts": .array([given[2]])]).status == 200)
        for (state, payers) in [
            ("applied", ["Meyer"]), ("not_ours", ["strange"]), ("new", ["later"]), ("unapplied", []), ("retold", []),
            ("all", ["Meyer", "later", "strange"]),
        ] as [(String, [String])] {
            #expect(await texts(program, "/v1/receipts?state=\(state)", "payer") == payers, "\(state)")
            if state != "all" { #expect(Set(await texts(program, "/v1/receipts?state=\(state)", "state")).isSubset(of: [state])) }
        }
        for query in ["", "?known_at=\(waited)", "?as_of=\(Self.day)"] {
            for row in await program.get("/v1/receipts\(query)").rows {
                let one = await program.get("/v1/receipts/\(row["id"]?.text ?? "")\(query)").json
                #expect(one["state"] == row["state"], "\(row["payer"]?.text ?? "")\(query)")
            }
        }
        #expect(await texts(program, "/v1/receipts?state=unapplied&known_at=\(waited)", "payer") == ["strange"])
        #expect(await texts(program, "/v1/receipts?state=not_ours&known_at=\(waited)", "payer").isEmpty)
    }

    @Test(arguments: Engine.available) func slicesThatStandAndThatEnded(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), program = try await Program(server, .controller)
        let path = "/v1/invoices/\(DeskServer.document)/slices"
        for (kind, minor, due) in [("dispute", 10_00, nil), ("promise", 20_00, "2026-02-26")] as [(String, Int64, String?)] {
            var body: [JSON.Member] = [
                .init("kind", .text(kind)), .init("amount", ["minor": .integer(minor), "currency": "GBP"]), .init("reason", "said so"),
            ]
            if let due { body.append(.init("due_on", .text(due))) }
            #expect(await program.post(path, .object(body)).status == 200)
        }
        let before = server.clock.next().iso8601
        let id = try #require(await program.get("/v1/slices?kind=dispute").rows.first?["id"]?.text)
        #expect(await program.post("/v1/slices/\(id)/release", ["reason": "settled"]).status == 200)
        #expect(await texts(program, "/v1/slices", "kind") == ["promise"])
        #expect(await texts(program, "/v1/slices?state=ended", "kind") == ["dispute"])
        #expect(await texts(program, "/v1/slices?state=all", "kind") == ["dispute", "promise"])
        #expect(await texts(program, "/v1/slices?state=ended&known_at=\(before)", "kind").isEmpty)
        #expect(await texts(program, "/v1/slices?state=standing&known_at=\(before)", "kind") == ["dispute", "promise"])
        #expect(await texts(program, "/v1/slices?state=overdue", "kind").isEmpty)
        server.clock.advance(minutes: 3 * 24 * 60)
        #expect(await texts(program, "/v1/slices?state=overdue", "kind") == ["promise"], "its day is over")
        #expect(await texts(program, "/v1/slices?state=overdue&as_of=2026-02-26", "kind").isEmpty)
    }

    @Test(arguments: Engine.available) func runsAndFigures(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), program = try await Program(server, .controller)
        #expect(await program.post("/v1/runs/day", ["on": "2026-02-24"]).status == 200)
        #expect(await program.post("/v1/runs/day", ["on": .text(Self.day)]).status == 200)
        #expect(await program.post("/v1/runs/cash", ["on": .text(Self.day)]).status == 200)
        func runs(_ filter: String) async -> [String] { await texts(program, "/v1/runs?\(filter)", "on") }
        #expect(await runs("name=day") == ["2026-02-24", Self.day])
        #expect(await runs("name=cash") == [Self.day])
        #expect(await runs("name=billing").isEmpty)
        #expect(await runs("through=2026-02-24") == ["2026-02-24"])
        #expect(await runs("from=\(Self.day)&name=day") == [Self.day])
        #expect(await runs("state=done").count == 3)
        #expect(await runs("state=failed").isEmpty)
        #expect(await runs("state=running").isEmpty)
        let begun = try #require(await program.get("/v1/runs?name=cash").rows.first?["started_at"]?.text)
        #expect(await texts(program, "/v1/runs?state=running&known_at=\(begun)", "name") == ["cash"], "it had not ended")
        #expect(await texts(program, "/v1/runs?state=done&known_at=\(begun)", "name") == ["day", "day"])
        func figures(_ filter: String) async -> [String] { await texts(program, "/v1/figures?\(filter)", "on") }
        #expect(await figures("") == ["2026-02-24", Self.day])
        #expect(await figures("from=\(Self.day)") == [Self.day])
        #expect(await figures("through=2026-02-24") == ["2026-02-24"])
        #expect(await figures("currency=EUR").isEmpty)
        #expect(await figures("from=2020-01-01&through=2026-02-24&currency=GBP") == ["2026-02-24"])
        let first = ["2026-02-24"], both = first + [Self.day]
        for (known, days) in [
            ("2026-02-24", first), ("2026-02-24T23:59:59.999999Z", first), ("2026-02-24T23:59:59.999998Z", []),
            ("2026-02-25T23:00:00Z", first), ("2026-02-26T00:00:00Z", both), (Self.day, both),
        ] as [(String, [String])] {
            #expect(await figures("known_at=\(known)") == days, "the days whose end was known at \(known)")
        }
    }

    @Test(arguments: Engine.available) func whatWasWrittenToACustomer(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), program = try await Program(server, .controller), path = "/v1/customers/C1/messages"
        try await server.write { tx, now in
            var ladder = DunningLadder.standard
            ladder.requiresFeed = false
            _ = try RunDunning(ID(1), on: Day("2026-02-24")!, ladder).run(in: tx, at: now)
        }
        #expect(await program.post("/v1/customers/C1/statement/send", ["as_of": "2026-02-20"]).status == 200)
        func kinds(_ filter: String) async -> [String] { await texts(program, "\(path)?\(filter)", "kind") }
        #expect(await kinds("") == ["notice", "statement"])
        #expect(await kinds("kind=notice") == ["notice"])
        #expect(await kinds("kind=question").isEmpty)
        #expect(await kinds("state=waiting") == ["notice", "statement"])
        #expect(await kinds("state=sent").isEmpty)
        #expect(await kinds("through=2026-02-24") == ["notice"])
        #expect(await kinds("from=\(Self.day)") == ["statement"])
        #expect(await kinds("from=2026-02-24&through=\(Self.day)").count == 2)
        #expect(await kinds("from=2026-02-26").isEmpty)
        for moment in ["", "?as_of=2020-01-01", "?as_of=2099-12-31", "?known_at=2026-02-25T00:00:00Z", "?known_at=2026-02-26T00:00:00Z"] {
            #expect(await program.get("/v1/customers/NONE/messages\(moment)").status == 404, "\(moment)")
        }
        #expect(await program.get("\(path)?known_at=2026-02-25T00:00:00Z").status == 404, "the customer was not known by then")
    }

    @Test(arguments: Engine.available) func peopleKeysAndAddresses(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), program = try await Program(server, .administrator)
        for (role, name) in [(Role.administrator, "ann"), (.clerk, "ben"), (.clerk, "cy")] { _ = try await server.person(role, name) }
        let cy = try #require(await program.get("/v1/users?role=clerk").rows.last?["id"]?.text)
        #expect(await program.post("/v1/users/\(cy)/shut").status == 200)
        func people(_ filter: String) async -> [String] { await texts(program, "/v1/users?\(filter)", "name") }
        #expect(await people("role=clerk") == ["ben", "cy"])
        #expect(await people("state=shut") == ["cy"])
        #expect(await people("role=clerk&state=open") == ["ben"])
        #expect(await people("role=auditor").isEmpty)
        #expect(await people("state=open") == ["ann", "ben"])
        _ = try await server.key(.clerk, scopes: ["orders:read", "orders:write"])
        _ = try await server.key(.viewer, scopes: ["orders:read"])
        func keys(_ filter: String) async -> [String] { await texts(program, "/v1/keys?\(filter)", "name") }
        #expect(await keys("scope=orders:write") == ["clerk"])
        #expect(await keys("scope=orders:read") == ["clerk", "viewer"])
        #expect(await keys("scope=orders").isEmpty)
        #expect(await keys("role=viewer") == ["viewer"])
        #expect(await keys("state=revoked").isEmpty)
        let viewer = try #require(await program.get("/v1/keys?role=viewer").rows.first?["id"]?.text), before = server.clock.next().iso8601
        #expect(await program.post("/v1/keys/\(viewer)/revoke").status == 200)
        #expect(await keys("") == ["administrator", "clerk"])
        #expect(await keys("state=revoked") == ["viewer"])
        #expect(await keys("state=all").count == 3)
        #expect(await program.get("/v1/keys?state=revoked").rows.first?["revoked_at"]?.text != nil)
        #expect(await keys("state=revoked&known_at=\(before)").isEmpty)
        #expect(await keys("role=viewer&known_at=\(before)") == ["viewer"])
        #expect(await program.get("/v1/keys?role=viewer&known_at=\(before)").rows.first?["revoked_at"] == .null)
        var hooks: [String] = []
        for name in ["one", "two"] {
            let made = await program.post("/v1/webhooks", ["url": .text("https://\(name).example.com/florin")])
            hooks.append(try #require(made.json["id"]?.text))
        }
        let both = server.clock.next().iso8601
        #expect(await program.post("/v1/webhooks/\(hooks[0])/remove").status == 200)
        func addresses(_ filter: String) async -> [String] { await texts(program, "/v1/webhooks?\(filter)", "id") }
        #expect(await addresses("") == [hooks[1]])
        #expect(await addresses("state=removed") == [hooks[0]])
        #expect(await addresses("state=all") == hooks.sorted())
        #expect(await addresses("state=paused").isEmpty)
        #expect(await addresses("state=removed&known_at=\(both)").isEmpty)
    }

    @Test(arguments: Engine.available) func sealsOfDays(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), program = try await Program(server, .viewer)
        server.clock.advance(minutes: 24 * 60)
        try await server.write { tx, at in
            _ = try SaveCustomers(ID(1), [CustomerProfile(number: "C2", name: "Novak", country: "GB", currency: .gbp)]).run(in: tx, at: at)
        }
        func seals(_ filter: String) async -> Int { await program.get("/v1/seals?\(filter)").rows.count }
        let all = await seals("")
        #expect(all > 1)
        #expect(await seals("from=2026-02-26") == 1)
        #expect(await seals("through=2026-02-25") == all - 1)
        #expect(await seals("from=2026-02-25&through=2026-02-26") == all)
        #expect(await seals("from=2026-02-27") == 0)
        #expect(await seals("from=2026-02-26&as_of=2026-02-25") == 0)
    }

    @Test(arguments: Engine.available) func statementsOfAnAccountAndItsDays(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), program = try await Program(server, .viewer)
        let accounts = ["GB33BUKB20201555555555", "DE02120300000000202051"]
        for (at, account) in accounts.enumerated() {
            let day = Day("2026-02-10")! + at
            let header = StatementHeader(format: "camt.053.001.08", id: "S\(at)", account: account, currency: .gbp, createdOn: day)
            let summary = ImportStatement.Summary(
                header: header, fileDigest: "S\(at)", currency: .gbp, opening: nil, closing: nil, findings: [], throughOn: day)
            try await server.write { tx, now in _ = try ImportStatement(ID(1), summary, []).run(in: tx, at: now) }
        }
        func numbers(_ filter: String) async -> [String] { await texts(program, "/v1/statements?\(filter)", "number") }
        #expect(await numbers("account=\(accounts[0])") == ["S0"])
        #expect(await numbers("account=DE02%201203%200000%200000%202020%2051") == ["S1"])
        #expect(await numbers("account=none").isEmpty)
        #expect(await numbers("from=2026-02-11") == ["S1"])
        #expect(await numbers("through=2026-02-10") == ["S0"])
        #expect(await numbers("from=2026-02-10&through=2026-02-11") == ["S0", "S1"])
        #expect(await numbers("from=2026-02-11&as_of=2026-02-10").isEmpty)
    }
}
