import Domain
import Foundation
import Store

/// The engines that every test runs on: the same code, the same SQL text, the same expectations.
package enum Engine: String, CaseIterable, Sendable {
    case sqlite, postgres

    private static let server = ProcessInfo.processInfo.environment["FLORIN_TEST_POSTGRES"]

    /// PostgreSQL takes part when `FLORIN_TEST_POSTGRES` names a server; `script/test` starts one.
    package static let available: [Engine] = {
        if server != nil { return allCases }
        print("SKIPPED on PostgreSQL: FLORIN_TEST_POSTGRES is not set; script/test starts a server and sets it")
        return [.sqlite]
    }()

    /// A migrated, empty database; on PostgreSQL a schema of its own.
    package func make() async throws -> any Database { try await make(servers: 1)[0] }

    /// One that a former release left at that version of its schema.
    package func make(through version: Int64) async throws -> any Database { try await make(servers: 1, through: version)[0] }

    /// The same one, opened once for each of several servers.
    package func make(servers: Int, through version: Int64 = .max) async throws -> [any Database] {
        var databases: [any Database] = []
        switch self {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appending(path: "florin-\(UInt64.random(in: 0...UInt64.max))")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for _ in 0..<servers { databases.append(try SQLiteDatabase(path: folder.appending(path: "books.sqlite").path)) }
        case .postgres:
            let schema = "t\(UInt64.random(in: 0...UInt64.max))"
            let owner = try PostgresDatabase(url: Self.server!, connections: 1)
            try await owner.asOwner { try $0.run(SQL(text: "CREATE SCHEMA \(schema)", values: [])) }
            await owner.close()
            let url = Self.server! + "&options=-csearch_path%3D\(schema)"
            for _ in 0..<servers { databases.append(try PostgresDatabase(url: url, connections: 2)) }
        }
        try await databases[0].migrate(through: version)
        return databases
    }
}
