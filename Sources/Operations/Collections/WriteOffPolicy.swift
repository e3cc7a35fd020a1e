import Domain

/// Who may give up how much, and whether the tax on it is asked back.
package struct WriteOffPolicy: Equatable, Sendable {
    /// What a person of a role gives up alone, in minor units of the document's currency; nothing where a role is missing.
    package var aloneMinor: [Role: Int64] = [.collector: 5_000, .approver: 100_000, .controller: 1_000_000, .administrator: 1_000_000]
    /// Days past due after which the output VAT of a bad debt is taken back; nil never takes it back. The tax of a concession always falls.
    package var vatReliefDays: Int?
    package init() {}

    package func isAlone(_ amount: Money, by role: Role) -> Bool { amount.minor <= aloneMinor[role, default: 0] }
    package func isAlone(_ counted: WriteOff.Counted, by role: Role) -> Bool { isAlone(counted.largest, by: role) }

    /// Above their own limit people need a second person whose limit it is within; above every limit a controller or an administrator. What
    /// one gave up alone counts against one's own limit, what is given up of the document against the limit of both.
    package func allows(_ counted: WriteOff.Counted, by role: Role, second: Role?) -> Bool {
        if isAlone(counted, by: role) { return true }
        guard let second, second.rights.contains(.approve) else { return false }
        return isAlone(counted.document, by: second) || second == .controller || second == .administrator
    }
}
