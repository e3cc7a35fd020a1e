/// What posted receipts and a person's answers teach about payers.
///
/// An account or a name becomes a customer's identity when the payer goes by the customer's own name, or when receipts by it have settled that
/// customer's items twice and nobody else's ever.
package struct MatchLearning: Sendable {
    private struct Seen: Sendable {
        var customer: ID<Customer>
        var times = 1
        var isShared = false
    }
    private var seen: [UInt64: Seen] = [:]
    package static let confirmations = 2

    package init() {}

    /// - Returns: The identities that are certain from now on.
    package mutating func learn(
        _ reading: ReceiptReading, _ customer: ID<Customer>, isOwnName: Bool
    ) -> [(evidence: PayerEvidence, value: String)] {
        var learned: [(evidence: PayerEvidence, value: String)] = []
        let name = reading.foldedName
        if let iban = reading.words.iban {
            let key = key(.iban, iban)
            if isConfirmed(key, customer) || isOwnName, !isShared(key) { learned.append((.iban, iban)) }
        }
        if name.utf8.count >= 4 {
            let key = key(.name, name)
            if isConfirmed(key, customer), !isShared(key) { learned.append((.name, name)) }
        }
        return learned
    }

    private func key(_ evidence: PayerEvidence, _ value: String) -> UInt64 {
        var hash = KeyHash(UInt8(evidence.strength))
        hash.add(value.utf8)
        return hash.key
    }

    private func isShared(_ key: UInt64) -> Bool { seen[key]?.isShared ?? false }

    private mutating func isConfirmed(_ key: UInt64, _ customer: ID<Customer>) -> Bool {
        guard var known = seen[key] else {
            seen[key] = Seen(customer: customer)
            return false
        }
        if known.customer == customer { known.times += 1 } else { known.isShared = true }
        seen[key] = known
        return known.times >= Self.confirmations && !known.isShared
    }
}
