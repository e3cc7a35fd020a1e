import Domain
import Store

/// What the books hold of the differences that certificates state: the documents' own amounts, and the account each kind was booked to.
struct DifferenceFacts {
    /// The accounts by kind, stated here again: a difference on another one is a fault.
    private static let accounts = [
        "bank_charge": "6000", "discount": "4800", "rounding": "6300", "withholding": "1300", "short_payment": "6150",
    ]

    private struct Entry { let id: Int64, kind, account: String, minor: Int64 }
    private var amounts: [Int64: (gross: Int64, net: Int64?)] = [:]
    /// Postings of the credits that settle each item.
    private var entries: [Int64: [Entry]] = [:]

    init(_ entity: ID<Entity>, of certificates: [CertificateReader], in tx: any Transaction) throws {
        let items = Set(certificates.filter { !$0.adjustments.isEmpty }.flatMap { $0.lines.map(\.itemID) })
        guard !items.isEmpty else { return }
        try tx.forEach(
            """
            SELECT i.id, i.amount_minor, d.net_minor FROM open_item i LEFT JOIN invoice d ON d.entity_id = i.entity_id AND d.id = i.id
             WHERE i.entity_id = \(entity) AND i.id IN \(ids: items)
            """
        ) { amounts[$0.integer(0)] = ($0.integer(1), $0.optionalInteger(2)) }
        try tx.forEach(
            """
            SELECT DISTINCT a.debit_item_id, e.id, e.kind, p.account, p.amount_minor, p.line
              FROM allocation a JOIN journal_entry e ON e.entity_id = a.entity_id AND e.id = a.credit_item_id
              JOIN posting p ON p.entity_id = e.entity_id AND p.entry_id = e.id
             WHERE a.entity_id = \(entity) AND a.debit_item_id IN \(ids: items) AND a.amount_minor > 0
            """
        ) { row in
            entries[row.integer(0), default: []].append(
                Entry(id: row.integer(1), kind: row.text(2), account: row.text(3), minor: row.integer(4)))
        }
    }

    /// A difference on another account than its kind's, more or less of it than is stated, or a limit that was not of the whole document.
    ///
    /// - Parameters:
    ///   - application: What was booked with it has a greater id …
    ///   - next: … and a smaller one than this.
    func faults(of certificate: CertificateReader, after application: Int64, before next: Int64) -> [String] {
        guard !certificate.adjustments.isEmpty else { return [] }
        var stated: [String: Int64] = [:], booked: [String: Int64] = [:], seen: Set<Int64> = [], faults: [String] = []
        for one in certificate.adjustments { stated[one.kind, default: 0] += one.minor }
        for line in certificate.lines {
            let own = (entries[line.itemID] ?? []).filter { $0.id > application && $0.id < next && Self.accounts[$0.kind] != nil }
            for (id, postings) in Dictionary(grouping: own, by: \.id) where seen.insert(id).inserted {
                let kind = postings[0].kind, others = postings.filter { $0.account != "1200" }
                booked[kind, default: 0] -= postings.filter { $0.account == "1200" }.reduce(0) { $0 + $1.minor }
                let allowed: Set = kind == "discount" ? [Self.accounts[kind], "2200"] : [Self.accounts[kind]]
                if let stranger = others.first(where: { !allowed.contains($0.account) }) {
                    faults.append("its \(kind) is booked to account \(stranger.account)")
                }
            }
        }
        if booked != stated {
            let texts = [stated, booked].map { sums in
                sums.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            }
            faults.append("it states \(texts[0]), booked are \(texts[1].isEmpty ? "none" : texts[1])")
        }
        return faults + wholeness(certificate)
    }

    private func wholeness(_ certificate: CertificateReader) -> [String] {
        guard certificate.rule == "reference_tolerance" else { return [] }
        return certificate.lines.compactMap { line in
            guard let amount = amounts[line.itemID] else { return nil }
            if amount.gross != line.minor {
                return "item \(line.itemID) was \(amount.gross) before a part payment: no difference is taken on a rest"
            }
            guard let base = certificate.bases[line.itemID] else { return nil }
            let isRight = certificate.withholding?.base == "net" ? base == amount.net : base == amount.gross
            return isRight ? nil : "item \(line.itemID): tax is withheld of \(base), which is not its amount"
        }
    }
}
