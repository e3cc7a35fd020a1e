import Domain
import Store

/// An invoice or credit that a former system issued and that is still open.
package struct OpeningItem: Equatable, Sendable {
    package let number: String
    package let customerNumber: String
    package let issuedOn: Day
    package let dueOn: Day
    /// What is open: above zero an invoice, below zero a credit; never zero.
    package let open: Money
    package var discount: CashDiscount?
    /// Other numbers that the payer may name it by: order, purchase order, delivery.
    package var references: [String] = []
    package init(
        number: String, customerNumber: String, issuedOn: Day, dueOn: Day, open: Money, discount: CashDiscount? = nil,
        references: [String] = []
    ) {
        (self.number, self.customerNumber, self.issuedOn, self.dueOn, self.open) = (number, customerNumber, issuedOn, dueOn, open)
        (self.discount, self.references) = (discount, references)
    }
}

/// Takes over open items from a former system, against the opening balances account. A number that is known changes nothing.
package struct ImportOpenItems: Sendable {
    package struct Report: Equatable, Sendable {
        package var taken = 0
        package var known = 0
        /// Of the known ones those whose amount, customer or days are others now, in the order of the file; what was recorded stands.
        package var differing: [String] = []
        package var customersCreated = 0
        /// Numbers of customers that were not known: each stands with a name made of its number.
        package var createdCustomers: [String] = []
        package var totalMinor: [String: Int64] = [:]
        package init() {}
    }

    private let entity: ID<Entity>
    private let items: [OpeningItem]
    package init(_ entity: ID<Entity>, _ items: [OpeningItem]) { (self.entity, self.items) = (entity, items) }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        var report = Report()
        var customers = try customerIDs(entity, numbers: items.map(\.customerNumber), in: tx)
        // Decide.
        let fresh = unknown(try standingItems(in: tx), &report)
        // Write.
        let missing = fresh.filter { customers[$0.customerNumber] == nil }.map {
            CustomerProfile(
                number: $0.customerNumber, name: "Customer \($0.customerNumber)", country: books.country, currency: $0.open.currency)
        }
        let created = try createCustomers(missing, in: &books, tx)
        report.customersCreated = created.count
        report.createdCustomers = created.keys.map(\.text).sorted()
        customers.merge(created, uniquingKeysWith: { first, _ in first })
        for item in fresh {
            guard let customer = customers[item.customerNumber] else { preconditionFailure("every customer exists by now") }
            try books.takeOver(item, customer)
            if let own = DocumentSeries.parsed(item.number) { try own.series.reserve(own, entity, in: tx) }
            report.taken += 1
            report.totalMinor[item.open.currency.code, default: 0] += item.open.minor
        }
        try books.close(in: tx)
        return report
    }

    private func unknown(_ standing: [ExactText: StandingItem], _ report: inout Report) -> [OpeningItem] {
        var seen = standing
        return items.filter { item in
            let own = StandingItem(item)
            guard let stands = seen[item.number] else {
                seen[item.number] = own
                return true
            }
            report.known += 1
            if stands != own { report.differing.append(item.number) }
            return false
        }
    }

    private func standingItems(in tx: any Transaction) throws -> [ExactText: StandingItem] {
        var standing: [ExactText: StandingItem] = [:]
        try tx.forEach(
            """
            SELECT i.number, c.number, i.issued_on, i.due_on, i.currency, i.gross_minor, i.type_code FROM invoice i
              JOIN customer c ON c.entity_id = i.entity_id AND c.id = i.customer_id
             WHERE i.entity_id = \(entity) AND i.number IN \(texts: items.map(\.number))
            """
        ) { row in
            let amount = row.money(5, row.currency(4))
            standing[row.text(0)] = StandingItem(
                customer: row.text(1), issuedOn: row.day(2), dueOn: row.day(3), amount: row.integer(6) == 381 ? -amount : amount)
        }
        return standing
    }
}

/// What tells whether an open item that comes again is the same.
private struct StandingItem: Equatable {
    let customer: String
    let issuedOn: Day
    let dueOn: Day
    let amount: Money

    init(customer: String, issuedOn: Day, dueOn: Day, amount: Money) {
        (self.customer, self.issuedOn, self.dueOn, self.amount) = (customer, issuedOn, dueOn, amount)
    }

    init(_ item: OpeningItem) { self.init(customer: item.customerNumber, issuedOn: item.issuedOn, dueOn: item.dueOn, amount: item.open) }
}

extension Books {
    fileprivate mutating func takeOver(_ item: OpeningItem, _ customer: ID<Customer>) throws {
        let id: ID<JournalEntry> = newID(), isInvoice = item.open.minor > 0
        append(.invoice) { batch in
            batch.append(id.value)
            batch.append(item.number)
            batch.append(isInvoice ? 380 : 381)
            batch.append(customer.value)
            batch.append(item.issuedOn.iso8601)
            batch.append(item.dueOn.iso8601)
            batch.append(item.open.currency.code)
            batch.append(Int64(item.open.minor.magnitude))
            batch.append(0)
            batch.append(Int64(item.open.minor.magnitude))
            batch.appendNull()
            batch.appendNull()
        }
        try post(
            id, on: item.issuedOn, kind: "opening", memo: item.number,
            [Posting(.receivables, customer, debit: item.open), Posting(.openingBalances, customer, credit: item.open)])
        add(
            NewOpenItem(
                id: id.value, kind: .opening, account: .receivables, customer: customer, number: item.number, effectiveOn: item.issuedOn,
                dueOn: isInvoice ? item.dueOn : item.issuedOn, amount: item.open))
        if let discount = item.discount { append(discount, of: id.value, item.open.currency) }
        let strange = item.references + (DocumentSeries.parsed(item.number) == nil ? [item.number] : [])
        appendReferences(strange, of: id.value)
    }

    /// References that no document number of our own shape leads to.
    private mutating func appendReferences(_ references: [String], of item: Int64) {
        var keys: [String: String] = [:]
        for reference in references { for key in referenceKeys(of: reference) { keys[key] = keys[key] ?? reference } }
        for (key, reference) in keys.sorted(by: { $0.key < $1.key }) {
            append(.itemReference) { batch in
                batch.append(key)
                batch.append(item)
                batch.append(reference)
            }
        }
    }
}
