import Domain
import Store

/// The certificates of one receipt's matches, oldest first, for a person to read.
package struct MatchCertificates: Sendable {
    private let entity: ID<Entity>
    private let receipt: String
    package init(_ entity: ID<Entity>, receipt: String) { (self.entity, self.receipt) = (entity, receipt) }

    /// - Returns: One text an application: who or what decided, the words of it, and the certificate where there is one.
    package func run(in tx: any Transaction) throws -> [String] {
        let texts = try tx.rows(
            """
            SELECT a.applied_on, a.rule, a.explanation, a.certificate
              FROM receipt r JOIN application a ON a.entity_id = r.entity_id AND a.receipt_id = r.id
             WHERE r.entity_id = \(entity) AND r.external_id = \(receipt) ORDER BY a.id
            """
        ) { row in "\(row.text(0)) \(row.text(1)): \(row.text(2))\n\(row.optionalText(3) ?? "")" }
        guard !texts.isEmpty else { throw ReceiptRefusal.unknown(receipt) }
        return texts
    }
}
