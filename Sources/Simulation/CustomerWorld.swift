import Domain

/// Customers who pay their invoices as real ones do, and the bank that books what they pay.
///
/// The same seed and the same calls give the same entries. What happens to an invoice follows from the seed and its number,
/// and for those paid together from the customer's next invoice: how the invoices are batched changes nothing.
package struct CustomerWorld: Sendable {
    /// What each entry so far is for, in the order of the statements.
    package private(set) var truth: [Truth] = []

    private let seed: UInt64
    private let mix: [PayerHabit: Int]
    private var received: Set<String> = []
    private var planned: [Day: [PlannedEntry]] = [:]
    /// By customer: the invoice that goes out with the next one, unless it is paid alone before.
    private var waiting: [String: (invoice: IssuedInvoice, plannedOn: Day)] = [:]
    private var lastStatementOn: Day?

    /// - Parameter mix: Per mille of the invoices, 1000 in all.
    package init(seed: UInt64, mix: [PayerHabit: Int] = .standard) {
        precondition(mix.values.allSatisfy { $0 >= 0 } && mix.values.reduce(0, +) == 1000, "a mix adds up to 1000")
        (self.seed, self.mix) = (seed, mix)
    }

    /// Decides how each invoice will be paid.
    ///
    /// - Parameter invoices: A customer's in the order of issue, each once; those of nothing or less are nobody's to pay.
    package mutating func receive(_ invoices: [IssuedInvoice]) {
        for invoice in invoices {
            precondition(received.insert(invoice.number).inserted, "an invoice is received once")
            if invoice.gross.minor > 0 { decide(invoice) }
        }
    }

    /// The entries that the bank books that day: everything planned since the last statement. Nothing on a weekend, whose
    /// payments come on the next business day.
    ///
    /// - Parameter day: Not before the last statement's.
    package mutating func statement(on day: Day) -> [BankEntry] {
        precondition(day >= lastStatementOn ?? day, "statements go forward")
        lastStatementOn = day
        guard day.isBusinessDay() else { return [] }
        let days = planned.keys.filter { $0 <= day }.sorted()
        let due = days.flatMap { (planned.removeValue(forKey: $0) ?? []).sorted { $0.place < $1.place } }
        return due.map { book($0, on: day) }
    }

    private mutating func decide(_ invoice: IssuedInvoice) {
        var random = SeededRandom(seed: seed, about: invoice.number)
        guard !invoice.isOneTime else { return plan(PaymentPlan(oneTime: invoice, random)) }
        if let first = takeWaiting(before: invoice) {
            let day = first.plannedOn + random.below(4)
            return plan(PaymentPlan([first.invoice, invoice], together: day, random))
        }
        let habit = mix.draw(&random)
        guard habit == .together else { return plan(PaymentPlan(invoice, habit, random)) }
        let alone = PaymentPlan(alone: invoice, random)
        plan(alone)
        waiting[invoice.customerNumber] = (invoice, alone.entries[0].plannedOn)
    }

    /// The customer's waiting invoice, its own transfer called off; nil when that leaves before the next invoice arrives.
    private mutating func takeWaiting(before next: IssuedInvoice) -> (invoice: IssuedInvoice, plannedOn: Day)? {
        guard let first = waiting[next.customerNumber], next.issuedOn < first.plannedOn,
            first.invoice.gross.currency == next.gross.currency,
            let at = planned[first.plannedOn]?.firstIndex(where: { $0.settled.first?.invoiceNumber == first.invoice.number })
        else { return nil }
        planned[first.plannedOn]?.remove(at: at)
        waiting[next.customerNumber] = nil
        return first
    }

    private mutating func plan(_ plan: PaymentPlan) {
        for entry in plan.entries { planned[entry.plannedOn, default: []].append(entry) }
    }

    private mutating func book(_ entry: PlannedEntry, on day: Day) -> BankEntry {
        let sequence = String(truth.count + 1), zeros = String(repeating: "0", count: max(0, 7 - sequence.utf8.count))
        let reference = "\(day.iso8601.filter { $0 != "-" })-\(zeros)\(sequence)"
        truth.append(
            Truth(
                bankReference: reference, customerNumber: entry.customerNumber, settled: entry.settled, repeated: entry.repeated,
                restMinor: entry.restMinor, chargeMinor: entry.chargeMinor, habit: entry.habit))
        return BankEntry(
            amount: entry.amount, bookedOn: day, valueOn: day, reference: reference, transactions: [entry.transaction])
    }
}
