import Domain

/// An open transaction. Synchronous on purpose: no `await` inside means no HTTP call, no mail and no sleep can ever hold
/// a database lock.
package protocol Transaction: AnyObject {
    /// Whether a body may take for new what it inserts under a unique key, and need not look for it: when an index refuses a row, or a body
    /// throws `MayBeKnown`, all runs again with `false`.
    var expectsNew: Bool { get }
    /// Runs a statement and hands each result row to `each`; the row is valid only during the call.
    func forEach(_ sql: SQL, _ each: (Row) throws -> Void) throws
    /// Runs a statement whose result nobody reads. PostgreSQL may send it ahead and report its error at the next read.
    func run(_ sql: SQL) throws
    /// Runs a statement and returns how many rows it touched.
    func changes(_ sql: SQL) throws -> Int
    /// Inserts every row of the batch in one call. Many rows may be written while the caller goes on: then the error comes with the next
    /// statement, at the latest with the commit.
    func insert(_ batch: RowBatch) throws
    /// Runs `sql` once for each group of values: a prepared loop on SQLite, a pipeline on PostgreSQL.
    ///
    /// - Parameter sql: Its parameters are `$1…$n`; `values` holds them group after group.
    func repeated(_ sql: StaticString, _ parameters: Int, _ values: [SQLValue]) throws
    /// Asks queries in one round trip, behind what was sent ahead; the next `forEach` of each finds its answer there. Answers that nobody
    /// reads are dropped when a body asks again, and when it ends.
    ///
    /// - Parameter queries: Of what this body does not write before it reads it. Called only where a round trip costs something.
    func ask(ahead queries: () -> [SQL]) throws
    /// What the engine itself finds wrong with its pages, indexes and the types of its values: SQLite reads its whole file. PostgreSQL says
    /// nothing: its checksums are its operator's.
    ///
    /// - Parameter limit: At most so many findings.
    func damage(limit: Int) throws -> [String]
}

extension Transaction {
    package func rows<Value>(_ sql: SQL, _ map: (Row) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        try forEach(sql) { values.append(try map($0)) }
        return values
    }

    /// The first row, or nil.
    package func first<Value>(_ sql: SQL, _ map: (Row) throws -> Value) throws -> Value? {
        var value: Value?
        try forEach(sql) { if value == nil { value = try map($0) } }
        return value
    }
}

/// SQLite or PostgreSQL; chosen once, at the composition root.
package protocol Database: AnyObject, Sendable {
    /// Takes a body into the queue of those that wait for a commit.
    func enqueue(_ body: WaitingBody)
    /// The thread that commits what an entity writes. A client that waits for each of its commits before it goes on, and does little between
    /// them, runs there by `withTaskExecutorPreference`: neither thread has to wake the other.
    func committer(of entity: ID<Entity>) -> any TaskExecutor
    /// Reads one consistent snapshot.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value
    /// Brings the schema forward to the newest version that is not above this one, 32 at least; nothing when it is there already.
    func migrate(through version: Int64) async throws
    /// Ends connections; nothing may be called afterwards.
    func close() async
}

extension Database {
    /// Brings the schema to this program's version.
    package func migrate() async throws { try await migrate(through: .max) }

    /// Commits what `body` did, durably, or nothing when it throws.
    ///
    /// Bodies that arrive together are committed together, on PostgreSQL those of one entity; one that throws leaves its neighbours alone.
    /// A body may run more than once: when it or a neighbour took for new what is there, when a neighbour throws, and on PostgreSQL after a
    /// conflict (40001, 40P01, 55P03) or a connection lost before COMMIT, 5 times at most. It takes its place in the queue before the
    /// caller is suspended: what one actor writes, without waiting in between, is committed in that order.
    nonisolated(nonsending) package func write<Value: Sendable>(
        entity: ID<Entity>, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await WaitingBody.submitted(entity, body) { enqueue($0) }
    }

    /// Commits what the batch makes of `item`, together with items of the same batch and entity that wait beside it.
    nonisolated(nonsending) package func write<Item, Value>(
        entity: ID<Entity>, _ item: Item, in batch: Batch<Item, Value>
    ) async throws -> Value {
        try await WaitingBody.submitted(entity, item, batch) { enqueue($0) }
    }
}
