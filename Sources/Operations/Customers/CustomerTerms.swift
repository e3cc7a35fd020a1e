import Domain
import Store

/// What orders and bills need to know of a customer.
struct CustomerTerms {
    let id: ID<Customer>
    let number: String
    let termsDays: Int
    let creditLimit: Money?
    let vatNumber: String?
    let discount: DiscountTerms?

    init(id: ID<Customer>, _ profile: CustomerProfile) {
        (self.id, number, termsDays, vatNumber) = (id, profile.number, profile.termsDays, profile.vatNumber)
        discount = profile.discountTerms
        creditLimit = profile.creditLimitMinor.map { Money(minor: $0, profile.currency) }
    }

    fileprivate init(_ row: Row) {
        id = row.id(0)
        number = row.text(1)
        termsDays = Int(row.integer(2))
        let currency = row.currency(4)
        creditLimit = row.optionalInteger(3).map { Money(minor: $0, currency) }
        vatNumber = row.optionalText(5)
        discount = row.discountTerms(6)
    }
}

/// What is agreed with these customers, by number; without what they pay by.
package func customerProfiles(_ entity: ID<Entity>, _ numbers: [String], in tx: any Transaction) throws -> [ExactText: CustomerProfile] {
    guard !numbers.isEmpty else { return [:] }
    let profiles = try tx.rows(
        """
        SELECT c.number, c.name, c.email, c.country, c.vat_number, c.terms_days, c.credit_limit_minor, c.currency, c.billing, c.cash_policy,
               d.basis_points, d.days, p.street, p.postal_code, p.city, q.number
          FROM customer c
          LEFT JOIN customer q ON q.entity_id = c.entity_id AND q.id = c.parent_id
          LEFT JOIN discount_terms d ON d.entity_id = c.entity_id AND d.customer_id = c.id
          LEFT JOIN party p ON p.entity_id = c.entity_id
                AND p.id = (SELECT MAX(x.id) FROM party x WHERE x.entity_id = c.entity_id AND x.customer_id = c.id)
         WHERE c.entity_id = \(entity) AND c.number IN \(texts: numbers.distinct)
        """
    ) { row -> CustomerProfile in
        var profile = CustomerProfile(row, from: 0)
        profile.parentNumber = row.optionalText(15)
        return profile
    }
    return Dictionary(profiles.map { (ExactText($0.number), $0) }, uniquingKeysWith: { first, _ in first })
}

/// The numbers of customers, by id.
func customerNumbers(
    _ entity: ID<Entity>, _ customers: some Sequence<ID<Customer>>, in tx: any Transaction
) throws -> [ID<Customer>: String] {
    let ids = Set(customers.map(\.value)).sorted()
    guard !ids.isEmpty else { return [:] }
    var numbers: [ID<Customer>: String] = [:]
    try tx.forEach("SELECT id, number FROM customer WHERE entity_id = \(entity) AND id IN \(ids: ids)") { numbers[$0.id(0)] = $0.text(1) }
    return numbers
}

func customerTerms(_ entity: ID<Entity>, numbers: some Sequence<String>) -> SQL {
    """
    SELECT c.id, c.number, c.terms_days, c.credit_limit_minor, c.currency, c.vat_number, d.basis_points, d.days
      FROM customer c LEFT JOIN discount_terms d ON d.entity_id = c.entity_id AND d.customer_id = c.id
     WHERE c.entity_id = \(entity) AND c.number IN \(texts: numbers)
    """
}

func customerTerms(_ entity: ID<Entity>, numbers: some Sequence<String>, in tx: any Transaction) throws -> [ExactText: CustomerTerms] {
    var terms: [ExactText: CustomerTerms] = [:]
    try tx.forEach(customerTerms(entity, numbers: numbers)) { row in
        let one = CustomerTerms(row)
        terms[one.number] = one
    }
    return terms
}

extension Row {
    /// What may be kept of a document, from its discount in a column and, in the next three, the last day, what credit notes settle of it,
    /// and the rate; nil when there is none.
    func cashDiscount(_ at: Int, of amount: Money) -> CashDiscount? {
        guard let minor = optionalInteger(at), let until = optionalDay(at + 1) else { return nil }
        return CashDiscount(minor: minor, until: until)
            .left(afterCredits: integer(at + 2), of: amount.minor, basisPoints: optionalInteger(at + 3))
    }

    /// The terms in a column and the next; nil when there are none, or they were taken back.
    func discountTerms(_ at: Int) -> DiscountTerms? {
        optionalInteger(at).flatMap { DiscountTerms(basisPoints: $0, days: integer(at + 1)) }
    }
}

extension CustomerProfile {
    /// From number, name, e-mail, country, VAT number, days, limit, currency, billing, cash policy, the two columns of a discount and
    /// the three of an address.
    init(_ row: Row, from at: Int) {
        self.init(
            number: row.text(at), name: row.text(at + 1), email: row.optionalText(at + 2), country: row.text(at + 3),
            vatNumber: row.optionalText(at + 4), termsDays: Int(row.integer(at + 5)), creditLimitMinor: row.optionalInteger(at + 6),
            currency: row.currency(at + 7), billing: row.word(at + 8), cashPolicy: row.word(at + 9),
            discountTerms: row.discountTerms(at + 10), address: row.postalAddress(at + 12))
    }
}
