import ArgumentParser
import Domain
import Operations
import Store

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Shows what is owed, by any day and any state of knowledge.",
        discussion: "Example: florin report aging --as-of 2026-06-30 --known-at 2026-07-05 --format csv",
        subcommands: [AgingCommand.self, StatementCommand.self, TrialBalanceCommand.self, KeyFiguresCommand.self, OpenItemsCommand.self])

    struct AgingCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "aging", abstract: "What is owed by each customer, by days overdue.",
            discussion: "Example: florin report aging --as-of 2026-06-30 --buckets 0,15,30,60")
        @OptionGroup var report: ReportOptions
        @Option(help: "Upper bounds of the buckets in days overdue, starting with 0.") var buckets = "0,30,60,90"

        func validate() throws { _ = try ownBuckets() }

        private func ownBuckets() throws -> AgingBuckets {
            guard let bounds = AgingBuckets(buckets.split(separator: ",").map { Int($0) ?? -1 }) else {
                throw ValidationError("--buckets \(buckets): write ascending whole numbers that start with 0, such as 0,30,60,90")
            }
            return bounds
        }

        func run() async throws {
            let buckets = try ownBuckets()
            try await report.show { try AgingReport($0, buckets: buckets).table(in: $1) }
        }
    }

    struct StatementCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "statement", abstract: "A customer's statement of account.",
            discussion: "Example: florin report statement --customer 17850")
        @OptionGroup var report: ReportOptions
        @Option(help: "The customer's number.") var customer: String
        @Option(help: "First day listed; earlier days become the opening balance.") var from: Day?
        func run() async throws {
            try await report.show { [customer, from] in try AccountStatementReport($0, customerNumber: customer, from: from).table(in: $1) }
        }
    }

    struct TrialBalanceCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "trial-balance", abstract: "Debits, credits and balance of every account.",
            discussion: "Example: florin report trial-balance --as-of 2026-06-30 --known-at 2026-07-05T12:00:00Z")
        @OptionGroup var report: ReportOptions
        func run() async throws { try await report.show { try TrialBalanceReport($0).table(in: $1) } }
    }

    struct KeyFiguresCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "kpi", abstract: "DSO, BPDSO, ADD, CEI and how customers pay, with their definitions.",
            discussion: "Example: florin report kpi --as-of 2026-06-30 --days 90")
        @OptionGroup var report: ReportOptions
        @Option(help: "Length of the period that ends on --as-of.") var days = 90
        func run() async throws {
            guard (1...3650).contains(days) else { throw ValidationError("--days \(days): write a number from 1 to 3650") }
            try await report.show { [days] in try KeyFiguresReport($0, days: days).table(in: $1) }
        }
    }

    struct OpenItemsCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "open-items", abstract: "Every open item, oldest due first.",
            discussion: "Example: florin report open-items --customer 17850 --format csv")
        @OptionGroup var report: ReportOptions
        @Option(help: "Only this customer's.") var customer: String?
        func run() async throws { try await report.show { [customer] in try OpenItemsReport($0, customerNumber: customer).table(in: $1) } }
    }
}

struct ReportOptions: ParsableArguments {
    @OptionGroup var books: BooksOptions
    @Option(help: "The business day, YYYY-MM-DD; today when left out.") var asOf: Day?
    @Option(help: "Only what was recorded by this instant: YYYY-MM-DDThh:mm:ssZ, or YYYY-MM-DD for its end in UTC.") var knownAt: Instant?
    @Option(help: "How it is written.") var format = OutputFormat.table

    func show(_ build: @escaping @Sendable (ReportMoment, any Transaction) throws -> ReportTable) async throws {
        try await explained {
            let open = try await books.open(toRead: true), moment = ReportMoment(open.entity, asOf: asOf ?? .today, knownAt: knownAt)
            let table = try await open.database.read { try build(moment, $0) }
            print(table.text(format))
        }
    }
}
