/// Which rule posted a receipt. Each is named on its application, with the facts it rested on.
package enum MatchRule: String, Sendable {
    /// The documents named add up to the cash, to the unit.
    case referenceExact = "reference_exact"
    /// They do once the cash discount is taken off that was earned by the day of payment.
    case referenceDiscount = "reference_discount"
    /// They do once open credits of the customer are taken off.
    case referenceCredit = "reference_credit"
    /// Less arrived than the documents named; the known payer's rest stays open.
    case referencePart = "reference_part"
    /// More arrived than the documents named; the known payer keeps the rest as credit.
    case referenceOver = "reference_over"
    /// Less arrived by no more than a tolerance: rounding, a bank charge, tax withheld or a short payment.
    case referenceTolerance = "reference_tolerance"
    /// A number with one slip, or its last digits, of the known payer's own item, to the unit.
    case referenceCorrected = "reference_corrected"
    /// Documents of several customers of one hierarchy add up to the cash, to the unit.
    case referenceHierarchy = "reference_hierarchy"
    /// A remittance advice that is linked to the receipt says what it pays, line by line.
    case advice = "remittance_advice"
    /// The document named is settled and the known payer paid it once more: credit.
    case paidAgain = "paid_again"
    /// A known payer's only item of that amount.
    case payerAmount = "payer_amount"
    /// A known payer's only items that add up to that amount.
    case payerItems = "payer_items"
    /// Everything that a known payer owes.
    case payerBalance = "payer_balance"
    /// The customer's policy: oldest first.
    case oldestFirst = "oldest_first"
    /// What the payer has been seen to do often enough.
    case habit = "payer_habit"
    /// A person decided.
    case manual

    /// Rules by which items are settled that the payer's words do not name.
    package static let unnamed: [MatchRule] = [.payerAmount, .payerItems, .payerBalance, .oldestFirst, .habit]
}

package struct Match: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
        package let itemID: Int64
        /// What of the item is settled: above zero for a debit, below for a credit that is used.
        package let amount: Money
        package init(itemID: Int64, amount: Money) { (self.itemID, self.amount) = (itemID, amount) }
    }

    /// A difference that is settled without cash, each kind on an account of its own.
    package struct Adjustment: Equatable, Sendable {
        package enum Kind: String, Sendable, CaseIterable {
            case bankCharge = "bank_charge", discount, rounding, withholding, deduction, shortPayment = "short_payment"
        }
        package let kind: Kind
        package let itemID: Int64
        /// Above zero.
        package let amount: Money
        package init(_ kind: Kind, itemID: Int64, amount: Money) { (self.kind, self.itemID, self.amount) = (kind, itemID, amount) }
    }

    /// The documents' customer; where they are of several, the payer or the head of their hierarchy.
    package let customer: ID<Customer>
    package let rule: MatchRule
    package let lines: [Line]
    /// What stays as `customer`'s credit.
    package let rest: Money
    /// Whether the payer's words name none of what is settled.
    package var isUnnamed: Bool { MatchRule.unnamed.contains(rule) }
    /// What the items are settled by beyond the cash and the credits.
    package let adjustments: [Adjustment]
    package let explanation: String
    package var evidence = MatchEvidence()
    package init(
        customer: ID<Customer>, rule: MatchRule, lines: [Line], rest: Money, adjustments: [Adjustment] = [], explanation: String,
        evidence: MatchEvidence = MatchEvidence()
    ) {
        (self.customer, self.rule, self.lines) = (customer, rule, lines)
        (self.rest, self.adjustments, self.explanation, self.evidence) = (rest, adjustments, explanation, evidence)
    }

    /// Whether who paid may be remembered as `customer`: an order of its own says nothing of it, and a hierarchy's head is not each of its
    /// members.
    package var teachesPayer: Bool { rule != .oldestFirst && rule != .referenceHierarchy && rule != .habit }

    /// The sum of the adjustments.
    package var charge: Money { adjustments.map(\.amount).total(in: rest.currency) }
}

/// Why a match was posted: what its certificate states.
package struct MatchEvidence: Equatable, Sendable {
    package struct Signal: Equatable, Sendable {
        package let name: String
        package let points: Int
        package init(_ name: String, _ points: Int) { (self.name, self.points) = (name, points) }
    }
    /// The next best proposal and what excludes it.
    package struct RunnerUp: Equatable, Sendable {
        package let itemIDs: [Int64]
        package let score: Int
        package let exclusion: String
        package init(itemIDs: [Int64], score: Int, exclusion: String) {
            (self.itemIDs, self.score, self.exclusion) = (itemIDs, score, exclusion)
        }
    }
    /// The set in which the solution is the only one.
    package struct Uniqueness: Equatable, Sendable {
        package let itemIDs: [Int64]
        package let size: Int
        package let considered: Int64
        package init(itemIDs: [Int64], size: Int, considered: Int64) {
            (self.itemIDs, self.size, self.considered) = (itemIDs, size, considered)
        }
    }

    /// The habit a posting rests on, with the counts that prove it and the precision that was wanted, per mille.
    package struct Habit: Equatable, Sendable {
        package let habit: CashHabit
        package let strength: HabitStrength
        package let floor: Int64
        package init(_ habit: CashHabit, _ strength: HabitStrength, floor: Int64) {
            (self.habit, self.strength, self.floor) = (habit, strength, floor)
        }
    }

    /// The policy's row, `high 3`.
    package var row = ""
    package var signals: [Signal] = []
    package var runnerUp: RunnerUp?
    package var uniqueness: Uniqueness?
    package var habit: Habit?
    package var score: Int { signals.reduce(0) { $0 + $1.points } }
    package init() {}
}

package struct MatchCandidate: Equatable, Sendable {
    package let customer: ID<Customer>
    package let itemID: Int64?
    package let amount: Money
    package let why: String
}

/// Posted without a person, or left to one with the reason and what it might be.
package enum MatchDecision: Equatable, Sendable {
    case apply(Match)
    case ask(reason: String, candidates: [MatchCandidate])
}

/// Leaves a receipt to a person, with at most ten candidates: what was named first, then the known payers' items closest to the amount.
package func ask(_ receipt: MatchCase, _ reason: String) -> MatchDecision {
    var candidates = (receipt.named + receipt.hinted).map {
        MatchCandidate(
            customer: $0.customer, itemID: $0.item.open.minor > 0 ? $0.item.id : nil, amount: min($0.item.open, receipt.cash),
            why: "named as \($0.reference)")
    }
    for (customer, evidence) in receipt.payers {
        let near = nearest(5, to: receipt.cash, receipt.items[customer, default: []])
        for item in near where !candidates.contains(where: { $0.itemID == item.id }) {
            candidates.append(
                MatchCandidate(
                    customer: customer, itemID: item.id, amount: min(item.open, receipt.cash), why: "payer known by \(evidence.rawValue)"))
        }
        if near.isEmpty {
            candidates.append(
                MatchCandidate(customer: customer, itemID: nil, amount: receipt.cash, why: "payer known by \(evidence.rawValue)"))
        }
    }
    for customer in receipt.resembling where receipt.payers.isEmpty {
        for item in receipt.items[customer, default: []]
        where item.open == receipt.cash && !candidates.contains(where: { $0.itemID == item.id }) {
            candidates.append(
                MatchCandidate(customer: customer, itemID: item.id, amount: receipt.cash, why: "a name like the payer's, and the amount"))
        }
    }
    return .ask(reason: reason, candidates: Array(candidates.prefix(10)))
}

/// The few items whose open amounts come closest, the closest first.
private func nearest(_ count: Int, to cash: Money, _ items: [OpenItem]) -> [OpenItem] {
    var near: [(distance: UInt64, id: Int64, at: Int)] = []
    for (at, item) in items.enumerated() {
        let distance = (item.open - cash).minor.magnitude
        let place = near.firstIndex { (distance, item.id) < ($0.distance, $0.id) } ?? near.count
        guard place < count else { continue }
        if near.count == count { near.removeLast() }
        near.insert((distance, item.id, at), at: place)
    }
    return near.map { items[$0.at] }
}
