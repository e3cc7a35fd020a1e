import Domain
import Foundation
import Operations
import Store
import Web

/// Reads and draws every page of the desk over books of many open items, as the server does, and tells how long and how large each was.
struct DeskBench {
    private static let entity = ID<Entity>(1)
    private static let currency = Currency.eur, today = Day(number: 20_500)
    private let database: any Store.Database
    private let items: Int
    private let rounds: Int
    private var customerCount: Int { max(10, items / 20) }

    /// - Parameters:
    ///   - items: Open items, at least 1,000; a twentieth as many customers.
    ///   - rounds: How often each page is read.
    init(_ database: any Store.Database, items: Int, rounds: Int) { (self.database, self.items, self.rounds) = (database, items, rounds) }

    /// - Returns: A line a page, the largest p99 and the largest page last.
    func run() async throws -> String {
        // Books that an earlier run filled are read again.
        let isFilled = try await database.read {
            try $0.first("SELECT 1 FROM entity WHERE entity_id = \(Self.entity)") { _ in true } ?? false
        }
        if !isFilled { try await fill() }
        let memory = DeskMemory(),
            reader = DeskReader(
                entityName: "Benchmark", userName: "ann", role: "controller", csrf: String(repeating: "x", count: 43), today: Self.today)
        var lines = ["page                                   p50 ms   p99 ms   kB"], worst = 0, largest = 0
        for (path, values) in try await addresses() {
            let asked = DeskQuestion(Self.entity, reader, path: path, values: values.map { ($0.key, $0.value) }, memory: memory)
            guard let page = DeskPage.all.first(where: { $0.path == path }) else { throw Failure("\(path) is no page") }
            var times: [Int] = [], bytes = 0
            for round in 0...rounds {
                let start = ContinuousClock.now
                let html = try await database.read { try page.read(asked, $0) }.map { Frame($0, path: path, reader).html }
                guard let html else { throw Failure("\(path) \(values): nothing to show") }
                // The first reading of all fills the memory and the caches; it is told apart from the rest.
                if round > 0 {
                    times.append(microseconds(since: start))
                } else if microseconds(since: start) > 50_000 {
                    lines.append("  first reading of \(path): \(microseconds(since: start) / 1000) ms")
                }
                bytes = html.bytes.count
            }
            times.sort()
            let p99 = times[times.count * 99 / 100]
            (worst, largest) = (max(worst, p99), max(largest, bytes))
            let name = (path + (values.isEmpty ? "" : " " + values.map { "\($0.key)=\($0.value)" }.joined(separator: " "))).prefix(38)
            lines.append(
                name.padding(toLength: 39, withPad: " ", startingAt: 0) + milliseconds(times[times.count / 2]) + "  " + milliseconds(p99)
                    + "  \(bytes / 1000)")
        }
        return lines.joined(separator: "\n")
            + "\nlargest p99 \(milliseconds(worst).trimmingCharacters(in: .whitespaces)) ms, "
            + "largest page \(largest / 1000) kB, \(items) open items"
    }

    private func milliseconds(_ microseconds: Int) -> String { String(format: "%7.2f", Double(microseconds) / 1000) }
    private func microseconds(since start: ContinuousClock.Instant) -> Int {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
    }

    private func write(_ body: @escaping @Sendable (any Transaction, Instant) throws -> Void) async throws {
        try await database.write(entity: Self.entity) { try body($0, .now) }
    }

    /// Nine tenths of the items come over from a former system, the rest are billed here; a tenth as many receipts, a fifth of them for a
    /// person.
    private func fill() async throws {
        let creation = CreateEntity(Self.entity, name: "Benchmark", country: "DE", currency: Self.currency)
        try await write { try creation.run(in: $0, at: $1) }
        let opening = items * 9 / 10, billed = items - opening
        var progress = Progress("open items", of: items)
        for start in stride(from: 0, to: opening, by: 5_000) {
            let operation = ImportOpenItems(Self.entity, (start..<min(start + 5_000, opening)).map(openingItem))
            try await write { _ = try operation.run(in: $0, at: $1) }
            progress.show(start)
        }
        for start in stride(from: 0, to: billed, by: 2_000) {
            let operation = ProcessSales(Self.entity, (start..<min(start + 2_000, billed)).map { ProcessSales.Sale(order($0, of: billed)) })
            try await write { _ = try operation.run(in: $0, at: $1) }
            progress.show(opening + start)
        }
        progress.end()
        try await holdOrders()
        try await importReceipts(items / 10)
    }

    private func customer(_ at: Int) -> String { "K\(100_000 + at % customerCount)" }

    private func openingItem(_ at: Int) -> OpeningItem {
        let issued = Self.today + -(at * 7 % 200)
        return OpeningItem(
            number: "OLD-\(1_000_000 + at)", customerNumber: customer(at * 31), issuedOn: issued, dueOn: issued + 30,
            open: Money(minor: Int64(1_000 + at * 7_919 % 500_000), Self.currency))
    }

    private func order(_ at: Int, of count: Int, customer number: String? = nil) -> OrderIntake {
        OrderIntake(
            channel: "web", externalID: "SO-\(at)", kind: .sale, customerNumber: number ?? customer(at * 17), country: "DE",
            orderedOn: Self.today + (at * 60 / max(count, 1) - 60), currency: Self.currency,
            lines: [
                OrderIntake.Line(
                    sku: "A-\(at % 500)", description: "Article \(at % 500)", quantityMilli: 2_000,
                    priceMicro: Int64(10_000_000 + at % 1_000 * 10_000))
            ])
    }

    private func holdOrders() async throws {
        let limited = (0..<5).map {
            CustomerProfile(number: "LIMIT-\($0)", name: "Limited \($0)", country: "DE", creditLimitMinor: 100, currency: Self.currency)
        }
        let orders = (0..<500).map { order(1_000_000_000 + $0, of: 1_000_000_500, customer: "LIMIT-\($0 % 5)") }
        try await write { tx, now in
            _ = try SaveCustomers(Self.entity, limited).run(in: tx, at: now)
            _ = try PlaceOrders(Self.entity, orders).run(in: tx, at: now)
        }
    }

    private func importReceipts(_ count: Int) async throws {
        var keys = EntryKeys(account: "DE02120300000000202051")
        let header = StatementHeader(
            format: "camt.053.001.08", id: "S1", account: "DE02120300000000202051", currency: Self.currency, createdOn: Self.today)
        let summary = ImportStatement.Summary(
            header: header, fileDigest: "bench", currency: Self.currency, opening: nil, closing: nil, findings: [], throughOn: Self.today)
        for start in stride(from: 0, to: count, by: 2_000) {
            let entries = (start..<min(start + 2_000, count)).map { at in
                let amount = openingItem(at).open
                let text = at % 5 == 0 ? "payment \(at) thank you" : "OLD-\(1_000_000 + at)"
                return keys.key(
                    BankEntry(
                        amount: amount, bookedOn: Self.today, valueOn: Self.today, reference: "R\(at)",
                        transactions: [.init(amount: amount, counterpartyName: "Payer \(at % 997)", remittance: text)]))
            }
            let operation = ImportStatement(Self.entity, summary, entries)
            try await write { _ = try operation.run(in: $0, at: $1) }
        }
        _ = try await DayRun(database, Self.entity, on: Self.today, DayRun.Terms(), clock: { .now }).applyCash()
        try await write { try RecordFigures(Self.entity, on: Self.today).run(in: $0, at: $1) }
    }

    /// Every page, those of one thing with a thing that exists.
    private func addresses() async throws -> [(path: String, values: KeyValuePairs<String, String>)] {
        let past = (Self.today + -30).iso8601
        let (order, invoice, receipt, statement) = try await database.read { tx in
            (
                try OrderList(Self.entity).page(in: tx).rows.first,
                try tx.first("SELECT number FROM invoice WHERE entity_id = \(Self.entity) ORDER BY id DESC LIMIT 1") { $0.text(0) },
                try ReceiptList(Self.entity).page(in: tx).rows.first, try StatementList(Self.entity).page(in: tx).rows.first
            )
        }
        guard let order, let invoice, let receipt, let statement else { throw Failure("the books of the benchmark are not whole") }
        return [
            ("/", [:]), ("/cash", [:]), ("/collections", [:]), ("/customers", [:]), ("/customers", ["sort": "number", "begins": "K1005"]),
            ("/customers", ["sort": "owed"]), ("/customers", ["sort": "-owed"]), ("/customers", ["sort": "overdue"]),
            ("/customers", ["sort": "owed", "begins": "custom"]),
            ("/customers/{number}", ["number": "K100007"]), ("/customers/{number}/statement", ["number": "K100007"]), ("/orders", [:]),
            ("/orders", ["state": "held"]), ("/orders", ["sort": "amount"]), ("/orders", ["sort": "-date"]),
            ("/orders", ["customer": "K100007", "sort": "amount"]), ("/orders", ["customer": "K100007"]),
            ("/orders", ["at_least": "9999999"]), ("/orders", ["from": "2025-12-20", "through": "2025-12-21"]),
            ("/receipts", ["customer": "K100007"]), ("/receipts", ["at_least": "9999999"]),
            ("/invoices", ["at_least": "9999999"]), ("/invoices", ["at_least": "5000", "state": "open"]),
            ("/invoices", ["at_most": "10.10", "state": "settled"]), ("/invoices", ["currency": "USD"]),
            ("/invoices", ["late": "91-", "currency": "USD"]), ("/invoices", ["from": "2020-01-20", "through": "2020-01-21"]),
            ("/invoices", ["from": "2025-09-01", "through": "2025-09-30"]),
            ("/invoices", ["from": "2025-09-01", "through": "2025-09-30", "state": "settled"]),
            ("/invoices", ["from": "2025-09-01", "through": "2025-09-02", "sort": "largest"]), ("/invoices", ["state": "settled"]),
            ("/ledger/journal", ["from": "2020-01-20", "through": "2020-01-21"]),
            ("/ledger/journal", ["from": "2025-09-01", "through": "2025-09-30"]), ("/ledger/journal", ["account": "4000"]),
            ("/ledger/journal", ["currency": "USD"]),
            ("/ledger/journal", ["account": "4000", "from": "2025-09-01", "through": "2025-09-30"]),
            ("/invoices", ["customer": "K100007"]), ("/invoices", ["state": "open", "at_least": "1000"]),
            ("/orders/{id}", ["id": String(order.id.value)]), ("/invoices", [:]), ("/invoices", ["state": "overdue"]),
            ("/invoices", ["sort": "largest"]), ("/invoices", ["sort": "due"]),
            ("/invoices/{number}", ["number": invoice]), ("/receipts", [:]), ("/receipts", ["state": "unapplied"]),
            ("/receipts", ["sort": "amount"]), ("/receipts", ["sort": "-amount"]), ("/receipts", ["sort": "date"]),
            ("/receipts", ["state": "unapplied", "sort": "amount"]), ("/collections", ["sort": "days"]),
            ("/receipts/{id}", ["id": String(receipt.id.value)]),
            ("/statements", [:]), ("/statements/{id}", ["id": String(statement.id)]), ("/figures", [:]), ("/figures/aging", [:]),
            ("/figures/aging", ["sort": "oldest"]), ("/figures/aging", ["sort": "-name"]),
            ("/figures/credits", [:]), ("/figures/credits", ["currency": "EUR"]),
            ("/ledger", [:]), ("/ledger/journal", [:]),
            ("/ledger/proof", [:]), ("/runs", [:]), ("/import", [:]), ("/settings", [:]), ("/search", ["q": "customer k1000"]),
            ("/search", ["q": "OLD-10000"]), ("/search", ["q": "123.45"]),
            ("/search", ["q": "no such thing"]), ("/search", ["q": "payer 99"]),
            ("/figures", ["as_of": past]), ("/figures/aging", ["as_of": past]), ("/figures/credits", ["as_of": past]),
            ("/invoices", ["as_of": past]), ("/invoices", ["as_of": past, "late": "31-60"]), ("/ledger", ["as_of": past]),
            ("/ledger/journal", ["as_of": past]), ("/customers/{number}", ["number": "K100007", "as_of": past]),
            ("/customers/{number}/statement", ["number": "K100007", "as_of": past]), ("/collections/slices", ["as_of": past]),
            ("/mail", [:]), ("/orders", ["state": "billed", "sort": "amount"]), ("/receipts", ["state": "applied", "sort": "amount"]),
            ("/orders", ["state": "billed"]), ("/receipts", ["state": "applied"]), ("/ledger/journal", ["as_of": past, "account": "4000"]),
        ]
    }
}
