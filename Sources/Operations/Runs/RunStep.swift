import Domain
import Store

/// Names a run: one that was started by hand by the id it drew, the scheduler's of a business day by that day.
package enum RunID {
    /// Above every id that the books draw, of the 16 digits that the place of a list has.
    static let base: Int64 = 9_000_000_000_000_000

    package static func scheduled(_ day: Day) -> Int64 {
        let (year, month, dayOfMonth) = day.parts
        return base + Int64(year * 10_000 + month * 100 + dayOfMonth)
    }
}

/// A step of a run, written down as it begins and as it ends. A run that is taken up again writes its steps anew behind the earlier ones.
package struct RunStep: Sendable {
    package enum Name: String, CaseIterable, Sendable { case billing, cash, dunning, figures, proof }

    private let entity: ID<Entity>
    private let run: Int64
    private let line: Int64

    package static func begin(
        _ entity: ID<Entity>, _ run: Int64, _ name: Name, in tx: any Transaction, at now: Instant
    ) throws -> RunStep {
        // A step that never ended went down with its server.
        try tx.run(
            """
            UPDATE run_step SET state = 'failed', ended_at = \(now), report = \(HandRun.stopped)
             WHERE entity_id = \(entity) AND run_id = \(run) AND state = 'running'
            """)
        let line =
            try tx.first("SELECT COALESCE(MAX(line), 0) + 1 FROM run_step WHERE entity_id = \(entity) AND run_id = \(run)") {
                $0.integer(0)
            } ?? 1
        try tx.run(
            """
            INSERT INTO run_step (entity_id, run_id, line, step, started_at, state)
            VALUES (\(entity), \(run), \(line), \(name.rawValue), \(now), 'running')
            """)
        return RunStep(entity: entity, run: run, line: line)
    }

    /// A run that was silent for long, and taken for stopped, tells how it ended all the same.
    package func end(_ end: HandRun.End, _ report: String, in tx: any Transaction, at now: Instant) throws {
        try tx.run(
            """
            UPDATE run_step SET state = \(end.rawValue), ended_at = \(now), report = \(report)
             WHERE entity_id = \(entity) AND run_id = \(run) AND line = \(line)
            """)
    }
}

/// Why a run failed, as anybody may read it: what a database says holds statements and addresses.
func faultTold(_ error: any Error) -> String {
    if let refusal = error as? any Refusal { return refusal.message }
    guard let fault = error as? DatabaseFault else { return "\(error)" }
    return fault.advice ?? "the database failed with \(fault.code): the server's log says more"
}

extension BillOrders.Report {
    var said: String { "\(counted(invoices, "invoice")) and \(counted(creditNotes, "credit note")) issued" }
}

extension ApplyReceipts.Report {
    var said: String { "\(counted(applied, "receipt")) applied, \(grouped(queued)) wait" }
}

extension RunDunning.Report {
    var said: String {
        (blocked.map { "nobody was written to: \($0)" } ?? "\(counted(notices, "notice")) sent") + (unreachedText.map { "; \($0)" } ?? "")
    }
}

extension CheckBooks.Report {
    var said: String {
        faults.first.map { "the proof found \(counted(faults.count, "fault")): \($0)" }
            ?? "the books are proven, \(counted(sealCount, "seal"))"
    }
}
