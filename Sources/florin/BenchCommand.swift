import ArgumentParser
import Domain
import Foundation
import Operations
import Store

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures Florin on a neutral workload.",
        discussion: "Example: florin bench matching --receipts 100000 --difficulty realistic",
        subcommands: [OrderToCash.self, Matching.self, Remittance.self, Desk.self, HTTP.self])

    struct OrderToCash: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "o2c",
            abstract: "Order, invoice, ledger, receipt and application of each cycle; the last line is one JSON object.",
            discussion: """
                The workload is a folder with customers.csv, orders.csv, order_lines.csv, payments.csv and expected.json. The database \
                must be new.
                Example: florin bench o2c --workload w20000 --database bench.sqlite --per-commit 1000
                """)

        @Option(help: "The workload's folder.") var workload: String
        @Option(help: "The books: a new SQLite file, or postgres://… for PostgreSQL.") var database: String
        @Option(help: "Cycles a transaction.") var perCommit = 1_000
        @Option(help: "Clients at once, each with one cycle a request; 1 runs one after the other.") var clients = 1

        func run() async throws {
            guard (1...100_000).contains(perCommit), (1...1_000).contains(clients) else {
                throw ValidationError("--per-commit takes 1 to 100000, --clients 1 to 1000")
            }
            try await explained {
                let load = try Workload(folder: workload)
                let bench = OrderToCashBench(load, try await openDatabase(database), perCommit: perCommit, clients: clients)
                print(try await bench.run())
            }
        }
    }

    struct Remittance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remittance",
            abstract: "One remittance of many documents, from its file to the posted application; the last line is one JSON object.",
            discussion: """
                The database must be new.
                Example: florin bench remittance --database bench.sqlite --lines 800
                """)

        @Option(help: "The books: a new SQLite file, or postgres://… for PostgreSQL.") var database: String
        @Option(help: "Documents that the remittance settles.") var lines = 800
        @Option(help: "Remittances, one after the other.") var rounds = 5

        func run() async throws {
            guard (1...10_000).contains(lines), (1...100).contains(rounds) else {
                throw ValidationError("--lines takes 1 to 10000, --rounds 1 to 100")
            }
            try await explained {
                print(try await RemittanceBench(try await openDatabase(database), lines: lines, rounds: rounds).run())
            }
        }
    }

    struct Desk: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "desk", abstract: "Reads and draws every page of the desk: p50, p99 and size of each.",
            discussion: """
                A new database is filled first; one that was filled so is read again.
                Example: florin bench desk --database bench.sqlite --items 1000000
                """)

        @Option(help: "The books: a new SQLite file, or postgres://… for PostgreSQL.") var database: String
        @Option(help: "Open items in the books.") var items = 1_000_000
        @Option(help: "How often each page is read.") var rounds = 200

        func run() async throws {
            guard (1_000...10_000_000).contains(items), (1...100_000).contains(rounds) else {
                throw ValidationError("--items takes 1000 to 10000000, --rounds 1 to 100000")
            }
            try await explained { print(try await DeskBench(try await openDatabase(database), items: items, rounds: rounds).run()) }
        }
    }

    struct HTTP: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "http",
            abstract: "Orders a second over HTTP, each durable, against a bare route of the HTTP library; prints one JSON object.",
            discussion: """
                The database must be new.
                Example: florin bench http --database bench.sqlite --clients 64
                """)

        @Option(help: "The books: a new SQLite file, or postgres://… for PostgreSQL.") var database: String
        @Option(help: "Clients at once.") var clients = 64
        @Option(help: "Seconds for each of the two.") var seconds = 5

        func run() async throws {
            guard (1...1_000).contains(clients), (1...30).contains(seconds) else {
                throw ValidationError("--clients takes 1 to 1000, --seconds 1 to 30")
            }
            try await explained { print(try await HTTPBench(try await openDatabase(database), clients: clients, seconds: seconds).run()) }
        }
    }
}
