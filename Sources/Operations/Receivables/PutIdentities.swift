import Domain
import Store

/// Puts identities of a customer in place of those that were told: what is left out is taken away, and what was taken away before and is put
/// is given again.
package struct PutIdentities: Sendable {
    /// Of one kind.
    package struct Change: Sendable {
        let evidence: PayerEvidence
        let told, put: Set<String>
        /// - Parameters:
        ///   - told: What whoever puts could see: what is known beyond it stays.
        ///   - put: As the customer or the bank writes them.
        package init(_ evidence: PayerEvidence, told: [String], put: [String]) {
            self.evidence = evidence
            (self.told, self.put) = (Set(told.map(evidence.comparable)), Set(put.map(evidence.comparable)))
        }
    }

    private let entity: ID<Entity>
    private let number, role, reason: String
    private let changes: [Change]
    private let on: Day

    package init(_ entity: ID<Entity>, _ changes: [Change], of customer: String, role: String, reason: String, on day: Day) {
        (self.entity, self.changes, number, self.role, self.reason, on) = (entity, changes, customer, role, reason, day)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        _ = try Books(lock: entity, at: now, in: tx)
        // Read.
        let lines = try CustomerIdentities(entity, customer: number).run(in: tx)
        // Decide and write.
        for change in changes {
            for value in change.told.subtracting(change.put).sorted() {
                try RevokeIdentity(entity, change.evidence, value, of: number, role: role, reason: reason, on: on).run(in: tx, at: now)
            }
            for line in lines where line.evidence == change.evidence && line.revokedOn != nil && change.put.contains(line.value) {
                try GiveIdentity(entity, change.evidence, line.value, of: number).run(in: tx, at: now)
            }
        }
    }
}
