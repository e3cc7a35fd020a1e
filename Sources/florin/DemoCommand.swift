import ArgumentParser
import Connectors
import Domain
import Formats
import Foundation
import Operations
import Simulation
import Store
import Web

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Runs the whole chain on a month of real orders and shows what happened.",
        discussion: "Example: florin demo --scale 10 --database demo.sqlite")

    @Option(help: "The order file; the excerpt in Examples/ when left out.") var orders = "Examples/online-retail-2011-02.csv.gz"
    @Option(help: "Repeats the orders this many times, each for customers of its own.") var scale = 1
    @Option(help: "Decides how customers pay; the same seed pays the same way.") var seed: UInt64 = 2011
    @Option(help: "The books: a new SQLite file, or postgres://… for PostgreSQL.") var database: String?
    @Option(help: "The folder for bank statements, mails and books.") var folder = "demo-output"
    @Option(help: "Days that run after the last order: at 24 some is late and some not due, at 40 nearly all is paid.") var daysAfter = 24
    @Flag(inversion: .prefixedNo, help: "Serve the desk with the demonstration's books at the end.") var serve = true
    @Option(help: "The port to serve on; 0 takes a free one.") var port = 8080

    func run() async throws {
        guard (0...400).contains(daysAfter) else { throw ValidationError("--days-after \(daysAfter): write a number from 0 to 400") }
        guard (1...1_000).contains(scale) else { throw ValidationError("--scale \(scale): write a number from 1 to 1000") }
        guard FileManager.default.fileExists(atPath: orders) else {
            throw ValidationError("\(orders): no such file here; run from Florin's own folder, or name an order file with --orders")
        }
        try await explained {
            if serve { try await WebServer.tryListening(host: "127.0.0.1", port: port) }
            var demo = try await Demo(orders: orders, scale: scale, seed: seed, daysAfter: daysAfter, folder: folder, database: database)
            try await demo.run()
            try await DemoReport(demo).show()
            if serve { try await florin.serve(demo.open, host: "127.0.0.1", port: port, on: demo.lastOn) }
        }
    }
}

/// One run of the demonstration: real orders, simulated payers, real statement files.
struct Demo {
    let open: OpenBooks
    let folder: URL
    let lastOn: Day
    private(set) var counts = DemoCounts()
    private(set) var world: CustomerWorld
    private let file: OrderFile
    private let scale: Int
    private let account = StatementHeader(format: "camt.053.001.08", id: "", account: accountIBAN(of: "FLORIN"), currency: .gbp)
    private var balance = Money.zero(.gbp)

    init(orders: String, scale: Int, seed: UInt64, daysAfter: Int, folder: String, database: String?) async throws {
        file = try readOrders(orders)
        guard let last = file.orders.map(\.orderedOn).max() else { throw Failure("\(orders): holds no order") }
        self.folder = URL(filePath: folder)
        (self.scale, lastOn) = (scale, last + daysAfter)
        world = CustomerWorld(seed: seed)
        try Self.makeRoom(self.folder)
        let location = database ?? self.folder.appending(path: "florin.sqlite").path(percentEncoded: false)
        var configuration = try Configuration.load(nil)
        configuration.mailer = .folder(self.folder.appending(path: "mail").path(percentEncoded: false))
        configuration.terms.toleranceMinor = 500
        open = OpenBooks(database: try await openDatabase(location), location: location, entity: ID(1), configuration: configuration)
    }

    /// Clears what an earlier demonstration left, and nothing else.
    private static func makeRoom(_ folder: URL) throws {
        let files = FileManager.default, marker = folder.appending(path: ".florin-demo").path(percentEncoded: false)
        let path = folder.path(percentEncoded: false)
        if files.fileExists(atPath: marker) {
            try files.removeItem(atPath: path)
        } else if let content = try? files.contentsOfDirectory(atPath: path), !content.isEmpty {
            throw Failure("\(path) is not empty and no demonstration wrote it: name a new folder with --folder")
        }
        try files.createDirectory(at: folder.appending(path: "bank"), withIntermediateDirectories: true)
        guard files.createFile(atPath: marker, contents: nil) else { throw Failure("\(path): cannot be written") }
    }

    var entity: ID<Entity> { open.entity }

    mutating func run() async throws {
        let start = Instant.now
        let creation = CreateEntity(entity, name: "Florin Demo Wholesale", country: "GB", currency: .gbp)
        let seller = SaveSeller(
            entity,
            Party(
                name: "", country: "", vatNumber: "GB123456789",
                address: PostalAddress(street: "12 Orchard Lane", postalCode: "E1 6AN", city: "London"),
                registration: "Registered in England, number 01234567",
                account: PaymentAccount(iban: account.account, bic: "NWBKGB2L")))
        try await open.write { try creation.run(in: $0, at: $1) }
        try await open.write { try seller.run(in: $0, at: $1) }
        try await saveCustomers()
        let firstOn = file.orders.map(\.orderedOn).min() ?? lastOn
        let byDay = Dictionary(grouping: file.orders, by: \.orderedOn)
        var progress = Progress("business days", of: lastOn - firstOn + 1), day = firstOn
        while day <= lastOn {
            try await run(day, byDay[day] ?? [])
            progress.show(day - firstOn + 1)
            day = day + 1
        }
        progress.end()
        counts.rows = file.rowCount * scale
        counts.refusedRows = file.refused.count * scale
        counts.milliseconds = (Instant.now.microseconds - start.microseconds) / 1_000
    }

    private mutating func run(_ on: Day, _ orders: [OrderIntake]) async throws {
        for copy in 0..<scale where !orders.isEmpty {
            counts.add(try await placeOrders(orders.map { repeated($0, copy) }, open, title: "orders"))
        }
        let taken = try await LeasedDay.taken(open.database, entity, open.configuration.terms, through: on, clock: { .now })
        guard let day = taken else { throw Failure("\(on.iso8601): another program works on these books") }
        let billed = try await day.bill()
        counts.add(billed)
        let issued = IssuedInvoices(entity, on: on)
        world.receive(
            try await open.database.read { try issued.run(in: $0) }.map {
                IssuedInvoice(
                    number: $0.number, orderNumber: $0.orderNumber, customerNumber: $0.customerNumber, customerName: $0.customerName,
                    customerIBAN: accountIBAN(of: $0.customerNumber), issuedOn: $0.issuedOn, dueOn: $0.dueOn, gross: $0.gross)
            })
        let entries = world.statement(on: on)
        if !entries.isEmpty { try await importStatement(entries, on) }
        let cash = try await day.applyCash()
        counts.add(cash)
        let dunned = on.weekday == .monday ? try await day.dun() : nil
        try await day.end(billed, cash, dunned)
        if let dunned {
            counts.add(dunned)
            let mail = try await DeliverOutbox(
                open.database, entity, open.configuration.mailer, from: open.configuration.mailFrom, clock: { .now }
            ).run()
            counts.mails += mail.sent
        }
    }

    private mutating func importStatement(_ entries: [BankEntry], _ on: Day) async throws {
        var header = account
        (header.id, header.createdOn) = ("STMT-\(on.iso8601)", on)
        let path = folder.appending(path: "bank/\(on.iso8601).xml").path(percentEncoded: false)
        try camtStatement(header, opening: balance, entries).write(toFile: path, atomically: true, encoding: .utf8)
        balance = balance + entries.map(\.amount).total(in: balance.currency)
        counts.add(try await importStatements(path, try surveyStatements(path), open))
    }

    /// Terms that make a lively month: a few customers are billed by the week or month, some have a credit limit, most pay from an account
    /// that is known.
    private mutating func saveCustomers() async throws {
        var profiles: [CustomerProfile] = [], seen: Set<String> = []
        for order in file.orders {
            guard let number = order.customerNumber, seen.insert(number).inserted else { continue }
            for copy in 0..<scale {
                let own = numbered(number, copy)
                var random = SeededRandom(seed: 7, about: own)
                profiles.append(
                    CustomerProfile(
                        number: own, name: "Retailer \(own)", email: "accounts@retailer-\(own).example", country: order.country,
                        creditLimitMinor: random.chance(perMille: 30) ? 500_00 : nil, currency: order.currency,
                        billing: random.chance(perMille: 40) ? .weekly : random.chance(perMille: 30) ? .monthly : .order,
                        ibans: random.chance(perMille: 700) ? [accountIBAN(of: own)] : []))
            }
        }
        counts.customers += try await florin.saveCustomers(profiles, open).created
    }

    private func repeated(_ order: OrderIntake, _ copy: Int) -> OrderIntake {
        var order = order
        order.externalID = numbered(order.externalID, copy)
        order.customerNumber = order.customerNumber.map { numbered($0, copy) }
        return order
    }

    private func numbered(_ number: String, _ copy: Int) -> String { copy == 0 ? number : "\(number)X\(copy)" }
}

/// What happened, added up over the days.
struct DemoCounts {
    var rows = 0
    var refusedRows = 0
    var customers = 0
    var mails = 0
    var milliseconds: Int64 = 0
    private(set) var orders = PlaceOrders.Report()
    private(set) var billing = BillOrders.Report()
    private(set) var bank = ImportStatement.Report()
    private(set) var statements = 0
    private(set) var cash = ApplyReceipts.Report()
    private(set) var dunning = RunDunning.Report()

    mutating func add(_ report: PlaceOrders.Report) {
        orders.placed += report.placed
        orders.held += report.held
        orders.customersCreated += report.customersCreated
        orders.refused += report.refused
    }
    mutating func add(_ report: BillOrders.Report) { billing.add(report) }
    mutating func add(_ report: ImportStatement.Report) {
        statements += 1
        bank.add(report)
    }
    mutating func add(_ report: ApplyReceipts.Report) { cash.add(report) }
    mutating func add(_ report: RunDunning.Report) { dunning.add(report) }
}
