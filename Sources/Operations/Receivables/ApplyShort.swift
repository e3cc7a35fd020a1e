import Domain
import Store

/// A person's answer to a receipt that pays less than it names: the cash settles its lines, and what is missing of a document is the customer's
/// deduction until it is recovered or given up.
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
    private let on: Day
    package init(_ entity: ID<Entity>, _ application: ApplyByHand, _ deductions: [Deduction], reason: String, role: String, on day: Day) {
        (self.entity, self.application, self.deductions) = (entity, application, deductions)
        (self.reason, self.role, on) = (reason, role, day)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        try application.run(in: tx, at: now)
        for one in deductions {
            try OpenSlice(
                entity, document: one.document, .deduction, one.amount, code: one.code, customerCode: one.customerCode, reason: reason,
                role: role, on: on
            ).run(in: tx, at: now)
        }
    }
}
