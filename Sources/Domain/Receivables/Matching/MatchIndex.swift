/// The open items, customers and payer identities that receipts are matched to, by every key a payer may use.
///
/// One shape serves both a batch that was read for a few receipts and a whole ledger in memory: a million items take about 400 MB.
package struct MatchIndex: Sendable {
    package struct Item: Sendable {
        package var item: OpenItem
        package let customer: ID<Customer>
        /// The document's full amount; below zero for a credit.
        package let amount: Money
        package let orderNumber: String?
        package let purchaseOrder: String?
        package let endToEndID: String?
        package init(
            _ item: OpenItem, customer: ID<Customer>, amount: Money, orderNumber: String? = nil, purchaseOrder: String? = nil,
            endToEndID: String? = nil
        ) {
            (self.item, self.customer, self.amount) = (item, customer, amount)
            (self.orderNumber, self.purchaseOrder, self.endToEndID) = (orderNumber, purchaseOrder, endToEndID)
        }
        func reference(_ field: Int32) -> String {
            switch field {
            case 1: orderNumber ?? item.number
            case 2: purchaseOrder ?? item.number
            case 3: endToEndID ?? item.number
            default: item.number
            }
        }
    }

    struct Account: Sendable {
        let id: ID<Customer>
        var parent: Int32 = -1
        var children: [Int32] = []
        var oldestFirst = false
        /// As `comparableName` gives it.
        var name = ""
        var legalForm = LegalForm.none
        /// Positions of the items that have something open.
        var open: [Int32] = []
        var hasFamily: Bool { parent >= 0 || !children.isEmpty }
    }

    /// A payer with more open items than this is matched by reference only: its list is not walked for each receipt.
    package static let accountLimit = 2_000

    package private(set) var items: [Item] = []
    /// Where each item's customer stands in `accounts`.
    private var owners: [Int32] = []
    private var positions: [Int64: Int32] = [:]
    private(set) var words = ReferenceIndex()
    private(set) var accounts: [Account] = []
    private var accountPositions: [ID<Customer>: Int32] = [:]
    /// Payer identity, as `PayerKeys` gives it → positions of accounts.
    private var identities = KeyTable()
    /// Account and amount → positions of debit items that were settled, some of which may be open again.
    private var settledByAmount = KeyTable()
    private var accountsByWord = KeyTable()
    /// The beginning of a customer's name → positions of accounts.
    private var accountsByBeginning = KeyTable()
    /// Settled items whose receipts did not name them.
    private(set) var settledUnnamed: Set<Int64> = []
    /// Items that a receipt which waits may be meant for, and whether one of these is of a payer who is known.
    private var claims: [Int64: Bool] = [:]
    package private(set) var habits: [ID<Customer>: [CashHabit: HabitStrength]] = [:]
    private(set) var amounts: OpenAmounts

    /// - Parameter holdsAll: Every open item will be added: how common an amount is can be counted here.
    package init(holdsAll: Bool = false) { amounts = OpenAmounts(isWhole: holdsAll) }

    /// Tells that many open items have this amount.
    package mutating func add(common amount: Money) { amounts.tell(common: amount) }

    package subscript(item id: Int64) -> Item? { positions[id].map { items[Int($0)] } }
    package func contains(_ customer: ID<Customer>) -> Bool { accountPositions[customer] != nil }

    /// - Parameters:
    ///   - name: nil for a customer who must not be known by name.
    ///   - number: What the customer is called by with us; empty for none.
    package mutating func add(_ customer: ID<Customer>, name: String?, number: String = "", oldestFirst: Bool = false) {
        let position = position(of: customer)
        accounts[Int(position)].oldestFirst = oldestFirst
        add(number: number, of: customer)
        guard let name else { return }
        for word in nameKeys(name) { accountsByWord.insert(position, for: word) }
        let folded = PayerName(name)
        accounts[Int(position)].name = comparableName(folded.plain)
        accounts[Int(position)].legalForm = folded.legalForm
        let lengths = Self.beginnings.prefix { $0 <= accounts[Int(position)].name.utf8.count }
        for length in lengths { accountsByBeginning.insert(position, for: beginningKey(accounts[Int(position)].name, length)) }
    }

    package mutating func add(number: String, of customer: ID<Customer>) {
        let bytes = ReferenceText(number).bytes
        guard !bytes.isEmpty else { return }
        let key = Self.numberKey(bytes[...]), position = position(of: customer)
        if !identities.contains(key, where: { $0 == position }) { identities.insert(position, for: key) }
    }

    /// What a customer's number with us is found by: letters in capitals and digits.
    static func numberKey(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash = KeyHash(17)
        hash.add(bytes)
        return hash.key
    }

    /// Tells that an item was settled by a receipt that did not name it.
    package mutating func add(settledUnnamed item: Int64) { settledUnnamed.insert(item) }

    /// Notes what a receipt that waits may be meant for, until `releaseClaims`.
    package mutating func claim(_ receipt: MatchCase) {
        let isKnown = !receipt.payers.isEmpty
        for item in receipt.claims { claims[item, default: false] = claims[item] ?? false || isKnown }
    }

    package mutating func releaseClaims() { claims.removeAll(keepingCapacity: true) }

    /// Tells the case which of its items are claimed. It gets no copy of all claims: the next claim would have to copy them then.
    func tellClaims(_ receipt: inout MatchCase) {
        guard !claims.isEmpty else { return }
        func tell(_ item: Int64) {
            guard let isKnown = claims[item] else { return }
            if isKnown { receipt.claimed.insert(item) } else { receipt.claimedByStrangers.insert(item) }
        }
        for one in receipt.named { tell(one.item.id) }
        for items in receipt.items.values { for item in items { tell(item.id) } }
    }

    package mutating func add(parent: ID<Customer>, of child: ID<Customer>) {
        let parent = position(of: parent), child = position(of: child)
        guard parent != child, accounts[Int(child)].parent < 0 else { return }
        accounts[Int(child)].parent = parent
        accounts[Int(parent)].children.append(child)
    }

    package mutating func add(_ evidence: PayerEvidence, _ value: String, _ customer: ID<Customer>) {
        let key = PayerKeys.key(evidence, value), position = position(of: customer)
        if !identities.contains(key, where: { $0 == position }) { identities.insert(position, for: key) }
    }

    package mutating func add(_ habit: CashHabit, _ strength: HabitStrength, _ customer: ID<Customer>) {
        habits[customer, default: [:]][habit] = strength
    }

    /// Tells a number series that items may not show yet, so that a number of its shape that names nothing is noticed.
    package mutating func add(series prefix: String, digits: ClosedRange<Int>) {
        words.shapes.add(prefix: Array(prefix.utf8), digits: digits)
    }

    /// Adds an item, or changes what is open of one that is known.
    package mutating func add(_ item: Item) {
        if positions[item.item.id] != nil { return update(item.item) }
        let position = Int32(items.count), account = self.position(of: item.customer)
        positions[item.item.id] = position
        items.append(item)
        owners.append(account)
        if item.item.open.minor != 0 {
            accounts[Int(account)].open.append(position)
            amounts.insert(position, item.item.open)
        } else if item.amount.minor > 0 {
            settledByAmount.insert(position, for: settledKey(account, item.amount))
        }
        words.insert(item.item.number, position, field: 0)
        if let order = item.orderNumber { words.insert(order, position, field: 1) }
        if let purchase = item.purchaseOrder { words.insert(purchase, position, field: 2) }
        if let key = item.endToEndID.flatMap(ReferenceKey.endToEnd) { words.references.insert(position * 4 + 3, for: key) }
    }

    package mutating func update(_ item: OpenItem) {
        guard let position = positions[item.id] else { return }
        let before = items[Int(position)].item.open
        items[Int(position)].item = item
        noteOpen(position, before)
    }

    /// Takes an amount off what is open of an item.
    package mutating func settle(_ amount: Money, of item: Int64) {
        guard let position = positions[item] else { return }
        let before = items[Int(position)].item.open
        items[Int(position)].item.open = before - amount
        noteOpen(position, before)
    }

    /// - Parameter before: What was open of the item.
    private mutating func noteOpen(_ position: Int32, _ before: Money) {
        let open = items[Int(position)].item.open, wasOpen = before.minor != 0, account = owners[Int(position)]
        if open != before { amounts.insert(position, open) }
        guard wasOpen != (open.minor != 0) else { return }
        if wasOpen {
            if let at = accounts[Int(account)].open.firstIndex(of: position) { accounts[Int(account)].open.remove(at: at) }
            let amount = items[Int(position)].amount
            if amount.minor > 0 { settledByAmount.insert(position, for: settledKey(account, amount)) }
        } else {
            accounts[Int(account)].open.append(position)
        }
    }

    /// Calls `body` with where each customer stands in `accounts` that an identity stands for.
    @inline(__always) func forEachAccount(_ identity: UInt64, _ body: (Int32) -> Void) { identities.forEach(identity, body) }

    /// The customers that an identity stands for.
    package func customers(_ evidence: PayerEvidence, _ value: String) -> [ID<Customer>] {
        var found: [ID<Customer>] = []
        identities.forEach(PayerKeys.key(evidence, value)) { found.append(accounts[Int($0)].id) }
        return found
    }

    /// Customers with most words of the name, at most five.
    func customers(resembling name: String) -> [ID<Customer>] {
        let words = nameKeys(name)
        guard !words.isEmpty else { return [] }
        var counts: [Int32: Int] = [:]
        for word in words {
            var taken = 0
            accountsByWord.forEach(word) { position in
                taken += 1
                if taken <= 200 { counts[position, default: 0] += 1 }
            }
        }
        return counts.filter { $0.value * 2 >= words.count }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5).map {
            accounts[Int($0.key)].id
        }
    }

    /// Whether the name is, as far as it goes, that of customers, and of none of those in `own`.
    ///
    /// - Parameter written: As `comparableName` gives it.
    func isName(_ written: String, ofOthersThan own: Set<ID<Customer>>) -> Bool {
        func agrees(_ account: Account) -> Bool {
            account.name.hasPrefix(written) || (!account.name.isEmpty && written.hasPrefix(account.name))
        }
        if own.contains(where: { account($0).map(agrees) ?? false }) { return false }
        // The shortest beginning finds names that are shorter than the one written, too.
        guard written.utf8.count >= Self.beginning else { return false }
        return accountsByBeginning.contains(beginningKey(written, Self.beginning)) { agrees(accounts[Int($0)]) }
    }

    /// Whether the name is as far as it goes that of another customer too: then it is nobody's own.
    ///
    /// - Parameter written: As `comparableName` gives it.
    func isBeginning(_ written: String, ofOthersThan customer: ID<Customer>) -> Bool {
        let own = accountPositions[customer]
        guard let length = Self.beginnings.last(where: { $0 <= written.utf8.count }) else { return false }
        return accountsByBeginning.contains(beginningKey(written, length)) { $0 != own && accounts[Int($0)].name.hasPrefix(written) }
    }

    private func beginningKey(_ name: String, _ length: Int) -> UInt64 {
        var hash = KeyHash(UInt8(length))
        hash.add(name.utf8.prefix(length))
        return hash.key
    }

    /// Names that are shorter than the first say too little; many begin alike, and few of these go on alike.
    private static let beginnings = [beginning, 16, 24]
    package static let beginning = 10

    func account(_ customer: ID<Customer>) -> Account? { place(of: customer).map { accounts[$0] } }

    /// Where the customer stands in `accounts`.
    func place(of customer: ID<Customer>) -> Int? { accountPositions[customer].map(Int.init) }

    /// The customer's parent and children.
    func family(of customer: ID<Customer>) -> [ID<Customer>] {
        guard let account = account(customer) else { return [] }
        let parent = account.parent < 0 ? [] : [accounts[Int(account.parent)].id]
        return parent + account.children.map { accounts[Int($0)].id }
    }

    func parent(of customer: ID<Customer>) -> ID<Customer>? {
        account(customer).flatMap { $0.parent < 0 ? nil : accounts[Int($0.parent)].id }
    }

    private mutating func position(of customer: ID<Customer>) -> Int32 {
        if let position = accountPositions[customer] { return position }
        let position = Int32(accounts.count)
        accountPositions[customer] = position
        accounts.append(Account(id: customer))
        return position
    }

    private func settledKey(_ account: Int32, _ amount: Money) -> UInt64 {
        var hash = KeyHash(0)
        hash.add(UInt64(UInt32(bitPattern: account)) << 32 | UInt64(amount.currency.packed))
        hash.add(UInt64(bitPattern: amount.minor))
        return hash.key
    }

    /// Calls `body` with the customer's debit items of an amount that are settled.
    func forEachSettled(of customer: ID<Customer>, _ amount: Money, _ body: (OpenItem) -> Void) {
        guard let account = accountPositions[customer] else { return }
        var seen: Int32 = -1
        settledByAmount.forEach(settledKey(account, amount)) { position in
            // One that was settled, opened and settled again stands there twice.
            guard position != seen, items[Int(position)].item.open.minor == 0, items[Int(position)].amount == amount else { return }
            seen = position
            body(items[Int(position)].item)
        }
    }

    private func nameKeys(_ name: String) -> [UInt64] {
        nameWords(name).map { word in
            var hash = KeyHash(0)
            hash.add(word.utf8)
            return hash.key
        }
    }
}
