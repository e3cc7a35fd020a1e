import ArgumentParser
import Connectors
import Domain
import Operations
import Store

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Does the work of a business day; repeated, it does only what is still to be done.",
        discussion: "Example: florin run day --on 2026-06-30",
        subcommands: [WholeDay.self, Billing.self, Cash.self, Dunning.self])

    struct Options: ParsableArguments {
        @OptionGroup var books: BooksOptions
        @Option(help: "The business day, YYYY-MM-DD; today when left out.") var on: Day?
        var day: Day { on ?? .today }
    }

    struct WholeDay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "day", abstract: "Billing, cash application, dunning, mail, key figures, proof.",
            discussion: "Example: florin run day --on 2026-06-30")
        @OptionGroup var options: Options
        func run() async throws {
            try await explained {
                let open = try await options.books.open(toWrite: true)
                try await bill(open, options.day)
                try await applyCash(open, options.day)
                try await dun(open, options.day)
                try await open.day(options.day).end()
                let entity = open.entity
                let check = try await open.database.read { try CheckBooks(entity).run(in: $0) }
                for fault in check.faults { print("✘ \(fault)") }
                guard check.faults.isEmpty else { throw ExitCode.failure }
                print("proof        ✔ \(counted(check.sealCount, "seal"))")
            }
        }
    }

    struct Billing: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Invoices and credit notes for what is due to be billed.", discussion: "Example: florin run billing --on 2026-06-30")
        @OptionGroup var options: Options
        func run() async throws { try await explained { try await bill(try await options.books.open(toWrite: true), options.day) } }
    }

    struct Cash: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Applies unapplied receipts; what is not certain waits for a person.",
            discussion: """
                The policy of the settings decides. Strict posts whole items alone and is held to no wrong posting. Standard, which holds \
                where none is named, posts part payments and overpayments of known payers too: a payer who names the wrong document may be \
                misread.
                Example: florin run cash
                """)
        @OptionGroup var options: Options
        func run() async throws { try await explained { try await applyCash(try await options.books.open(toWrite: true), options.day) } }
    }

    struct Dunning: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Notices to customers whose items are overdue, and the mail they leave by.",
            discussion: "Example: florin run dunning --on 2026-06-30")
        @OptionGroup var options: Options
        func run() async throws { try await explained { try await dun(try await options.books.open(toWrite: true), options.day) } }
    }
}

private func bill(_ open: OpenBooks, _ on: Day) async throws {
    let report = try await open.day(on).bill()
    print("billing      \(counted(report.invoices, "invoice"))\(amounts(report.invoiced).map { ", \($0)" } ?? "")")
    print(
        "             \(counted(report.creditNotes, "credit note"))\(amounts(report.credited).map { ", \($0)" } ?? ""), "
            + "\(grouped(report.cancellationsApplied)) applied to the invoice they cancel; "
            + "\(counted(report.noCharge, "order")) without charge")
}

private func applyCash(_ open: OpenBooks, _ on: Day) async throws {
    let report = try await open.day(on).applyCash()
    print(
        "cash         \(counted(report.applied, "receipt")) applied to \(counted(report.lines, "item"))"
            + (amounts(report.appliedMinor).map { ", \($0)" } ?? ""))
    for (rule, count) in report.rules.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        print("             \(rule) \(grouped(count))")
    }
    print(
        "             \(counted(report.queued, "receipt waits", "receipts wait")) for a person"
            + (amounts(report.queuedMinor).map { ", \($0)" } ?? ""))
}

private func dun(_ open: OpenBooks, _ on: Day) async throws {
    let report = try await open.day(on).dun()
    if let blocked = report.blocked {
        print("dunning      nobody was written to: \(blocked)")
    } else {
        let levels = report.byLevel.sorted { $0.key < $1.key }.map { "level \($0.key): \(grouped($0.value))" }.joined(separator: ", ")
        print(
            "dunning      \(counted(report.notices, "notice"))\(amounts(report.totalMinor).map { ", \($0)" } ?? "")"
                + (levels.isEmpty ? "" : " (\(levels))"))
        print(
            "             left alone: \(counted(report.unappliedCash, "customer")) with unapplied cash, "
                + "\(counted(report.heldItems, "item")) disputed or promised"
        )
        if let unreached = report.unreachedText { print("             \(unreached)") }
    }
    let mail = try await DeliverOutbox(
        open.database, open.entity, open.configuration.mailer, from: open.configuration.mailFrom, clock: { .now }
    ).run()
    print(
        "mail         \(grouped(mail.sent)) sent, \(grouped(mail.failed)) to be tried again"
            + (mail.firstError.map { " (\($0.printable))" } ?? ""))
}
