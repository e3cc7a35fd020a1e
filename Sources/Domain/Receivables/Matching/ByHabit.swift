/// What a habit foretells of a receipt.
package struct HabitForecast: Equatable, Sendable {
    package let lines: [Match.Line]
    package let adjustments: [Match.Adjustment]
    package let rest: Money

    /// Whether a person's answer is what was foretold: the same cash on the same items; where credits are taken off, the same items.
    package func agrees(with answer: [Match.Line]) -> Bool {
        var foretold: [Int64: Int64] = [:], given: [Int64: Int64] = [:]
        for line in lines where line.amount.minor > 0 { foretold[line.itemID, default: 0] += line.amount.minor }
        for one in adjustments { foretold[one.itemID, default: 0] -= one.amount.minor }
        for line in answer where line.amount.minor > 0 { given[line.itemID, default: 0] += line.amount.minor }
        return lines.contains { $0.amount.minor < 0 } ? foretold.keys == given.keys : foretold == given
    }
}

extension MatchCase {
    /// What the payer's habits say to a receipt that nothing else decides: posted where one of them has proven precise enough and no other
    /// that has says otherwise, else proposed before all other candidates.
    func byHabit(_ reason: String, _ candidates: [MatchCandidate]) -> MatchDecision {
        guard advice == nil, let payer = knownPayer, let own = habits[payer] else { return .ask(reason: reason, candidates: candidates) }
        let told = CashHabit.allCases.compactMap { habit -> (habit: CashHabit, strength: HabitStrength, forecast: HabitForecast)? in
            guard let strength = own[habit], strength.confirmations > 0, let forecast = forecast(habit, of: payer) else { return nil }
            return (habit, strength, forecast)
        }.enumerated().sorted { ($1.element.strength.lowerBound, $0.offset) < ($0.element.strength.lowerBound, $1.offset) }.map(\.element)
        guard let best = told.first else { return .ask(reason: reason, candidates: candidates) }
        let isProven = best.strength.lowerBound >= policy.habitFloor && (evidence(for: payer) ?? .name) >= .iban
        let isAlone = told.dropFirst().allSatisfy { $0.forecast == best.forecast || $0.strength.lowerBound < policy.habitFloor }
        if isProven, isAlone {
            let (strength, forecast) = (best.strength, best.forecast)
            return decided(
                Proposal(
                    customer: payer, rule: .habit, documents: .none, amount: .one, lines: forecast.lines, rest: forecast.rest.minor,
                    adjustments: forecast.adjustments, habit: .init(best.habit, strength, floor: policy.habitFloor),
                    why: "the payer is known and \(best.habit.words): \(strength.words)"))
        }
        var ranked: [MatchCandidate] = []
        for one in told {
            for line in one.forecast.lines where line.amount.minor > 0 && !ranked.contains(where: { $0.itemID == line.itemID }) {
                ranked.append(
                    MatchCandidate(
                        customer: payer, itemID: line.itemID, amount: min(line.amount, cash),
                        why: "\(one.habit.words): \(one.strength.words)"))
            }
        }
        let others = candidates.filter { other in !ranked.contains { $0.itemID == other.itemID } }
        return .ask(reason: reason, candidates: Array((ranked + others).prefix(max(10, ranked.count))))
    }

    /// What a habit foretells of this receipt if `customer` paid it; nil where the habit has nothing to choose.
    package func forecast(_ habit: CashHabit, of customer: ID<Customer>) -> HabitForecast? {
        guard advice == nil, !unlisted.contains(customer), unread.isEmpty else { return nil }
        guard (named + credits).allSatisfy({ $0.customer == customer }) else { return nil }
        let own = items[customer, default: []]
        switch habit {
        case .rounds: return rounded(own)
        case .lateDiscount: return lateDiscount(own)
        case .oldestFirst, .statement, .netsCredits: break
        }
        guard named.isEmpty, credits.isEmpty, own.count > 1 else { return nil }
        let total = own.reduce(Int64(0)) { $0 + $1.open.minor }
        switch habit {
        case .oldestFirst:
            guard cash.minor < total else { return nil }
            let filled = filled(own)
            return HabitForecast(lines: filled.lines, adjustments: [], rest: filled.rest)
        case .statement: return statement(own)
        case .netsCredits: return lessCredits(own, openCredits[customer, default: []])
        case .rounds, .lateDiscount: return nil
        }
    }

    /// Everything up to the end of the month before, when there is later to leave out.
    private func statement(_ own: [OpenItem]) -> HabitForecast? {
        guard let paidOn else { return nil }
        let first = paidOn + (1 - paidOn.parts.day), before = own.filter { $0.effectiveOn < first }
        guard before.count > 1, before.count < own.count, before.reduce(0, { $0 + $1.open.minor }) == cash.minor else { return nil }
        return HabitForecast(lines: before.map { Match.Line(itemID: $0.id, amount: $0.open) }, adjustments: [], rest: .zero(cash.currency))
    }

    private func lessCredits(_ own: [OpenItem], _ credits: [OpenItem]) -> HabitForecast? {
        let less = credits.reduce(Int64(0)) { $0 - $1.open.minor }
        guard less > 0 else { return nil }
        let search = SubsetSum(prices: own.map { .init($0.open.minor) }, target: cash.minor + less, limit: policy.subsetLimit)
        guard search.solutions.count == 1 else { return nil }
        let lines = (search.solutions[0].map { own[$0.item] } + credits).map { Match.Line(itemID: $0.id, amount: $0.open) }
        return HabitForecast(lines: lines, adjustments: [], rest: .zero(cash.currency))
    }

    /// The one item, named or not, that is less than a unit away from a whole amount paid.
    private func rounded(_ own: [OpenItem]) -> HabitForecast? {
        let unit = powerOfTen(cash.currency.exponent), open = named.isEmpty ? own : openNamed.items.map(\.item)
        guard unit > 1, cash.minor % unit == 0 else { return nil }
        let near = open.filter { $0.open.minor % unit != 0 && ($0.open.minor - cash.minor).magnitude < unit.magnitude }
        guard near.count == 1, !own.contains(where: { $0.open == cash }) else { return nil }
        let item = near[0], short = item.open - cash
        guard short.minor > 0 else {
            return HabitForecast(lines: [Match.Line(itemID: item.id, amount: item.open)], adjustments: [], rest: cash - item.open)
        }
        guard short.minor <= policy.habitRoundingMinor * unit / 100 else { return nil }
        return HabitForecast(
            lines: [Match.Line(itemID: item.id, amount: item.open)],
            adjustments: [Match.Adjustment(.rounding, itemID: item.id, amount: short)], rest: .zero(cash.currency))
    }

    /// The one item that is paid less a discount whose day has passed. What was not earned stays open.
    private func lateDiscount(_ own: [OpenItem]) -> HabitForecast? {
        guard let paidOn else { return nil }
        let open = named.isEmpty ? own : openNamed.items.map(\.item)
        let late = open.filter { item in
            item.discount.map { $0.until < paidOn && item.open.minor - $0.minor == cash.minor } ?? false
        }
        guard late.count == 1, !own.contains(where: { $0.open == cash }) else { return nil }
        return HabitForecast(lines: [Match.Line(itemID: late[0].id, amount: cash)], adjustments: [], rest: .zero(cash.currency))
    }
}

extension CashHabit {
    /// As a clerk would say it.
    package var words: String {
        switch self {
        case .oldestFirst: "pays the oldest first"
        case .statement: "pays by statement"
        case .netsCredits: "takes off open credits"
        case .rounds: "rounds"
        case .lateDiscount: "takes the discount late"
        }
    }
}

extension HabitStrength {
    package var words: String { "\(confirmations) of \(confirmations + contradictions) times" }
}
