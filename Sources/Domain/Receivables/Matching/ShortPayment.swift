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
        if let kind = tolerated(short, of: total) {
            let adjustment = Match.Adjustment(kind, itemID: open[open.count - 1].item.id, amount: short)
            let what = kind == .rounding ? "rounding" : "within the tolerance of bank charges"
            return decided(proposal(.referenceTolerance, whole, .one, adjustments: [adjustment], "\(short.readable) short, \(what)"))
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

    /// What a shortfall is booked as without a question; nil when it is more than the limits.
    private func tolerated(_ short: Money, of total: Int64) -> Match.Adjustment.Kind? {
        // A part payment before has borne its charge: no second one on the rest.
        guard named.allSatisfy({ $0.item.open == $0.amount }), short.minor <= total / 10 else { return nil }
        if short.minor <= policy.roundingMinor { return .rounding }
        return short.minor <= toleranceMinor ? .bankCharge : nil
    }
}
