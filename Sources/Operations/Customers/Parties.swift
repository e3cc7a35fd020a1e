import Domain
import Store

/// The seller or a customer as documents and letters name them.
///
/// What a party is called is appended with each change, so a document goes on naming its parties as they were when it was issued. One from
/// before the first record is named by that record, and where there is none by what stands now.
package struct ReadParty: Sendable {
    private let entity: ID<Entity>
    private let customer: ID<Customer>?
    private let before: Int64

    /// - Parameters:
    ///   - customer: nil is the seller.
    ///   - document: Its id; nil reads the party as it is now.
    package init(_ entity: ID<Entity>, _ customer: ID<Customer>? = nil, of document: ID<Invoice>? = nil) {
        self.init(entity, customer, before: document?.value ?? .max)
    }

    /// - Parameter before: An id; what was recorded with it or later is not told.
    init(_ entity: ID<Entity>, _ customer: ID<Customer>?, before: Int64) {
        (self.entity, self.customer, self.before) = (entity, customer, before)
    }

    package func run(in tx: any Transaction) throws -> Party {
        if let party = try recorded(in: tx) { return party }
        let standing: SQL =
            if let customer {
                "SELECT name, country, vat_number FROM customer WHERE entity_id = \(entity) AND id = \(customer)"
            } else {
                "SELECT name, country, vat_number FROM entity WHERE entity_id = \(entity)"
            }
        let party = try tx.first(standing) { Party(name: $0.text(0), country: $0.text(1), vatNumber: $0.optionalText(2)) }
        guard let party else { throw LedgerRefusal.unknownEntity(entity) }
        return party
    }

    /// nil where nothing but the name in the books was ever told.
    func recorded(in tx: any Transaction) throws -> Party? {
        let whose = customer == nil ? "customer_id IS NULL" : "customer_id = $3"
        let text = """
            SELECT name, country, vat_number, street, postal_code, city, registration, iban, bic FROM party
             WHERE entity_id = $1 AND \(whose)
             ORDER BY CASE WHEN id < $2 THEN 0 ELSE 1 END, CASE WHEN id < $2 THEN -id ELSE id END LIMIT 1
            """
        let values: [SQLValue] = [.integer(entity.value), .integer(before)] + (customer.map { [.integer($0.value)] } ?? [])
        return try tx.first(SQL(text: text, values: values)) { row in
            Party(
                name: row.text(0), country: row.text(1), vatNumber: row.optionalText(2), address: row.postalAddress(3),
                registration: row.optionalText(6),
                account: row.optionalText(7).map { PaymentAccount(iban: $0, bic: row.optionalText(8)) })
        }
    }
}

/// Records what documents and letters say of the seller.
package struct SaveSeller: Sendable {
    private let entity: ID<Entity>
    private let seller: Party

    /// - Parameter seller: Its name and country are the legal entity's, whatever it says of them.
    package init(_ entity: ID<Entity>, _ seller: Party) { (self.entity, self.seller) = (entity, seller) }

    /// Whether the books say something else.
    package func differs(in tx: any Transaction) throws -> Bool {
        let recorded = try ReadParty(entity).recorded(in: tx)
        return try standing(in: tx).map { $0 != recorded } ?? false
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        guard try differs(in: tx), let seller = try standing(in: tx) else { return }
        // Write.
        books.append(seller, of: nil)
        try books.close(in: tx)
    }

    private func standing(in tx: any Transaction) throws -> Party? {
        try tx.first("SELECT name, country FROM entity WHERE entity_id = \(entity)") { row in
            var standing = seller
            (standing.name, standing.country) = (row.text(0), row.text(1))
            return standing
        }
    }
}

extension Party {
    /// A customer as it stands.
    package init(_ profile: CustomerProfile) {
        self.init(name: profile.name, country: profile.country, vatNumber: profile.vatNumber, address: profile.address)
    }
}

extension Books {
    /// - Parameter customer: nil is the seller.
    mutating func append(_ party: Party, of customer: ID<Customer>?) {
        let id: ID<Party> = newID()
        append(.party) { batch in
            batch.append(id.value)
            batch.append(customer?.value)
            batch.append(party.name)
            batch.append(party.country)
            for part in [
                party.vatNumber, party.address?.street, party.address?.postalCode, party.address?.city, party.registration,
                party.account?.iban, party.account?.bic,
            ] { batch.append(part) }
        }
    }

    /// Records what documents call customers from now on, where that is something else.
    ///
    /// - Parameters:
    ///   - customers: How each stood and stands.
    mutating func rename(_ customers: [(id: ID<Customer>, before: CustomerProfile, after: CustomerProfile)], _ tx: any Transaction) throws {
        let renamed = customers.filter { Party($0.before) != Party($0.after) }
        guard !renamed.isEmpty else { return }
        let ids = renamed.map(\.id.value)
        let recorded = Set(
            try tx.rows("SELECT DISTINCT customer_id FROM party WHERE entity_id = \(entity) AND customer_id IN \(ids: ids)") {
                $0.id(0) as ID<Customer>
            })
        for (id, before, after) in renamed {
            // An address alone is told of earlier documents too: they were sent somewhere.
            var known = Party(after)
            known.address = before.address
            if !recorded.contains(id), known != Party(before) { append(Party(before), of: id) }
            append(Party(after), of: id)
        }
    }
}

extension Row {
    /// The address in a column and the next two; nil when none is known.
    func postalAddress(_ at: Int) -> PostalAddress? {
        PostalAddress(street: optionalText(at), postalCode: optionalText(at + 1), city: optionalText(at + 2))
    }
}
