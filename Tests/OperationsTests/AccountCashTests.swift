import Domain
import Operations
import Store
import TestSupport
import Testing

/// One payment for several customers by a person's word, and money that stands on an account until it is used.
@Suite struct AccountCashTests {
    /// Meyer owes 100.00 and 20.00, Smith 50.00; 160.00 came from somebody.
    private func shop(_ engine: Engine) async throws -> (Shop, receipt: String, id: ID<Receipt>) {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer")
        try await shop.customer("C2", "Smith")
        for (customer, gross) in [("C1", 100_00), ("C1", 20_00), ("C2", 50_00)] as [(String, Int64)] {
            _ = try await shop.invoice(customer, gross, on: "2026-01-05")
        }
        try await shop.pays(160_00, "for both of us", iban: "DE02120300000000202051", on: "2026-01-20")
        let id = try #require(try await shop.number("SELECT id FROM receipt WHERE entity_id = 1"))
        return (shop, try #require(try await shop.receipts().first), ID(id))
    }

    private func split(_ shop: Shop, _ receipt: String, of customer: String, on day: Day) async throws {
        let lines = [
            ApplyByHand.Line("INV-2026-000001", Money(minor: 100_00, .gbp)),
            ApplyByHand.Line("INV-2026-000003", Money(minor: 50_00, .gbp), of: customer),
        ]
        let operation = ApplyByHand(
            shop.entity, method: "bank", externalID: receipt, customer: "C1", lines, reason: "they share a house", on: day)
        try await shop.run { try operation.run(in: $0, at: $1) }
    }

    private func use(_ shop: Shop, _ id: ID<Receipt>, _ document: String, _ minor: Int64, on day: Day) async throws {
        let operation = ApplyFromAccount(
            shop.entity, id, [.init(document, Money(minor: minor, .gbp))], reason: "asked by phone", on: day)
        try await shop.run { try operation.run(in: $0, at: $1) }
    }

    @Test(arguments: Engine.available) func aPersonSplitsAReceiptOverCustomers(engine: Engine) async throws {
        let (shop, receipt, id) = try await shop(engine)
        await refuses("customer_not_found") { try await split(shop, receipt, of: "NOBODY", on: "2026-01-21") }
        await refuses("document_not_found") { try await split(shop, receipt, of: "C1", on: "2026-01-21") }
        try await split(shop, receipt, of: "C2", on: "2026-01-21")
        #expect(try await shop.open("INV-2026-000001") == 0)
        #expect(try await shop.open("INV-2026-000003") == 0)
        #expect(try await shop.unapplied() == 0)
        let view = try #require(try await shop.database.read { try ReadReceipt(shop.entity, id).run(in: $0) })
        #expect(view.unapplied.minor == 10_00 && view.customerNumber == "C1")
        // Who pays for others is nobody's account from then on.
        #expect(try await shop.number("SELECT count(*) FROM customer_identity WHERE entity_id = 1 AND kind = 'iban'") == 0)
        try await shop.proves()
        try await shop.unapply(receipt, on: "2026-01-22")
        #expect(try await shop.open("INV-2026-000003") == 50_00)
        #expect(try await shop.unapplied() == 160_00)
        try await shop.proves()
    }

    /// What was left on the account settles another document later; taking back undoes both.
    @Test(arguments: Engine.available) func moneyOnAccountIsUsedLater(engine: Engine) async throws {
        let (shop, receipt, id) = try await shop(engine)
        await refuses("receipt_used_up") { try await use(shop, id, "INV-2026-000002", 10_00, on: "2026-01-21") }
        try await split(shop, receipt, of: "C2", on: "2026-01-21")
        await refuses("document_not_found") { try await use(shop, id, "INV-2026-000003", 10_00, on: "2026-01-22") }
        await refuses("amount_above_open") { try await use(shop, id, "INV-2026-000002", 10_01, on: "2026-01-22") }
        try await use(shop, id, "INV-2026-000002", 10_00, on: "2026-01-22")
        #expect(try await shop.open("INV-2026-000002") == 10_00)
        await refuses("receipt_used_up") { try await use(shop, id, "INV-2026-000002", 1, on: "2026-01-22") }
        #expect(try await shop.rules() == ["manual", "manual"])
        let view = try #require(try await shop.database.read { try ReadReceipt(shop.entity, id).run(in: $0) })
        #expect(view.unapplied.minor == 0 && view.customerNumber == "C1")
        #expect(view.settlements.map(\.document) == ["INV-2026-000003", "INV-2026-000001", "INV-2026-000002"])
        try await shop.proves()
        try await shop.unapply(receipt, on: "2026-01-23")
        #expect(try await shop.open("INV-2026-000002") == 20_00)
        #expect(try await shop.unapplied() == 160_00)
        #expect(try await shop.balance(.receivables) == 170_00)
        try await shop.proves()
    }

    /// Ours goes back what was not ours: to the account that it came from, the same amount, once.
    @Test(arguments: Engine.available) func aTransferGivesBackWhatWasNotOurs(engine: Engine) async throws {
        let (shop, receipt, _) = try await shop(engine)
        let operation = SetReceiptAside(shop.entity, method: "bank", externalID: receipt, reason: "meant for another", on: "2026-01-21")
        try await shop.run { try operation.run(in: $0, at: $1) }
        let iban = "DE02120300000000202051"
        for (minor, account) in [(160_00, "DE89370400440532013000"), (159_99, iban)] as [(Int64, String)] {
            #expect(try await shop.statement("O\(minor)", [.credit(-minor, iban: account, on: "2026-01-22")]).debits == 1)
        }
        #expect(try await shop.balance(.receiptsToReturn) == -160_00)
        let report = try await shop.statement("O", [.credit(-160_00, iban: iban, on: "2026-01-23", reference: "1")])
        #expect(report.givenBack == 1 && report.debits == 0, "\(report)")
        #expect(try await shop.balance(.receiptsToReturn) == 0)
        await refuses("receipt_not_applied") { try await shop.unapply(receipt, on: "2026-01-24") }
        #expect(try await shop.statement("P", [.credit(-160_00, iban: iban, on: "2026-01-24", reference: "2")]).debits == 1)
        try await shop.proves()
    }

    /// Two that fit: which of them went back, only a person can say.
    @Test(arguments: Engine.available) func twoReceiptsThatATransferMayGiveBack(engine: Engine) async throws {
        let (shop, _, _) = try await shop(engine), iban = "DE02120300000000202051"
        try await shop.pays(160_00, "for both of us", iban: iban, on: "2026-01-20")
        for receipt in try await shop.receipts() {
            let operation = SetReceiptAside(shop.entity, method: "bank", externalID: receipt, reason: "not ours", on: "2026-01-21")
            try await shop.run { try operation.run(in: $0, at: $1) }
        }
        #expect(try await shop.statement("O", [.credit(-160_00, iban: iban, on: "2026-01-23")]).debits == 1)
        #expect(try await shop.balance(.receiptsToReturn) == -320_00)
        try await shop.proves()
    }
}
