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
    private static let settled: [FactTable] = [.receipt, .application, .allocation, .journalEntry, .posting]

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
        let known = try look(&candidates, tx)
        let report = try record(try receive(known, &books, &candidates, tx), &books, &candidates, tx)
        let rules = CashRules(policy, toleranceMinor: toleranceMinor)
        if report.cash.applied > 0, !rules.areStandard { try books.keep(rules, on: on, in: tx) }
        try books.close(in: tx)
        return report
    }

    /// What `look` reads of any receipt.
    func questions(_ candidates: Candidates) -> [SQL] { [knownReceipts, candidates.question(naming: identified)].compactMap(\.self) }

    /// Those that are applied at once.
    private var identified: [ReceiptIntake] { receipts.filter { $0.customer != nil } }

    private var knownReceipts: SQL {
        "SELECT external_id, method FROM receipt WHERE entity_id = \(entity) AND external_id IN \(texts: receipts.map(\.externalID))"
    }

    /// The receipts among those given that were recorded before.
    struct Known { fileprivate let receipts: Set<ReceiptKey> }

    /// Reads which receipts are known, and what those name whose customer is: nothing of it is of this transaction.
    func look(_ candidates: inout Candidates, _ tx: any Transaction) throws -> Known {
        var known: Set<ReceiptKey> = []
        try tx.forEach(knownReceipts) { known.insert(ReceiptKey(method: $0.text(1), externalID: $0.text(0))) }
        try candidates.look(for: identified.filter { !known.contains(ReceiptKey($0)) }, in: tx)
        return Known(receipts: known)
    }

    /// What is new, and on whose account it may be applied at once.
    struct Reading {
        fileprivate var report: Report
        fileprivate let identified: [RecordedReceipt]
    }

    /// Receives what is new and reads what bears on it.
    ///
    /// - Parameter candidates: May know documents already that this transaction issued.
    func receive(
        _ known: Known, _ books: inout Books, _ candidates: inout Candidates, _ tx: any Transaction
    ) throws -> Reading {
        var report = Report(), seen = known.receipts
        var recorded: [RecordedReceipt] = []
        for intake in receipts {
            let isNew = seen.insert(ReceiptKey(intake)).inserted
            report.isKnown.append(!isNew)
            if isNew { recorded.append(try books.receive(intake)) }
        }
        report.recorded = recorded.count
        let reading = Reading(report: report, identified: recorded.filter(\.isIdentified))
        try candidates.load(for: reading.identified, areFresh: true, in: tx)
        return reading
    }

    /// Applies what was read.
    func record(_ reading: Reading, _ books: inout Books, _ candidates: inout Candidates, _ tx: any Transaction) throws -> Report {
        var report = reading.report
        var desk = CashDesk(entity, on: on, areFresh: true)
        for (at, receipt) in reading.identified.enumerated() {
            try desk.settle(receipt, &candidates, &books, tx, &report.cash)
            if at % Self.share == Self.share - 1 { try books.send(Self.settled, in: tx) }
        }
        try desk.write(&books, in: tx)
        return report
    }
}

private struct ReceiptKey: Hashable {
    let method, externalID: String
    init(method: String, externalID: String) { (self.method, self.externalID) = (method, externalID) }
    init(_ intake: ReceiptIntake) { (method, externalID) = (intake.method, intake.externalID) }
}
