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

@Suite struct APITests {
    @Test(arguments: Engine.available) func anOrderIsPlacedOnceHoweverOftenItIsSent(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            let body: JSON = ["orders": .array([order("SO-1"), order("SO-2")])], key = ["Idempotency-Key": "first-order-of-the-day"]
            let first = try await server.send("POST", "/v1/orders", as: .clerk, body, headers: key)
            let again = try await server.send("POST", "/v1/orders", as: .clerk, body, headers: key)
            #expect(first.status == 200 && again.body == first.body)
            let other = try await server.send("POST", "/v1/orders", as: .clerk, ["orders": .array([order("SO-3")])], headers: key)
            #expect(other.status == 422 && other.json["code"] == "idempotency_key_reused")
            let known = try await server.send("POST", "/v1/orders", as: .clerk, ["orders": .array([order("SO-1")])])
            #expect(known.json["orders"]?.array?.first?["outcome"] == "known")
            let list = try await server.send("GET", "/v1/orders?limit=1")
            #expect(list.json["rows"]?.array?.count == 1 && list.json["next"]?.text != nil)
        }
    }

    @Test(arguments: Engine.available) func oneOrderThatCannotBeReadHoldsNoOtherUp(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            func with(_ name: String, _ value: JSON, in order: JSON) -> JSON {
                guard case .object(let members) = order else { return order }
                return .object(members.map { $0.name == name ? .init(name, value) : $0 })
            }
            let orders = [
                order("SO-1"), with("currency", "XXY", in: order("SO-2")), order("SO-3"), order("SO-4", price: 2_000_000_000_000),
            ]
            let answer = try await server.send("POST", "/v1/orders", ["orders": .array(orders)])
            let told = answer.json["orders"]?.array ?? []
            #expect(answer.status == 200 && told.compactMap { $0["number"]?.text } == ["SO-1", "SO-2", "SO-3", "SO-4"], "\(answer.body)")
            #expect(told.compactMap { $0["outcome"]?.text } == ["placed", "refused", "placed", "refused"])
            #expect(told.last?["reason"]?.text?.hasPrefix("lines[0].price_micro: write a whole number") == true)
            #expect(told.dropFirst().first?["reason"]?.text?.contains("ISO 4217") == true)
            let alone = try await server.send("POST", "/v1/orders", ["orders": .array([orders[1]])])
            #expect(alone.status == 200 && alone.json["orders"]?.array?.first?["outcome"] == "refused")
            #expect(try await server.send("POST", "/v1/orders", ["orders": "SO-1"]).status == 400)
            #expect(try await server.send("GET", "/v1/orders").json["rows"]?.array?.count == 2)
        }
    }

    @Test(arguments: Engine.available) func aCustomerKeepsWhatIsLeftUnsaid(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            func save(_ customer: JSON) async throws {
                _ = try await server.send("POST", "/v1/customers", ["customers": .array([customer])])
            }
            func terms() async throws -> JSON { try await server.send("GET", "/v1/customers/C1/terms").json }
            try await save([
                "number": "C1", "name": "Meyer GmbH", "country": "DE", "currency": "EUR", "email": "ap@meyer.example", "terms_days": 14,
                "credit_limit": ["minor": 500_000, "currency": "EUR"], "billing": "weekly", "cash_policy": "oldest_first",
                "vat_number": "DE123456789",
                "cash_discount": ["basis_points": 200, "days": 10],
            ])
            let before = try await terms()
            #expect(before["cash_discount"]?["basis_points"] == 200)
            #expect(before["email"] == "ap@meyer.example" && before["credit_limit"] == JSON(Money(minor: 500_000, .eur)))
            try await save(["number": "C1", "name": "Meyer GmbH", "country": "DE", "currency": "EUR"])
            #expect(try await terms() == before)
            try await save(["number": "C1", "name": "Meyer AG", "country": "DE", "currency": "EUR", "email": .null, "terms_days": 7])
            let after = try await terms()
            #expect(after["name"] == "Meyer AG" && after["email"] == .null && after["terms_days"] == 7)
            #expect(
                after["credit_limit"] == JSON(Money(minor: 500_000, .eur)) && after["billing"] == "weekly"
                    && after["vat_number"] == "DE123456789")
        }
    }

    @Test func aPeriodIsClosedThroughTheAPI() async throws {
        try await LiveServer.run(.sqlite) { server in
            #expect(try await server.send("POST", "/v1/periods", as: .clerk, ["ends_on": "2020-01-31"]).status == 403)
            let closed = try await server.send("POST", "/v1/periods", as: .controller, ["ends_on": "2020-01-31"])
            #expect(closed.status == 200 && closed.json["rows"]?.array?.first?["ends_on"] == "2020-01-31")
            let again = try await server.send("POST", "/v1/periods", as: .controller, ["ends_on": "2019-12-31"])
            #expect(again.status == 409 && again.json["code"] == "period_closed")
            #expect(try await server.send("GET", "/v1/periods").json == closed.json)
        }
    }

    @Test func aCountryThatIsNoneIsRefusedWithTheRightOne() async throws {
        try await LiveServer.run(.sqlite) { server in
            for (code, right) in [("UK", "write GB"), ("EL", "write GR"), ("XX", "write two capitals such as GB")] {
                let customer: JSON = ["number": "C1", "name": "Ours", "country": .text(code), "currency": "GBP"]
                let answer = try await server.send("POST", "/v1/customers", ["customers": .array([customer])])
                #expect(answer.status == 400 && answer.body.contains("\(code) is no ISO 3166-1 code; \(right)"), "\(answer.body)")
            }
        }
    }

    @Test func aListIsHadAsCSVAndAsLines() async throws {
        try await LiveServer.run(.sqlite) { server in
            _ = try await server.send(
                "POST", "/v1/customers",
                ["customers": .array([["number": "C1", "name": "=1+1, \"Ltd\"", "country": "GB", "currency": "GBP"]])])
            _ = try await server.send("POST", "/v1/orders", ["orders": .array([order("SO-1"), order("SO-2")])])
            let csv = try await server.send("GET", "/v1/orders?limit=1", headers: ["Accept": "text/csv"])
            #expect(csv.headers["content-type"] == "text/csv; charset=utf-8")
            #expect(
                csv.body.hasPrefix(
                    "id,number,channel,customer_number,customer_name,kind,ordered_on,gross_minor,gross_currency,state,document_number,hold_reason\r\n"
                ))
            #expect(csv.body.contains("\"'=1+1, \"\"Ltd\"\"\""))
            let lines = try await server.send("GET", "/v1/orders", headers: ["Accept": "application/x-ndjson"])
            #expect(lines.body.split(separator: "\n").count == 2)
            #expect(try await server.send("GET", "/v1/customers/C1", headers: ["Accept": "text/csv"]).status == 406)
        }
    }

    @Test func reportsOfEveryCurrencyAreAsDocumented() async throws {
        try await LiveServer.run(.sqlite) { server in
            let items = Currency.codes.map { code in
                OpeningItem(
                    number: "OLD-\(code)", customerNumber: "C1", issuedOn: Day("2026-01-05")!, dueOn: Day("2026-02-04")!,
                    open: Money(minor: 100, Currency(code)!))
            }
            try await server.database.write(entity: server.entity) { tx in
                _ = try ImportOpenItems(server.entity, items).run(in: tx, at: Instant("2026-03-10T10:00:00Z")!)
            }
            for endpoint in Endpoint.all where endpoint.path.hasPrefix("/v1/reports/") {
                let answer = try await server.send("GET", endpoint.path)
                #expect(answer.status == 200)
                let fault = endpoint.answer.fault(answer.json)
                #expect(fault == nil, "\(endpoint.path): \(fault?.path ?? "") \(fault?.message ?? "")")
            }
        }
    }

    @Test(arguments: Engine.available) func termsChangeOnlyFromTheVersionThatWasRead(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            let profile: JSON = ["number": "C1", "name": "Meyer GmbH", "country": "DE", "currency": "EUR", "terms_days": 30]
            let created = try await server.send("POST", "/v1/customers", as: .clerk, ["customers": .array([profile])])
            #expect(created.json["customers"]?.array?.first?["outcome"] == "created")
            let read = try await server.send("GET", "/v1/customers/C1/terms"), tag = try #require(read.headers["etag"])
            #expect(try await server.send("GET", "/v1/customers/C1/terms", headers: ["If-None-Match": tag]).status == 304)
            #expect(read.json["cash_discount"] == .null)
            let changed: JSON = [
                "number": "C1", "name": "Meyer GmbH", "country": "DE", "currency": "EUR", "terms_days": 14,
                "cash_discount": ["basis_points": 200, "days": 10],
            ]
            #expect(try await server.send("PUT", "/v1/customers/C1/terms", changed).status == 428)
            let done = try await server.send("PUT", "/v1/customers/C1/terms", changed, headers: ["If-Match": tag])
            #expect(done.status == 200 && done.json["terms_days"] == 14 && done.headers["etag"] != tag)
            let agreed = try await server.send("GET", "/v1/customers/C1/terms").json["cash_discount"]
            #expect(agreed?["basis_points"] == 200 && agreed?["days"] == 10)
            let noted = try await server.database.read { tx in
                try tx.rows("SELECT actor, detail FROM audit_entry WHERE entity_id = 1 AND act = 'PUT /v1/customers/{number}/terms'") {
                    ($0.text(0), $0.text(1))
                }
            }
            #expect(noted.count == 1 && noted.first?.0 == "key administrator")
            #expect(noted.first?.1.contains("before {") == true && noted.first?.1.contains("\"terms_days\":14") == true)
            let late = try await server.send("PUT", "/v1/customers/C1/terms", profile, headers: ["If-Match": tag])
            #expect(late.status == 412 && late.json["code"] == "changed_meanwhile")
        }
    }

    @Test(arguments: Engine.available) func termsThatArePutAreTheWholeAndNameWhatIsWrong(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            let path = "/v1/customers/C1/terms", iban: JSON = "DE89370400440532013000"
            let core: [JSON.Member] = [
                .init("number", "C1"), .init("name", "Meyer GmbH"), .init("country", "DE"), .init("currency", "EUR"),
            ]
            func terms(_ members: (String, JSON)...) -> JSON { .object(core + members.map { JSON.Member($0.0, $0.1) }) }
            func put(_ body: JSON) async throws -> LiveServer.Reply {
                let tag = try #require(try await server.send("GET", path).headers["etag"])
                return try await server.send("PUT", path, body, headers: ["If-Match": tag])
            }
            func revoked() async throws -> Int64? {
                try await server.database.read { tx in
                    try tx.first("SELECT count(*) FROM identity_revocation WHERE entity_id = 1") { $0.integer(0) }
                }
            }
            let both = terms(("ibans", .array([iban])), ("mandates", .array(["M-1"])))
            _ = try await server.send("POST", "/v1/customers", as: .clerk, ["customers": .array([both])])
            let standing = try await server.send("GET", path), same = try await put(standing.json)
            #expect(same.status == 200 && same.headers["etag"] == standing.headers["etag"])
            #expect(try await revoked() == 0)
            let none = try await put(terms(("ibans", .array([])), ("mandates", .array([]))))
            #expect(none.status == 200 && none.json["ibans"] == .array([]) && none.json["mandates"] == .array([]), "\(none.body)")
            #expect(try await revoked() == 2)
            let again = try await put(both)
            #expect(again.json["ibans"] == .array([iban]) && again.json["mandates"]?.array?.count == 1, "\(again.body)")
            let limit: JSON = ["minor": 100, "currency": "GBP"]
            for (body, param) in [
                (terms(("credit_limit", limit)), "credit_limit.currency"),
                (terms(("ibans", .array(["DE00370400440532013000"]))), "ibans[0]"),
                (JSON.object([JSON.Member("number", "C2")] + core.dropFirst()), "number"),
            ] {
                let reply = try await put(body)
                #expect(reply.status == 422 && reply.json["code"] == "customer_invalid", "\(reply.body)")
                #expect(reply.json["param"]?.text == param)
            }
        }
    }

    @Test(arguments: Engine.available) func moneyThatArrivesIsInTheFeedInItsOrder(engine: Engine) async throws {
        try await LiveServer.run(engine) { server in
            _ = try await server.send("POST", "/v1/orders", ["orders": .array([order("SO-1")])])
            _ = try await server.send("POST", "/v1/runs/billing", .object([]))
            let number = try #require(try await server.send("GET", "/v1/invoices").json["rows"]?.array?.first?["number"]?.text)
            let receipt: JSON = [
                "method": "card", "number": "ch_1", "booked_on": "2026-03-10", "amount": ["minor": 1200, "currency": "GBP"],
                "remittance": .text(number),
            ]
            let taken = try await server.send("POST", "/v1/receipts", ["receipts": .array([receipt])])
            #expect(taken.status == 200 && taken.json["receipts"]?.array?.first?["outcome"] == "recorded", "\(taken.body)")
            let again = try await server.send("POST", "/v1/receipts", ["receipts": .array([receipt])])
            #expect(again.json["receipts"]?.array?.first?["outcome"] == "known")
            let id = try #require(taken.json["receipts"]?.array?.first?["id"]?.text)
            #expect(try await server.send("GET", "/v1/receipts/\(id)/certificates").json["certificates"] == .array([]))
            _ = try await server.send("POST", "/v1/runs/cash", .object([]))
            #expect(try await server.send("GET", "/v1/receipts/\(id)/certificates").json["certificates"]?.array?.count == 1)
            let feed = try await server.send("GET", "/v1/events?since=0&limit=100")
            let types = feed.json["rows"]?.array?.compactMap { $0["type"]?.text } ?? []
            #expect(
                types == [
                    "customer.created", "order.placed", "invoice.issued", "receipt.recorded", "receipt.applied", "open_item.transferred",
                    "open_item.received", "allocation.made", "allocation.made",
                ])
            let cursor = try #require(feed.json["cursor"]?.integer)
            #expect(try await server.send("GET", "/v1/events?since=\(cursor)").json["rows"] == .array([]))
        }
    }

    @Test(
        arguments: [
            ("12", JSON.integer(12)), ("12.0", .integer(12)), ("-7.00", .integer(-7)), ("12.5", .number("12.5")), ("1e2", .number("1e2")),
            ("9007199254740993.0", .integer(9_007_199_254_740_993)),
        ] as [(String, JSON)])
    func numbersAreReadByTheirDigits(text: String, value: JSON) throws { #expect(try JSONReader.read(Array(text.utf8)) == value) }

    @Test func aStatementFileIsTheBody() async throws {
        try await LiveServer.run(.sqlite) { server in
            let reply = try await server.send("POST", "/v1/statements", ["not": "xml"], headers: ["Content-Type": "application/xml"])
            #expect(reply.status == 200 && reply.json["facts"]?.array?.first?["value"] == "13")
            for type in Endpoint.fileTypes {
                let reply = try await server.send("POST", "/v1/remittances", ["a": "file"], headers: ["Content-Type": type])
                #expect(reply.status == 200, "\(type)")
            }
            #expect(try await server.send("POST", "/v1/open-items", ["a": "file"]).status == 415)
        }
    }

    @Test(
        arguments: [
            ("POST", "/v1/orders", "{\"orders\":[]", [:], 400, "json_unreadable"),
            ("POST", "/v1/orders", "{\"orders\":[],\"x\":1}", [:], 400, "field_invalid"),
            ("POST", "/v1/orders", "{\"orders\":1.0}", [:], 400, "field_invalid"),
            ("POST", "/v1/orders", String(repeating: "[", count: 40), [:], 400, "json_unreadable"),
            ("POST", "/v1/orders", "{}", ["Content-Type": "text/plain"], 415, "media_type_wanted"),
            ("POST", "/v1/orders", "{}", ["Idempotency-Key": "short"], 400, "idempotency_key_missing"),
            ("POST", "/v1/orders", String(repeating: " ", count: 1_100_000), [:], 413, "body_too_large"),
            ("DELETE", "/v1/orders", "", [:], 405, "method_not_allowed"),
            ("GET", "/v1/orders?limit=201", "", [:], 400, "parameter_invalid"),
            ("GET", "/v1/orders?x=1", "", [:], 400, "parameter_invalid"), ("GET", "/v1/orders?limit=05", "", [:], 400, "parameter_invalid"),
            ("GET", "/v1/orders?limit=%2B5", "", [:], 400, "parameter_invalid"),
            ("POST", "/v1/orders?x=1", "{}", [:], 400, "parameter_invalid"),
            ("POST", "/v1/orders", "{}", ["Content-Encoding": "gzip"], 415, "content_encoding"),
            ("POST", "/v1/orders", "{}", ["Content-Encoding": "identity"], 400, "field_invalid"),
            ("POST", "/v1/runs/day", "{\"on\":\"2026-03-11\"}", [:], 409, "run_day_ahead"),
            ("POST", "/v1/runs/billing", "{\"on\":\"2099-01-01\"}", [:], 409, "run_day_ahead"),
            ("GET", "/v1/orders/ord_1", "", [:], 404, "not_found"), ("GET", "/v1/nothing", "", [:], 404, "not_found"),
        ] as [(String, String, String, [String: String], Int, String)])
    func whatIsWrongIsSaidByCode(
        method: String, path: String, body: String, headers: [String: String], status: Int, code: String
    )
        async throws
    {
        try await LiveServer.run(.sqlite) { server in
            let reply = try await server.sendText(method, path, body, headers: headers)
            #expect(reply.status == status && reply.json["code"]?.text == code, "\(reply.status) \(reply.body)")
            #expect(reply.headers["content-type"] == "application/problem+json")
            if status == 405 { #expect(reply.headers["allow"] == "GET, POST, HEAD") }
        }
    }
}

extension LiveServer {
    func sendText(_ method: String, _ path: String, _ body: String, headers: [String: String]) async throws -> Reply {
        var request = URLRequest(url: URL(string: "http://127.0.0.1:\(port)\(path)")!)
        request.httpMethod = method
        request.setValue("Bearer \(keys[.administrator] ?? "")", forHTTPHeaderField: "Authorization")
        if !body.isEmpty {
            request.httpBody = Data(body.utf8)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        request.setValue(Secret.token(""), forHTTPHeaderField: "Idempotency-Key")
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        return try await Self.send(request)
    }
}
