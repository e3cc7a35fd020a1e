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
        let report = try record(&books, &candidates, tx)
        try books.close(in: tx)
        return report
    }

    /// What `record` reads of any receipt.
    func questions(_ candidates: Candidates) -> [SQL] { [knownReceipts, candidates.question(naming: receipts)].compactMap(\.self) }

    private var knownReceipts: SQL {
        "SELECT external_id, method FROM receipt WHERE entity_id = \(entity) AND external_id IN \(texts: receipts.map(\.externalID))"
    }

    /// - Parameter candidates: May know documents already that this transaction issued.
    func record(_ books: inout Books, _ candidates: inout Candidates, _ tx: any Transaction) throws -> Report {
        // Read.
        var report = Report(), seen: Set<ReceiptKey> = []
        try tx.forEach(knownReceipts) { seen.insert(ReceiptKey(method: $0.text(1), externalID: $0.text(0))) }
        // Write.
        var recorded: [RecordedReceipt] = []
        for intake in receipts {
            let isNew = seen.insert(ReceiptKey(method: intake.method, externalID: intake.externalID)).inserted
            report.isKnown.append(!isNew)
            if isNew { recorded.append(try books.receive(intake)) }
        }
        report.recorded = recorded.count
        let identified = recorded.filter(\.isIdentified)
        try candidates.load(for: identified, areFresh: true, in: tx)
        var desk = CashDesk(entity, on: on, areFresh: true)
        for receipt in identified { try desk.settle(receipt, &candidates, &books, tx, &report.cash) }
        try desk.write(in: tx)
        return report
    }
}

private struct ReceiptKey: Hashable { let method, externalID: String }
