import Domain

/// An entry that the bank will book, on the first business day from `plannedOn` on.
struct PlannedEntry {
    let plannedOn: Day
    /// Its place among the entries of that day: drawn, so that a statement does not follow the invoice numbers; those of one plan
    /// stay together and in order.
    let place: UInt64
    let amount: Money
    let transaction: BankEntry.Transaction
    let customerNumber: String
    let settled: [Truth.Settled]
    let repeated: [Truth.Settled]
    let restMinor: Int64
    let chargeMinor: Int64
    let habit: PayerHabit
}

/// What one payer will do about one invoice, or about several at once, as the bank will book it.
struct PaymentPlan {
    private let invoices: [IssuedInvoice]
    private let habit: PayerHabit
    private var random: SeededRandom
    private(set) var entries: [PlannedEntry] = []

    /// The invoice alone, when the payer waits for a second one that never comes.
    init(alone invoice: IssuedInvoice, _ random: SeededRandom) {
        (invoices, habit, self.random) = ([invoice], .onTime, random)
        transfer(invoice.gross.minor, on: max(invoice.issuedOn, invoice.dueOn))
    }

    init(_ invoices: [IssuedInvoice], together day: Day, _ random: SeededRandom) {
        (self.invoices, habit, self.random) = (invoices, .together, random)
        transfer(invoices.reduce(0) { $0 + $1.gross.minor }, on: day)
    }

    /// A shopper pays at once.
    init(oneTime invoice: IssuedInvoice, _ random: SeededRandom) {
        var random = random
        (invoices, habit) = ([invoice], random.chance(perMille: 970) ? .onTime : .noReference)
        let day = random.chance(perMille: 500) ? invoice.issuedOn : invoice.issuedOn.adding(businessDays: 1)
        self.random = random
        transfer(invoice.gross.minor, on: day)
    }

    /// - Parameter habit: Not `together`.
    init(_ invoice: IssuedInvoice, _ habit: PayerHabit, _ random: SeededRandom) {
        let isTooSmall = invoice.gross.minor < 10_00 && [.short, .bankCharge].contains(habit)
        (invoices, self.habit, self.random) = ([invoice], isTooSmall ? .onTime : habit, random)
        decide(invoice.gross.minor, on: payDay(invoice))
    }

    private mutating func decide(_ gross: Int64, on day: Day) {
        switch habit {
        case .never: break
        case .onTime, .late, .veryLate, .wrongReference, .noReference, .thirdParty: transfer(gross, on: day)
        case .together: preconditionFailure("takes two invoices")
        case .short:
            let part = share(300...900, of: gross)
            transfer(part, on: day)
            if random.chance(perMille: 500) { transfer(gross - part, on: day + random.within(14...45)) }
        case .over: transfer(gross, rest: max(1, share(5...100, of: gross)), on: day)
        case .bankCharge:
            let charge = Int64(random.within(150...500))
            transfer(gross - charge, charge: charge, on: day)
        case .twice:
            transfer(gross, on: day)
            if random.chance(perMille: 250) { repeatEntry() } else { transfer(0, rest: gross, on: day + random.within(1...20)) }
        case .returned:
            transfer(gross, on: day)
            takeBack(after: random.within(2...5))
            if random.chance(perMille: 600) { transfer(gross, on: day + random.within(10...25)) }
        }
    }

    private mutating func payDay(_ invoice: IssuedInvoice) -> Day {
        let dueOn = max(invoice.issuedOn, invoice.dueOn)
        return switch habit {
        case .late: dueOn + random.within(3...25)
        case .veryLate: dueOn + random.within(40...80)
        default: dueOn + -random.within(0...min(7, dueOn - invoice.issuedOn))
        }
    }

    private mutating func share(_ perMille: ClosedRange<Int>, of minor: Int64) -> Int64 {
        minor * Int64(random.within(perMille)) / 1000
    }
}

extension PaymentPlan {
    /// - Parameter settled: The sum of all invoices when there are several; zero when a single one is paid again.
    private mutating func transfer(_ settled: Int64, rest: Int64 = 0, charge: Int64 = 0, on day: Day) {
        let first = invoices[0], amount = Money(minor: settled + rest, first.gross.currency)
        let words = remittance(), (name, account) = payer()
        let isTraced = random.chance(perMille: 400) || habit == .returned
        let transaction = BankEntry.Transaction(
            amount: amount, endToEndID: isTraced ? "PAY-" + String(random.next(), radix: 36, uppercase: true) : nil,
            counterpartyName: name.isEmpty ? nil : name, counterpartyIBAN: account.isEmpty ? nil : account,
            structuredReference: words.structuredReference, remittance: words.text)
        let lines =
            invoices.count > 1
            ? invoices.map { Truth.Settled(invoiceNumber: $0.number, minor: $0.gross.minor) }
            : [Truth.Settled(invoiceNumber: first.number, minor: settled)].filter { $0.minor > 0 }
        let repeated = lines.isEmpty ? [Truth.Settled(invoiceNumber: first.number, minor: rest)] : []
        plan(transaction, on: day, lines, again: repeated, rest: rest, charge: charge)
    }

    private mutating func remittance() -> Remittance {
        switch habit {
        case .wrongReference: .misnaming(invoices[0], &random)
        case .noReference: .silent(invoices[0], &random)
        default: .naming(invoices, &random)
        }
    }

    private mutating func payer() -> (name: String, account: String) {
        let first = invoices[0]
        if habit == .thirdParty {
            let name = random.pick(otherPayers)
            return (name, accountIBAN(of: name))
        }
        return (random.chance(perMille: 250) ? first.customerName.uppercased() : first.customerName, first.customerIBAN)
    }

    /// The last transfer once more, word for word.
    private mutating func repeatEntry() {
        guard let last = entries.last else { preconditionFailure("nothing to repeat") }
        plan(last.transaction, on: last.plannedOn, [], again: last.settled, rest: last.amount.minor)
    }

    private mutating func takeBack(after businessDays: Int) {
        guard let last = entries.last else { preconditionFailure("nothing to return") }
        var transaction = last.transaction
        (transaction.amount, transaction.returnReason) = (-last.amount, "AM04")
        let reopened = last.settled.map { Truth.Settled(invoiceNumber: $0.invoiceNumber, minor: -$0.minor) }
        plan(transaction, on: last.plannedOn.adding(businessDays: businessDays), reopened)
    }

    private mutating func plan(
        _ transaction: BankEntry.Transaction, on day: Day, _ settled: [Truth.Settled], again repeated: [Truth.Settled] = [],
        rest: Int64 = 0, charge: Int64 = 0
    ) {
        let place = entries.first.map { $0.place + UInt64(entries.count) } ?? random.next() / 2
        let minor = settled.reduce(rest) { $0 + $1.minor }
        entries.append(
            PlannedEntry(
                plannedOn: day, place: place, amount: Money(minor: minor, invoices[0].gross.currency), transaction: transaction,
                customerNumber: invoices[0].customerNumber, settled: settled, repeated: repeated, restMinor: rest, chargeMinor: charge,
                habit: habit))
    }
}

private let otherPayers = [
    "Harcourt & Lyle Bookkeeping", "Meridian Group Treasury Ltd", "Castell Holdings plc", "J. P. Ashdown",
    "Northgate Factoring Ltd", "Mrs E. Winterbourne", "Brightwater Trading Co", "Tilney Shared Services GmbH",
]
