import Domain

/// The rules by which cash is applied, as they are in force.
package struct CashRules: Sendable {
    private let policy: MatchPolicy
    private let toleranceMinor: Int64
    package init(_ policy: MatchPolicy, toleranceMinor: Int64) { (self.policy, self.toleranceMinor) = (policy, toleranceMinor) }

    package static let columns: [ReportTable.Column] = [
        .text("confidence"), .integer("priority"), .text("payer"), .text("documents"), .text("amount"), .text("action"),
    ]

    package var table: ReportTable {
        var table = ReportTable(
            "Rules of cash application, the first that fits decides", Self.columns,
            policy.rows.map { row in
                [
                    .text(row.confidence.rawValue), .integer(row.priority), .text(row.party.rawValue), .text(row.documents.rawValue),
                    .text(row.amount?.rawValue ?? "any"), .text(row.action.rawValue),
                ]
            })
        table.notes =
            [
                "Policy \(version(of: policy)): each certificate names it.",
                "A posting needs \(policy.minimumScore) points and \(policy.minimumMargin) more than the next best proposal.",
                "Points: \(policy.weights.text).",
                "Part payments and overpayments of a known payer who names documents are "
                    + "\(policy.differences == .post ? "posted" : "proposed").",
                "What he may leave unpaid of whole documents; where two of these explain a shortfall, a person decides:",
            ] + tolerances
        return table
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
