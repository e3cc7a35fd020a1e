import Domain
import Store

/// A business "no" about one receipt.
package enum ReceiptRefusal: Refusal {
    case unknown(String)
    case notApplied(String)
    case nothingLeft(String)
    case unknownCustomer(String)
    case unknownDocument(String)
    case tooMuch(String, open: Money)
    case notWaiting(String)
    case partlyApplied(String)
    case answerDay

    package var category: RefusalCategory {
        switch self {
        case .unknown, .unknownCustomer, .unknownDocument: .missing
        case .notApplied, .nothingLeft, .notWaiting, .partlyApplied: .conflict
        case .tooMuch, .answerDay: .invalid
        }
    }
    package var code: String {
        switch self {
        case .unknown: "receipt_not_found"
        case .notApplied: "receipt_not_applied"
        case .nothingLeft: "receipt_used_up"
        case .unknownCustomer: "customer_not_found"
        case .unknownDocument: "document_not_found"
        case .tooMuch: "amount_above_open"
        case .notWaiting: "receipt_not_waiting"
        case .partlyApplied: "receipt_applied"
        case .answerDay: "answer_day"
        }
    }
    package var message: String {
        switch self {
        case .unknown(let number): "\(called(number)) does not exist"
        case .notApplied(let number): "\(called(number)) is not applied: there is nothing to take back"
        case .nothingLeft(let number): "\(called(number)) has nothing left to apply"
        case .unknownCustomer(let number): "customer \(number) does not exist"
        case .unknownDocument(let number): "document \(number) is no item of that customer and currency"
        case .tooMuch(let number, let open): "\(number): only \(open.readable) can be settled there"
        case .notWaiting(let number): "receipt \(number) does not wait for an answer"
        case .partlyApplied(let number): "\(called(number)) is applied: take that back first"
        case .answerDay: "ask for an answer within \(AskCustomer.dayLimit) days from today"
        }
    }

    private func called(_ number: String) -> String { isEntryKey(number) ? "this receipt" : "receipt \(number)" }
}

/// Takes the application of a receipt back: its invoices are open again, the cash is unapplied again, both histories stay. The receipt
/// waits for a person from then on: what one took back, no run decides again.
package struct UnapplyReceipt: Sendable {
    private let entity: ID<Entity>
    private let method, externalID, reason: String
    private let on: Day
    package init(_ entity: ID<Entity>, method: String, externalID: String, reason: String, on day: Day) {
        (self.entity, self.method, self.externalID, self.reason, on) = (entity, method, externalID, reason, day)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let found = try tx.first(
            "SELECT id FROM receipt WHERE entity_id = \(entity) AND external_id = \(externalID) AND method = \(method)"
        ) { $0.integer(0) }
        guard let id = found else { throw ReceiptRefusal.unknown(externalID) }
        let application = try tx.first(
            "SELECT id, rule, certificate FROM application WHERE entity_id = \(entity) AND receipt_id = \(id) ORDER BY id DESC LIMIT 1"
        ) { ($0.integer(0), $0.text(1), $0.optionalText(2)) }
        guard let application, ![Self.rule, RetoldReceipts.rule].contains(application.1) else {
            throw ReceiptRefusal.notApplied(externalID)
        }
        var receipt = try AppliedReceipt(entity, id, in: tx)
        guard !receipt.isReturned else { throw ReceiptRefusal.notApplied(externalID) }
        if application.1 == SetReceiptAside.rule, method == "bank", try !ReceiptsToReturn(entity, in: tx).holds(externalID) {
            throw ReceiptRefusal.notApplied(externalID)
        }
        // Write.
        try receipt.reopen(on: on, rule: Self.rule, &books)
        try receipt.moveBack(on: on, rule: Self.rule, &books)
        if let certificate = application.2 { contradictHabit(certificate, receipt: id, on: on, &books) }
        books.append(.application, receipt: id, rule: Self.rule, reason, reverses: application.0, on: on)
        let waits = "taken back: " + reason, weight = queueWeight(receipt.amount, bookedOn: receipt.bookedOn)
        books.append(question: waits, about: id, weight: weight, on: on)
        try tx.run(
            """
            INSERT INTO cash_queue (entity_id, receipt_id, reason, queued_on, amount_minor, weight)
            VALUES (\(entity), \(id), \(waits), \(on), \(receipt.amount.minor), \(weight))
            ON CONFLICT (entity_id, receipt_id) DO UPDATE SET reason = excluded.reason
            """)
        try books.close(in: tx)
    }

    static let rule = "unapplied"
}
