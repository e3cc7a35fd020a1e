import Domain
import HTTPTypes
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
        for path in ["/orders?format=csv", "/orders?sort=amount&format=csv", "/orders?sort=-amount&format=csv"] {
            try expectEach(wanted, in: String(decoding: await reader.get(path).bytes, as: UTF8.self), path)
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

    private func expectEach(_ wanted: Set<String>, in text: String, _ what: String) throws {
        let numbers = text.matches(of: #/\bN[0-9]+\b/#).map { String($0.output) }
        #expect(numbers.count == wanted.count && Set(numbers) == wanted, "\(what): \(numbers.count) rows")
    }
}
