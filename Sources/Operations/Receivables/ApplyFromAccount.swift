import Domain
import Store

/// Settles documents with what an application left on the customer's account; the receipt stays applied.
package struct ApplyFromAccount: Sendable {
    private let entity: ID<Entity>
    private let receipt: ID<Receipt>
    private let lines: [ApplyByHand.Line]
    private let reason: String
    private let on: Day
    package init(_ entity: ID<Entity>, _ receipt: ID<Receipt>, _ lines: [ApplyByHand.Line], reason: String, on day: Day) {
        (self.entity, self.receipt, self.lines, self.reason, on) = (entity, receipt, lines, reason, day)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        guard let view = try ReadReceipt(entity, receipt).run(in: tx) else { throw ReceiptRefusal.unknown(String(receipt.value)) }
        var applied = try AppliedReceipt(entity, receipt.value, in: tx)
        let number = applied.number
        guard !view.applications.isEmpty, view.queueReason == nil, let owner = applied.creditor, let credit = applied.credit(of: owner)
        else {
            throw ReceiptRefusal.nothingLeft(number)
        }
        var candidates = Candidates(entity, toleranceMinor: 0)
        try candidates.loadAccounts(of: [owner], in: tx)
        // Decide.
        let settled = try settled(lines.map { ($0, owner) }, by: credit, candidates.index).settled
        // Write.
        books.append(.application, receipt: receipt.value, rule: MatchRule.manual.rawValue, reason, on: on)
        for line in settled {
            guard var debit = candidates.index[item: line.itemID]?.item else { preconditionFailure("lines settle loaded items only") }
            applied.settle(&debit, line.amount, of: owner, on: on, rule: MatchRule.manual.rawValue, &books)
            candidates.update(debit)
        }
        try books.close(in: tx)
    }
}
