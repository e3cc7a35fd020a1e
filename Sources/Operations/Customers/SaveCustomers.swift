import Domain
import Store

/// Creates customers or brings them to what the file says; the number identifies them.
package struct SaveCustomers: Sendable {
    package struct Report: Equatable, Sendable {
        package var created = 0
        package var changed = 0
        package init() {}
    }

    private let entity: ID<Entity>
    private let profiles: [CustomerProfile]
    package init(_ entity: ID<Entity>, _ profiles: [CustomerProfile]) { (self.entity, self.profiles) = (entity, profiles) }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let known = try customerIDs(entity, numbers: profiles.map(\.number), in: tx)
        // Write.
        let revoked = try revokedIdentities(of: Array(known.values), in: tx)
        var report = Report()
        var fresh: [CustomerProfile] = []
        for profile in profiles {
            if let id = known[profile.number] {
                try update(id, profile, revoked, in: tx)
                report.changed += 1
            } else {
                fresh.append(profile)
            }
        }
        report.created = try createCustomers(fresh, in: &books, tx).count
        let joined = try joinParents(in: tx), changed = profiles.compactMap { known[$0.number]?.value }
        try books.cover(.customer, in: Array(Set(joined + changed)).sorted(), tx)
        try books.cover(.customerIdentity, "customer_id", in: Array(Set(changed)).sorted(), tx)
        try books.close(in: tx)
        return report
    }

    /// A parent may be named before or after its children, in this call or an earlier one.
    ///
    /// - Returns: The children.
    private func joinParents(in tx: any Transaction) throws -> [Int64] {
        let children = profiles.filter { $0.parentNumber != nil && $0.parentNumber != $0.number }
        guard !children.isEmpty else { return [] }
        var joined: [Int64] = []
        let ids = try customerIDs(entity, numbers: children.flatMap { [$0.number, $0.parentNumber ?? ""] }, in: tx)
        for child in children {
            guard let id = ids[child.number], let number = child.parentNumber, let parent = ids[number] else { continue }
            try tx.run("UPDATE customer SET parent_id = \(parent) WHERE entity_id = \(entity) AND id = \(id)")
            joined.append(id.value)
        }
        return joined
    }

    /// What a person took away stays away, whatever a file goes on saying.
    private func revokedIdentities(of customers: [ID<Customer>], in tx: any Transaction) throws -> Set<PayerIdentity.Key> {
        guard !customers.isEmpty else { return [] }
        return Set(
            try tx.rows(
                """
                SELECT kind, value, customer_id FROM identity_revocation
                 WHERE entity_id = \(entity) AND customer_id IN \(ids: customers.map(\.value))
                """
            ) { PayerIdentity.Key(kind: $0.text(0), value: $0.text(1), customer: $0.id(2)) })
    }

    private func update(_ id: ID<Customer>, _ profile: CustomerProfile, _ revoked: Set<PayerIdentity.Key>, in tx: any Transaction) throws {
        try tx.run(
            """
            UPDATE customer SET name = \(profile.name), email = \(profile.email), country = \(profile.country),
                   vat_number = \(profile.vatNumber), terms_days = \(profile.termsDays), credit_limit_minor = \(profile.creditLimitMinor),
                   currency = \(profile.currency), billing = \(profile.billing.rawValue), cash_policy = \(profile.cashPolicy.rawValue)
             WHERE entity_id = \(entity) AND id = \(id)
            """)
        try learn(identities(of: profile, id).filter { !revoked.contains($0.key) }, entity, in: tx)
    }
}

/// A customer's identity as cash application looks it up.
struct PayerIdentity {
    let evidence: PayerEvidence
    let value: String
    let customer: ID<Customer>
    /// Where it comes from: `master`, `person`, or the receipt that taught it.
    let source: String

    struct Key: Hashable {
        let kind, value: String
        let customer: ID<Customer>
    }
    var key: Key { Key(kind: evidence.rawValue, value: value, customer: customer) }
}

func customerIDs(_ entity: ID<Entity>, numbers: some Sequence<String>, in tx: any Transaction) throws -> [String: ID<Customer>] {
    var ids: [String: ID<Customer>] = [:]
    try tx.forEach("SELECT number, id FROM customer WHERE entity_id = \(entity) AND number IN \(texts: Set(numbers))") {
        ids[$0.text(0)] = $0.id(1)
    }
    return ids
}

/// Inserts customers that are known to be new; a number that comes twice is one customer.
func createCustomers(_ profiles: [CustomerProfile], in books: inout Books, _ tx: any Transaction) throws -> [String: ID<Customer>] {
    var ids: [String: ID<Customer>] = [:]
    var rows = RowBatch(MasterRecord.customer.table), identities: [PayerIdentity] = []
    for profile in profiles where ids[profile.number] == nil {
        let id: ID<Customer> = books.newID()
        ids[profile.number] = id
        rows.append(books.entity.value)
        rows.append(id.value)
        for text in [profile.number, profile.name] { rows.append(text) }
        rows.append(profile.email)
        rows.append(profile.country)
        rows.append(profile.vatNumber)
        rows.appendNull()
        rows.append(Int64(profile.termsDays))
        rows.append(profile.creditLimitMinor)
        for text in [profile.currency.code, profile.billing.rawValue, profile.cashPolicy.rawValue] { rows.append(text) }
        if !profile.isOneTime { identities += Operations.identities(of: profile, id) }
    }
    try tx.insert(rows)
    try learn(identities, books.entity, in: tx)
    books.cover(.customer, rows)
    books.cover(.customerIdentity, identities)
    return ids
}

extension Books {
    fileprivate mutating func cover(_ record: MasterRecord, _ identities: [PayerIdentity]) {
        var rows = RowBatch(record.table)
        for identity in identities {
            rows.append(entity.value)
            rows.append(identity.evidence.rawValue)
            rows.append(identity.value)
            rows.append(identity.customer.value)
            rows.append(identity.source)
        }
        cover(record, rows)
    }
}

func learn(_ identities: [PayerIdentity], _ entity: ID<Entity>, in tx: any Transaction) throws {
    try tx.repeated(
        """
        INSERT INTO customer_identity (entity_id, kind, value, customer_id, source) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (entity_id, kind, value, customer_id) DO NOTHING
        """, 5,
        identities.flatMap {
            [.integer(entity.value), .text($0.evidence.rawValue), .text($0.value), .integer($0.customer.value), .text($0.source)]
                as [SQLValue]
        })
}

private func identities(of profile: CustomerProfile, _ id: ID<Customer>) -> [PayerIdentity] {
    profile.ibans.map { PayerIdentity(evidence: .iban, value: $0, customer: id, source: "master") }
        + profile.mandates.map { PayerIdentity(evidence: .mandate, value: comparableMandate($0), customer: id, source: "master") }
        + nameSpellings(profile.name).map { PayerIdentity(evidence: .name, value: $0, customer: id, source: "master") }
}
