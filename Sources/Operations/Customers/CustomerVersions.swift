import Domain
import Store

private enum CustomerVersion {}

/// Customers as they stand before an operation changes them. A customer keeps one row; what stood in it before is appended as a version
/// that ends with the change.
struct StandingCustomers {
    fileprivate let rows: [Int64: [SQLValue]]
    fileprivate let identities: [PayerIdentity.Key: String]

    init(_ entity: ID<Entity>, _ customers: some Sequence<ID<Customer>>, in tx: any Transaction) throws {
        let ids = Set(customers.map(\.value)).sorted()
        var rows: [Int64: [SQLValue]] = [:], identities: [PayerIdentity.Key: String] = [:]
        if !ids.isEmpty {
            try tx.forEach(
                """
                SELECT c.id, c.name, c.email, c.country, c.vat_number, c.parent_id, c.terms_days, c.credit_limit_minor, c.currency,
                  c.billing,
                       c.cash_policy, d.basis_points, d.days
                  FROM customer c LEFT JOIN discount_terms d ON d.entity_id = c.entity_id AND d.customer_id = c.id
                 WHERE c.entity_id = \(entity) AND c.id IN \(ids: ids)
                """
            ) { row in
                rows[row.integer(0)] = Self.columns.enumerated().map { at, kind in
                    if row.isNull(at + 1) { return .null }
                    return kind == .integer ? .integer(row.integer(at + 1)) : .text(row.text(at + 1))
                }
            }
            try tx.forEach(
                "SELECT kind, value, customer_id, source FROM customer_identity WHERE entity_id = \(entity) AND customer_id IN \(ids: ids)"
            ) { identities[PayerIdentity.Key(kind: $0.text(0), value: $0.text(1), customer: $0.id(2))] = $0.text(3) }
        }
        (self.rows, self.identities) = (rows, identities)
    }

    /// Those of a version behind its day.
    private static let columns = FactTable.customerVersion.table.columns.dropFirst(4).map(\.kind)
}

extension Books {
    /// Keeps of each customer what stood before and does so no more, and since when an identity is known that came with the change.
    mutating func keep(_ before: StandingCustomers, in tx: any Transaction) throws {
        let now = try StandingCustomers(entity, before.rows.keys.map { ID($0) }, in: tx), day = recordedAt.day
        for (customer, row) in before.rows.sorted(by: { $0.key < $1.key }) where now.rows[customer] != row {
            let id: ID<CustomerVersion> = newID()
            append(.customerVersion) { batch in
                batch.append(id.value)
                batch.append(customer)
                batch.append(day.iso8601)
                for value in row {
                    switch value {
                    case .integer(let integer): batch.append(integer)
                    case .text(let text): batch.append(text)
                    default: batch.appendNull()
                    }
                }
            }
        }
        let known = now.identities.filter { before.identities[$0.key] == nil }
        for (key, source) in known.sorted(by: { ($0.key.customer.value, $0.key.value) < ($1.key.customer.value, $1.key.value) }) {
            append(.known, key, source: source, on: day)
        }
    }
}

/// Customers by the versions that stood at a moment, as a table of the name `customer`; `$1` is the entity.
///
/// A customer has what it had at the end of the day by what was recorded; one that was recorded later has what it began with.
func customersSource(_ moment: ReportMoment, _ values: inout [SQLValue], in tx: any Transaction) throws -> String {
    values += [.text(moment.asOf.iso8601), .integer(try moment.horizon(in: tx))]
    let day = "$\(values.count - 1)", known = "$\(values.count)"
    func stood(_ version: String) -> String { "(\(version).id > \(known) OR \(version).until_on > \(day))" }
    return """
        (SELECT c.entity_id, c.id, c.number, c.name, c.email, c.country, c.vat_number, c.terms_days, c.credit_limit_minor, c.currency,
          c.billing,
                c.cash_policy, c.parent_id, d.basis_points, d.days
           FROM customer c LEFT JOIN discount_terms d ON d.entity_id = c.entity_id AND d.customer_id = c.id
          WHERE c.entity_id = $1 AND c.id <= \(known)
            AND NOT EXISTS (SELECT 1 FROM customer_version v
                             WHERE v.entity_id = c.entity_id AND v.customer_id = c.id AND \(stood("v")))
         UNION ALL
         SELECT c.entity_id, c.id, c.number, v.name, v.email, v.country, v.vat_number, v.terms_days, v.credit_limit_minor, v.currency,
           v.billing,
                v.cash_policy, v.parent_id, v.discount_basis_points, v.discount_days
           FROM customer_version v JOIN customer c ON c.entity_id = v.entity_id AND c.id = v.customer_id
          WHERE v.entity_id = $1 AND c.id <= \(known) AND \(stood("v"))
            AND NOT EXISTS (SELECT 1 FROM customer_version w
                             WHERE w.entity_id = v.entity_id AND w.customer_id = v.customer_id AND w.id < v.id AND \(stood("w")))) customer
        """
}

/// By number, the names that customers had at a moment and have no more.
///
/// - Parameter numbers: Only theirs; nil reads every version since.
func formerNames(_ moment: ReportMoment, of numbers: Set<String>? = nil, in tx: any Transaction) throws -> [String: String] {
    if moment.knownAt == nil {
        // Versions end in the order of their ids: the last one tells that nothing changed since.
        let last = try tx.first("SELECT until_on FROM customer_version WHERE entity_id = \(moment.entity) ORDER BY id DESC LIMIT 1") {
            $0.day(0)
        }
        guard let last, last > moment.asOf else { return [:] }
    }
    var values: [SQLValue] = [.integer(moment.entity.value), .integer(try moment.horizon(in: tx)), .text(moment.asOf.iso8601)]
    var whose = "", names: [String: String] = [:]
    if let numbers {
        values.append(.texts(numbers.sorted()))
        whose = " AND c.number IN (SELECT value FROM §texts($\(values.count)))"
    }
    let text = """
        SELECT c.number, v.name
          FROM customer_version v JOIN customer c ON c.entity_id = v.entity_id AND c.id = v.customer_id
         WHERE v.entity_id = $1 AND (v.id > $2 OR v.until_on > $3)\(whose)
         ORDER BY v.id DESC
        """
    try tx.forEach(SQL(text: text, values: values)) { names[$0.text(0)] = $0.text(1) }
    return names
}

/// A line of a list that names its customer.
protocol NamesCustomer {
    /// Empty for none.
    var customerNumber: String { get }
    var customerName: String { get set }
}

extension ListPage where Row: NamesCustomer {
    /// Calls customers what they were called at a moment; nil leaves what they are called now.
    mutating func name(at moment: ReportMoment?, in tx: any Transaction) throws {
        guard let moment, !rows.isEmpty else { return }
        let former = try formerNames(moment, of: Set(rows.map(\.customerNumber)), in: tx)
        for at in rows.indices { if let name = former[rows[at].customerNumber] { rows[at].customerName = name } }
    }
}

/// What was agreed with a customer and by what it paid, as it stood at a moment.
struct CustomerTermsThen {
    private let moment: ReportMoment
    private let number: String
    init(_ moment: ReportMoment, number: String) { (self.moment, self.number) = (moment, number) }

    /// - Returns: nil for a customer that was not recorded by then.
    func run(in tx: any Transaction) throws -> (ID<Customer>, CustomerProfile)? {
        var values: [SQLValue] = [.integer(moment.entity.value)]
        let source = try customersSource(moment, &values, in: tx)
        values.append(.text(number))
        let text = """
            SELECT id, number, name, email, country, vat_number, terms_days, credit_limit_minor, currency, billing, cash_policy,
              basis_points, days,
                   NULL AS street, NULL AS postal_code, NULL AS city, parent_id
              FROM \(source) WHERE number = $\(values.count)
            """
        let found: (ID<Customer>, CustomerProfile, ID<Customer>?)? = try tx.first(SQL(text: text, values: values)) {
            ($0.id(0), CustomerProfile($0, from: 1), $0.optionalID(16))
        }
        guard let (id, agreed, parent) = found else { return nil }
        var profile = agreed
        let horizon = try moment.horizon(in: tx)
        profile.address = try ReadParty(moment.entity, id, before: horizon == .max ? horizon : horizon + 1).recorded(in: tx)?.address
        let known = try IdentityHistory(moment, of: id, in: tx).lines.filter { $0.revokedOn == nil }
        func told(_ evidence: PayerEvidence) -> [String] { known.filter { $0.key.kind == evidence.rawValue }.prefix(20).map(\.key.value) }
        (profile.ibans, profile.mandates) = (told(.iban), told(.mandate))
        profile.parentNumber = try parent.flatMap { try customerNumbers(moment.entity, [$0], in: tx)[$0] }
        return (id, profile)
    }
}
