extension CertificateReader {
    /// What the certificate's points, its row and its proof of uniqueness say against the facts it states.
    ///
    /// - Parameter policy: The one it names, when that is known: then each weight, the least score and the margin are held against it.
    package func misstatements(under policy: MatchPolicy?) -> [String] {
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

    private func faults(_ policy: MatchPolicy) -> [String] {
        var found: [String] = []
        for signal in signals {
            guard let points = policy.weights.points(of: signal.name), Int64(points) == signal.points else {
                found.append(
                    "signal '\(signal.name)' has \(signal.points) points, the policy gives \(policy.weights.points(of: signal.name) ?? 0)")
                continue
            }
        }
        if margin != policy.minimumMargin { found.append("margin \(margin), the policy wants \(policy.minimumMargin)") }
        if score < policy.minimumScore { found.append("\(score) points, the policy wants \(policy.minimumScore)") }
        if policy.rows.first(where: { $0.name == row })?.action != .post { found.append("row '\(row)' does not post by the policy") }
        if let habit, habit.floor != policy.habitFloor {
            found.append("habit proven to \(habit.floor), the policy wants \(policy.habitFloor)")
        }
        let weights = policy.weights
        let nexts = [weights.account, weights.iban, weights.mandate, weights.name, weights.hint, weights.correctedReference]
        if let nextScore, !nexts.contains(nextScore - weights.exactAmount) { found.append("no item comes next with \(nextScore) points") }
        return found
    }
}

extension MatchPolicy.Weights {
    /// What a signal weighs by its name on a certificate; nil for a name that none has.
    fileprivate func points(of signal: String) -> Int? {
        switch signal {
        case "reference checked": checkedReference
        case "reference advised": advice
        case "reference whole": reference
        case "reference number": digits
        case "reference corrected", "reference listed": correctedReference
        case "reference weak": hint
        case "payer by account": account
        case "payer by iban": iban
        case "payer by mandate": mandate
        case "payer by name": name
        case "payer by family": family
        case "amount exact": exactAmount
        case "amount with a typed difference": typedAmount
        case "amount in part": partAmount
        case "only solution": unique
        case let other where other.hasPrefix("habit "): habit
        default: nil
        }
    }
}
