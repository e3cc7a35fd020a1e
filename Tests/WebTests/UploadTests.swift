import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What comes with a form: taken from who may send it, and from nobody else.
@Suite struct UploadTests {
    private static let type = "multipart/form-data; boundary=b1"
    private static func value(_ name: String, _ value: String) -> String {
        "--b1\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }
    private static func file(_ content: String) -> String {
        "--b1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"feb.xml\"\r\n\r\n\(content)\r\n"
    }

    private func send(_ visitor: Visitor, _ path: String, _ parts: [String]) async -> Answer {
        await visitor.server.send(
            .post, path, [("Cookie", visitor.cookie), ("Content-Type", Self.type)], body: parts.joined() + "--b1--\r\n")
    }

    @Test func theTokenComesBeforeTheFile() async throws {
        let server = try await DeskServer.open(.sqlite), kim = try await server.person(.clerk, "kim")
        #expect(
            await kim.get("/import").body.contains(
                "enctype=\"multipart/form-data\" class=\"form\" novalidate><input type=\"hidden\" name=\"csrf\""))
        let token = Self.value("csrf", kim.csrf), kind = Self.value("kind", "bank"), file = Self.file("<a/>")
        let taken = await send(kim, "/import", [token, kind, file])
        #expect(taken.status == .ok && taken.body.contains("feb.xml"))
        for parts in [[kind, file, token], [file, token, kind], [Self.value("csrf", "other"), kind, file], [kind, file], []] {
            #expect(await send(kim, "/import", parts).status == .forbidden, "\(parts)")
        }
        #expect(try await server.count("SELECT count(*) FROM audit_entry WHERE entity_id = 1 AND act = '/import'") == 2)
        let none = await send(kim, "/import", [token, kind, Self.file("")])
        #expect(none.header(.setCookie)?.contains("pick%20a%20file") == true, "no file was picked")
    }

    @Test func anActWithoutAFileTakesASmallFormOnly() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.administrator, "ann")
        let parts = [Self.value("csrf", ann.csrf), Self.value("role", "viewer")]
        #expect(await send(ann, "/users/invite", parts + [Self.file("<a/>")]).status == .ok)
        let large = await send(ann, "/users/invite", parts + [Self.file(String(repeating: "a", count: 1 << 20))])
        #expect(large.status == .contentTooLarge && large.closes)
        #expect(try await server.count("SELECT count(*) FROM invitation WHERE entity_id = 1 AND used_at IS NULL") == 1)
        #expect(
            await send(ann, "/import", [parts[0], Self.value("kind", "bank"), Self.file(String(repeating: "a", count: 2 << 20))]).status
                == .ok)
    }

    /// The cookie of somebody who is signed in, and the token of their forms.
    private func session(_ role: Role, _ server: LiveServer) async throws -> (cookie: String, csrf: String) {
        let entity = server.entity, token = Secret.token("inv_", of: entity), invite = Invite(entity, role, token: token)
        let now = try #require(Instant("2026-03-10T09:00:00Z")), email = "\(role.rawValue)@example.com"
        try await server.database.write(entity: entity) { try invite.run(in: $0, at: now) }
        let accepted = try await AcceptInvitation(
            entity, token: token, email: email, name: role.rawValue, password: "correct-horse-battery", server.database, at: now
        ) { try $0() }
        let session = Secret.token("ses_", of: entity), csrf = Secret.token("")
        try await server.database.write(entity: entity) { tx in
            try accepted.run(in: tx, at: now)
            let person = try tx.first("SELECT id FROM person WHERE entity_id = \(entity) AND email = \(email)") { $0.integer(0) }
            try WebSession.open(entity, person ?? 0, token: session, csrf: csrf, in: tx, at: now)
        }
        return ("__Host-florin=\(session)", csrf)
    }

    private func post(_ server: LiveServer, _ path: String, _ cookie: String, _ begun: String) async throws -> String? {
        let wire = try Wire(port: server.port)
        wire.send(
            "POST \(path) HTTP/1.1\r\nHost: localhost\r\nCookie: \(cookie)\r\n"
                + "Content-Type: \(Self.type)\r\nContent-Length: 200000000\r\n\r\n\(begun)"
        )
        return await wire.untilClosed()
    }

    @Test func nobodyGoesOnSendingWhatIsRefused() async throws {
        try await LiveServer.run(.sqlite) { server in
            let viewer = try await session(.viewer, server), clerk = try await session(.clerk, server)
            for (path, cookie, begun, status) in [
                ("/import", "a=b", "", 403), ("/import", viewer.cookie, "", 403), ("/no/such/page", clerk.cookie, "", 404),
                ("/import", clerk.cookie, Self.value("csrf", viewer.csrf) + Self.file("<a/>"), 403),
                ("/import", clerk.cookie, Self.file("<a/>"), 403),
                ("/receipts/7/unapply", clerk.cookie, Self.value("csrf", clerk.csrf), 413), ("/v1/statements", "a=b", "", 401),
                ("/v1/nothing", "a=b", "", 404), ("/healthz", "a=b", "", 405),
            ] as [(String, String, String, Int)] {
                let answer = try #require(try await post(server, path, cookie, begun), "\(path) stays open")
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(path): \(answer.prefix(80))")
                #expect(answer.lowercased().contains("connection: close"), "\(path)")
            }
        }
    }

    /// Whoever goes back to the page sends its token again: another file is another import, the same one is not.
    @Test(arguments: Engine.available) func anotherFileFromTheSamePageIsTaken(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.clerk, "kim")
        let page = await kim.get("/import").body, start = try #require(page.firstRange(of: "name=\"once\" value=\"")).upperBound
        let once = String(page[start...].prefix { $0 != "\"" })
        let parts = [Self.value("csrf", kim.csrf), Self.value("once", once), Self.value("kind", "bank")]
        for content in ["<a/>", "<b/>"] {
            let taken = await send(kim, "/import", parts + [Self.file(content)])
            #expect(taken.status == .ok && taken.body.contains("feb.xml"), "\(content)")
        }
        let again = await send(kim, "/import", parts + [Self.file("<a/>")])
        #expect(again.status == .seeOther && again.header(.setCookie)?.contains("sent%20twice") == true)
    }
}
