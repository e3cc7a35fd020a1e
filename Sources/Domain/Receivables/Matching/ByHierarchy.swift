extension MatchCase {
    /// Documents of several customers of one hierarchy, all of them open, that add up to the cash: a parent pays for its children.
    ///
    /// - Returns: nil when the customers do not belong together or the sum does not fit.
    func byHierarchy() -> MatchDecision? {
        let (open, total) = openNamed
        guard open.count > 1, open.allSatisfy({ $0.strength > .corrected }), let customer = owner(of: open) else { return nil }
        guard payers.allSatisfy({ roots[$0.customer] == roots[customer] }) else { return nil }
        var taken = open
        if total != cash.minor {
            guard !credits.isEmpty, owner(of: open + credits) != nil,
                total + credits.reduce(0, { $0 + $1.item.open.minor }) == cash.minor
            else { return nil }
            taken += credits
        }
        let lines = taken.map { Match.Line(itemID: $0.item.id, amount: $0.item.open) }
        guard shares(lines, [], taken).allSatisfy({ $0.value > 0 }) else { return nil }
        let names = taken.map { "\($0.item.number) (\($0.reference))" }.joined(separator: ", ")
        return decided(
            Proposal(
                customer: customer, rule: .referenceHierarchy, documents: .several, amount: .one, lines: lines,
                strengths: taken.map(\.strength),
                why: "names \(names) of \(Set(taken.map(\.customer)).count) customers of one hierarchy; \(cash.readable) open = paid"))
    }

    /// Whose receipt it is when it pays for these documents: their customer, or the payer or the head of the hierarchy they all belong to.
    ///
    /// - Returns: nil when the customers do not belong together.
    func owner(of items: [NamedItem]) -> ID<Customer>? {
        let customers = Set(items.map(\.customer))
        if customers.count == 1 { return customers.first }
        guard let head = customers.first.flatMap({ roots[$0] }), customers.allSatisfy({ roots[$0] == head }) else { return nil }
        return knownPayer.flatMap { roots[$0] == head ? $0 : nil } ?? head
    }

    /// The cash that each customer's documents take.
    func shares(_ lines: [Match.Line], _ adjustments: [Match.Adjustment], _ items: [NamedItem]) -> [ID<Customer>: Int64] {
        let customers = Dictionary(items.map { ($0.item.id, $0.customer) }, uniquingKeysWith: { first, _ in first })
        var shares: [ID<Customer>: Int64] = [:]
        for line in lines { if let customer = customers[line.itemID] { shares[customer, default: 0] += line.amount.minor } }
        for one in adjustments { if let customer = customers[one.itemID] { shares[customer, default: 0] -= one.amount.minor } }
        return shares
    }
}

extension MatchIndex {
    /// The head of each customer's hierarchy: itself when it has no parent.
    func roots(of customers: Set<ID<Customer>>) -> [ID<Customer>: ID<Customer>] {
        Dictionary(
            uniqueKeysWithValues: customers.map { customer in
                var head = customer
                // A ring of parents ends somewhere.
                for _ in 0..<Self.depthLimit {
                    guard let parent = parent(of: head) else { break }
                    head = parent
                }
                return (customer, head)
            })
    }

    /// How many parents above each other are climbed.
    package static let depthLimit = 8
}
