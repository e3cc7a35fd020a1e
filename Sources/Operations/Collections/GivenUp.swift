import Domain
import Store

/// What stands written off: of a document by anybody, for its customer by one person alone.
struct GivenUp: Sendable {
    private let entity: ID<Entity>
    private let currency: Currency
    init(_ entity: ID<Entity>, _ currency: Currency) { (self.entity, self.currency) = (entity, currency) }

    /// How the memo of a write-off ends: by it the journal says who gave up alone, whatever the reason before it says.
    static func ending(_ by: WriteOff.Decision) -> String {
        ", \(by.name)" + (by.second.map { ", with a second person, \($0.rawValue)" } ?? "")
    }

    /// - Parameters:
    ///   - item: Of the document.
    ///   - day: Write-offs are booked on it or, where it is closed, later: those count too.
    func sums(
        document item: Int64, by decision: WriteOff.Decision, on day: Day, in tx: any Transaction
    ) throws -> (document: Money, person: Money) {
        let ofDocument = try tx.first(
            """
            SELECT CAST(COALESCE(SUM(a.amount_minor), 0) AS BIGINT) FROM allocation a
             WHERE a.entity_id = \(entity) AND a.debit_item_id = \(item) AND a.rule = \(WriteOff.rule) AND a.amount_minor > 0
               AND NOT EXISTS (SELECT 1 FROM allocation b WHERE b.entity_id = a.entity_id AND b.debit_item_id = a.debit_item_id
                                  AND b.reverses_id = a.id)
            """
        ) { $0.integer(0) }
        let names = try decision.id.map { try ReadPeople(entity).actingNames(of: $0, in: tx) } ?? []
        let endings = Set([decision.name] + names).map { Self.ending(WriteOff.Decision(.viewer, name: $0)) }
        var ofPerson: Int64 = 0
        try tx.forEach(
            """
            SELECT j.memo, a.amount_minor FROM open_item c
              JOIN journal_entry j ON j.entity_id = c.entity_id AND j.id = c.id
              JOIN allocation a ON a.entity_id = c.entity_id AND a.credit_item_id = c.id
             WHERE c.entity_id = \(entity) AND c.effective_on >= \(day) AND c.kind = 'adjustment' AND c.currency = \(currency.code)
               AND c.customer_id = (SELECT d.customer_id FROM open_item d WHERE d.entity_id = \(entity) AND d.id = \(item))
               AND j.kind = \(WriteOff.rule) AND a.rule = \(WriteOff.rule) AND a.amount_minor > 0
               AND NOT EXISTS (SELECT 1 FROM allocation b WHERE b.entity_id = a.entity_id AND b.debit_item_id = a.debit_item_id
                                  AND b.reverses_id = a.id)
            """
        ) { row in
            let memo = row.text(0)
            if endings.contains(where: { memo.hasSuffix($0) }) { ofPerson += row.integer(1) }
        }
        return (Money(minor: ofDocument ?? 0, currency), Money(minor: ofPerson, currency))
    }
}
