import Domain
import Store

/// A person's answer to a receipt that waits: whose it is and what it settles; the rest stays as that customer's credit.
package struct ApplyByHand: Sendable {
    package struct Line: Equatable, Sendable {
        /// The number of an open document.
        package let document: String
        /// Above zero.
        package let amount: Money
        /// Whose document it is; nil for the customer whose receipt it is.
        package let customer: String?
        package init(_ document: String, _ amount: Money, of customer: String? = nil) {
            (self.document, self.amount, self.customer) = (document, amount, customer)
        }
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
        let customers = try customers(in: tx)
        guard let customer = customers[customerNumber], receipt.intake.customer.map({ $0 == customer }) ?? true else {
            throw ReceiptRefusal.unknownCustomer(customerNumber)
        }
        var candidates = Candidates(entity, toleranceMinor: 0)
        try candidates.load(for: [receipt], in: tx)
        try candidates.loadAccounts(of: Set(customers.values), in: tx)
        // Decide.
        let lines = try settled(
            lines.map { ($0, $0.customer.flatMap { customers[$0] } ?? customer) }, by: -receipt.cash.open, candidates.index)
        let match = Match(customer: customer, rule: .manual, lines: lines.settled, rest: lines.rest, explanation: reason)
        // Write.
        try conclude(match, receipt, &candidates, &books, tx)
        try books.close(in: tx)
    }

    private func customers(in tx: any Transaction) throws -> [ExactText: ID<Customer>] {
        let numbers = ([customerNumber] + lines.compactMap(\.customer)).distinct,
            customers = try customerIDs(entity, numbers: numbers, in: tx)
        for number in numbers.sorted() where customers[number] == nil { throw ReceiptRefusal.unknownCustomer(number) }
        return customers
    }

    /// What pays for others teaches nothing of who paid.
    private func conclude(
        _ match: Match, _ receipt: RecordedReceipt, _ candidates: inout Candidates, _ books: inout Books, _ tx: any Transaction
    ) throws {
        let isForOthers = match.lines.contains { candidates.index[item: $0.itemID]?.customer != match.customer }
        if !isForOthers {
            learnHabits(of: match.customer, from: match, candidates.matchCase(for: receipt), receipt.id, on: on, &books)
        }
        var desk = CashDesk(entity, on: on)
        try desk.conclude(match, receipt, &candidates, &books, tx, certificate: nil)
        if !isForOthers { desk.sight(receipt, match.customer, candidates) }
        try desk.write(&books, in: tx)
    }
}

/// What a person's lines settle of open items, and what is left of the cash.
func settled(
    _ lines: [(line: ApplyByHand.Line, customer: ID<Customer>)], by cash: Money, _ index: MatchIndex
) throws -> (settled: [Match.Line], rest: Money) {
    var rest = cash, matched: [Match.Line] = [], left: [Int64: Money] = [:]
    for (line, customer) in lines {
        let item = index.items.first {
            $0.item.number == line.document && $0.customer == customer && $0.item.open.currency == rest.currency && $0.item.open.minor > 0
        }
        guard let item, line.amount.currency == rest.currency else { throw ReceiptRefusal.unknownDocument(line.document) }
        let open = min(left[item.item.id] ?? item.item.open, rest)
        guard line.amount.minor > 0, line.amount <= open else { throw ReceiptRefusal.tooMuch(line.document, open: open) }
        left[item.item.id] = (left[item.item.id] ?? item.item.open) - line.amount
        rest = rest - line.amount
        matched.append(Match.Line(itemID: item.item.id, amount: line.amount))
    }
    return (matched, rest)
}
