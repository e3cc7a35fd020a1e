import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What ends sessions ends those too that are about to open.
@Suite struct EndedSessionTests {
    private static let password = "correct-horse-battery", other = "another-horse-battery"

    /// Signs kim in, with something done between the proof of the password and the session.
    ///
    /// - Returns: The code of what was refused.
    private func signIn(_ server: DeskServer, meanwhile act: @escaping @Sendable () async throws -> Void) async throws -> String? {
        let token = Secret.token("ses_", of: ID(1)), now = server.clock.next()
        let signIn = SignIn(ID(1), email: "kim@example.com", password: Self.password, sessionToken: token, csrf: "c")
        return try await refusal {
            try await signIn.run(server.database, at: now) { proof in
                let isRight = try proof()
                try await act()
                return isRight
            }
        }
    }

    private func refusal(_ body: () async throws -> Void) async throws -> String? {
        do {
            try await body()
            return nil
        } catch let refusal as PeopleRefusal {
            return refusal.code
        }
    }

    private func sessions(_ server: DeskServer) async throws -> Int64 {
        try await server.count("SELECT count(*) FROM web_session WHERE entity_id IN (1, 2)")
    }

    @Test(arguments: Engine.available) func aPasswordThatIsChangedMeanwhileOpensNothing(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.clerk, "kim")
        let untouched = try await signIn(server) {}
        #expect(untouched == nil)
        #expect(try await sessions(server) == 2)
        let code = try await signIn(server) {
            let changed = await kim.post("/account/password", "password=\(Self.password)&new_password=\(Self.other)")
            #expect(changed.header(.location) == "/account" && changed.header(.setCookie)?.contains("=%21") == false)
        }
        #expect(code == "sign_in_wrong")
        #expect(try await sessions(server) == 1, "the one that changed it")
    }

    /// Opened again, it would come in by the session of before.
    @Test(arguments: Engine.available) func anAccountThatIsShutMeanwhileOpensNothing(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), ann = try await server.person(.administrator, "ann")
        let id = try await server.person(.clerk, "kim").home().person
        let code = try await signIn(server) {
            #expect(await ann.post("/users/role", "person=\(id)&role=").header(.location) == "/users")
        }
        #expect(code == "sign_in_wrong")
        #expect(try await sessions(server) == 1, "ann's")
    }

    /// Two legal entities on one server, and somebody of the first who works in the second too.
    private func both(_ engine: Engine) async throws -> (server: DeskServer, kim: Visitor) {
        let server = try await DeskServer.open(engine), other = DeskServer(server.database, ID(2))
        try await other.create()
        let kim = try await server.person(.administrator, "kim")
        try await kim.grant(2, .clerk)
        return (server, kim)
    }

    @Test(arguments: Engine.available) func aSessionThatHasEndedLeadsToNoOther(engine: Engine) async throws {
        let (server, kim) = try await both(engine), home = try await kim.home()
        let old = String(kim.cookie.dropFirst("__Host-florin=".count))
        _ = try await kim.choose(2)
        #expect(try await sessions(server) == 1)
        let again = ChooseEntity(home, ID(2), from: (entity: ID(1), token: old), token: Secret.token("ses_", of: ID(2)), csrf: "c")
        let code = try await refusal { _ = try await again.run(server.database, at: server.clock.next()) }
        #expect(code == "session_ended")
        #expect(try await sessions(server) == 1)
    }

    /// Whoever stops the server behind it leaves none.
    @Test(arguments: Engine.available) func aNewPasswordEndsTheSessionsOfEveryLegalEntityWithIt(engine: Engine) async throws {
        let (server, kim) = try await both(engine), home = try await kim.home()
        _ = try await kim.choose(2)
        let change = try await ChangePassword(
            OwnSessions(home, token: ""), old: Self.password, new: Self.other, server.database, at: server.clock.next()
        ) { try $0() }
        #expect(try await sessions(server) == 1)
        try await server.write { try change.run(in: $0, at: $1) }
        #expect(try await sessions(server) == 0)
        let answer = await server.send(.post, "/sign-in", body: "email=kim@example.com&password=\(Self.other)")
        _ = try await Visitor(server, cookie: #require(server.cookie(of: answer))).choose(2)
        let token = Secret.token("rst_", of: ID(1)), offer = OfferReset(ID(1), home.person, token: token)
        try await server.write { _ = try offer.run(in: $0, at: $1) }
        let reset = try await ResetPassword(
            ID(1), token: token, password: Self.password, server.database, at: server.clock.next()
        ) { try $0() }
        #expect(try await sessions(server) == 1)
        try await server.write { try reset.run(in: $0, at: $1) }
        #expect(try await sessions(server) == 0)
    }
}
