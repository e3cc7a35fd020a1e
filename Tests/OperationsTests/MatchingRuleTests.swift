import Domain
import Operations
import Store
import TestSupport
import Testing

/// Each rule that applies cash without a person, on books with a known customer and an unknown world around it.
@Suite struct MatchingRuleTests {
    private static let iban = "DE02120300000000202051"

    /// Meyer owes 100.00 (INV-2026-000001) and 60.00 (…2), Smith owes 100.00 (…3).
    private func shop(_ engine: Engine, _ policy: CustomerProfile.CashPolicy = .reference) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer Werkzeuge GmbH", policy: policy, ibans: [Self.iban])
        try await shop.customer("C2", "Smith & Sons Ltd.")
        for (customer, gross, day) in [("C1", 100_00, "2026-01-05"), ("C1", 60_00, "2026-01-06"), ("C2", 100_00, "2026-01-06")]
            as [(String, Int64, Day)]
        {
            _ = try await shop.invoice(customer, gross, on: day)
        }
        return shop
    }

    private func applies(_ shop: Shop, _ rule: String, open: [Int64], _ location: SourceLocation = #_sourceLocation) async throws {
        #expect(try await shop.queue() == [], sourceLocation: location)
        #expect(try await shop.rules() == [rule], sourceLocation: location)
        for (at, expected) in open.enumerated() {
            #expect(try await shop.open("INV-2026-00000\(at + 1)") == expected, "INV-2026-00000\(at + 1)", sourceLocation: location)
        }
        #expect(try await shop.unapplied() == 0, sourceLocation: location)
        try await shop.proves(location)
    }

    /// However the payer spaced, cut or dressed the number; nobody knows who paid.
    @Test(
        arguments: Engine.available,
        [
            "INV-2026-000001", "inv 2026 000001", "Invoice INV2026000001 thank you", "Rechnung Nr. 2026-000001", "INV/2026/000001",
            "INV.2026.000001.",
            "Re.INV-2026-000001/Meyer", "2026000001", "+++INV-2026-000001+++", "INV-2026 - 000001",
        ])
    func anInvoiceNumberInAnyShape(engine: Engine, text: String) async throws {
        let shop = try await shop(engine)
        try await shop.pays(100_00, text, on: "2026-01-20")
        try await applies(shop, "reference_exact", open: [0, 60_00, 100_00])
        let why = try await shop.texts("SELECT explanation FROM application WHERE entity_id = 1")
        #expect(why == ["names INV-2026-000001 (INV-2026-000001); 100.00 GBP open = 100.00 GBP paid"])
    }

    @Test(arguments: Engine.available) func anOrderNumber(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.order("PO-77812", "C2", net: 40_00, on: "2026-01-07", country: "US")
        try await shop.bill(on: "2026-01-07")
        try await shop.pays(40_00, "your order po-77812", on: "2026-01-20")
        try await applies(shop, "reference_exact", open: [100_00, 60_00, 100_00, 0])
    }

    @Test(arguments: Engine.available) func aCreditorReference(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.order("539007547034", "C2", net: 40_00, on: "2026-01-07", country: "US")
        try await shop.bill(on: "2026-01-07")
        try await shop.pays(40_00, rf: "RF18 5390 0754 7034", on: "2026-01-20")
        try await applies(shop, "reference_exact", open: [100_00, 60_00, 100_00, 0])
    }

    @Test(arguments: Engine.available) func twoInvoicesInOneTransfer(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(160_00, "INV-2026-000001, INV-2026-000002", on: "2026-01-20")
        try await applies(shop, "reference_exact", open: [0, 0, 100_00])
    }

    /// A mother company pays: reference and exact amount are enough, and its account is not taken for the customer's.
    @Test(arguments: Engine.available) func aThirdPartyPays(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(100_00, "INV-2026-000003", from: "Holding AG", iban: "CH9300762011623852957", on: "2026-01-20")
        try await applies(shop, "reference_exact", open: [100_00, 60_00, 0])
        let learned: SQL = "SELECT value FROM customer_identity WHERE entity_id = 1 AND value = 'CH9300762011623852957'"
        #expect(try await shop.texts(learned) == [])
    }

    @Test(arguments: Engine.available) func aPartPaymentLeavesTheRestOpen(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(40_00, "INV-2026-000001 first instalment", iban: Self.iban, on: "2026-01-20")
        try await applies(shop, "reference_part", open: [60_00, 60_00, 100_00])
    }

    @Test(arguments: Engine.available) func anOverPaymentLeavesCredit(engine: Engine) async throws {
        let shop = try await shop(engine)
        let report = try await shop.pays(130_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20")
        #expect(report.appliedMinor == ["GBP": 100_00] && report.onAccountMinor == ["GBP": 30_00])
        try await applies(shop, "reference_over", open: [0, 60_00, 100_00])
        #expect(try await shop.balance(.receivables) == 130_00)
    }

    /// What is over is exactly the other invoice.
    @Test(arguments: Engine.available) func anOverPaymentThatIsAnotherInvoice(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(160_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20")
        try await applies(shop, "reference_exact", open: [0, 0, 100_00])
    }

    @Test(arguments: Engine.available) func aBankChargeWithinTolerance(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(98_50, "INV-2026-000001", iban: Self.iban, on: "2026-01-20", tolerance: 2_00)
        try await applies(shop, "reference_tolerance", open: [0, 60_00, 100_00])
        #expect(try await shop.balance(.bankFees) == 1_50)
    }

    /// One unit more than the tolerance is a part payment.
    @Test(arguments: Engine.available) func theToleranceIsALimit(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(97_99, "INV-2026-000001", iban: Self.iban, on: "2026-01-20", tolerance: 2_00)
        try await applies(shop, "reference_part", open: [2_01, 60_00, 100_00])
        #expect(try await shop.balance(.bankFees) == 0)
    }

    @Test(arguments: Engine.available) func paidAgainIsCredit(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(100_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20")
        try await shop.pays(100_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-21")
        #expect(try await shop.rules() == ["reference_exact", "paid_again"])
        #expect(try await shop.balance(.receivables) == 60_00)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func theOnlyItemOfThatAmount(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(60_00, "thank you", iban: Self.iban, on: "2026-01-20")
        try await applies(shop, "payer_amount", open: [100_00, 0, 100_00])
    }

    @Test(arguments: Engine.available) func theNameIsEnoughToKnowThePayer(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(60_00, from: "MEYER WERKZEUGE", on: "2026-01-20")
        try await applies(shop, "payer_amount", open: [100_00, 0, 100_00])
    }

    @Test(arguments: Engine.available) func allThatThePayerOwes(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(160_00, iban: Self.iban, on: "2026-01-20")
        try await applies(shop, "payer_balance", open: [0, 0, 100_00])
    }

    @Test(arguments: Engine.available) func oldestFirstByPolicy(engine: Engine) async throws {
        let shop = try await shop(engine, .oldestFirst)
        try await shop.pays(120_00, "on account", iban: Self.iban, on: "2026-01-20")
        try await applies(shop, "oldest_first", open: [0, 40_00, 100_00])
    }

    /// The first invoice is written out, of the others the last digits, or the last of a range: the certificate says so, and is held to it.
    @Test(arguments: Engine.available, ["INV-2026-000001/02, 05 + 06", "INV-2026-000001/02 und 05-06"])
    func aListGivesTheLastDigits(engine: Engine, words: String) async throws {
        let shop = try await shop(engine)
        for gross in [71_10, 33_20, 44_40] as [Int64] { _ = try await shop.invoice("C1", gross, on: "2026-01-07") }
        try await shop.pays(100_00 + 60_00 + 33_20 + 44_40, words, iban: Self.iban, on: "2026-01-20")
        try await applies(shop, "reference_corrected", open: [0, 0, 100_00, 71_10, 0, 0])
        let certificate = try #require(try await shop.texts("SELECT certificate FROM application").first)
        #expect(certificate.contains(" listed INV-2026-000006\n"), "\(certificate)")
        #expect(try await shop.database.read { try VerifyMatches(shop.entity).run(in: $0).faults } == [])
        guard engine == .sqlite else { return }
        try await shop.sql("DROP TRIGGER receipt_no_update")
        try await shop.sql("UPDATE receipt SET remittance = 'INV-2026-000001/02 und 07'")
        let faults = try await shop.database.read { try VerifyMatches(shop.entity).run(in: $0).faults }
        #expect(faults.contains { $0.contains("INV-2026-000005 does not stand in") }, "\(faults)")
    }

    /// What an account in the customer's own name paid by reference teaches its next payment.
    @Test(arguments: Engine.available) func aLearnedAccountIsUsedNextTime(engine: Engine) async throws {
        let shop = try await shop(engine)
        let iban = "GB29NWBK60161331926819"
        try await shop.pays(100_00, "INV-2026-000003", from: "Smith and Sons", iban: iban, on: "2026-01-20")
        let learned: SQL = "SELECT source FROM customer_identity WHERE entity_id = 1 AND kind = 'iban' AND value = \(iban)"
        #expect(try await shop.texts(learned) == [])  // another name: "and" is no "&"
        _ = try await shop.invoice("C2", 33_00, on: "2026-01-21")
        try await shop.pays(33_00, "INV-2026-000004", from: "Smith & Sons", iban: iban, on: "2026-01-22")
        #expect(try await shop.texts(learned).first?.hasPrefix("receipt ") == true)
        _ = try await shop.invoice("C2", 44_00, on: "2026-01-23")
        try await shop.pays(44_00, from: "S&S Treasury", iban: iban, on: "2026-01-24")
        #expect(try await shop.rules().last == "payer_amount")
        #expect(try await shop.open("INV-2026-000005") == 0)
        try await shop.proves()
    }

    /// An account that the customer did not have before, in the customer's own name, on a receipt that decided itself: once is enough.
    @Test(arguments: Engine.available) func aSecondAccountInTheOwnName(engine: Engine) async throws {
        let shop = try await shop(engine)
        let iban = "GB29NWBK60161331926819"
        try await shop.pays(100_00, "INV-2026-000001", from: "MEYER WERKZEUGE", iban: iban, on: "2026-01-20")
        let learned: SQL = "SELECT value FROM customer_identity WHERE entity_id = 1 AND kind = 'iban' ORDER BY value"
        #expect(try await shop.texts(learned) == [Self.iban, iban])
        try await shop.pays(60_00, from: "M. W. Treasury", iban: iban, on: "2026-01-22")
        #expect(try await shop.rules() == ["reference_exact", "payer_amount"])
        try await shop.proves()
    }

    /// A name that a bank has cut is the beginning of two customers' names: seen twice with one of them, it is still nobody's.
    @Test(arguments: Engine.available, [false, true]) func aCutNameIsNobodys(engine: Engine, isAlone: Bool) async throws {
        let shop = try await shop(engine)
        if !isAlone { try await shop.customer("C3", "Smith & Sons Garden Furniture Ltd.") }
        try await shop.pays(40_00, "INV-2026-000001", from: "Smith & Sons Gar", iban: Self.iban, on: "2026-01-20")
        try await shop.pays(60_00, "INV-2026-000001", from: "Smith & Sons Gar", iban: Self.iban, on: "2026-01-21")
        let learned: SQL = "SELECT value FROM customer_identity WHERE entity_id = 1 AND kind = 'name' AND value = 'SMITHSONSGAR'"
        #expect(try await shop.texts(learned) == (isAlone ? ["SMITHSONSGAR"] : []))
    }

    /// Who keeps the books of several customers pays from one account: once that shows, the account tells nothing.
    @Test(arguments: Engine.available) func anAccountThatTurnsOutToBeShared(engine: Engine) async throws {
        let shop = try await shop(engine)
        let iban = "GB29NWBK60161331926819"
        try await shop.pays(100_00, "INV-2026-000001", from: "Treasury", iban: iban, on: "2026-01-20")
        try await shop.pays(60_00, "INV-2026-000002", from: "Treasury", iban: iban, on: "2026-01-21")
        let learned: SQL = "SELECT count(*) FROM customer_identity WHERE entity_id = 1 AND value IN (\(iban), 'TREASURY')"
        #expect(try await shop.number(learned) == 2)
        try await shop.pays(100_00, "INV-2026-000003", from: "Treasury", iban: iban, on: "2026-01-22")
        #expect(try await shop.number(learned) == 4)
        _ = try await shop.invoice("C1", 33_00, on: "2026-01-23")
        try await shop.pays(33_00, from: "Treasury", iban: iban, on: "2026-01-24")
        #expect(try await shop.queue() == ["the payer may be several customers"])
        try await shop.proves()
    }

    /// The second names what the first took without a word: one of them was meant for another document.
    @Test(arguments: Engine.available) func aDocumentSettledByAReceiptThatDidNotNameIt(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.pays(60_00, iban: Self.iban, on: "2026-01-20")
        try await shop.pays(60_00, "INV-2026-000002", iban: Self.iban, on: "2026-01-21")
        #expect(try await shop.rules() == ["payer_amount"])
        #expect(try await shop.queue() == ["INV-2026-000002 is settled already, by a receipt that did not name it"])
        try await shop.proves()
    }

    /// What waits for a person may be meant for the very document that a later receipt of the run names.
    @Test(arguments: Engine.available) func aReceiptThatWaitsHoldsWhatItNames(engine: Engine) async throws {
        let shop = try await shop(engine)
        let entries = [(55_00, "INV-2026-000003"), (100_00, "INV-2026-000003"), (100_00, "INV-2026-000001")].map {
            BankEntry.credit($0.0, $0.1, on: "2026-01-20")
        }
        try await shop.statement("1", entries)
        #expect(try await shop.applyCash(on: "2026-01-20").applied == 1)
        #expect(
            try await shop.queue().sorted() == [
                "55.00 GBP paid against 100.00 GBP named, and the payer is not known",
                "an earlier receipt, which waits, may be meant for INV-2026-000003",
            ])
        try await shop.proves()
    }

    /// The account is Meyer's, the name another customer's: without a word only a person can tell.
    @Test(arguments: Engine.available) func theAccountOfOneAndTheNameOfAnother(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.customer("C3", "Lindqvist Garden Furniture Ltd.")
        try await shop.statement("1", [.credit(60_00, from: "LINDQVIST GARDEN FUR", iban: Self.iban, on: "2026-01-20")])
        let strict = ApplyReceipts(shop.entity, on: "2026-01-20", toleranceMinor: 0, policy: .strict)
        _ = try await shop.run { try strict.run(in: $0, at: $1) }
        #expect(try await shop.queue() == ["no reference, and the payer goes by another customer's name"])
        #expect(try await shop.applyCash(on: "2026-01-20").rules == ["payer_amount": 1])
    }

    /// Two receipts of one run: the second sees what the first left.
    @Test(arguments: Engine.available) func receiptsOfOneRunSeeEachOther(engine: Engine) async throws {
        let shop = try await shop(engine)
        let entries = [40_00, 60_00].map { BankEntry.credit($0, "INV-2026-000001", iban: Self.iban, on: "2026-01-20") }
        try await shop.statement("1", entries)
        #expect(try await shop.applyCash(on: "2026-01-20").applied == 2)
        #expect(try await shop.rules() == ["reference_part", "reference_exact"])
        #expect(try await shop.open("INV-2026-000001") == 0)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func anotherCurrencyNeverMatches(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.statement("1", [.credit(100_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20", in: .eur)])
        #expect(try await shop.applyCash(on: "2026-01-20").queued == 1)
        #expect(try await shop.open("INV-2026-000001") == 100_00)
        try await shop.proves()
    }
}
