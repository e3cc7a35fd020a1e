import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

@Suite struct ExportTests {
    private static let count = ListLimit.export + 25

    /// An export holds every row once, in any order, however many there are.
    @Test(arguments: Engine.available) func anExportHoldsEveryRow(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), key = try await server.key(.viewer), reader = try await server.person(.viewer)
        let orders = (0..<Self.count).map { number in
            OrderIntake(
                channel: "shop", externalID: "N\(number)", kind: .sale, customerNumber: "C1", country: "GB", orderedOn: Day("2026-02-02")!,
                currency: .gbp,
                lines: [.init(sku: "A", description: "Thing", quantityMilli: 1_000, priceMicro: Int64(number % 700 + 1) * 1_000_000)])
        }
        for start in stride(from: 0, to: orders.count, by: 2_000) {
            let batch = Array(orders[start..<min(start + 2_000, orders.count)])
            try await server.write { tx, now in _ = try PlaceOrders(ID(1), batch).run(in: tx, at: now) }
        }
        let wanted = Set(orders.map(\.externalID))
        for path in ["/orders?", "/orders?sort=amount&", "/orders?sort=-amount&", "/orders?state=confirmed&sort=date&"] {
            let answer = await reader.get(path + "format=csv")
            #expect(answer.file != nil, "\(path) is not held in memory")
            try expectEach(wanted, in: String(decoding: answer.bytes, as: UTF8.self), path)
        }
        for type in ["text/csv", "application/x-ndjson"] {
            let answer = await server.send(.get, "/v1/orders", [("Authorization", "Bearer \(key)"), ("Accept", type)])
            try expectEach(wanted, in: String(decoding: answer.bytes, as: UTF8.self), type)
        }
        let page = await server.send(.get, "/v1/orders?limit=3", [("Authorization", "Bearer \(key)"), ("Accept", "text/csv")])
        #expect(String(decoding: page.bytes, as: UTF8.self).split(separator: "\r\n").count == 4)
        let link = try #require(page.headers.first { $0.0.rawName == "Link" }?.1)
        #expect(link.hasPrefix("</v1/orders?limit=3&after=") && link.hasSuffix(">; rel=\"next\""))
    }

    /// Whatever is nothing but rows can be had as a file, and says so; anything else cannot.
    @Test(arguments: Engine.available) func everyListIsHadAsAFile(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), key = try await server.key(.administrator), ids = try await server.things()
        for endpoint in Endpoint.all where endpoint.method == "GET" {
            let number = endpoint.path.contains("invoices") ? ids["invoice"] ?? "" : "C-OWN"
            let path = endpoint.path.replacing("{number}", with: number).replacing("{id}", with: ids[endpoint.idPrefix ?? ""] ?? "")
            func get(_ type: String) async -> Answer {
                await server.send(.get, path, [("Authorization", "Bearer \(key)"), ("Accept", type)])
            }
            let json = try JSONReader.read(await get("application/json").bytes)
            if json["rows"] != nil { #expect(endpoint.hasRows, "\(path) is a list") }
            for type in ["text/csv", "application/x-ndjson"] {
                let answer = await get(type)
                #expect(answer.status == (endpoint.hasRows ? .ok : .notAcceptable), "\(path) as \(type): \(answer.status)")
                guard let rows = endpoint.answer.rows, endpoint.hasRows else { continue }
                let count = json[rows.name]?.array?.count ?? 0, lines = String(decoding: answer.bytes, as: UTF8.self)
                if type == "text/csv" {
                    #expect(lines.hasPrefix(rows.fields[0].name), "\(path): \(lines.prefix(80))")
                } else {
                    #expect(lines.split(separator: "\n").count == count, "\(path)")
                }
            }
        }
        let others = Endpoint.all.filter { $0.method == "GET" && $0.hasRows && !$0.query.contains { $0.name == "after" } }.map(\.path)
        #expect(
            Set(others).isSuperset(of: ["/v1/periods", "/v1/events", "/v1/invoices/{number}/open-items"]),
            "lists without pages")
    }

    /// The feed as a file is everything there is, and says where it goes on.
    @Test(arguments: Engine.available) func theFeedIsHadAsAFile(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), key = try await server.key(.viewer)
        _ = try await server.things()
        func lines(_ path: String) async throws -> (count: Int, next: String) {
            let answer = await server.send(.get, path, [("Authorization", "Bearer \(key)"), ("Accept", "application/x-ndjson")])
            #expect(answer.status == .ok)
            let link = try #require(answer.headers.first { $0.0.rawName == "Link" }?.1)
            return (
                String(decoding: answer.bytes, as: UTF8.self).split(separator: "\n").count, String(link.dropFirst().prefix { $0 != ">" })
            )
        }
        let whole = try await lines("/v1/events?from=2020-01-01")
        #expect(whole.count > 3 && whole.next.hasPrefix("/v1/events?from=2020-01-01&since="))
        var place = "/v1/events?limit=2", count = 0
        for _ in 0..<100 {
            let page = try await lines(place)
            count += page.count
            if page.next == place { break }
            place = page.next
        }
        #expect(count == whole.count)
        #expect(try await lines(whole.next).count == 0)
    }

    /// A row that cannot be read, behind a whole page of others: nothing of the file is sent.
    @Test func whatFailsInTheMiddleIsNoFile() async throws {
        let server = try await DeskServer.open(.sqlite), key = try await server.key(.viewer), reader = try await server.person(.viewer)
        let orders = (0..<Self.count).map { number in
            OrderIntake(
                channel: "shop", externalID: "N\(number)", kind: .sale, customerNumber: "C1", country: "GB", orderedOn: Day("2026-02-02")!,
                currency: .gbp, lines: [.init(sku: "A", description: "Thing", quantityMilli: 1_000, priceMicro: 1_000_000)])
        }
        for start in stride(from: 0, to: orders.count, by: 2_000) {
            let batch = Array(orders[start..<min(start + 2_000, orders.count)])
            try await server.write { tx, now in _ = try PlaceOrders(ID(1), batch).run(in: tx, at: now) }
        }
        try await server.write { tx, _ in
            try tx.run("DROP TRIGGER sales_order_no_update")
            try tx.run("UPDATE sales_order SET ordered_on = '2026-99-99' WHERE entity_id = 1 AND external_id = 'N3'")
        }
        let api = await server.send(.get, "/v1/orders", [("Authorization", "Bearer \(key)"), ("Accept", "text/csv")])
        for answer in [api, await reader.get("/orders?format=csv")] {
            #expect(answer.status == .internalServerError && answer.header(.contentDisposition) == nil)
            #expect(!answer.type.hasPrefix("text/csv") && !String(decoding: answer.bytes, as: UTF8.self).contains("N4"))
        }
    }

    /// A file that gives back less than it took ends the sending below the length that was announced.
    @Test func whatCannotBeReadBackIsAFault() throws {
        let file = try AnswerFile(in: "/tmp")
        try file.append([1, 2, 3])
        #expect(try file.part(at: 1, of: 3) == [2, 3])
        #expect(throws: AnswerFile.Fault.self) { try file.part(at: 3, of: 4) }
        #expect(throws: AnswerFile.Fault.self) { try AnswerFile(in: "/no/such/folder") }
    }

    private func expectEach(_ wanted: Set<String>, in text: String, _ what: String) throws {
        let numbers = text.matches(of: #/\bN[0-9]+\b/#).map { String($0.output) }
        #expect(numbers.count == wanted.count && Set(numbers) == wanted, "\(what): \(numbers.count) rows")
    }
}
