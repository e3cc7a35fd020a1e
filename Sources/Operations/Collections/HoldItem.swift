import Domain
import Store

/// Keeps an open item out of reminders: a dispute until it is lifted, a promise until the day promised.
package struct HoldItem: Sendable {
    package enum Kind: String, CaseIterable, Sendable { case dispute, promise }
    package enum Refused: Refusal {
        case unknown(String)
        case settled(String)
        case held(String)
        case notHeld(String)
        case noReason
        case promiseWithoutDay

        package var category: RefusalCategory {
            switch self {
            case .unknown: .missing
            case .settled, .held, .notHeld: .conflict
            case .noReason, .promiseWithoutDay: .invalid
            }
        }
        package var code: String {
            switch self {
            case .unknown: "document_not_found"
            case .settled: "document_settled"
            case .held: "hold_stands"
            case .notHeld: "hold_missing"
            case .noReason: "reason_missing"
            case .promiseWithoutDay: "promise_day_missing"
            }
        }
        package var message: String {
            switch self {
            case .unknown(let number): "document \(number) does not exist"
            case .settled(let number): "document \(number) is settled: there is nothing to hold"
            case .held(let number): "document \(number) is held already: lift that first"
            case .notHeld(let number): "document \(number) is not held"
            case .noReason: "say why"
            case .promiseWithoutDay: "a promise names the day it is for, today or later"
            }
        }
    }

    private let entity: ID<Entity>
    private let document, reason: String
    private let kind: Kind
    private let on: Day
    private let until: Day?

    /// - Parameter until: The day promised; a dispute may leave it out.
    package init(_ entity: ID<Entity>, document: String, _ kind: Kind, until: Day? = nil, reason: String, on day: Day) {
        (self.entity, self.document, self.kind, self.until, self.reason, on) = (entity, document, kind, until, reason, day)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        guard !reason.isEmpty else { throw Refused.noReason }
        if kind == .promise { guard let until, until >= on else { throw Refused.promiseWithoutDay } }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        guard let item = try openItem(entity, document, in: tx) else { throw Refused.unknown(document) }
        guard item.open != 0 else { throw Refused.settled(document) }
        guard try holds(entity, [item.id], on: on, in: tx).isEmpty else { throw Refused.held(document) }
        // Write.
        let id: ID<Customer> = books.newID()
        try tx.run(
            """
            INSERT INTO collection_hold (entity_id, id, item_id, kind, from_on, until_on, reason)
            VALUES (\(entity), \(id), \(item.id), \(kind.rawValue), \(on), \(until?.iso8601), \(reason))
            """)
        try books.close(in: tx)
    }
}

/// Ends what holds a document: reminders count it again from this day on.
package struct LiftHold: Sendable {
    private let entity: ID<Entity>
    private let document: String
    private let on: Day
    package init(_ entity: ID<Entity>, document: String, on day: Day) { (self.entity, self.document, on) = (entity, document, day) }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        let books = try Books(lock: entity, at: now, in: tx)
        // Read.
        guard let item = try openItem(entity, document, in: tx) else { throw HoldItem.Refused.unknown(document) }
        // Write.
        let lifted = try tx.changes(
            """
            UPDATE collection_hold SET lifted_on = \(on)
             WHERE entity_id = \(entity) AND item_id = \(item.id) AND lifted_on IS NULL AND COALESCE(until_on, '9999-12-31') >= \(on)
            """)
        guard lifted > 0 else { throw HoldItem.Refused.notHeld(document) }
        try books.close(in: tx)
    }
}

private func openItem(_ entity: ID<Entity>, _ document: String, in tx: any Transaction) throws -> (id: Int64, open: Int64)? {
    try tx.first(
        """
        SELECT i.id, i.open_minor FROM invoice d JOIN open_item i ON i.entity_id = d.entity_id AND i.id = d.id
         WHERE d.entity_id = \(entity) AND d.number = \(document)
        """
    ) { ($0.integer(0), $0.integer(1)) }
}
