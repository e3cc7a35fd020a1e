import Domain
import Store
import Synchronization
import TestSupport
import Testing

private struct Refused: Error, Equatable {}
private let entity = ID<Entity>(1)

/// What every engine promises, on every engine.
@Suite(.serialized) struct ConformanceTests {
    static let journalEntries = Table("journal_entry", "entity_id:i id:i effective_on:t kind:t memo:t reverses_id:i")

    func insert(_ id: Int64, memo: String, in tx: any Transaction) throws {
        try tx.insert(journalRows(entity, id..<id + 1, memo: memo))
    }

    @Test(arguments: Engine.available) func everyValueComesBackAsItWent(engine: Engine) async throws {
        let database = try await engine.make()
        let memos = ["", "plain", "Zoë's \"quote\" \\ back", "{a,b}", "NULL", "tab\tnew\nline", "日本語 🧾", "'; DROP TABLE posting; --"]
        try await database.write(entity: entity) { tx in
            var batch = RowBatch(Self.journalEntries)
            for (id, memo) in memos.enumerated() {
                batch.append(entity.value)
                batch.append(id == 0 ? Int64.min : Int64(id))
                batch.append("2026-01-31")
                batch.append("test")
                batch.append(memo)
                batch.append(id == 1 ? Int64.max : nil)
            }
            try tx.insert(batch)
        }
        let back = try await database.read { tx in
            try tx.rows("SELECT id, memo, reverses_id FROM journal_entry WHERE entity_id = \(entity) ORDER BY id") {
                ($0.integer(0), $0.text(1), $0.optionalInteger(2))
            }
        }
        #expect(back.map(\.0) == [Int64.min] + (1..<Int64(memos.count)))
        #expect(back.map(\.1) == memos)
        #expect(back.map(\.2) == [nil, Int64.max] + Array(repeating: nil, count: memos.count - 2))
        let found = try await database.read { tx in
            try tx.rows(
                "SELECT id FROM journal_entry WHERE entity_id = \(entity) AND memo IN \(texts: [memos[2], memos[6], "absent"]) ORDER BY id"
            ) {
                $0.integer(0)
            }
        }
        #expect(found == [2, 6])
        let bytes: [UInt8] = [0, 1, 255, 92, 120]
        try await database.write(entity: entity) { tx in
            try tx.run("INSERT INTO book (entity_id, last_id, seal_count, sealed_at, head) VALUES (\(entity), 0, 0, 0, \(bytes))")
        }
        #expect(
            try await database.read { tx in try tx.first("SELECT head FROM book WHERE entity_id = \(entity)") { $0.bytes(0) } } == bytes)
    }

    /// A body refuses by itself, or the database refuses a statement that was sent ahead, whose fault may come no sooner than with COMMIT.
    @Test(arguments: Engine.available, ["body", "statement"]) func neighboursOfARefusalCommit(engine: Engine, refuses: String) async throws
    {
        let database = try await engine.make()
        try await database.write(entity: entity) { tx in try self.insert(1_000, memo: "taken", in: tx) }
        let outcomes = await withTaskGroup(of: (Int64, Bool).self) { group in
            for id in Int64(1)...64 {
                group.addTask {
                    do {
                        try await database.write(entity: entity) { tx in
                            let isBad = id % 4 == 0
                            try self.insert(isBad && refuses == "statement" ? 1_000 : id, memo: "entry \(id)", in: tx)
                            if isBad && refuses == "body" { throw Refused() }
                        }
                        return (id, true)
                    } catch { return (id, false) }
                }
            }
            return await group.reduce(into: [Int64: Bool]()) { $0[$1.0] = $1.1 }
        }
        #expect(outcomes.count == 64 && outcomes.allSatisfy { $0.value == ($0.key % 4 != 0) })
        let kept = try await database.read { tx in
            try tx.rows("SELECT id FROM journal_entry WHERE entity_id = \(entity) ORDER BY id") { $0.integer(0) }
        }
        #expect(kept == (1...64).filter { $0 % 4 != 0 } + [1_000])
    }

    /// Each request gets its own answer, whether it was run alone or with others, and one that refuses is refused alone.
    @Test(arguments: Engine.available) func requestsOfOneBatchAreAnsweredEachForItself(engine: Engine) async throws {
        let database = try await engine.make()
        let sizes = Mutex<[Int]>([])
        let batch = Batch<Int64, String> { tx, _, ids in
            sizes.withLock { $0.append(ids.count) }
            for id in ids {
                try self.insert(id, memo: "entry \(id)", in: tx)
                if id == 40 { throw Refused() }
            }
            return ids.map { "answer \($0)" }
        }
        let answers = await withTaskGroup(of: (Int64, String?).self) { group in
            for id in Int64(1)...64 { group.addTask { (id, try? await database.write(entity: entity, id, in: batch)) } }
            return await group.reduce(into: [Int64: String?]()) { $0[$1.0] = $1.1 }
        }
        for id in Int64(1)...64 { #expect(answers[id] == .some(id == 40 ? nil : "answer \(id)")) }
        let kept = try await database.read { tx in
            try tx.rows("SELECT id FROM journal_entry WHERE entity_id = \(entity) ORDER BY id") { $0.integer(0) }
        }
        #expect(kept == (1...64).filter { $0 != 40 })
        #expect(sizes.withLock { $0.contains { $0 > 1 } }, "nothing was run together")
    }

    @Test(arguments: Engine.available) func aFaultOfOneBodyLeavesItsNeighbours(engine: Engine) async throws {
        let database = try await engine.make()
        try await database.write(entity: entity) { tx in try self.insert(1, memo: "first", in: tx) }
        await #expect(throws: DatabaseFault.self) {
            try await database.write(entity: entity) { tx in try self.insert(1, memo: "same id", in: tx) }
        }
        try await database.write(entity: entity) { tx in try self.insert(2, memo: "second", in: tx) }
        #expect(
            try await database.read { tx in try tx.rows("SELECT id FROM journal_entry WHERE entity_id = \(entity)") { _ in 0 } }.count == 2)
    }

    @Test(
        arguments: Engine.available,
        ["UPDATE journal_entry SET memo = 'x' WHERE entity_id = 1", "DELETE FROM journal_entry WHERE entity_id = 1"])
    func theDatabaseRefusesToChangeFacts(engine: Engine, statement: String) async throws {
        let database = try await engine.make()
        try await database.write(entity: entity) { tx in try self.insert(1, memo: "for ever", in: tx) }
        await #expect(throws: DatabaseFault.self) {
            try await database.write(entity: entity) { tx in try tx.run(SQL(text: statement)) }
        }
        #expect(
            try await database.read { tx in try tx.first("SELECT memo FROM journal_entry WHERE entity_id = \(entity)") { $0.text(0) } }
                == "for ever")
    }

    @Test(arguments: Engine.available) func anAnswerAskedAheadIsReadOnceAndByItsBodyAlone(engine: Engine) async throws {
        let database = try await engine.make()
        let memos: SQL = "SELECT memo FROM journal_entry WHERE entity_id = \(entity) AND id IN \(ids: [1, 2]) ORDER BY id"
        let count: SQL = "SELECT COUNT(*) FROM journal_entry WHERE entity_id = \(entity)"
        let first = try await database.write(entity: entity) { tx in
            try insert(1, memo: "sent ahead of the questions", in: tx)
            try tx.ask { [memos, count] }
            let asked = try tx.rows(memos) { $0.text(0) }
            try insert(2, memo: "later", in: tx)
            // `count` is asked ahead and never read: the next body must not find its answer.
            return (asked, try tx.rows(memos) { $0.text(0) })
        }
        #expect(first.0 == ["sent ahead of the questions"])
        #expect(first.1 == ["sent ahead of the questions", "later"])
        async let asking: Void = database.write(entity: entity) { tx in
            try tx.ask { [count] }
            try insert(3, memo: "by the asker", in: tx)
        }
        async let counting = database.write(entity: entity) { tx in
            try insert(4, memo: "by the neighbour", in: tx)
            let rows = try tx.rows(count) { $0.integer(0) },
                written = try tx.rows("SELECT COUNT(*) FROM journal_entry WHERE entity_id = 1") { $0.integer(0) }
            return rows == written
        }
        try await asking
        #expect(try await counting)
    }

    @Test(arguments: Engine.available) func aQuestionAskedAheadThatFailsFailsItsBody(engine: Engine) async throws {
        let database = try await engine.make()
        await #expect(throws: DatabaseFault.self) {
            try await database.write(entity: entity) { tx in
                try insert(1, memo: "of a body that fails", in: tx)
                let wrong: SQL = "SELECT memo FROM nowhere WHERE entity_id = \(entity)"
                try tx.ask { [wrong] }
                _ = try tx.rows(wrong) { $0.text(0) }
            }
        }
        let rows = try await database.read { try $0.rows("SELECT id FROM journal_entry WHERE entity_id = \(entity)") { $0.integer(0) } }
        #expect(rows.isEmpty)
    }

    @Test(arguments: Engine.available) func theProofRowRefusesUnbalancedBooks(engine: Engine) async throws {
        let database = try await engine.make()
        for (debit, credit, control, open) in [(1, 2, 0, 0), (0, 0, 5, 4)] as [(Int64, Int64, Int64, Int64)] {
            await #expect(throws: DatabaseFault.self) {
                try await database.write(entity: entity) { tx in
                    try tx.run(
                        """
                        INSERT INTO proof (entity_id, currency, debit_minor, credit_minor, control_minor, open_minor)
                        VALUES (\(entity), 'EUR', \(debit), \(credit), \(control), \(open))
                        """)
                }
            }
        }
    }

    @Test(arguments: Engine.available) func migratingTwiceChangesNothing(engine: Engine) async throws {
        let database = try await engine.make()
        try await database.write(entity: entity) { tx in try self.insert(1, memo: "kept", in: tx) }
        let versions: SQL = "SELECT version FROM schema_version ORDER BY version"
        let first = try await database.read { tx in try tx.rows(versions) { $0.integer(0) } }
        #expect(first.first == 1 && Set(first).count == first.count)
        try await database.migrate()
        #expect(try await database.read { tx in try tx.rows(versions) { $0.integer(0) } } == first)
        #expect(
            try await database.read { tx in try tx.rows("SELECT id FROM journal_entry WHERE entity_id = \(entity)") { $0.integer(0) } } == [
                1
            ])
    }

    @Test(arguments: Engine.available) func repeatedRunsOncePerGroup(engine: Engine) async throws {
        let database = try await engine.make()
        try await database.write(entity: entity) { tx in
            try tx.repeated(
                "INSERT INTO account (entity_id, code, name, kind, control) VALUES ($1, $2, $3, 'asset', 0)", 3,
                (0..<500).flatMap { [.integer(1), .text("\(1000 + $0)"), .text("Account \($0)")] as [SQLValue] })
        }
        let codes = try await database.read { tx in
            try tx.rows("SELECT code FROM account WHERE entity_id = \(entity) ORDER BY code") { $0.text(0) }
        }
        #expect(codes == (0..<500).map { "\(1000 + $0)" })
    }

    /// SQLite numbers `$n` by first appearance, PostgreSQL by its number: both must mean the number.
    @Test(arguments: Engine.available) func aParameterMeansItsNumber(engine: Engine) async throws {
        let database = try await engine.make()
        let order = SQL(text: "SELECT CAST($2 AS TEXT) || CAST($1 AS TEXT) || CAST($2 AS TEXT)", values: [.text("one"), .text("two")])
        let back = try await database.read { try $0.first(order) { $0.text(0) } }
        #expect(back == "twoonetwo")
    }
}
