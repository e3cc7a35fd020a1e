import Domain
import TestSupport
import Testing

@testable import Store

/// A server that is started again under a running program.
@Suite struct LostConnectionTests {
    @Test func aReadOutlivesItsConnection() async throws {
        guard Engine.available.contains(.postgres) else { return }
        let databases = try await Engine.postgres.make(servers: 2)
        let administrator = try #require(databases[1] as? PostgresDatabase)
        var killed: Set<Int64> = []
        for _ in 0..<4 {
            let pid = try await databases[0].read { try $0.first("SELECT CAST(pg_backend_pid() AS BIGINT)") { $0.integer(0) } ?? 0 }
            guard killed.insert(pid).inserted else { continue }
            try await administrator.asOwner { tx in
                try tx.forEach(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE CAST(pid AS BIGINT) = \(pid)"
                ) { _ in }
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(killed.count >= 2)
        for _ in 0..<4 { #expect(try await databases[0].read { try $0.first("SELECT 1") { $0.integer(0) } } == 1) }
    }

    @Test func programsThatStartTogetherMigrateOnce() async throws {
        guard Engine.available.contains(.postgres) else { return }
        let schema = "t\(UInt64.random(in: 0...UInt64.max))", databases = try await Engine.postgres.make(servers: 4)
        // All on one empty schema.
        for database in databases {
            let owner = try #require(database as? PostgresDatabase)
            try await owner.asOwner { tx in
                try tx.run(SQL(text: "CREATE SCHEMA IF NOT EXISTS \(schema)"))
                try tx.run(SQL(text: "SET search_path = \(schema)"))
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for database in databases { group.addTask { try await database.migrate() } }
            try await group.waitForAll()
        }
        let count = try await (databases[0] as? PostgresDatabase)?.read {
            try $0.first("SELECT count(*) FROM pg_tables WHERE tablename = 'schema_version' AND schemaname = \(schema)") { $0.integer(0) }
        }
        #expect(count == 1)
    }

    @Test(
        arguments: [
            ("08006", true), ("57P01", true), ("57P03", true), ("53300", true), ("sqlite:5", true), ("sqlite:1034", true),
            ("sqlite:13", true), ("23505", false), ("57014", false), ("sqlite:11", false), ("florin:newer", false),
        ])
    func whatPassesIsTold(code: String, passes: Bool) {
        #expect(DatabaseFault(code: code, message: "", statement: "").isPassing == passes)
    }
}
