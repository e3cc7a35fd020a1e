import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Who may try to sign in, how often, and what they learn from a "no".
@Suite struct SignInTests {
    private static let password = "correct-horse-battery"

    private func signIn(
        _ server: DeskServer, _ name: String, _ password: String = SignInTests.password, from sender: String? = nil
    ) async -> Answer {
        await server.send(
            .post, "/sign-in", sender.map { [("X-Forwarded-For", $0)] } ?? [], body: "email=\(name)@example.com&password=\(password)")
    }

    @Test(arguments: Engine.available) func anUnknownAddressAWrongPasswordAndAShutAccountAreToldAlike(engine: Engine) async throws {
        let server = try await DeskServer.open(engine)
        _ = try await server.person(.administrator, "ann")
        _ = try await server.person(.clerk, "ben")
        let unknown = await signIn(server, "nobody"), wrong = await signIn(server, "ben", "wrong")
        try await server.write { tx, now in
            try tx.run(
                "UPDATE person SET locked_until = \(now.microseconds + 60_000_000) WHERE entity_id = 1 AND email = 'ann@example.com'")
        }
        let shut = await signIn(server, "ann")
        // The address stays in its field as it was written.
        func words(_ answer: Answer, _ name: String) -> String { answer.body.replacing("\(name)@example.com", with: "") }
        for (answer, name) in [(unknown, "nobody"), (wrong, "ben"), (shut, "ann")] {
            #expect(answer.status == .forbidden && words(answer, name) == words(wrong, "ben"))
            #expect(answer.headers.map(\.1) == wrong.headers.map(\.1))
        }
        #expect(try await server.count("SELECT failures FROM person WHERE entity_id = 1 AND email = 'ben@example.com'") == 1)
        #expect(try await server.count("SELECT failures FROM person WHERE entity_id = 1 AND email = 'ann@example.com'") == 0)
        server.clock.advance(minutes: 2)
        #expect(await signIn(server, "ann").status == .seeOther)
    }

    @Test func nobodyShutsAnAccountForOthers() async throws {
        let server = try await DeskServer.open(.sqlite)
        _ = try await server.person(.administrator, "ann")
        for _ in 0..<SignIn.tries { #expect(await signIn(server, "ann", "wrong", from: "203.0.113.7").status == .forbidden) }
        #expect(await signIn(server, "ann", from: "203.0.113.7").status == .forbidden)
        #expect(await signIn(server, "ann", from: "198.51.100.9").status == .seeOther)
        server.clock.advance(minutes: Int64(SignIn.lockMinutes))
        #expect(await signIn(server, "ann", from: "203.0.113.7").status == .seeOther)
    }

    @Test(arguments: Engine.available) func aHundredWrongTriesFromAnywhereShutAnAccountForAll(engine: Engine) async throws {
        let server = try await DeskServer.open(engine)
        _ = try await server.person(.administrator, "ann")
        let before = SignIn.accountTries - 1
        try await server.write { tx, _ in try tx.run("UPDATE person SET failures = \(before) WHERE entity_id = 1") }
        #expect(await signIn(server, "ann", "wrong", from: "203.0.113.7").status == .forbidden)
        #expect(await signIn(server, "ann", from: "198.51.100.9").status == .forbidden)
        server.clock.advance(minutes: Int64(SignIn.lockMinutes))
        #expect(await signIn(server, "ann", from: "198.51.100.9").status == .seeOther)
    }

    @Test func whoTriesManyAccountsWaits() throws {
        let tries = SignInTries(), one = Sender(peer: "203.0.113.7", forwarded: nil), two = Sender(peer: "203.0.113.8", forwarded: nil)
        let here = Sender(peer: nil, forwarded: nil), now = try #require(Instant("2026-03-10T09:00:00Z"))
        for number in 0..<SignInTries.senderTries {
            #expect(tries.wait(one, at: now) == nil)
            for sender in [one, here] { tries.add("p\(number)@example.com", from: sender, at: now) }
        }
        #expect(tries.wait(one, at: now) == SignIn.lockMinutes * 60 + 1)
        #expect(tries.wait(two, at: now) == nil, "another sender is not concerned")
        #expect(tries.wait(here, at: now) == nil, "a proxy that does not say for whom it asks")
        #expect(tries.wait(one, at: Instant(microseconds: now.microseconds + Int64(SignIn.lockMinutes) * 60_000_000)) == nil)
    }

    /// Whoever has no link waits like whoever has no password.
    @Test func linksThatOpenNothingCountAsWrongSignIns() async throws {
        let server = try await DeskServer.open(.sqlite)
        func tries(_ path: String, from sender: String) async -> HTTPResponse.Status {
            let form = "token=x&name=Ann&email=ann@example.com&password=\(Self.password)"
            return await server.send(.post, path, [("X-Forwarded-For", sender)], body: form).status
        }
        for number in 0..<SignInTries.senderTries {
            #expect(await tries(number % 2 == 0 ? "/welcome" : "/reset", from: "203.0.113.7") == .forbidden)
        }
        for path in ["/welcome", "/reset"] {
            #expect(await tries(path, from: "203.0.113.7") == .tooManyRequests)
            #expect(await tries(path, from: "198.51.100.9") == .forbidden, "another sender is not concerned")
        }
        #expect(await signIn(server, "ann", from: "203.0.113.7").status == .tooManyRequests)
    }

    @Test func aRightPasswordEndsTheCountOfItsAccount() throws {
        let tries = SignInTries(), one = Sender(peer: "203.0.113.7", forwarded: nil), now = try #require(Instant("2026-03-10T09:00:00Z"))
        for _ in 1..<SignIn.tries { tries.add("Ann@example.com", from: one, at: now) }
        #expect(!tries.isShut("ann@example.com", for: one, at: now))
        tries.forget("ann@example.com", from: one)
        tries.add("ann@example.com", from: one, at: now)
        #expect(!tries.isShut("ann@example.com", for: one, at: now))
    }

    @Test func aFullLineIsToldToComeBackWhileOthersAreServed() async throws {
        var limits = ServerLimits()
        limits.signInsInLine = 0
        let full = DeskServer(try await DeskServer.open(.sqlite).database, ID(1), limits)
        let answer = await signIn(full, "ann")
        #expect(answer.status == .serviceUnavailable && answer.header(.retryAfter) == "1")
        #expect(await full.send(.get, "/sign-in").status == .ok)
        let token = Secret.token("inv_", of: ID(1)), invite = Invite(ID(1), .clerk, token: token)
        try await full.write { try invite.run(in: $0, at: $1) }
        let form = "name=Ann&email=ann@example.com&password=\(Self.password)&token="
        #expect(await full.send(.post, "/welcome", body: form + token).status == .serviceUnavailable)
        #expect(await full.send(.post, "/welcome", body: form + "x").status == .forbidden, "a link that does not stand costs no hash")
        limits = ServerLimits()
        limits.signInsInLineOfSender = 0
        let narrow = DeskServer(full.database, ID(1), limits)
        #expect(await signIn(narrow, "ann", from: "203.0.113.7").status == .serviceUnavailable)
        #expect(await signIn(narrow, "ann").status == .forbidden, "a proxy may ask for many")
    }

    @Test func theLineIsCountedDownAgain() async throws {
        let line = HashQueue(limit: 1, senderLimit: 1), one = Sender(peer: "203.0.113.7", forwarded: nil)
        struct Broken: Error {}
        for _ in 0..<3 {
            #expect(try await line.run(for: one) { 1 } == 1)
            await #expect(throws: Broken.self) { try await line.run(for: one) { throw Broken() } }
        }
    }

    @Test(
        arguments: [
            ("203.0.113.7", nil, "cb007107", false), ("203.0.113.7", "198.51.100.9", "cb007107", false),  // a stranger is not believed
            ("127.0.0.1", "198.51.100.9", "c6336409", false), ("10.0.0.2", "1.2.3.4, 198.51.100.9", "c6336409", false),
            ("172.17.0.1", nil, "ac110001", true), ("192.168.0.1", "192.168.1.5", "c0a80105", false),
            ("::1", "2001:db8:1:2:3:4:5:6", "20010db800010002", false),
            ("::ffff:127.0.0.1", nil, "7f000001", true), (nil, nil, "7f000001", true), ("127.0.0.1", "nonsense", "7f000001", true),
        ] as [(String?, String?, String, Bool)])
    func aSenderIsWhoTheNearestProxySays(peer: String?, forwarded: String?, address: String, isShared: Bool) {
        let sender = Sender(peer: peer, forwarded: forwarded)
        #expect(sender.address == address && sender.isShared == isShared)
    }
}
