import Domain
import Operations
import Store
import Synchronization

/// The row of the audit log that an act leaves: in the act's own transaction where it is one, so that none happens without its row.
final class ActNote: Sendable {
    private struct State {
        var isWritten = false
        var told: [String] = []
    }
    private let actor: Actor
    private let act, detail, outcome: String
    private let once: FormOnce?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - detail: What was sent, without what is secret.
    ///   - once: Taken with the row, so that what was done before is not done again.
    init(_ actor: Actor, _ act: String, detail: String, outcome: String = "done", once: FormOnce? = nil) {
        (self.actor, self.act, self.detail, self.outcome, self.once) = (actor, act, detail, outcome, once)
    }

    var isWritten: Bool { state.withLock { $0.isWritten } }
    func markWritten() { state.withLock { $0.isWritten = true } }

    /// Adds to what was sent: what stood there before, what was decided.
    func tell(_ fields: String) { state.withLock { $0.told.append(fields) } }

    /// - Parameter fields: As `tell`, known in the transaction alone.
    func write(_ entity: ID<Entity>, adding fields: [String] = [], in tx: any Transaction, at now: Instant) throws {
        try once?.take(in: tx, at: now)
        let told = state.withLock { $0.told } + fields
        let parts = [String(detail.prefix(2_000))] + told.map { String($0.prefix(1_000)) }
        try Audit(entity, actor, act, detail: parts.filter { !$0.isEmpty }.joined(separator: " "), outcome: outcome).run(in: tx, at: now)
    }
}
