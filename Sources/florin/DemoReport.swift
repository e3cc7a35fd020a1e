import Domain
import Foundation
import Operations
import Simulation
import Store

/// What the demonstration shows at its end, as a finance person reads it.
struct DemoReport {
    private let demo: Demo
    init(_ demo: Demo) { self.demo = demo }

    func show() async throws {
        print("ORDERS TO CASH, \(demo.lastOn.iso8601)\n")
        showSales(demo.counts)
        try await showMatching()
        showDunning(demo.counts)
        step("time", "\(scaledText(demo.counts.milliseconds, 3)) s for all of it\n")
        try await showQueue()
        try await showReports()
        try await proveBooks()
        try await proveMatches()
        print("Worth trying next:")
        for command in [
            "report open-items --as-of \(demo.lastOn.iso8601) --customer 17841", "export hledger --output books.journal", "orders held",
        ] { print("  .build/release/florin \(command) --database \(demo.open.shownLocation)") }
    }

    private func showSales(_ counts: DemoCounts) {
        step(
            "orders",
            """
            \(grouped(counts.rows)) order lines, \(grouped(counts.orders.placed)) orders of \
            \(grouped(counts.customers + counts.orders.customersCreated)) customers
            """
        )
        step(
            "",
            """
            \(grouped(counts.refusedRows)) lines refused (stock movements that nobody ordered), \(grouped(counts.orders.held)) orders \
            held for credit
            """
        )
        step("billing", "\(grouped(counts.billing.invoices)) invoices, \(amounts(counts.billing.invoiced) ?? "nothing")")
        step(
            "",
            """
            \(grouped(counts.billing.creditNotes)) credit notes, \(amounts(counts.billing.credited) ?? "nothing"); \
            \(grouped(counts.billing.cancellationsApplied)) found the invoice they cancel
            """
        )
        step(
            "bank",
            """
            \(grouped(counts.statements)) camt.053 files, \(grouped(counts.bank.entries)) entries: \(grouped(counts.bank.receipts)) \
            receipts, \(grouped(counts.bank.returns)) returns
            """
        )
    }

    private func showDunning(_ counts: DemoCounts) {
        step(
            "dunning",
            """
            \(grouped(counts.dunning.notices)) notices, \(amounts(counts.dunning.totalMinor) ?? "nothing"), \(grouped(counts.mails)) \
            mails in \(demo.folder.lastPathComponent)/mail
            """
        )
        let unreached = Set(counts.dunning.unreached).count
        if unreached > 0 { step("", "\(counted(unreached, "customer")) not written to: no address") }
        step("", counts.dunning.byLevel.sorted { $0.key < $1.key }.map { "level \($0.key): \(grouped($0.value))" }.joined(separator: ", "))
    }

    private func showReports() async throws {
        let moment = ReportMoment(demo.entity, asOf: demo.lastOn)
        var aging = try await demo.open.database.read { try AgingReport(moment).table(in: $0) }
        let customers = aging.rows.count
        let total = aging.columns.firstIndex { $0.name == "total" } ?? 0
        aging.rows = Array(aging.rows.sorted { ($0[total].minor ?? 0) > ($1[total].minor ?? 0) }.prefix(5))
        print(aging.text(.table), "\n(the five largest of \(grouped(customers)) accounts)\n", separator: "\n")
        print(try await demo.open.database.read { try KeyFiguresReport(moment).table(in: $0) }.text(.table), "\n")
        print(try await demo.open.database.read { try TrialBalanceReport(moment).table(in: $0) }.text(.table), "\n")
    }

    private func proveBooks() async throws {
        let entity = demo.entity
        let check = try await demo.open.database.read { try CheckBooks(entity).run(in: $0) }
        for fault in check.faults { print("✘ \(fault)") }
        guard check.faults.isEmpty else { throw Failure("the books do not prove themselves") }
        print(
            """
            PROOF  ✔ \(grouped(check.sealCount)) seals of the chain verified; every entry balances; the control accounts equal the open \
            items
            """
        )
    }

    /// Opens one match's certificate and verifies them all.
    private func proveMatches() async throws {
        let entity = demo.entity
        let report = try await demo.open.database.read { try VerifyMatches(entity).run(in: $0) }
        for fault in report.faults { print("✘ \(fault)") }
        guard report.faults.isEmpty else { throw Failure("a match does not prove itself") }
        print(
            """
                   ✔ \(grouped(report.verified)) certificates of matches verified by separate code; the shortest with a proof of \
            uniqueness reads:\n
            """
        )
        let found = try await demo.open.database.read { tx in
            try tx.first(
                """
                SELECT r.external_id FROM application a JOIN receipt r ON r.entity_id = a.entity_id AND r.id = a.receipt_id
                 WHERE a.entity_id = \(entity) AND a.rule IN ('payer_items', 'payer_amount') ORDER BY a.rule DESC, length(a.certificate), \
                a.id LIMIT 1
                """
            ) { $0.text(0) }
        }
        guard let found else { return }
        let certificate = try await demo.open.database.read { try MatchCertificates(entity, receipt: found).run(in: $0) }
        for line in certificate.joined(separator: "\n").split(separator: "\n") { print("       \(line)") }
        print("")
    }

    private func step(_ name: String, _ text: String) {
        guard !text.isEmpty else { return }
        print(name + String(repeating: " ", count: max(1, 10 - name.count)) + text)
    }

    /// Compares what was posted with what each payer meant.
    private func showMatching() async throws {
        let entity = demo.entity, cash = demo.counts.cash
        let (applied, credited) = try await demo.open.database.read { tx in
            (try AppliedCash(entity).run(in: tx), try CreditedDocuments(entity).run(in: tx))
        }
        let truths = demo.world.truth.filter { $0.habit != .returned }
        var wrongs: [String] = []
        var touchless = 0, wrong = 0, lines = 0, touchlessLines = 0, wrongMinor: Int64 = 0
        for truth in truths {
            lines += truth.settled.count
            guard let posted = applied[truth.bankReference] else { continue }
            // What the payer meant may have been credited since, which the payer does not know yet.
            let gone = (truth.settled + truth.repeated).reduce(into: [String: Int64]()) { gone, line in
                let parts = credited[line.invoiceNumber, default: []].filter { $0.on <= posted.appliedOn }
                gone[line.invoiceNumber] = parts.reduce(0) { $0 + $1.minor }
            }
            if truth.isMet(by: posted.customerNumber, posted.settled, credited: gone) {
                touchless += 1
                touchlessLines += truth.settled.count
            } else {
                wrong += 1
                if wrongs.count < 10 { wrongs.append(described(truth, posted)) }
                wrongMinor += posted.settled.values.reduce(0, +)
            }
        }
        step(
            "cash",
            """
            \(percent(touchless, truths.count)) of \(grouped(truths.count)) payments and \(percent(touchlessLines, lines)) of \
            \(grouped(lines)) invoice lines applied as meant, without a person
            """
        )
        step("", "\(grouped(wrong)) posted otherwise than meant (\(Money(minor: wrongMinor, .gbp).readable))")
        for one in wrongs { step("", one) }
        step(
            "",
            "by rule: "
                + cash.rules.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \(grouped($0.value))" }.joined(
                    separator: ", "))
    }

    private func described(_ truth: Truth, _ posted: AppliedCash.Receipt) -> String {
        func settled(_ lines: [(String, Int64)]) -> String {
            lines.isEmpty
                ? "nothing" : lines.sorted { $0.0 < $1.0 }.map { "\($0.0) \(Money(minor: $0.1, .gbp).readable)" }.joined(separator: ", ")
        }
        return
            """
            \(truth.bankReference): \(posted.customerNumber ?? "nobody") for \(settled(Array(posted.settled))), meant \
            \(truth.customerNumber) for \(settled(truth.settled.map { ($0.invoiceNumber, $0.minor) }))
            """
    }

    private func showQueue() async throws {
        let entity = demo.entity
        let reasons = try await demo.open.database.read { try CashQueueReport(entity).reasons(in: $0) }
        print("WAITING FOR A PERSON")
        for reason in reasons { print("  \(grouped(reason.count)) receipts, \(reason.total.readable): \(reason.text)") }
        print("  \(grouped(demo.counts.orders.held)) orders held: over the credit limit\n")
    }

    private func percent(_ part: Int, _ whole: Int) -> String { "\(scaledText(Int64(part) * 1000 / Int64(max(1, whole)), 1)) %" }
}

extension ReportTable.Cell {
    fileprivate var minor: Int64? {
        if case .money(let money) = self { money.minor } else { nil }
    }
}
