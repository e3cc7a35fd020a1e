import Domain
import Store

/// The open items and identities that bear on a batch of receipts, kept true while the batch is applied.
struct Candidates {
    struct Item {
        var item: OpenItem
        let customer: ID<Customer>
        let amount: Money
    }
    private struct Identity: Hashable {
        let evidence: PayerEvidence
        let value: String
    }
    private struct Policy {
        let oldestFirst: Bool
        let foldedName: String
    }

    private let entity: ID<Entity>
    private let toleranceMinor: Int64
    private(set) var items: [Int64: Item] = [:]
    /// Reference text → items that it names.
    private var references: [String: [Int64]] = [:]
    private var identities: [Identity: [ID<Customer>]] = [:]
    private var itemsByCustomer: [ID<Customer>: [Int64]] = [:]
    private var policies: [ID<Customer>: Policy] = [:]
    private var keys: [Int64: ReferenceKeys] = [:]

    init(_ entity: ID<Entity>, toleranceMinor: Int64) { (self.entity, self.toleranceMinor) = (entity, toleranceMinor) }

    /// Reads what the receipts name and who may have paid them.
    mutating func load(for receipts: [RecordedReceipt], in tx: any Transaction) throws {
        let series = DocumentSeries.allCases.map(\.rawValue)
        for receipt in receipts {
            keys[receipt.id] = ReferenceKeys(
                structured: receipt.intake.structuredReference, remittance: receipt.intake.remittance, series: series)
        }
        try loadNamed(in: tx)
        try loadIdentities(of: receipts, in: tx)
        var payers: Set<ID<Customer>> = []
        for receipt in receipts where !isSettledByName(receipt) { payers.formUnion(self.payers(of: receipt).map(\.customer)) }
        try loadItems(of: payers, in: tx)
    }

    /// Makes a document known that this transaction issued: the database does not have it yet.
    mutating func add(_ item: OpenItem, customer: ID<Customer>, orderNumber: String?) {
        items[item.id] = Item(item: item, customer: customer, amount: item.open)
        references[item.number, default: []].append(item.id)
        if let orderNumber { references[orderNumber, default: []].append(item.id) }
        itemsByCustomer[customer]?.append(item.id)
    }

    mutating func update(_ item: OpenItem) { items[item.id]?.item = item }

    mutating func matchCase(for receipt: RecordedReceipt, in tx: any Transaction) throws -> MatchCase {
        var matchCase = MatchCase(cash: -receipt.cash.open)
        matchCase.toleranceMinor = toleranceMinor * powerOfTen(matchCase.cash.currency.exponent) / 100
        matchCase.named = named(by: receipt)
        let stated = keys[receipt.id]?.statedNumbers ?? []
        matchCase.unread = stated.subtracting(matchCase.named.map(\.item.number)).sorted()
        matchCase.payers = payers(of: receipt)
        guard !isSettledByName(receipt) else { return matchCase }
        let customers = Set(matchCase.payers.map(\.customer))
        try loadItems(of: customers, in: tx)
        for customer in customers {
            if policies[customer]?.oldestFirst == true { matchCase.oldestFirst.insert(customer) }
            matchCase.items[customer] = itemsByCustomer[customer, default: []].compactMap { items[$0]?.item }
                .filter { $0.open.minor > 0 && $0.open.currency == matchCase.cash.currency }.sorted { ($0.dueOn, $0.id) < ($1.dueOn, $1.id) }
        }
        return matchCase
    }

    /// Whether the payer goes by the customer's own name, so that its account may be remembered as the customer's.
    mutating func paysInOwnName(_ receipt: RecordedReceipt, _ customer: ID<Customer>) -> Bool {
        guard let name = receipt.intake.payerName, !foldedName(name).isEmpty else { return false }
        return identities[Identity(evidence: .name, value: foldedName(name)), default: []].contains(customer)
    }

    private func named(by receipt: RecordedReceipt) -> [NamedItem] {
        guard let keys = keys[receipt.id] else { return [] }
        var seen: Set<Int64> = [], named: [NamedItem] = []
        for key in keys.documentNumbers.union(keys.words).sorted() {
            for id in references[key, default: []] {
                guard let item = items[id], item.amount.minor > 0, item.amount.currency == receipt.cash.open.currency, seen.insert(id).inserted else { continue }
                named.append(NamedItem(customer: item.customer, item: item.item, amount: item.amount, reference: key))
            }
        }
        return named
    }

    private func payers(of receipt: RecordedReceipt) -> [(customer: ID<Customer>, evidence: PayerEvidence)] {
        if let customer = receipt.intake.customer { return [(customer, .account)] }
        return identities(of: receipt).flatMap { identity in identities[identity, default: []].map { ($0, identity.evidence) } }
    }

    private func identities(of receipt: RecordedReceipt) -> [Identity] {
        let name = receipt.intake.payerName.map(foldedName) ?? ""
        return (receipt.intake.payerIBAN.map { [Identity(evidence: .iban, value: $0)] } ?? [])
            + (name.isEmpty ? [] : [Identity(evidence: .name, value: name)])
    }

    /// Whether the named documents add up to the cash and no payer speaks against it: then nothing else needs to be read.
    private func isSettledByName(_ receipt: RecordedReceipt) -> Bool {
        let named = named(by: receipt)
        guard let customer = named.first?.customer, named.allSatisfy({ $0.customer == customer }) else { return false }
        let sum = named.reduce(Int64(0)) { $0 + $1.item.open.minor }
        return sum == -receipt.cash.open.minor && payers(of: receipt).allSatisfy { $0.customer == customer }
    }
}

extension Candidates {
    private mutating func loadNamed(in tx: any Transaction) throws {
        let words = Set(keys.values.flatMap { $0.documentNumbers.union($0.words) }).filter { references[$0] == nil }
        guard !words.isEmpty else { return }
        var found: [Int64] = []
        try tx.forEach("SELECT number, id FROM invoice WHERE entity_id = \(entity) AND number IN \(texts: words)") {
            references[$0.text(0), default: []].append($0.integer(1))
            found.append($0.integer(1))
        }
        try tx.forEach(
            """
            SELECT external_id, document_id FROM sales_order
             WHERE entity_id = \(entity) AND document_id IS NOT NULL AND external_id IN \(texts: words)
            """
        ) {
            references[$0.text(0), default: []].append($0.integer(1))
            found.append($0.integer(1))
        }
        try read("id IN", found.filter { items[$0] == nil }, in: tx)
    }

    private mutating func loadIdentities(of receipts: [RecordedReceipt], in tx: any Transaction) throws {
        let unknown = receipts.filter { !$0.isIdentified }
        let values = Set(unknown.flatMap { identities(of: $0) }.map(\.value))
        guard !values.isEmpty else { return }
        try tx.forEach(
            """
            SELECT kind, value, customer_id FROM customer_identity
             WHERE entity_id = \(entity) AND kind IN ('iban', 'name') AND value IN \(texts: values)
            """
        ) { row in
            guard let evidence = PayerEvidence(rawValue: row.text(0)) else { preconditionFailure("customer_identity.kind has a CHECK") }
            identities[Identity(evidence: evidence, value: row.text(1)), default: []].append(row.id(2))
        }
    }

    mutating func loadItems(of customers: Set<ID<Customer>>, in tx: any Transaction) throws {
        let missing = customers.filter { itemsByCustomer[$0] == nil }.map(\.value)
        guard !missing.isEmpty else { return }
        for customer in missing { itemsByCustomer[ID(customer)] = items.values.filter { $0.customer.value == customer }.map(\.item.id) }
        try tx.forEach("SELECT id, cash_policy, name FROM customer WHERE entity_id = \(entity) AND id IN \(ids: missing)") {
            policies[$0.id(0)] = Policy(oldestFirst: $0.text(1) == CustomerProfile.CashPolicy.oldestFirst.rawValue, foldedName: foldedName($0.text(2)))
        }
        try read("open_minor <> 0 AND open_minor > 0 AND customer_id IN", missing, in: tx)
    }

    /// Reads open items; one that is known already keeps what this batch left of it.
    private mutating func read(_ condition: StaticString, _ ids: [Int64], in tx: any Transaction) throws {
        guard !ids.isEmpty else { return }
        let text = """
            SELECT id, customer_id, number, due_on, open_minor, currency, effective_on, amount_minor,
                   (SELECT MAX(a.effective_on) FROM allocation a
                     WHERE a.entity_id = open_item.entity_id AND a.debit_item_id = open_item.id AND a.amount_minor < 0)
              FROM open_item
             WHERE entity_id = $1 AND account = '1200' AND \(condition) (SELECT value FROM §integers($2))
            """
        try tx.forEach(SQL(text: text, values: [.integer(entity.value), .integers(ids)])) { row in
            let id = row.integer(0), customer: ID<Customer> = row.id(1), currency = row.currency(5)
            guard items[id] == nil else { return }
            let item = OpenItem(
                id: id, number: row.text(2), effectiveOn: max(row.day(6), row.optionalDay(8) ?? row.day(6)), dueOn: row.day(3),
                open: Money(minor: row.integer(4), currency))
            items[id] = Item(item: item, customer: customer, amount: Money(minor: row.integer(7), currency))
            itemsByCustomer[customer]?.append(id)
        }
    }
}
