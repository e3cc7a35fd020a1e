/// A way to book a receipt, before the policy says whether it is posted.
struct Proposal {
    let customer: ID<Customer>
    let rule: MatchRule
    var documents: MatchPolicy.Documents
    var amount: MatchPolicy.Amount
    var lines: [Match.Line]
    var rest: Int64 = 0
    var adjustments: [Match.Adjustment] = []
    var uniqueness: MatchEvidence.Uniqueness?
    /// The strongest of what names each line; empty when nothing does.
    var strengths: [ReferenceStrength] = []
    var habit: MatchEvidence.Habit?
    var why: String
}

extension MatchCase {
    /// Posts a proposal when the policy's row, its score and its distance from the next best allow it; asks otherwise.
    func decided(_ proposal: Proposal) -> MatchDecision {
        let party = party(proposal.customer)
        guard let row = policy.row(party, proposal.documents, proposal.amount) else {
            return ask(
                self, "no rule for payer \(party.rawValue), documents \(proposal.documents.rawValue), amount \(proposal.amount.rawValue)")
        }
        var evidence = MatchEvidence()
        evidence.row = row.name
        evidence.signals = signals(proposal)
        evidence.uniqueness = proposal.uniqueness
        evidence.habit = proposal.habit
        // Oldest first is an order of its own: no other item competes.
        if proposal.rule != .oldestFirst { evidence.runnerUp = runnerUp(proposal) }
        guard row.action == .post else { return ask(self, "\(proposal.why): rule \(row.name) leaves it to a person") }
        guard evidence.score >= policy.minimumScore else {
            return ask(self, "\(proposal.why), but only \(evidence.score) points speak for it")
        }
        if let next = evidence.runnerUp, evidence.score - next.score < policy.minimumMargin {
            return ask(self, "\(proposal.why), but another item is nearly as likely (\(evidence.score) points against \(next.score))")
        }
        return .apply(
            Match(
                customer: proposal.customer, rule: proposal.rule, lines: proposal.lines, rest: Money(minor: proposal.rest, cash.currency),
                adjustments: proposal.adjustments, explanation: proposal.why, evidence: evidence))
    }

    /// How far the payer's identity is the customer's.
    private func party(_ customer: ID<Customer>) -> MatchPolicy.Party {
        guard let payer = knownPayer else { return payers.contains { $0.customer == customer } ? .partially : .none }
        return payer == customer ? .fully : family.contains(customer) ? .partially : .none
    }

    private func signals(_ proposal: Proposal) -> [MatchEvidence.Signal] {
        var signals: [MatchEvidence.Signal] = []
        if let weakest = proposal.strengths.min() { signals.append(.init("reference \(weakest.name)", policy.weights.points(weakest))) }
        if let evidence = evidence(for: proposal.customer) {
            signals.append(.init("payer by \(evidence.rawValue)", policy.weights.points(evidence)))
        } else if family.contains(proposal.customer) {
            signals.append(.init("payer by family", policy.weights.family))
        }
        switch proposal.rule {
        case .referencePart, .referenceOver: signals.append(.init("amount in part", policy.weights.partAmount))
        case .referenceTolerance, .referenceDiscount: signals.append(.init("amount with a typed difference", policy.weights.typedAmount))
        default: signals.append(.init("amount exact", policy.weights.exactAmount))
        }
        if let habit = proposal.habit { signals.append(.init("habit \(habit.habit.rawValue)", policy.weights.habit)) }
        if proposal.uniqueness != nil { signals.append(.init("only solution", policy.weights.unique)) }
        return signals
    }

    /// The best of what else has exactly the amount open: the payer's other items, and what looks like the payer or the number.
    private func runnerUp(_ proposal: Proposal) -> MatchEvidence.RunnerUp? {
        let taken = Set(proposal.lines.map(\.itemID))
        var best: MatchEvidence.RunnerUp?
        func consider(_ item: OpenItem, _ score: Int, _ exclusion: @autoclosure () -> String) {
            guard item.open == cash, !taken.contains(item.id), score > best?.score ?? 0, wasIssued(item) else { return }
            best = .init(itemIDs: [item.id], score: score, exclusion: exclusion())
        }
        let weights = policy.weights
        for (customer, evidence) in payers {
            for item in items[customer, default: []] {
                consider(item, weights.points(evidence) + weights.exactAmount, "\(item.number) has that amount open, but is not named")
            }
        }
        for customer in resembling {
            for item in items[customer, default: []] {
                consider(
                    item, weights.hint + weights.exactAmount,
                    "\(item.number) has that amount open, and its customer a name like the payer's")
            }
        }
        for slip in slips where policy.doubtsNeighbours {
            consider(
                slip.item, weights.correctedReference + weights.exactAmount,
                "\(slip.item.number) differs in one character and has that amount open")
        }
        return best
    }
}
