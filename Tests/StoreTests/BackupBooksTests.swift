import Domain
import Foundation
import TestSupport
import Testing

@testable import Store

/// A backup is read where it lies, and nothing of it changes.
@Suite struct BackupBooksTests {
    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "florin-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private func backup(_ engine: Engine) async throws -> String {
        let path = try folder().appending(path: "books.backup").path
        try await engine.make().backup(to: path)
        return path
    }

    @Test(arguments: Engine.available) func readingChangesNothing(engine: Engine) async throws {
        let path = try await backup(engine), before = try Data(contentsOf: URL(filePath: path))
        #expect(BackupFile.isBackup(path))
        let books = try BackupBooks(path: path)
        try await books.requireSchema()
        #expect(try await books.read { try $0.first("SELECT count(*) FROM entity") { $0.integer(0) } } == 0)
        await #expect(throws: DatabaseFault.self) {
            try await books.write(entity: ID(1)) { try $0.run("DELETE FROM outbox") }
        }
        await books.close()
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
        let folder = URL(filePath: path).deletingLastPathComponent().path
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["books.backup"])
    }

    @Test func booksInUseAreNoBackup() async throws {
        let path = try folder().appending(path: "books.sqlite").path, books = try SQLiteDatabase(path: path)
        try await books.migrate()
        #expect(!BackupFile.isBackup(path))
        await books.close()
        #expect(!BackupFile.isBackup(path) && !BackupFile.isBackup(path + "none"))
    }

    @Test(arguments: Engine.available) func anOlderSchemaStays(engine: Engine) async throws {
        let books = try await engine.make(through: 32)
        let fault = await #expect(throws: DatabaseFault.self) { try await books.requireSchema() }
        #expect(fault?.code == "florin:older" && fault?.message.contains("version 32") == true)
        #expect(try await books.read { try $0.first("SELECT MAX(version) FROM schema_version") { $0.integer(0) } } == 32)
    }

    /// What the next program copies before it brings the books on.
    @Test(arguments: Engine.available) func aBackupHasTheSchemaThatIsThere(engine: Engine) async throws {
        let books = try await engine.make(through: 34), path = try folder().appending(path: "books.backup").path
        let version: SQL = "SELECT MAX(version) FROM schema_version"
        try await books.requireSchema(orOlder: true)
        try await books.write(entity: ID(1)) { tx in
            try tx.run("INSERT INTO invitation (entity_id, token_digest, role, expires_at) VALUES (1, 'digest', 'clerk', 99)")
        }
        try await books.backup(to: path)
        #expect(try await books.read { try $0.first(version) { $0.integer(0) } } == 34)
        let file = try BackupFile(path: path)
        #expect(try file.read { try $0.first(version) { $0.integer(0) } } == 34)
        try file.close()
        let new = try await engine.make()
        try await new.restore(from: path) { _ in }
        let count: SQL = "SELECT count(*) FROM invitation WHERE entity_id = 1 AND made_by IS NULL"
        #expect(try await new.read { try $0.first(count) { $0.integer(0) } } == 1)
        let read: Int64? = try await BackupFile.broughtUpToDate(path) { try $0.read { try $0.first(version) { $0.integer(0) } } }
        #expect(read ?? 0 > 34)
    }

    /// What does not prove leaves the database to a backup that does, and books are never filled again.
    @Test(arguments: Engine.available) func whatDoesNotProveIsNotRestored(engine: Engine) async throws {
        struct Unproven: Error {}
        let books = try await engine.make(), path = try folder().appending(path: "books.backup").path
        let count: SQL = "SELECT count(*) FROM entity"
        try await books.write(entity: ID(1)) { tx in
            try tx.run("INSERT INTO entity (entity_id, name, country, currency, created_at) VALUES (1, 'Kept Ltd', 'GB', 'GBP', 1)")
        }
        try await books.backup(to: path)
        let new = try await engine.make()
        await #expect(throws: Unproven.self) {
            try await new.restore(from: path) { tx in
                #expect(try tx.first(count) { $0.integer(0) } == 1, "the backup itself is proved")
                throw Unproven()
            }
        }
        #expect(try await new.read { try $0.first(count) { $0.integer(0) } } == 0)
        try await new.restore(from: path) { _ in }
        #expect(try await new.read { try $0.first(count) { $0.integer(0) } } == 1)
        let fault = await #expect(throws: DatabaseFault.self) {
            try await new.restore(from: path) { _ in throw Unproven() }
        }
        #expect(fault?.code == "florin:exists")
    }

    /// Each writes beside the others; the first that is whole has the name, and nothing replaces it.
    @Test(arguments: Engine.available) func ofBackupsUnderOneNameTheFirstHasIt(engine: Engine) async throws {
        let books = try await engine.make(), at = try folder(), path = at.appending(path: "books.backup").path
        // Of a former release, which is not done yet.
        #expect(FileManager.default.createFile(atPath: path + ".partial", contents: Data()))
        let codes = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    do { try await books.backup(to: path) } catch let fault as DatabaseFault { return fault.code }
                    return nil
                }
            }
            return try await group.reduce(into: [String?]()) { $0.append($1) }
        }
        #expect(codes.count { $0 == nil } == 1 && codes.count { $0 == "florin:exists" } == 3, "\(codes)")
        #expect(BackupFile.isBackup(path))
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: at.path)) == ["books.backup", "books.backup.partial"])
    }

    @Test func whatKilledBackupsLeftIsRemoved() async throws {
        let folder = try folder(), files = FileManager.default
        let names = ["old.backup.partial", "old.backup.partial-journal", "other.partial", "new.backup.partial"]
        for name in names {
            let path = folder.appending(path: name).path
            #expect(files.createFile(atPath: path, contents: Data()))
            guard !name.hasPrefix("new") else { continue }
            try files.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -90_000)], ofItemAtPath: path)
        }
        try await Engine.sqlite.make().backup(to: folder.appending(path: "books.backup").path)
        #expect(Set(try files.contentsOfDirectory(atPath: folder.path)) == ["other.partial", "new.backup.partial", "books.backup"])
    }
}
