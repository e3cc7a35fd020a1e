import Domain
import Store
import Synchronization
import TestSupport
import Testing

private let entity = ID<Entity>(1)

/// What the planner of PostgreSQL knows of tables that grow.
@Suite struct GrownTableTests {
    /// An empty table that grows fast is known to the planner before the server counts it by itself; else it reads an entity's whole
    /// history for each list of numbers.
    @Test(arguments: Engine.available) func aTableThatGrewIsCounted(engine: Engine) async throws {
        guard engine == .postgres else { return }
        let database = try await engine.make()
        for step in 0..<3 { try await addAccounts(step * 500..<step * 500 + 500, to: database) }
        // Behind what the last commit left to do.
        try await database.write(entity: entity) { _ in }
        #expect(try await countedAccounts(database) ?? 0 >= 1_000)
    }

    /// Another server's connection has seen none of the rows that came before.
    @Test(arguments: Engine.available) func aTableThatIsCountedIsNotCountedAgain(engine: Engine) async throws {
        guard engine == .postgres else { return }
        let databases = try await uncounted(engine)
        for step in 0..<2 { try await addAccounts(step * 500..<step * 500 + 500, to: databases[0]) }
        // Behind what the last commit left to do.
        try await databases[0].write(entity: entity) { _ in }
        for step in 2..<4 { try await addAccounts(step * 500..<step * 500 + 500, to: databases[1]) }
        try await databases[1].write(entity: entity) { _ in }
        #expect(try await countedAccounts(databases[1]) == 1_000)
    }

    /// To the planner an entity that joins a large table is a handful of rows until it is counted.
    @Test(arguments: Engine.available) func anEntityThatJoinsALargeTableIsCounted(engine: Engine) async throws {
        guard engine == .postgres else { return }
        let databases = try await uncounted(engine), other = ID<Entity>(2)
        for id in 1...2 {
            try await (databases[0] as? PostgresDatabase)?.asOwner {
                try $0.run("INSERT INTO book (entity_id, last_id, seal_count, sealed_at, head) VALUES (\(Int64(id)), 0, 0, 0, '')")
            }
        }
        for step in 0..<6 { try await addAccounts(step * 500..<step * 500 + 500, to: databases[0]) }
        try await databases[0].write(entity: entity) { _ in }
        for step in 0..<2 { try await addAccounts(step * 500..<step * 500 + 500, of: other, to: databases[1]) }
        try await databases[1].write(entity: other) { _ in }
        let known = try await databases[1].read { tx in
            try tx.first(
                """
                SELECT CAST(n_distinct AS BIGINT) FROM pg_stats
                 WHERE schemaname = current_schema() AND tablename = 'account' AND attname = 'entity_id'
                """
            ) { $0.integer(0) }
        }
        #expect(known == 2)
    }

    /// Somebody builds an index: orders do not wait until the table can be counted.
    @Test(arguments: Engine.available) func nobodyWaitsToCount(engine: Engine) async throws {
        guard engine == .postgres else { return }
        let databases = try await uncounted(engine), holder = Holder()
        async let held: Void? = (databases[0] as? PostgresDatabase)?.asOwner { tx in
            try tx.run("LOCK TABLE account IN SHARE UPDATE EXCLUSIVE MODE")
            _ = try tx.first("SELECT count(*) FROM account") { $0.integer(0) }
            holder.state.withLock { $0 = .holds }
            _ = try tx.first("SELECT 1 FROM pg_sleep(10)") { $0.integer(0) }
            holder.state.withLock { $0 = .done }
        }
        while holder.state.withLock({ $0 == .begins }) { try await Task.sleep(for: .milliseconds(10)) }
        for step in 0..<2 { try await addAccounts(step * 500..<step * 500 + 500, to: databases[1]) }
        try await databases[1].write(entity: entity) { _ in }
        #expect(holder.state.withLock { $0 == .holds })
        _ = try await held
    }

    private final class Holder: Sendable {
        enum State { case begins, holds, done }
        let state = Mutex(State.begins)
    }

    /// Two servers on one database, where nobody else counts meanwhile.
    private func uncounted(_ engine: Engine) async throws -> [any Store.Database] {
        let databases = try await engine.make(servers: 2)
        try await (databases[0] as? PostgresDatabase)?.asOwner { try $0.run("ALTER TABLE account SET (autovacuum_enabled = false)") }
        return databases
    }

    private func addAccounts(_ numbers: Range<Int>, of entity: ID<Entity> = entity, to database: any Store.Database) async throws {
        try await database.write(entity: entity) { tx in
            var batch = RowBatch(Table("account", "entity_id:i code:t name:t kind:t control:i"))
            for number in numbers {
                batch.append(entity.value)
                batch.append("\(number)")
                batch.append("Account")
                batch.append("asset")
                batch.append(Int64(0))
            }
            try tx.insert(batch)
        }
    }

    /// As many as the planner knows of.
    private func countedAccounts(_ database: any Store.Database) async throws -> Int64? {
        try await database.read { tx in
            try tx.first("SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE oid = 'account'::regclass") { $0.integer(0) }
        }
    }
}
