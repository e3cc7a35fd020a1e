import Domain
import Operations
import Store
import TestSupport
import Testing

/// Where a wrong guess would be possible, nothing is posted: the reason and the candidates wait for a person.
@Suite struct MatchingRefusalTests {
    private static let iban = "DE02120300000000202051"

    /// Meyer owes 100.00 (…1) and 100.00 (…2), Smith owes 100.00 (…3) and 60.00 (…4).
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: [Self.iban])
        try await shop.customer("C2", "Smith Ltd")
        for (customer, gross) in [("C1", 100_00), ("C1", 100_00), ("C2", 100_00), ("C2", 60_00)] as [(String, Int64)] {
            _ = try await shop.invoice(customer, gross, on: "2026-01-05")
        }
        return shop
    }

    private func waits(
        _ shop: Shop, _ reason: String, _ candidates: [String], cash: Int64, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(try await shop.queue() == [reason], sourceLocation: location)
        #expect(try await shop.candidates() == candidates, sourceLocation: location)
        #expect(try await shop.unapplied() == cash, sourceLocation: location)
        #expect(try await shop.rules() == [], sourceLocation: location)
        // A second run asks again, once.
        #expect(try await shop.applyCash(on: "2026-01-21").queued == 1, sourceLocation: location)
        #expect(try await shop.queue() == [reason], sourceLocation: location)
        #expect(try await shop.candidates() == candidates, sourceLocation: location)
        try await shop.proves(location)
    }

    @Test(arguments: Engine.available) func documentsOfTwoCustomers(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(200_00, "INV-2026-000001 INV-2026-000003", iban: Self.iban, on: "2026-01-20")
        let named = ["C1 INV-2026-000001 10000: named as INV-2026-000001", "C2 INV-2026-000003 10000: named as INV-2026-000003"]
        try await waits(
            shop, "the references name documents of 2 customers", named + ["C1 INV-2026-000002 10000: payer known by iban"], cash: 200_00)
    }

    /// The second number, written short, was settled by a payment without words: which of the two was meant there?
    @Test(arguments: Engine.available) func aListGoesOnWithWhatIsSettled(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer GmbH", ibans: [Self.iban])
        for gross in [1_190_00, 595_50] as [Int64] { _ = try await shop.invoice("C1", gross, on: "2026-01-05") }
        try await shop.pays(595_50, iban: Self.iban, on: "2026-01-19")
        #expect(try await shop.open("INV-2026-000002") == 0)
        try await shop.pays(1_785_50, "INV-2026-000001 / 000002", iban: Self.iban, on: "2026-01-20")
        #expect(try await shop.open("INV-2026-000001") == 1_190_00)
        let queue = try await shop.queue()
        #expect(
            queue == ["595.50 GBP more than the documents named have open, and the text goes on with further numbers"], "\(queue)")
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func twoItemsOfThatAmount(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(100_00, iban: Self.iban, on: "2026-01-20")
        try await waits(
            shop, "2 items of 100.00 GBP, and no reference",
            ["C1 INV-2026-000001 10000: payer known by iban", "C1 INV-2026-000002 10000: payer known by iban"], cash: 100_00)
    }

    /// Smith paid …4 and pays it again by a part of its number: not the next item of that amount.
    @Test(arguments: Engine.available) func aPaidDocumentIsHintedAtAgain(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(60_00, "INV-2026-000004", from: "Smith Ltd", on: "2026-01-15")
        _ = try await shop.invoice("C2", 60_00, on: "2026-01-16")
        try await shop.pays(60_00, "Invoice 00004", from: "Smith Ltd", on: "2026-01-20")
        #expect(
            try await shop.queue() == ["the text holds a part of INV-2026-000004, which is settled already and was 60.00 GBP"])
        #expect(try await shop.open("INV-2026-000005") == 60_00)
        #expect(try await shop.unapplied() == 60_00)
        try await shop.proves()
    }

    /// The name of a customer with another legal form is another payer's.
    @Test(arguments: Engine.available) func anotherLegalForm(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(60_00, "for the goods", from: "Smith PLC", on: "2026-01-20")
        #expect(try await shop.queue() == ["no reference found and the payer is not known"])
        #expect(try await shop.open("INV-2026-000004") == 60_00)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func nobodyKnowsThePayer(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(60_00, "for the goods", from: "J. Doe", iban: "FR1420041010050500013M02606", on: "2026-01-20")
        try await waits(shop, "no reference found and the payer is not known", [], cash: 60_00)
    }

    @Test(arguments: Engine.available) func thePayerMayBeSeveral(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.customer("C3", "SMITH")
        try await shop.pays(60_00, from: "Smith Limited", on: "2026-01-20")
        #expect(try await shop.queue() == ["the payer may be several customers"])
        let customers = Set(try await shop.candidates().map { $0.prefix(2) })
        #expect(customers == ["C2", "C3"])
        #expect(try await shop.open("INV-2026-000004") == 60_00)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func anAmountThatFitsNothing(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(77_77, from: "Smith", on: "2026-01-20")
        try await waits(
            shop, "no reference, and no item of 77.77 GBP",
            ["C2 INV-2026-000004 6000: payer known by name", "C2 INV-2026-000003 7777: payer known by name"], cash: 77_77)
    }

    /// A settled document, paid once more by somebody unknown.
    @Test(arguments: Engine.available) func aSettledDocumentByAStranger(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.receive("T1", 60_00, "INV-2026-000004", from: "C2", on: "2026-01-19")
        #expect(try await shop.open("INV-2026-000004") == 0)
        try await shop.pays(60_00, "INV-2026-000004", on: "2026-01-20")
        #expect(try await shop.queue() == ["the document named is settled already"])
        #expect(try await shop.candidates() == ["C2 - 0: named as INV-2026-000004"])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aNumberThatNobodyIssued(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(100_00, "INV-2026-000999", on: "2026-01-20")
        try await waits(shop, "no reference found and the payer is not known", [], cash: 100_00)
    }

    @Test(arguments: Engine.available) func aPartPaymentByAStranger(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(40_00, "INV-2026-000003", on: "2026-01-20")
        try await waits(
            shop, "40.00 GBP paid against 100.00 GBP named, and the payer is not known",
            ["C2 INV-2026-000003 4000: named as INV-2026-000003"],
            cash: 40_00)
    }

    @Test(arguments: Engine.available) func aPartPaymentByAnotherCustomer(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(40_00, "INV-2026-000003", iban: Self.iban, on: "2026-01-20")
        #expect(try await shop.queue() == ["40.00 GBP paid against 100.00 GBP named, and the payer is another customer"])
        #expect(try await shop.open("INV-2026-000003") == 100_00)
        try await shop.proves()
    }

    /// A slip of one digit names somebody else's invoice, while the payer owes just that amount.
    @Test(arguments: Engine.available) func aReferenceAgainstThePayersOwnItem(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(100_00, "INV-2026-000003", iban: Self.iban, on: "2026-01-20")
        #expect(try await shop.queue() == ["the reference names another customer's document of the same amount as the payer's own"])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func lessThanTheDocumentsNamed(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(150_00, "INV-2026-000001 INV-2026-000002", iban: Self.iban, on: "2026-01-20")
        #expect(try await shop.queue() == ["150.00 GBP does not cover the 2 documents named"])
        try await shop.proves()
    }

    /// The customer's next invoice makes the waiting receipt fit: it leaves the queue with its candidates.
    @Test(arguments: Engine.available) func whatWaitsIsTriedAgain(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(55_00, from: "Smith", on: "2026-01-20")
        #expect(try await shop.queue().count == 1)
        _ = try await shop.invoice("C2", 55_00, on: "2026-01-21")
        #expect(try await shop.applyCash(on: "2026-01-21").applied == 1)
        #expect(try await shop.queue() == [])
        #expect(try await shop.candidates() == [])
        #expect(try await shop.open("INV-2026-000005") == 0)
        try await shop.proves()
    }

    /// Cash of a known customer that fits nothing yet waits, and is applied once its invoice is there.
    @Test(arguments: Engine.available) func cashBeforeItsInvoiceIsTriedAgainToo(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.order("PRE-10001", "C2", net: 55_00, on: "2026-01-19", country: "US")
        try await shop.receive("T1", 55_00, "PRE-10001", from: "C2", on: "2026-01-20")
        #expect(try await shop.queue().count == 1)
        try await shop.bill(on: "2026-01-21")
        try await shop.applyCash(on: "2026-01-21")
        #expect(try await shop.open("INV-2026-000005") == 0)
        #expect(try await shop.queue() == [])
        try await shop.proves()
    }
}
