import ArgumentParser
import Domain
import Operations
import Store

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Opens the books of a legal entity.",
        discussion: """
            Makes the SQLite file where it is missing; a PostgreSQL database must be there. --entity 2 opens the books of another one beside it.
            Example: florin init --name 'Example Ltd' --country GB --currency GBP
            """)

    @OptionGroup var books: BooksOptions
    @Option(help: "Its name, as on invoices.") var name: String
    @Option(help: "ISO 3166-1 alpha-2, such as GB.") var country: String
    @Option(help: "ISO 4217, such as GBP.") var currency: String

    func validate() throws {
        _ = try ownCurrency()
        if let fault = Country.fault(in: country) { throw ValidationError("--country: \(fault)") }
        guard name.contains(where: { !$0.isWhitespace }) else { throw ValidationError("--name: write its name, as on invoices") }
    }

    private func ownCurrency() throws -> Currency {
        guard let known = Currency(currency) else {
            throw ValidationError("--currency \(currency): not an ISO 4217 code; write three capitals such as GBP")
        }
        return known
    }

    func run() async throws {
        let currency = try ownCurrency()
        try await explained {
            let open = try await books.openAll(creates: true)
            let creation = CreateEntity(open.entity, name: name, country: country, currency: currency)
            try await open.write { try creation.run(in: $0, at: $1) }
            try await open.tellSeller()
            print("The books of \(name) (legal entity \(open.entity.value)) are open in \(open.location).")
            print("Next: florin import orders FILE --database \(open.location)")
        }
    }
}

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Proves the books again from the facts: chain, entries, kept sums, records.",
        discussion: """
            Ends with an error and names the row when anything differs.
            Example: florin check --database books.sqlite
            """)

    @OptionGroup var books: BooksOptions

    func run() async throws {
        try await explained {
            let open = try await books.open(), entity = open.entity
            let report = try await open.database.read { try CheckBooks(entity).run(in: $0) }
            for fault in report.faults { print("✘ \(fault)") }
            guard report.faults.isEmpty else { throw ExitCode.failure }
            print("✔ \(counted(report.sealCount, "seal")) verified; every entry balances, every kept sum agrees with the facts")
        }
    }
}

struct VerifyMatchesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-matches", abstract: "Checks the certificate of every match against the facts, with code of its own.",
        discussion: """
            Ends with an error and names the receipt when anything differs.
            Example: florin verify-matches --database books.sqlite
            """)

    @OptionGroup var books: BooksOptions
    @Option(help: "Show the certificate of this receipt instead.") var receipt: String?

    func run() async throws {
        try await explained {
            let open = try await books.open(), entity = open.entity
            if let receipt {
                let certificates = try await open.database.read { try MatchCertificates(entity, receipt: receipt).run(in: $0) }
                print(certificates.joined(separator: "\n"))
                return
            }
            let report = try await open.database.read { try VerifyMatches(entity).run(in: $0) }
            for fault in report.faults { print("✘ \(fault)") }
            guard report.faults.isEmpty else { throw ExitCode.failure }
            let retold =
                report.retold > 0 ? "; \(counted(report.retold, "receipt was", "receipts were")) told again in full by the bank" : ""
            let unweighed =
                report.unweighed > 0
                ? "; \(counted(report.unweighed, "certificate is", "certificates are")) under rules whose text was not kept yet" : ""
            print(
                "✔ \(counted(report.verified, "certificate")) verified; "
                    + "\(counted(report.manual, "application is", "applications are")) a person's\(retold)\(unweighed)")
        }
    }
}

struct OrderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders", abstract: "Releases held orders or cancels orders that are not billed.",
        discussion: "Example: florin orders held && florin orders release 536365 --role controller --reason 'paid in advance'",
        subcommands: [Release.self, Cancel.self, Held.self])

    struct Decision: ParsableArguments {
        @OptionGroup var books: BooksOptions
        @Argument(help: "Order numbers, as the channel gave them.") var orders: [String]
        @Option(help: "The role of who decides: \(Role.allCases.map(\.rawValue).joined(separator: ", ")).") var role: String
        @Option(help: "Why.") var reason: String
        @Option(help: "The channel, where two share an order number.") var channel: String?
        @Option(help: "The business day; today when left out.") var on: Day?

        func take(_ event: OrderState.Event) async throws {
            try await explained {
                let role = try DecideHeldOrders.role(role, to: event)
                let open = try await books.open()
                let decision = DecideHeldOrders(
                    open.entity, orders: orders, channel: channel, event, role: role.rawValue, reason: reason,
                    alone: open.configuration.terms.releaseAloneMinor, on: on ?? .today)
                try await open.write { try decision.run(in: $0, at: $1) }
                print("\(counted(Set(orders).count, "order")) \(event.rawValue).")
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets held orders go on to billing.",
            discussion: "Example: florin orders release 536365 --role controller --reason 'paid in advance'")
        @OptionGroup var decision: Decision
        func run() async throws { try await decision.take(.release) }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes orders out that are not billed yet.",
            discussion: "Example: florin orders cancel 536365 --role clerk --reason 'ordered twice'")
        @OptionGroup var decision: Decision
        func run() async throws { try await decision.take(.cancel) }
    }

    struct Held: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists held orders with the reason.", discussion: "Example: florin orders held")
        @OptionGroup var books: BooksOptions
        @Option(help: "How it is written.") var format = OutputFormat.table
        func run() async throws {
            try await explained {
                let open = try await books.open(), entity = open.entity
                print(try await open.database.read { try HeldOrdersReport(entity).table(in: $0) }.text(format))
            }
        }
    }
}
