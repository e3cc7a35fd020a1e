extension MatchIndex {
    package func read(_ words: PayerWords) -> ReceiptReading { self.words.read(words) }

    /// What reads receipts without the rest of the index: on other threads, and ahead of what is applied.
    package var reader: ReferenceIndex { words }

    /// Everything known that bears on a receipt.
    ///
    /// - Parameters:
    ///   - paidOn: The day that decides whether a cash discount was earned.
    ///   - advice: The advice linked to the receipt: what it names stands for what the words name.
    package func matchCase(_ reading: ReceiptReading, cash: Money, paidOn: Day, advice: LinkedAdvice? = nil) -> MatchCase {
        var receipt = MatchCase(cash: cash)
        receipt.paidOn = paidOn
        let scan = reading.scan
        receipt.payers = payers(reading.words.customer, reading.keys, reading.name)
        (receipt.named, receipt.credits) = named(scan, cash, receipt.payers)
        receipt.unread = scan.hits.isEmpty ? scan.unread : scan.unread.filter { !names(scan, $0, cash.currency) }
        if !scan.shared.isEmpty { tellShared(scan.shared, &receipt) }
        if receipt.named.isEmpty, receipt.credits.isEmpty { receipt.unread += usedUp(scan, cash.currency) }
        receipt.otherCurrency = otherCurrency(scan, cash.currency, receipt.payers)
        if !settledUnnamed.isEmpty { receipt.settledUnnamed = receipt.named.filter { settledUnnamed.contains($0.item.id) } }
        receipt.says = scan.says
        if advice == nil, receipt.isSettledByName {
            tellClaims(&receipt)
            return receipt
        }
        if scan.says.contains(.keptBack) { receipt.namesCredit = scan.hits.contains { items[Int($0.item)].amount.minor < 0 } }
        // Who names a document of his own is not doubted for it.
        let namesOwn = receipt.named.contains { one in receipt.payers.contains { $0.customer == one.customer } }
        if !namesOwn { receipt.isCommonAmount = amounts.isCommon(cash) }
        if advice == nil, receipt.named.isEmpty, receipt.credits.isEmpty, !receipt.payers.isEmpty { tellSpoken(reading, &receipt) }
        if receipt.payers.count > Self.payerLimit { narrow(&receipt.payers, receipt.namedCustomers) }
        let payers = Set(receipt.payers.map(\.customer))
        if let advice { take(advice, payers, &receipt) }
        let named = receipt.namedCustomers
        if named.count > 1 { receipt.roots = roots(of: named.union(payers)) }
        for customer in payers {
            guard let place = place(of: customer) else { continue }
            if accounts[place].hasFamily { receipt.family.formUnion(family(of: customer, for: receipt)) }
            if accounts[place].oldestFirst { receipt.oldestFirst.insert(customer) }
        }
        if !receipt.family.isEmpty { receipt.family.subtract(payers) }
        for customer in payers { load(customer, into: &receipt) }
        for customer in receipt.family { load(customer, into: &receipt) }
        if !habits.isEmpty { for customer in payers { receipt.habits[customer] = habits[customer] } }
        if payers.isEmpty { addDoubts(reading.words, to: &receipt) }
        if !reading.foldedName.isEmpty, receipt.payers.allSatisfy({ $0.evidence == .iban }) {
            receipt.goesByAnothersName = isName(comparableName(reading.foldedName), ofOthersThan: payers.union(named))
        }
        if advice == nil { tellSpokenOwner(reading, payers, &receipt) }
        receipt.strangeNumber = strangeNumber(reading, cash, paidOn, payers)
        receipt.goesOn = !reading.listed.isEmpty
        receipt.isReadInPart = reading.mayBeCut || receipt.items.values.contains { !reading.isComparable(with: $0.count) }
        if payers.count <= 3 { tellHints(reading, payers, &receipt) }
        if receipt.named.isEmpty, !payers.isEmpty { tellMonth(reading, payers, &receipt) }
        tellClaims(&receipt)
        return receipt
    }

    /// Whether a word is, letter by letter, the number of a document that is named otherwise.
    private func names(_ scan: ReferenceScan, _ word: String, _ currency: Currency) -> Bool {
        scan.hits.contains { hit in
            items[Int(hit.item)].amount.currency == currency
                && ReferenceText.reading(items[Int(hit.item)].item.number) { $0.elementsEqual(word.utf8) }
        }
    }

    private func take(_ advice: LinkedAdvice, _ payers: Set<ID<Customer>>, _ receipt: inout MatchCase) {
        let read = read(advice, payers: payers.union(payers.flatMap(family)))
        receipt.advice = read
        let advised = Set(read.items.map(\.item.id))
        // An order's number names all that was issued under it: the advice says which.
        let covered = Set(receipt.named.filter { advised.contains($0.item.id) }.map(\.reference))
        receipt.unadvised = receipt.named.filter {
            $0.item.open.minor > 0 && $0.strength >= .number && !advised.contains($0.item.id) && !covered.contains($0.reference)
        }
        receipt.unread = []
        var seen: Set<Int64> = []
        let named = read.items.filter { seen.insert($0.item.id).inserted }
        (receipt.named, receipt.credits) = (named.filter { $0.amount.minor > 0 }, named.filter { $0.amount.minor < 0 })
    }

    /// Whether the payer goes by that customer's name, so that an account may be remembered as the customer's own.
    package func paysInOwnName(_ reading: ReceiptReading, _ customer: ID<Customer>) -> Bool {
        reading.name?.isSpelled { customers(.name, $0).contains(customer) } ?? false
    }

    /// Whether the payer is known as a parent or child of the customer, and not as the customer.
    package func paysForFamily(_ words: PayerWords, _ name: PayerName?, _ customer: ID<Customer>) -> Bool {
        guard let place = place(of: customer), accounts[place].hasFamily else { return false }
        let known = Set(payers(words.customer, PayerKeys(words, name), name).map(\.customer))
        return !known.contains(customer) && family(of: customer).contains(where: known.contains)
    }

    /// Whether the payer's name may be that of several customers, because a bank has cut it.
    package func paysInCutName(_ reading: ReceiptReading, _ customer: ID<Customer>) -> Bool {
        isBeginning(comparableName(reading.foldedName), ofOthersThan: customer)
    }

    /// A number that several customers' documents bear names the payer's own.
    private func named(
        _ scan: ReferenceScan, _ cash: Money, _ payers: [(customer: ID<Customer>, evidence: PayerEvidence)]
    ) -> (debits: [NamedItem], credits: [NamedItem]) {
        if scan.hits.isEmpty { return ([], []) }
        var debits: [NamedItem] = [], credits: [NamedItem] = []
        for hit in scan.strongest {
            // Only what is taken is copied of the item.
            let at = Int(hit.item), amount = items[at].amount, isDebit = amount.minor >= 0
            guard amount.currency == cash.currency, isDebit || items[at].item.open.minor < 0 else { continue }
            if scan.hits.count > 1, !payers.isEmpty, isPayersRather(hit, scan, cash, payers) { continue }
            let named = NamedItem(
                customer: items[at].customer, item: items[at].item, amount: amount, reference: items[at].reference(hit.field),
                strength: hit.strength)
            if isDebit { debits.append(named) } else { credits.append(named) }
        }
        if debits.count > 1 { debits.sort { ($0.reference, $0.item.id) < ($1.reference, $1.item.id) } }
        if credits.count > 1 { credits.sort { $0.item.id < $1.item.id } }
        return (debits, credits)
    }

    /// Numbers of credits that are used up: what is named beside them is not known, and an amount alone tells too little then.
    private func usedUp(_ scan: ReferenceScan, _ currency: Currency) -> [String] {
        scan.hits.filter { hit in
            let item = items[Int(hit.item)]
            return hit.strength >= .number && item.amount.minor < 0 && item.item.open.minor == 0 && item.amount.currency == currency
        }.map { items[Int($0.item)].item.number }
    }

    /// What the words name outright of another currency, and nothing of this one by the same words; the payer's own comes first.
    private func otherCurrency(
        _ scan: ReferenceScan, _ currency: Currency, _ payers: [(customer: ID<Customer>, evidence: PayerEvidence)]
    ) -> [String] {
        guard scan.hits.contains(where: { items[Int($0.item)].amount.currency != currency }) else { return [] }
        func isPayers(_ item: Item) -> Bool { payers.contains { $0.customer == item.customer } }
        let others = scan.hits.filter { hit in
            let item = items[Int(hit.item)], isOwn = isPayers(item)
            return item.amount.currency != currency && (hit.strength >= .number || isOwn)
                && !scan.hits.contains {
                    let other = items[Int($0.item)]
                    return $0.text == hit.text && $0.start == hit.start && $0.end == hit.end && other.amount.currency == currency
                        && (!isOwn || isPayers(other))
                }
        }
        return Set(others.map { items[Int($0.item)].item.number }).sorted()
    }

    private func payers(
        _ customer: ID<Customer>?, _ keys: PayerKeys, _ name: PayerName?
    ) -> [(customer: ID<Customer>, evidence: PayerEvidence)] {
        if let customer { return [(customer, .account)] }
        var payers: [(customer: ID<Customer>, evidence: PayerEvidence)] = []
        if let mandate = keys.mandate { forEachAccount(mandate) { payers.append((accounts[Int($0)].id, .mandate)) } }
        if let iban = keys.iban { forEachAccount(iban) { payers.append((accounts[Int($0)].id, .iban)) } }
        guard let name else { return payers }
        let byAccount = payers.count
        for key in [keys.name, keys.longName] {
            guard let key else { break }
            let before = payers.count
            forEachAccount(key) { place in
                let customer = accounts[Int(place)].id
                guard !accounts[Int(place)].legalForm.isOther(than: name.legalForm),
                    !payers[byAccount..<before].contains(where: { $0.customer == customer })
                else { return }
                payers.append((customer, .name))
            }
        }
        return payers
    }

    private func load(_ customer: ID<Customer>, into receipt: inout MatchCase) {
        guard let place = place(of: customer), accounts[place].open.count <= Self.accountLimit else {
            receipt.unlisted.insert(customer)
            return
        }
        let open = accounts[place].open
        var debits: [OpenItem] = [], credits: [OpenItem] = []
        debits.reserveCapacity(open.count)
        // Most were issued in the order in which they fall due.
        var isSorted = true, last = (dueOn: Int.min, id: Int64.min)
        for position in open {
            let left = items[Int(position)].item.open
            guard left.currency == receipt.cash.currency else { continue }
            guard left.minor > 0 else {
                credits.append(items[Int(position)].item)
                continue
            }
            debits.append(items[Int(position)].item)
            let own = (dueOn: items[Int(position)].item.dueOn.number, id: items[Int(position)].item.id)
            isSorted = isSorted && last < own
            last = own
        }
        if !isSorted { debits.sort { ($0.dueOn, $0.id) < ($1.dueOn, $1.id) } }
        receipt.items[customer] = debits
        if !credits.isEmpty { receipt.openCredits[customer] = credits.sorted { $0.id < $1.id } }
    }

    /// What speaks against a reference when nothing is known of who paid: the name resembles another customer, or a number that differs in
    /// one character has the same amount open.
    private func addDoubts(_ words: PayerWords, to receipt: inout MatchCase) {
        let named = Set(receipt.named.map(\.customer))
        if let name = words.name {
            for customer in customers(resembling: name) {
                receipt.resembling.append(customer)
                if !named.contains(customer), receipt.items[customer] == nil { load(customer, into: &receipt) }
            }
        }
        for one in receipt.named where one.strength < .checked && one.item.open.minor > 0 {
            for slip in slips(of: one) where !named.contains(slip.customer) { receipt.slips.append(slip) }
        }
    }

    /// Open items of the same amount whose number differs from the one written in one digit.
    private func slips(of named: NamedItem) -> [NamedItem] {
        let positions = slips(of: ReferenceText(named.reference).bytes, open: named.item.open)
        return positions.sorted().compactMap { position in
            let item = items[Int(position)]
            guard item.item.open == named.item.open, item.item.id != named.item.id else { return nil }
            return NamedItem(
                customer: item.customer, item: item.item, amount: item.amount, reference: item.item.number, strength: .corrected)
        }
    }

    /// Positions of items with a reference that a slip makes of `written`: few have the amount, so theirs are compared; of a common amount
    /// every slip is looked up.
    private func slips(of written: [UInt8], open: Money) -> Set<Int32> {
        if let few = amounts.positions(open, atMost: 64) {
            return Set(
                few.filter { position in
                    let item = items[Int(position)]
                    return [item.item.number, item.orderNumber, item.purchaseOrder].contains { reference in
                        reference.map { SlippedReference.isDigitSlip(ReferenceText($0).bytes, of: written) } ?? false
                    }
                })
        }
        var found: Set<Int32> = []
        for slip in SlippedReference.digitSlips(of: written) {
            self.words.references.forEach(ReferenceKey.whole(slip)) { found.insert($0 / 4) }
        }
        return found
    }

    private func tellHints(_ reading: ReceiptReading, _ payers: Set<ID<Customer>>, _ receipt: inout MatchCase) {
        receipt.hinted = hints(reading, receipt)
        let isNamed = receipt.named.contains { $0.strength > .weak }
        if !isNamed, !reading.hints.isEmpty { receipt.hintedSettled = settledHints(reading, payers, receipt.cash) }
    }

    /// The payers' own items that the words may mean: a number with one slip, or the last digits of one.
    private func hints(_ reading: ReceiptReading, _ receipt: MatchCase) -> [NamedItem] {
        guard !reading.hints.isEmpty || !reading.listed.isEmpty else { return [] }
        var hinted: [NamedItem] = []
        for (customer, items) in receipt.items where reading.isComparable(with: items.count) {
            for item in items where !receipt.named.contains(where: { $0.item.id == item.id }) {
                let read = ReferenceText.reading(item.number) { reading.listed.name($0) ? .listed : reading.hints.hint(at: $0) }
                guard let strength = read else { continue }
                hinted.append(NamedItem(customer: customer, item: item, amount: item.open, reference: item.number, strength: strength))
            }
        }
        return hinted.sorted { $0.item.id < $1.item.id }
    }

    /// The payers' settled items of the amount that the words may mean.
    private func settledHints(_ reading: ReceiptReading, _ payers: Set<ID<Customer>>, _ cash: Money) -> [NamedItem] {
        var hinted: [NamedItem] = []
        for customer in payers {
            forEachSettled(of: customer, cash) { item in
                guard let strength = ReferenceText.reading(item.number, { reading.hints.hint(at: $0) }) else { return }
                hinted.append(NamedItem(customer: customer, item: item, amount: cash, reference: item.number, strength: strength))
            }
        }
        return hinted.sorted { $0.item.id < $1.item.id }
    }

    private func tellMonth(_ reading: ReceiptReading, _ payers: Set<ID<Customer>>, _ receipt: inout MatchCase) {
        var settled: [OpenItem] = []
        for customer in payers { forEachSettled(of: customer, receipt.cash) { settled.append($0) } }
        // Few have any: only then the words are read once more.
        guard !settled.isEmpty, let month = NamedMonth(in: reading.words.remittance) else { return }
        receipt.settledInMonth = settled.last { month.isIn($0.effectiveOn) }.map { (month, $0) }
    }

    /// Tells whom the words name: of several customers that the payer may be, the one; or another than the payer.
    private func tellSpoken(_ reading: ReceiptReading, _ receipt: inout MatchCase) {
        let known = Set(receipt.payers.map(\.customer)), spoken = spoken(in: reading.words.remittance, payers: known)
        let named = Set(spoken.map(\.customer)), own = named.intersection(known)
        if own.count == 1, known.count > 1 { receipt.payers.removeAll { !own.contains($0.customer) } }
        // A namesake of the payer is not another.
        let ownWords = Set(spoken.filter { known.contains($0.customer) }.map(\.written))
        receipt.speaksOf = spoken.first { !ownWords.contains($0.written) }?.written
        guard own.isEmpty, let name = reading.words.name, receipt.payers.allSatisfy({ $0.evidence <= .iban }) else { return }
        let written = comparableName(reading.foldedName)
        receipt.paysInForeignName = known.allSatisfy { isForeign(name, written, to: $0) }
    }

    /// Tells whether somebody else than the customer whose one document's number is written writes the customer's name or number, too.
    private func tellSpokenOwner(_ reading: ReceiptReading, _ payers: Set<ID<Customer>>, _ receipt: inout MatchCase) {
        guard let customer = receipt.named.first?.customer, !payers.contains(customer),
            receipt.named.allSatisfy({ $0.customer == customer && $0.strength >= .number })
        else { return }
        // Only where it answers a doubt the words are read once more.
        let isDoubted =
            !payers.isEmpty || receipt.isCommonAmount || receipt.goesByAnothersName || !receipt.slips.isEmpty
            || receipt.resembling.contains { $0 != customer && receipt.item(of: $0, open: receipt.cash) != nil }
        guard isDoubted else { return }
        // A customer's number must be said to be one: it may be the beginning of the document's.
        let owners = Set(spoken(in: reading.words.remittance, payers: []).map(\.customer))
        receipt.namesOwner = owners.contains(customer) && !receipt.slips.contains { owners.contains($0.customer) }
    }

    private func strangeNumber(_ reading: ReceiptReading, _ cash: Money, _ paidOn: Day, _ payers: Set<ID<Customer>>) -> String? {
        var strange: String?
        reading.numbers.forEach { word in
            let text = String(decoding: word, as: UTF8.self)
            let isAmount = Int64(text).map { $0 == cash.minor || $0 == cash.minor / powerOfTen(cash.currency.exponent) } ?? false
            let isPlain = isAmount || isDay(text, near: paidOn) || isOfAccount(text, reading.words.iban)
            if !isPlain, !isNumber(word, of: payers) { strange = text }
            return strange == nil
        }
        return strange
    }

    /// Whether eight digits are a day within about three months of the payment: `20260115`, `15012026`.
    private func isDay(_ digits: String, near paidOn: Day) -> Bool {
        guard digits.utf8.count == 8, let value = Int(digits) else { return false }
        return [(value / 10_000, value / 100 % 100, value % 100), (value % 10_000, value / 10_000 % 100, value / 1_000_000)].contains {
            guard let day = Day(year: $0.0, month: $0.1, day: $0.2) else { return false }
            return (day.number - paidOn.number).magnitude <= 92
        }
    }

    /// Whether digits are a part of the payer's own account number, too long to be one by chance.
    private func isOfAccount(_ digits: String, _ account: String?) -> Bool {
        guard let account, digits.utf8.count >= 6 else { return false }
        return account.utf8.count >= digits.utf8.count && account.contains(digits)
    }

    /// Whether the customers' own number with us is written.
    private func isNumber(_ word: UnsafeBufferPointer<UInt8>, of customers: Set<ID<Customer>>) -> Bool {
        var isOwn = false
        forEachAccount(Self.numberKey(word)) { isOwn = isOwn || customers.contains(accounts[Int($0)].id) }
        return isOwn
    }
}
