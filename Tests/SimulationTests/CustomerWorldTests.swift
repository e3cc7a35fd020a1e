import Domain
import Simulation
import Testing

@Suite struct CustomerWorldTests {
    private static let invoices = Shop.invoices(5000)
    private static let year = Run(seed: 7, invoices)
    private var invoices: [IssuedInvoice] { Self.invoices }
    private var year: Run { Self.year }

    @Test func theSameSeedRepeats() {
        let again = Run(seed: 7, invoices), other = Run(seed: 8, invoices)
        #expect(again.entries == year.entries)
        #expect(again.truth == year.truth)
        #expect(other.entries != year.entries)
    }

    @Test(arguments: [1, 37, 5000]) func batchesChangeNothing(size: Int) {
        let run = Run(seed: 7, invoices, batch: size)
        #expect(run.entries == year.entries)
        #expect(run.truth == year.truth)
    }

    /// All at once or day by day, before the statement.
    @Test func eachDayMayBringItsInvoices() {
        let daily = Run(daily: 7, invoices)
        #expect(daily.truth.map(\.settled) == year.truth.map(\.settled))
        #expect(daily.entries == year.entries)
    }

    @Test func everyHabitOccurs() {
        #expect(Set(year.truth.map(\.habit)) == Set(PayerHabit.allCases).subtracting([.never]))
        let named = Set(year.truth.flatMap(\.settled).map(\.invoiceNumber))
        let unpaid = invoices.filter { !$0.customerNumber.hasPrefix("ONE-TIME") && !named.contains($0.number) }
        #expect((120...180).contains(unpaid.count), "\(unpaid.count) never paid")
    }

    /// Per mille of the invoices that are no one-time customer's.
    @Test(
        arguments: [
            (.onTime, 510...590), (.late, 170...220), (.veryLate, 30...50), (.short, 20...40), (.over, 12...28), (.twice, 9...21),
            (.together, 30...50), (.wrongReference, 12...28), (.noReference, 20...40), (.thirdParty, 9...21), (.bankCharge, 5...15),
            (.returned, 2...9),
        ] as [(PayerHabit, ClosedRange<Int>)])
    func theMixHolds(habit: PayerHabit, perMille: ClosedRange<Int>) {
        let ours = year.truth.filter { $0.habit == habit && !$0.customerNumber.hasPrefix("ONE-TIME") }
        let paid = Set(ours.flatMap(\.settled).map(\.invoiceNumber)).count
        let all = invoices.count { !$0.customerNumber.hasPrefix("ONE-TIME") }
        #expect(perMille.contains(paid * 1000 / all), "\(paid) of \(all)")
    }

    @Test func truthAddsUpToTheEntries() {
        #expect(year.truth.map(\.bankReference) == year.entries.map(\.reference))
        #expect(Set(year.truth.map(\.bankReference)).count == year.truth.count)
        for (entry, truth) in year.booked {
            #expect(truth.settled.reduce(truth.restMinor) { $0 + $1.minor } == entry.amount.minor)
            #expect(entry.transactions.map(\.amount) == [entry.amount])
            #expect(entry.amount.minor != 0 && truth.restMinor >= 0 && truth.chargeMinor >= 0)
        }
    }

    /// Nothing is settled beyond its amount, and only four habits leave something open.
    @Test func invoicesAreSettledOnce() {
        var left = Dictionary(uniqueKeysWithValues: invoices.map { ($0.number, $0.gross.minor) })
        var habits: [String: PayerHabit] = [:]
        for truth in year.truth {
            for settled in truth.settled {
                left[settled.invoiceNumber]! -= settled.minor + truth.chargeMinor
                habits[settled.invoiceNumber] = truth.habit
                #expect(left[settled.invoiceNumber]! >= 0)
            }
        }
        for (number, minor) in left where minor != 0 { #expect([nil, .short, .returned].contains(habits[number])) }
        let short = left.filter { habits[$0.key] == .short }.values
        #expect(short.contains(0) && short.contains { $0 > 0 })
    }

    @Test func banksBookOnBusinessDaysOnly() {
        #expect(year.entries.allSatisfy { $0.bookedOn.isBusinessDay() && $0.valueOn == $0.bookedOn && $0.status == .booked })
        var world = CustomerWorld(seed: 1, mix: [.onTime: 1000])
        let saturday = Day("2011-01-08")!
        world.receive([Shop.invoice(1, "ONE-TIME-GB", on: saturday, dueOn: saturday)])
        #expect(world.statement(on: saturday).isEmpty && world.statement(on: saturday + 1).isEmpty)
        #expect(world.statement(on: saturday + 2).count == 1)
        world.receive([Shop.invoice(2, "12346", on: saturday, dueOn: saturday)])
        #expect(world.statement(on: saturday + 7).isEmpty)
        #expect(world.statement(on: saturday + 9).count == 1)
    }

    /// A payer who waits for a second invoice pays the first when it is due.
    @Test(arguments: [(1, [2]), (29, [2]), (30, [1, 1]), (90, [1, 1])]) func waitsUntilTheDueDay(days: Int, settled: [Int]) {
        var world = CustomerWorld(seed: 1, mix: [.together: 1000])
        let monday = Day("2011-01-10")!
        world.receive([0, days].map { Shop.invoice($0, "12346", on: monday + $0, dueOn: monday + $0 + 30) })
        world.receive([Shop.invoice(200, "12347", on: monday, dueOn: monday + 30)])
        let entries = (0...150).flatMap { world.statement(on: monday + $0) }
        let booked = zip(entries, world.truth).filter { $1.customerNumber == "12346" }
        #expect(booked.map(\.1.settled.count) == settled && booked.map(\.0.amount.minor) == settled.map { Int64($0) * 100_00 })
        #expect(booked.allSatisfy { $1.habit == ($1.settled.count == 2 ? .together : .onTime) })
        #expect((30...35).contains(booked[0].0.bookedOn - monday))
    }

    @Test func nothingIsPaidBeforeItIsIssued() {
        let issuedOn = Dictionary(uniqueKeysWithValues: invoices.map { ($0.number, $0.issuedOn) })
        for (entry, truth) in year.booked {
            for settled in truth.settled { #expect(entry.bookedOn >= issuedOn[settled.invoiceNumber]!) }
        }
    }

    @Test func daysFollowTheHabit() {
        let dueOn = Dictionary(uniqueKeysWithValues: invoices.map { ($0.number, $0.dueOn) })
        for (entry, truth) in year.booked where truth.settled.count == 1 && !truth.customerNumber.hasPrefix("ONE-TIME") {
            let days = entry.bookedOn - dueOn[truth.settled[0].invoiceNumber]!
            switch truth.habit {  // a weekend adds up to two days
            case .onTime: #expect((-7...2).contains(days))
            case .late: #expect((3...27).contains(days))
            case .veryLate: #expect((40...82).contains(days))
            default: break
            }
        }
    }
}
