/// Decides one receipt. Posts only on two independent facts: a reference or a line of an advice with the exact amount or the known payer,
/// or the known payer with an amount that fits one way only, with the customer's own policy or with a habit that has proven right.
package func decide(_ receipt: MatchCase) -> MatchDecision {
    precondition(receipt.cash.minor > 0)
    if let advice = receipt.advice { return receipt.byAdvice(advice) }
    var decision = receipt.byWords()
    if !receipt.habits.isEmpty, case .ask(let reason, let candidates) = decision { decision = receipt.byHabit(reason, candidates) }
    if case .apply(let match) = decision, let line = match.lines.first(where: { receipt.isClaimed($0.itemID) }) {
        return ask(receipt, "an earlier receipt, which waits, may be meant for \(receipt.number(of: line.itemID))")
    }
    return decision
}

extension MatchCase {
    fileprivate func byWords() -> MatchDecision {
        guard let first = named.first?.customer else { return byPayer() }
        if let own = byOwnEnds() { return own }
        if named.allSatisfy({ $0.customer == first }) { return byReference(first) }
        // Numbers of other customers may be the payer's own affairs: what counts is what adds up.
        if let payer = knownPayer, let own = narrowed({ $0.customer == payer }), own.openNamed.total == cash.minor {
            let surest = own.named.map(\.strength).max() ?? .weak
            // One word for two of his documents, and another's of the amount of one of them: that may stand for the second.
            let twins = own.named.filter { one in own.named.contains { $0.reference == one.reference && $0.item.id != one.item.id } }
            if let rival = named.first(where: { one in
                one.customer != payer && one.strength >= surest
                    && (one.item.open == cash || twins.contains { $0.item.open == one.item.open })
            }) {
                let own = own.named[0].item.number, open = rival.item.open.readable
                return ask(self, "it names \(own) and another customer's \(rival.item.number), and each is \(open)")
            }
            return own.byReference(payer)
        }
        if let strong = narrowed({ $0.strength > .weak }), let customer = strong.named.first?.customer,
            strong.named.allSatisfy({ $0.customer == customer })
        {
            let rest = Money(minor: cash.minor - strong.openNamed.total, cash.currency)
            if rest.minor > 0, let other = named.first(where: { $0.customer != customer && $0.item.open.minor > 0 && $0.item.open <= rest })
            {
                return ask(
                    self, "\(rest.readable) more than its documents have open, and another customer's \(other.item.number) is named too")
            }
            return strong.byReference(customer)
        }
        if let joint = narrowed({ $0.strength > .corrected })?.byHierarchy() { return joint }
        return ask(self, "the references name documents of \(Set(named.map(\.customer)).count) customers")
    }
}

extension MatchCase {
    /// The last digits of the payer's own documents, which add up to the cash, where four or five digits that name others' say nothing.
    private func byOwnEnds() -> MatchDecision? {
        guard let payer = knownPayer, credits.isEmpty, hinted.contains(where: { $0.customer == payer }),
            named.allSatisfy({ $0.strength == .weak && $0.customer != payer })
        else { return nil }
        var unnamed = self
        unnamed.named = []
        let decision = unnamed.byPayer()
        guard case .apply(let match) = decision, !match.lines.isEmpty,
            match.lines.allSatisfy({ line in hinted.contains { $0.item.id == line.itemID } })
        else { return nil }
        return decision
    }

    fileprivate func narrowed(_ keep: (NamedItem) -> Bool) -> MatchCase? {
        var narrowed = self
        narrowed.named = named.filter(keep)
        return narrowed.named.isEmpty ? nil : narrowed
    }

    /// A stranger who named a document and paid something else does not keep its customer, who names it too, from paying it.
    fileprivate func isClaimed(_ item: Int64) -> Bool {
        if claimed.contains(item) { return true }
        guard claimedByStrangers.contains(item) else { return false }
        return policy.holdsForStrangers || !named.contains { $0.item.id == item && $0.strength >= .number && $0.customer == knownPayer }
    }

    fileprivate func number(of item: Int64) -> String {
        named.first { $0.item.id == item }?.item.number ?? items.values.joined().first { $0.id == item }?.number ?? "an item"
    }

    /// What is named and open, and what it adds up to. A contract's number names what was issued under it by then, not what comes later.
    var openNamed: (items: [NamedItem], total: Int64) {
        var open = named.filter { $0.item.open.minor > 0 }
        if !open.allSatisfy({ wasIssued($0.item) }) {
            open.removeAll { one in
                !wasIssued(one.item) && one.reference != one.item.number
                    && named.contains { $0.reference == one.reference && $0.item.id != one.item.id && wasIssued($0.item) }
            }
        }
        return (open, open.reduce(0) { $0 + $1.item.open.minor })
    }

    /// One of the payer's items, named or not, that has exactly `amount` open and is not among `except`.
    func item(of customer: ID<Customer>, open amount: Money, except: [NamedItem] = []) -> OpenItem? {
        items[customer, default: []].first { item in item.open == amount && !except.contains { $0.item.id == item.id } }
    }

    /// The discount that a payment on `paidOn` earns on an item.
    func earnedDiscount(_ item: OpenItem) -> Int64 {
        guard let discount = item.discount, let paidOn, paidOn <= discount.until, discount.minor < item.open.minor else { return 0 }
        return discount.minor
    }

    /// Settles items in the order given.
    func filled(_ items: [OpenItem]) -> (lines: [Match.Line], rest: Money) {
        var rest = cash, lines: [Match.Line] = []
        for item in items where rest.minor > 0 {
            let amount = min(rest, item.open)
            lines.append(Match.Line(itemID: item.id, amount: amount))
            rest = rest - amount
        }
        return (lines, rest)
    }
}
