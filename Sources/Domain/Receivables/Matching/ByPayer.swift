extension MatchCase {
    /// Decides a receipt that names nothing of ours.
    func byPayer() -> MatchDecision {
        guard let payer = knownPayer else {
            return ask(self, payers.isEmpty ? "no reference found and the payer is not known" : "the payer may be several customers")
        }
        let all = items[payer, default: []], own = all.allSatisfy(wasIssued) ? all : all.filter(wasIssued)
        if let settled = settledHint(payer) {
            return ask(self, "the text holds a part of \(settled.item.number), which is settled already and was \(cash.readable)")
        }
        if let corrected = corrected(payer) { return decided(corrected) }
        guard unread.isEmpty else { return ask(self, "\(unread.joined(separator: ", ")) in the text is no open document of ours") }
        guard otherCurrency.isEmpty else {
            return ask(self, "\(otherCurrency.joined(separator: ", ")) in the text is in another currency")
        }
        guard !unlisted.contains(payer) else { return ask(self, "no reference, and the payer has too many items to choose from") }
        let equal = own.filter { $0.open == cash }
        if equal.count > 1, !oldestFirst.contains(payer) { return byHint(payer, equal) }
        if equal.count < 2, let unique = bySum(payer, own) { return unique }
        let isSure = (evidence(for: payer) ?? .name) >= .iban
        if oldestFirst.contains(payer), isSure, !own.isEmpty {
            let filled = filled(equal.isEmpty ? own : equal)
            return decided(
                proposal(
                    payer, .oldestFirst, filled.lines, equal.isEmpty ? .several : .one, rest: filled.rest.minor,
                    "the customer's policy is oldest first"))
        }
        return ask(
            self,
            equal.isEmpty ? "no reference, and no item of \(cash.readable)" : "\(equal.count) items of \(cash.readable), and no reference")
    }

    /// The prices of items as a subset search takes them: in full, and less the discount earned.
    func prices(of items: [OpenItem]) -> [SubsetSum.Price] {
        items.map { item in
            let discount = earnedDiscount(item)
            return SubsetSum.Price(item.open.minor, less: discount > 0 ? item.open.minor - discount : 0)
        }
    }

    private func proposal(
        _ payer: ID<Customer>, _ rule: MatchRule, _ lines: [Match.Line], _ amount: MatchPolicy.Amount, rest: Int64 = 0,
        adjustments: [Match.Adjustment] = [], unique: MatchEvidence.Uniqueness? = nil, strengths: [ReferenceStrength] = [], _ why: String
    ) -> Proposal {
        let documents: MatchPolicy.Documents = strengths.isEmpty ? .none : strengths.count == 1 ? .one : .several
        return Proposal(
            customer: payer, rule: rule, documents: documents, amount: amount, lines: lines, rest: rest, adjustments: adjustments,
            uniqueness: unique,
            strengths: strengths, why: "the payer is known; \(why)")
    }

    /// Numbers of the payer's own items that add up to the cash, by their digits or with one slip. What is written digit by digit is no
    /// slip of a neighbour.
    private func corrected(_ payer: ID<Customer>) -> Proposal? {
        let own = hinted.filter { $0.strength >= .corrected && $0.customer == payer && wasIssued($0.item) }
        let written = own.filter { $0.strength >= .number }, meant = written.isEmpty ? own : written
        guard !meant.isEmpty, meant.reduce(0, { $0 + $1.item.open.minor }) == cash.minor else { return nil }
        let lines = meant.map { Match.Line(itemID: $0.item.id, amount: $0.item.open) }
        let numbers = meant.map(\.item.number).joined(separator: ", ")
        return proposal(
            payer, .referenceCorrected, lines, .one, strengths: meant.map(\.strength),
            written.isEmpty ? "a number in the text differs from \(numbers) in one character" : "the text holds the digits of \(numbers)")
    }

    /// Among equal amounts, the one whose number the words hold a part of.
    private func byHint(_ payer: ID<Customer>, _ equal: [OpenItem]) -> MatchDecision {
        let all = hinted.filter { hint in equal.contains { $0.id == hint.item.id } }, written = all.filter { $0.strength >= .number }
        let hinted = written.isEmpty ? all : written
        guard hinted.count == 1 else { return ask(self, "\(equal.count) items of \(cash.readable), and no reference") }
        let proposal = proposal(
            payer, .referenceCorrected, [Match.Line(itemID: hinted[0].item.id, amount: cash)], .one, strengths: [hinted[0].strength],
            "of \(equal.count) items of \(cash.readable) the text holds a part of \(hinted[0].item.number) alone")
        return decided(proposal)
    }

    /// The payer's items that add up to the cash, when only these do.
    ///
    /// - Returns: nil when none do.
    private func bySum(_ payer: ID<Customer>, _ own: [OpenItem]) -> MatchDecision? {
        let search = SubsetSum(prices: prices(of: own), target: cash.minor, limit: policy.subsetLimit)
        let total = own.reduce(Int64(0)) { $0 + $1.open.minor }
        guard let solution = search.solutions.first else {
            guard total == cash.minor, !own.isEmpty else { return byAccount(payer, own) }
            return decided(
                proposal(
                    payer, .payerBalance, own.map { Match.Line(itemID: $0.id, amount: $0.open) }, .several,
                    "\(cash.readable) is all that is open"))
        }
        guard search.solutions.count == 1 else {
            return ask(self, "no reference, and the payer's items add up to \(cash.readable) in several ways")
        }
        let taken = solution.map { own[$0.item] }
        let lines = taken.map { Match.Line(itemID: $0.id, amount: $0.open) }
        let adjustments = solution.filter { $0.price == 1 }.map { choice in
            Match.Adjustment(.discount, itemID: own[choice.item].id, amount: Money(minor: earnedDiscount(own[choice.item]), cash.currency))
        }
        let unique = MatchEvidence.Uniqueness(itemIDs: own.map(\.id), size: search.size, considered: search.considered)
        let isHinted = taken.allSatisfy { item in hinted.contains { $0.item.id == item.id } }
        if netted(payer, own) { return ask(self, "no reference, and less open credits other items add up to \(cash.readable) too") }
        if !isHinted, let doubt = doubt(payer, own, taken) { return ask(self, doubt) }
        if !isHinted, taken.count == 1, !adjustments.isEmpty, own.contains(where: { $0.id != taken[0].id && $0.open == taken[0].open }) {
            return ask(self, "no reference, and several items of \(taken[0].open.readable): the discount may be taken of any")
        }
        if isRound, !isHinted { return ask(self, "no reference, and \(cash.readable) is round: it may be a payment on account") }
        if taken.count == 1 {
            let why =
                adjustments.isEmpty
                ? "\(taken[0].number) is the only item of \(cash.readable)"
                : "only \(taken[0].number) less its discount is \(cash.readable)"
            return decided(proposal(payer, .payerAmount, lines, .one, adjustments: adjustments, unique: unique, why))
        }
        if taken.count == own.count, adjustments.isEmpty {
            return decided(proposal(payer, .payerBalance, lines, .several, unique: unique, "\(cash.readable) is all that is open"))
        }
        let numbers = taken.map(\.number).joined(separator: ", ")
        if isHinted {
            let strengths = hinted.filter { hint in taken.contains { $0.id == hint.item.id } }.map(\.strength)
            let why = "the text holds parts of \(numbers), and only these add up to \(cash.readable)"
            return decided(
                proposal(payer, .referenceCorrected, lines, .one, adjustments: adjustments, unique: unique, strengths: strengths, why))
        }
        guard search.considered <= total / policy.coincidenceLimit else {
            return ask(self, "no reference; \(numbers) add up to \(cash.readable), but among \(search.considered) sums that may be chance")
        }
        guard (evidence(for: payer) ?? .name) >= .iban else {
            return ask(self, "no reference; \(numbers) add up to \(cash.readable), and only the name is known")
        }
        return decided(
            proposal(
                payer, .payerItems, lines, .several, adjustments: adjustments, unique: unique, "only \(numbers) add up to \(cash.readable)")
        )
    }

    /// Several items as a statement of account has them, when the words say that an account is settled: all that was issued by the end of a month, or
    /// by the day of payment, in full or less every credit issued by then.
    ///
    /// - Returns: nil unless exactly one of these choices is the cash.
    private func byAccount(_ payer: ID<Customer>, _ own: [OpenItem]) -> MatchDecision? {
        guard says.contains(.settlesAccount), !isRound, (evidence(for: payer) ?? .name) >= .iban, let paidOn else { return nil }
        let credits = openCredits[payer, default: []]
        var choices: Set<[Int64]> = [], taken: [OpenItem] = []
        func consider(_ items: [OpenItem]) {
            guard items.reduce(0, { $0 + $1.open.minor }) == cash.minor, choices.insert(items.map(\.id)).inserted else { return }
            taken = items
        }
        let ends = Set(own.map { $0.effectiveOn.endOfMonth }).filter { $0 < paidOn }.union([paidOn])
        for end in ends {
            let debits = own.filter { $0.effectiveOn <= end }, less = credits.filter { $0.effectiveOn <= end }
            guard debits.count > 1 else { continue }
            consider(debits)
            if !less.isEmpty { consider(debits + less) }
        }
        guard choices.count == 1 else { return nil }
        if let doubt = doubt(payer, own, taken) { return ask(self, doubt) }
        let less = taken.filter { $0.open.minor < 0 }.map(\.number), count = taken.count - less.count
        return decided(
            proposal(
                payer, .payerBalance, taken.map { Match.Line(itemID: $0.id, amount: $0.open) }, .several,
                "an account is settled, and its \(count) items\(less.isEmpty ? "" : " less \(less.joined(separator: ", "))") are \(cash.readable)"
            ))
    }

    /// What speaks against items that fit, when the words do not hint at them.
    private func doubt(_ payer: ID<Customer>, _ own: [OpenItem], _ taken: [OpenItem]) -> String? {
        if says.contains(.onAccount), !oldestFirst.contains(payer) {
            return "no reference, and the words speak of money paid before or beside an invoice"
        }
        if policy.doubtsNumbers, let strangeNumber { return "no reference, and \(strangeNumber) in the text is no number that we know" }
        if let speaksOf { return "no reference, and the words name another customer: \(speaksOf)" }
        if says.contains(.otherPurpose) { return "no reference, and the words speak of something that is no sale" }
        if family.contains(where: { item(of: $0, open: cash) != nil }) {
            return "no reference, and a parent or child of the payer has exactly \(cash.readable) open too"
        }
        if !policy.postsForOthers, goesByAnothersName { return "no reference, and the payer goes by another customer's name" }
        if !policy.postsForOthers, paysInForeignName {
            return "no reference, and the payer's name is not the customer's: it may pay for another"
        }
        // A price that many pay: one of several items may be paid in part by it, and a name alone may be another's.
        let isOneOfSeveral = own.count > 1 || (evidence(for: payer) ?? .name) < .iban
        if policy.doubtsCommonAmounts, isCommonAmount, taken.count == 1, isOneOfSeveral {
            return "no reference, and \(cash.readable) is an amount of many items: it may be part of another"
        }
        if taken.count == 1, let paid = settledInMonth, !paid.month.isIn(taken[0].effectiveOn) {
            return "no reference, and of the month that the words name \(paid.item.number) is settled already and was \(cash.readable)"
        }
        return nil
    }

    /// A settled document that the words may mean as well as any open one: paid once more, perhaps.
    private func settledHint(_ payer: ID<Customer>) -> NamedItem? {
        guard let settled = hintedSettled.filter({ $0.customer == payer }).max(by: { $0.strength < $1.strength }) else { return nil }
        let open = hinted.filter { $0.customer == payer && $0.item.open == cash }.map(\.strength).max()
        return open.map { $0 > settled.strength } ?? false ? nil : settled
    }

    /// Nobody pays unasked what is not invoiced yet.
    func wasIssued(_ item: OpenItem) -> Bool { !policy.doubtsAdvances || isIssued(item) }

    /// Whether the cash is a multiple of an amount that people pay on account.
    private var isRound: Bool {
        let unit = policy.roundMinor * powerOfTen(cash.currency.exponent) / 100
        return unit > 0 && cash.minor % unit == 0
    }

    /// Whether items less some open credits of the payer add up to the cash as well.
    private func netted(_ payer: ID<Customer>, _ own: [OpenItem]) -> Bool {
        let credits = openCredits[payer, default: []].prefix(6).map { -$0.open.minor }
        guard !credits.isEmpty else { return false }
        let prices = SubsetSum.Sorted(prices(of: own))
        for choice in 1..<(1 << credits.count) {
            let credit = credits.indices.reduce(Int64(0)) { choice >> $1 & 1 == 1 ? $0 + credits[$1] : $0 }
            if !SubsetSum(prices, target: cash.minor + credit, limit: 2_000, solutionLimit: 1).solutions.isEmpty {
                return true
            }
        }
        return false
    }
}
