import Connectors
import Foundation
import Operations
import Store
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A mail server that takes connections and never says a word.
private struct SilentMailServer {
    private let listener: Int32
    let port: Int

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in(), length = socklen_t(MemoryLayout<sockaddr_in>.size)
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let listens = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard listens else { throw POSIXError(.EADDRINUSE) }
        (self.listener, port) = (listener, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Whether somebody has connected.
    var isCalled: Bool {
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) == 1
    }

    func end() { close(listener) }
}

@Suite(.timeLimit(.minutes(1))) struct SlowMailTests {
    /// Told to stop, a round waits for a slow server only so long; its letter is given back at once, untried.
    @Test func aLetterOnItsWayIsBrokenOffAndGivenBack() async throws {
        let shop = try await Shop.open(.sqlite), server = try SilentMailServer()
        defer { server.end() }
        try await shop.customer("C1", email: "ap@customers.example")
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        #expect(try await shop.dun(on: "2026-02-10").notices == 1)
        let mailer = Mailer.smtp(url: "smtp://127.0.0.1:\(server.port)", user: "", password: "", tls: false)
        let round = Task {
            try await DeliverOutbox(
                shop.database, shop.entity, mailer, from: "accounts@example.com", patience: .milliseconds(100), clock: { shop.tick() }
            ).run()
        }
        while !server.isCalled { try await Task.sleep(for: .milliseconds(10)) }
        round.cancel()
        await #expect(throws: CancellationError.self) { _ = try await round.value }
        let letters = try await shop.texts(
            "SELECT state || ' ' || CAST(attempts AS TEXT) || ' ' || CAST(leased_until AS TEXT) FROM outbox WHERE entity_id = 1")
        #expect(letters == ["waiting 0 0"])
    }
}
