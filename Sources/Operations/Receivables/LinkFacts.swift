import Domain
import Store

/// The links between advices and receipts that certificates state, proven again from the advice and from every receipt of its amount: by
/// code of its own, as of the moment of the link.
struct LinkFacts {
    private struct Link {
        let id: Int64
        let receipt: Int64
        let rule: String
        /// The first id of the transaction that linked: what it saw is older.
        let first: Int64
        let payer: PayerName
        let accounts: Set<String>
        let reference: String
        let paidOn: Day?
        let currency: String
        let totalMinor: Int64
    }
    private struct Payment {
        let bookedOn: Day?
        let currency: String
        let payer: PayerName
        let account: String
        /// When an advice was first linked to it, or the end.
        let linked: Int64
        var fields: [String]
    }
    private var links: [Int64: [Link]] = [:]
    /// By amount and id.
    private var payments: [Int64: [Int64: Payment]] = [:]

    init(_ entity: ID<Entity>, of certificates: [CertificateReader], in tx: any Transaction) throws {
        let ids = Set(certificates.flatMap(\.linked).map(\.advice))
        guard !ids.isEmpty else { return }
        var amounts: Set<Int64> = []
        try tx.forEach(
            """
            SELECT n.id, l.id, l.receipt_id, l.rule, a.payer_name, a.payer_identifiers, a.payment_reference, a.paid_on, a.currency, a.total_minor,
                   (SELECT s.first_id FROM seal s WHERE s.entity_id = l.entity_id AND s.last_id >= l.id ORDER BY s.last_id LIMIT 1)
              FROM remittance_advice n
              JOIN remittance_advice a ON a.entity_id = n.entity_id AND a.file_digest = n.file_digest AND a.position = n.position AND a.reader = n.reader
              JOIN remittance_link l ON l.entity_id = a.entity_id AND l.advice_id = a.id
             WHERE n.entity_id = \(entity) AND n.id IN \(ids: ids)
            """
        ) { row in
            let total = row.optionalInteger(9) ?? 0
            amounts.insert(0 &- total)
            links[row.integer(0), default: []].append(
                Link(
                    id: row.integer(1), receipt: row.integer(2), rule: row.text(3), first: row.optionalInteger(10) ?? row.integer(1),
                    payer: PayerName(row.optionalText(4) ?? ""),
                    accounts: Set(row.text(5).split(separator: "\n").map { comparableAccount(String($0)) }).subtracting([""]),
                    reference: Self.letters(row.optionalText(6) ?? ""), paidOn: row.optionalText(7).flatMap { Day($0) },
                    currency: row.text(8), totalMinor: total))
        }
        try readPayments(entity, amounts, in: tx)
    }

    /// Every receipt of the advices' amounts, with the reference that the bank gave the entry it came in.
    private mutating func readPayments(_ entity: ID<Entity>, _ amounts: Set<Int64>, in tx: any Transaction) throws {
        var entries: [String: [(amount: Int64, id: Int64)]] = [:]
        try tx.forEach(
            """
            SELECT r.id, r.amount_minor, r.booked_on, r.currency, r.payer_name, r.payer_iban,
                   (SELECT MIN(l.id) FROM remittance_link l WHERE l.entity_id = r.entity_id AND l.receipt_id = r.id),
                   r.end_to_end_id, r.structured_reference, r.remittance, CASE WHEN r.method = 'bank' THEN r.external_id END
              FROM open_item i
              JOIN receipt r ON r.entity_id = i.entity_id AND r.id = i.id
             WHERE i.entity_id = \(entity) AND i.amount_minor IN \(ids: amounts)
            """
        ) { row in
            let id = row.integer(0), amount = row.integer(1)
            payments[amount, default: [:]][id] = Payment(
                bookedOn: Day(row.text(2)), currency: row.text(3), payer: PayerName(row.optionalText(4) ?? ""),
                account: comparableAccount(row.optionalText(5) ?? ""), linked: row.optionalInteger(6) ?? .max,
                fields: (7...9).compactMap { row.optionalText($0) })
            if let entry = row.optionalText(10)?.split(separator: "/").first { entries[String(entry), default: []].append((amount, id)) }
        }
        try tx.forEach(
            """
            SELECT entry_key, reference FROM statement_entry
             WHERE entity_id = \(entity) AND entry_key IN \(texts: entries.keys.sorted()) AND reference IS NOT NULL
            """
        ) { row in
            for (amount, id) in entries[row.text(0)] ?? [] { payments[amount]?[id]?.fields.append(row.text(1)) }
        }
    }

    /// What a certificate says of the link it rests on, against the advice and the receipts that it might have been of.
    func faults(of certificate: CertificateReader, receipt: Int64, before application: Int64) -> [String] {
        certificate.linked.compactMap { stated in
            // That no link stands at all is told with the advice's lines.
            guard let link = (links[stated.advice] ?? []).first(where: { $0.receipt == receipt && $0.id < application }) else { return nil }
            guard link.rule == stated.rule else {
                return "advice \(stated.advice) was linked by \(link.rule), the certificate says \(stated.rule)"
            }
            let fitting = (payments[link.totalMinor] ?? [:]).filter { id, payment in
                id < link.first && payment.linked >= link.first && Self.fits(payment, link)
            }
            guard let own = fitting[receipt] else { return "advice \(stated.advice) does not fit the receipt by its \(link.rule)" }
            if fitting.count > 1 { return "advice \(stated.advice) fits \(fitting.count) receipts by its \(link.rule)" }
            let isShort = link.rule == "reference" && link.reference.utf8.count < 8
            if isShort, !(own.payer.plain.isEmpty && own.account.isEmpty), !Self.isOfPayer(own, link) {
                return "advice \(stated.advice) has a short reference, and the receipt is another payer's"
            }
            return nil
        }
    }

    private static func fits(_ payment: Payment, _ link: Link) -> Bool {
        guard payment.currency == link.currency, let bookedOn = payment.bookedOn else { return false }
        // Money arrives from 5 days before to 15 days after the day that the advice names.
        if let paidOn = link.paidOn, bookedOn - paidOn < -5 || bookedOn - paidOn > 15 { return false }
        if link.rule == "payer" { return link.paidOn != nil && isOfPayer(payment, link) }
        return link.reference.utf8.count >= 4 && payment.fields.contains { stands(link.reference, in: $0) }
    }

    private static func isOfPayer(_ payment: Payment, _ link: Link) -> Bool {
        if payment.payer.isAlike(link.payer) || link.accounts.contains(payment.account) { return true }
        let slash = payment.account.firstIndex(of: "/"), account = payment.account
        guard let slash else { return false }
        return link.accounts.contains(String(account[..<slash])) && link.accounts.contains(String(account[slash...].dropFirst()))
    }

    /// Whether a reference of 12 characters stands anywhere in a field, a shorter one from the edge of a word to the edge of a word.
    private static func stands(_ reference: String, in field: String) -> Bool {
        var written: [Character] = [], edges: Set<Int> = [0]
        for character in field.uppercased() {
            if character.isLetter || character.isNumber { written.append(character) } else { edges.insert(written.count) }
        }
        edges.insert(written.count)
        let wanted = Array(reference), isLong = reference.utf8.count >= 12
        guard written.count >= wanted.count else { return false }
        return (0...(written.count - wanted.count)).contains { start in
            let end = start + wanted.count
            return (isLong || edges.contains(start) && edges.contains(end)) && written[start..<end].elementsEqual(wanted)
        }
    }

    private static func letters(_ text: String) -> String { String(text.uppercased().filter { $0.isLetter || $0.isNumber }) }
}
