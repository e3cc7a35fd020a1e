import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

@Suite struct UsersPageTests {
    private func id(_ name: String, _ server: DeskServer) async throws -> Int64 {
        try #require(try await server.database.read { try ReadPeople(ID(1)).people(in: $0) }.first { $0.name == name }?.id)
    }

    /// The row of the table that names somebody.
    private func row(_ name: String, _ page: String) throws -> String {
        let rows = page.replacing("</tr>", with: "<tr>").components(separatedBy: "<tr>").filter { $0.contains("\">\(name)</span>") }
        try #require(rows.count == 1)
        return rows[0]
    }

    @Test(arguments: Engine.available) func eachRowCarriesWhatCanBeDoneAboutIt(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), ann = try await server.person(.administrator, "ann")
        _ = try await server.person(.clerk, "ben")
        let ben = try await id("ben", server), page = await ann.get("/users").body, open = try row("ben", page)
        #expect(page.components(separatedBy: "<select name=\"role\" aria-label=\"Role\"").count == 3)
        #expect(open.contains("<input type=\"hidden\" name=\"person\" value=\"\(ben)\"><select name=\"role\""))
        #expect(open.contains("<option value=\"clerk\" selected>Clerk</option>") && open.contains(">Change</button>"))
        #expect(open.contains("name=\"person\" value=\"\(ben)\" form=\"reset\">Reset link</button>"))
        #expect(open.contains("name=\"person\" value=\"\(ben)\" form=\"shut\">Shut</button>"))
        #expect(!open.contains("Legal entities"), "there is no other one")
        for form in ["role\" class=\"hidden\" id=\"shut\"", "reset\" class=\"hidden\" id=\"reset\""] {
            #expect(page.components(separatedBy: "<form method=\"post\" action=\"/users/\(form)>").count == 2)
        }
        _ = await ann.post("/users/role", "role=&person=\(ben)")
        let shut = try row("ben", await ann.get("/users").body)
        #expect(shut.contains(">Open again</button>") && shut.contains("<td>Shut</td>"))
        #expect(!shut.contains("Reset link") && !shut.contains(">Shut</button>"))
        #expect(await ann.post("/users/role", "person=\(ben)&role=viewer").header(.location) == "/users")
        #expect(try row("ben", await ann.get("/users").body).contains("<option value=\"viewer\" selected>"))
    }

    @Test func aKeyIsRevokedFromItsRow() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.administrator, "ann")
        _ = try await server.key(.clerk)
        let key = try await server.count("SELECT id FROM api_key WHERE entity_id = 1")
        for path in ["/users", "/users/keys/all"] {
            let page = await ann.get(path).body
            #expect(try row("clerk", page).contains("name=\"key\" value=\"\(key)\" form=\"revoke\">Revoke</button>"), "\(path)")
            #expect(page.components(separatedBy: "action=\"/users/keys/revoke\" class=\"hidden\" id=\"revoke\">").count == 2, "\(path)")
        }
        #expect(await ann.post("/users/keys/revoke", "key=\(key)").header(.location) == "/users")
        #expect(await ann.get("/users").body.contains("No keys"))
    }

    @Test func theExportHoldsWhatIsKnownAndNoButton() async throws {
        let server = try await DeskServer.open(.sqlite), ann = try await server.person(.administrator, "ann")
        #expect(
            await ann.get("/users?format=csv").body
                == "Name,Mail address,Role,Second factor,Account\r\nann,ann@example.com,Administrator,None,Open\r\n")
        _ = try await server.key(.clerk)
        #expect(await ann.get("/users/keys/all?format=csv").body.hasPrefix("Name,Role,Scopes,Made,Made by\r\nclerk,Clerk,All of its role,"))
    }

    @Test(arguments: Engine.available) func peopleAndKeysAreSortedAndNarrowedDown(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), zoe = try await server.person(.administrator, "zoe")
        for (role, name) in [(Role.viewer, "ben"), (.clerk, "cy"), (.clerk, "dan")] { _ = try await server.person(role, name) }
        func names(_ path: String) async -> [String] {
            await zoe.get("\(path)format=csv").body.split(separator: "\r\n").dropFirst().map { String($0.prefix { $0 != "," }) }
        }
        #expect(await names("/users?") == ["ben", "cy", "dan", "zoe"])
        #expect(await names("/users?sort=-name&") == ["zoe", "dan", "cy", "ben"])
        #expect(await names("/users?sort=role&") == ["zoe", "cy", "dan", "ben"])
        #expect(await names("/users?sort=-role&role=clerk&") == ["dan", "cy"])
        let dan = try await id("dan", server)
        _ = await zoe.post("/users/role", "role=&person=\(dan)")
        #expect(await names("/users?role=clerk&account=open&") == ["cy"])
        #expect(await names("/users?account=shut&") == ["dan"])
        let page = await zoe.get("/users?role=clerk&sort=name").body
        #expect(
            page.contains("<form class=\"inline\" action=\"/users\">") && page.contains("<option value=\"clerk\" selected>Clerk</option>"))
        #expect(page.contains("<input type=\"hidden\" name=\"sort\" value=\"name\">"), "filtering keeps the order")
        #expect(page.contains("aria-sort=\"ascending\"><a href=\"/users?role=clerk&amp;sort=-name\">Name"))
        #expect(!page.contains(">ben</span>"))
        #expect(await zoe.get("/users?role=auditor").body.contains("Nobody here"))
        for role in [Role.viewer, .clerk, .auditor] { _ = try await server.key(role) }
        #expect(await names("/users/keys/all?") == ["viewer", "clerk", "auditor"], "the oldest first")
        #expect(await names("/users/keys/all?sort=-date&") == ["auditor", "clerk", "viewer"])
        #expect(await names("/users/keys/all?sort=name&") == ["auditor", "clerk", "viewer"])
        #expect(await names("/users/keys/all?role=clerk&") == ["clerk"])
        #expect(await zoe.get("/users/keys/all?sort=-role").body.contains("aria-sort=\"descending\""))
    }

    @Test(arguments: Engine.available) func aPersonsLegalEntitiesAreOnePressAway(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), ann = try await server.person(.administrator, "ann")
        for other in [2, 3] as [Int64] { try await DeskServer(server.database, ID(other)).create() }
        try await ann.grant(2, .administrator)
        try await ann.grant(3, .viewer)
        _ = try await server.person(.clerk, "ben")
        let ben = try await id("ben", server), path = "/users?person=\(ben)"
        #expect(try row("ben", await ann.get("/users").body).contains("href=\"\(path)\""))
        let before = await ann.get(path).body
        #expect(before.contains("<h2>Legal entities of ben</h2>") && before.contains("They work in no other legal entity"))
        #expect(before.contains("<option value=\"2\">") && !before.contains("<option value=\"3\">"), "a viewer lets nobody in")
        #expect(await ann.post("/users/access", "person=\(ben)&entity=2&role=collector").header(.location) == "/users")
        #expect(await ann.get(path).body.contains("<td>Example Trading Ltd</td><td>Collector</td>"))
        #expect(await ann.get("/users?person=7").body.contains("<h2>Legal entities of") == false)
    }

    /// A name takes 200 characters at most; the page stays below its limit with rows of long ones.
    @Test func aFullPageIsSmall() async throws {
        let server = try await DeskServer.open(.sqlite), long = String(repeating: "n", count: 200)
        let reader = DeskReader(
            entityName: "Example Trading Ltd", userName: "ann", role: "administrator", csrf: Secret.token(""), today: Day("2026-03-10")!)
        let people = (0..<UsersPage.rows).map {
            ReadPeople.Line(
                id: 14_293_315_354_626 + Int64($0), name: long, email: "\(long)@example.com", role: .clerk, isDisabled: false,
                hasSecondFactor: false, home: nil)
        }
        let keys = (0..<UsersPage.rows).map {
            ReadPeople.Key(
                id: 14_293_315_354_626 + Int64($0), name: String(long.prefix(100)), role: "clerk",
                scopes: Endpoint.scopes.joined(separator: " "), createdAt: Instant(microseconds: DeskServer.opening), maker: long)
        }
        let table = PeopleTable(
            people: people, place: ListLink(path: "/users", next: "1~2"), after: "1~2", hasEntities: true, reader: reader)
        let acts = try await server.database.read { try ActTable([], ID(1), in: $0) }
        let page = UsersPage(people: table, keys: ListPage(keys), acts: acts, access: nil, reader: reader)
        #expect(Frame(page.body, path: "/users", reader).html.bytes.count < 90_000)
    }
}
