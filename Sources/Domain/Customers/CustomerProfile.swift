/// What is agreed with a customer: the master data that billing, cash application and collections decide by.
package struct CustomerProfile: Equatable, Sendable {
    package enum Billing: String, Sendable, CaseIterable { case order, weekly, monthly }
    package enum CashPolicy: String, Sendable, CaseIterable { case reference, oldestFirst = "oldest_first" }

    /// The characters of a name, which is one line.
    package static let nameLimit = 200

    /// The seller's number for the customer, unique within the legal entity.
    package var number: String
    package var name: String
    package var email: String?
    /// ISO 3166-1 alpha-2.
    package var country: String
    package var vatNumber: String?
    package var address: PostalAddress?
    /// Days from the issue of an invoice to its due day, 0…3650.
    package var termsDays: Int
    package var discountTerms: DiscountTerms?
    /// In minor units of `currency`; nil is no limit.
    package var creditLimitMinor: Int64?
    package var currency: Currency
    package var billing: Billing
    package var cashPolicy: CashPolicy
    /// Accounts that the customer pays from, without blanks.
    package var ibans: [String]
    /// Ids of the direct debit mandates that the customer signed for us.
    package var mandates: [String]
    /// The number of the customer that may pay for this one.
    package var parentNumber: String?
    package init(
        number: String, name: String, email: String? = nil, country: String, vatNumber: String? = nil, termsDays: Int = 30,
        creditLimitMinor: Int64? = nil, currency: Currency, billing: Billing = .order, cashPolicy: CashPolicy = .reference,
        ibans: [String] = [], mandates: [String] = [], parentNumber: String? = nil, discountTerms: DiscountTerms? = nil,
        address: PostalAddress? = nil
    ) {
        (self.number, self.name, self.email, self.country, self.vatNumber) = (number, name, email, country, vatNumber)
        (self.termsDays, self.creditLimitMinor, self.currency) = (termsDays, creditLimitMinor, currency)
        (self.billing, self.cashPolicy, self.ibans) = (billing, cashPolicy, ibans)
        (self.mandates, self.parentNumber, self.discountTerms, self.address) = (mandates, parentNumber, discountTerms, address)
    }

    package var creditLimit: Money? { creditLimitMinor.map { Money(minor: $0, currency) } }

    /// Whether the limit that stood is raised, cleared, or put into another currency, where nothing tells whether it is more.
    package func loosensLimit(of standing: CustomerProfile) -> Bool {
        guard let before = standing.creditLimit else { return false }
        guard let limit = creditLimit else { return true }
        return limit.currency != before.currency || limit > before
    }

    /// The account of everybody in one country who ordered without saying who they are.
    package static func oneTime(country: String, currency: Currency) -> CustomerProfile {
        CustomerProfile(
            number: "ONE-TIME-\(country)", name: "One-time customers \(country)", country: country, termsDays: 0, currency: currency)
    }
    package var isOneTime: Bool { number.hasPrefix("ONE-TIME-") }
}
