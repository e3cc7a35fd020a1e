import Domain
import Store

/// Accounts that several customers pay from, as a parent does for children: a payment from one needs a word of whom it is for.
package struct SharedAccounts: Sendable {
    package struct Line: Equatable, Sendable {
        package let account: String
        /// Numbers of the customers, at least two, at most `customerLimit` of them, in order.
        package let customers: [String]
        /// Customers beyond those.
        package let others: Int
    }

    package static let customerLimit = 10
    private let entity: ID<Entity>
    private let accounts: Set<String>

    /// - Parameter accounts: IBANs without blanks.
    package init(_ entity: ID<Entity>, _ accounts: some Sequence<String>) { (self.entity, self.accounts) = (entity, Set(accounts)) }

    /// - Returns: Of these accounts those of more than one customer, in order.
    package func run(in tx: any Transaction) throws -> [Line] {
        guard !accounts.isEmpty else { return [] }
        var customers: [String: [String]] = [:]
        try tx.forEach(
            """
            SELECT k.value, c.number FROM customer_identity k JOIN customer c ON c.entity_id = k.entity_id AND c.id = k.customer_id
             WHERE k.entity_id = \(entity) AND k.kind = 'iban' AND k.value IN \(texts: accounts) ORDER BY k.value, c.number
            """
        ) { customers[$0.text(0), default: []].append($0.text(1)) }
        return customers.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map { account, numbers in
            Line(
                account: account, customers: Array(numbers.prefix(Self.customerLimit)),
                others: max(0, numbers.count - Self.customerLimit))
        }
    }
}

extension SharedAccounts.Line {
    package var message: String {
        let more = others > 0 ? " and \(others) more" : ""
        return
            """
            account \(account) is of customers \(customers.joined(separator: ", "))\(more): a payment from it needs a word of whom it is for
            """
    }
}
