import Domain
import Store

/// A limit that somebody would loosen who may not release what it holds.
package struct LimitNeedsApprover: Refusal, Equatable {
    package let number: String
    package let limit: Money
    package var category: RefusalCategory { .forbidden }
    package var code: String { "limit_needs_approver" }
    package var message: String {
        let roles = Role.allCases.filter { $0.rights.contains(.approve) }.map(\.rawValue).joined(separator: ", ")
        return
            "the credit limit of customer \(number) is \(limit.readable): only the roles \(roles) raise or clear it, or change its currency"
    }
}

/// Creates customers or brings them to what the file says; the number identifies them.
package struct SaveCustomers: Sendable {
    package struct Report: Equatable, Sendable {
        package var created = 0
        package var changed = 0
        /// Customers that stay as they stand.
        package var refused: [LimitNeedsApprover] = []
        package init() {}
    }

    private let entity: ID<Entity>
    /// What a caller may leave unsaid.
    package enum Term: Sendable, CaseIterable { case email, vatNumber, address, termsDays, creditLimit, billing, cashPolicy, cashDiscount }

    private let profiles: [CustomerProfile]
    private let unsaid: [String: Set<Term>]
    private let parentless: Set<String>
    private let role: Role?

    /// - Parameters:
    ///   - unsaid: By a customer's number what stays as it stands, where the customer is known.
    ///   - parentless: Numbers of those whose parent is taken away; a profile without a parent leaves it.
    ///   - role: Of who saves them; nil is the operator, who may do anything.
    package init(
        _ entity: ID<Entity>, _ profiles: [CustomerProfile], unsaid: [String: Set<Term>] = [:], parentless: Set<String> = [],
        by role: Role? = nil
    ) {
        (self.entity, self.profiles, self.unsaid, self.parentless, self.role) = (entity, profiles, unsaid, parentless, role)
    }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let known = try customerIDs(entity, numbers: profiles.map(\.number), in: tx)
        let standing = try customerProfiles(entity, known.keys.map(\.text), in: tx)
        // Decide.
        let refused = refused(standing), numbers = Set(refused.map(\.number))
        let rest = profiles.filter { !numbers.contains($0.number) }
        let taken = numbers.isEmpty ? self : SaveCustomers(entity, rest, unsaid: unsaid, parentless: parentless)
        // Write.
        var report = try taken.write(known, standing, in: &books, tx)
        report.refused = refused
        try books.close(in: tx)
        return report
    }

    /// - Returns: Why some of them would stay as they stand, before the others are saved.
    package func refusals(in tx: any Transaction) throws -> [LimitNeedsApprover] {
        try Books.lock(entity, in: tx)
        return refused(try customerProfiles(entity, profiles.map(\.number), in: tx))
    }

    private func refused(_ standing: [ExactText: CustomerProfile]) -> [LimitNeedsApprover] {
        guard let role, !role.rights.contains(.approve) else { return [] }
        return profiles.compactMap { profile in
            guard let before = standing[profile.number], let limit = before.creditLimit, completed(profile, before).loosensLimit(of: before)
            else { return nil }
            return LimitNeedsApprover(number: profile.number, limit: limit)
        }
    }

    private func write(
        _ known: [ExactText: ID<Customer>], _ standing: [ExactText: CustomerProfile], in books: inout Books, _ tx: any Transaction
    ) throws -> Report {
        let revoked = try revokedIdentities(of: Array(known.values), in: tx)
        let before = try StandingCustomers(entity, known.values, in: tx)
        var report = Report()
        var fresh: [CustomerProfile] = [], told: [(id: ID<Customer>, before: CustomerProfile, after: CustomerProfile)] = []
        for profile in profiles {
            if let id = known[profile.number], let before = standing[profile.number] {
                let after = completed(profile, before)
                try update(id, after, revoked, in: tx)
                told.append((id, before, after))
                report.changed += 1
            } else {
                fresh.append(profile)
            }
        }
        try books.rename(told, tx)
        report.created = try createCustomers(fresh, in: &books, tx).count
        try agreeDiscounts(known, in: &books, tx)
        let joined = try joinParents(in: tx), changed = profiles.compactMap { known[$0.number]?.value }
        try books.cover(.customer, in: Array(Set(joined + changed)).sorted(), tx)
        try books.cover(.customerIdentity, "customer_id", in: Array(Set(changed)).sorted(), tx)
        try books.keep(before, in: tx)
        return report
    }

    /// Terms that are given no more stay as a row of zeros: what was agreed once is sealed either way.
    private func agreeDiscounts(_ known: [ExactText: ID<Customer>], in books: inout Books, _ tx: any Transaction) throws {
        guard !known.isEmpty else { return }
        let agreed = Set(
            try tx.rows(
                "SELECT customer_id FROM discount_terms WHERE entity_id = \(entity) AND customer_id IN \(ids: known.values.map(\.value))"
            ) { $0.id(0) as ID<Customer> })
        let terms = profiles.compactMap { profile -> (customer: ID<Customer>, terms: DiscountTerms?)? in
            guard let id = known[profile.number], !unsaid[profile.number, default: []].contains(.cashDiscount),
                profile.discountTerms != nil || agreed.contains(id)
            else { return nil }
            return (id, profile.discountTerms)
        }
        try agree(terms, in: &books, tx)
    }

    /// A parent may be named before or after its children, in this call or an earlier one.
    ///
    /// - Returns: The children.
    private func joinParents(in tx: any Transaction) throws -> [Int64] {
        let children = profiles.filter { $0.parentNumber != nil && $0.parentNumber != $0.number }
        let freed = profiles.map(\.number).filter(parentless.contains)
        guard !children.isEmpty || !freed.isEmpty else { return [] }
        var joined: [Int64] = []
        let ids = try customerIDs(entity, numbers: children.flatMap { [$0.number, $0.parentNumber ?? ""] } + freed, in: tx)
        for id in freed.compactMap({ ids[$0] }) {
            try tx.run("UPDATE customer SET parent_id = NULL WHERE entity_id = \(entity) AND id = \(id)")
            joined.append(id.value)
        }
        for child in children {
            guard let id = ids[child.number], let number = child.parentNumber, let parent = ids[number] else { continue }
            try tx.run("UPDATE customer SET parent_id = \(parent) WHERE entity_id = \(entity) AND id = \(id)")
            joined.append(id.value)
        }
        return joined
    }

    private func completed(_ profile: CustomerProfile, _ standing: CustomerProfile) -> CustomerProfile {
        let unsaid = unsaid[profile.number, default: []]
        func said<Value>(_ term: Term, _ path: KeyPath<CustomerProfile, Value>) -> Value {
            (unsaid.contains(term) ? standing : profile)[keyPath: path]
        }
        return CustomerProfile(
            number: profile.number, name: profile.name, email: said(.email, \.email), country: profile.country,
            vatNumber: said(.vatNumber, \.vatNumber), termsDays: said(.termsDays, \.termsDays),
            creditLimitMinor: said(.creditLimit, \.creditLimitMinor), currency: profile.currency, billing: said(.billing, \.billing),
            cashPolicy: said(.cashPolicy, \.cashPolicy), ibans: profile.ibans, mandates: profile.mandates,
            parentNumber: profile.parentNumber, address: said(.address, \.address))
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

func customerIDs(_ entity: ID<Entity>, numbers: some Sequence<String>, in tx: any Transaction) throws -> [ExactText: ID<Customer>] {
    var ids: [ExactText: ID<Customer>] = [:]
    try tx.forEach("SELECT number, id FROM customer WHERE entity_id = \(entity) AND number IN \(texts: numbers.distinct)") {
        ids[$0.text(0)] = $0.id(1)
    }
    return ids
}

/// Inserts customers that are known to be new; a number that comes twice is one customer.
func createCustomers(_ profiles: [CustomerProfile], in books: inout Books, _ tx: any Transaction) throws -> [ExactText: ID<Customer>] {
    var ids: [ExactText: ID<Customer>] = [:]
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
    for profile in profiles where profile.address != nil { books.append(Party(profile), of: ids[profile.number]!) }
    try agree(profiles.filter { $0.discountTerms != nil }.map { (ids[$0.number]!, $0.discountTerms) }, in: &books, tx)
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

private func agree(
    _ terms: [(customer: ID<Customer>, terms: DiscountTerms?)], in books: inout Books, _ tx: any Transaction
) throws {
    guard !terms.isEmpty else { return }
    let entity = books.entity
    try tx.repeated(
        """
        INSERT INTO discount_terms (entity_id, customer_id, basis_points, days) VALUES ($1, $2, $3, $4)
        ON CONFLICT (entity_id, customer_id) DO UPDATE SET basis_points = excluded.basis_points, days = excluded.days
        """, 4,
        terms.flatMap {
            [
                .integer(entity.value), .integer($0.customer.value), .integer($0.terms?.basisPoints ?? 0),
                .integer(Int64($0.terms?.days ?? 0)),
            ] as [SQLValue]
        })
    try books.cover(.discountTerms, "customer_id", in: Set(terms.map(\.customer.value)).sorted(), tx)
}

private func identities(of profile: CustomerProfile, _ id: ID<Customer>) -> [PayerIdentity] {
    profile.ibans.map { PayerIdentity(evidence: .iban, value: $0, customer: id, source: "master") }
        + profile.mandates.map { PayerIdentity(evidence: .mandate, value: comparableMandate($0), customer: id, source: "master") }
        + nameSpellings(profile.name).map { PayerIdentity(evidence: .name, value: $0, customer: id, source: "master") }
}
