import Domain
import Store

/// A person's answer to a receipt that pays less than it names: the cash settles its lines, and what is missing of a document is the customer's
/// deduction until it is recovered or given up. Tax that the customer withheld goes to its account at once, where whoever answers may give up
/// that much alone.
package struct ApplyShort: Sendable {
    package struct Deduction: Sendable {
        package let document: String
        /// nil deducts all that is left of it.
        package let amount: Money?
        package let code: ReasonCode?
        /// The customer's own code, which finds ours or teaches it.
        package let customerCode: String?
        package init(_ document: String, _ amount: Money? = nil, code: ReasonCode? = nil, customerCode: String? = nil) {
            (self.document, self.amount, self.code, self.customerCode) = (document, amount, code, customerCode)
        }
    }

    private let entity: ID<Entity>
    private let application: ApplyByHand
    private let deductions: [Deduction]
    private let reason, role: String
    private let limits: WriteOffPolicy
    private let by: WriteOff.Decision
    private let on: Day

    /// - Parameter limits: What roles may give up alone; tax withheld above it stays a deduction until somebody who may gives it up.
    package init(
        _ entity: ID<Entity>, _ application: ApplyByHand, _ deductions: [Deduction], reason: String, _ limits: WriteOffPolicy,
        by decision: WriteOff.Decision, on day: Day
    ) {
        (self.entity, self.application, self.deductions) = (entity, application, deductions)
        (self.reason, self.limits, by, on) = (reason, limits, decision, day)
        role = "\(decision.role.rawValue) \(decision.name)"
    }

    /// - Returns: The documents of which withheld tax went to its account; of the others the deductions stand.
    @discardableResult package func run(in tx: any Transaction, at now: Instant) throws -> [String] {
        try application.run(in: tx, at: now)
        var withheld: [String] = []
        for one in deductions {
            let slice = try OpenSlice(
                entity, document: one.document, .deduction, one.amount, code: one.code, customerCode: one.customerCode, reason: reason,
                role: role, on: on
            ).run(in: tx, at: now)
            if try bookTax(slice, of: one.document, in: tx, at: now) { withheld.append(one.document) }
        }
        return withheld
    }

    private func bookTax(_ slice: ID<Slice>, of document: String, in tx: any Transaction, at now: Instant) throws -> Bool {
        let code = try tx.first("SELECT reason_code FROM slice WHERE entity_id = \(entity) AND id = \(slice)") { $0.optionalText(0) ?? "" }
        guard code == ReasonCode.withholdingTax.rawValue, by.role.rights.contains(.collect) else { return false }
        let operation = WriteOff(entity, document: document, slice: slice, code: .withholdingTax, reason: reason, limits, by: by, on: on)
        guard limits.allows(try operation.wanted(in: tx).counted, by: by.role, second: nil) else { return false }
        try operation.run(in: tx, at: now)
        return true
    }
}
