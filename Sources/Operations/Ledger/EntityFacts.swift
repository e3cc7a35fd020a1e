import Domain
import Store

/// The legal entity as its settings stand, and through which day its books are closed.
package struct EntityFacts: Sendable {
    package let name: String
    package let country: String
    package let currency: Currency
    package let vatNumber: String?
    package let address: PostalAddress?
    package let registration: String?
    package let account: PaymentAccount?
    package let closedThrough: Day?

    /// - Parameter moment: By what was closed and told of the seller then; name, country and currency are as they are now.
    package static func read(_ moment: ReportMoment, in tx: any Transaction) throws -> EntityFacts {
        let closed = try PeriodList(moment).run(in: tx).first?.endsOn
        let horizon = try moment.horizon(in: tx)
        let seller = try ReadParty(moment.entity, nil, before: horizon == .max ? horizon : horizon + 1).recorded(in: tx)
        let found = try tx.first("SELECT name, country, currency FROM entity WHERE entity_id = \(moment.entity)") {
            EntityFacts(
                name: $0.text(0), country: $0.text(1), currency: $0.currency(2), vatNumber: seller?.vatNumber, address: seller?.address,
                registration: seller?.registration, account: seller?.account, closedThrough: closed)
        }
        guard let found else { throw LedgerRefusal.unknownEntity(moment.entity) }
        return found
    }
}
