/// Which rule posted a receipt. Each is named on its application, with the facts it rested on.
package enum MatchRule: String, Sendable {
    /// The documents named add up to the cash, to the unit.
    case referenceExact = "reference_exact"
    /// Less arrived than the documents named; the known payer's rest stays open.
    case referencePart = "reference_part"
    /// More arrived than the documents named; the known payer keeps the rest as credit.
    case referenceOver = "reference_over"
    /// Less arrived by no more than the tolerance; the difference is a bank charge.
    case referenceTolerance = "reference_tolerance"
    /// The document named is settled and the known payer paid it once more: credit.
    case paidAgain = "paid_again"
    /// A known payer's only item of that amount.
    case payerAmount = "payer_amount"
    /// Everything that a known payer owes.
    case payerBalance = "payer_balance"
    /// The customer's policy: oldest first.
    case oldestFirst = "oldest_first"
    /// A person decided.
    case manual
}

/// A document that the payer's text names.
package struct NamedItem: Equatable, Sendable {
    package let customer: ID<Customer>
    package let item: OpenItem
    /// The document's full amount.
    package let amount: Money
    /// The words that named it.
    package let reference: String
    package init(customer: ID<Customer>, item: OpenItem, amount: Money, reference: String) {
        (self.customer, self.item, self.amount, self.reference) = (customer, item, amount, reference)
    }
}

/// How a payer is known.
package enum PayerEvidence: String, Sendable, Comparable {
    case name, iban, account
    package static func < (left: PayerEvidence, right: PayerEvidence) -> Bool { left.strength < right.strength }
    private var strength: Int {
        switch self {
        case .name: 0
        case .iban: 1
        case .account: 2
        }
    }
}

/// One receipt with everything known that bears on it.
package struct MatchCase: Sendable {
    package var cash: Money
    package var named: [NamedItem] = []
    /// Customers that the payer's identity stands for.
    package var payers: [(customer: ID<Customer>, evidence: PayerEvidence)] = []
    /// The payers' open debit items in the receipt's currency, oldest due first.
    package var items: [ID<Customer>: [OpenItem]] = [:]
    package var oldestFirst: Set<ID<Customer>> = []
    /// The largest shortfall taken as a bank charge, in minor units; never more than a tenth of what is named.
    package var toleranceMinor: Int64 = 0
    /// Numbers of our own shape in the text that name nothing open or settled of this currency.
    package var unread: [String] = []
    package init(cash: Money) { self.cash = cash }
}

package struct Match: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
        package let itemID: Int64
        package let amount: Money
        package init(itemID: Int64, amount: Money) { (self.itemID, self.amount) = (itemID, amount) }
    }
    package let customer: ID<Customer>
    package let rule: MatchRule
    package let lines: [Line]
    /// What stays as the customer's credit.
    package let rest: Money
    /// What the items are settled by beyond the cash: a bank charge within tolerance.
    package let charge: Money
    package let explanation: String
    package init(customer: ID<Customer>, rule: MatchRule, lines: [Line], rest: Money, charge: Money, explanation: String) {
        (self.customer, self.rule, self.lines) = (customer, rule, lines)
        (self.rest, self.charge, self.explanation) = (rest, charge, explanation)
    }
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

/// Decides one receipt. Posts only on two independent facts: a reference with the exact amount or the known payer, or the
/// known payer with an amount that fits one way only (or with the customer's own policy).
package func decide(_ receipt: MatchCase) -> MatchDecision {
    precondition(receipt.cash.minor > 0)
    let named = Set(receipt.named.map(\.customer))
    if named.count > 1 { return ask(receipt, "the references name documents of \(named.count) customers") }
    if let customer = named.first { return byReference(receipt, customer) }
    return byPayer(receipt)
}

/// The one customer that all evidence agrees on; nil when it leaves several, or contradicts itself.
private func knownPayer(_ receipt: MatchCase) -> ID<Customer>? {
    let byEvidence = Dictionary(grouping: receipt.payers, by: \.evidence).values.map { Set($0.map(\.customer)) }
    guard let first = byEvidence.first else { return nil }
    let agreed = byEvidence.dropFirst().reduce(first) { $0.intersection($1) }
    return agreed.count == 1 ? agreed.first : nil
}

private func byReference(_ receipt: MatchCase, _ customer: ID<Customer>) -> MatchDecision {
    let cash = receipt.cash, payer = knownPayer(receipt)
    let open = receipt.named.filter { $0.item.open.minor > 0 }
    let sum = open.map(\.item.open).total(in: cash.currency)
    let names = receipt.named.map { "\($0.item.number) (\($0.reference))" }.joined(separator: ", ")
    func apply(_ rule: MatchRule, _ lines: [Match.Line], rest: Int64 = 0, charge: Int64 = 0, _ why: String) -> MatchDecision {
        let money = { Money(minor: $0, cash.currency) }
        return .apply(
            Match(
                customer: customer, rule: rule, lines: lines, rest: money(rest), charge: money(charge),
                explanation: "names \(names); \(why)\(payer == customer ? "; the payer is known" : "")"))
    }
    if open.isEmpty {
        let paidBefore = receipt.named.contains { $0.amount == cash }
        guard payer == customer, paidBefore else { return ask(receipt, "the document named is settled already") }
        return apply(.paidAgain, [], rest: cash.minor, "it is settled and \(cash.decimal) is its full amount: paid once more")
    }
    guard receipt.unread.isEmpty || sum == cash else {
        return ask(receipt, "\(receipt.unread.joined(separator: ", ")) in the text is no document of ours, and the rest does not add up")
    }
    let whole = open.map { Match.Line(itemID: $0.item.id, amount: $0.item.open) }
    if sum == cash {
        if let payer, payer != customer, receipt.items[payer, default: []].contains(where: { $0.open == cash }) {
            return ask(receipt, "the reference names another customer's document of the same amount as the payer's own")
        }
        return apply(.referenceExact, whole, "\(sum.decimal) open = \(cash.decimal) paid")
    }
    guard payer == customer else {
        return ask(receipt, "\(cash.decimal) paid against \(sum.decimal) named, and the payer is \(payer == nil ? "not known" : "another customer")")
    }
    if sum < cash { return over(receipt, customer, open: open, whole: whole, by: cash - sum, apply: apply) }
    let short = sum - cash
    let isWhole = receipt.named.allSatisfy { $0.item.open == $0.amount }
    if short.minor <= receipt.toleranceMinor, short.minor <= sum.minor / 10, isWhole {
        return apply(.referenceTolerance, whole, charge: short.minor, "\(short.decimal) short, within the tolerance of bank charges")
    }
    if receipt.items[customer, default: []].contains(where: { item in item.open == cash && !open.contains { $0.item.id == item.id } }) {
        return ask(receipt, "it names \(open[0].item.number) and pays exactly what another item has open")
    }
    if receipt.named.contains(where: { $0.item.open.minor == 0 && $0.amount == cash }) {
        return ask(receipt, "it names a settled document of exactly that amount together with an open one")
    }
    if open.count == 1 {
        return apply(.referencePart, [Match.Line(itemID: open[0].item.id, amount: cash)], "\(short.decimal) stays open")
    }
    let fits = open.filter { $0.item.open == cash }
    if fits.count == 1 {
        return apply(.referenceExact, [Match.Line(itemID: fits[0].item.id, amount: cash)], "of these only \(fits[0].item.number) is \(cash.decimal)")
    }
    guard receipt.oldestFirst.contains(customer) else { return ask(receipt, "\(cash.decimal) does not cover the \(open.count) documents named") }
    return apply(.oldestFirst, fill(cash, open.map(\.item)).lines, "\(short.decimal) stays open; the customer's policy is oldest first")
}

private func over(
    _ receipt: MatchCase, _ customer: ID<Customer>, open: [NamedItem], whole: [Match.Line], by rest: Money,
    apply: (MatchRule, [Match.Line], Int64, Int64, String) -> MatchDecision
) -> MatchDecision {
    let others = receipt.items[customer, default: []].filter { item in item.open == rest && !open.contains { $0.item.id == item.id } }
    if others.count == 1 {
        return apply(
            .referenceExact, whole + [Match.Line(itemID: others[0].id, amount: rest)], 0, 0, "the rest is exactly what \(others[0].number) has open")
    }
    return apply(.referenceOver, whole, rest.minor, 0, "\(rest.decimal) more than is open stays as credit")
}

private func byPayer(_ receipt: MatchCase) -> MatchDecision {
    let cash = receipt.cash
    guard let payer = knownPayer(receipt) else {
        return ask(receipt, receipt.payers.isEmpty ? "no reference found and the payer is not known" : "the payer may be several customers")
    }
    guard receipt.unread.isEmpty else { return ask(receipt, "\(receipt.unread.joined(separator: ", ")) in the text is no open document of ours") }
    let items = receipt.items[payer, default: []], total = items.map(\.open).total(in: cash.currency)
    func apply(_ rule: MatchRule, _ lines: [Match.Line], rest: Money, _ why: String) -> MatchDecision {
        .apply(
            Match(
                customer: payer, rule: rule, lines: lines, rest: rest, charge: .zero(cash.currency), explanation: "the payer is known; \(why)"))
    }
    let equal = items.filter { $0.open == cash }
    let nothing = Money.zero(cash.currency)
    if equal.count == 1 {
        return apply(
            .payerAmount, [Match.Line(itemID: equal[0].id, amount: cash)], rest: nothing, "\(equal[0].number) is the only item of \(cash.decimal)")
    }
    if equal.isEmpty, total == cash {
        return apply(.payerBalance, items.map { Match.Line(itemID: $0.id, amount: $0.open) }, rest: nothing, "\(cash.decimal) is all that is open")
    }
    let isSure = receipt.payers.contains { $0.customer == payer && $0.evidence >= .iban }
    if receipt.oldestFirst.contains(payer), isSure, !items.isEmpty {
        let filled = fill(cash, equal.isEmpty ? items : equal)
        return apply(.oldestFirst, filled.lines, rest: filled.rest, "the customer's policy is oldest first")
    }
    return ask(receipt, equal.isEmpty ? "no reference, and no item of \(cash.decimal)" : "\(equal.count) items of \(cash.decimal), and no reference")
}

/// Settles items in the order given.
private func fill(_ cash: Money, _ items: [OpenItem]) -> (lines: [Match.Line], rest: Money) {
    var rest = cash, lines: [Match.Line] = []
    for item in items where rest.minor > 0 {
        let amount = min(rest, item.open)
        lines.append(Match.Line(itemID: item.id, amount: amount))
        rest = rest - amount
    }
    return (lines, rest)
}

/// Leaves a receipt to a person, with at most ten candidates: what was named first, then the known payers' items closest to the amount.
package func ask(_ receipt: MatchCase, _ reason: String) -> MatchDecision {
    var candidates = receipt.named.map {
        MatchCandidate(
            customer: $0.customer, itemID: $0.item.open.minor > 0 ? $0.item.id : nil, amount: min($0.item.open, receipt.cash),
            why: "named as \($0.reference)")
    }
    for (customer, evidence) in receipt.payers {
        let near = receipt.items[customer, default: []].sorted {
            (($0.open - receipt.cash).minor.magnitude, $0.id) < (($1.open - receipt.cash).minor.magnitude, $1.id)
        }
        for item in near.prefix(5) where !candidates.contains(where: { $0.itemID == item.id }) {
            candidates.append(
                MatchCandidate(customer: customer, itemID: item.id, amount: min(item.open, receipt.cash), why: "payer known by \(evidence.rawValue)"))
        }
        if near.isEmpty {
            candidates.append(MatchCandidate(customer: customer, itemID: nil, amount: receipt.cash, why: "payer known by \(evidence.rawValue)"))
        }
    }
    return .ask(reason: reason, candidates: Array(candidates.prefix(10)))
}
