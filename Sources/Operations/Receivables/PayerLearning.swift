import Domain
import Store

/// A payer's account, mandate or name that settled a customer's items and is not yet known as that customer's.
struct PayerSighting {
    let evidence: PayerEvidence
    let value: String
    let customer: ID<Customer>
    let receipt: Int64
    /// The payer goes by the customer's own name: once is enough.
    let isOwnName: Bool
}

extension PayerSighting {
    /// What a receipt of `customer` shows that is not known of it.
    static func all(in receipt: RecordedReceipt, _ customer: ID<Customer>, _ index: MatchIndex) -> [PayerSighting] {
        let payer = receipt.intake.payerName.map(PayerName.init)
        guard !receipt.isIdentified, payer?.isCollector != true, !index.paysForFamily(PayerWords(receipt.intake), payer, customer) else {
            return []
        }
        let spellings = payer?.spellings ?? [], name = spellings.first ?? ""
        let isOwnName = spellings.contains { index.customers(.name, $0).contains(customer) }
        var sightings: [PayerSighting] = []
        func see(_ evidence: PayerEvidence, _ value: String) {
            guard !index.customers(evidence, value).contains(customer) else { return }
            sightings.append(PayerSighting(evidence: evidence, value: value, customer: customer, receipt: receipt.id, isOwnName: isOwnName))
        }
        if let mandate = receipt.intake.mandateID { see(.mandate, comparableMandate(mandate)) }
        if let iban = receipt.intake.payerIBAN { see(.iban, iban) }
        if name.utf8.count >= 4, !isOwnName {
            sightings.append(PayerSighting(evidence: .name, value: name, customer: customer, receipt: receipt.id, isOwnName: false))
        }
        return sightings
    }
}

/// Counts sightings and makes identities of those that are certain: in the customer's own name, or seen twice with one customer and never
/// with another. A name that a bank has cut, so that several customers' begin with it, is nobody's. One that was learned of another
/// customer stands for both from now on: it tells neither. What a person revoked is not learned again.
///
/// - Returns: The rows of `customer_identity` that were made.
func learn(_ sightings: [PayerSighting], _ entity: ID<Entity>, in tx: any Transaction) throws -> RowBatch {
    var learned = RowBatch(MasterRecord.customerIdentity.table)
    guard !sightings.isEmpty else { return learned }
    try tx.repeated(
        """
        INSERT INTO payer_sighting (entity_id, kind, value, customer_id, receipt_count, last_receipt) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (entity_id, kind, value, customer_id) DO UPDATE
        SET receipt_count = payer_sighting.receipt_count + 1, last_receipt = excluded.last_receipt
        """, 6,
        sightings.flatMap {
            // A sighting in the customer's own name weighs as much as the count that is wanted.
            [
                .integer(entity.value), .text($0.evidence.rawValue), .text($0.value), .integer($0.customer.value),
                .integer(Int64($0.isOwnName ? MatchLearning.confirmations : 1)), .integer($0.receipt),
            ] as [SQLValue]
        })
    try tx.forEach(
        """
        INSERT INTO customer_identity (entity_id, kind, value, customer_id, source)
        SELECT s.entity_id, s.kind, s.value, s.customer_id, 'receipt ' || CAST(s.last_receipt AS TEXT)
          FROM payer_sighting s
         WHERE s.entity_id = \(entity) AND s.value IN \(texts: Set(sightings.map(\.value)))
           AND (s.receipt_count >= \(MatchLearning.confirmations)
                AND NOT EXISTS (SELECT 1 FROM payer_sighting o WHERE o.entity_id = s.entity_id AND o.kind = s.kind AND o.value = s.value
                                   AND o.customer_id <> s.customer_id)
                OR EXISTS (SELECT 1 FROM customer_identity k WHERE k.entity_id = s.entity_id AND k.kind = s.kind AND k.value = s.value
                              AND k.customer_id <> s.customer_id AND substr(k.source, 1, 8) = 'receipt '))
           AND NOT EXISTS (SELECT 1 FROM customer_identity n WHERE n.entity_id = s.entity_id AND s.kind = 'name' AND n.kind = 'name'
                              AND n.value > s.value AND n.value < s.value || \(lastLetter) AND n.customer_id <> s.customer_id)
           AND NOT EXISTS (SELECT 1 FROM identity_revocation r WHERE r.entity_id = s.entity_id AND r.kind = s.kind AND r.value = s.value
                              AND r.customer_id = s.customer_id)
        ON CONFLICT (entity_id, kind, value, customer_id) DO NOTHING
        RETURNING entity_id, kind, value, customer_id, source
        """
    ) { row in
        for (at, column) in learned.table.columns.enumerated() { learned.append(row, at, column.kind) }
    }
    return learned
}

/// After every letter: names that begin with another lie between it and it with this behind it.
private let lastLetter = "\u{10FFFF}"
