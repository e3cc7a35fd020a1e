import Domain
import Logging
import Operations
import Synchronization
import TestSupport
import Testing
import Web

/// A server that cannot listen ends at once, and its work never begins.
@Suite(.timeLimit(.minutes(1))) struct ListenTests {
    /// - Returns: What it ended with; empty when its work began.
    private func end(host: String = "127.0.0.1", port: Int) async throws -> String {
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
            }) { _ in }
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
            #expect(try await end(host: host, port: 0) == "\(host) is no address of this machine: name another with --host")
        }
    }
}
