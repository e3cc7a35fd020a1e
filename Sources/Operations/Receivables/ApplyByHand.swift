import Domain
import Store

/// A person's answer to a receipt that waits: whose it is and what it settles; the rest stays as that customer's credit.
package struct ApplyByHand: Sendable {
    package struct Line: Equatable, Sendable {
        /// The number of an open document of the customer.
        package let document: String
        /// Above zero.
        package let amount: Money
        package init(_ document: String, _ amount: Money) { (self.document, self.amount) = (document, amount) }
    }

    private let entity: ID<Entity>
    private let method, externalID, customerNumber, reason: String
    private let lines: [Line]
    private let on: Day
    package init(_ entity: ID<Entity>, method: String, externalID: String, customer: String, _ lines: [Line], reason: String, on day: Day) {
        (self.entity, self.method, self.externalID, customerNumber) = (entity, method, externalID, customer)
        (self.lines, self.reason, on) = (lines, reason, day)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let receipt = try tx.first(
            SQL(
                text: RecordedReceipt.query + " AND r.external_id = $2 AND r.method = $3",
                values: [.integer(entity.value), .text(externalID), .text(method)]), RecordedReceipt.init)
        guard let receipt else { throw ReceiptRefusal.unknown(externalID) }
        guard receipt.cash.open.minor < 0 else { throw ReceiptRefusal.nothingLeft(externalID) }
        guard let customer = try customerIDs(entity, numbers: [customerNumber], in: tx)[customerNumber],
            receipt.intake.customer.map({ $0 == customer }) ?? true
        else { throw ReceiptRefusal.unknownCustomer(customerNumber) }
        var candidates = Candidates(entity, toleranceMinor: 0)
        try candidates.load(for: [receipt], in: tx)
        try candidates.loadAccounts(of: [customer], in: tx)
        // Decide.
        let match = try match(receipt, customer, candidates)
        // Write.
        learnHabits(of: customer, from: match, candidates.matchCase(for: receipt), receipt.id, on: on, &books)
        var desk = CashDesk(entity, on: on)
        try desk.conclude(match, receipt, &candidates, &books, tx, certificate: nil)
        desk.sight(receipt, customer, candidates)
        try desk.write(in: tx)
        try books.close(in: tx)
    }

    private func match(_ receipt: RecordedReceipt, _ customer: ID<Customer>, _ candidates: Candidates) throws -> Match {
        var rest = -receipt.cash.open, matched: [Match.Line] = [], left: [Int64: Money] = [:]
        for line in lines {
            let item = candidates.index.items.first {
                $0.item.number == line.document && $0.customer == customer && $0.item.open.currency == rest.currency
                    && $0.item.open.minor > 0
            }
            guard let item, line.amount.currency == rest.currency else { throw ReceiptRefusal.unknownDocument(line.document) }
            let open = min(left[item.item.id] ?? item.item.open, rest)
            guard line.amount.minor > 0, line.amount <= open else { throw ReceiptRefusal.tooMuch(line.document, open: open) }
            left[item.item.id] = (left[item.item.id] ?? item.item.open) - line.amount
            rest = rest - line.amount
            matched.append(Match.Line(itemID: item.item.id, amount: line.amount))
        }
        return Match(customer: customer, rule: .manual, lines: matched, rest: rest, explanation: reason)
    }
}
