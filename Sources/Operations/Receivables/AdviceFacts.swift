import Domain
import Store

/// The remittance advices that certificates rest on, read back to check what the certificates say of them.
struct AdviceFacts {
    private struct Line {
        let documents: [String]
        let kind: String
        let grossMinor, paidMinor: Int64?
        let discountMinor, deductionMinor: Int64
        let citations: String
        /// Below zero where a credit is taken.
        var payment: Int64? {
            let paid = paidMinor ?? grossMinor.map { $0 &- discountMinor &- deductionMinor }
            return kind == "credit_note" ? paid.map { $0 < 0 ? $0 : 0 &- $0 } : paid
        }
    }
    private var lines: [Int64: [Int64: Line]] = [:]
    /// Receipts that an advice, or another reading of the same advice, is linked to, and by which fact.
    private var links: [Int64: [(receipt: Int64, link: Int64)]] = [:]

    init(_ entity: ID<Entity>, of certificates: [CertificateReader], in tx: any Transaction) throws {
        let ids = Set(certificates.flatMap(\.advised).map(\.advice))
        guard !ids.isEmpty else { return }
        try tx.forEach(
            """
            SELECT advice_id, line, document, also_known_as, kind, gross_minor, paid_minor, discount_minor, deduction_minor, citations
              FROM remittance_line WHERE entity_id = \(entity) AND advice_id IN \(ids: ids)
            """
        ) { row in
            lines[row.integer(0), default: [:]][row.integer(1)] = Line(
                documents: [row.text(2)] + row.text(3).split(separator: "\n").map(String.init), kind: row.text(4),
                grossMinor: row.optionalInteger(5), paidMinor: row.optionalInteger(6), discountMinor: row.optionalInteger(7) ?? 0,
                deductionMinor: row.optionalInteger(8) ?? 0, citations: row.text(9))
        }
        try tx.forEach(
            """
            SELECT n.id, l.receipt_id, l.id
              FROM remittance_advice n
              JOIN remittance_advice a ON a.entity_id = n.entity_id AND a.file_digest = n.file_digest AND a.position = n.position
                AND a.reader = n.reader
              JOIN remittance_link l ON l.entity_id = a.entity_id AND l.advice_id = a.id
             WHERE n.entity_id = \(entity) AND n.id IN \(ids: ids)
            """
        ) { links[$0.integer(0), default: []].append(($0.integer(1), $0.integer(2))) }
    }

    /// What a certificate says of advices against what they say: linked by then, each line as it stands, none left out, each naming its
    /// item.
    ///
    /// - Parameter numbers: An item's own number and those of its orders.
    func faults(of certificate: CertificateReader, receipt: Int64, before application: Int64, numbers: (Int64) -> [String]) -> [String] {
        var faults: [String] = []
        for advice in Set(certificate.advised.map(\.advice)).sorted() {
            if !(links[advice] ?? []).contains(where: { $0.receipt == receipt && $0.link < application }) {
                faults.append("advice \(advice) was not linked to the receipt")
            }
            let paying = (lines[advice] ?? [:]).filter { $0.value.payment != 0 }.keys
            let missing = Set(paying).subtracting(certificate.advised.filter { $0.advice == advice }.map(\.line))
            if let line = missing.min() { faults.append("line \(line) of advice \(advice) is left out") }
        }
        for one in certificate.advised {
            guard let line = lines[one.advice]?[one.line] else {
                faults.append("advice \(one.advice) has no line \(one.line)")
                continue
            }
            if line.payment != one.paidMinor || line.deductionMinor != one.keptMinor || line.citations != one.citations {
                faults.append("line \(one.line) of advice \(one.advice) says something else")
            }
            let own = numbers(one.itemID).map(plainLetters), said = line.documents.map(plainLetters)
            let isNamed = own.contains { number in
                let digits = String(number.reversed().prefix { $0.isNumber }.reversed().drop { $0 == "0" })
                return said.contains { $0.contains(number) || digits.count >= 6 && $0.contains(digits) }
            }
            if !isNamed { faults.append("line \(one.line) of advice \(one.advice) does not name item \(one.itemID)") }
        }
        let advised = Set(certificate.advised.map(\.itemID))
        for named in certificate.named where named.strength == "advised" && !advised.contains(named.itemID) {
            faults.append("\(named.reference) is in no line of an advice")
        }
        return faults
    }
}
