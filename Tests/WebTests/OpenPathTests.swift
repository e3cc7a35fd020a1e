import Domain
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What stands in no table of pages, acts or endpoints, and what it answers anybody: a path that is not here fails.
@Suite struct OpenPathTests {
    /// By path: a reading, and what is sent without a session, with one but without its form's token, and with a key.
    private static let expected: [OpenPath: (read: Int, nobody: Int, session: Int, key: Int)] = [
        .health: (200, 405, 405, 405), .ready: (200, 405, 405, 405), .metrics: (200, 405, 405, 405), .document: (200, 405, 405, 405),
        .reference: (200, 405, 405, 405), .assets: (200, 405, 405, 405), .signIn: (200, 403, 403, 403), .welcome: (200, 403, 403, 403),
        .reset: (200, 403, 403, 403), .signOut: (405, 303, 403, 303),
    ]

    private func address(_ path: OpenPath) -> String { path == .assets ? "/assets/\(Asset.style.name)" : path.rawValue }

    @Test func everyOpenPathAnswersEverybodyTheSame() async throws {
        #expect(Set(Self.expected.keys) == Set(OpenPath.allCases))
        let server = try await DeskServer.open(.sqlite)
        let ann = try await server.person(.administrator, "ann"), key = try await server.key(.administrator)
        let senders: [[(String, String)]] = [[], [("Cookie", ann.cookie)], [("Authorization", "Bearer \(key)")]]
        for (path, expected) in Self.expected {
            for (fields, sent) in zip(senders, [expected.nobody, expected.session, expected.key]) {
                #expect(await server.send(.get, address(path), fields).status.code == expected.read, "GET \(path)")
                #expect(await server.send(.post, address(path), fields).status.code == sent, "POST \(path) \(fields.map(\.0))")
            }
        }
        #expect(await ann.get("/").status == .ok, "nobody was signed out")
    }

    /// A key opens the API alone: on the desk its bearer is nobody.
    @Test func aKeyOpensNoPage() async throws {
        let server = try await DeskServer.open(.sqlite), key = try await server.key(.administrator)
        for page in DeskPage.all {
            let answer = await server.send(.get, page.path.filter { $0 != "{" && $0 != "}" }, [("Authorization", "Bearer \(key)")])
            #expect(answer.header(.location)?.hasPrefix("/sign-in") == true, "\(page.path)")
        }
        for act in DeskAct.all {
            let answer = await server.send(.post, act.path.filter { $0 != "{" && $0 != "}" }, [("Authorization", "Bearer \(key)")])
            #expect(answer.status == .forbidden, "\(act.path)")
        }
    }

    @Test func aPathIsOpenAsItIsWritten() {
        for path in OpenPath.allCases { #expect(OpenPath(address(path)) == path) }
        for path in ["/", "/assets", "/healthz/", "/Healthz", "/sign-in/1", "/users"] { #expect(OpenPath(path) == nil, "\(path)") }
    }

    /// Whoever adds a path adds a case, or an entry of a table: no source of the server tells paths apart by their text.
    @Test func noPathIsTakenBesideTheTables() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../Sources/Web/Server").standardized
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count > 15)
        for file in files where file.lastPathComponent != "OpenPath.swift" {
            let source = try String(contentsOf: file, encoding: .utf8)
            #expect(source.firstMatch(of: /case "\/|path == "\/[a-z.\-]{3,}"/) == nil, "\(file.lastPathComponent)")
        }
    }
}
