import Domain
import Simulation
import Testing

@Suite struct PayerHabitTests {
    private static let invoices = Shop.invoices(5000)
    private static let year = Run(seed: 11, invoices)
    private var year: Run { Self.year }

    @Test func payersNameTheirInvoices() {
        let orders = Dictionary(uniqueKeysWithValues: Self.invoices.map { ($0.number, $0.orderNumber) })
        for (entry, truth) in year.booked where !truth.settled.isEmpty {
            let words = entry.transactions[0].remittance
            let keys = ReferenceKeys(structured: entry.transactions[0].structuredReference, remittance: words, series: ["INV"])
            let isNamed = truth.settled.map(\.invoiceNumber).allSatisfy {
                keys.documentNumbers.contains($0) || orders[$0]!.map(keys.words.contains) == true
            }
            #expect(isNamed == ![.wrongReference, .noReference].contains(truth.habit), "\(truth.habit): \(words)")
        }
    }

    @Test func aJointTransferNamesTwo() {
        let joint = year.booked.filter { $0.truth.habit == .together }
        #expect(joint.count > 50 && joint.allSatisfy { $0.truth.settled.count == 2 })
        for separator in [", ", ",INV", "/INV", " + ", " / "] {
            #expect(joint.contains { $0.entry.transactions[0].remittance.contains(separator) })
        }
    }

    @Test func paidTwice() {
        let again = year.booked.filter { $0.truth.habit == .twice && $0.truth.settled.isEmpty }
        let equal = again.filter { second in
            year.booked.contains { first in
                first.truth.habit == .twice && !first.truth.settled.isEmpty && first.entry.bookedOn == second.entry.bookedOn
                    && first.entry.transactions == second.entry.transactions
            }
        }
        #expect(!equal.isEmpty && equal.count < again.count)
        #expect(again.allSatisfy { $0.truth.restMinor == $0.entry.amount.minor })
        #expect(again.allSatisfy { $0.truth.repeated.map(\.minor) == [$0.entry.amount.minor] })
        #expect(year.truth.allSatisfy { $0.repeated.isEmpty || $0.habit == .twice && $0.settled.isEmpty })
        var settled: [(customer: String, minor: Int64)] = []
        for (entry, truth) in year.booked where truth.habit == .twice {
            let payment = (customer: truth.customerNumber, minor: entry.amount.minor)
            if truth.settled.isEmpty { #expect(settled.contains { $0 == payment }) } else { settled.append(payment) }
        }
    }

    /// Of two payments for one invoice either settles it; what is credited by then is the payer's for whatever else it owes.
    @Test func aPostingMeetsWhatIsTrueByThen() throws {
        let once = try #require(year.truth.first { $0.habit == .onTime && $0.settled.count == 1 })
        let twice = try #require(year.truth.first { !$0.repeated.isEmpty })
        let number = once.settled[0].invoiceNumber, minor = once.settled[0].minor, again = twice.repeated[0]
        func met(_ truth: Truth, by customer: String? = nil, _ posted: [String: Int64], credited: [String: Int64] = [:]) -> Bool {
            truth.isMet(by: customer ?? truth.customerNumber, posted, credited: credited)
        }
        #expect(met(once, [number: minor]) && met(once, [number: minor - 1]) && met(once, [:]))
        #expect(!met(once, [number: minor + 1]) && !met(once, by: "NOBODY", [number: minor]) && !met(once, ["OTHER": minor]))
        #expect(met(once, ["OTHER": minor], credited: [number: minor]) && !met(once, ["OTHER": minor], credited: [number: minor - 1]))
        #expect(!met(once, ["OTHER": minor], credited: ["OTHER": minor]))
        #expect(!met(once, by: "NOBODY", ["OTHER": minor], credited: [number: minor]))
        #expect(met(twice, [again.invoiceNumber: again.minor]) && !met(twice, ["OTHER": again.minor]))
    }

    @Test func returnsNameTheirPayment() {
        let returned = year.booked.filter { $0.entry.amount.minor < 0 }
        #expect(!returned.isEmpty)
        for (entry, truth) in returned {
            let transaction = entry.transactions[0]
            #expect(transaction.returnReason == "AM04" && truth.habit == .returned)
            let originals = year.entries.filter {
                $0.amount == -entry.amount && $0.transactions[0].endToEndID == transaction.endToEndID
                    && $0.bookedOn < entry.bookedOn
            }
            #expect(originals.count == 1 && transaction.endToEndID != nil)
        }
        #expect(year.entries.allSatisfy { ($0.amount.minor < 0) == ($0.transactions[0].returnReason != nil) })
    }

    @Test func somebodyElsePays() {
        let customers = Dictionary(Self.invoices.map { ($0.customerNumber, $0) }) { first, _ in first }
        for (entry, truth) in year.booked {
            let customer = customers[truth.customerNumber]!, transaction = entry.transactions[0]
            let isOwn = foldedName(transaction.counterpartyName!) == foldedName(customer.customerName)
            #expect(isOwn == (truth.habit != .thirdParty))
            #expect((transaction.counterpartyIBAN == customer.customerIBAN) == isOwn && IBAN.isValid(transaction.counterpartyIBAN!))
        }
    }

    @Test func oneTimeCustomersPayAtOnce() {
        let shoppers = Dictionary(
            uniqueKeysWithValues: Self.invoices.filter { $0.customerNumber.hasPrefix("ONE-TIME") }.map { ($0.number, $0) })
        let paid = year.booked.filter { $0.truth.customerNumber.hasPrefix("ONE-TIME") }
        #expect(paid.count == shoppers.count)
        for (entry, truth) in paid {
            let invoice = shoppers[truth.settled[0].invoiceNumber]!
            #expect(entry.amount == invoice.gross && (0...3).contains(entry.bookedOn - invoice.issuedOn))
        }
        #expect((950...990).contains(paid.count { $0.truth.habit == .onTime } * 1000 / paid.count))
    }

    /// Amounts of one unit and of the largest entry, under every habit.
    @Test(arguments: PayerHabit.allCases, [1, 2, 9_99, 10_00, Money.entryBound] as [Int64])
    func holdsAtTheBounds(habit: PayerHabit, minor: Int64) {
        var world = CustomerWorld(seed: 3, mix: [habit: 1000])
        let monday = Day("2011-01-10")!
        world.receive((1...50).map { Shop.invoice($0, "1\($0 / 2)", on: monday, dueOn: monday + 30, minor: minor) })
        let entries = (0...200).flatMap { world.statement(on: monday + $0) }
        #expect(entries.isEmpty == (habit == .never))
        for (entry, truth) in zip(entries, world.truth) {
            #expect(truth.settled.reduce(truth.restMinor) { $0 + $1.minor } == entry.amount.minor && entry.amount.minor != 0)
        }
    }

    @Test func nothingIsPaidOfNothing() {
        var world = CustomerWorld(seed: 3, mix: [.onTime: 1000])
        let monday = Day("2011-01-10")!
        world.receive([0, -1, -500].enumerated().map { Shop.invoice($0, "12346", on: monday, dueOn: monday, minor: $1) })
        #expect(world.statement(on: monday + 30).isEmpty)
    }
}
