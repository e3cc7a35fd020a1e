import Domain
import Store
import Synchronization
import TestSupport
import Testing

private let entity = ID<Entity>(1)

/// What bodies take for new without looking, until an index says otherwise.
@Suite(.serialized) struct TakenForNewTests {
    /// Whether each run was told that all is new.
    private final class Runs: Sendable {
        private let seen = Mutex<[Bool]>([])
        func add(_ expectsNew: Bool) { seen.withLock { $0.append(expectsNew) } }
        func taken() -> [Bool] {
            seen.withLock { seen in
                defer { seen.removeAll() }
                return seen
            }
        }
    }

    private static func known(_ ids: [Int64], in tx: any Transaction) throws -> Set<Int64> {
        Set(try tx.rows("SELECT id FROM journal_entry WHERE entity_id = \(entity) AND id IN \(ids: ids)") { $0.integer(0) })
    }

    private func entries(_ runs: Runs) -> Batch<Int64, String> {
        Batch { tx, entity, ids in
            runs.add(tx.expectsNew)
            var known = tx.expectsNew ? [] : try Self.known(ids, in: tx)
            return try ids.map { id in
                guard known.insert(id).inserted else { return "known" }
                try tx.insert(journalRows(entity, id..<id + 1, memo: "entry"))
                return "new"
            }
        }
    }

    @Test(arguments: Engine.available) func whatAnIndexRefusesIsLookedFor(engine: Engine) async throws {
        let database = try await engine.make(), runs = Runs(), entries = entries(runs)
        #expect(try await database.write(entity: entity, 7, in: entries) == "new")
        #expect(runs.taken() == [true])
        #expect(try await database.write(entity: entity, 7, in: entries) == "known")
        #expect(runs.taken() == [true, false])
        // Whoever was wrong looks first for a while.
        for id in Int64(8)..<8 + 256 { #expect(try await database.write(entity: entity, id, in: entries) == "new") }
        #expect(runs.taken().allSatisfy { !$0 })
        #expect(try await database.write(entity: entity, 1_000, in: entries) == "new")
        #expect(runs.taken() == [true])
    }

    @Test(arguments: Engine.available) func whoSaysSoLooks(engine: Engine) async throws {
        let database = try await engine.make(), runs = Runs()
        let answer = try await database.write(entity: entity) { tx in
            runs.add(tx.expectsNew)
            if tx.expectsNew { throw MayBeKnown() }
            return "looked"
        }
        #expect(answer == "looked" && runs.taken() == [true, false])
    }

    /// Every fourth is there; one inserts what is there without looking, which is its own fault.
    @Test(arguments: Engine.available) func eachOfManyIsAnsweredForItself(engine: Engine) async throws {
        let database = try await engine.make(), runs = Runs(), entries = entries(runs)
        try await database.write(entity: entity) { tx in
            for id in Int64(1)...64 where id % 4 == 0 { try tx.insert(journalRows(entity, id..<id + 1, memo: "there")) }
        }
        let answers = await withTaskGroup(of: (Int64, String).self) { group in
            for id in Int64(1)...64 {
                group.addTask {
                    do {
                        guard id == 32 else { return (id, try await database.write(entity: entity, id, in: entries)) }
                        try await database.write(entity: entity) { tx in try tx.insert(journalRows(entity, id..<id + 1, memo: "again")) }
                        return (id, "new")
                    } catch { return (id, "refused") }
                }
            }
            return await group.reduce(into: [Int64: String]()) { $0[$1.0] = $1.1 }
        }
        for id in Int64(1)...64 { #expect(answers[id] == (id == 32 ? "refused" : id % 4 == 0 ? "known" : "new")) }
        let kept = try await database.read { tx in
            try tx.first("SELECT count(*) FROM journal_entry WHERE entity_id = \(entity)") { $0.integer(0) }
        }
        #expect(kept == 64)
    }
}
