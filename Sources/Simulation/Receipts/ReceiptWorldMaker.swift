import Domain

/// Makes a world of open items and the receipts that pay them, with the truth about each; a seed makes the same world again.
///
/// - Shape: ten items a customer on average, all open from the start; four payments in five pay one item, the rest two to thirty.
package struct ReceiptWorldMaker {
    private struct Payment {
        let on: Day
        let place: UInt64
        var words: PayerWords
        var amount: Int64
        var truths: [ReceiptWorld.Truth]
    }

    private static let currency = Currency.eur
    private let mix: ReceiptMix
    private var random: SeededRandom
    private let shape: ReceiptNames.Shape
    private var world = ReceiptWorld()
    private var payments: [Payment] = []
    private var decoys: Set<String> = []
    private let firstOn = Day(number: 20_209)  // 2025-05-01

    package init(_ mix: ReceiptMix, seed: UInt64) {
        self.mix = mix
        random = SeededRandom(seed: seed, about: mix.name)
        shape = ReceiptNames.Shape.allCases[Int(seed % UInt64(ReceiptNames.Shape.allCases.count))]
    }

    /// - Parameter receipts: As many receipts are made, against somewhat more open items.
    package mutating func world(receipts: Int) -> ReceiptWorld {
        while payments.count < receipts {
            addCustomer()
            let first = world.items.count
            addItems(of: world.customers.count)
            pay(Array(first..<world.items.count))
            if mix.name != "clean", random.chance(perMille: 30) { stray() }
        }
        payments.sort { ($0.on, $0.place) < ($1.on, $1.place) }
        for payment in payments.prefix(receipts) {
            let from = world.truths.count
            world.truths += payment.truths
            world.receipts.append(
                .init(
                    bookedOn: payment.on, valueOn: payment.on, amount: Money(minor: payment.amount, Self.currency), words: payment.words,
                    truths: from..<world.truths.count))
        }
        return world
    }

    private mutating func addCustomer() {
        let at = world.customers.count, name = ReceiptNames.customer(at, &random), known = random.chance(perMille: 850)
        let parent = at > 10 && random.chance(perMille: 60) ? 1 + random.below(at) : nil
        world.customers.append(.init(name: name, parent: parent, ibans: known ? [accountIBAN(of: "customer \(at + 1)")] : []))
    }

    private mutating func addItems(of customer: Int) {
        let count = random.chance(perMille: 30) ? random.within(20...60) : random.within(1...9)
        for _ in 0..<count {
            let issuedOn = firstOn + -random.within(5...60)
            let open =
                random.chance(perMille: 60)
                ? random.pick([49_00, 99_00, 119_00, 250_00, 1_000_00] as [Int64]) : Int64(random.within(15_00...9_000_00))
            let discount =
                random.chance(perMille: 200) ? CashDiscount(minor: open * Int64(random.pick([2, 3])) / 100, until: issuedOn + 14) : nil
            addItem(of: ID(Int64(customer)), number: nil, issuedOn, open, discount)
        }
    }

    private mutating func addItem(of customer: ID<Customer>, number: String?, _ issuedOn: Day, _ open: Int64, _ discount: CashDiscount?) {
        let at = world.items.count + 1
        let item = OpenItem(
            id: Int64(at), number: number ?? shape.number(Self.sequence(at)), effectiveOn: issuedOn, dueOn: issuedOn + 30,
            open: Money(minor: open, Self.currency), discount: discount)
        let order = random.chance(perMille: 700) ? "4500\(padded(at, 7))" : nil
        world.items.append(MatchIndex.Item(item, customer: customer, amount: item.open, orderNumber: order))
    }

    /// Numbers follow each other over all customers; one that ends in 7, 8 or 9 is free for a decoy.
    private static func sequence(_ at: Int) -> Int {
        let place = at * 7_368_787 % 9_999_991
        return place * 10 + place % 7
    }

    /// Pays a customer's items in groups; one in twenty stays unpaid.
    private mutating func pay(_ items: [Int]) {
        var left = items.filter { _ in !random.chance(perMille: 50) }
        while !left.isEmpty {
            let size = random.chance(perMille: 800) ? 1 : random.chance(perMille: 900) ? random.within(2...5) : random.within(6...30)
            let group = left.prefix(size).map { world.items[$0] }
            left.removeFirst(min(size, left.count))
            pay(group, mix.draw(&random))
        }
    }

    private mutating func pay(_ group: [MatchIndex.Item], _ kind: ReceiptKind) {
        let last = group.map(\.item.dueOn).max() ?? firstOn
        var on = max(firstOn, last + random.within(-10...20))
        if kind == .discount, let until = group.compactMap({ $0.item.discount?.until }).min(), until >= firstOn { on = until }
        var payment = Payment(on: on, place: random.next(), words: payer(group[0]), amount: 0, truths: group.map(settled))
        write(words(kind, group), to: &payment)
        switch kind {
        case .thirdParty: (payment.words.name, payment.words.iban) = stranger()
        case .parent:
            if let parent = world.customers[Int(group[0].customer.value) - 1].parent { payment.words = payer(of: parent, payment.words) }
        case .deduction, .short, .charge, .withholding, .rounding: shorten(&payment, kind, group)
        case .discount: takeDiscounts(&payment, group)
        case .decoy: addDecoy(group[0])
        default: break
        }
        payment.amount = payment.truths.reduce(0) { $0 + $1.cashMinor }
        if kind == .onAccount { payment.amount = onAccount(&payment) }
        guard payment.amount > 0 else { return }
        payments.append(payment)
        if kind == .duplicate { again(payment) }
    }

    private func settled(_ item: MatchIndex.Item) -> ReceiptWorld.Truth {
        .init(item: item.item.id, settledMinor: item.item.open.minor, cashMinor: item.item.open.minor, reason: .settle)
    }

    private mutating func words(_ kind: ReceiptKind, _ group: [MatchIndex.Item]) -> ReceiptWords {
        switch kind {
        case .missing, .onAccount: .silent(&random)
        case .partial: .partial(group, &random)
        case .foreign: .foreign(&random)
        case .typo: .slipped(group, &random)
        case .wrong:
            random.chance(perMille: 700)
                ? ReceiptWords(remittance: world.items[random.below(world.items.count)].item.number)
                : ReceiptWords(remittance: "Invoice \(shape.number(world.items.count + random.within(1...100_000)))")
        case .deduction:
            ReceiptWords(
                remittance: group.map(\.item.number).joined(separator: " ")
                    + random.pick(["", " less damaged goods", " minus claim 77812"]))
        default: .naming(group, &random)
        }
    }

    private func write(_ words: ReceiptWords, to payment: inout Payment) {
        (payment.words.remittance, payment.words.structuredReference) = (words.remittance, words.structuredReference)
    }
}

extension ReceiptWorldMaker {
    private mutating func payer(_ item: MatchIndex.Item) -> PayerWords { payer(of: Int(item.customer.value), PayerWords()) }

    private mutating func payer(of customer: Int, _ words: PayerWords) -> PayerWords {
        var words = words
        words.name = ReceiptNames.written(world.customers[customer - 1].name, &random)
        words.iban = accountIBAN(of: "customer \(customer)")
        return words
    }

    private mutating func stranger() -> (String, String) {
        let at = random.below(500)
        return ("\(random.pick(["Treasury", "Factoring", "Buchhaltung", "Holding"])) Services \(at)", accountIBAN(of: "stranger \(at)"))
    }

    private mutating func shorten(_ payment: inout Payment, _ kind: ReceiptKind, _ group: [MatchIndex.Item]) {
        let at = payment.truths.count - 1, open = payment.truths[at].settledMinor
        let (missing, reason): (Int64, ReceiptWorld.Reason) =
            switch kind {
            case .deduction: (open * Int64(random.within(20...150)) / 1000, .deduction)
            case .short: (open * Int64(random.within(100...700)) / 1000, .short)
            case .charge: (Int64(random.within(3_00...25_00)), .bankCharge)
            case .withholding: (open * Int64(random.pick([5, 10, 15])) / 100, .withholding)
            default: (1, .rounding)
            }
        let cash = max(1, open - max(1, missing)), staysOpen = reason == .short
        payment.truths[at] = .init(item: payment.truths[at].item, settledMinor: staysOpen ? cash : open, cashMinor: cash, reason: reason)
    }

    private mutating func takeDiscounts(_ payment: inout Payment, _ group: [MatchIndex.Item]) {
        for (at, item) in group.enumerated() {
            guard let discount = item.item.discount, payment.on <= discount.until else { continue }
            payment.truths[at] = .init(
                item: item.item.id, settledMinor: item.item.open.minor, cashMinor: item.item.open.minor - discount.minor, reason: .discount)
        }
    }

    /// Another customer owes the same amount under a number that differs in one digit, or the payer owes it twice.
    private mutating func addDecoy(_ model: MatchIndex.Item) {
        let isOwn = random.chance(perMille: 400)
        let customer = isOwn ? model.customer : ID(Int64(1 + random.below(world.customers.count)))
        let number = model.item.number.dropLast() + String(random.within(7...9))
        guard decoys.insert(String(number)).inserted else { return }
        addItem(of: customer, number: String(number), model.item.effectiveOn, model.item.open.minor, nil)
    }

    private mutating func onAccount(_ payment: inout Payment) -> Int64 {
        let amount = Int64(random.within(1...40)) * 250_00
        payment.truths = [.init(item: nil, settledMinor: 0, cashMinor: amount, reason: .onAccount)]
        return amount
    }

    /// The same transfer once more, days later: nothing is open any more.
    private mutating func again(_ payment: Payment) {
        payments.append(
            Payment(
                on: payment.on + random.within(1...12), place: random.next(), words: payment.words, amount: payment.amount,
                truths: [.init(item: nil, settledMinor: 0, cashMinor: payment.amount, reason: .onAccount)]))
    }

    /// A receipt that is not ours, or a payment on account.
    private mutating func stray() {
        guard !world.items.isEmpty else { return }
        let isOurs = random.chance(perMille: 100), item = world.items[random.below(world.items.count)],
            amount = isOurs ? Int64(random.within(1...40)) * 250_00 : Int64(random.within(15_00...9_000_00))
        var words = PayerWords(remittance: ReceiptWords.foreign(&random).remittance)
        if isOurs { words = payer(of: Int(item.customer.value), PayerWords()) } else { (words.name, words.iban) = stranger() }
        payments.append(
            Payment(
                on: firstOn + random.within(0...60), place: random.next(), words: words, amount: amount,
                truths: [.init(item: nil, settledMinor: 0, cashMinor: amount, reason: isOurs ? .onAccount : .notOurs)]))
    }
}
