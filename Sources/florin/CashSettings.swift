import Domain
import TOMLKit

/// `[cash]` with its sections.
extension ConfigurationReader {
    /// The policy by name, with the rows that a person keeps for itself.
    func policy() throws -> MatchPolicy {
        let name = try text("cash", "policy") ?? "standard"
        guard var policy = [MatchPolicy.standard, .strict].first(where: { $0.name == name }) else {
            throw fault("policy", "write \"standard\" or \"strict\"", of: "cash")
        }
        if let rows = try cashRules() { policy.rows = rows }
        policy.roundingMinor = try integer("cash.tolerances", "rounding_minor", 0...99) ?? policy.roundingMinor
        policy.tolerances = try tolerances()
        policy.minimumScore = Int(try integer("cash", "minimum_score", 0...1_000) ?? Int64(policy.minimumScore))
        policy.minimumMargin = Int(try integer("cash", "minimum_margin", 0...1_000) ?? Int64(policy.minimumMargin))
        try allow("cash.weights", Set(MatchPolicy.Weights.fields.map(\.name)))
        for (name, path) in MatchPolicy.Weights.fields {
            if let points = try integer("cash.weights", name, 0...1_000) { policy.weights[keyPath: path] = Int(points) }
        }
        guard let section = try section("cash"), section.contains(key: "propose") else { return policy }
        guard let rows = section["propose"]?.array else { throw fault("propose", "write a list such as [\"medium 6\"]", of: "cash") }
        for entry in rows {
            guard let name = entry.string, let at = policy.rows.firstIndex(where: { $0.name == name }) else {
                throw fault("propose", "no such row; rows are \(policy.rows.map(\.name).joined(separator: ", "))", of: "cash")
            }
            policy.rows[at].action = .propose
        }
        return policy
    }

    /// What may be missing of documents that are named, beside the bank charge's amount.
    private func tolerances() throws -> Tolerances {
        let name = "cash.tolerances", shares = 1...Tolerances.largestShare
        var tolerances = Tolerances()
        try allow(name, ["rounding_minor", "bank_charge_bp", "short_minor", "short_bp", "withholding_bp", "withholding_of"])
        tolerances.bankChargeShare = try integer(name, "bank_charge_bp", shares) ?? tolerances.bankChargeShare
        tolerances.shortMinor = try integer(name, "short_minor", 0...1_000_000) ?? tolerances.shortMinor
        tolerances.shortShare = try integer(name, "short_bp", shares) ?? tolerances.shortShare
        if let base = try text(name, "withholding_of") {
            guard let base = Tolerances.Withholding.Base(rawValue: base) else {
                throw fault("withholding_of", "write \"gross\" or \"net\"", of: name)
            }
            tolerances.withholding.base = base
        }
        guard let section = try section(name), section.contains(key: "withholding_bp") else { return tolerances }
        let rates = section["withholding_bp"]?.array?.map { $0.int.map { Int64($0) } ?? 0 } ?? [0]
        guard rates.count <= 16, Set(rates).count == rates.count, rates.allSatisfy({ (1...5_000).contains($0) }) else {
            throw fault("withholding_bp", "write a list of rates in basis points, each once, such as [500, 1000, 1500]", of: name)
        }
        tolerances.withholding.rates = rates
        return tolerances
    }

    /// The ranked rules where they are written out; their order is their rank.
    private func cashRules() throws -> [MatchPolicy.Row]? {
        guard let section = try section("cash"), section.contains(key: "rule") else { return nil }
        let shape = fault("rule", "write one [[cash.rule]] for each rule", of: "cash")
        guard let list = section["rule"]?.array, !list.isEmpty else { throw shape }
        var rows: [MatchPolicy.Row] = []
        for (at, entry) in list.enumerated() {
            let place = Entry(list: "cash.rule", at: at)
            guard let rule = entry.table else { throw shape }
            let known = ["action", "amount", "confidence", "documents", "payer"]
            if let stranger = rule.keys.first(where: { !known.contains($0) }) {
                throw fault(stranger, "is not a setting of [[cash.rule]]; known: \(known.joined(separator: ", "))", in: place)
            }
            func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) throws -> Choice {
                guard let choice = rule[key]?.string.flatMap({ Choice(rawValue: $0) }) else {
                    let words = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
                    throw fault(rule.contains(key: key) ? key : "cash.rule", "\(key) is one of \(words)", in: place)
                }
                return choice
            }
            let confidence: MatchPolicy.Confidence = try choice("confidence")
            let row = MatchPolicy.Row(
                confidence: confidence, priority: rows.count { $0.confidence == confidence } + 1, party: try choice("payer"),
                documents: try choice("documents"), amount: rule.contains(key: "amount") ? try choice("amount") : nil,
                action: try choice("action"))
            if let before = rows.firstIndex(where: { $0.hides(row) }) {
                throw fault("cash.rule", "never decides: rule \(before + 1), \(rows[before].name), fits before it", in: place)
            }
            rows.append(row)
        }
        return rows
    }
}
