import Domain
import Foundation
import Store

/// The engines that every store test runs on: the same code, the same SQL text, the same expectations.
enum Engine: String, CaseIterable, Sendable {
    case sqlite

    static let available = allCases

    /// A migrated, empty database.
    func make() async throws -> any Database {
        let folder = FileManager.default.temporaryDirectory.appending(path: "florin-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let database = try SQLiteDatabase(path: folder.appending(path: "books.sqlite").path)
        try await database.migrate()
        return database
    }
}
