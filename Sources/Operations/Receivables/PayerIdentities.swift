import Domain
import Store

/// Who a customer is taken for: accounts, mandates and names as facts, each with where it comes from, and those that a person took away.
package struct CustomerIdentities: Sendable {
    package struct Line: Equatable, Sendable {
        package let evidence: PayerEvidence
        /// As it is compared: an account without blanks, a mandate in capitals, a name folded.
        package let value: String
        /// `master`, `person`, or `receipt`, which taught it.
        package let source: String
        /// The receipt that taught it, as its channel names it.
        package let receipt: String?
        /// Other customers that it stands for as well, by number: it tells none of them alone.
        package let others: [String]
        package let revokedOn: Day?
    }

    private let entity: ID<Entity>
    private let number: String
    private let moment: ReportMoment?

    /// - Parameter moment: What was known then; nil tells of now.
    package init(_ entity: ID<Entity>, customer number: String, at moment: ReportMoment? = nil) {
        (self.entity, self.number, self.moment) = (entity, number, moment)
    }

    /// - Returns: By kind and value, those that were taken away last; at most `limit`.
    package func run(in tx: any Transaction) throws -> [Line] {
        guard let customer = try customerIDs(entity, numbers: [number], in: tx)[number] else {
            throw ReceiptRefusal.unknownCustomer(number)
        }
        if let moment { return try lines(of: customer, at: moment, in: tx) }
        let lines: [(PayerEvidence, String, String, Day?)] = try tx.rows(
            """
            SELECT kind, value, source, '' FROM customer_identity WHERE entity_id = \(entity) AND customer_id = \(customer)
            UNION ALL
            SELECT r.kind, r.value, 'person', r.revoked_on FROM identity_revocation r
             WHERE r.entity_id = \(entity) AND r.customer_id = \(customer)
               AND NOT EXISTS (SELECT 1 FROM customer_identity k WHERE k.entity_id = r.entity_id AND k.kind = r.kind AND k.value = r.value
                                  AND k.customer_id = r.customer_id)
             ORDER BY 4, 1, 2 LIMIT \(Self.limit)
            """
        ) { row in
            let evidence: PayerEvidence = row.word(0)
            return (evidence, row.text(1), row.text(2), Day(row.text(3)))
        }
        return try named(lines, others(of: customer, Set(lines.map(\.1)), in: tx), in: tx)
    }

    private func lines(of customer: ID<Customer>, at moment: ReportMoment, in tx: any Transaction) throws -> [Line] {
        let lines = try IdentityHistory(moment, of: customer, in: tx).lines.prefix(Self.limit).compactMap { line in
            PayerEvidence(rawValue: line.key.kind).map { ($0, line.key.value, line.source, line.revokedOn) }
        }
        let sharing = try IdentityHistory(moment, sharing: Set(lines.map(\.1)), in: tx).lines.filter {
            $0.revokedOn == nil && $0.key.customer != customer
        }
        let numbers = try customerNumbers(entity, sharing.map(\.key.customer), in: tx)
        var others: [String: [String]] = [:]
        for line in sharing {
            guard let number = numbers[line.key.customer] else { continue }
            others["\(line.key.kind) \(line.key.value)", default: []].append(number)
        }
        return try named(lines, others.mapValues { Array($0.sorted().prefix(Self.limit)) }, in: tx)
    }

    private func named(
        _ lines: [(PayerEvidence, String, String, Day?)], _ others: [String: [String]], in tx: any Transaction
    ) throws -> [Line] {
        let receipts = try receiptNumbers(lines.compactMap { Self.receipt(in: $0.2) }, in: tx)
        return lines.map { evidence, value, source, revokedOn in
            let receipt = Self.receipt(in: source)
            return Line(
                evidence: evidence, value: value, source: receipt == nil ? source : "receipt", receipt: receipt.flatMap { receipts[$0] },
                others: revokedOn == nil ? others["\(evidence.rawValue) \(value)", default: []] : [], revokedOn: revokedOn)
        }.sorted {
            ($0.revokedOn == nil ? 0 : 1, $0.evidence.rawValue, $0.value) < ($1.revokedOn == nil ? 0 : 1, $1.evidence.rawValue, $1.value)
        }
    }

    package static let limit = 200

    /// `receipt 17` names the receipt that taught an identity.
    static func receipt(in source: String) -> Int64? {
        source.hasPrefix("receipt ") ? Int64(source.dropFirst("receipt ".count)) : nil
    }

    private func receiptNumbers(_ ids: [Int64], in tx: any Transaction) throws -> [Int64: String] {
        var numbers: [Int64: String] = [:]
        try tx.forEach("SELECT id, external_id FROM receipt WHERE entity_id = \(entity) AND id IN \(ids: ids)") {
            numbers[$0.integer(0)] = $0.text(1)
        }
        return numbers
    }

    private func others(of customer: ID<Customer>, _ values: Set<String>, in tx: any Transaction) throws -> [String: [String]] {
        var others: [String: [String]] = [:]
        try tx.forEach(
            """
            SELECT k.kind, k.value, c.number FROM customer_identity k JOIN customer c ON c.entity_id = k.entity_id AND c.id = k.customer_id
             WHERE k.entity_id = \(entity) AND k.kind IN ('iban', 'mandate', 'name') AND k.value IN \(texts: values)
               AND k.customer_id <> \(customer) ORDER BY c.number LIMIT \(Self.limit)
            """
        ) { others["\($0.text(0)) \($0.text(1))", default: []].append($0.text(2)) }
        return others
    }
}

/// Why an identity is neither given nor taken away.
package enum IdentityRefusal: Refusal {
    case unknown(String), known(String), empty
    /// What is wrong with an account that is written as an IBAN.
    case wrongAccount(String)
    package var category: RefusalCategory {
        switch self {
        case .unknown: .missing
        case .known: .conflict
        case .empty, .wrongAccount: .invalid
        }
    }
    package var code: String {
        switch self {
        case .unknown: "identity_not_found"
        case .known: "identity_known"
        case .empty: "identity_empty"
        case .wrongAccount: "iban_invalid"
        }
    }
    package var message: String {
        switch self {
        case .unknown(let value): "\(value) is no identity of that customer"
        case .known(let value): "\(value) is an identity of that customer already"
        case .empty: "write the whole account, mandate or name"
        case .wrongAccount(let fault): fault
        }
    }
}

/// Tells by what a customer pays, even if it was taken away before.
package struct GiveIdentity: Sendable {
    private let entity: ID<Entity>
    private let evidence: PayerEvidence
    private let value, customerNumber: String

    /// - Parameter value: The account, the mandate or the name, as the customer or the bank writes it.
    package init(_ entity: ID<Entity>, _ evidence: PayerEvidence, _ value: String, of customer: String) {
        (self.entity, self.evidence, customerNumber) = (entity, evidence, customer)
        self.value = evidence.comparable(value)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        guard value.utf8.count >= (evidence == .iban ? 5 : 1) else { throw IdentityRefusal.empty }
        if evidence == .iban, IBAN.isBegun(value), let fault = IBAN.fault(in: value) { throw IdentityRefusal.wrongAccount(fault) }
        guard let customer = try customerIDs(entity, numbers: [customerNumber], in: tx)[customerNumber] else {
            throw ReceiptRefusal.unknownCustomer(customerNumber)
        }
        // Write.
        let added = try tx.changes(
            """
            INSERT INTO customer_identity (entity_id, kind, value, customer_id, source)
            VALUES (\(entity), \(evidence.rawValue), \(value), \(customer), 'person')
            ON CONFLICT (entity_id, kind, value, customer_id) DO NOTHING
            """)
        guard added == 1 else { throw IdentityRefusal.known(value) }
        try books.cover(.customerIdentity, key: [.text(evidence.rawValue), .text(value), .integer(customer.value)], tx)
        let identity = PayerIdentity.Key(kind: evidence.rawValue, value: value, customer: customer)
        books.append(.known, identity, source: "person", on: books.recordedAt.day)
        try books.close(in: tx)
    }
}

extension PayerEvidence {
    /// How a value of this kind compares.
    package func comparable(_ value: String) -> String {
        switch self {
        case .name: foldedName(value)
        case .mandate: comparableMandate(value)
        case .iban, .account: value.filter { !$0.isWhitespace }.uppercased()
        }
    }
}

/// Takes an identity away from a customer: it is not used and not learned again.
package struct RevokeIdentity: Sendable {
    private let entity: ID<Entity>
    private let evidence: PayerEvidence
    private let value, customerNumber, role, reason: String
    private let on: Day

    /// - Parameter value: The account, the mandate or the name, as the customer or the bank writes it.
    package init(
        _ entity: ID<Entity>, _ evidence: PayerEvidence, _ value: String, of customer: String, role: String, reason: String, on day: Day
    ) {
        (self.entity, self.evidence, customerNumber, self.role, self.reason, on) = (entity, evidence, customer, role, reason, day)
        self.value = evidence.comparable(value)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        guard let customer = try customerIDs(entity, numbers: [customerNumber], in: tx)[customerNumber] else {
            throw ReceiptRefusal.unknownCustomer(customerNumber)
        }
        // Write.
        let removed = try tx.rows(
            """
            DELETE FROM customer_identity
             WHERE entity_id = \(entity) AND kind = \(evidence.rawValue) AND value = \(value) AND customer_id = \(customer)
            RETURNING source
            """
        ) { $0.text(0) }
        guard let source = removed.first else { throw IdentityRefusal.unknown(value) }
        try tx.run(
            """
            INSERT INTO identity_revocation (entity_id, kind, value, customer_id, revoked_on, role, reason)
            VALUES (\(entity), \(evidence.rawValue), \(value), \(customer), \(on), \(role), \(reason))
            ON CONFLICT (entity_id, kind, value, customer_id) DO NOTHING
            """)
        let key: [SQLValue] = [.text(evidence.rawValue), .text(value), .integer(customer.value)]
        books.uncover(.customerIdentity, key: key)
        try books.cover(.identityRevocation, key: key, tx)
        books.append(.revoked, PayerIdentity.Key(kind: evidence.rawValue, value: value, customer: customer), source: source, on: on)
        try books.close(in: tx)
    }
}
