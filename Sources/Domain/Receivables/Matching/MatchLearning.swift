/// What posted receipts and a person's answers teach about payers.
///
/// An account or a name becomes a customer's identity when the payer goes by the customer's own name, or when receipts by it have settled
/// that customer's items twice and nobody else's ever.
package struct MatchLearning: Sendable {
    private struct Seen: Sendable {
        var customer: ID<Customer>
        var times = 1
        var isShared = false
        var isLearned = false
    }
    private var seen: [UInt64: Seen] = [:]
    package static let confirmations = 2

    package init() {}

    /// - Parameters:
    ///   - isCutName: Other customers' names begin with the payer's: a bank has cut it.
    ///   - isFamilys: The payer is known as a parent or child of the customer: it pays for it, and is not it.
    /// - Returns: The identities that are certain from now on.
    package mutating func learn(
        _ reading: ReceiptReading, _ customer: ID<Customer>, isOwnName: Bool, isCutName: @autoclosure () -> Bool = false,
        isFamilys: Bool = false
    ) -> [(evidence: PayerEvidence, value: String)] {
        var learned: [(evidence: PayerEvidence, value: String)] = []
        let name = reading.foldedName
        if isFamilys || reading.name?.isCollector ?? false { return [] }
        if let mandate = reading.words.mandateID, sees(.mandate, mandate, customer, isEnough: isOwnName) {
            learned.append((.mandate, mandate))
        }
        if let iban = reading.words.iban, sees(.iban, iban, customer, isEnough: isOwnName) { learned.append((.iban, iban)) }
        if name.utf8.count >= 4, sees(.name, name, customer, isEnough: false), !isCutName() { learned.append((.name, name)) }
        return learned
    }

    /// Counts a sighting.
    ///
    /// - Returns: Whether the identity is the customer's. One that was learned of another stands for both from now on: it tells neither.
    private mutating func sees(_ evidence: PayerEvidence, _ value: String, _ customer: ID<Customer>, isEnough: Bool) -> Bool {
        var hash = KeyHash(UInt8(evidence.strength))
        hash.add(value.utf8)
        guard var known = seen[hash.key] else {
            seen[hash.key] = Seen(customer: customer, isLearned: isEnough)
            return isEnough
        }
        if known.customer == customer { known.times += 1 } else { known.isShared = true }
        if !known.isShared, isEnough || known.times >= Self.confirmations { known.isLearned = true }
        seen[hash.key] = known
        return known.isLearned
    }
}
