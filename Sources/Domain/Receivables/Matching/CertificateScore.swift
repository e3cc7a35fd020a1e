extension CertificateReader {
    /// What the certificate's points, its row and its proof of uniqueness say against the facts it states.
    ///
    /// - Parameter policy: The one it names, when that is known: then each weight, the least score and the margin are held against it.
    package func misstatements(under policy: PolicyReader?) -> [String] {
        signalFaults + uniquenessFaults + runnerUpFaults + (policy.map(faults) ?? [])
    }

    private func isStated(_ name: String) -> Bool { signals.contains { $0.name == name } }

    /// Each signal follows from a fact that the certificate states, and each such fact has its signal.
    private var signalFaults: [String] {
        var found: [String] = []
        if Set(signals.map { $0.name.split(separator: " ").first ?? "" }).count != signals.count { found.append("a fact has two signals") }
        let amount =
            switch rule {
            case "reference_part", "reference_over": "amount in part"
            case "reference_tolerance", "reference_discount": "amount with a typed difference"
            default: "amount exact"
            }
        if !isStated(amount) { found.append("its rule \(rule) has the signal '\(amount)', which is not stated") }
        let order = ["name", "iban", "mandate", "account"]
        let evidence = payers.filter { $0.customer == customer }.compactMap { order.firstIndex(of: $0.evidence) }.max()
        let payer = evidence.map { "payer by \(order[$0])" }, stated = signals.map(\.name).filter { $0.hasPrefix("payer by ") }
        if stated != (payer.map { [$0] } ?? stated.filter { $0 == "payer by family" }) {
            found.append("its customer is \(payer ?? "not known as the payer"), the signal says \(stated.first ?? "nothing")")
        }
        if isStated("only solution") != (uniqueness != nil) {
            found.append("the only solution is stated in one place and not in the other")
        }
        if signals.map(\.name).filter({ $0.hasPrefix("habit ") }) != (habit.map { ["habit \($0.name)"] } ?? []) {
            found.append("a habit is stated in one place and not in the other")
        }
        for signal in signals
        where signal.name.hasPrefix("reference ") && ["reference_exact", "reference_part", "reference_over"].contains(rule) {
            let strength = signal.name.dropFirst("reference ".count)
            if !named.contains(where: { $0.strength == strength }) { found.append("nothing is named as \(strength)") }
        }
        return found
    }

    /// A set of n items holds Σ C(n, k) choices of at most so many items, and twice as many prices where discounts are in play.
    private var uniquenessFaults: [String] {
        guard let uniqueness else { return [] }
        let count = Int128(uniqueness.itemIDs.count)
        let sums = [Int128(1), 2].map { prices in
            var total: Int128 = 0, choices: Int128 = 1
            for size in 0..<Int128(uniqueness.size) where total <= Int128(uniqueness.considered) {
                choices = choices * (count - size) / (size + 1) * prices
                total += choices
            }
            return total
        }
        guard Set(uniqueness.itemIDs).count == uniqueness.itemIDs.count, sums.contains(Int128(uniqueness.considered)) else {
            return ["\(uniqueness.considered) choices are not those of at most \(uniqueness.size) among \(uniqueness.itemIDs.count) items"]
        }
        return []
    }

    /// The next best is an item that is not settled and has exactly the cash open.
    private var runnerUpFaults: [String] {
        guard nextScore != nil else { return [] }
        let settled = Set(lines.map(\.itemID))
        guard nextItemIDs.count == 1, !settled.contains(nextItemIDs[0]), opens[nextItemIDs[0]].map({ $0 == cashMinor }) ?? true else {
            return ["what came next is no other item of \(cashMinor)"]
        }
        return rule == MatchRule.oldestFirst.rawValue ? ["the oldest come first, and something came next"] : []
    }

    private func faults(_ policy: PolicyReader) -> [String] {
        var found: [String] = []
        for signal in signals where policy.points(of: signal.name) != signal.points {
            found.append("signal '\(signal.name)' has \(signal.points) points, the policy gives \(policy.points(of: signal.name) ?? 0)")
        }
        if margin != policy.minimumMargin { found.append("margin \(margin), the policy wants \(policy.minimumMargin)") }
        if score < policy.minimumScore { found.append("\(score) points, the policy wants \(policy.minimumScore)") }
        if !policy.posting.contains(row) { found.append("row '\(row)' does not post by the policy") }
        if let habit, habit.floor != policy.habitFloor {
            found.append("habit proven to \(habit.floor), the policy wants \(policy.habitFloor)")
        }
        if let nextScore, !policy.nextPoints.contains(Int64(nextScore)) { found.append("no item comes next with \(nextScore) points") }
        return found + limitFaults(policy)
    }

    /// The limits stated are the policy's, and none of them is left out: one that is might explain the difference too.
    private func limitFaults(_ policy: PolicyReader) -> [String] {
        guard !limits.isEmpty || withholding != nil else { return [] }
        var found: [String] = []
        let unit = Currency(currency).map { powerOfTen($0.exponent) } ?? 100
        for kind in Set(limits.keys).union(["rounding", "short_payment", "bank_charge"]).sorted() {
            guard let wanted = policy.limits(of: kind, unit: unit) else { continue }
            let stated = limits[kind], minor = stated?.minor ?? 0
            if !wanted.contains(minor) || stated.map({ $0.share != policy.shares[kind] }) ?? false {
                found.append("limit of \(kind) \(minor), the policy has another")
            }
        }
        if withholding?.base ?? "" != policy.withholdingBase || withholding?.rates ?? [] != policy.withholdingRates {
            found.append("withholding is not the policy's")
        }
        return found
    }
}
