import ArgumentParser
import Domain
import Formats
import Foundation
import Operations
import Store

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Takes files in: the same file twice changes nothing. Files may be gzipped or in ZIP archives.",
        discussion:
            "Example: florin import customers customers.csv && florin import orders orders.csv.gz && florin import bank statement.xml",
        subcommands: [Orders.self, Customers.self, Bank.self, Remittance.self, Invoices.self])

    struct Orders: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Order lines as CSV: Florin's own columns, or UCI Online Retail's; the header tells.",
            discussion: """
                Own columns: order_id, customer, country, ordered_on, currency, sku, description, quantity, unit_price, and if wanted \
                channel and kind. An order with a refused row is refused whole; of UCI Online Retail each row stands for itself. The exit \
                code is not 0 when an order was refused or differs from what is in the books.
                Example: florin import orders online-retail.csv.gz
                """)
        @OptionGroup var books: BooksOptions
        @Argument(help: "CSV files, plain, gzipped or in ZIP archives.") var files: [String]
        @Flag(help: "List every refused row instead of the first ten.") var listRefused = false

        func run() async throws {
            try await explained {
                let open = try await books.open(toWrite: true)
                try await takeEach(files) { try await importOrders($0, open) }
            }
        }

        /// - Returns: Whether every order of the file stands in the books as the file says.
        private func importOrders(_ path: String, _ open: OpenBooks) async throws -> Bool {
            let file = try readOrders(path)
            let report = try await placeOrders(file.orders, open, title: "orders")
            print("\(path): \(counted(file.rowCount, "row")), \(counted(file.orderNumberCount, "order number"))")
            print("  rows imported \(grouped(file.rowCount - file.refused.count)), refused \(grouped(file.refused.count))")
            print(
                "  orders new \(grouped(report.placed)) (held \(grouped(report.held))), known before \(grouped(report.known)), "
                    + "refused \(grouped(report.refused.count)); customers created \(grouped(report.customersCreated))"
            )
            for (currency, totals) in file.totals.sorted(by: { $0.key.code < $1.key.code }) {
                print(
                    "  sums of the file: sales \(microText(totals.salesMicro)), cancellations \(microText(totals.cancellationsMicro)), "
                        + "adjustments \(microText(totals.adjustmentsMicro)), net \(microText(totals.netMicro)) \(currency.code)")
            }
            for (reason, count) in file.refusedCounts.sorted(by: { $0.value > $1.value }) {
                print("  refused for \(reason.rawValue.replacing("_", with: " ")): \(grouped(count))")
            }
            for finding in file.refused.prefix(listRefused ? file.refused.count : 10) {
                print("  line \(finding.line ?? 0): \(finding.message.printable)")
            }
            if !listRefused, file.refused.count > 10 { print("  … \(file.refused.count - 10) more: --list-refused shows all") }
            if !report.differing.isEmpty {
                let count = report.differing.count, first = report.differing.prefix(5).map(\.externalID).joined(separator: ", ")
                print(
                    "  \(counted(count, "order")) \(count == 1 ? "differs" : "differ") from what is in the books: nothing was changed "
                        + "(\(first.printable)\(count > 5 ? ", …" : "")); \(PlaceOrders.wayForward)")
            }
            for order in report.refused { print("  order \(order.externalID): \(order.reason)".printable) }
            return report.differing.isEmpty && report.refused.isEmpty && (file.refused.isEmpty || !file.refusesWholeOrders)
        }
    }

    struct Customers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Customers as CSV; the number identifies them.",
            discussion: """
                Columns: number, name, country, currency, and if wanted email, vat_number, street, postal_code, city, terms_days, \
                discount_percent and discount_days (cash discount), credit_limit, billing (order, weekly, monthly), cash_policy \
                (reference, oldest_first), ibans and mandates (each split by blanks). The exit code is not 0 when a row was not taken.
                Example: florin import customers customers.csv
                """)
        @OptionGroup var books: BooksOptions
        @Argument(help: "A CSV file, plain, gzipped or in a ZIP archive.") var file: String

        func run() async throws {
            try await explained {
                let open = try await books.open(toWrite: true)
                try await takeEach([file]) { try await importCustomers($0, open) }
            }
        }

        /// - Returns: Whether every row was taken.
        private func importCustomers(_ file: String, _ open: OpenBooks) async throws -> Bool {
            let saved = try await saveCustomers(try readCustomers(file), open)
            print("\(file): \(counted(saved.report.created, "customer")) created, \(saved.report.changed) brought up to date")
            for finding in saved.findings { print("  \(finding.printable)") }
            return saved.isWhole
        }
    }

    struct Bank: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bank statements: camt.052, camt.053, camt.054, MT940, MT942, BAI2, OFX, QFX and NACHA, and CSV by a mapping.",
            discussion: """
                The file's content tells its format; [[bank.csv]] in florin.toml says which columns a bank's CSV has. Each booked entry \
                is taken once, in whatever statement it comes; a CSV of days that statements told is refused; advices that camt and NACHA \
                files carry are kept beside.
                Example: florin import bank statement.xml account.sta && florin run cash
                """)
        @OptionGroup var books: BooksOptions
        @Argument(help: "Files, plain, gzipped or in ZIP archives.") var files: [String]
        @Option(help: "Currency (ISO 4217) of a file that names none.") var currency: String?

        func run() async throws {
            try await explained {
                let fallback = try currency.map(knownCurrency)
                let open = try await books.open(toWrite: true)
                for file in files {
                    let paths = try inputPaths(file)
                    // What an archive holds is taken whole or not at all.
                    let tables = open.configuration.statementTables
                    if paths.count > 1 { for path in paths { _ = try surveyStatements(path, currency: fallback, tables: tables) } }
                    for path in paths { try await importStatementFile(path, fallback, open) }
                }
                let linked = try await open.write { try LinkRemittances(open.entity).run(in: $0, at: $1) }
                if !linked.isEmpty { print("  remittance advices linked to receipts: \(linked.count)") }
            }
        }

        private func importStatementFile(_ path: String, _ fallback: Currency?, _ open: OpenBooks) async throws {
            var sums = EntrySums()
            let statements = try surveyStatements(path, currency: fallback, tables: open.configuration.statementTables) { sums.add($0) }
            let report = try await importStatements(path, statements, open)
            let accounts = Set(statements.map(\.header.account)).sorted().joined(separator: ", ")
            print("\(path): \(statements.count) \(statements.first?.header.format ?? "") of \(accounts.printable)")
            print(
                "  entries new \(report.entries), known before \(report.known), not booked \(report.notBooked); "
                    + "receipts \(report.receipts), "
                    + "returns \(report.returns), given back \(report.givenBack), other movements \(report.debits)")
            let balances = statements.compactMap(\.balances)
            for line in sums.lines + balances.prefix(10) { print("  \(line)") }
            if balances.count > 10 { print("  … the balances of \(balances.count - 10) more statements") }
            if report.retold > 0 { print("  receipts known before, now told with their details: \(report.retold)") }
            if let carried = try await keepCarriedAdvices(path, open) {
                let report = carried.report
                print("  remittance advices in it: new \(report.advices), known before \(report.known); lines \(report.lines)")
                for finding in carried.file.advices.flatMap(\.findings) { print("    \(finding.told)") }
            }
            for finding in statements.flatMap(\.findings) { print("  \(finding.told)") }
        }
    }

    struct Remittance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                """
                Remittance advices: X12 820 and 823, EDIFACT REMADV, camt, NACHA addenda, CSV by its headings or a mapping, mail text, PDF.
                """,
            discussion: """
                An advice is linked to the receipt it explains where amount and reference, or amount, days and payer, leave no doubt. A \
                CSV file whose headings are not known needs --mapping with a TOML file: delimiter, decimal, dates (YYYY-MM-DD, DD.MM.YYYY, \
                DD/MM/YYYY, MM/DD/YYYY, YYYYMMDD), currency, and [columns] document, kind, order, gross, discount, deduction, reason, \
                paid, payer, payer_id, reference, issued_on, paid_on, currency.
                Example: florin import remittance advice.edi && florin run cash
                """)
        @OptionGroup var books: BooksOptions
        @Argument(help: "Files, plain, gzipped or in ZIP archives.") var files: [String]
        @Option(help: "Currency (ISO 4217) of a file that names none.") var currency: String?
        @Option(help: "How to read CSV: a TOML file.") var mapping: String?

        func run() async throws {
            try await explained {
                let fallback = try currency.map(knownCurrency), table = try mapping.map(remittanceTable)
                let open = try await books.open(toWrite: true)
                for file in files { for path in try inputPaths(file) { try await importRemittance(path, fallback, table, open) } }
                try await linkAdvices(open)
            }
        }
    }

    struct Invoices: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open items of a former system as CSV: number, customer, issued_on, due_on, currency, open.",
            discussion: """
                Credits are negative. If wanted: discount and discount_until, and what the payer may name beside the number: order_number, \
                purchase_order, delivery_number. The exit code is not 0 when an item differs from what is in the books.
                Example: florin import invoices open-items.csv
                """)
        @OptionGroup var books: BooksOptions
        @Argument(help: "A CSV file, plain, gzipped or in a ZIP archive.") var file: String

        func run() async throws {
            try await explained {
                let open = try await books.open(toWrite: true)
                try await takeEach([file]) { try await importOpenItems($0, open) }
            }
        }

        /// - Returns: Whether every item stands in the books as the file says.
        private func importOpenItems(_ file: String, _ open: OpenBooks) async throws -> Bool {
            let total = try await takeOver(try readOpeningItems(file), open)
            print(
                "\(file): \(counted(total.taken, "open item")) taken over, \(total.known) known before"
                    + (amounts(total.totalMinor).map { ", \($0)" } ?? ""))
            for finding in total.findings { print("  \(finding.printable)") }
            return total.differing.isEmpty
        }
    }
}

/// Takes one file after the other, each that an archive holds, and ends with an error when something of one was not taken.
private func takeEach(_ files: [String], _ isTaken: (String) async throws -> Bool) async throws {
    var isDone = true
    for file in files { for path in try inputPaths(file) { isDone = try await isTaken(path) && isDone } }
    if !isDone { throw ExitCode.failure }
}

/// `1,234.50 EUR, 20.00 USD`; nil when there is nothing.
func amounts(_ minor: [String: Int64]) -> String? {
    let texts = minor.sorted { $0.key < $1.key }.compactMap { code, minor in Currency(code).map { Money(minor: minor, $0).readable } }
    return texts.isEmpty ? nil : texts.joined(separator: ", ")
}

/// Millionths of the major unit with as many decimals as they have, at least two.
private func microText(_ micro: Int64) -> String {
    var text = scaledText(micro, 6)
    while text.hasSuffix("0"), !text.hasSuffix(".00"), text.split(separator: ".")[1].count > 2 { text.removeLast() }
    return text
}
