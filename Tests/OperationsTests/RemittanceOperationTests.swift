import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct RemittanceOperationTests {
    private func advice(
        _ total: Int64, reference: String? = nil, payer: String? = nil, accounts: [String] = [], on day: Day? = nil,
        lines: [(String, Int64)] = []
    ) -> RemittanceAdvice {
        func at(_ line: Int) -> Citation { Citation(line: line, columns: 3..<9) }
        var advice = RemittanceAdvice(format: "X12 820 004010", currency: .gbp)
        advice.total = Cited(Money(minor: total, .gbp), at(1))
        advice.paymentReference = reference.map { Cited($0, at(2)) }
        advice.payerName = payer.map { Cited($0, at(3)) }
        advice.payerIdentifiers = accounts.map { Cited($0, at(3)) }
        advice.paidOn = day.map { Cited($0, at(4)) }
        advice.lines = lines.enumerated().map { order, told in
            var line = RemittanceAdvice.Line(Cited(told.0, at(10 + order)))
            line.paid = Cited(Money(minor: told.1, .gbp), at(10 + order))
            return line
        }
        return advice
    }

    @discardableResult
    private func take(
        _ advices: [RemittanceAdvice], file: String = "a1", version: Int = 1, _ shop: Shop
    ) async throws -> ImportRemittance.Report {
        try await shop.run { [entity = shop.entity] tx, now in
            try ImportRemittance(entity, fileDigest: file, reader: "x12", version: version, advices).run(in: tx, at: now)
        }
    }

    private func link(_ shop: Shop) async throws -> Int {
        try await shop.run { [entity = shop.entity] tx, now in try LinkRemittances(entity).run(in: tx, at: now).count }
    }

    @Test(arguments: Engine.available) func aFileTwiceIsKeptOnceAndABetterReaderReadsItAgain(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let told = advice(150_00, reference: "TR-1", lines: [("INV-1", 100_00), ("INV-2", 50_00)])
        #expect(try await take([told], shop).lines == 2)
        let again = try await take([told], shop)
        #expect(again.known == 1 && again.advices == 0)
        #expect(try await take([told], version: 2, shop).advices == 1)
        #expect(try await shop.number("SELECT count(*) FROM remittance_advice WHERE entity_id = 1") == 2)
        #expect(
            try await shop.texts("SELECT citations FROM remittance_line WHERE entity_id = 1 AND line = 2") == [
                "document 11:3-9; paid 11:3-9", "document 11:3-9; paid 11:3-9",
            ])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func anAdviceFindsItsReceiptByReferenceWhicheverCameFirst(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await take([advice(150_00, reference: "TR-778899")], shop)
        #expect(try await link(shop) == 0)
        try await shop.statement(
            "1",
            [
                .credit(150_00, "ACH TR 778899", on: "2026-01-05"), .credit(150_00, "something else", on: "2026-01-05", reference: "B"),
            ])
        #expect(try await link(shop) == 1)
        #expect(try await link(shop) == 0)
        #expect(
            try await shop.texts(
                """
                SELECT r.remittance FROM remittance_link l JOIN receipt r ON r.entity_id = l.entity_id AND r.id = l.receipt_id
                 WHERE l.entity_id = 1 AND l.rule = 'reference'
                """) == ["ACH TR 778899"])
        try await shop.proves()
    }

    /// A short reference is in many a longer number, and in other people's words.
    @Test(
        arguments: Engine.available,
        [
            ("KD 847112 ABSCHLAG", nil, nil, 0), ("RE-2026-0200", "2026471100", nil, 0), ("order 4711", nil, "Zeta Handel", 0),
            ("order 4711", nil, "Contoso Ltd", 1), ("payment 47-11", nil, nil, 1),
        ] as [(String, String?, String?, Int)])
    func aShortReferenceStandsByItselfAndIsThePayers(
        engine: Engine, told: (words: String, e2e: String?, payer: String?, links: Int)
    ) async throws {
        let shop = try await Shop.open(engine)
        try await take([advice(1_000_00, reference: "4711", payer: "Contoso Ltd")], shop)
        try await shop.statement("1", [.credit(1_000_00, told.words, from: told.payer, e2e: told.e2e, on: "2026-01-05")])
        #expect(try await link(shop) == told.links)
    }

    @Test(arguments: Engine.available) func aReferenceOfAnotherTimeLinksNothing(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await take([advice(150_00, reference: "TR-778899", on: "2025-10-05")], shop)
        try await shop.statement("1", [.credit(150_00, "TR-778899", on: "2026-01-05")])
        #expect(try await link(shop) == 0)
        try await take([advice(150_00, reference: "TR-778899", on: "2026-01-02")], file: "a2", shop)
        #expect(try await link(shop) == 1)
    }

    @Test(arguments: Engine.available) func anAdviceFindsItsReceiptByTheBanksOwnReference(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.statement(
            "1",
            [
                .credit(150_00, "one", on: "2026-01-05", reference: "031300010000001"),
                .credit(150_00, "other", on: "2026-01-05", reference: "031300010000002"),
            ])
        try await take([advice(150_00, reference: "031300010000002")], shop)
        #expect(try await link(shop) == 1)
        #expect(
            try await shop.texts(
                "SELECT r.remittance FROM remittance_link l JOIN receipt r ON r.entity_id = l.entity_id AND r.id = l.receipt_id WHERE l.entity_id = 1"
            ) == ["other"])
        try await shop.proves()
    }

    /// Payments of one entry bear its reference and are told apart by their amounts.
    @Test(arguments: Engine.available) func anAdviceFindsItsReceiptInABatch(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        var batch = BankEntry.batch(
            [
                .init(amount: Money(minor: 150_00, .gbp), remittance: "one"), .init(amount: Money(minor: 90_00, .gbp), remittance: "two"),
            ], total: 240_00, on: "2026-01-05")
        batch.reference = "031300010000009"
        try await shop.statement("1", [batch, .credit(90_00, "other", on: "2026-01-05", reference: "031300010000010")])
        try await take([advice(90_00, reference: "031300010000009")], shop)
        #expect(try await link(shop) == 1)
        #expect(
            try await shop.texts(
                "SELECT r.remittance FROM remittance_link l JOIN receipt r ON r.entity_id = l.entity_id AND r.id = l.receipt_id WHERE l.entity_id = 1"
            ) == ["two"])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func anAdviceFindsItsReceiptByPayerAndDays(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.statement(
            "1",
            [
                .credit(80_00, "a", from: "Acme Tool & Die", on: "2026-01-07"), .credit(80_00, "b", from: "Other Ltd", on: "2026-01-07"),
                .credit(80_00, "c", from: "ACME TOOL + DIE", on: "2026-03-07"),
            ])
        try await take([advice(80_00, payer: "ACME TOOL & DIE", on: "2026-01-05")], shop)
        #expect(try await link(shop) == 1)
        #expect(
            try await shop.texts(
                "SELECT r.remittance FROM remittance_link l JOIN receipt r ON r.entity_id = l.entity_id AND r.id = l.receipt_id WHERE l.entity_id = 1"
            )
                == ["a"])
    }

    /// Names are compared as customers' are: letters, umlauts and legal forms as banks write them; another legal form is another person.
    @Test(
        arguments: Engine.available,
        [
            ("Müller GmbH", "MUELLER", 1), ("Müller", "Mueller GmbH", 1), ("Müller GmbH", "MULLER GMBH", 1),
            ("Софарма Трейдинг АД", "SOFARMA TREYDING AD", 1), ("Meyer GmbH", "Meyer KG", 0), ("Meyer GmbH", "Meier GmbH", 0),
        ] as [(String, String, Int)])
    func namesCompareAsCustomersDo(engine: Engine, told: (advice: String, bank: String, links: Int)) async throws {
        let shop = try await Shop.open(engine)
        try await shop.statement("1", [.credit(80_00, "a", from: told.bank, on: "2026-01-07")])
        try await take([advice(80_00, payer: told.advice, on: "2026-01-05")], shop)
        #expect(try await link(shop) == told.links)
    }

    /// An account compares as an IBAN or as the bank's number and its own, however it is written.
    @Test(
        arguments: Engine.available,
        [
            ("021000021/123456789", ["021000021/123456789"], 1), ("021000021/000123456789", ["21000021/123456789"], 1),
            ("021000021/123456789", ["021000021", "123456789"], 1), ("021000021/123456789", ["071000013", "123456789"], 0),
            ("021000021/123456789", ["071000013/123456789"], 0), ("COBADEFFXXX/77 12", ["COBADEFF/7712"], 1),
            ("GB33BUKB20201555555555", ["GB33 BUKB 2020 1555 5555 55"], 1),
        ] as [(String, [String], Int)])
    func accountsCompareAsBanksWriteThem(engine: Engine, told: (bank: String, advice: [String], links: Int)) async throws {
        let shop = try await Shop.open(engine)
        var entry = BankEntry.credit(80_00, "a", from: "NOBODY KNOWN", on: "2026-01-07")
        entry.transactions[0].counterpartyAccount = told.bank
        try await shop.statement("1", [entry])
        try await take([advice(80_00, payer: "Meyer", accounts: told.advice, on: "2026-01-05")], shop)
        #expect(try await link(shop) == told.links)
    }

    /// Amount alone, two receipts of one payer, or two advices for one receipt: a person decides.
    @Test(arguments: Engine.available) func doubtIsNeverLinked(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.statement(
            "1",
            [
                .credit(80_00, "a", from: "Acme", on: "2026-01-07"), .credit(80_00, "b", from: "Acme", on: "2026-01-08"),
                .credit(90_00, "TRACE-5", from: "Zeta", on: "2026-01-08"),
            ])
        try await take([advice(80_00, payer: "Acme", on: "2026-01-05"), advice(90_00, on: "2026-01-08")], shop)
        try await take([advice(90_00, reference: "TRACE-5"), advice(90_00, payer: "Zeta", on: "2026-01-08")], file: "b2", shop)
        #expect(try await link(shop) == 0)
        #expect(try await shop.number("SELECT count(*) FROM remittance_link WHERE entity_id = 1") == 0)
    }
}
