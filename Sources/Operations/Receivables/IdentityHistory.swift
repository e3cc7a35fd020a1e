import Domain
import Store

/// What became of an identity. One without an event is as old as its customer, or as the receipt that taught it.
enum IdentityEvent: String, CaseIterable { case known, revoked }

extension Books {
    mutating func append(_ event: IdentityEvent, _ identity: PayerIdentity.Key, source: String, on day: Day) {
        let id: ID<IdentityEvent> = newID()
        append(.identityEvent) { batch in
            batch.append(id.value)
            batch.append(identity.customer.value)
            batch.append(identity.kind)
            batch.append(identity.value)
            batch.append(event.rawValue)
            batch.append(source)
            batch.append(day.iso8601)
        }
    }
}

/// Identities as they stood at a moment, by what was recorded of them.
struct IdentityHistory {
    struct Line {
        let key: PayerIdentity.Key
        /// `master`, `person` or `receipt ID`.
        let source: String
        /// nil while it stands.
        let revokedOn: Day?
    }

    private struct Event {
        let id: Int64
        let event: IdentityEvent
        let source: String
        let on: Day
    }

    private let asOf: Day
    private let horizon: Int64
    private var standing: [PayerIdentity.Key: String] = [:]
    private var revoked: [PayerIdentity.Key: Day] = [:]
    private var events: [PayerIdentity.Key: [Event]] = [:]

    /// What one customer pays by.
    init(_ moment: ReportMoment, of customer: ID<Customer>, in tx: any Transaction) throws {
        try self.init(moment, where: "customer_id = $2", .integer(customer.value), in: tx)
    }

    /// Whoever pays by one of these values.
    init(_ moment: ReportMoment, sharing values: Set<String>, in tx: any Transaction) throws {
        try self.init(
            moment, where: "kind IN ('iban', 'mandate', 'name') AND value IN (SELECT value FROM §texts($2))", .texts(values.sorted()),
            in: tx)
    }

    private init(_ moment: ReportMoment, where condition: String, _ value: SQLValue, in tx: any Transaction) throws {
        (asOf, horizon) = (moment.asOf, try moment.horizon(in: tx))
        func each(_ columns: String, _ table: String, _ body: (PayerIdentity.Key, Row) -> Void) throws {
            let text = "SELECT kind, value, customer_id, \(columns) FROM \(table) WHERE entity_id = $1 AND \(condition)"
            try tx.forEach(SQL(text: text, values: [.integer(moment.entity.value), value])) { row in
                body(PayerIdentity.Key(kind: row.text(0), value: row.text(1), customer: row.id(2)), row)
            }
        }
        try each("source", "customer_identity") { standing[$0] = $1.text(3) }
        try each("revoked_on", "identity_revocation") { revoked[$0] = $1.day(3) }
        try each("id, event, source, happened_on", "identity_event") { key, row in
            events[key, default: []].append(Event(id: row.integer(3), event: row.word(4), source: row.text(5), on: row.day(6)))
        }
    }

    /// By kind and value, those that were taken away last.
    var lines: [Line] {
        Set(standing.keys).union(revoked.keys).union(events.keys).filter { $0.customer.value <= horizon }.compactMap(line).sorted {
            (place($0), $0.key.kind, $0.key.value) < (place($1), $1.key.kind, $1.key.value)
        }
    }

    private func place(_ line: Line) -> String { line.revokedOn?.iso8601 ?? "" }

    private func line(_ key: PayerIdentity.Key) -> Line? {
        let all = (events[key] ?? []).sorted { $0.id < $1.id }, earlier = revoked[key].flatMap { $0 <= asOf ? $0 : nil }
        if let last = all.last(where: { $0.id <= horizon && $0.on <= asOf }) {
            return last.event == .known
                ? Line(key: key, source: last.source, revokedOn: nil) : Line(key: key, source: "person", revokedOn: last.on)
        }
        switch all.first {
        case let first? where first.event == .revoked:
            return isKnown(first.source) ? Line(key: key, source: first.source, revokedOn: nil) : nil
        // Taken away before its history was kept, and given again since.
        case _? where !all.contains { $0.event == .revoked }: return earlier.map { Line(key: key, source: "person", revokedOn: $0) }
        case _?: return nil
        case nil: break
        }
        if let source = standing[key] { return isKnown(source) ? Line(key: key, source: source, revokedOn: nil) : nil }
        return Line(key: key, source: "person", revokedOn: earlier)
    }

    /// What a receipt taught is no older than the receipt.
    private func isKnown(_ source: String) -> Bool { CustomerIdentities.receipt(in: source).map { $0 <= horizon } ?? true }
}
