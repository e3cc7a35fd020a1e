import Domain
import Store
import TestSupport
import Testing

/// Books that a former release left: what stands in them stays, whatever becomes of the schema.
@Suite struct UpgradeTests {
    private let entity = ID<Entity>(1)
    private static let keys = Table(
        "idempotency", "entity_id:i route:t request_key:t body_digest:t state:t status:i body:t leased_until:i created_at:i")

    private func append(_ key: String, body: String?, to batch: inout RowBatch) {
        batch.append(entity.value)
        batch.append("7 POST /v1/orders")
        batch.append(key)
        batch.append("digest of \(key)")
        batch.append(body == nil ? "started" : "done")
        batch.append(body == nil ? nil : Int64(200))
        batch.append(body)
        batch.append(body == nil ? Int64(99) : 0)
        batch.append(Int64(1_000))
    }

    private func kept(in database: any Database) async throws -> [[String]] {
        try await database.read { tx in
            try tx.rows(
                """
                SELECT request_key, body_digest, state, status, body, leased_until, created_at FROM idempotency
                 WHERE entity_id = 1 AND route = '7 POST /v1/orders' ORDER BY request_key
                """
            ) { row in
                [row.text(0), row.text(1), row.text(2), row.optionalInteger(3).map { "\($0)" } ?? "", row.optionalText(4) ?? "NULL"]
                    + [5, 6].map { "\(row.integer($0))" }
            }
        }
    }

    @Test(arguments: Engine.available) func answersAndEntriesOutliveIt(engine: Engine) async throws {
        let database = try await engine.make(through: 32)
        let entity = entity
        try await database.write(entity: entity) { tx in
            var batch = RowBatch(Self.keys)
            for number in 0..<500 { append("key-\(number)", body: number % 7 == 0 ? nil : "{\"number\":\(number)}", to: &batch) }
            try tx.insert(batch)
            try tx.insert(journalRows(entity, 1..<20, memo: "before"))
        }
        let before = try await kept(in: database)
        try await database.migrate()
        #expect(try await kept(in: database) == before && before.count == 500)
        let versions = try await database.read { tx in
            try tx.rows("SELECT version FROM schema_version WHERE version > 32 ORDER BY version") { $0.integer(0) }
        }
        #expect(versions.starts(with: [33, 34]))
        for number in [3, 7] {
            await #expect(throws: DatabaseFault.self, "a key is still taken once") {
                try await database.write(entity: entity) { tx in
                    var batch = RowBatch(Self.keys)
                    append("key-\(number)", body: "{}", to: &batch)
                    try tx.insert(batch)
                }
            }
        }
        let fault = await #expect(throws: DatabaseFault.self) {
            try await database.write(entity: entity) { tx in try tx.run("DELETE FROM journal_entry WHERE entity_id = 1 AND id = 4") }
        }
        #expect("\(String(describing: fault))".contains(engine == .sqlite ? "never changes" : "permission denied"))
    }

    @Test(arguments: Engine.available) func linksOfAFormerReleaseStayWithoutAMaker(engine: Engine) async throws {
        let database = try await engine.make(through: 34)
        try await database.write(entity: entity) { tx in
            try tx.run(
                "INSERT INTO invitation (entity_id, token_digest, role, expires_at) VALUES (1, 'digest', 'clerk', 99)")
        }
        try await database.migrate()
        let kept = try await database.read { tx in
            try tx.rows("SELECT role, expires_at, made_by FROM invitation WHERE entity_id = 1 AND used_at IS NULL") {
                "\($0.text(0)) \($0.integer(1)) \($0.isNull(2))"
            }
        }
        #expect(kept == ["clerk 99 true"])
    }

    @Test(arguments: Engine.available) func mailOfAFormerReleaseStaysAndMayBeSettled(engine: Engine) async throws {
        let database = try await engine.make(through: 39), entity = entity
        try await database.write(entity: entity) { tx in
            for (id, state) in ["waiting", "sent", "dead"].enumerated() {
                try tx.run(
                    """
                    INSERT INTO outbox
                      (entity_id, id, topic, message_key, recipient, payload, state, attempts, next_at, leased_until, last_error)
                    VALUES (1, \(id), 'mail', 'k', 'a@example.com', 'Subject', \(state), 8, 77, 5, 'shut')
                    """)
            }
        }
        let outbox: SQL =
            """
            SELECT state || ' ' || message_key || ' ' || recipient || ' ' || payload || ' ' || last_error,
                   id, attempts, next_at, leased_until
              FROM outbox WHERE entity_id = 1 ORDER BY id
            """
        func kept() async throws -> [String] {
            try await database.read { tx in
                try tx.rows(outbox) { row in "\(row.text(0)) \([1, 2, 3, 4].map { row.integer($0) })" }
            }
        }
        let before = try await kept()
        try await database.migrate()
        #expect(try await kept() == before && before.last == "dead k a@example.com Subject shut [2, 8, 77, 5]")
        try await database.write(entity: entity) { tx in
            try tx.run("UPDATE outbox SET state = 'settled' WHERE entity_id = 1 AND state = 'dead'")
        }
        await #expect(throws: DatabaseFault.self) {
            try await database.write(entity: entity) { tx in try tx.run("UPDATE outbox SET state = 'lost' WHERE entity_id = 1") }
        }
        #expect(try await kept().map { $0.prefix { $0 != " " } } == ["waiting", "sent", "settled"])
    }

    @Test func postgresLosesTheShapesAndKeepsTheSums() async throws {
        guard Engine.available.contains(.postgres) else { return }
        let database = try await Engine.postgres.make(through: 32)
        let checks: SQL =
            """
            SELECT conname FROM pg_constraint WHERE conname IN ('open_item_due_on_check', 'open_item_open')
             AND connamespace = current_schema()::regnamespace ORDER BY conname
            """
        #expect(try await database.read { tx in try tx.rows(checks) { $0.text(0) } } == ["open_item_due_on_check", "open_item_open"])
        try await database.migrate()
        #expect(try await database.read { tx in try tx.rows(checks) { $0.text(0) } } == ["open_item_open"])
    }

    @Test func sqliteFindsAKeyByItsIndex() async throws {
        let database = try await Engine.sqlite.make()
        let plan = try await database.read { tx in
            try tx.rows(
                """
                EXPLAIN QUERY PLAN SELECT body FROM idempotency
                 WHERE entity_id = 1 AND route IN ('a') AND request_key IN ('x', 'y', 'z')
                """
            ) { $0.text(3) }
        }
        #expect(
            plan.contains {
                $0.contains("INDEX sqlite_autoindex_idempotency_1 (entity_id=? AND route=? AND request_key=?)")
            }, "\(plan)")
    }
}
