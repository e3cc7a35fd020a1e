import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct CancellationTests {
    @Test(arguments: Engine.available) func aCancellationIsACreditNoteAppliedToItsInvoice(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", [item("TEA", 10, at: 5_00), item("POT", 1, at: 20_00)], on: "2026-01-05")
        try await shop.order("A2", "C1", [item("MUG", 4, at: 3_00)], on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        try await shop.cancel("X1", "C1", [item("TEA", -4, at: 5_00)], on: "2026-01-08")
        let report = try await shop.bill(on: "2026-01-08")
        #expect(report.creditNotes == 1 && report.cancellationsApplied == 1 && report.credited == ["GBP": 24_00])
        #expect(try await shop.open("INV-2026-000001") == 60_00)
        #expect(try await shop.open("INV-2026-000002") == 14_40)
        #expect(try await shop.open("CN-2026-000001") == 0)
        let preceding = try await shop.texts(
            "SELECT p.number FROM invoice i JOIN invoice p ON p.entity_id = i.entity_id AND p.id = i.preceding_id WHERE i.entity_id = 1")
        #expect(preceding == ["INV-2026-000001"])
        #expect(try await shop.postings("CN-2026-000001") == ["1200 -2400", "4000 2000", "2200 400"])
        let type = try await shop.number("SELECT type_code FROM invoice WHERE entity_id = 1 AND number = 'CN-2026-000001'")
        #expect(type == 381)
        try await shop.proves()
    }

    /// What the judge of cash application reads: what was credited and when, and what a receipt settled and when.
    @Test(arguments: Engine.available) func whatIsCreditedIsToldWithItsDay(engine: Engine) async throws {
        let shop = try await Shop.open(engine), iban = "DE02120300000000202051"
        try await shop.customer("C1", "Meyer GmbH", ibans: [iban])
        try await shop.order("A1", "C1", [item("TEA", 10, at: 10_00)], on: "2026-01-05", country: "US")
        try await shop.bill(on: "2026-01-05")
        try await shop.order("X1", "C1", [item("TEA", -3, at: 10_00)], on: "2026-01-09", kind: .cancellation, country: "US")
        try await shop.bill(on: "2026-01-09")
        try await shop.pays(70_00, "INV-2026-000001", iban: iban, on: "2026-02-04")
        let (credited, applied) = try await shop.database.read { tx in
            (try CreditedDocuments(shop.entity).run(in: tx), try AppliedCash(shop.entity).run(in: tx))
        }
        #expect(credited == ["INV-2026-000001": [.init(on: "2026-01-09", minor: 30_00)]])
        let receipt = try #require(applied.values.first)
        #expect(receipt.customerNumber == "C1" && receipt.settled == ["INV-2026-000001": 70_00] && receipt.appliedOn == "2026-02-04")
    }

    /// Order and cancellation arrive in one file and are billed in one run: sales go first.
    @Test(arguments: Engine.available) func aCancellationFindsAnInvoiceOfTheSameRun(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.cancel("X1", "C1", [item("TEA", -1, at: 5_00)], on: "2026-01-05")
        try await shop.order("A1", "C1", [item("TEA", 1, at: 5_00)], on: "2026-01-05")
        let report = try await shop.bill(on: "2026-01-05")
        #expect(report.invoices == 1 && report.cancellationsApplied == 1)
        #expect(try await shop.open("INV-2026-000001") == 0)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func whatCannotBeToldIsNotApplied(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        for id in ["A1", "A2"] { try await shop.order(id, "C1", [item("TEA", 2, at: 5_00)], on: "2026-01-05") }
        try await shop.bill(on: "2026-01-05")
        try await shop.cancel("X1", "C1", [item("TEA", -2, at: 5_00)], on: "2026-01-08")  // of either
        try await shop.cancel("X2", "C1", [item("TEA", -2, at: 4_00)], on: "2026-01-08")  // at another price: of none
        try await shop.cancel("X3", "C1", [item("CAKE", -1, at: 5_00)], on: "2026-01-08")  // never sold
        try await shop.cancel("X4", "C2", [item("TEA", -2, at: 5_00)], on: "2026-01-08")  // another customer's
        let report = try await shop.bill(on: "2026-01-08")
        #expect(report.creditNotes == 4 && report.cancellationsApplied == 0)
        #expect(try await shop.open("INV-2026-000001") == 12_00)
        #expect(try await shop.open("INV-2026-000002") == 12_00)
        let open = try await shop.number(
            "SELECT CAST(SUM(open_minor) AS BIGINT) FROM open_item WHERE entity_id = 1 AND kind = 'credit_note'")
        #expect(open == -39_60)
        try await shop.proves()
    }

    /// Two invoices could hold it; only one has exactly that quantity.
    @Test(arguments: Engine.available) func theExactQuantityDecides(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", [item("TEA", 6, at: 5_00)], on: "2026-01-05")
        try await shop.order("A2", "C1", [item("TEA", 2, at: 5_00)], on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        try await shop.cancel("X1", "C1", [item("TEA", -2, at: 5_00)], on: "2026-01-08")
        try await shop.bill(on: "2026-01-08")
        #expect(try await shop.open("INV-2026-000002") == 0)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func strangersAreNeverApplied(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", nil, [item("TEA", 2, at: 5_00)], on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        try await shop.cancel("X1", nil, [item("TEA", -2, at: 5_00)], on: "2026-01-08")
        let report = try await shop.bill(on: "2026-01-08")
        #expect(report.creditNotes == 1 && report.cancellationsApplied == 0)
        #expect(try await shop.open("INV-2026-000001") == 12_00)
        try await shop.proves()
    }

    /// The invoice is paid already: the credit note stays open as the customer's credit and names what it cancels.
    @Test(arguments: Engine.available) func aPaidInvoiceLeavesTheCreditOpen(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", [item("TEA", 2, at: 5_00)], on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        try await shop.pays(12_00, "INV-2026-000001", on: "2026-01-06")
        try await shop.cancel("X1", "C1", [item("TEA", -2, at: 5_00)], on: "2026-01-08")
        #expect(try await shop.bill(on: "2026-01-08").cancellationsApplied == 0)
        #expect(try await shop.open("CN-2026-000001") == -12_00)
        #expect(try await shop.open("INV-2026-000001") == 0)
        try await shop.proves()
    }

    /// What a first cancellation took cannot be cancelled again.
    @Test(arguments: Engine.available) func twiceTheSameCancellationNeverExceedsTheInvoice(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", [item("TEA", 2, at: 5_00), item("POT", 1, at: 20_00)], on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        for id in ["X1", "X2", "X3"] { try await shop.cancel(id, "C1", [item("TEA", -2, at: 5_00)], on: "2026-01-08") }
        try await shop.bill(on: "2026-01-08")
        #expect(try await shop.open("INV-2026-000001") == 24_00)
        try await shop.proves()
    }

    /// Credit notes have a series of their own, so their day may lie before the invoice's: nothing is settled before it stands.
    @Test(arguments: Engine.available) func aBackDatedCreditNoteSettlesFromTheInvoicesDayOn(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", [item("TEA", 2, at: 5_00)], on: "2026-01-05")
        try await shop.bill(on: "2026-01-20")
        try await shop.cancel("X1", "C1", [item("TEA", -2, at: 5_00)], on: "2026-01-08")
        try await shop.run { _ = try BillOrders(shop.entity, .cancellation, on: "2026-01-10").run(in: $0, at: $1) }
        #expect(try await shop.open("INV-2026-000001") == 0)
        try await shop.proves()
    }

    /// The invoice was settled until its payment was taken back: an earlier day is not settled a second time.
    @Test(arguments: Engine.available) func aBackDatedCreditNoteAfterATakingBack(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", [item("TEA", 2, at: 5_00)], on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        try await shop.pays(12_00, "INV-2026-000001", on: "2026-01-20")
        try await shop.unapply(try #require(try await shop.receipts().first), on: "2026-01-25")
        try await shop.cancel("X1", "C1", [item("TEA", -2, at: 5_00)], on: "2026-01-08")
        try await shop.run { _ = try BillOrders(shop.entity, .cancellation, on: "2026-01-22").run(in: $0, at: $1) }
        #expect(try await shop.open("INV-2026-000001") == 0)
        try await shop.proves()
    }
}
