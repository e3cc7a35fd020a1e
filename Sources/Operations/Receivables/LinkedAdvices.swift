import Domain
import Store

/// Reads the advices that are linked to receipts, each as the latest version of its reader read it.
///
/// - Returns: The advice by receipt.
func linkedAdvices(of receipts: [Int64], _ entity: ID<Entity>, in tx: any Transaction) throws -> [Int64: LinkedAdvice] {
    var advices: [Int64: (id: Int64, currency: Currency, rule: String)] = [:]
    try tx.forEach(
        """
        SELECT l.receipt_id, n.id, n.currency, l.rule
          FROM remittance_link l
          JOIN remittance_advice a ON a.entity_id = l.entity_id AND a.id = l.advice_id
          JOIN remittance_advice n ON n.entity_id = a.entity_id AND n.file_digest = a.file_digest AND n.position = a.position AND n.reader = a.reader
         WHERE l.entity_id = \(entity) AND l.receipt_id IN \(ids: receipts) ORDER BY l.receipt_id, n.reader_version
        """
    ) { advices[$0.integer(0)] = ($0.integer(1), $0.currency(2), $0.text(3)) }
    guard !advices.isEmpty else { return [:] }
    var lines: [Int64: [LinkedAdvice.Line]] = [:]
    try tx.forEach(
        """
        SELECT advice_id, line, document, also_known_as, kind, gross_minor, paid_minor, discount_minor, deduction_minor, deduction_reasons, citations
          FROM remittance_line WHERE entity_id = \(entity) AND advice_id IN \(ids: advices.values.map(\.id)) ORDER BY advice_id, line
        """
    ) { row in
        lines[row.integer(0), default: []].append(
            LinkedAdvice.Line(
                number: row.integer(1), document: row.text(2), alsoKnownAs: row.text(3).split(separator: "\n").map(String.init),
                isCredit: row.text(4) == RemittanceAdvice.DocumentKind.creditNote.rawValue, grossMinor: row.optionalInteger(5),
                paidMinor: row.optionalInteger(6), discountMinor: row.optionalInteger(7) ?? 0, deductionMinor: row.optionalInteger(8) ?? 0,
                deductionReasons: row.text(9).split(separator: "\n").joined(separator: ", "), citations: row.text(10)))
    }
    return advices.mapValues { LinkedAdvice(id: $0.id, currency: $0.currency, rule: $0.rule, lines: lines[$0.id] ?? []) }
}
