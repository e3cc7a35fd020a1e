import Crypto
import Domain
import Store

/// The rules by which cash is applied, as they are in force.
package struct CashRules: Sendable {
    private let policy: MatchPolicy
    private let toleranceMinor: Int64
    package init(_ policy: MatchPolicy, toleranceMinor: Int64) { (self.policy, self.toleranceMinor) = (policy, toleranceMinor) }

    package static let columns: [ReportTable.Column] = [
        .text("confidence"), .integer("priority"), .text("payer"), .text("documents"), .text("amount"), .text("action"),
    ]

    package var table: ReportTable { Self.table(rows, notes) }

    private static func table(_ rows: [[String]], _ notes: [String]) -> ReportTable {
        func cell(_ at: Int, _ word: String) -> ReportTable.Cell {
            guard at == 1, let priority = Int(word) else { return .text(word) }
            return .integer(priority)
        }
        var table = ReportTable(
            "Rules of cash application, the first that fits decides",
            columns,
            rows.map { $0.enumerated().map(cell) })
        table.notes = notes
        return table
    }

    private var rows: [[String]] {
        policy.rows.map { row in
            [
                row.confidence.rawValue, String(row.priority), row.party.rawValue, row.documents.rawValue, row.amount?.rawValue ?? "any",
                row.action.rawValue,
            ]
        }
    }

    private var notes: [String] {
        [
            "Policy \(version(of: policy)): each certificate names it.",
            "A posting needs \(policy.minimumScore) points and \(policy.minimumMargin) more than the next best proposal.",
            "Points: \(policy.weights.text).",
            "Part payments and overpayments of a known payer who names documents are "
                + "\(policy.differences == .post ? "posted" : "proposed").",
            "What he may leave unpaid of whole documents; where two of these explain a shortfall, a person decides:",
        ] + tolerances
    }

    /// Each kind of difference with its limit and its account.
    private var tolerances: [String] {
        let tolerances = policy.tolerances, withholding = tolerances.withholding
        func limit(_ minor: Int64, _ unit: String, _ share: Int64, _ account: Account) -> String {
            minor == 0 ? "never" : "at most \(minor) \(unit) and \(percent(share)) of what is named, to \(account.rawValue) \(account.name)"
        }
        let rates = withholding.rates.map(percent).joined(separator: ", ")
        let tax = Account.withholdingTax
        return [
            "Cash discount: as the document grants it, by its day, to \(Account.discountsAllowed.rawValue) \(Account.discountsAllowed.name).",
            "Rounding: \(limit(policy.roundingMinor, "minor units", Tolerances.largestShare, .roundingDifferences)).",
            "Bank charge: \(limit(toleranceMinor, "hundredths", tolerances.bankChargeShare, .bankFees)).",
            "Withholding tax: "
                + (rates.isEmpty ? "never." : "\(rates) of the \(withholding.base.rawValue) amount, to \(tax.rawValue) \(tax.name)."),
            "Short payment: \(limit(tolerances.shortMinor, "hundredths", tolerances.shortShare, .shortPayments)).",
        ]
    }

    /// The rules as settings, to take the place of the configuration's `[cash]`.
    package var settings: String {
        let tolerances = policy.tolerances, rates = tolerances.withholding.rates.map { String($0) }.joined(separator: ", ")
        let head = """
            [cash]
            tolerance_minor = \(toleranceMinor)
            policy = "\(policy.name)"
            minimum_score = \(policy.minimumScore)
            minimum_margin = \(policy.minimumMargin)

            [cash.tolerances]
            rounding_minor = \(policy.roundingMinor)
            bank_charge_bp = \(tolerances.bankChargeShare)
            short_minor = \(tolerances.shortMinor)
            short_bp = \(tolerances.shortShare)
            withholding_bp = [\(rates)]
            withholding_of = "\(tolerances.withholding.base.rawValue)"

            """
        let weights = MatchPolicy.Weights.fields.map { "\($0.name) = \(policy.weights[keyPath: $0.path])\n" }.joined()
        let rows = policy.rows.map { row in
            """
            [[cash.rule]]
            confidence = "\(row.confidence.rawValue)"
            payer = "\(row.party.rawValue)"
            documents = "\(row.documents.rawValue)"
            \(row.amount.map { "amount = \"\($0.rawValue)\"\n" } ?? "")action = "\(row.action.rawValue)"

            """
        }
        return "\(head)\n[cash.weights]\n\(weights)\n\(rows.joined(separator: "\n"))"
    }
}

extension CashRules {
    fileprivate var policyText: String { policy.text }
    fileprivate var bankChargeHundredths: Int64 { toleranceMinor }
    /// Whether they are those of every installation, which a certificate's version alone tells.
    var areStandard: Bool { policy == .standard && toleranceMinor == 0 }
    fileprivate var text: String { rows.map { $0.joined(separator: "\t") }.joined(separator: "\n") }

    /// The rules by which cash was applied last at a moment; without rows where none are on record.
    package static func table(at moment: ReportMoment, in tx: any Transaction) throws -> ReportTable {
        let kept = try tx.first(
            """
            SELECT rules, notes FROM cash_policy
             WHERE entity_id = \(moment.entity) AND in_force_on <= \(moment.asOf) AND id <= \(try moment.horizon(in: tx))
             ORDER BY id DESC LIMIT 1
            """
        ) { ($0.text(0), $0.text(1)) }
        guard let (rules, notes) = kept else {
            return table([], ["No rules are on record for that moment; each certificate names the policy by which it was made."])
        }
        func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
        return table(lines(rules).map { $0.split(separator: "\t").map(String.init) }, lines(notes))
    }
}

private enum CashPolicyFact {}

extension Books {
    /// Keeps the rules by which cash is applied, when they are not those of the last time.
    mutating func keep(_ rules: CashRules, on day: Day, in tx: any Transaction) throws {
        let text = rules.text, notes = rules.table.notes.joined(separator: "\n"), charge = rules.bankChargeHundredths
        let last = try tx.first(
            """
            SELECT p.rules, p.notes, t.policy, t.bank_charge_hundredths
              FROM cash_policy p LEFT JOIN cash_policy_text t ON t.entity_id = p.entity_id AND t.id = p.id
             WHERE p.entity_id = \(entity) ORDER BY p.id DESC LIMIT 1
            """
        ) { ([$0.text(0), $0.text(1), $0.optionalText(2) ?? ""], $0.optionalInteger(3)) }
        guard last?.0 != [text, notes, rules.policyText] || last?.1 != charge else { return }
        let id: ID<CashPolicyFact> = newID()
        append(.cashPolicy) { batch in
            batch.append(id.value)
            batch.append(day.iso8601)
            batch.append(text)
            batch.append(notes)
        }
        append(.cashPolicyText) { batch in
            batch.append(id.value)
            batch.append(rules.policyText)
            batch.append(charge)
        }
    }
}

/// Kept, since nearly every certificate names it.
let standardVersion = version(of: .standard)

/// The policy's name and the first 8 bytes of the SHA-256 of its text.
func version(of policy: MatchPolicy) -> String { "\(policy.name) \(hexadecimal(SHA256.hash(data: Array(policy.text.utf8)).prefix(8)))" }
