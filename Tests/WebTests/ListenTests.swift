import Domain
import Logging
import Operations
import Synchronization
import TestSupport
import Testing
import Web

/// A server that cannot listen ends at once, and its work never begins.
@Suite(.timeLimit(.minutes(1))) struct ListenTests {
    private struct NoLink: Error {}

    /// - Returns: What it ended with; empty when its work began.
    private func end(
        host: String = "127.0.0.1", port: Int, _ started: @escaping @Sendable () throws -> Void = {}
    ) async throws -> String {
        let books = DeskBooks(try await Engine.sqlite.make(), ID(1), DayRun.Terms(), clock: { Instant("2026-03-10T09:00:00Z")! }) {
            _, file, _, _ in ImportOutcome([("File", file.name)], findings: [])
        }
        let server = WebServer(
            books, host: host, port: port, limits: LiveServer.patient(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let began = Atomic(false)
        do {
            try await server.run(beside: {
                began.store(true, ordering: .relaxed)
                do { try await Task.sleep(for: .seconds(600)) } catch { return }
            }) { _ in try started() }
            return ""
        } catch { return began.load(ordering: .relaxed) ? "" : "\(error)" }
    }

    @Test func aPortThatIsTakenIsNamed() async throws {
        try await LiveServer.run(.sqlite) { first in
            let said = try await end(port: first.port)
            #expect(said == "port \(first.port) is taken: name another with --port")
        }
    }

    @Test func anAddressOfAnotherMachineIsNamed() async throws {
        for host in ["192.0.2.1", "nowhere.invalid"] {
            let words = "\(host) is no address of this machine: name another with --host"
            #expect(try await end(host: host, port: 0) == words)
            let fault = await #expect(throws: ListenFault.self) { try await WebServer.tryListening(host: host, port: 0) }
            #expect(fault?.description == words)
        }
    }

    /// Whoever starts a server asks before the books are opened.
    @Test func aPortIsTried() async throws {
        try await LiveServer.run(.sqlite) { first in
            let fault = await #expect(throws: ListenFault.self) { try await WebServer.tryListening(host: "127.0.0.1", port: first.port) }
            #expect(fault?.description == "port \(first.port) is taken: name another with --port")
        }
        try await WebServer.tryListening(host: "127.0.0.1", port: 0)
    }

    @Test func whatFailsOnceItListensEndsIt() async throws {
        let said = try await end(port: 0) { throw NoLink() }
        #expect(said == "NoLink()")
    }
}
