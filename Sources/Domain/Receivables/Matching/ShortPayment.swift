extension MatchCase {
    /// Decides a receipt of the known payer that is less than what it names.
    func short(_ customer: ID<Customer>, _ open: [NamedItem], _ total: Int64) -> MatchDecision {
        let short = Money(minor: total - cash.minor, cash.currency)
        let whole = open.map { Match.Line(itemID: $0.item.id, amount: $0.item.open) }
        func proposal(
            _ rule: MatchRule, _ lines: [Match.Line], _ amount: MatchPolicy.Amount, adjustments: [Match.Adjustment] = [], _ why: String
        ) -> Proposal {
            let taken = Set(lines.map(\.itemID)), naming = named.filter { taken.contains($0.item.id) }
            let names = "names " + named.map { "\($0.item.number) (\($0.reference))" }.joined(separator: ", ")
            return Proposal(
                customer: customer, rule: rule, documents: lines.count > 1 ? .several : .one, amount: amount, lines: lines,
                adjustments: adjustments,
                strengths: naming.map(\.strength), why: "\(names); \(why); the payer is known")
        }
        if item(of: customer, open: cash, except: open) != nil {
            return ask(self, "it names \(open[0].item.number) and pays exactly what another item has open")
        }
        let explained = differences(short, open, of: total)
        if explained.count > 1 {
            return ask(self, "\(short.readable) less than is named, which may be \(explained.map(\.text).joined(separator: " or "))")
        }
        if let one = explained.first {
            if let doubt = doubt(one, customer, short, open) { return ask(self, doubt) }
            return decided(
                proposal(.referenceTolerance, whole, .one, adjustments: one.adjustments, "\(short.readable) short, \(one.text)"))
        }
        guard !says.contains(.keptBack) || namesCredit else {
            return ask(self, "\(short.readable) less than is named, and the words say that something is kept back")
        }
        if let credit = credits.first(where: { $0.customer == customer }) {
            return ask(self, "it names \(credit.item.number), too, and \(short.readable) less than both leave open is paid")
        }
        if let strangeNumber {
            return ask(self, "\(short.readable) less than is named, and \(strangeNumber) in the text is no number that we know")
        }
        if named.contains(where: { $0.item.open.minor == 0 && $0.amount == cash }) {
            return ask(self, "it names a settled document of exactly that amount together with an open one")
        }
        if open.count == 1 {
            guard policy.differences == .post else { return ask(self, "\(short.readable) less than \(open[0].item.number) has open") }
            return decided(
                proposal(.referencePart, [Match.Line(itemID: open[0].item.id, amount: cash)], .several, "\(short.readable) stays open"))
        }
        let fits = open.filter { $0.item.open == cash }
        if fits.count == 1, policy.differences == .post {
            return decided(
                proposal(
                    .referenceExact, [Match.Line(itemID: fits[0].item.id, amount: cash)], .one,
                    "of these only \(fits[0].item.number) is \(cash.readable)"))
        }
        guard oldestFirst.contains(customer) else { return ask(self, "\(cash.readable) does not cover the \(open.count) documents named") }
        return decided(
            proposal(
                .oldestFirst, filled(open.map(\.item)).lines, .several,
                "\(short.readable) stays open; the customer's policy is oldest first"
            ))
    }

    /// What explains a shortfall as well as the one difference that is within its limit.
    private func doubt(_ one: ToleratedDifference, _ customer: ID<Customer>, _ short: Money, _ open: [NamedItem]) -> String? {
        let less = "\(short.readable) less than is named", parts = open.filter { $0.item.open <= short }
        if let left = choice(of: parts.map(\.item.open.minor), worth: short.minor)?.first {
            return "\(less), which is what \(parts[left].item.number) has open"
        }
        guard one.kind != .rounding else { return nil }
        let late = open.map(\.item).compactMap { $0.discount?.minor }
        if choice(of: late, worth: short.minor) != nil { return "\(less), which is a cash discount that was not earned" }
        if choice(of: openCredits[customer, default: []].map { -$0.open.minor }, worth: short.minor) != nil {
            return "\(less), which is what open credits are worth"
        }
        return one.kind == .bankCharge ? nil : doubtOfIntent(one, customer, short, open)
    }

    /// Whoever keeps something back on purpose must not have meant anything else by what he writes or pays.
    private func doubtOfIntent(_ one: ToleratedDifference, _ customer: ID<Customer>, _ short: Money, _ open: [NamedItem]) -> String? {
        let less = "\(short.readable) less than is named"
        if says.contains(.withheld), one.kind != .withholding { return "\(less), and the words say that tax is withheld" }
        if says.contains(.keptBack), !says.contains(.withheld) { return "\(less), and the words say that something is kept back" }
        if let strangeNumber { return "\(less), and \(strangeNumber) in the text is no number that we know" }
        if one.kind == .withholding, policy.differences != .post, !says.contains(.withheld) {
            return "\(less): \(one.text), if it is not a part payment"
        }
        if let credit = credits.first(where: { $0.customer == customer }) { return "\(less), and it names \(credit.item.number), too" }
        let others = items[customer, default: []].filter { item in !open.contains { $0.item.id == item.id } }
        if unlisted.contains(customer) || choice(of: others.map(\.open.minor), worth: cash.minor) != nil {
            return "\(less), and items that are not named may add up to what is paid"
        }
        return nil
    }

    /// Which of some amounts add up to another: the first choice that is found.
    private func choice(of amounts: [Int64], worth target: Int64) -> [Int]? {
        guard target > 0, !amounts.isEmpty else { return nil }
        let search = SubsetSum(prices: amounts.map { .init($0) }, target: target, limit: policy.subsetLimit, solutionLimit: 1)
        return search.solutions.first.map { $0.map(\.item) }
    }
}
