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
        table.notes = [
            "Policy \(version(of: policy)): each certificate names it.",
            "A posting needs \(policy.minimumScore) points and \(policy.minimumMargin) more than the next best proposal.",
            "Points: \(policy.weights.text).",
            "Differences of a known payer who names documents are \(policy.differences == .post ? "posted" : "proposed"); "
                + "a shortfall of up to \(toleranceMinor) minor units is a bank charge.",
        ]
        return table
    }

    /// The rules as settings, to take the place of the configuration's `[cash]`.
    package var settings: String {
        let head =
            "[cash]\ntolerance_minor = \(toleranceMinor)\npolicy = \"\(policy.name)\"\nminimum_score = \(policy.minimumScore)\nminimum_margin = \(policy.minimumMargin)\n"
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
