import Domain
import Foundation
import Hummingbird
import Logging
import NIOCore
import Operations
import Store
import Synchronization
import Web

/// Order intake over HTTP against a route of the bare HTTP library that reads its body and answers as many bytes of JSON: same clients,
/// same machine, one after the other.
struct HTTPBench {
    private let database: any Store.Database
    private let clients: Int
    private let seconds: Int
    init(_ database: any Store.Database, clients: Int, seconds: Int) {
        (self.database, self.clients, self.seconds) = (database, clients, seconds)
    }

    private static let entity = ID<Entity>(1)

    /// - Returns: Requests a second of both, their p50 and p99, and the ratio as one JSON object.
    func run() async throws -> String {
        let creation = CreateEntity(Self.entity, name: "Benchmark", country: "DE", currency: .eur)
        let token = Secret.token("key_", of: Self.entity), key = CreateAPIKey(Self.entity, name: "bench", role: .clerk, token: token),
            now = Instant.now
        try await database.write(entity: Self.entity) { tx in
            try creation.run(in: tx, at: now)
            try key.run(in: tx, at: now)
        }
        let bare = try await measured { started in try await Self.serveBare(started) }
        let orders = try await measured(token) { started in try await serveOrders(started) }
        let placed = try await database.read {
            try $0.first("SELECT count(*) FROM sales_order WHERE entity_id = \(Self.entity)") { $0.integer(0) } ?? 0
        }
        guard placed == Int64(orders.count) else { throw Failure("\(orders.count) orders were acknowledged, \(placed) stand in the books") }
        return
            "{\"clients\":\(clients),\"bare_per_second\":\(bare.rate),\"orders_per_second\":\(orders.rate),"
            + "\"percent_of_bare\":\(orders.rate * 100 / max(bare.rate, 1)),"
            + "\"bare_cpu_us\":\(bare.processor),\"orders_cpu_us\":\(orders.processor),"
            + "\"bare_p50_us\":\(bare.p50),\"bare_p99_us\":\(bare.p99),\"orders_p50_us\":\(orders.p50),\"orders_p99_us\":\(orders.p99)}"
    }

    /// What an order is answered.
    private static let answer =
        "{\"orders\":[{\"number\":\"c12-n1234\",\"channel\":\"bench\",\"outcome\":\"placed\","
        + "\"id\":\"ord_\(String(repeating: "0", count: 13))\",\"reason\":null}]}"

    private static func serveBare(_ started: @escaping @Sendable (Int) -> Void) async throws {
        let router = Router()
        router.post("v1/orders") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            guard body.readableBytes > 0 else { return Response(status: .badRequest) }
            return Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(string: answer)))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { started($0.localAddress?.port ?? 0) },
            logger: Logger(label: "bare") { _ in SwiftLogNoOpLogHandler() })
        try await application.run()
    }

    private func serveOrders(_ started: @escaping @Sendable (Int) -> Void) async throws {
        let books = DeskBooks(
            database, Self.entity, DayRun.Terms(), clock: { .now }, importFile: { _, file, _ in throw Failure("\(file.name): not here") })
        try await WebServer(books, host: "127.0.0.1", port: 0, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }).run {
            started($0)
        }
    }

    private func measured(
        _ token: String = "none", _ serve: @escaping @Sendable (@escaping @Sendable (Int) -> Void) async throws -> Void
    )
        async throws -> HTTPLoad.Measure
    {
        let (ports, started) = AsyncStream<Int>.makeStream(), clients = clients, seconds = seconds
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serve { started.yield($0) } }
            var measure = HTTPLoad.Measure()
            for await port in ports {
                measure = try await HTTPLoad(port: port, token: token, seconds: seconds).run(clients: clients)
                break
            }
            group.cancelAll()
            return measure
        }
    }
}
