extension MatchCase {
    /// Decides a receipt to which an advice is linked: applied as stated, or left to a person with what could be read of it.
    ///
    /// What the payer keeps back stays open, but for a cash discount that was earned: a deduction is agreed by a person.
    func byAdvice(_ advice: AdviceCase) -> MatchDecision {
        guard advice.currency == cash.currency else { return ask(self, "the advice is in \(advice.currency.code)") }
        if let entry = advice.entries.first(where: { !$0.trouble.isEmpty }) {
            return propose(advice, "line \(entry.line.number) of the advice: \(entry.trouble)")
        }
        guard !advice.entries.isEmpty else { return ask(self, "the advice names no document") }
        if advice.entries.allSatisfy({ $0.line.paidMinor == nil }) { return byNames() }
        let paid = advice.entries.reduce(Int128(0)) { $0 + Int128(payment($1)) }
        guard paid == Int128(cash.minor) else {
            let stated = Int64(exactly: paid).map { Money(minor: $0, cash.currency).readable } ?? "more than any amount"
            return propose(advice, "the advice's lines pay \(stated), \(cash.readable) arrived")
        }
        let (lines, adjustments) = stated(advice)
        if let beyond = beyond(lines) {
            return propose(
                advice, "the advice settles \(beyond.line.amount.readable) of \(beyond.item.number), \(beyond.item.open.readable) is open")
        }
        guard let customer = owner(of: advice.items) ?? collected(advice) else {
            return propose(advice, "the advice names documents of customers that do not belong together")
        }
        if let reason = contradiction(customer, advice.items) { return propose(advice, reason) }
        if let other = unadvised.first { return propose(advice, "the receipt's words name \(other.item.number), the advice does not") }
        if shares(lines, adjustments, advice.items).contains(where: { $0.value <= 0 }) {
            return propose(advice, "the advice takes one customer's credit for another")
        }
        let kept = advice.entries.filter { $0.line.deductionMinor != 0 }.map {
            """
            \($0.item?.item.number ?? "") keeps \(Money(minor: $0.line.deductionMinor, cash.currency).readable) \($0.line.deductionReasons)
            """
        }
        let why = (["\(advice.entries.count) lines of the advice pay \(cash.readable)"] + kept.prefix(3)).joined(separator: "; ")
        return decided(
            Proposal(
                customer: customer, rule: .advice, documents: lines.count > 1 ? .several : .one, amount: .one, lines: lines,
                adjustments: adjustments, strengths: [.advised], why: why))
    }

    /// Documents named without amounts: as if the receipt's own words named them.
    private func byNames() -> MatchDecision {
        var named = self
        (named.advice, named.habits) = (nil, [:])
        return decide(named)
    }

    /// What a line pays; what is open where it does not say.
    private func payment(_ entry: AdviceCase.Entry) -> Int64 { entry.line.paidMinor ?? entry.item?.item.open.minor ?? 0 }

    /// What each document is settled by, in the order in which the advice first names them, and the discounts it earned.
    private func stated(_ advice: AdviceCase) -> (lines: [Match.Line], adjustments: [Match.Adjustment]) {
        var order: [Int64] = [], paid: [Int64: Int64] = [:], discount: [Int64: Int64] = [:], earned: [Int64: Int64] = [:]
        for entry in advice.entries {
            guard let item = entry.item?.item else { continue }
            if paid[item.id] == nil { order.append(item.id) }
            paid[item.id, default: 0] += payment(entry)
            discount[item.id, default: 0] += entry.line.discountMinor
            earned[item.id] = earnedDiscount(item)
        }
        let taken = discount.filter { $0.value > 0 && $0.value <= earned[$0.key] ?? 0 }
        let lines = order.map { Match.Line(itemID: $0, amount: Money(minor: paid[$0, default: 0] + (taken[$0] ?? 0), cash.currency)) }
        let adjustments = order.compactMap { id in
            taken[id].map { Match.Adjustment(.discount, itemID: id, amount: Money(minor: $0, cash.currency)) }
        }
        return (lines, adjustments)
    }

    /// The first line that settles more than is open, or the other way round.
    private func beyond(_ lines: [Match.Line]) -> (line: Match.Line, item: OpenItem)? {
        let items = Dictionary((named + credits).map { ($0.item.id, $0.item) }, uniquingKeysWith: { first, _ in first })
        for line in lines {
            guard let item = items[line.itemID] else { continue }
            let open = item.open.minor,
                isWithin = open > 0 ? (1...open).contains(line.amount.minor) : (open...(-1)).contains(line.amount.minor)
            if !isWithin { return (line, item) }
        }
        return nil
    }

    /// Whose receipt it is when somebody who belongs to none of them collected it for customers that do not belong together, as an
    /// agency or a factor does: the first document's customer's.
    ///
    /// - Returns: nil unless each line names another document by its own number, pays exactly what is open of it and keeps nothing back.
    private func collected(_ advice: AdviceCase) -> ID<Customer>? {
        func head(_ customer: ID<Customer>) -> ID<Customer> { roots[customer] ?? customer }
        let heads = Set(advice.items.map { head($0.customer) })
        guard !payers.contains(where: { heads.contains(head($0.customer)) }) else { return nil }
        let isWhole = advice.entries.allSatisfy { entry in
            guard let one = entry.item, one.reference == one.item.number, one.item.open.minor > 0, wasIssued(one.item) else { return false }
            return entry.line.paidMinor == one.item.open.minor && entry.line.discountMinor == 0 && entry.line.deductionMinor == 0
        }
        guard isWhole, Set(advice.items.map(\.item.id)).count == advice.entries.count else { return nil }
        return advice.items.first?.customer
    }

    /// Why an advice that fits is doubted all the same.
    private func contradiction(_ customer: ID<Customer>, _ items: [NamedItem]) -> String? {
        guard let payer = knownPayer, !items.contains(where: { $0.customer == payer }), payer != customer, !family.contains(customer),
            explains(payer)
        else { return nil }
        return "the advice names another customer's documents, and the payer's own add up to the amount too"
    }

    /// Leaves a receipt to a person with what its advice names, as far as it could be read.
    private func propose(_ advice: AdviceCase, _ reason: String) -> MatchDecision {
        let candidates = advice.entries.compactMap { entry -> MatchCandidate? in
            guard let item = entry.item, item.item.open.minor > 0 else { return nil }
            let amount = min(item.item.open, Money(minor: max(0, payment(entry)), cash.currency))
            return MatchCandidate(
                customer: item.customer, itemID: item.item.id, amount: amount, why: "line \(entry.line.number) of the advice")
        }
        guard !candidates.isEmpty else { return ask(self, reason) }
        return .ask(reason: reason, candidates: Array(candidates.prefix(Self.advisedLimit)))
    }

    /// More candidates than this help nobody.
    private static var advisedLimit: Int { 100 }
}
