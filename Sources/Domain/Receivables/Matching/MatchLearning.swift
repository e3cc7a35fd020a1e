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
    private var seen: [String: Seen] = [:]
    package static let confirmations = 2

    package init() {}

    /// - Returns: The identities that are certain from now on.
    package mutating func learn(
        _ reading: ReceiptReading, _ customer: ID<Customer>, isOwnName: Bool
    ) -> [(evidence: PayerEvidence, value: String)] {
        var learned: [(evidence: PayerEvidence, value: String)] = []
        let name = reading.foldedName
        if let iban = reading.words.iban, isConfirmed("i" + iban, customer) || isOwnName, !isShared("i" + iban) {
            learned.append((.iban, iban))
        }
        if name.utf8.count >= 4, isConfirmed("n" + name, customer), !isShared("n" + name) {
            learned.append((.name, name))
        }
        return learned
    }

    private func isShared(_ key: String) -> Bool { seen[key]?.isShared ?? false }

    private mutating func isConfirmed(_ key: String, _ customer: ID<Customer>) -> Bool {
        guard var known = seen[key] else {
            seen[key] = Seen(customer: customer)
            return false
        }
        if known.customer == customer { known.times += 1 } else { known.isShared = true }
        seen[key] = known
        return known.times >= Self.confirmations && !known.isShared
    }
}
