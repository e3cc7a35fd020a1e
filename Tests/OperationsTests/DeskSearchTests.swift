import Domain
import Operations
import Store
import TestSupport
import Testing

/// Search finds a number, a name or an amount at once.
@Suite struct DeskSearchTests {
    @Test(
        arguments: Engine.available,
        [
            ("C1", ["customer C1"]), ("mey", ["customer C1", "receipt of Meyer"]),
            ("inv-2026-00000", ["invoice INV-2026-000001", "invoice INV-2026-000002", "invoice INV-2026-000003"]),
            ("HELD", ["order HELD-1"]), ("80.00", ["invoice INV-2026-000002"]), ("80", ["invoice INV-2026-000002"]),
            ("100%", ["receipt of Unknown 100% Ltd"]), ("E2", ["receipt of Unknown 100% Ltd"]),
            ("'; DROP TABLE customer; --", []), ("%", ["receipt of Unknown 100% Ltd"]),
            ("1.234", []), ("", []),
        ] as [(String, [String])])
    func searchFindsNumbersNamesAndAmounts(engine: Engine, wanted: (String, [String])) async throws {
        let shop = try await Shop.desk(engine)
        let found = try await shop.database.read { try Search(shop.entity, wanted.0).run(in: $0) }
        #expect(found.hits.map { $0.noun == .receipt ? "receipt of \($0.name)" : "\($0.noun.rawValue) \($0.number)" } == wanted.1)
        #expect(!found.isCut)
    }

    @Test(
        arguments: Engine.available,
        ["de02 1203 0000 0000 2020 51", "DE021203", "RF18 5390 0754 7034", "rf18539007547034", "ACME-E2E", "acme ho"])
    func whatTheBankTellsOfAPaymentFindsTheReceiptThatWaits(engine: Engine, wanted: String) async throws {
        let shop = try await Shop.open(engine)
        try await shop.pays(
            50_00, "thank you", from: "Acme Holding", iban: "DE02120300000000202051", e2e: "ACME-E2E-1", rf: "RF18539007547034",
            on: "2026-03-03")
        try await shop.pays(60_00, "thank you", from: "Another", iban: "DE89370400440532013000", e2e: "X", on: "2026-03-03")
        let hits = try await shop.database.read { try Search(shop.entity, wanted).run(in: $0).hits }
        #expect(hits.map(\.noun) == [.receipt] && hits.map(\.name) == ["Acme Holding"])
        #expect(hits.map(\.on) == ["2026-03-03"] && hits.map(\.amount?.minor) == [50_00])
    }

    @Test(arguments: Engine.available) func aStatementIsFoundByItsNumberAndALongListIsSaidToBeCut(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.statement("2026/041", [])
        for at in 0...Search.limit { try await shop.customer("K\(100 + at)", "Retailer \(at)") }
        let (statements, cut, whole) = try await shop.database.read { tx in
            (
                try Search(shop.entity, "2026/04").run(in: tx), try Search(shop.entity, "retailer").run(in: tx),
                try Search(shop.entity, "retailer 1").run(in: tx)
            )
        }
        #expect(statements.hits.map(\.noun) == [.statement] && statements.hits.map(\.number) == ["2026/041"])
        #expect(cut.hits.count == Search.limit && cut.isCut)
        #expect(whole.hits.count == 4 && !whole.isCut && !statements.isCut)
    }

    @Test(
        arguments: Engine.available,
        [
            ("376,51", ["invoice INV-2026-000001"]), ("£376.51", ["invoice INV-2026-000001"]), ("GBP 376.51", ["invoice INV-2026-000001"]),
            ("376.51 gbp", ["invoice INV-2026-000001"]), ("inv-2026-000001", ["invoice INV-2026-000001"]), ("kd7", ["customer KD7"]),
            ("AP@kunde.example", ["customer KD7"]), ("1.376,51", []),
        ] as [(String, [String])])
    func findsWhatIsTypedAsPeopleWriteIt(engine: Engine, wanted: (String, [String])) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("KD7", "Seller & Daughter", email: "ap@kunde.example")
        _ = try await shop.invoice("KD7", 376_51, on: "2026-03-03")
        let found = try await shop.database.read { try Search(shop.entity, wanted.0).run(in: $0) }
        #expect(found.hits.map { "\($0.noun.rawValue) \($0.number)" } == wanted.1)
    }

    /// What a former system issued is a document like any other, settled or not, and names are found in whatever case they are typed.
    @Test(
        arguments: Engine.available,
        [
            ("412.30", ["invoice OLD-1"]), ("-77.10", ["credit_note OLD-2"]), ("old-", ["invoice OLD-1", "credit_note OLD-2"]),
            ("müller", ["customer C7"]), ("MÜLLER", ["customer C7"]), ("ölmühle", ["customer C8"]), ("Ölmühle", ["customer C8"]),
            ("RY\u{00D8}", ["customer C8"]),
        ] as [(String, [String])])
    func findsWhatWasTakenOverAndNamesInEveryCase(engine: Engine, wanted: (String, [String])) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C7", "MÜLLER GmbH")
        try await shop.customer("C8", "Ölmühle Ryø")
        let items = [("OLD-1", 412_30), ("OLD-2", -77_10)].map { number, minor in
            OpeningItem(
                number: number, customerNumber: "C7", issuedOn: "2025-12-01", dueOn: "2025-12-31", open: Money(minor: Int64(minor), .gbp))
        }
        try await shop.run { [entity = shop.entity] tx, now in _ = try ImportOpenItems(entity, items).run(in: tx, at: now) }
        try await shop.pays(412_30, "OLD-1", from: "MULLER", on: "2026-01-05")
        let found = try await shop.database.read { try Search(shop.entity, wanted.0).run(in: $0) }
        #expect(found.hits.filter { $0.noun != .receipt }.map { "\($0.noun.rawValue) \($0.number)" } == wanted.1)
    }

    @Test(arguments: Engine.available) func anAmountFindsTheReceiptToo(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        let hits = try await shop.database.read { try Search(shop.entity, "120.00").run(in: $0).hits }
        #expect(hits.map(\.noun) == [.receipt])
        #expect(hits.map(\.name) == ["Unknown 100% Ltd"])
        #expect(hits.map(\.amount?.minor) == [120_00])
    }

    /// An order that is billed alone is left to its document, which is of the same amount.
    @Test(arguments: Engine.available) func anAmountFindsTheOrderThatNoDocumentTells(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        func found(_ text: String, _ moment: ReportMoment? = nil) async throws -> [String] {
            try await shop.database.read {
                try Search(shop.entity, text, at: moment).run(in: $0).hits.map { "\($0.noun.rawValue) \($0.number)" }
            }
        }
        let gross = try #require(
            try await shop.number("SELECT gross_minor FROM sales_order WHERE entity_id = 1 AND external_id = 'HELD-1'"))
        #expect(try await found(Money(minor: gross, .gbp).decimal) == ["order HELD-1"])
        try await shop.customer("M1", "Monthly Ltd", billing: .monthly)
        for (number, net) in [("M-1", 11_00), ("M-2", 22_00)] as [(String, Int64)] {
            try await shop.order(number, "M1", net: net, on: "2026-03-02", country: "US")
        }
        #expect(try await found("11.00") == ["order M-1"])
        try await shop.bill(on: "2026-03-31")
        let document = try #require(try await shop.documents().last)
        #expect(try await found("33.00") == ["invoice \(document)"])
        #expect(try await found("11.00") == ["order M-1"], "billed with another order")
        #expect(try await found("80.00", ReportMoment(shop.entity, asOf: "2026-01-05")) == [])
    }

    /// What came after the moment takes no place among the hits: there are more of them than are shown.
    @Test(arguments: Engine.available) func aMomentIsAskedForInTheSearchItself(engine: Engine) async throws {
        let shop = try await Shop.open(engine), later = Search.limit + 2
        try await shop.customer("Z1", "Retailer of old")
        try await shop.order("PO-9", "Z1", net: 50_00, on: "2026-01-05", country: "US")
        try await shop.bill(on: "2026-01-05")
        try await shop.order("PO-X", "Z1", net: 7_77, on: "2026-01-06", country: "US")
        try await shop.pays(12_34, "?", from: "Retailer of old", e2e: "E-9", on: "2026-01-20")
        let then = shop.now
        _ = shop.tick(seconds: 86_400 * 40)
        for at in 0..<later {
            try await shop.customer("A\(at)", "Retailer \(at)")
            try await shop.order("PO-\(10 + at)", "A\(at)", net: 50_00, on: "2026-02-10", country: "US")
            try await shop.pays(12_34, "?", from: "Retailer \(at)", e2e: "E-\(10 + at)", on: "2026-02-12")
        }
        try await shop.bill(on: "2026-02-10")
        for moment in [ReportMoment(shop.entity, asOf: "2026-01-31"), ReportMoment(shop.entity, asOf: "2026-03-31", knownAt: then)] {
            let found = try await shop.database.read { tx in
                try ["retailer", "50.00", "PO-", "INV-", "E-", "12.34", "7.77"].map { try Search(shop.entity, $0, at: moment).run(in: tx) }
            }
            let told = found.map { $0.hits.map { "\($0.noun.rawValue) \($0.name)" } }, old = "Retailer of old"
            #expect(
                told == [
                    ["customer \(old)", "receipt \(old)"], ["invoice \(old)"], ["order \(old)", "order \(old)"], ["invoice \(old)"],
                    ["receipt \(old)"], ["receipt \(old)"], ["order \(old)"],
                ], "\(moment.title)")
            #expect(found.allSatisfy { !$0.isCut })
        }
        let now = try await shop.database.read { try Search(shop.entity, "50.00").run(in: $0) }
        #expect(now.hits.count == Search.limit && now.isCut)
    }

    /// What was typed is an amount of money, not of minor units.
    @Test(
        arguments: Engine.available,
        [
            ("10,500", ["JPY 10500"]), ("10500 jpy", ["JPY 10500"]), ("37.035", ["KWD 37.035"]), ("37,035 KWD", ["KWD 37.035"]),
            ("370.35", ["EUR 370.35"]), ("370.35 KWD", []), ("105.00", []), ("37", []),
        ] as [(String, [String])])
    func amountsOfAnyDecimalsAreFound(engine: Engine, wanted: (String, [String])) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1")
        let items = try [(10_500, "JPY"), (37_035, "KWD"), (370_35, "EUR")].map { minor, code in
            OpeningItem(
                number: "A-\(code)", customerNumber: "C1", issuedOn: "2026-03-02", dueOn: "2026-03-30",
                open: Money(minor: Int64(minor), try #require(Currency(code))))
        }
        try await shop.run { [entity = shop.entity] tx, now in _ = try ImportOpenItems(entity, items).run(in: tx, at: now) }
        let hits = try await shop.database.read { try Search(shop.entity, wanted.0).run(in: $0).hits }
        #expect(hits.compactMap { hit in hit.amount.map { "\($0.currency.code) \($0.decimal)" } } == wanted.1)
    }

    /// However many of another currency are of as many minor units.
    @Test(arguments: Engine.available) func anAmountIsFoundAmongManyOfAnotherCurrency(engine: Engine) async throws {
        let shop = try await Shop.open(engine), entity = shop.entity, day: Day = "2026-03-02"
        try await shop.customer("C1")
        func of(_ currency: Currency, _ numbers: ClosedRange<Int>) async throws {
            let items = numbers.map {
                OpeningItem(
                    number: "A-\($0)", customerNumber: "C1", issuedOn: day, dueOn: day + 30, open: Money(minor: 376_51, currency))
            }
            let receipts = numbers.map {
                ReceiptIntake(
                    method: "card", externalID: "R-\($0)", bookedOn: day, amount: Money(minor: 376_51, currency), customer: nil,
                    remittance: "?")
            }
            let line = item("GOODS", 1, at: currency == .jpy ? 37_651_00 : 376_51)
            let orders = numbers.map { shop.intake("O-\($0)", "C1", [line], on: day, country: "US", currency: currency) }
            try await shop.run { tx, now in _ = try ImportOpenItems(entity, items).run(in: tx, at: now) }
            try await shop.run { tx, now in _ = try RecordReceipts(entity, receipts, on: day).run(in: tx, at: now) }
            try await shop.place(orders)
        }
        try await of(.gbp, 1...1)
        try await of(.jpy, 2...70)
        for text in ["376.51", "GBP 376.51"] {
            let found = try await shop.database.read { try Search(entity, text).run(in: $0) }
            #expect(found.hits.map(\.noun) == [.invoice, .receipt, .order] && !found.isCut, "\(text)")
            #expect(found.hits.allSatisfy { $0.amount?.currency == .gbp }, "\(text)")
        }
        let yen = try await shop.database.read { try Search(entity, "JPY 37,651").run(in: $0) }
        #expect(yen.isCut && yen.hits.count == 3 * Search.limit && yen.hits.allSatisfy { $0.amount?.currency == .jpy })
    }
}
