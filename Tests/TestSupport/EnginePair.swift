import Domain
import Foundation
import Store

extension Engine {
    /// Two separate sets of connections to one empty database, as two running programs have: races between them are decided by
    /// the database alone.
    package func makePair() async throws -> (any Database, any Database) {
        switch self {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appending(path: "florin-\(UInt64.random(in: 0...UInt64.max))")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let path = folder.appending(path: "books.sqlite").path
            let first = try SQLiteDatabase(path: path)
            try await first.migrate()
            return (first, try SQLiteDatabase(path: path))
        case .postgres:
            guard let server = ProcessInfo.processInfo.environment["FLORIN_TEST_POSTGRES"] else {
                throw DatabaseFault(code: "florin:server", message: "FLORIN_TEST_POSTGRES is not set", statement: "")
            }
            let schema = "t\(UInt64.random(in: 0...UInt64.max))"
            let owner = try PostgresDatabase(url: server, connections: 1)
            try await owner.asOwner { try $0.run(SQL(text: "CREATE SCHEMA \(schema)", values: [])) }
            await owner.close()
            let url = server + "&options=-csearch_path%3D\(schema)"
            let first = try PostgresDatabase(url: url, connections: 2)
            try await first.migrate()
            return (first, try PostgresDatabase(url: url, connections: 2))
        }
    }
}
