import Domain
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import Operations
@testable import Store
@testable import Web

/// A database that answers every question with that fault.
private final class AwayDatabase: Database {
    let fault: DatabaseFault
    private let queue = CommitQueue(label: "away", entitiesApart: false)
    init(_ code: String) { fault = DatabaseFault(code: code, message: "away", statement: "") }

    func enqueue(_ body: WaitingBody) { body.finish(fault) }
    func committer(of entity: ID<Entity>) -> any TaskExecutor { queue }
    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value { throw fault }
    func migrate(through version: Int64) throws { throw fault }
    func close() {}
}

private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
        count.withLock {
            $0 += 1; return $0
        }
    }
}

/// A database that answers nothing.
private final class SilentDatabase: Database {
    private let queue = CommitQueue(label: "silent", entitiesApart: false)
    private let count = Mutex(0)
    var asked: Int { count.withLock { $0 } }

    func enqueue(_ body: WaitingBody) { body.finish(CancellationError()) }
    func committer(of entity: ID<Entity>) -> any TaskExecutor { queue }
    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        count.withLock { $0 += 1 }
        try await Task.sleep(for: .seconds(3_600))
        throw CancellationError()
    }
    func migrate(through version: Int64) {}
    func close() {}
}

@Suite struct AwayDatabaseTests {
    @Test(arguments: ["08006", "57P01", "53300", "sqlite:5", "sqlite:13", "sqlite:1034"])
    func thatItIsAwayIsNoFaultOfOurs(code: String) async throws {
        let server = DeskServer(AwayDatabase(code)), key = Secret.token("key_", of: ID(1)), session = Secret.token("ses_", of: ID(1))
        for (path, field) in [("/readyz", ("Accept", "*/*")), ("/v1/orders", ("Authorization", "Bearer \(key)"))] {
            let answer = await server.send(.get, path, [field])
            #expect(answer.status == .serviceUnavailable && answer.header(.retryAfter) == "5", "\(path)")
            #expect(answer.body.contains("\"database_unavailable\""), "\(path): \(answer.body)")
        }
        let page = await server.send(.get, "/", [("Cookie", "__Host-florin=\(session)")])
        #expect(page.status == .serviceUnavailable && page.body.contains("The database does not answer"))
        #expect(page.header(.retryAfter) == "5")
        #expect(await server.send(.get, "/healthz").status == .ok)
        let metrics = await server.send(.get, "/metrics")
        #expect(metrics.status == .ok && metrics.body.contains("status=\"503\"") && !metrics.body.contains("florin_letters"))
        #expect(metrics.body.contains("\nflorin_database_answers 0\n"))
    }

    /// Whoever asks how it is gets an answer in time, and what hangs does not grow with the asking.
    @Test(.timeLimit(.minutes(1))) func oneThatHangsHoldsNoProbeUp() async {
        var limits = ServerLimits()
        limits.probe = .milliseconds(50)
        let database = SilentDatabase(), server = DeskServer(database, ID(1), limits)
        for _ in 0..<6 {
            let ready = await server.send(.get, "/readyz")
            #expect(ready.status == .serviceUnavailable && ready.body.contains("\"database_unavailable\""))
            let metrics = await server.send(.get, "/metrics")
            #expect(metrics.status == .ok && metrics.body.contains("\nflorin_database_answers 0\n"))
        }
        #expect(database.asked == 8, "each question four times, however often it is wanted")
    }

    /// The first question may stand behind a long report: the next one is answered, and nobody waits for the first.
    @Test(.timeLimit(.minutes(1))) func aLateQuestionIsFollowedByAnother() async throws {
        let question = PatientQuestion<Int>(), count = Counter()
        func asked() async -> Int? {
            let answered = await question.ask(within: .milliseconds(50)) {
                let turn = count.next()
                if turn == 1 { try await Task.sleep(for: .seconds(3_600)) }
                return turn
            }
            return try? answered?.get()
        }
        #expect(await asked() == nil)
        var told: Int?
        // On a machine with much to do even an answer at once may be late.
        for _ in 0..<20 where told == nil { told = await asked() }
        #expect((told ?? 0) > 1)
    }

    /// While one looks how the books are, others go on.
    @Test(.timeLimit(.minutes(1))) func oneLooksAtTheSchemaForAll() async throws {
        let database = SilentDatabase(), watch = SchemaWatch(database)
        let looking = Task { try await watch.check() }
        while database.asked == 0 { try await Task.sleep(for: .milliseconds(1)) }
        for _ in 0..<3 { try await watch.check() }
        #expect(database.asked == 1)
        looking.cancel()
        await #expect(throws: CancellationError.self) { try await looking.value }
    }

    /// A newer program brought the books on: this one writes them no more.
    @Test(arguments: Engine.available) func aNewerSchemaIsNoticedAndNotWritten(engine: Engine) async throws {
        let server = try await DeskServer.open(engine)
        #expect(await server.send(.get, "/readyz").status == .ok)
        #expect(await server.send(.post, "/v1/orders").status == .unauthorized)
        try await server.write { tx, _ in try tx.run("INSERT INTO schema_version (version) VALUES (9999)") }
        let ready = await server.send(.get, "/readyz")
        #expect(ready.status == .serviceUnavailable && ready.body.contains("\"schema_newer\"") && ready.body.contains("update florin"))
        let order = await server.send(.post, "/v1/orders"), form = await server.send(.post, "/sign-in", body: "email=a&password=b")
        #expect(order.status == .serviceUnavailable && order.body.contains("\"schema_newer\""))
        #expect(form.status == .serviceUnavailable && form.body.contains("update florin"))
        #expect(await server.send(.get, "/v1/orders").status == .unauthorized, "reading goes on")
        let watch = SchemaWatch(server.database)
        await #expect(throws: DatabaseFault.self) { try await watch.check() }
    }

    /// Work of many transactions looks in each of them, however short ago the server looked.
    @Test(arguments: Engine.available) func aRunRecordsNothingInANewerSchema(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), key = try await server.key(.controller)
        func run(_ number: Int) async -> Answer {
            let fields = [
                ("Authorization", "Bearer \(key)"), ("Content-Type", "application/json"),
                ("Idempotency-Key", "run-of-the-day-today-\(number)"),
            ]
            return await server.send(.post, "/v1/runs/cash", fields, body: "{}")
        }
        func rows() async throws -> [Int64] {
            [
                try await server.count("SELECT count(*) FROM hand_run WHERE entity_id = 1"),
                try await server.count("SELECT count(*) FROM audit_entry WHERE entity_id = 1"),
                try await server.count("SELECT count(*) FROM idempotency WHERE entity_id = 1"),
            ]
        }
        #expect(await run(1).status == .ok)
        let before = try await rows()
        try await server.write { tx, _ in try tx.run("INSERT INTO schema_version (version) VALUES (9999)") }
        let refused = await run(2)
        #expect(refused.status == .serviceUnavailable && refused.body.contains("\"schema_newer\""), "\(refused.body)")
        #expect(try await rows() == before)
    }

    @Test func readinessIsNeverAFault() async {
        #expect(await DeskServer(AwayDatabase("42P01")).send(.get, "/readyz").status == .serviceUnavailable)
        #expect(await DeskServer(AwayDatabase("42P01")).send(.get, "/", [("Cookie", "__Host-florin=s")]).status == .internalServerError)
    }
}
