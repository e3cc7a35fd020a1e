import Domain
import Foundation
import Operations
import Store
import TestSupport
import Testing

@testable import Web

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Orders and customers as CSV and JSON lines: each item is answered for itself, with its line.
@Suite struct BulkTests {
    private static let csv = "text/csv; charset=utf-8", lines = "application/x-ndjson"

    private func send(
        _ path: String, _ type: String, _ text: String, key: String = Secret.token(""), to server: LiveServer
    ) async throws -> LiveServer.Reply {
        var request = URLRequest(url: URL(string: "http://127.0.0.1:\(server.port)\(path)")!)
        request.httpMethod = "POST"
        request.httpBody = Data(text.utf8)
        for (name, value) in [
            ("Authorization", "Bearer \(server.keys[.clerk] ?? "")"), ("Content-Type", type), ("Idempotency-Key", key),
        ] { request.setValue(value, forHTTPHeaderField: name) }
        return try await LiveServer.send(request)
    }

    private func outcomes(_ reply: LiveServer.Reply, _ member: String) -> [String] {
        (reply.json[member]?.array ?? []).map { item in
            let words = ["number", "outcome", "field"].compactMap { item[$0]?.text }.joined(separator: " ")
            return "\(item["line"]?.integer ?? 0): \(words)"
        }
    }

    @Test(arguments: Engine.available) func ordersComeAsCSV(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            let file = """
                order_id,customer,country,ordered_on,currency,sku,description,quantity,unit_price
                SO-1,C1,GB,2026-03-09,GBP,A-1,Article,2,10.00
                SO-2,C1,XX,2026-03-09,GBP,A-1,Article,1,10.00
                SO-1,C1,GB,2026-03-09,GBP,A-2,Another,1,2.50
                SO-3,C1,GB,2026-03-09,GBP,A-1,Article,one,10.00
                SO 4,C1,GB,2026-03-09,GBP,A-1,Article,1,10.00
                SO-5,C2,GB,2026-03-09,GBP,A-1,Article,1,10.00

                """
            let key = "orders-of-a-file", first = try await send("/v1/orders", Self.csv, file, key: key, to: server)
            #expect(first.status == 200, "\(first.body)")
            #expect(
                outcomes(first, "orders") == [
                    "2: SO-1 placed", "3: SO-2 refused country", "5: SO-3 refused quantity", "6: SO 4 refused number", "7: SO-5 placed",
                ])
            #expect(first.json["orders"]?.array?.map { $0["channel"]?.text } == Array(repeating: "file", count: 5))
            let orders = Endpoint.all.first { $0.method == "POST" && $0.path == "/v1/orders" }
            #expect(orders?.answer.fault(first.json) == nil)
            #expect(try await send("/v1/orders", Self.csv, file, key: key, to: server).body == first.body)
            #expect(try await send("/v1/orders", Self.csv, file + "\n", key: key, to: server).status == 422)
            let placed = try await server.send("GET", "/v1/orders").json["rows"]?.array ?? []
            #expect(placed.count == 2)
            let known = try await send("/v1/orders", Self.csv, file, to: server)
            #expect(outcomes(known, "orders").filter { $0.hasSuffix("known") } == ["2: SO-1 known", "7: SO-5 known"])
        }
    }

    @Test func ordersComeAsJSONLines() async throws {
        try await LiveServer.run(.sqlite) { server in
            let text = [order("SO-1").line, "", "{\"channel\":", "[]", order("SO-2", price: -1).line, order("SO-3").line].joined(
                separator: "\n")
            let reply = try await send("/v1/orders", Self.lines, text, to: server)
            #expect(
                outcomes(reply, "orders") == [
                    "1: SO-1 placed", "3:  refused", "4:  refused", "5: SO-2 refused lines[0].price_micro", "6: SO-3 placed",
                ], "\(reply.body)")
        }
    }

    @Test(arguments: Engine.available) func whatComesTwiceInOneRequestIsNotLost(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            let lines = [order("SO-1"), order("SO-1"), order("SO-1", price: 20_000_000)].map(\.line).joined(separator: "\n")
            let reply = try await send("/v1/orders", Self.lines, lines, to: server)
            #expect(outcomes(reply, "orders") == ["1: SO-1 placed", "2: SO-1 placed", "3: SO-1 known"], "\(reply.body)")
            let told = reply.json["orders"]?.array ?? []
            #expect(told[1]["reason"] == .null && told[2]["reason"]?.text?.hasPrefix("differs") == true)
            func receipt(_ minor: Int64) -> JSON {
                [
                    "method": "card", "number": "ch_9", "booked_on": "2026-02-25",
                    "amount": ["minor": .integer(minor), "currency": "GBP"],
                ]
            }
            func body(_ receipts: [JSON]) -> String { JSON.object([.init("receipts", .array(receipts))]).line }
            let first = try await send(
                "/v1/receipts", "application/json", body([receipt(30_00), receipt(40_00), receipt(30_00)]), to: server)
            let outcomes = first.json["receipts"]?.array ?? []
            #expect(outcomes.compactMap { $0["outcome"]?.text } == ["recorded", "known", "recorded"], "\(first.body)")
            #expect(
                outcomes.map { $0["reason"] == .null } == [true, false, true] && Set(outcomes.compactMap { $0["id"]?.text }).count == 1)
            let rows = try await server.send("GET", "/v1/receipts").json["rows"]?.array ?? []
            #expect(rows.count == 1 && rows[0]["amount"]?["minor"] == 30_00)
            let again = try await send("/v1/receipts", "application/json", body([receipt(40_00)]), to: server)
            let known = again.json["receipts"]?.array?.first
            #expect(known?["outcome"] == "known" && known?["reason"]?.text?.hasPrefix("differs") == true, "\(again.body)")
        }
    }

    @Test func aCustomerThatComesAgainIsRefusedAlone() async throws {
        try await LiveServer.run(.sqlite) { server in
            let one = "{\"number\":\"C1\",\"name\":\"Meyer\",\"country\":\"DE\",\"currency\":\"EUR\"}"
            let text = [one, one.replacing("C1", with: "C2"), one].joined(separator: "\n")
            let reply = try await send("/v1/customers", Self.lines, text, to: server)
            #expect(outcomes(reply, "customers") == ["1: C1 created", "2: C2 created", "3: C1 refused number"], "\(reply.body)")
        }
    }

    @Test(arguments: Engine.available) func inJSONItIsRefusedAloneToo(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            func customer(_ number: String, _ name: String) -> JSON {
                ["number": .text(number), "name": .text(name), "country": "DE", "currency": "EUR"]
            }
            let given = [customer("C1", "Meyer"), customer("C2", "Novak"), customer("C1", "Zimmer")]
            let reply = try await send(
                "/v1/customers", "application/json", JSON.object([.init("customers", .array(given))]).line, to: server)
            #expect(reply.status == 200)
            #expect(outcomes(reply, "customers") == ["0: C1 created", "0: C2 created", "0: C1 refused number"], "\(reply.body)")
            let told = reply.json["customers"]?.array ?? []
            #expect(told[2]["id"] == .null && told[2]["reason"] == "number: C1 stands in the request already: write it once")
            let customers = Endpoint.all.first { $0.method == "POST" && $0.path == "/v1/customers" }
            #expect(customers?.answer.fault(reply.json) == nil)
            let names = try await server.send("GET", "/v1/customers").json["rows"]?.array?.compactMap { $0["name"]?.text }
            #expect(names == ["Meyer", "Novak"], "the first stands")
        }
    }

    @Test(arguments: Engine.available) func customersComeAsCSV(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            let file = """
                number,name,country,currency,email,terms_days,credit_limit,ibans,discount_percent,discount_days
                C1,Meyer GmbH,DE,EUR,ap@meyer.example,14,5000.00,DE02 1203 0000 0000 2020 51,2,10
                C2,Smith Ltd,GB,GBP,,,,DE02120300000000202051,,
                C3,Wrong GmbH,DE,EUR,,,,DE02120300000000202052,,
                C1,Meyer AG,DE,EUR,,,,,,
                C4,Late AG,DE,EUR,,9999,,,,
                """
            let reply = try await send("/v1/customers", Self.csv, file, to: server)
            #expect(
                outcomes(reply, "customers") == [
                    "2: C1 created", "3: C2 created", "4: C3 refused ibans", "5: C1 refused number", "6: C4 refused terms_days",
                ], "\(reply.body)")
            let told = reply.json["customers"]?.array ?? []
            #expect(told[2]["reason"]?.text?.contains("wrong check digits") == true)
            #expect(told[0]["findings"]?.array?.first?.text?.contains("is of customers C1, C2") == true)
            let terms = try await server.send("GET", "/v1/customers/C1/terms").json
            #expect(terms["credit_limit"] == ["minor": 500_000, "currency": "EUR"] && terms["cash_discount"]?["days"] == 10)
            let again = "number,name,country,currency,email\nC1,Meyer AG,DE,EUR,\n"
            #expect(outcomes(try await send("/v1/customers", Self.csv, again, to: server), "customers") == ["2: C1 changed"])
            let after = try await server.send("GET", "/v1/customers/C1/terms").json
            #expect(after["name"] == "Meyer AG" && after["email"] == .null && after["terms_days"] == 14)
        }
    }

    @Test func customersComeAsJSONLines() async throws {
        try await LiveServer.run(.sqlite) { server in
            let text = """
                {"number":"C1","name":"Meyer","country":"DE","currency":"EUR","credit_limit":{"minor":100,"currency":"GBP"}}
                {"number":"C2","name":"Smith","country":"GB","currency":"GBP"}
                """
            let reply = try await send("/v1/customers", Self.lines, text, to: server)
            #expect(outcomes(reply, "customers") == ["1: C1 refused credit_limit.currency", "2: C2 created"], "\(reply.body)")
        }
    }

    @Test func whatIsTooLongOrUnreadableIsToldAsAWhole() async throws {
        try await LiveServer.run(.sqlite) { server in
            let head = "number,name,country,currency\n", row = "C1,Meyer,DE,EUR\n"
            let long = try await send("/v1/customers", Self.csv, head + String(repeating: row, count: Bulk.rowLimit + 1), to: server)
            #expect(long.status == 413 && long.json["code"] == "too_many_rows")
            let lines = String(repeating: "{}\n", count: Bulk.rowLimit + 1)
            #expect(try await send("/v1/customers", Self.lines, lines, to: server).status == 413)
            #expect(try await send("/v1/orders", Self.lines, String(repeating: " ", count: (1 << 20) + 1), to: server).status == 413)
            for text in ["", "number,name\nC1,Meyer\n", head, head + "\"C1,Meyer,DE,EUR\n"] {
                let reply = try await send("/v1/customers", Self.csv, text, to: server)
                #expect(reply.status == 409 && reply.json["code"] == "file_unreadable", "\(reply.body)")
            }
            for twice in ["number,name,country,currency,Name\n", "NUMBER,number,name,country,currency\n"] {
                let reply = try await send("/v1/customers", Self.csv, twice + "C1,Meyer,DE,EUR,Else\n", to: server)
                #expect(reply.status == 409 && reply.body.contains("line 1: column"), "\(reply.body)")
                #expect(reply.body.contains("is named twice: name each column once"))
            }
            #expect(try await send("/v1/receipts/rcp_0000000000001/apply", Self.csv, head, to: server).status == 415)
        }
    }

    private static let receipts = """
        method,number,booked_on,amount,currency,payer_name,remittance
        card,ch_1,2026-03-09,30.00,GBP,Meyer,SO-1
        card,ch_2,2026-03-09,30.00,XXY,,
        card,ch_3,2026-03-09,1e3,GBP,,
        card,ch_4,yesterday,1.00,GBP,,
        card,ch_5,2026-03-09,-1.00,GBP,,
        card,ch 6,2026-03-09,1.00,GBP,,
        card,ch_1,2026-03-09,31.00,GBP,,
        card,ch_7,2026-03-09,1200,JPY,,
        """

    @Test(arguments: Engine.available) func receiptsComeAsCSV(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            let key = "receipts-of-a-file", first = try await send("/v1/receipts", Self.csv, Self.receipts, key: key, to: server)
            #expect(
                outcomes(first, "receipts") == [
                    "2: ch_1 recorded", "3: ch_2 refused currency", "4: ch_3 refused amount", "5: ch_4 refused booked_on",
                    "6: ch_5 refused amount.minor", "7: ch 6 refused number", "8: ch_1 known", "9: ch_7 recorded",
                ], "\(first.body)")
            let told = first.json["receipts"]?.array ?? []
            #expect(told.allSatisfy { $0["method"] == "card" } && told[6]["reason"]?.text?.hasPrefix("differs") == true)
            let receipts = Endpoint.all.first { $0.method == "POST" && $0.path == "/v1/receipts" }
            #expect(receipts?.answer.fault(first.json) == nil)
            #expect(try await send("/v1/receipts", Self.csv, Self.receipts, key: key, to: server).body == first.body)
            let rows = try await server.send("GET", "/v1/receipts").json["rows"]?.array ?? []
            #expect(rows.compactMap { $0["amount"]?["minor"]?.integer }.sorted() == [1_200, 30_00])
            #expect(rows.contains { $0["payer"] == "Meyer" && $0["remittance"] == "SO-1" })
        }
    }

    /// One that cannot be taken holds no other up, in JSON and as lines alike; a request of such alone is answered too.
    @Test(arguments: Engine.available) func oneReceiptThatCannotBeTakenHoldsNoOtherUp(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            func receipt(_ number: String, _ minor: Int64, _ currency: String) -> JSON {
                [
                    "method": "card", "number": .text(number), "booked_on": "2026-03-09",
                    "amount": ["minor": .integer(minor), "currency": .text(currency)],
                ]
            }
            let given = [receipt("a", 10_00, "GBP"), receipt("b", 10_00, "XXY"), receipt("c", 0, "GBP"), receipt("d", 1 << 50, "GBP")]
            let answer = try await server.send("POST", "/v1/receipts", ["receipts": .array(given + [receipt("e", 5_00, "GBP")])])
            let told = answer.json["receipts"]?.array ?? []
            #expect(answer.status == 200 && told.compactMap { $0["number"]?.text } == ["a", "b", "c", "d", "e"], "\(answer.body)")
            #expect(told.compactMap { $0["outcome"]?.text } == ["recorded", "refused", "refused", "refused", "recorded"])
            #expect(told.map { $0["field"]?.text } == [nil, "amount.currency", "amount.minor", "amount.minor", nil])
            #expect(told[1]["id"] == .null && told[1]["reason"]?.text?.contains("ISO 4217") == true)
            let lines = (given + [receipt("f", 6_00, "GBP")]).map(\.line).joined(separator: "\n") + "\n{\"method\":"
            #expect(
                outcomes(try await send("/v1/receipts", Self.lines, lines, to: server), "receipts") == [
                    "1: a known", "2: b refused amount.currency", "3: c refused amount.minor", "4: d refused amount.minor", "5: f recorded",
                    "6:  refused",
                ])
            let alone = try await server.send("POST", "/v1/receipts", ["receipts": .array([given[1]])])
            #expect(alone.status == 200 && alone.json["receipts"]?.array?.first?["outcome"] == "refused")
            #expect(try await server.send("POST", "/v1/receipts", ["receipts": .array([["method": "card"]])]).status == 400)
        }
    }

    /// A limit without its currency is no amount, and none may come to stand in another one.
    @Test(arguments: Engine.available) func aCreditLimitIsMoneyOfTheCustomersCurrency(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            func save(_ limit: JSON?, currency: String) async throws -> JSON? {
                let members: [JSON.Member] = [
                    .init("number", "C1"), .init("name", "Meyer"), .init("country", "DE"), .init("currency", .text(currency)),
                ]
                let customer = JSON.object(members + (limit.map { [.init("credit_limit", $0)] } ?? []))
                return try await server.send("POST", "/v1/customers", ["customers": .array([customer])]).json["customers"]?.array?.first
            }
            #expect(try await save(["minor": 0, "currency": "EUR"], currency: "EUR")?["outcome"] == "created")
            let foreign = try await save(["minor": 5, "currency": "GBP"], currency: "EUR")
            #expect(foreign?["outcome"] == "refused" && foreign?["field"] == "credit_limit.currency")
            let unsaid = try await save(nil, currency: "GBP")
            #expect(unsaid?["outcome"] == "refused" && unsaid?["field"] == "credit_limit")
            #expect(try await save(.null, currency: "GBP")?["outcome"] == "changed")
            #expect(try await server.send("GET", "/v1/customers/C1/terms").json["credit_limit"] == .null)
        }
    }
}
