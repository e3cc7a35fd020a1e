import ArgumentParser
import Domain
import Foundation
import Operations
import Store

struct DatabaseOption: ParsableArguments {
    @Option(help: "The books: a SQLite file, or postgres://… for PostgreSQL.") var database = "florin.sqlite"

    func open() async throws -> any Database {
        let isServer = ["postgres://", "postgresql://"].contains { database.hasPrefix($0) }
        let store: any Database = isServer ? try PostgresDatabase(url: database) : try SQLiteDatabase(path: database)
        try await store.migrate()
        return store
    }
}

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Opens the books of a legal entity.",
        discussion: "Example: florin init --name 'Example Ltd' --country GB --currency GBP")

    @OptionGroup var books: DatabaseOption
    @Option(help: "The legal entity's number.") var entity: Int64 = 1
    @Option(help: "Its name, as on invoices.") var name: String
    @Option(help: "ISO 3166-1 alpha-2, such as GB.") var country: String
    @Option(help: "ISO 4217, such as GBP.") var currency: String

    func run() async throws {
        guard let currency = Currency(currency) else {
            throw ValidationError("--currency \(currency): not an ISO 4217 code; write three capitals such as GBP")
        }
        guard country.utf8.count == 2, country.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw ValidationError("--country \(country): write two capitals such as GB")
        }
        let store = try await books.open()
        let creation = CreateEntity(ID(entity), name: name, country: country, currency: currency)
        do {
            try await store.write(entity: ID(entity)) { tx in try creation.run(in: tx, at: .now) }
        } catch let refusal as any Refusal {
            throw ValidationError(refusal.message)
        }
        print("The books of \(name) (legal entity \(entity)) are open in \(books.database).")
        print("Next: florin check --database \(books.database)")
    }
}

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Proves the books again from the facts: chain, entries, kept sums.",
        discussion: "Ends with an error and names the row when anything differs. Example: florin check --database books.sqlite")

    @OptionGroup var books: DatabaseOption
    @Option(help: "The legal entity's number.") var entity: Int64 = 1

    func run() async throws {
        let store = try await books.open()
        let entity = ID<Entity>(entity)
        do {
            let report = try await store.read { try CheckBooks(entity).run(in: $0) }
            for fault in report.faults { print("✘ \(fault)") }
            guard report.faults.isEmpty else { throw ExitCode.failure }
            print("✔ \(report.sealCount) seals verified; every entry balances, every kept sum agrees with the facts")
        } catch let refusal as any Refusal {
            throw ValidationError(refusal.message)
        }
    }
}

extension Instant {
    static var now: Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
}
