import Domain
import Operations
import Store
import TestSupport
import Testing

/// The certificate states by what an advice was linked to the receipt, and the verification proves that again from the advice and the receipts.
@Suite struct LinkFactTests {
    /// Meyer's transfer of 150.00 and its advice, and another's transfer of the same amount.
    private func shop(_ engine: Engine, reference: String = "TR-778899", payer: String? = nil, on day: Day? = nil) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer Werkzeuge GmbH")
        for gross in [101_10, 48_90] as [Int64] { _ = try await shop.invoice("C1", gross, on: "2026-01-05") }
        try await shop.statement(
            "1",
            [
                .credit(150_00, "TR-778899", from: "Meyer Werkzeuge", on: "2026-01-20", reference: "A"),
                .credit(150_00, "rent", from: "Other Ltd", on: "2026-01-20", reference: "B"),
            ])
        var advice = shop.advice(reference, of: 150_00, [Told("INV-2026-000001", 101_10), Told("INV-2026-000002", 48_90)])
        advice.payerName = payer.map { Cited($0, Citation(line: 2, columns: 1..<9)) }
        advice.paidOn = day.map { Cited($0, Citation(line: 3, columns: 1..<9)) }
        try await shop.advises(advice, on: "2026-01-21")
        return shop
    }

    @Test(arguments: Engine.available, [("TR-778899", "reference"), ("another thing", "payer")])
    func theLinkIsStatedAndProven(engine: Engine, told: (reference: String, rule: String)) async throws {
        let shop = try await shop(engine, reference: told.reference, payer: "MEYER WERKZEUGE GMBH", on: "2026-01-19")
        #expect(try await shop.rules() == ["remittance_advice"])
        let linked = try await shop.certified("linked")
        #expect(linked.count == 1 && linked.allSatisfy { $0.hasSuffix(" \(told.rule)") }, "\(linked)")
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1))
        try await shop.proves()
    }

    /// Whoever changes the link, or what it follows from, is found by the verification of matches alone.
    @Test(
        arguments: Engine.available,
        [
            ("UPDATE remittance_link SET rule = 'payer' WHERE entity_id = 1", "was linked by payer, the certificate says reference"),
            ("UPDATE remittance_link SET receipt_id = receipt_id + 1 WHERE entity_id = 1", "was not linked to the receipt"),
            (
                "UPDATE remittance_advice SET payment_reference = 'TR-778890' WHERE entity_id = 1",
                "does not fit the receipt by its reference"
            ),
            ("UPDATE remittance_advice SET payment_reference = 'TR-7788' WHERE entity_id = 1", "does not fit the receipt by its reference"),
            ("UPDATE remittance_advice SET payment_reference = 'TR' WHERE entity_id = 1", "does not fit the receipt by its reference"),
            ("UPDATE remittance_advice SET total_minor = 15001 WHERE entity_id = 1", "does not fit the receipt by its reference"),
            ("UPDATE remittance_advice SET currency = 'EUR' WHERE entity_id = 1", "does not fit the receipt by its reference"),
            ("UPDATE remittance_advice SET paid_on = '2025-10-05' WHERE entity_id = 1", "does not fit the receipt by its reference"),
            ("UPDATE receipt SET remittance = 'TR-778899' WHERE entity_id = 1", "fits 2 receipts by its reference"),
            (
                "UPDATE application SET certificate = replace(certificate, ' reference\nadvised', ' payer\nadvised') WHERE entity_id = 1",
                "was linked by reference, the certificate says payer"
            ),
        ])
    func aChangedLinkIsFound(engine: Engine, change: (statement: String, fault: String)) async throws {
        let shop = try await shop(engine)
        try await shop.unprotect()
        #expect(try await shop.verification().faults == [])
        try await shop.asOwner(SQL(text: change.statement, values: []))
        let faults = try await shop.verification().faults
        #expect(faults.contains { $0.contains(change.fault) }, "\(faults)")
    }

    /// A link by payer that no longer follows from the names.
    @Test(arguments: Engine.available) func anotherPayersAdviceIsFound(engine: Engine) async throws {
        let shop = try await shop(engine, reference: "another thing", payer: "Meyer Werkzeuge GmbH", on: "2026-01-19")
        try await shop.unprotect()
        try await shop.asOwner("UPDATE remittance_advice SET payer_name = 'Other Ltd' WHERE entity_id = 1")
        let faults = try await shop.verification().faults
        #expect(faults.contains { $0.hasSuffix("does not fit the receipt by its payer") }, "\(faults)")
    }

    /// A certificate from before the link was stated says what it said: that an advice was linked by then.
    @Test func aCertificateWithoutTheLineIsRead() throws {
        let text = """
            florin-match-1
            policy standard 0
            cash 300 EUR 2026-01-05
            rule remittance_advice
            row high 3
            customer 1
            named 1 advised A-1
            advised 7 1 1 300 0 document 1:1-4
            open 1 300
            line 1 300
            rest 0
            signal 50 reference advised
            signal 30 amount exact
            margin 15
            """
        let before = try CertificateReader(text)
        #expect(before.linked.isEmpty && before.contradictions == [])
        let stated = try CertificateReader(text.replacing("advised 7 1", with: "linked 7 payer\nadvised 7 1"))
        #expect(stated.linked.map(\.rule) == ["payer"] && stated.contradictions == [])
        let another = try CertificateReader(text.replacing("advised 7 1", with: "linked 8 payer\nadvised 7 1"))
        #expect(another.contradictions == ["the advice that is linked is not the one whose lines are stated"])
        #expect(throws: CertificateReader.Fault.self) { try CertificateReader(text + "\nlinked 7 guess") }
    }
}
