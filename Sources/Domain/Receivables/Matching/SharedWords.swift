/// Numbers that documents of several customers bear, and names and accounts that many customers share.
extension MatchIndex {
    /// Whether the words by which a hit names another's document are the number of a document of the payer's, unless the other's amount fits alone.
    func isPayersRather(
        _ hit: ReferenceScan.Hit, _ scan: ReferenceScan, _ cash: Money, _ payers: [(customer: ID<Customer>, evidence: PayerEvidence)]
    ) -> Bool {
        func isPayers(_ item: Item) -> Bool { payers.contains { $0.customer == item.customer } }
        let other = items[Int(hit.item)]
        guard !isPayers(other) else { return false }
        return scan.hits.contains { own in
            guard own.text == hit.text, own.start == hit.start, own.end == hit.end, own.text >= 0, own.field == 0 || hit.field != 0 else {
                return false
            }
            let item = items[Int(own.item)]
            return item.amount.currency == cash.currency && (item.item.open == cash || other.item.open != cash) && isPayers(item)
        }
    }

    /// Of what many documents bear, the payers' own open ones; where there are none it is a number that we cannot tell.
    func tellShared(_ shared: [ReferenceScan.SharedWord], _ receipt: inout MatchCase) {
        var payers: [ID<Customer>] = []
        for one in receipt.payers where !payers.contains(one.customer) { payers.append(one.customer) }
        for word in shared {
            var isFound = false
            for place in payers.compactMap(place) where accounts[place].open.count <= Self.accountLimit {
                for position in accounts[place].open {
                    let item = items[Int(position)]
                    guard item.amount.currency == receipt.cash.currency,
                        let field = (0...2).first(where: { word.isWritten(item.reference($0)) })
                    else { continue }
                    isFound = true
                    if (receipt.named + receipt.credits).contains(where: { $0.item.id == item.item.id }) { continue }
                    let named = NamedItem(
                        customer: item.customer, item: item.item, amount: item.amount, reference: item.reference(field),
                        strength: word.strength)
                    if item.amount.minor > 0 { receipt.named.append(named) } else { receipt.credits.append(named) }
                }
            }
            if !isFound { receipt.unread.append(String(decoding: word.written, as: UTF8.self)) }
        }
        receipt.named.sort { ($0.reference, $0.item.id) < ($1.reference, $1.item.id) }
        receipt.credits.sort { $0.item.id < $1.item.id }
    }

    /// Of more customers than this whom an account or a name may stand for, nobody is told by looking at each.
    static let payerLimit = 32

    /// Leaves the customers whose documents are named and those by several kinds of evidence, and as many others as show that the payer may be several.
    func narrow(_ payers: inout [(customer: ID<Customer>, evidence: PayerEvidence)], _ named: Set<ID<Customer>>) {
        var kinds: [ID<Customer>: Int] = [:]
        for one in payers { kinds[one.customer, default: 0] += 1 }
        var kept = named.filter { kinds[$0] != nil }
        for least in [2, 1] {
            for one in payers where kept.count < Self.payerLimit && kinds[one.customer, default: 0] >= least { kept.insert(one.customer) }
        }
        payers.removeAll { !kept.contains($0.customer) }
    }

    /// Of more children than this none is looked at for nothing.
    private static let familyLimit = 64

    /// The customer's parent and children: of many children those whose documents are named, and one who has the cash open, or what is left of it.
    func family(of customer: ID<Customer>, for receipt: MatchCase) -> [ID<Customer>] {
        guard let place = place(of: customer), accounts[place].children.count > Self.familyLimit else { return family(of: customer) }
        var kin = receipt.namedCustomers.filter { parent(of: $0) == customer }
        if let parent = parent(of: customer) { kin.insert(parent) }
        let rest = Money(minor: receipt.cash.minor - receipt.named.reduce(0) { $0 + $1.item.open.minor }, receipt.cash.currency)
        for open in [receipt.cash, rest] where open.minor > 0 {
            _ = amounts.contains(open) { position in
                let item = items[Int(position)]
                guard item.item.open == open, parent(of: item.customer) == customer else { return false }
                kin.insert(item.customer)
                return true
            }
        }
        return Array(kin)
    }
}
