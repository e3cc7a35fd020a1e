extension MatchCase {
    /// Decides a receipt whose references name documents of one customer.
    func byReference(_ customer: ID<Customer>) -> MatchDecision {
        let (open, total) = openNamed, payer = knownPayer
        if let own = ownItem(against: customer, payer) { return own }
        if let settled = settledUnnamed.first(where: { $0.customer == customer && $0.item.open.minor == 0 }) {
            return ask(self, "\(settled.item.number) is settled already, by a receipt that did not name it")
        }
        if open.isEmpty { return settledAlready(customer, payer) }
        if let early = open.first(where: { !wasIssued($0.item) && isEarly($0) }) {
            return ask(self, "\(early.item.number) is dated after it was paid")
        }
        if let completed = completed(customer, open, total) { return decided(completed) }
        guard unread.isEmpty || total == cash.minor else {
            return ask(self, "\(unread.joined(separator: ", ")) in the text is no document of ours, and the rest does not add up")
        }
        if let exact = exact(customer, open, total) {
            if let doubt = doubt(customer, payer, open) { return ask(self, doubt) }
            return decided(exact)
        }
        guard payer == customer else {
            let who = payer == nil ? "not known" : "another customer"
            return ask(self, "\(cash.readable) paid against \(Money(minor: total, cash.currency).readable) named, and the payer is \(who)")
        }
        if total < cash.minor { return over(customer, open, by: cash.minor - total) }
        return short(customer, open, total)
    }

    /// Whether a document that was issued after it was paid is not what an order paid in advance became.
    private func isEarly(_ named: NamedItem) -> Bool {
        if named.reference == named.item.number || says.contains(.onAccount) { return true }
        return paidOn.map { named.item.effectiveOn.number - $0.number > Self.advanceLimit } ?? false
    }
    /// An order that is paid before its invoice is issued is delivered within so many days.
    private static let advanceLimit = 60

    private var names: String { "names " + named.map { "\($0.item.number) (\($0.reference))" }.joined(separator: ", ") }
    private func knows(_ customer: ID<Customer>) -> String { knownPayer == customer ? "; the payer is known" : "" }

    private func proposal(
        _ customer: ID<Customer>, _ rule: MatchRule, _ lines: [Match.Line], amount: MatchPolicy.Amount = .one, rest: Int64 = 0,
        adjustments: [Match.Adjustment] = [], _ why: String
    ) -> Proposal {
        let strengths = [named, credits, hinted].flatMap { names in
            names.lazy.filter { name in lines.isEmpty || lines.contains { $0.itemID == name.item.id } }.map(\.strength)
        }
        return Proposal(
            customer: customer, rule: rule, documents: lines.count > 1 ? .several : .one, amount: amount, lines: lines, rest: rest,
            adjustments: adjustments, strengths: strengths, why: "\(names); \(why)\(knows(customer))")
    }

    /// The documents named, all of them, against the cash: to the unit, with named credits, or with the discounts earned.
    private func exact(_ customer: ID<Customer>, _ open: [NamedItem], _ total: Int64) -> Proposal? {
        let whole = open.map { Match.Line(itemID: $0.item.id, amount: $0.item.open) }
        let sum = Money(minor: total, cash.currency).readable
        if total == cash.minor { return proposal(customer, .referenceExact, whole, "\(sum) open = \(cash.readable) paid") }
        let credits = credits.filter { $0.customer == customer }
        if !credits.isEmpty, total + credits.reduce(0, { $0 + $1.item.open.minor }) == cash.minor {
            let lines = whole + credits.map { Match.Line(itemID: $0.item.id, amount: $0.item.open) }
            let less = credits.map(\.item.number).joined(separator: ", ")
            return proposal(customer, .referenceExact, lines, "\(sum) open less \(less) = \(cash.readable) paid")
        }
        return discounted(customer, open, whole, total) ?? credited(customer, whole, total)
    }

    /// The known payer kept back exactly what open credits are worth, without a word.
    private func credited(_ customer: ID<Customer>, _ whole: [Match.Line], _ total: Int64) -> Proposal? {
        let credits = openCredits[customer, default: []]
        guard policy.differences == .post, total > cash.minor, knownPayer == customer, !credits.isEmpty else { return nil }
        let search = SubsetSum(prices: credits.map { .init(-$0.open.minor) }, target: total - cash.minor, limit: policy.subsetLimit)
        guard search.solutions.count == 1 else { return nil }
        let taken = search.solutions[0].map { credits[$0.item] }
        let lines = whole + taken.map { Match.Line(itemID: $0.id, amount: $0.open) }
        return proposal(customer, .referenceCredit, lines, "less \(taken.map(\.number).joined(separator: ", ")) = \(cash.readable) paid")
    }

    /// Every document named is settled, some less the discount they earned: only when one choice of discounts makes up the difference.
    private func discounted(_ customer: ID<Customer>, _ open: [NamedItem], _ whole: [Match.Line], _ total: Int64) -> Proposal? {
        let eligible = open.map(\.item).filter { earnedDiscount($0) > 0 }, missing = total - cash.minor
        guard missing > 0, !eligible.isEmpty else { return nil }
        var taken = eligible
        if eligible.reduce(0, { $0 + earnedDiscount($1) }) != missing {
            let search = SubsetSum(prices: eligible.map { .init(earnedDiscount($0)) }, target: missing, limit: policy.subsetLimit)
            guard search.solutions.count == 1, search.size == eligible.count else { return nil }
            taken = search.solutions[0].map { eligible[$0.item] }
        }
        let adjustments = taken.map { Match.Adjustment(.discount, itemID: $0.id, amount: Money(minor: earnedDiscount($0), cash.currency)) }
        let less = Money(minor: missing, cash.currency).readable
        return proposal(customer, .referenceDiscount, whole, adjustments: adjustments, "\(less) cash discount earned by its day")
    }

    /// What speaks against a sum that fits.
    private func doubt(_ customer: ID<Customer>, _ payer: ID<Customer>?, _ open: [NamedItem]) -> String? {
        if payer == customer { return nil }
        if !says.isDisjoint(with: [.onAccount, .ownNumber, .otherPurpose]) {
            return "the words speak of something else than our document, and its customer is not known to pay"
        }
        if family.contains(customer) { return nil }
        if payer == nil, payers.contains(where: { $0.customer == customer }) { return nil }
        // Number, amount and the customer's name agree: for whom it is paid is said, whoever pays.
        if namesOwner { return nil }
        if !payers.isEmpty { return doubtOfAnother(payer, open) }
        if open.allSatisfy({ $0.strength == .weak || $0.strength == .corrected }) {
            return "\(open.map(\.reference).joined(separator: ", ")) may be named by chance, and the payer is not known"
        }
        // A number that is written out, letters and all, and has no neighbour of that amount, is meant whatever the amount.
        let isSpelledOut = slips.isEmpty && open.allSatisfy { $0.strength >= .whole && $0.reference.contains(where: \.isLetter) }
        if policy.doubtsCommonAmounts, isCommonAmount, !isSpelledOut, !resembling.contains(customer) {
            return "many items have that amount, and the payer is not known"
        }
        if !policy.postsForOthers, goesByAnothersName {
            return "the payer goes by another customer's name than that of the document named"
        }
        if policy.doubtsNeighbours, let slip = slips.first {
            return "\(slip.item.number) differs from the number named in one character and has the same amount open"
        }
        if let other = resembling.first(where: { $0 != customer && item(of: $0, open: cash) != nil }), !resembling.contains(customer) {
            let number = item(of: other, open: cash)?.number ?? ""
            return "the payer's name resembles that of another customer, whose \(number) has the same amount open"
        }
        return nil
    }

    /// What speaks against a customer of ours who pays what another owes.
    private func doubtOfAnother(_ payer: ID<Customer>?, _ open: [NamedItem]) -> String? {
        let ownsIt = payer.map(explains) ?? payers.contains { item(of: $0.customer, open: cash) != nil }
        if ownsIt { return "the reference names another customer's document of the same amount as the payer's own" }
        // Digits alone may be a number of the payer's own.
        let isSure = open.allSatisfy { $0.strength >= .whole && $0.reference.contains(where: \.isLetter) }
        return policy.postsForOthers && isSure ? nil : "the payer is known, and the reference names another customer's document"
    }

    /// The known payer names another's document whose amount does not fit, and owes exactly the cash: a slip of the number.
    private func ownItem(against customer: ID<Customer>, _ payer: ID<Customer>?) -> MatchDecision? {
        guard let payer, payer != customer, !family.contains(customer),
            !named.contains(where: { $0.item.open == cash || $0.amount == cash })
        else { return nil }
        guard unread.isEmpty, let item = item(of: payer, open: cash), (evidence(for: payer) ?? .name) >= .iban else { return nil }
        let own = ReferenceText(item.number).bytes
        if policy.doubtsNumbers, !named.contains(where: { SlippedReference.differByOne(ReferenceText($0.reference).bytes, own) }) {
            return nil
        }
        var unnamed = self
        (unnamed.named, unnamed.credits) = ([], [])
        return unnamed.byPayer()
    }

    /// Documents named together with some that the words only hint at: a number with a slip, or cut short.
    private func completed(_ customer: ID<Customer>, _ open: [NamedItem], _ total: Int64) -> Proposal? {
        let hints = hinted.filter { $0.customer == customer }
        guard total < cash.minor, knownPayer == customer, !hints.isEmpty else { return nil }
        let search = SubsetSum(prices: hints.map { .init($0.item.open.minor) }, target: cash.minor - total, limit: policy.subsetLimit)
        guard search.solutions.count == 1 else { return nil }
        let taken = search.solutions[0].map { hints[$0.item] }
        let lines = (open + taken).map { Match.Line(itemID: $0.item.id, amount: $0.item.open) }
        return proposal(
            customer, .referenceCorrected, lines, "and hints at \(taken.map(\.item.number).joined(separator: ", ")), which make up the rest"
        )
    }

    /// Whether the payer's own items explain the cash: one of them, or some of them together, in full or less a discount.
    func explains(_ payer: ID<Customer>) -> Bool {
        if unlisted.contains(payer) { return true }
        let own = items[payer, default: []]
        guard !own.isEmpty else { return false }
        return !SubsetSum(prices: prices(of: own), target: cash.minor, limit: 2_000, solutionLimit: 1).solutions.isEmpty
    }

    private func settledAlready(_ customer: ID<Customer>, _ payer: ID<Customer>?) -> MatchDecision {
        guard payer == customer, named.contains(where: { $0.amount == cash }) else {
            return ask(self, "the document named is settled already")
        }
        if let other = item(of: customer, open: cash) {
            return ask(self, "the document named is settled already, and \(other.number) has exactly that amount open")
        }
        if policy.differences != .post, explains(customer) {
            return ask(self, "the document named is settled already, and open ones add up to the amount")
        }
        return decided(
            proposal(
                customer, .paidAgain, [], amount: .several, rest: cash.minor,
                "it is settled and \(cash.readable) is its full amount: paid once more"))
    }

    /// Whether items that are not named are the cash, or the rest of it: where a rest would be posted in any choice of them that is
    /// searched, otherwise in a way that chance would hardly make.
    private func isExplained(by others: [OpenItem], rest: Money, isOne: Bool) -> Bool {
        let posts = policy.differences == .post
        return [cash.minor, isOne ? 0 : rest.minor].contains { target in
            guard target > 0 else { return false }
            if others.contains(where: { $0.open.minor == target }) { return true }
            let search = SubsetSum(prices: prices(of: others), target: target, limit: posts ? policy.subsetLimit : 2_000, solutionLimit: 1)
            let total = others.reduce(Int64(0)) { $0 + $1.open.minor }
            return !search.solutions.isEmpty && (posts || search.considered <= total / policy.coincidenceLimit)
        }
    }

    /// What tells that the text names, or named before it was cut, more than is read in it.
    private var namesMore: String? {
        strangeNumber.map { "\($0) in the text is no number that we know" } ?? (isReadInPart ? "the text may name more than was read" : nil)
    }

    private func over(_ customer: ID<Customer>, _ open: [NamedItem], by rest: Int64) -> MatchDecision {
        let whole = open.map { Match.Line(itemID: $0.item.id, amount: $0.item.open) }, rest = Money(minor: rest, cash.currency)
        let others = items[customer, default: []].filter { item in !open.contains { $0.item.id == item.id } }
        if let next = hinted.first(where: { $0.customer == customer && $0.strength == .listed }) {
            return ask(self, "the text goes on with \(next.item.number), and \(rest.readable) more were paid than the first has open")
        }
        // What is listed and not open may be settled by a receipt that did not name it.
        if goesOn {
            return ask(self, "\(rest.readable) more than the documents named have open, and the text goes on with further numbers")
        }
        if says.contains(.keptBack), !others.isEmpty {
            return ask(self, "\(rest.readable) more than the documents named have open, and the words say that something is kept back")
        }
        let equal = others.filter { $0.open == rest }
        if isExplained(by: others, rest: rest, isOne: equal.count == 1) {
            return ask(self, "\(rest.readable) more than the documents named have open, and items that are not named add up to it")
        }
        if !others.isEmpty, let more = namesMore {
            return ask(self, "\(rest.readable) more than the documents named have open, and \(more)")
        }
        // One named and one not: likely, but the rest may as well be paid on account.
        if equal.count == 1, !unlisted.contains(customer), policy.differences == .post {
            return decided(
                proposal(
                    customer, .referenceExact, whole + [Match.Line(itemID: equal[0].id, amount: rest)],
                    "the rest is exactly what \(equal[0].number) has open"))
        }
        // Nothing else is open: what is over is credit. Otherwise it may be meant for an item that is not named.
        let isFamilys = family.contains { item(of: $0, open: rest) != nil || item(of: $0, open: cash) != nil }
        guard !isFamilys, policy.differences == .post || (others.isEmpty && !unlisted.contains(customer)) else {
            return ask(self, "\(rest.readable) more than the documents named have open, and other items are open")
        }
        return decided(
            proposal(
                customer, .referenceOver, whole, amount: .several, rest: rest.minor, "\(rest.readable) more than is open stays as credit"))
    }
}
