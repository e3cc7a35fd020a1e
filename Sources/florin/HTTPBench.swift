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
/// same machine, a second each in turns, since a machine's speed changes within seconds.
struct HTTPBench {
    private let database: any Store.Database
    private let clients: Int
    private let seconds: Int
    init(_ database: any Store.Database, clients: Int, seconds: Int) {
        (self.database, self.clients, self.seconds) = (database, clients, seconds)
    }

    private static let entity = ID<Entity>(1)

    /// - Returns: Requests a second of both, the processor time of one, p50 and p99, and the ratio of each turn's pair, by their medians, as
    ///   one JSON object.
    func run() async throws -> String {
        let creation = CreateEntity(Self.entity, name: "Benchmark", country: "DE", currency: .eur)
        let token = Secret.token("key_", of: Self.entity), key = CreateAPIKey(Self.entity, name: "bench", role: .clerk, token: token),
            now = Instant.now
        try await database.write(entity: Self.entity) { tx in
            try creation.run(in: tx, at: now)
            try key.run(in: tx, at: now)
        }
        let turns = try await turns(token), orders = turns.map(\.orders), bare = turns.map(\.bare)
        let placed = try await database.read {
            try $0.first("SELECT count(*) FROM sales_order WHERE entity_id = \(Self.entity)") { $0.integer(0) } ?? 0
        }
        let acknowledged = orders.reduce(0) { $0 + $1.count }
        guard placed == Int64(acknowledged) else { throw Failure("\(acknowledged) orders were acknowledged, \(placed) stand in the books") }
        func median(_ values: [Int]) -> Int { values.sorted()[values.count / 2] }
        let fields = [
            ("clients", clients), ("turns", turns.count), ("bare_per_second", median(bare.map(\.rate))),
            ("orders_per_second", median(orders.map(\.rate))),
            ("percent_of_bare", median(turns.map { $0.orders.rate * 100 / max($0.bare.rate, 1) })),
            ("bare_cpu_us", median(bare.map(\.processor))), ("orders_cpu_us", median(orders.map(\.processor))),
            ("bare_p50_us", median(bare.map(\.p50))), ("bare_p99_us", median(bare.map(\.p99))),
            ("orders_p50_us", median(orders.map(\.p50))), ("orders_p99_us", median(orders.map(\.p99))),
        ]
        return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
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
            database, Self.entity, DayRun.Terms(), clock: { .now },
            importFile: { _, file, _, _ in throw Failure("\(file.name): not here") })
        var limits = ServerLimits()
        // What one key may ask in a minute is no limit of the measurement.
        limits.requestsPerMinute = 60_000_000
        try await WebServer(
            books, host: "127.0.0.1", port: 0, limits: limits, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        ).run { started($0) }
    }

    /// Both servers stand from the first turn to the last.
    private func turns(_ token: String) async throws -> [(bare: HTTPLoad.Measure, orders: HTTPLoad.Measure)] {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (barePorts, bareStarted) = AsyncStream<Int>.makeStream(), (ports, started) = AsyncStream<Int>.makeStream()
            group.addTask { try await Self.serveBare { bareStarted.yield($0) } }
            group.addTask { try await serveOrders { started.yield($0) } }
            var result: [(HTTPLoad.Measure, HTTPLoad.Measure)] = []
            if let barePort = await barePorts.first(where: { _ in true }), let port = await ports.first(where: { _ in true }) {
                for turn in 0..<seconds {
                    let bare = try await HTTPLoad(port: barePort, token: "none", turn: turn).run(clients: clients)
                    result.append((bare, try await HTTPLoad(port: port, token: token, turn: turn).run(clients: clients)))
                }
            }
            group.cancelAll()
            return result
        }
    }
}
