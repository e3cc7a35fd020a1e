import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

private let address = "ann@example.com"

/// What somebody may say of themselves who opens an account.
@Suite struct InvitationTests {
    @Test(arguments: [
        ("", address, "A name has"), ("%20%20", address, "A name has"), ("Ann%0D%0ABcc:%20x@example.com", address, "A name has"),
        ("Ann%00", address, "A name has"), ("Ann%E2%80%A8", address, "A name has"),
        (String(repeating: "a", count: 300_000), address, "A name has"),
        ("Ann", "", "no mail address"), ("Ann", "x", "no mail address"),
        ("Ann", "ann@example.com%0D%0ABcc:x@example.com", "no mail address"),
        ("Ann", "ann@example", "no mail address"), ("Ann", "ann@@example.com", "no mail address"),
        ("Ann", "%22ann%22@example.com", "no mail address"), ("Ann", "ann%20b@example.com", "no mail address"),
        ("Ann", String(repeating: "a", count: 65) + "@example.com", "no mail address"),
        ("Ann", "ann@" + String(repeating: "a.", count: 125) + "example.com", "no mail address"),
    ])
    func whatIsNoNameOrNoAddressIsRefusedAndTheLinkStays(name: String, email: String, said: String) async throws {
        let server = try await DeskServer.open(.sqlite), token = Secret.token("inv_"), invite = Invite(ID(1), .clerk, token: token)
        try await server.write { try invite.run(in: $0, at: $1) }
        let form = "token=\(token)&password=correct-horse-battery"
        let refused = await server.send(.post, "/welcome", body: form + "&name=\(name)&email=\(email)")
        #expect(refused.status == .forbidden && refused.body.contains(said))
        #expect(try await server.count("SELECT count(*) FROM person WHERE entity_id = 1") == 0)
        let opened = await server.send(
            .post, "/welcome", body: form + "&name=Zo%C3%AB%20O'Hara-%E5%B1%B1&email=zoe.o'hara%2Bx@b%C3%BCro.example")
        #expect(opened.status == .seeOther)
    }

    @Test func aNameMayBeAsLongAsItsLimit() {
        #expect(Plausible.isName(String(repeating: "\u{e4}", count: 200)))
        #expect(!Plausible.isName(String(repeating: "\u{e4}", count: 201)))
        #expect(!Plausible.isName("a" + String(repeating: "\u{301}", count: 200)), "one letter with many marks is long too")
    }

    @Test func aKeyHasANameOnOneLine() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.administrator, "ann")
        #expect(await ann.post("/users/keys", "name=shop%0Ashop&role=clerk").header(.setCookie)?.contains("%21") == true)
        #expect(await ann.post("/users/keys", "name=shop&role=clerk").status == .ok)
        #expect(try await server.count("SELECT count(*) FROM api_key WHERE entity_id = 1") == 1)
    }

    @Test func aPasswordHasAnEnd() throws {
        let longest = String(repeating: "a", count: AcceptInvitation.passwordLimit)
        _ = try AcceptInvitation(ID(1), token: "t", email: address, name: "Ann", password: longest)
        #expect(throws: PeopleRefusal.self) {
            _ = try AcceptInvitation(ID(1), token: "t", email: address, name: "Ann", password: longest + "a")
        }
    }
}
