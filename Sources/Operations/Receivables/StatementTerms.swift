import Domain
import Store

/// What a statement of account says of paying: whom and where, and which cash discounts can still be taken.
package struct StatementTerms: Sendable {
    package let seller: Party
    package let offers: [(number: String, offer: DiscountOffer)]
    package static let offerLimit = 50

    /// - Parameter moment: An earlier one, or an earlier knowledge, tells no discounts: what was earned by then is settled or gone.
    package init(_ moment: ReportMoment, _ customer: ID<Customer>, in tx: any Transaction) throws {
        seller = try ReadParty(moment.entity).run(in: tx)
        offers = try moment.isCurrent(in: tx) ? Self.offers(moment, customer, in: tx) : []
    }

    /// The offers, then the account; empty when there is neither.
    package var text: String {
        let told = offers.map { "  \($0.number): \($0.offer.terms)" }
        let heading = told.isEmpty ? [] : ["Cash discount:\n" + told.joined(separator: "\n")]
        return (heading + (seller.account.map { [$0.request(to: seller.name)] } ?? [])).joined(separator: "\n\n")
    }

    /// Of what is open, less the discount that credit notes left.
    private static func offers(
        _ moment: ReportMoment, _ customer: ID<Customer>, in tx: any Transaction
    ) throws -> [(number: String, offer: DiscountOffer)] {
        try tx.rows(
            """
            SELECT i.number, i.currency, i.amount_minor, i.open_minor, d.discount_minor, d.until_on,
                   (SELECT CAST(COALESCE(SUM(a.amount_minor), 0) AS BIGINT) FROM allocation a
                      JOIN open_item c ON c.entity_id = a.entity_id AND c.id = a.credit_item_id AND c.kind = 'credit_note'
                     WHERE a.entity_id = i.entity_id AND a.debit_item_id = i.id),
                   r.basis_points
              FROM open_item i
              JOIN cash_discount d ON d.entity_id = i.entity_id AND d.item_id = i.id
              LEFT JOIN discount_rate r ON r.entity_id = i.entity_id AND r.item_id = i.id
             WHERE i.entity_id = \(moment.entity) AND i.customer_id = \(customer) AND i.open_minor <> 0 AND i.open_minor > 0
               AND d.until_on >= \(moment.asOf)
             ORDER BY d.until_on, i.id LIMIT \(Self.offerLimit)
            """
        ) { row -> (number: String, offer: DiscountOffer)? in
            let currency = row.currency(1), open = row.money(3, currency)
            guard let left = row.cashDiscount(4, of: row.money(2, currency)), left.minor < open.minor else { return nil }
            return (row.text(0), DiscountOffer(left, of: open, basisPoints: row.optionalInteger(7)))
        }.compactMap(\.self)
    }
}
