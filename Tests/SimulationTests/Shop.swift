import Domain
import Simulation

/// A shop's invoices from 2010-12-01 on, forty each day.
enum Shop {
    static let opensOn = Day("2010-12-01")!

    static func invoices(_ count: Int) -> [IssuedInvoice] {
        var random = SeededRandom(seed: 1)
        return (1...count).map { at in
            let issuedOn = opensOn + at / 40
            guard random.chance(perMille: 900) else {
                return invoice(at, "ONE-TIME-GB", on: issuedOn, dueOn: issuedOn, minor: Int64(random.within(1...100_00)))
            }
            let customer = String(12_346 + random.below(300))
            return invoice(at, customer, on: issuedOn, dueOn: issuedOn + 30, minor: Int64(random.within(1...2000_00)))
        }
    }

    static func invoice(_ at: Int, _ customer: String, on issuedOn: Day, dueOn: Day, minor: Int64 = 100_00) -> IssuedInvoice {
        IssuedInvoice(
            number: "INV-2010-\(String(1_000_000 + at).dropFirst())", orderNumber: at % 5 == 0 ? nil : String(536_365 + at),
            customerNumber: customer, customerName: "Customer \(customer) Ltd", customerIBAN: accountIBAN(of: customer),
            issuedOn: issuedOn, dueOn: dueOn, gross: Money(minor: minor, .gbp))
    }
}

/// What a bank booked in the 400 days since the shop opened.
struct Run {
    private(set) var entries: [BankEntry] = []
    let truth: [Truth]

    var booked: [(entry: BankEntry, truth: Truth)] { Array(zip(entries, truth)).map { (entry: $0, truth: $1) } }

    /// All invoices first.
    init(seed: UInt64, _ invoices: [IssuedInvoice], batch: Int = 100) {
        var world = CustomerWorld(seed: seed)
        for start in stride(from: 0, to: invoices.count, by: batch) {
            world.receive(Array(invoices[start..<min(start + batch, invoices.count)]))
        }
        for day in 0...400 { entries += world.statement(on: Shop.opensOn + day) }
        truth = world.truth
    }

    /// Each day's invoices before that day's statement.
    init(daily seed: UInt64, _ invoices: [IssuedInvoice]) {
        var world = CustomerWorld(seed: seed)
        let days = Dictionary(grouping: invoices, by: \.issuedOn)
        for day in 0...400 {
            world.receive(days[Shop.opensOn + day, default: []])
            entries += world.statement(on: Shop.opensOn + day)
        }
        truth = world.truth
    }
}
