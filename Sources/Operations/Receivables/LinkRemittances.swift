import Domain
import Store

/// Links advices to the receipts they explain, where that is certain: the amount is the same to the unit, and either exactly one such
/// receipt carries the payment's reference as words of its own, or exactly one comes from the payer by name or account, as customers' names and
/// accounts compare; of the same days, where the advice names its day. `VerifyMatches` proves a link again by which cash was applied.
package struct LinkRemittances: Sendable {
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    private struct Advice {
        let id: Int64
        let payer: PayerName
        let accounts: Set<String>
        let reference: String?
        let paidOn: Day?
        let amount: Money
    }

    private struct Receipt {
        let id: Int64
        let amount: Money
        let bookedOn: Day
        let payer: PayerName
        let account: String
        /// Each field's words: letters and digits, in capitals.
        var words: [[String]]

        /// Whether a reference stands there as words of its own: a short one within a longer number names another thing.
        func carries(_ reference: String) -> Bool {
            words.contains { field in
                if reference.utf8.count >= LinkRemittances.longReference, field.joined().contains(reference) { return true }
                return field.indices.contains { start in
                    var joined = ""
                    for word in field[start...] where joined.utf8.count < reference.utf8.count { joined += word }
                    return joined == reference
                }
            }
        }

        func isOf(_ advice: Advice) -> Bool {
            if payer.isAlike(advice.payer) || !account.isEmpty && advice.accounts.contains(account) { return true }
            // Readers up to version 7 kept the bank's number and the account's beside each other.
            let parts = account.split(separator: "/").map(String.init)
            return parts.count == 2 && advice.accounts.isSuperset(of: parts)
        }
        var namesNobody: Bool { payer.plain.isEmpty && account.isEmpty }
    }

    private struct Claim {
        let advice: Int64
        let rule: String
        /// What is not sure links nothing, and keeps another advice from the receipt.
        let isSure: Bool
    }

    /// A shorter reference needs the payer too: another's customer number or order may read the same.
    private static let ownReference = 8
    /// From so many characters on a reference may stand within a longer word, as behind a bank's own prefix.
    fileprivate static let longReference = 12

    /// Money arrives within these days of the day the advice names.
    private static let daysBefore = 5, daysAfter = 15
    private static let adviceBound = 10_000

    /// - Returns: The receipts to which an advice is linked now.
    package func run(in tx: any Transaction, at now: Instant) throws -> [ID<Domain.Receipt>] {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let advices = try openAdvices(tx)
        var receipts: [Money: [Receipt]] = [:]
        for receipt in try openReceipts(advices, tx) { receipts[receipt.amount, default: []].append(receipt) }
        // Decide.
        var claims: [Int64: [Claim]] = [:]
        for advice in advices {
            guard let (receipt, claim) = match(advice, receipts[advice.amount] ?? []) else { continue }
            claims[receipt, default: []].append(claim)
        }
        // Write: two advices that claim one receipt are both left to a person.
        let certain = claims.filter { $0.value.count == 1 && $0.value[0].isSure }.sorted { $0.key < $1.key }
        for (receipt, claim) in certain {
            let id: ID<RemittanceAdvice> = books.newID()
            books.append(.remittanceLink) { batch in
                batch.append(id.value)
                batch.append(claim[0].advice)
                batch.append(receipt)
                batch.append(claim[0].rule)
            }
        }
        try books.close(in: tx)
        return certain.map { ID($0.key) }
    }

    /// Those without link that no later version of their reader replaced.
    private func openAdvices(_ tx: any Transaction) throws -> [Advice] {
        try tx.rows(
            """
            SELECT a.id, a.payer_name, a.payer_identifiers, a.payment_reference, a.paid_on, a.currency, a.total_minor
              FROM remittance_advice a
              LEFT JOIN remittance_link l ON l.entity_id = a.entity_id AND l.advice_id = a.id
              LEFT JOIN remittance_advice n ON n.entity_id = a.entity_id AND n.file_digest = a.file_digest AND n.position = a.position
                   AND n.reader = a.reader AND n.reader_version > a.reader_version
             WHERE a.entity_id = \(entity) AND l.advice_id IS NULL AND n.id IS NULL AND a.total_minor > 0
             ORDER BY a.id DESC LIMIT \(Int64(Self.adviceBound))
            """
        ) { row in
            Currency(row.text(5)).map { currency in
                Advice(
                    id: row.integer(0), payer: PayerName(row.optionalText(1) ?? ""),
                    accounts: Set(row.text(2).split(separator: "\n").map { comparableAccount(String($0)) }),
                    reference: row.optionalText(3).map(folded),
                    paidOn: row.optionalText(4).flatMap { Day($0) }, amount: row.money(6, currency))
            }
        }.compactMap { $0 }
    }

    /// Receipts of those amounts to which no advice is linked; a receipt's open item has its id and its amount below zero.
    private func openReceipts(_ advices: [Advice], _ tx: any Transaction) throws -> [Receipt] {
        guard !advices.isEmpty else { return [] }
        let amounts = Set(advices.map { -$0.amount.minor }).sorted()
        var keys: [Int64: String] = [:]
        let receipts: [Receipt] = try tx.rows(
            """
            SELECT r.id, r.currency, r.amount_minor, r.booked_on, r.payer_name, r.payer_iban, r.end_to_end_id, r.structured_reference, r.remittance,
                   r.method, r.external_id
              FROM open_item i
              JOIN receipt r ON r.entity_id = i.entity_id AND r.id = i.id
              LEFT JOIN remittance_link l ON l.entity_id = r.entity_id AND l.receipt_id = r.id
             WHERE i.entity_id = \(entity) AND i.amount_minor IN \(ids: amounts) AND l.receipt_id IS NULL
            """
        ) { row in
            guard let currency = Currency(row.text(1)), let bookedOn = Day(row.text(3)) else { return nil }
            // Behind a stroke stands the place of a transaction in its entry.
            if row.text(9) == "bank" { keys[row.integer(0)] = String(row.text(10).prefix { $0 != "/" }) }
            return Receipt(
                id: row.integer(0), amount: row.money(2, currency), bookedOn: bookedOn,
                payer: PayerName(row.optionalText(4) ?? ""), account: comparableAccount(row.optionalText(5) ?? ""),
                words: [row.optionalText(6), row.optionalText(7), row.text(8)].compactMap { $0 }.map(words))
        }.compactMap { $0 }
        let references = try bankReferences(Set(keys.values), tx)
        return receipts.map { receipt in
            var receipt = receipt
            if let reference = keys[receipt.id].flatMap({ references[$0] }) { receipt.words.append(words(reference)) }
            return receipt
        }
    }

    /// The bank's own references of entries, by their keys.
    private func bankReferences(_ keys: Set<String>, _ tx: any Transaction) throws -> [String: String] {
        var references: [String: String] = [:]
        try tx.forEach(
            """
            SELECT entry_key, reference FROM statement_entry
             WHERE entity_id = \(entity) AND reference IS NOT NULL AND entry_key IN \(texts: keys)
            """
        ) { references[$0.text(0)] = $0.text(1) }
        return references
    }

    private func match(_ advice: Advice, _ receipts: [Receipt]) -> (receipt: Int64, claim: Claim)? {
        let near = receipts.filter { receipt in
            advice.paidOn.map { (-Self.daysBefore...Self.daysAfter).contains(receipt.bookedOn - $0) } ?? true
        }
        var doubtful: Receipt?
        if let reference = advice.reference, reference.utf8.count >= 4 {
            let named = near.filter { $0.carries(reference) }
            if named.count == 1 {
                let isSure = reference.utf8.count >= Self.ownReference || named[0].namesNobody || named[0].isOf(advice)
                if isSure { return (named[0].id, Claim(advice: advice.id, rule: "reference", isSure: true)) }
                doubtful = named[0]
            }
        }
        let own = advice.paidOn == nil ? [] : near.filter { $0.isOf(advice) }
        if own.count == 1 { return (own[0].id, Claim(advice: advice.id, rule: "payer", isSure: true)) }
        return doubtful.map { ($0.id, Claim(advice: advice.id, rule: "reference", isSure: false)) }
    }
}

private func words(_ text: String) -> [String] {
    text.uppercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
}

/// Letters and digits only, in capitals: how references compare.
private func folded(_ text: String) -> String { String(text.uppercased().filter { $0.isLetter || $0.isNumber }) }
