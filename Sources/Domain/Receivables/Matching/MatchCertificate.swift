/// What is stated of a match when it is posted, so that a separate program can check it without the engine: one fact a line.
///
/// - Shape: UTF-8, lines end in LF; the first word of a line names the fact. Amounts in minor units of the receipt's currency, days ISO, items
///   by id.
package struct MatchCertificate: Equatable, Sendable {
    package static let version = "florin-match-1"

    package struct Named: Equatable, Sendable {
        package let itemID: Int64
        package let strength: ReferenceStrength
        package let reference: String
    }

    package struct Advised: Equatable, Sendable {
        package let advice: Int64
        package let line: Int64
        package let itemID: Int64
        /// nil when the line states no amount.
        package let paidMinor: Int64?
        package let keptMinor: Int64
        package let citations: String
    }

    package var policy: String
    package var cash: Money
    package var paidOn: Day
    package var rule: String
    package var row: String
    package var customer: ID<Customer>
    /// Customers that the payer's identity stood for, and by what.
    package var payers: [(customer: ID<Customer>, evidence: PayerEvidence)] = []
    package var named: [Named] = []
    /// The advice that is linked to the receipt, and by what.
    package var linked: (advice: Int64, rule: String)?
    /// Lines of the linked advice, with the place where each is stated in its file.
    package var advised: [Advised] = []
    /// Items of other customers than `customer`, of its hierarchy.
    package var members: [(itemID: Int64, customer: ID<Customer>)] = []
    /// Items that were looked at, with what was open of each.
    package var considered: [(itemID: Int64, openMinor: Int64)] = []
    package var lines: [(itemID: Int64, minor: Int64)] = []
    package var adjustments: [(kind: Match.Adjustment.Kind, itemID: Int64, minor: Int64)] = []
    /// The limits in force, where one of them allowed a difference.
    package var limits: [ToleranceLimit] = []
    /// What may be withheld, and of what amount of each item.
    package var withholding: (rates: Tolerances.Withholding, bases: [(itemID: Int64, minor: Int64)])?
    package var restMinor: Int64
    package var signals: [MatchEvidence.Signal] = []
    package var runnerUp: (itemIDs: [Int64], score: Int)?
    package var minimumMargin: Int
    package var uniqueness: MatchEvidence.Uniqueness?
    package var habit: MatchEvidence.Habit?

    package static func == (left: MatchCertificate, right: MatchCertificate) -> Bool { left.text == right.text }

    /// Considered items beyond this many are left out, oldest kept: a proof of uniqueness names its whole set all the same.
    package static let consideredLimit = 64

    package init(_ match: Match, _ receipt: MatchCase, policy: String, paidOn: Day) {
        (self.policy, cash, self.paidOn) = (policy, receipt.cash, paidOn)
        (rule, row, customer, restMinor) = (match.rule.rawValue, match.evidence.row, match.customer, match.rest.minor)
        (payers, signals, minimumMargin) = (receipt.payers, match.evidence.signals, receipt.policy.minimumMargin)
        habit = match.evidence.habit
        (uniqueness, runnerUp) = (match.evidence.uniqueness, match.evidence.runnerUp.map { ($0.itemIDs, $0.score) })
        let taken = Set(match.lines.map(\.itemID))
        named = (receipt.named + receipt.credits + receipt.hinted).filter { taken.contains($0.item.id) || match.lines.isEmpty }.map {
            Named(itemID: $0.item.id, strength: $0.strength, reference: $0.reference)
        }
        if let advice = receipt.advice {
            advised = advice.entries.compactMap { entry in
                entry.item.map {
                    Advised(
                        advice: advice.id, line: entry.line.number, itemID: $0.item.id, paidMinor: entry.line.paidMinor,
                        keptMinor: entry.line.deductionMinor, citations: entry.line.citations)
                }
            }
        }
        linked = advised.isEmpty ? nil : receipt.advice.map { ($0.id, $0.rule) }
        members = (receipt.named + receipt.credits).filter { taken.contains($0.item.id) && $0.customer != match.customer }.map {
            ($0.item.id, $0.customer)
        }
        lines = match.lines.map { ($0.itemID, $0.amount.minor) }
        adjustments = match.adjustments.map { ($0.kind, $0.itemID, $0.amount.minor) }
        if match.rule == .referenceTolerance {
            limits = receipt.limits
            let rates = receipt.policy.tolerances.withholding, settled = receipt.named.filter { taken.contains($0.item.id) }
            if !rates.rates.isEmpty {
                withholding = (rates, settled.compactMap { one in receipt.withholdingBase(one).map { (one.item.id, $0) } })
            }
        }
        var opens: [Int64: Int64] = [:]
        for one in receipt.named + receipt.credits { opens[one.item.id] = one.item.open.minor }
        for items in receipt.items.values { for item in items { opens[item.id] = item.open.minor } }
        for credits in receipt.openCredits.values { for item in credits { opens[item.id] = item.open.minor } }
        // A habit chooses among everything the payer has open.
        let choice = habit == nil ? [] : (receipt.items[match.customer] ?? []) + (receipt.openCredits[match.customer] ?? [])
        let needed = taken.union(choice.map(\.id)).union(uniqueness?.itemIDs ?? []).union(runnerUp?.itemIDs ?? [])
        let others = opens.keys.filter { !needed.contains($0) }.sorted().prefix(max(0, Self.consideredLimit - needed.count))
        considered = (Array(needed) + others).sorted().compactMap { id in opens[id].map { (id, $0) } }
    }

    package var text: String {
        var text = Self.version
        text.reserveCapacity(512)
        func fact(_ name: StaticString, _ values: String...) {
            text += "\n"
            text += name.description
            for value in values {
                text += " "
                text += value
            }
        }
        fact("policy", policy)
        fact("cash", String(cash.minor), cash.currency.code, paidOn.iso8601)
        fact("rule", rule)
        fact("row", row)
        fact("customer", String(customer.value))
        for (customer, evidence) in payers { fact("payer", String(customer.value), evidence.rawValue) }
        for one in named { fact("named", String(one.itemID), one.strength.name, oneLine(one.reference)) }
        if let linked { fact("linked", String(linked.advice), linked.rule) }
        for one in advised {
            fact(
                "advised", String(one.advice), String(one.line), String(one.itemID), one.paidMinor.map { String($0) } ?? "-",
                String(one.keptMinor), oneLine(one.citations))
        }
        for (item, customer) in members { fact("member", String(item), String(customer.value)) }
        for (item, open) in considered { fact("open", String(item), String(open)) }
        for (item, minor) in lines { fact("line", String(item), String(minor)) }
        for (kind, item, minor) in adjustments { fact("adjust", kind.rawValue, String(item), String(minor)) }
        for limit in limits { fact("limit", limit.kind.rawValue, String(limit.minor), String(limit.share)) }
        if let withholding {
            fact("withholding", withholding.rates.base.rawValue, withholding.rates.rates.map { String($0) }.joined(separator: " "))
            for (item, minor) in withholding.bases { fact("base", String(item), String(minor)) }
        }
        fact("rest", String(restMinor))
        for signal in signals { fact("signal", String(signal.points), signal.name) }
        if let habit {
            fact(
                "habit", habit.habit.rawValue, String(habit.strength.confirmations), String(habit.strength.contradictions),
                String(habit.floor))
        }
        fact("margin", String(minimumMargin))
        if let runnerUp { fact("next", String(runnerUp.score), runnerUp.itemIDs.map(String.init).joined(separator: " ")) }
        if let uniqueness {
            fact(
                "unique", String(uniqueness.size), String(uniqueness.considered), uniqueness.itemIDs.map(String.init).joined(separator: " ")
            )
        }
        text += "\n"
        return text
    }
}

private func oneLine(_ text: String) -> String { text.utf8.contains(10) ? text.replacing("\n", with: " ") : text }
