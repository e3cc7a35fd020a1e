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
            print("The books of \(name) (legal entity \(open.entity.value)) are open in \(open.shownLocation).")
            print("Next: florin import orders FILE --database \(open.shownLocation)")
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
            let open = try await books.open(toRead: true), entity = open.entity
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
            let open = try await books.open(toRead: true), entity = open.entity
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
