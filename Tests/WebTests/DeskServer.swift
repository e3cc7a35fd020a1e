import Domain
import HTTPTypes
import Hummingbird
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Operations
@testable import Store
@testable import Web

/// One article, ordered on the channel `web`.
///
/// - Parameter net: Minor units of GBP; tax comes on top.
func webOrder(_ number: String, _ customer: String = "C1", net: Int64 = 100_00, country: String = "GB", on day: Day) -> OrderIntake {
    OrderIntake(
        channel: "web", externalID: number, kind: .sale, customerNumber: customer, country: country, orderedOn: day, currency: .gbp,
        lines: [.init(sku: "A", description: "Goods", quantityMilli: 1_000, priceMicro: net * 10_000)])
}

/// The server without its socket: what a request answers, as people and programs would see it.
final class DeskServer: Sendable {
    let database: any Database
    let entity: ID<Entity>
    let responder: FlorinResponder
    static let opening: Int64 = 1_772_000_000_000_000

    init(
        _ database: any Database, _ entity: ID<Entity> = ID(1), _ limits: ServerLimits = ServerLimits(),
        terms: DayRun.Terms = DayRun.Terms()
    ) {
        let clock = ServerClock()
        (self.database, self.entity) = (database, entity)
        self.clock = clock
        responder = FlorinResponder(
            DeskBooks(
                database, entity, terms, clock: { clock.next() },
                importFile: { _, file, _, role in ImportOutcome([("File", file.name), ("Role", role.rawValue)], findings: []) }), limits)
    }
    let clock: ServerClock

    static func open(
        _ engine: Engine, _ limits: ServerLimits = ServerLimits(), terms: DayRun.Terms = DayRun.Terms()
    ) async throws -> DeskServer {
        let server = DeskServer(try await engine.make(), ID(1), limits, terms: terms)
        try await server.create()
        return server
    }

    static let document = "INV-2026-000001"

    /// Meyer, who is customer C1, owes 600.00 on one document since 5 January 2026.
    static func owed(_ engine: Engine, terms: DayRun.Terms = DayRun.Terms()) async throws -> DeskServer {
        let server = try await open(engine, terms: terms), day = Day("2026-01-05")!
        let customer = CustomerProfile(number: "C1", name: "Meyer", email: "ap@meyer.example", country: "GB", currency: .gbp)
        let item = OpeningItem(
            number: document, customerNumber: "C1", issuedOn: day, dueOn: day + 30, open: Money(minor: 600_00, .gbp))
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try ImportOpenItems(ID(1), [item]).run(in: tx, at: now)
        }
        return server
    }

    func create() async throws {
        let creation = CreateEntity(entity, name: "Example Trading Ltd", country: "GB", currency: .gbp)
        try await write { try creation.run(in: $0, at: $1) }
    }

    @discardableResult
    func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction, Instant) throws -> Value) async throws -> Value {
        let now = clock.next()
        return try await database.write(entity: entity) { try body($0, now) }
    }

    func send(_ method: HTTPRequest.Method, _ path: String, _ fields: [(String, String)] = [], body: String = "") async -> Answer {
        var headers = HTTPFields()
        for (name, value) in fields { if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) } }
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer(string: body)))
        var quiet = Logger(label: "test")
        quiet.logLevel = .critical
        var answer = await responder.answer(to: request, id: "r1", quiet)
        answer.bytes = (try? answer.whole()) ?? []
        return answer
    }

    /// An account of that role, opened by its one-time link; returns its session's cookie.
    func person(_ role: Role, _ name: String? = nil) async throws -> Visitor {
        let token = Secret.token("inv_", of: entity), invite = Invite(entity, role, token: token), name = name ?? role.rawValue
        try await write { try invite.run(in: $0, at: $1) }
        let answer = await send(
            .post, "/welcome", body: "token=\(token)&name=\(name)&email=\(name)@example.com&password=correct-horse-battery")
        return try await Visitor(self, cookie: #require(cookie(of: answer)))
    }

    /// A key of a program with that role.
    func key(_ role: Role, scopes: [String] = []) async throws -> String {
        let token = Secret.token("key_", of: entity),
            creation = CreateAPIKey(entity, name: role.rawValue, role: role, scopes: scopes, token: token)
        try await write { try creation.run(in: $0, at: $1) }
        return token
    }

    func cookie(of answer: Answer) -> String? {
        answer.headers.first { $0.0 == .setCookie && $0.1.hasPrefix("__Host-florin=") }?.1.split(separator: ";").first.map(String.init)
    }

    func count(_ query: SQL) async throws -> Int64 { try await database.read { try $0.first(query) { $0.integer(0) } ?? 0 } }
}

final class ServerClock: Sendable {
    private let time = Mutex(DeskServer.opening)
    func next() -> Instant {
        Instant(
            microseconds: time.withLock {
                $0 += 1_000_000; return $0
            })
    }
    func advance(minutes: Int64) { time.withLock { $0 += minutes * 60_000_000 } }
}

/// Somebody who is signed in.
struct Visitor: Sendable {
    let server: DeskServer
    let cookie: String
    let csrf: String
    private let token: String

    init(_ server: DeskServer, cookie: String) async throws {
        (self.server, self.cookie) = (server, cookie)
        token = String(cookie.dropFirst("__Host-florin=".count))
        let entity = try #require(Secret.entity(of: token)), digest = Secret.digest(token)
        csrf = try #require(
            try await server.database.read {
                try $0.first("SELECT csrf FROM web_session WHERE entity_id = \(entity) AND token_digest = \(digest)") { $0.text(0) }
            })
    }

    func home() async throws -> Home {
        let entity = try #require(Secret.entity(of: token)), token = token
        let session = try await server.database.read { try Identify(entity).session(token, in: $0, at: Instant(microseconds: 0)) }
        return try #require(session).home
    }

    /// Lets the person into other books.
    func grant(_ entity: Int64, _ role: Role) async throws {
        let home = try await home(), actor = Actor(id: 0, name: "root", role: .administrator)
        try await GrantAccess(home, to: ID(entity), role, by: actor).run(server.database, at: server.clock.next())
    }

    /// The same person in other books.
    func choose(_ entity: Int64) async throws -> Visitor {
        let answer = await post("/entities/choose", "entity=\(entity)")
        return try await Visitor(server, cookie: #require(server.cookie(of: answer)))
    }

    func get(_ path: String) async -> Answer { await server.send(.get, path, [("Cookie", cookie)]) }
    func post(_ path: String, _ form: String = "") async -> Answer { await post(path, form, csrf: csrf) }
    func post(_ path: String, _ form: String, csrf: String) async -> Answer {
        await server.send(
            .post, path, [("Cookie", cookie), ("Content-Type", "application/x-www-form-urlencoded")], body: "csrf=\(csrf)&\(form)")
    }

    /// A form as a browser sends it from `page`.
    func post(_ path: String, _ form: String, from page: String) async -> Answer {
        let fields = [
            ("Cookie", cookie), ("Content-Type", "application/x-www-form-urlencoded"), ("Referer", "http://localhost\(page)"),
        ]
        return await server.send(.post, path, fields, body: "csrf=\(csrf)&\(form)")
    }
}

extension Answer {
    var body: String { String(decoding: bytes, as: UTF8.self) }
    func header(_ name: HTTPField.Name) -> String? { headers.first { $0.0 == name }?.1 }
}
