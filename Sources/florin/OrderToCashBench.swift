import Domain
import Foundation
import Operations
import Store

/// Runs the workload's cycles and compares what they made with what the workload expects.
struct OrderToCashBench {
    private static let entity = ID<Entity>(1)
    private let load: Workload
    private let database: any Store.Database
    private let perCommit: Int
    private let clients: Int

    init(_ load: Workload, _ database: any Store.Database, perCommit: Int, clients: Int) {
        (self.load, self.database, self.perCommit, self.clients) = (load, database, perCommit, clients)
    }

    /// - Returns: The JSON line.
    func run() async throws -> String {
        let sales = try await prepare(), loadedMemory = peakMemory()
        let wall = seconds(), cpu = cpuSeconds()
        var tenths: [Double] = [], done = 0, mark = wall
        for tenth in 1...10 {
            let end = sales.count * tenth / 10
            if clients == 1 {
                try await withTaskExecutorPreference(database.committer(of: Self.entity)) { try await process(sales[done..<end]) }
            } else {
                try await processAtOnce(sales[done..<end])
            }
            done = end
            tenths.append(seconds() - mark)
            mark = seconds()
        }
        let cycleSeconds = mark - wall, cycleCPU = cpuSeconds() - cpu, cyclesMemory = peakMemory()
        let moment = ReportMoment(Self.entity, asOf: load.asOf)
        let (aging, agingSeconds) = try await timed { try AgingReport(moment).totals(in: $0) }
        let (balance, balanceSeconds) = try await timed { try TrialBalanceReport(moment).lines(in: $0) }
        // The median of five; the first reads into memory, as what is compared with it does.
        var byCustomer: [(count: Int, seconds: Double)] = []
        for _ in 0..<5 { byCustomer.append(try await timed { try AgingReport(moment).rows(in: $0, byCustomer: true).count }) }
        byCustomer.sort { $0.seconds < $1.seconds }
        let dunningStart = seconds()
        var terms = DayRun.Terms()
        terms.ladder.requiresFeed = false  // the workload's payments come from channels
        let dunning = try await DayRun(database, Self.entity, on: load.asOf, terms, clock: { .now }).dun()
        let dunningSeconds = seconds() - dunningStart
        let mismatch = try await differences(aging: aging, balance, dunned: dunning.notices)
        let n = Double(sales.count)
        func figure(_ value: Double, _ digits: Int = 4) -> String { String(format: "%.\(digits)f", value) }
        let fields: [(String, String)] = [
            ("system", quoted("florin-\(database is PostgresDatabase ? "postgres" : "sqlite")")), ("n", String(sales.count)),
            ("per_commit", String(perCommit)), ("clients", String(clients)), ("cycles_s", figure(cycleSeconds)),
            ("cycles_cpu_s", figure(cycleCPU)),
            ("cycles_per_s", figure(n / cycleSeconds, 0)), ("cpu_ms_per_cycle", figure(cycleCPU * 1000 / n)),
            ("aging_s", figure(agingSeconds, 5)),
            ("tb_s", figure(balanceSeconds, 5)), ("aging_by_customer_s", figure(byCustomer[2].seconds, 5)),
            ("customers_owing", String(byCustomer[2].count)),
            ("dunning_s", figure(dunningSeconds)), ("rss_mb", String(peakMemory())),
            ("rss_loaded_mb", String(loadedMemory)), ("rss_cycles_mb", String(cyclesMemory)),
            ("tenths_s", "[\(tenths.map { figure($0) }.joined(separator: ","))]"),
            ("mismatch", "[\(mismatch.map(quoted).joined(separator: ","))]"),
        ]
        return "{" + fields.map { "\(quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }

    /// Opens the books and saves the customers: not timed.
    private func prepare() async throws -> [ProcessSales.Sale] {
        let creation = CreateEntity(Self.entity, name: "Benchmark", country: Workload.country, currency: Workload.currency)
        try await database.write(entity: Self.entity) { try creation.run(in: $0, at: .now) }
        for batch in load.customers.batches(of: 1_000) {
            let operation = SaveCustomers(Self.entity, batch)
            _ = try await database.write(entity: Self.entity) { try operation.run(in: $0, at: .now) }
        }
        let ids = try await database.read { tx in
            Dictionary(
                try tx.rows("SELECT number, id FROM customer WHERE entity_id = \(Self.entity)") { ($0.text(0), $0.id(1) as ID<Customer>) },
                uniquingKeysWith: { first, _ in first })
        }
        return load.cycles.map { cycle in
            ProcessSales.Sale(
                cycle.order,
                receipt: cycle.payment.map {
                    ReceiptIntake(
                        method: $0.method, externalID: $0.number, bookedOn: $0.paidOn, amount: $0.amount, customer: ids[$0.customerNumber],
                        remittance: $0.reference)
                })
        }
    }

    private func process(_ sales: ArraySlice<ProcessSales.Sale>) async throws {
        for start in stride(from: sales.startIndex, to: sales.endIndex, by: perCommit) {
            let operation = ProcessSales(Self.entity, Array(sales[start..<min(start + perCommit, sales.endIndex)]))
            _ = try await database.write(entity: Self.entity) { try operation.run(in: $0, at: .now) }
        }
    }

    /// Single requests, as many at once as there are clients. They queue in the workload's order, so that nobody pays before being billed
    /// and numbers follow their dates.
    private func processAtOnce(_ sales: ArraySlice<ProcessSales.Sale>) async throws {
        let counter = Counter(sales, database)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask { while try await counter.serveNext(Self.entity) {} }
            }
            try await group.waitForAll()
        }
    }

    /// Hands out the next sale and queues its request in one step.
    private actor Counter {
        private var sales: ArraySlice<ProcessSales.Sale>
        private let database: any Store.Database
        init(_ sales: ArraySlice<ProcessSales.Sale>, _ database: any Store.Database) { (self.sales, self.database) = (sales, database) }

        func serveNext(_ entity: ID<Entity>) async throws -> Bool {
            guard let sale = sales.popFirst() else { return false }
            _ = try await database.write(entity: entity, ProcessSales.Request(sale, at: .now), in: ProcessSales.together)
            return true
        }
    }

    private func timed<Value: Sendable>(_ read: @escaping @Sendable (any Transaction) throws -> Value) async throws -> (Value, Double) {
        let start = seconds()
        let value = try await database.read(read)
        return (value, seconds() - start)
    }

    private func differences(aging: [AgingRow], _ balance: [TrialBalanceReport.Line], dunned: Int) async throws -> [String] {
        var differences: [String] = []
        func compare(_ name: String, _ found: Int64, _ wanted: Int64?) {
            if found != wanted { differences.append("\(name): \(found), expected \(wanted.map(String.init) ?? "nothing")") }
        }
        for (name, code) in [("accounts_receivable", "1200"), ("bank", "1000"), ("revenue", "4000"), ("vat_payable", "2200")] {
            compare(name, balance.filter { $0.account == code }.reduce(0) { $0 + $1.balance.minor }, load.expected("trial_balance", name))
        }
        for (bucket, name) in ["not_due", "d1_30", "d31_60", "d61_90", "d90_plus"].enumerated() {
            compare("aging.\(name)", aging.first?.amounts[bucket].minor ?? 0, load.expected("aging", name))
            compare("aging_count.\(name)", Int64(aging.first?.counts[bucket] ?? 0), load.expected("aging_count", name))
        }
        compare("dunned_customers", Int64(dunned), load.expected("dunned_customers"))
        let counts = try await database.read { tx in
            try [
                ("orders", "SELECT count(*) FROM sales_order WHERE entity_id = 1"),
                ("order_lines", "SELECT count(*) FROM sales_order_line WHERE entity_id = 1"),
                ("invoices", "SELECT count(*) FROM invoice WHERE entity_id = 1"),
                ("payments", "SELECT count(*) FROM receipt WHERE entity_id = 1"),
                ("allocations", "SELECT count(*) FROM allocation WHERE entity_id = 1"),
                ("postings", "SELECT count(*) FROM posting WHERE entity_id = 1"),
                ("last_invoice_no", "SELECT last FROM document_series WHERE entity_id = 1 AND series = 'INV'"),
                ("open_invoices", "SELECT count(*) FROM open_item WHERE entity_id = 1 AND kind = 'invoice' AND open_minor <> 0"),
            ].map { name, text in (name, try tx.first(SQL(text: text, values: [])) { $0.integer(0) } ?? 0) }
        }
        for (name, count) in counts { compare(name, count, load.expected(name)) }
        return differences
    }
}

func seconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

private func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// Peak resident memory, MB.
func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss / 1024
}
