import Domain
import Store

/// Books receipts that a channel reports and applies those whose customer it names. Known (method, external id) changes nothing.
package struct RecordReceipts: Sendable {
    package struct Report: Equatable, Sendable {
        package var recorded = 0
        /// For each receipt given, whether it was recorded before.
        package var isKnown: [Bool] = []
        package var known: Int { isKnown.count { $0 } }
        package var cash = ApplyReceipts.Report()
    }

    /// So many receipts are decided before the database begins to write them.
    private static let share = 200

    private let entity: ID<Entity>
    private let receipts: [ReceiptIntake]
    private let on: Day
    private let toleranceMinor: Int64
    private let policy: MatchPolicy
    package init(
        _ entity: ID<Entity>, _ receipts: [ReceiptIntake], on day: Day, toleranceMinor: Int64 = 0, policy: MatchPolicy = .standard
    ) {
        (self.entity, self.receipts, on, self.toleranceMinor, self.policy) = (entity, receipts, day, toleranceMinor, policy)
    }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        var candidates = Candidates(entity, toleranceMinor: toleranceMinor, policy: policy)
        var books = try Books(lock: entity, at: now, in: tx) { questions(candidates) }
        let report = try record(try read(&books, &candidates, tx), &books, &candidates, tx)
        let rules = CashRules(policy, toleranceMinor: toleranceMinor)
        if report.cash.applied > 0, !rules.areStandard { try books.keep(rules, on: on, in: tx) }
        try books.close(in: tx)
        return report
    }

    /// What `record` reads of any receipt.
    func questions(_ candidates: Candidates) -> [SQL] { [knownReceipts, candidates.question(naming: receipts)].compactMap(\.self) }

    private var knownReceipts: SQL {
        "SELECT external_id, method FROM receipt WHERE entity_id = \(entity) AND external_id IN \(texts: receipts.map(\.externalID))"
    }

    /// What is new, and on whose account it may be applied at once.
    struct Reading {
        fileprivate var report: Report
        fileprivate let identified: [RecordedReceipt]
    }

    /// Receives what is new and reads what bears on it.
    ///
    /// - Parameter candidates: May know documents already that this transaction issued.
    func read(_ books: inout Books, _ candidates: inout Candidates, _ tx: any Transaction) throws -> Reading {
        var report = Report(), seen: Set<ReceiptKey> = []
        try tx.forEach(knownReceipts) { seen.insert(ReceiptKey(method: $0.text(1), externalID: $0.text(0))) }
        var recorded: [RecordedReceipt] = []
        for intake in receipts {
            let isNew = seen.insert(ReceiptKey(method: intake.method, externalID: intake.externalID)).inserted
            report.isKnown.append(!isNew)
            if isNew { recorded.append(try books.receive(intake)) }
        }
        report.recorded = recorded.count
        let identified = recorded.filter(\.isIdentified)
        try candidates.load(for: identified, areFresh: true, in: tx)
        return Reading(report: report, identified: identified)
    }

    /// Applies what was read.
    func record(_ reading: Reading, _ books: inout Books, _ candidates: inout Candidates, _ tx: any Transaction) throws -> Report {
        var report = reading.report
        var desk = CashDesk(entity, on: on, areFresh: true)
        for (at, receipt) in reading.identified.enumerated() {
            try desk.settle(receipt, &candidates, &books, tx, &report.cash)
            if at % Self.share == Self.share - 1 { try books.send(.receipt, .application, .allocation, .journalEntry, .posting, in: tx) }
        }
        try desk.write(&books, in: tx)
        return report
    }
}

private struct ReceiptKey: Hashable { let method, externalID: String }
