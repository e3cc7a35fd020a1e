import Domain

/// The books of a backup, to be read where they lie: the file stays as it is.
package final class BackupBooks: Database {
    private let file: BackupFile
    private let path: String
    private let queue = CommitQueue(label: "florin.backup", entitiesApart: false)

    package init(path: String) throws { (file, self.path) = (try BackupFile(path: path), path) }

    package func enqueue(_ body: WaitingBody) {
        body.finish(
            DatabaseFault(code: "florin:backup", message: "\(path): is a backup, which is read and never written", statement: ""))
    }

    package func committer(of entity: ID<Entity>) -> any TaskExecutor { queue }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try file.read(body)
    }

    package func migrate(through version: Int64) {}

    package func close() { try? file.close() }
}

extension Database {
    /// Refuses books of another version of the schema and leaves them as they are.
    ///
    /// - Parameter takesOlder: Lets books of an older version pass: for what copies them as they are.
    package func requireSchema(orOlder takesOlder: Bool = false) async throws {
        let isServer = self is PostgresDatabase
        let version = try await read { tx -> Int64? in
            let catalog: SQL =
                isServer
                ? "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_version'"
                : "SELECT 1 FROM sqlite_master WHERE name = 'schema_version'"
            guard try tx.first(catalog, { _ in true }) != nil else { return nil }
            return try tx.first("SELECT MAX(version) FROM schema_version") { $0.optionalInteger(0) } ?? nil
        }
        let current = migrations.last!.version
        guard let version else {
            throw DatabaseFault(code: "florin:empty", message: "the database holds no books: run florin init", statement: "")
        }
        if version > current { throw DatabaseFault.newer(version) }
        guard version < current, !takesOlder else { return }
        throw DatabaseFault.older(
            version,
            self is BackupBooks
                ? "it stays as it is; florin restore brings a new database of it up to date"
                : "back it up, then start the server or run the day, which bring it up to date")
    }
}
