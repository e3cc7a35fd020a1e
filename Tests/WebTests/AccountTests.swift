import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What people do with their own account, and an administrator with one whose owner is locked out.
@Suite struct AccountTests {
    private static let password = "correct-horse-battery", other = "another-horse-battery"
    private static let secret = String(repeating: "3f", count: 20)

    private func signIn(_ server: DeskServer, _ name: String, _ password: String = Self.password) async throws -> Visitor? {
        let answer = await server.send(.post, "/sign-in", body: "email=\(name)@example.com&password=\(password)")
        guard let cookie = server.cookie(of: answer) else { return nil }
        return try await Visitor(server, cookie: cookie)
    }

    private func opens(_ server: DeskServer, _ name: String, _ password: String = Self.password) async throws -> Bool {
        try await signIn(server, name, password) != nil
    }

    /// An act that was done says so on its page; a refusal begins with a mark.
    private func isDone(_ answer: Answer) -> Bool {
        answer.header(.location) == "/account" && answer.header(.setCookie)?.contains("=%21") == false
    }

    private func isIn(_ visitor: Visitor) async -> Bool { await visitor.get("/").status == .ok }

    private func code(_ server: DeskServer) throws -> String {
        Secret.code(try #require(Secret.bytes(Self.secret)), atSecond: server.clock.next().microseconds / 1_000_000)
    }

    private func acts(_ act: String, _ server: DeskServer) async throws -> [String] {
        try await server.database.read { try AuditLog(ID(1), act: act).page(in: $0).rows }.reversed().map { "\($0.actor) \($0.outcome)" }
    }

    @Test(arguments: Engine.available) func aPasswordChangesByTheOldOneAndEndsOtherSessions(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.clerk, "kim")
        let elsewhere = try #require(try await signIn(server, "kim"))
        let wrong = await kim.post("/account/password", "password=wrong&new_password=\(Self.other)")
        #expect(isDone(wrong) == false && wrong.header(.setCookie)?.contains("nothing%20was%20changed") == true)
        #expect(isDone(await kim.post("/account/password", "password=\(Self.password)&new_password=short")) == false)
        #expect(await isIn(elsewhere))
        #expect(isDone(await kim.post("/account/password", "password=\(Self.password)&new_password=\(Self.other)")))
        #expect(await isIn(kim))
        #expect(await isIn(elsewhere) == false)
        #expect(try await opens(server, "kim") == false)
        #expect(try await opens(server, "kim", Self.other))
        #expect(try await acts("/account/password", server) == ["kim proof_wrong", "kim password_weak", "kim done"])
        #expect(try await server.count("SELECT count(*) FROM audit_entry WHERE entity_id = 1 AND lower(detail) LIKE '%horse%'") == 0)
        let faults = try await server.database.read { try CheckBooks(ID(1)).run(in: $0).faults }
        #expect(faults == [])
    }

    /// A session that somebody else took is no way to try passwords without end.
    @Test func wrongOldPasswordsLockLikeThoseOfSigningIn() async throws {
        let server = try await DeskServer.open(.sqlite), kim = try await server.person(.clerk, "kim")
        let before = SignIn.accountTries - 2
        try await server.write { tx, _ in try tx.run("UPDATE person SET failures = \(before) WHERE entity_id = 1") }
        for _ in 0..<2 { _ = await kim.post("/account/password", "password=wrong&new_password=\(Self.other)") }
        #expect(isDone(await kim.post("/account/password", "password=\(Self.password)&new_password=\(Self.other)")) == false)
        #expect(try await opens(server, "kim") == false)
        server.clock.advance(minutes: Int64(SignIn.lockMinutes))
        #expect(try await opens(server, "kim"))
    }

    /// They wait in the line of those who sign in.
    @Test func passwordsOfAccountsAreHashedInTheLine() async throws {
        var limits = ServerLimits()
        let server = try await DeskServer.open(.sqlite), kim = try await server.person(.clerk, "kim"),
            ann = try await server.person(.administrator, "ann")
        let person = try await server.count("SELECT id FROM person WHERE entity_id = 1 AND name = 'kim'")
        let token = try #require(await ann.post("/users/reset", "person=\(person)").body.firstMatch(of: /rst_1_[0-9a-f]+/)?.output)
        limits.signInsInLine = 0
        let full = DeskServer(server.database, ID(1), limits), there = try await Visitor(full, cookie: kim.cookie)
        #expect(await there.post("/account/password", "password=\(Self.password)&new_password=\(Self.other)").status == .serviceUnavailable)
        #expect(await full.send(.post, "/reset", body: "token=\(token)&password=\(Self.other)").status == .serviceUnavailable)
    }

    @Test(arguments: Engine.available) func anAdministratorsLinkSetsANewPasswordOnce(engine: Engine) async throws {
        let server = try await DeskServer.open(engine)
        let ann = try await server.person(.administrator, "ann"), kim = try await server.person(.clerk, "kim")
        let code = try code(server)
        _ = await kim.post("/account/factor", "secret=\(Self.secret)&code=\(code)&password=\(Self.password)")
        let person = try await server.count("SELECT id FROM person WHERE entity_id = 1 AND name = 'kim'")
        func link() async throws -> String {
            let page = await ann.post("/users/reset", "person=\(person)").body
            let found = try #require(page.firstMatch(of: /reset\?token=(rst_1_[0-9a-f]+)/)?.1)
            return String(found)
        }
        let first = try await link(), second = try await link()
        #expect(await server.send(.get, "/reset?token=\(first)").body.contains("Choose a new password"))
        #expect(await isIn(kim), "until the link is used nothing changes")
        // It opens no account of its own.
        let welcome = "token=\(first)&name=eve&email=eve@example.com&password=\(Self.other)"
        #expect(await server.send(.post, "/welcome", body: welcome).status == .forbidden)
        #expect(await server.send(.post, "/reset", body: "token=\(first)&password=short").status == .forbidden)
        #expect(await server.send(.post, "/reset", body: "token=\(first)&password=\(Self.other)").header(.location) == "/sign-in")
        #expect(await isIn(kim) == false)
        #expect(try await opens(server, "kim") == false)
        #expect(try await opens(server, "kim", Self.other), "the authenticator is gone")
        for used in [first, second] {
            #expect(await server.send(.post, "/reset", body: "token=\(used)&password=\(Self.password)").status == .forbidden)
        }
        #expect(try await acts("/users/reset", server) == ["ann done", "ann done"])
        #expect(try await acts("/reset", server) == ["kim done"])
        #expect(
            try await server.count("SELECT count(*) FROM audit_entry WHERE entity_id = 1 AND lower(detail) LIKE '%rst!_%' ESCAPE '!'") == 0)
        let faults = try await server.database.read { try CheckBooks(ID(1)).run(in: $0).faults }
        #expect(faults == [])
    }

    @Test func aLinkIsGoodForADayAndForAnOpenAccount() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.administrator, "ann")
        _ = try await server.person(.clerk, "kim")
        let person = try await server.count("SELECT id FROM person WHERE entity_id = 1 AND name = 'kim'")
        let token = Secret.token("rst_", of: ID(1)), offer = OfferReset(ID(1), person, token: token)
        try await server.write { _ = try offer.run(in: $0, at: $1) }
        server.clock.advance(minutes: 24 * 60)
        #expect(await server.send(.post, "/reset", body: "token=\(token)&password=\(Self.other)").status == .forbidden)
        let again = try #require(try await signIn(server, "ann"))
        _ = await again.post("/users/role", "person=\(person)&role=")
        let refused = await again.post("/users/reset", "person=\(person)")
        #expect(!refused.body.contains("reset?token="))
        #expect(await isIn(ann) == false, "a session ends after half a day")
    }

    @Test(arguments: Engine.available) func everySessionIsListedAndEndedFromOne(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), other = DeskServer(server.database, ID(2))
        try await other.create()
        let kim = try await server.person(.administrator, "kim"), second = try #require(try await signIn(server, "kim"))
        try await kim.grant(2, .clerk)
        let there = try await second.choose(2)
        let page = await kim.get("/account").body
        #expect(page.components(separatedBy: "This one").count == 2 && page.contains("action=\"/account/sessions/end\""))
        #expect(page.components(separatedBy: "<tr>").count == 4, "a head and two sessions")
        #expect(isDone(await there.post("/account/sessions/end")))
        #expect(await isIn(there))
        #expect(await isIn(kim) == false)
        #expect(!(await there.get("/account").body).contains("action=\"/account/sessions/end\""))
        let noted = try await server.database.read { try AuditLog(ID(2), act: "/account/sessions/end").page(in: $0).rows }
        #expect(noted.map { "\($0.detail): \($0.outcome)" } == ["ended=1: done", ": begun"])
    }

    /// Who finds an open session sets up no factor that shuts the owner out.
    @Test(arguments: Engine.available) func theSecondFactorIsSetUpByThePasswordToo(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.clerk, "kim")
        let page = await kim.post("/account/factor/begin").body
        #expect(page.components(separatedBy: "type=\"password\" name=\"password\"").count == 3, "one changes the password")
        for proof in ["", "&password=wrong"] {
            let code = try code(server), refused = await kim.post("/account/factor", "secret=\(Self.secret)&code=\(code)\(proof)")
            #expect(refused.status == .unprocessableContent && refused.body.contains("nothing was changed"))
        }
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 1 AND totp_secret IS NOT NULL") == 0)
        #expect(try await server.count("SELECT failures FROM person WHERE entity_id = 1") == 2)
        let code = try code(server), form = "secret=\(Self.secret)&code=\(code)&password=\(Self.password)"
        #expect(isDone(await kim.post("/account/factor", form)))
        #expect(try await acts("/account/factor", server) == ["kim proof_wrong", "kim proof_wrong", "kim done"])
        #expect(try await server.count("SELECT count(*) FROM audit_entry WHERE entity_id = 1 AND lower(detail) LIKE '%horse%'") == 0)
    }

    /// Who mistypes a digit goes on with the key that the authenticator has by now.
    @Test(arguments: Engine.available) func aMistypedCodeKeepsTheKeyThatIsBeingSetUp(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.clerk, "kim")
        func secret(_ page: String) -> String? {
            page.firstMatch(of: /<input type="hidden" name="secret" value="([0-9a-f]{40})">/).map { String($0.1) }
        }
        let begun = await kim.post("/account/factor/begin").body, key = try #require(secret(begun)), bytes = try #require(Secret.bytes(key))
        func send(_ secret: String, _ code: String, _ password: String = Self.password) async -> Answer {
            await kim.post("/account/factor", "secret=\(secret)&code=\(code)&password=\(password)", from: "/account/factor/begin")
        }
        let mistyped = await send(key, "12345x")
        #expect(mistyped.status == .unprocessableContent && secret(mistyped.body) == key && mistyped.body.contains(base32(bytes)))
        #expect(mistyped.body.firstMatch(of: /name="code"[^>]* aria-invalid="true" aria-describedby="fault-code" autofocus>/) != nil)
        #expect(mistyped.body.contains("These are not the six digits of this moment") && mistyped.body.contains("name=\"page\""))
        #expect(!mistyped.body.contains("12345x") && !mistyped.body.contains(Self.password), "neither code nor password is sent back")
        #expect(mistyped.headers.allSatisfy { !$0.1.contains(key) })
        let right = Secret.code(bytes, atSecond: server.clock.next().microseconds / 1_000_000)
        let unproven = await send(key, right, "wrong")
        #expect(unproven.status == .unprocessableContent && secret(unproven.body) == key && !unproven.body.contains(right))
        // What is no key of ours is not shown again.
        for strange in ["", "3f", String(repeating: "z", count: 40), String(repeating: "3f", count: 21)] {
            let refused = await send(strange, "12345x")
            #expect(refused.status == .unprocessableContent && !refused.body.contains("name=\"secret\""), "\(strange)")
        }
        #expect(isDone(await send(key, right)))
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 1 AND totp_secret = \(key)") == 1)
        #expect(try await acts("/account/factor", server).first == "kim code_wrong")
        let log = try await server.database.read { try AuditLog(ID(1)).page(in: $0).rows.map { "\($0.act) \($0.detail)" } }
        #expect(!log.contains { $0.contains(key) || $0.contains("12345x") })
    }

    @Test func theSecondFactorGoesByThePasswordOrACodeAndIsNotReplaced() async throws {
        let server = try await DeskServer.open(.sqlite), kim = try await server.person(.clerk, "kim")
        func factors() async throws -> Int64 {
            try await server.count("SELECT count(*) FROM person WHERE entity_id = 1 AND totp_secret IS NOT NULL")
        }
        func set() async throws {
            let code = try code(server)
            _ = await kim.post("/account/factor", "secret=\(Self.secret)&code=\(code)&password=\(Self.password)")
        }
        try await set()
        #expect(try await factors() == 1)
        let theirs = String(repeating: "4e", count: 20), bytes = try #require(Secret.bytes(theirs))
        let taken = Secret.code(bytes, atSecond: server.clock.next().microseconds / 1_000_000)
        _ = await kim.post("/account/factor", "secret=\(theirs)&code=\(taken)&password=\(Self.password)")
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 1 AND totp_secret = \(Self.secret)") == 1)
        for proof in ["", "password=wrong", "code=000000"] {
            #expect(isDone(await kim.post("/account/factor/remove", proof)) == false)
            #expect(try await factors() == 1)
        }
        #expect(isDone(await kim.post("/account/factor/remove", "password=\(Self.password)")))
        #expect(try await factors() == 0)
        try await set()
        server.clock.advance(minutes: 2)
        let right = try code(server)
        #expect(isDone(await kim.post("/account/factor/remove", "code=\(right)")))
        #expect(try await factors() == 0)
        #expect(try await acts("/account/factor/remove", server).suffix(2) == ["kim done", "kim done"])
    }
}
