import Domain
import Store

/// Checks every certificate of a match against the facts, with code that shares nothing with the engine that posted it.
///
/// For each application it reads back what was open of every item named when the cash was applied, the words of the receipt, the identities of the
/// payer and what was allocated, and compares them with what the certificate states.
package struct VerifyMatches: Sendable {
    package struct Report: Equatable, Sendable {
        package var verified = 0
        /// Applications that a person decided: they have no certificate.
        package var manual = 0
        /// Receipts that the bank told again in full: what was told before is taken back, without a certificate.
        package var retold = 0
        /// Of `verified`, those under rules of the installation's own from before the texts of policies were kept: their points and
        /// limits are held against nothing.
        package var unweighed = 0
        package var faults: [String] = []
        package init(verified: Int = 0, manual: Int = 0, retold: Int = 0, unweighed: Int = 0, faults: [String] = []) {
            (self.verified, self.manual, self.retold, self.unweighed, self.faults) = (verified, manual, retold, unweighed, faults)
        }
    }

    private struct Application {
        let id: Int64
        let receipt: Int64
        let rule: String
        let certificate: String?
        /// The first id that belongs to the next application, or the end.
        var next: Int64
        let number: String
        let amountMinor: Int64
        let words: String
        let endToEndID: String
        let payerName: String
        let payerIBAN: String
        let mandate: String
        let customer: Int64?
        let currency, bookedOn: String
    }
    private struct Movement { let id, debit, credit, minor: Int64, rule: String }
    private struct Item { let number: String, customer: Int64?, amountMinor: Int64, orderNumbers: Set<String> }

    private static let batch = 500
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func run(in tx: any Transaction) throws -> Report {
        var report = Report(), after: Int64 = 0
        let policies = try PolicyFacts(entity, in: tx)
        while true {
            let applications = try applications(after: after, in: tx)
            guard let last = applications.last else { break }
            try verify(applications, policies, &report, in: tx)
            after = last.id
        }
        report.faults += try SealedApplications(entity).faults(in: tx)
        return report
    }

    private func applications(after: Int64, in tx: any Transaction) throws -> [Application] {
        var found = try tx.rows(
            """
            SELECT a.id, a.receipt_id, a.rule, a.certificate, r.external_id, r.amount_minor, r.structured_reference, r.remittance, r.end_to_end_id,
                   r.payer_name, r.payer_iban, r.customer_id,
                   (SELECT m.mandate_id FROM receipt_mandate m WHERE m.entity_id = r.entity_id AND m.receipt_id = r.id),
                   r.currency, r.booked_on
              FROM application a JOIN receipt r ON r.entity_id = a.entity_id AND r.id = a.receipt_id
             WHERE a.entity_id = \(entity) AND a.id > \(after) ORDER BY a.id LIMIT \(Self.batch + 1)
            """
        ) { row in
            Application(
                id: row.integer(0), receipt: row.integer(1), rule: row.text(2), certificate: row.optionalText(3), next: .max,
                number: receiptName(row.text(4), payer: row.optionalText(9) ?? row.optionalText(10) ?? "", on: row.text(14)),
                amountMinor: row.integer(5), words: row.optionalText(6).map { "\($0)|\(row.text(7))" } ?? row.text(7),
                endToEndID: row.optionalText(8) ?? "",
                payerName: row.optionalText(9) ?? "", payerIBAN: row.optionalText(10) ?? "",
                mandate: row.optionalText(12).map(comparableMandate) ?? "", customer: row.optionalInteger(11),
                currency: row.text(13), bookedOn: row.text(14))
        }
        for at in found.indices.dropLast() { found[at].next = found[at + 1].id }
        return found.count > Self.batch ? Array(found.dropLast()) : found
    }

    private func verify(
        _ applications: [Application], _ policies: PolicyFacts, _ report: inout Report, in tx: any Transaction
    ) throws {
        var read: [(Application, CertificateReader)] = [], items: Set<Int64> = []
        for application in applications {
            guard let text = application.certificate else {
                let isPersons =
                    application.rule == MatchRule.manual.rawValue || application.rule == UnapplyReceipt.rule
                    || application.rule == SetReceiptAside.rule
                if application.rule == RetoldReceipts.rule {
                    report.retold += 1
                } else if isPersons {
                    report.manual += 1
                } else {
                    report.faults.append("receipt \(application.number): applied by \(application.rule) without a certificate")
                }
                continue
            }
            do {
                let certificate = try CertificateReader(text)
                read.append((application, certificate))
                items.formUnion(certificate.opens.keys)
            } catch { report.faults.append("receipt \(application.number): \(error)") }
        }
        let known = try self.items(items, in: tx), movements = try movements(of: items, in: tx),
            identities = try identities(of: read.map(\.0), in: tx)
        let facts = try CertifiedFacts(entity, of: read.map(\.1), policies, in: tx)
        for (application, certificate) in read {
            let faults =
                certificate.contradictions + sums(application, certificate, known, movements)
                + references(application, certificate, known) + owners(certificate, known)
                + facts.faults(of: certificate, application.receipt, application.id..<application.next) { id in
                    known[id].map { [$0.number] + $0.orderNumbers } ?? []
                } + payers(application, certificate, identities)
            if faults.isEmpty {
                report.verified += 1
                if policies.policy(of: certificate, at: application.id) == nil { report.unweighed += 1 }
            }
            report.faults += faults.map { "receipt \(application.number): \($0)" }
        }
    }

    /// What was open, and what was allocated, by the facts of that moment.
    private func sums(
        _ application: Application, _ certificate: CertificateReader, _ items: [Int64: Item], _ movements: [Int64: [Movement]]
    ) -> [String] {
        var faults: [String] = []
        if certificate.rule != application.rule {
            faults.append("the certificate is of rule \(certificate.rule), the application of \(application.rule)")
        }
        if certificate.currency != application.currency || certificate.paidOn != application.bookedOn {
            faults.append("the certificate is of \(certificate.currency) on \(certificate.paidOn), the receipt of another currency or day")
        }
        if certificate.cashMinor > application.amountMinor {
            faults.append("the certificate applies \(certificate.cashMinor) of \(application.amountMinor)")
        }
        for (id, open) in certificate.opens {
            guard let item = items[id], id < application.id else {
                faults.append("item \(id) did not exist when the cash was applied")
                continue
            }
            let settled = movements[id, default: []].filter { $0.id < application.id }.reduce(Int64(0)) {
                $1.debit == id ? $0 &- $1.minor : $0 &+ $1.minor
            }
            if item.amountMinor &+ settled != open {
                faults.append("\(item.number) had \(item.amountMinor &+ settled) open, the certificate says \(open)")
            }
        }
        for line in certificate.lines {
            let own = movements[line.itemID, default: []].filter {
                $0.id > application.id && $0.id < application.next && $0.rule == application.rule && $0.minor > 0
            }
            let allocated = own.reduce(Int64(0)) { $1.debit == line.itemID ? $0 &+ $1.minor : $0 &- $1.minor }
            if allocated != line.minor {
                faults.append("item \(line.itemID): \(allocated) were allocated, the certificate says \(line.minor)")
            }
        }
        return faults
    }

    /// Every reference stands in the receipt's words and is the item's own.
    private func references(_ application: Application, _ certificate: CertificateReader, _ items: [Int64: Item]) -> [String] {
        let words = letters(application.words)
        // What an advice names is held against the advice.
        return certificate.named.filter { $0.strength != "advised" }.compactMap { named in
            guard let item = items[named.itemID] else { return "item \(named.itemID) is not there" }
            let reference = letters(named.reference), digits = reference.filter(\.isNumber).drop { $0 == "0" }
            guard item.number == named.reference || item.orderNumbers.contains(named.reference) else {
                return "\(named.reference) is no reference of \(item.number)"
            }
            let stands =
                words.contains(reference) || application.endToEndID == named.reference
                || named.strength == "number"
                    && words.contains(String(reference.reversed().prefix { $0.isNumber }.reversed().drop { $0 == "0" }))
                || named.strength == "weak" && (3...max(3, digits.count)).contains { words.contains(String(digits.suffix($0))) }
                || named.strength == "listed" && goesOn(reference, from: certificate.named, in: application.words)
                || named.strength == "corrected" && standsButForOne(reference, in: words)
                || named.strength == "checked" && words.contains(String(digits))
            return stands ? nil : "\(named.reference) does not stand in '\(application.words)'"
        }
    }

    /// Whether a number differs in its last digits alone from one that is named outright, and these are written, or lie between the other's
    /// and written ones.
    private func goesOn(_ reference: String, from named: [CertificateReader.Named], in text: String) -> Bool {
        let written = numbers(in: text)
        return named.contains { other in
            let base = letters(other.reference)
            guard ["weak", "number", "whole", "checked"].contains(other.strength), base.count == reference.count, base != reference else {
                return false
            }
            return (2...6).contains { count in
                let tail = String(reference.suffix(count))
                guard base.dropLast(count) == reference.dropLast(count), tail.allSatisfy(\.isNumber) else { return false }
                return written.contains { number in
                    guard number.digits.count == count else { return false }
                    let first = number.from?.suffix(count) ?? ""
                    return number.digits == tail || (first.count == count && first < tail && tail < number.digits)
                }
            }
        }
    }

    /// The numbers of a text; with one that ends a range, the number where it begins.
    private func numbers(in text: String) -> [(digits: String, from: String?)] {
        var numbers: [(digits: String, from: String?)] = [], between = ""
        for character in text.uppercased() {
            guard character.isNumber else {
                between.append(character)
                continue
            }
            if between.isEmpty, !numbers.isEmpty {
                numbers[numbers.count - 1].digits.append(character)
            } else {
                let isRange = ["-", "–", "BIS", "TO", "THRU", "TOT", "AU"].contains { between.contains($0) }
                numbers.append((String(character), isRange ? numbers.last?.digits : nil))
            }
            between = ""
        }
        return numbers
    }

    /// Each item settled is the customer's, or stated to be another's.
    private func owners(_ certificate: CertificateReader, _ items: [Int64: Item]) -> [String] {
        let strangers = (certificate.uniqueness?.itemIDs ?? []).filter { items[$0]?.customer != certificate.customer }
        return strangers.map { "item \($0) is no item of customer \(certificate.customer), whose only solution is stated" }
            + certificate.lines.compactMap { line in
                let owner = items[line.itemID]?.customer, stated = certificate.members[line.itemID] ?? certificate.customer
                return owner == stated ? nil : "item \(line.itemID) is of customer \(owner ?? 0), the certificate says \(stated)"
            }
    }

    /// Whether half of the reference stands in the words: one slip leaves the part before it or the part behind it whole.
    private func standsButForOne(_ reference: String, in words: String) -> Bool {
        let half = max(3, (reference.count - 2) / 2), digits = reference.filter(\.isNumber), halfDigits = max(3, (digits.count - 2) / 2)
        return words.contains(reference.prefix(half)) || words.contains(reference.suffix(half)) || words.contains(digits.prefix(halfDigits))
            || words.contains(digits.suffix(halfDigits))
    }

    private func payers(_ application: Application, _ certificate: CertificateReader, _ identities: Set<String>) -> [String] {
        certificate.payers.compactMap { payer in
            switch payer.evidence {
            case "account": application.customer == payer.customer ? nil : "the channel did not name customer \(payer.customer)"
            case "iban":
                identities.contains("iban \(application.payerIBAN) \(payer.customer)")
                    ? nil : "\(application.payerIBAN) is no account of customer \(payer.customer)"
            case "mandate":
                identities.contains("mandate \(application.mandate) \(payer.customer)")
                    ? nil : "\(application.mandate) is no mandate of customer \(payer.customer)"
            default:
                nameSpellings(application.payerName).contains { identities.contains("name \($0) \(payer.customer)") }
                    ? nil : "\(application.payerName) is no name of customer \(payer.customer)"
            }
        }
    }

    private func letters(_ text: String) -> String { plainLetters(of: text) }
}

/// Letters and digits of a text, in capitals.
func plainLetters(of text: String) -> String { String(text.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }) }

extension VerifyMatches {
    private func items(_ ids: Set<Int64>, in tx: any Transaction) throws -> [Int64: Item] {
        var orders: [Int64: Set<String>] = [:], items: [Int64: Item] = [:]
        for query: SQL in [
            """
            SELECT DISTINCT l.invoice_id, o.external_id
              FROM invoice_line l JOIN sales_order o ON o.entity_id = l.entity_id AND o.id = l.order_id
             WHERE l.entity_id = \(entity) AND l.invoice_id IN \(ids: ids)
            """,
            "SELECT item_id, reference FROM item_reference WHERE entity_id = \(entity) AND item_id IN \(ids: ids)",
        ] {
            try tx.forEach(query) { orders[$0.integer(0), default: []].insert($0.text(1)) }
        }
        try tx.forEach("SELECT id, number, customer_id, amount_minor FROM open_item WHERE entity_id = \(entity) AND id IN \(ids: ids)") {
            row in
            items[row.integer(0)] = Item(
                number: row.text(1), customer: row.optionalInteger(2), amountMinor: row.integer(3),
                orderNumbers: orders[row.integer(0), default: []])
        }
        return items
    }

    private func movements(of ids: Set<Int64>, in tx: any Transaction) throws -> [Int64: [Movement]] {
        var movements: [Int64: [Movement]] = [:]
        for query: SQL in [
            """
            SELECT id, debit_item_id, credit_item_id, amount_minor, rule, debit_item_id FROM allocation
             WHERE entity_id = \(entity) AND debit_item_id IN \(ids: ids)
            """,
            """
            SELECT id, debit_item_id, credit_item_id, amount_minor, rule, credit_item_id FROM allocation
             WHERE entity_id = \(entity) AND credit_item_id IN \(ids: ids)
            """,
        ] {
            try tx.forEach(query) { row in
                movements[row.integer(5), default: []].append(
                    Movement(id: row.integer(0), debit: row.integer(1), credit: row.integer(2), minor: row.integer(3), rule: row.text(4)))
            }
        }
        return movements
    }

    /// Identities that stand, and those that a person took back later.
    private func identities(of applications: [Application], in tx: any Transaction) throws -> Set<String> {
        let values = Set(applications.flatMap { [$0.payerIBAN, $0.mandate] + nameSpellings($0.payerName) }).subtracting([""])
        var found: Set<String> = []
        for query: SQL in [
            """
            SELECT kind, value, customer_id FROM customer_identity
             WHERE entity_id = \(entity) AND kind IN ('iban', 'mandate', 'name') AND value IN \(texts: values)
            """,
            """
            SELECT kind, value, customer_id FROM identity_revocation
             WHERE entity_id = \(entity) AND kind IN ('iban', 'mandate', 'name') AND value IN \(texts: values)
            """,
        ] {
            try tx.forEach(query) { found.insert("\($0.text(0)) \($0.text(1)) \($0.integer(2))") }
        }
        return found
    }
}
