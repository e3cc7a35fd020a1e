import ArgumentParser
import Domain
import Operations
import Store

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the books into one file while they are in use, and proves the copy.",
        discussion: """
            The file is a SQLite database with every table, from SQLite and from PostgreSQL alike: florin check --database FILE works on it.
            The books stay as they are: before an upgrade, the new program copies those of the old one too.
            Example: florin backup books-2026-06-30.backup --database postgres://florin@localhost/florin
            """)

    @OptionGroup var books: BooksOptions
    @Argument(help: "The new file.") var file: String

    func run() async throws {
        try await explained {
            let open = try await books.openAll(toCopy: true)
            try await open.database.backup(to: file)
            let copy = try BackupFile(path: file), counts = try copy.rowCounts()
            try copy.close()
            let seals = try await BackupFile.broughtUpToDate(file) { try $0.read { try provenSeals(in: $0) } }
            let rows = Int(counts.reduce(0) { $0 + $1.rows })
            print("\(file): \(counted(rows, "row")) in \(counted(counts.count, "table")); proof ✔ \(counted(seals, "seal"))")
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Fills a new database from a backup, on either engine, and proves the books.",
        discussion: """
            The backup is proved first: one that is damaged leaves the database without books.
            Example: florin restore books-2026-06-30.backup --database new.sqlite
            """)

    @OptionGroup var books: BooksOptions
    @Argument(help: "A file made by florin backup.") var file: String

    func run() async throws {
        try await explained {
            try BackupFile(path: file).close()
            let new = try books.newFile()
            let open = try await books.openAll(creates: true)
            do {
                try await open.database.restore(from: file) { _ = try provenSeals(in: $0) }
                let seals = try await open.database.read { try provenSeals(in: $0) }
                print("\(file): restored; proof ✔ \(counted(seals, "seal"))")
            } catch {
                await open.database.close()
                if let new { removeDatabase(new) }
                throw error
            }
        }
    }
}

/// How many seals of all legal entities were verified.
private func provenSeals(in tx: any Transaction) throws -> Int {
    let entities: [ID<Entity>] = try tx.rows("SELECT entity_id FROM entity ORDER BY entity_id") { $0.id(0) }
    let reports = try entities.map { try CheckBooks($0, readsPages: $0 == entities.first).run(in: tx) }
    let faults = reports.flatMap(\.faults)
    guard faults.isEmpty else { throw Failure(faults.map { "✘ \($0)" }.joined(separator: "\n")) }
    return Int(reports.reduce(0) { $0 + $1.sealCount })
}
