import Domain
import HTTPTypes
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
    }

    @Test func readinessIsNeverAFault() async {
        #expect(await DeskServer(AwayDatabase("42P01")).send(.get, "/readyz").status == .serviceUnavailable)
        #expect(await DeskServer(AwayDatabase("42P01")).send(.get, "/", [("Cookie", "__Host-florin=s")]).status == .internalServerError)
    }
}
