import Domain
import Operations
import Store
import TestSupport
import Testing

/// Sales as a till sends them: one request each, many at once.
@Suite struct SaleTests {
    @Test(arguments: Engine.available) func salesAtOnceAreAnsweredEachForItself(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let customer = try await shop.customer("C1")
        try await shop.customer("C2", limit: 10_00)
        let sales = (1...40).map { at in
            ProcessSales.Sale(
                shop.intake("ORDER\(1000 + at)", at % 4 == 0 ? "C2" : "C1", [item("TEA", 1, at: 5_00)], on: "2026-01-05"),
                receipt: at % 4 == 1
                    ? ReceiptIntake(
                        method: "card", externalID: "P\(at)", bookedOn: "2026-01-05", amount: Money(minor: 6_00, shop.currency),
                        customer: customer,
                        remittance: "ORDER\(1000 + at)") : nil)
        }
        let outcomes = try await withThrowingTaskGroup(of: (Int, ProcessSales.Outcome).self) { group in
            for (at, sale) in sales.enumerated() {
                group.addTask {
                    let request = ProcessSales.Request(sale, at: shop.tick())
                    return (at, try await shop.database.write(entity: shop.entity, request, in: ProcessSales.together))
                }
            }
            return try await group.reduce(into: [Int: ProcessSales.Outcome]()) { $0[$1.0] = $1.1 }
        }
        var numbers: [String] = [], held = 0
        for (at, outcome) in outcomes {
            switch outcome.order {
            case .placed(let number): numbers.append(try #require(number))
            case .held: held += 1
            case .known, .refused: Issue.record("sale \(at + 1): \(outcome)")
            }
            #expect(outcome.recordedReceipt == ((at + 1) % 4 == 1))
        }
        // 10.00 of credit takes one order of 6.00, whichever comes first.
        #expect(held == 9 && Set(numbers).count == 31)
        #expect(try await shop.number("SELECT last FROM document_series WHERE entity_id = \(shop.entity) AND series = 'INV'") == 31)
        #expect(try await shop.number("SELECT count(*) FROM application WHERE entity_id = \(shop.entity)") == 10)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aSaleThatIsSentAgainIsKnown(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let customer = try await shop.customer("C1")
        let receipt = ReceiptIntake(
            method: "card", externalID: "P1", bookedOn: "2026-01-05", amount: Money(minor: 6_00, shop.currency), customer: customer,
            remittance: "A1")
        let sale = ProcessSales.Sale(shop.intake("A1", "C1", [item("TEA", 1, at: 5_00)], on: "2026-01-05"), receipt: receipt)
        let empty = ProcessSales.Sale(shop.intake("A2", "C1", [], on: "2026-01-05"))
        let outcomes = try await shop.run { [entity = shop.entity] tx, now in
            try ProcessSales(entity, [sale, sale, empty]).run(in: tx, at: now)
        }
        #expect(
            outcomes == [
                .init(order: .placed(invoice: "INV-2026-000001"), recordedReceipt: true), .init(order: .known),
                .init(order: .refused(because: "the order has no lines")),
            ])
        let again = try await shop.database.write(
            entity: shop.entity, ProcessSales.Request(sale, at: shop.tick()), in: ProcessSales.together)
        #expect(again == .init(order: .known))
        try await shop.proves()
    }
}
