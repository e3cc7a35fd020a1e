import Domain
import Store

/// The open items and identities that bear on a batch of receipts, kept true while the batch is applied.
struct Candidates {
    private let entity: ID<Entity>
    private let toleranceMinor: Int64
    private let policy: MatchPolicy
    /// Names the policy's exact version on a certificate.
    let policyVersion: String
    private(set) var index = Self.emptyIndex
    private var readings: [Int64: ReceiptReading] = [:]
    private var advices: [Int64: LinkedAdvice] = [:]
    private var looked: Set<String> = []
    private var lookedIdentities: Set<String> = []
    /// What documents come to without value added tax, where tax may be withheld of that.
    private var netMinor: [Int64: Int64] = [:]
    /// Customers whose open items were read.
    private var listed: Set<ID<Customer>> = []

    init(_ entity: ID<Entity>, toleranceMinor: Int64, policy: MatchPolicy = .standard) {
        (self.entity, self.toleranceMinor, self.policy) = (entity, toleranceMinor, policy)
        policyVersion = policy == .standard ? standardVersion : version(of: policy)
    }

    private static let emptyIndex: MatchIndex = {
        var index = MatchIndex()
        for series in DocumentSeries.allCases { index.add(series: series.rawValue, digits: 10...12) }
        return index
    }()

    /// Reads what the receipts name, by words or by the advices linked to them, and who may have paid them.
    ///
    /// - Parameter areFresh: The receipts were recorded in this transaction, and what they name was looked for.
    mutating func load(for receipts: [RecordedReceipt], areFresh: Bool = false, in tx: any Transaction) throws {
        if !areFresh {
            advices.merge(try linkedAdvices(of: receipts.map(\.id), entity, in: tx)) { $1 }
            try look(for: receipts.map(\.intake), advised: receipts.flatMap { advised($0.id) }, in: tx)
        }
        try loadIdentities(of: receipts, in: tx)
        var payers: Set<ID<Customer>> = [], joint: Set<ID<Customer>> = [], settled: Set<Int64> = [], short: Set<Int64> = []
        var hinting: (payers: Set<ID<Customer>>, amounts: Set<Int64>) = ([], [])
        var doubtful: [(RecordedReceipt, MatchCase)] = [], spoken = SpokenKeys()
        for receipt in receipts {
            let reading = index.read(PayerWords(receipt.intake)), advice = advices[receipt.id]
            readings[receipt.id] = reading
            let known = index.matchCase(reading, cash: -receipt.cash.open, paidOn: receipt.intake.bookedOn, advice: advice)
            settled.formUnion(known.named.filter { $0.item.open.minor == 0 }.map(\.item.id))
            guard advice != nil || !known.isSettledByName else { continue }
            short.formUnion(known.named.map(\.item.id))
            payers.formUnion(known.payers.map(\.customer))
            if known.namedCustomers.count > 1 { joint.formUnion(known.namedCustomers) }
            if known.payers.isEmpty { doubtful.append((receipt, known)) }
            let isOwn = known.payers.contains { payer in known.named.contains { $0.customer == payer.customer } }
            // Who pays another's document may say for whom.
            if !isOwn, !known.payers.isEmpty || (policy.doubtsCommonAmounts && !known.named.isEmpty) {
                spoken.add(receipt.intake.remittance)
            }
            if known.named.isEmpty, !known.payers.isEmpty, reading.mayHint {
                hinting.payers.formUnion(known.payers.map(\.customer))
                hinting.amounts.insert(known.cash.minor)
            }
            if !policy.postsForOthers, known.payers.allSatisfy({ $0.evidence == .iban }) { try loadNamesakes(of: receipt, in: tx) }
        }
        try loadUnnamed(among: settled, in: tx)
        try loadNet(of: short, in: tx)
        try loadSpoken(spoken, in: tx)
        try loadAccounts(of: payers, in: tx)
        try loadSettled(of: hinting.payers, worth: hinting.amounts, in: tx)
        try loadHabits(of: payers, in: tx)
        if !joint.isEmpty { try loadParents(of: joint.union(payers), in: tx) }
        for (receipt, known) in doubtful { try loadDoubts(receipt, known, in: tx) }
        if policy.doubtsCommonAmounts { try loadCommonAmounts(among: receipts, in: tx) }
    }

    /// Makes a document known that this transaction issued: the database does not have it yet.
    mutating func add(_ item: OpenItem, customer: ID<Customer>, orderNumber: String?) {
        index.add(MatchIndex.Item(item, customer: customer, amount: item.open, orderNumber: orderNumber))
    }

    mutating func update(_ item: OpenItem) { index.update(item) }
    mutating func update(settledUnnamed item: Int64) { index.add(settledUnnamed: item) }

    /// Notes what a receipt that waits may be meant for: later ones of the batch leave it alone.
    mutating func claim(_ receipt: MatchCase) { index.claim(receipt) }

    func matchCase(for receipt: RecordedReceipt) -> MatchCase {
        let reading = readings[receipt.id] ?? index.read(PayerWords(receipt.intake))
        var matchCase = index.matchCase(
            reading, cash: -receipt.cash.open, paidOn: receipt.intake.bookedOn, advice: advices[receipt.id])
        matchCase.policy = policy
        matchCase.toleranceMinor = toleranceMinor * powerOfTen(matchCase.cash.currency.exponent) / 100
        matchCase.netMinor = netMinor
        return matchCase
    }

    /// Whether the payer goes by the customer's own name, so that its account may be remembered as the customer's.
    func paysInOwnName(_ receipt: RecordedReceipt, _ customer: ID<Customer>) -> Bool {
        readings[receipt.id].map { index.paysInOwnName($0, customer) } ?? false
    }

    /// Reads the open items of customers and of their parents and children.
    mutating func loadAccounts(of customers: Set<ID<Customer>>, in tx: any Transaction) throws {
        let missing = customers.subtracting(listed)
        guard !missing.isEmpty else { return }
        var family = missing
        let ids = missing.map(\.value)
        try tx.forEach(
            """
            SELECT id, parent_id FROM customer WHERE entity_id = \(entity) AND parent_id IS NOT NULL AND id IN \(ids: ids)
             UNION SELECT id, parent_id FROM customer WHERE entity_id = \(entity) AND parent_id IS NOT NULL AND parent_id IN \(ids: ids)
            """
        ) { row in
            index.add(parent: row.id(1), of: row.id(0))
            family.insert(row.id(0))
            family.insert(row.id(1))
        }
        try list(family.subtracting(listed), in: tx)
    }

    /// Finds which of the receipts' amounts many open items have.
    private mutating func loadCommonAmounts(among receipts: [RecordedReceipt], in tx: any Transaction) throws {
        let amounts = Dictionary(grouping: Set(receipts.map { -$0.cash.open }), by: \.currency)
        let total =
            try tx.first(
                """
                SELECT count(*) FROM (SELECT 1 FROM open_item WHERE entity_id = \(entity) \
                AND open_minor <> 0 LIMIT \(OpenAmounts.enough)) AS i
                """
            ) { $0.integer(0) } ?? 0
        let limit = OpenAmounts.limit(of: total)
        for (currency, amounts) in amounts {
            try tx.forEach(
                """
                SELECT amount_minor FROM open_item
                 WHERE entity_id = \(entity) AND amount_minor IN \(ids: amounts.map(\.minor)) AND open_minor <> 0 AND currency = \(currency)
                 GROUP BY amount_minor HAVING count(*) > \(limit)
                """
            ) { index.add(common: $0.money(0, currency)) }
        }
    }

    /// Finds which settled documents were settled by receipts that did not name them.
    private mutating func loadUnnamed(among settled: Set<Int64>, in tx: any Transaction) throws {
        guard !settled.isEmpty else { return }
        let rules = MatchRule.unnamed.map(\.rawValue)
        try tx.forEach(
            """
            SELECT debit_item_id FROM allocation
             WHERE entity_id = \(entity) AND debit_item_id IN \(ids: settled) AND amount_minor > 0 AND rule IN \(texts: rules)
            """
        ) { index.add(settledUnnamed: $0.integer(0)) }
    }

    private mutating func loadNet(of items: Set<Int64>, in tx: any Transaction) throws {
        let withholding = policy.tolerances.withholding
        guard withholding.base == .net, !withholding.rates.isEmpty, !items.isEmpty else { return }
        try tx.forEach("SELECT id, net_minor FROM invoice WHERE entity_id = \(entity) AND id IN \(ids: items)") {
            netMinor[$0.integer(0)] = $0.integer(1)
        }
    }

    private mutating func loadHabits(of customers: Set<ID<Customer>>, in tx: any Transaction) throws {
        for (customer, habits) in try HabitCounts(entity, of: customers, in: tx).standing {
            for (habit, strength) in habits { index.add(habit, strength, customer) }
        }
    }

    /// Reads the parents of customers, and theirs.
    private mutating func loadParents(of customers: Set<ID<Customer>>, in tx: any Transaction) throws {
        var level = customers
        for _ in 0..<MatchIndex.depthLimit where !level.isEmpty {
            var parents: Set<ID<Customer>> = []
            try tx.forEach(
                """
                SELECT id, parent_id FROM customer WHERE entity_id = \(entity) AND parent_id IS NOT NULL \
                AND id IN \(ids: level.map(\.value))
                """
            ) { row in
                index.add(parent: row.id(1), of: row.id(0))
                parents.insert(row.id(1))
            }
            level = parents
        }
    }
}

extension Candidates {
    /// What `load` reads first of receipts without an advice; nil when they name nothing.
    func question(naming receipts: [ReceiptIntake]) -> SQL? {
        let words = words(of: receipts)
        return words.isEmpty ? nil : namedItems(words)
    }

    /// Reads what receipts name.
    ///
    /// - Parameter advised: The numbers that the advices linked to them name.
    mutating func look(for receipts: [ReceiptIntake], advised: [String] = [], in tx: any Transaction) throws {
        let words = advised.reduce(into: words(of: receipts)) { $0.formUnion(self.words($1, "")) }
        guard try loadItems(named: words, in: tx) else { return }
        _ = try loadItems(named: Set(receipts.flatMap(strangeReferenceKeys) + advised.flatMap(compactReferences)), in: tx)
    }

    private func words(of receipts: [ReceiptIntake]) -> Set<String> {
        receipts.reduce(into: Set()) { $0.formUnion(words($1.structuredReference, $1.remittance)) }
    }

    private func words(_ structured: String?, _ remittance: String) -> Set<String> {
        let keys = ReferenceKeys(structured: structured, remittance: remittance, series: Self.series)
        return keys.documentNumbers.union(keys.words)
    }

    private static let series = DocumentSeries.allCases.map(\.rawValue)

    /// The numbers that the advice linked to a receipt names.
    private func advised(_ receipt: Int64) -> [String] { advices[receipt]?.lines.flatMap { [$0.document] + $0.alsoKnownAs } ?? [] }

    /// What a text may hold of numbers that another system gave.
    private func strangeReferenceKeys(of receipt: ReceiptIntake) -> [String] {
        [receipt.structuredReference ?? "", receipt.remittance, receipt.endToEndID ?? ""].flatMap(compactReferences)
    }

    /// Reads the items whose document, order or foreign reference has one of these numbers.
    ///
    /// - Returns: Whether any item has a number that another system gave.
    private mutating func loadItems(named words: Set<String>, in tx: any Transaction) throws -> Bool {
        let words = words.filter { looked.insert($0).inserted }
        guard !words.isEmpty else { return true }
        var found: Set<Int64> = [], orders: [Int64: String] = [:], hasStrangers = false
        try tx.forEach(namedItems(words)) { row in
            let item = row.integer(0), reference = row.optionalText(1)
            guard item != 0 else { return hasStrangers = reference != nil }
            found.insert(item)
            if let reference { orders[item] = orders[item] ?? reference }
        }
        try read(.ids(found.filter { index[item: $0] == nil }), orders, in: tx)
        return hasStrangers
    }

    private func namedItems(_ words: Set<String>) -> SQL { Self.namedItems.with([.integer(entity.value)], words.sorted()) }

    /// One statement for all that a word may name, since each is a round trip.
    private static let namedItems = ListStatement(from: 2, of: .texts) { words in
        """
        SELECT id, NULL FROM invoice WHERE entity_id = $1 AND number IN \(words)
        UNION ALL
        SELECT document_id, external_id FROM sales_order WHERE entity_id = $1 AND document_id IS NOT NULL AND external_id IN \(words)
        UNION ALL
        SELECT item_id, reference FROM item_reference WHERE entity_id = $1 AND reference_key IN \(words)
        UNION ALL
        SELECT 0, MIN(reference_key) FROM item_reference WHERE entity_id = $1
        """
    }

    private mutating func loadIdentities(of receipts: [RecordedReceipt], in tx: any Transaction) throws {
        var values: Set<String> = []
        for receipt in receipts where !receipt.isIdentified {
            if let iban = receipt.intake.payerIBAN { values.insert(iban) }
            if let mandate = receipt.intake.mandateID { values.insert(comparableMandate(mandate)) }
            if let name = receipt.intake.payerName { values.formUnion(nameSpellings(name)) }
        }
        let fresh = values.filter { !$0.isEmpty && lookedIdentities.insert($0).inserted }
        guard !fresh.isEmpty else { return }
        try tx.forEach(
            """
            SELECT kind, value, customer_id FROM customer_identity
             WHERE entity_id = \(entity) AND kind IN ('iban', 'mandate', 'name') AND value IN \(texts: fresh)
            """
        ) { row in
            let evidence: PayerEvidence = row.word(0)
            index.add(evidence, row.text(1), row.id(2))
        }
    }

    /// For a payer who is not known: customers with a name like theirs, and documents whose number differs in one digit from one named.
    private mutating func loadDoubts(_ receipt: RecordedReceipt, _ known: MatchCase, in tx: any Transaction) throws {
        guard !known.named.isEmpty || receipt.intake.payerName != nil else { return }
        if let word = receipt.intake.payerName.map(nameWords)?.first, word.utf8.count >= 4 {
            let alike: [ID<Customer>] = try tx.rows(
                """
                SELECT DISTINCT customer_id FROM customer_identity
                 WHERE entity_id = \(entity) AND kind = 'name' AND value >= \(word) AND value < \(word + "\u{10FFFF}")
                   ORDER BY customer_id LIMIT 20
                """
            ) { $0.id(0) }
            try list(Set(alike).subtracting(listed), in: tx)
        }
        guard policy.doubtsNeighbours else { return }
        let slips = known.named.filter { $0.strength < .checked && $0.item.open.minor > 0 }.flatMap { named in
            SlippedReference.digitSlips(of: Array(named.reference.utf8)).map { String(decoding: $0, as: UTF8.self) }
        }
        _ = try loadItems(named: Set(slips), in: tx)
    }

    /// For a payer who is not known by name: customers whose names begin with the payer's.
    private mutating func loadNamesakes(of receipt: RecordedReceipt, in tx: any Transaction) throws {
        guard let name = receipt.intake.payerName.map(foldedName), name.utf8.count >= MatchIndex.beginning else { return }
        let namesakes: [ID<Customer>] = try tx.rows(
            """
            SELECT customer_id FROM customer_identity
             WHERE entity_id = \(entity) AND kind = 'name' AND value >= \(name) AND value < \(name + "\u{10FFFF}")
               ORDER BY value, customer_id LIMIT 5
            """
        ) { $0.id(0) }
        try list(Set(namesakes).subtracting(listed), in: tx)
    }

    /// Reads whose names and numbers the words of payers hold.
    private mutating func loadSpoken(_ keys: SpokenKeys, in tx: any Transaction) throws {
        guard !keys.names.isEmpty || !keys.numbers.isEmpty else { return }
        try tx.forEach(
            """
            SELECT 1, value, customer_id FROM customer_identity WHERE entity_id = \(entity) AND kind = 'name'
              AND value IN \(texts: keys.names)
            UNION ALL
            SELECT 0, number, id FROM customer WHERE entity_id = \(entity) AND number IN \(texts: keys.numbers)
            """
        ) { row in
            if row.integer(0) == 1 { index.add(.name, row.text(1), row.id(2)) } else { index.add(number: row.text(1), of: row.id(2)) }
        }
    }

    private mutating func list(_ customers: Set<ID<Customer>>, in tx: any Transaction) throws {
        guard !customers.isEmpty else { return }
        let ids = customers.map(\.value)
        try tx.forEach("SELECT id, cash_policy, name, number FROM customer WHERE entity_id = \(entity) AND id IN \(ids: ids)") { row in
            let isOldestFirst = row.text(1) == CustomerProfile.CashPolicy.oldestFirst.rawValue
            index.add(row.id(0), name: row.text(2), number: row.text(3), oldestFirst: isOldestFirst)
        }
        listed.formUnion(customers)
        try read(.openOf(ids), [:], in: tx)
    }

    private enum Wanted {
        case ids(Set<Int64>), openOf([Int64])
    }

    /// Reads settled documents of an amount: the words of a payer who pays it again may hint at them.
    private mutating func loadSettled(of payers: Set<ID<Customer>>, worth amounts: Set<Int64>, in tx: any Transaction) throws {
        guard !payers.isEmpty else { return }
        try read(Self.settledItems.with([.integer(entity.value), .integers(amounts.sorted())], payers.map(\.value)), [:], in: tx)
    }

    /// Reads items; one that is known already keeps what this batch left of it.
    private mutating func read(_ wanted: Wanted, _ orders: [Int64: String], in tx: any Transaction) throws {
        let statement: ListStatement, ids: [Int64]
        switch wanted {
        case .ids(let items): (statement, ids) = (Self.items, Array(items))
        case .openOf(let customers): (statement, ids) = (Self.openItems, customers)
        }
        guard !ids.isEmpty else { return }
        try read(statement.with([.integer(entity.value)], ids), orders, in: tx)
    }

    private mutating func read(_ query: SQL, _ orders: [Int64: String], in tx: any Transaction) throws {
        try tx.forEach(query) { row in
            let id = row.integer(0), currency = row.currency(5), amount = row.money(7, currency)
            guard index[item: id] == nil, amount.minor > 0 || isCreditNote(row.text(13), amount) else { return }
            let discount = row.cashDiscount(9, of: amount)
            let item = OpenItem(
                id: id, number: row.text(2), effectiveOn: max(row.day(6), row.optionalDay(8) ?? row.day(6)), dueOn: row.day(3),
                open: row.money(4, currency), discount: discount)
            index.add(MatchIndex.Item(item, customer: row.id(1), amount: amount, orderNumber: orders[id]))
        }
    }

    private static let items = items(where: "i.id IN"), openItems = items(where: "i.open_minor <> 0 AND i.customer_id IN"),
        settledItems = items(
            where: """
                i.open_minor = 0 AND i.kind IN ('invoice', 'credit_note', 'opening') AND i.amount_minor IN (SELECT value FROM §integers($2))
                  AND i.customer_id IN
                """, from: 3)

    private static func items(where condition: StaticString, from number: Int = 2) -> ListStatement {
        ListStatement(from: number, of: .integers) { list in
            """
            SELECT i.id, i.customer_id, i.number, i.due_on, i.open_minor, i.currency, i.effective_on, i.amount_minor,
                   (SELECT MAX(a.effective_on) FROM allocation a
                     WHERE a.entity_id = i.entity_id AND a.debit_item_id = i.id AND a.amount_minor < 0), d.discount_minor, d.until_on,
                   CASE WHEN d.item_id IS NULL THEN 0 ELSE (
                       SELECT CAST(COALESCE(SUM(a.amount_minor), 0) AS BIGINT) FROM allocation a
                         JOIN open_item c ON c.entity_id = a.entity_id AND c.id = a.credit_item_id AND c.kind = 'credit_note'
                        WHERE a.entity_id = i.entity_id AND a.debit_item_id = i.id) END,
                   p.basis_points, i.kind
              FROM open_item i
              LEFT JOIN cash_discount d ON d.entity_id = i.entity_id AND d.item_id = i.id
              LEFT JOIN discount_rate p ON p.entity_id = i.entity_id AND p.item_id = i.id
             WHERE i.entity_id = $1 AND i.account = '1200' AND \(condition) \(list)
            """
        }
    }

    /// Credits that a payer may count on; cash that waits on the account is not one of them.
    private func isCreditNote(_ kind: String, _ amount: Money) -> Bool {
        amount.minor < 0 && (kind == OpenItem.Kind.creditNote.rawValue || kind == OpenItem.Kind.opening.rawValue)
    }
}
