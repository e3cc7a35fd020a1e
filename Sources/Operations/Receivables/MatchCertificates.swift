import Domain
import Store

/// The certificates of one receipt's matches, oldest first, for a person to read.
package struct MatchCertificates: Sendable {
    private let entity: ID<Entity>
    private let receipt: String
    private let moment: ReportMoment?

    /// - Parameter moment: Those of that day or before that were recorded by then; all when nil.
    package init(_ entity: ID<Entity>, receipt: String, at moment: ReportMoment? = nil) {
        (self.entity, self.receipt, self.moment) = (entity, receipt, moment)
    }

    /// - Returns: One text an application: who or what decided, the words of it, and the certificate where there is one.
    package func run(in tx: any Transaction) throws -> [String] {
        let through = moment?.asOf ?? .latest, horizon = try moment?.horizon(in: tx) ?? .max
        let texts = try tx.rows(
            """
            SELECT a.applied_on, a.rule, a.explanation, a.certificate
              FROM receipt r JOIN application a ON a.entity_id = r.entity_id AND a.receipt_id = r.id
             WHERE r.entity_id = \(entity) AND r.external_id = \(receipt) AND a.applied_on <= \(through) AND a.id <= \(horizon)
             ORDER BY a.id
            """
        ) { row in "\(row.text(0)) \(row.text(1)): \(row.text(2))\n\(row.optionalText(3) ?? "")" }
        guard !texts.isEmpty else { throw ReceiptRefusal.unknown(receipt) }
        return texts
    }
}
