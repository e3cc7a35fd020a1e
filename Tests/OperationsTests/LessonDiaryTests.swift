import Domain
import Operations
import Store
import TestSupport
import Testing

/// What went wrong in other systems, as diaries of this one; `docs/lessons.md` names the public report behind each number.
@Suite struct LessonDiaryTests {
    private static let iban = Shop.meyerIBAN

    private func open(_ shop: Shop, _ count: Int) async throws -> [Int64?] {
        var open: [Int64?] = []
        for at in 1...count { open.append(try await shop.open("INV-2026-00000\(at)")) }
        return open
    }

    private func credit(_ number: String, _ minor: Int64, _ shop: Shop, discount: CashDiscount? = nil) async throws {
        let item = OpeningItem(
            number: number, customerNumber: "C1", issuedOn: "2026-01-05", dueOn: "2026-02-04", open: Money(minor: minor, shop.currency),
            discount: discount)
        try await shop.run { [entity = shop.entity] tx, now in _ = try ImportOpenItems(entity, [item]).run(in: tx, at: now) }
    }

    private func statement(_ shop: Shop, _ minor: Int64, _ text: String, _ currency: Currency, tolerance: Int64) async throws {
        try await shop.statement(
            "S\(shop.tick().microseconds)",
            [.credit(minor, text, iban: Self.iban, on: "2026-01-20", reference: "B\(shop.tick().microseconds)", in: currency)])
        try await shop.applyCash(on: "2026-01-20", tolerance: tolerance)
    }

    /// One credit over three invoices whose amounts do not add up to 200.00 in floating point.
    @Test(arguments: Engine.available) func wish1OneCreditOverSeveralInvoices(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [66_01, 66_09, 67_90])
        try await credit("CR-100100", -100_00, shop)
        try await shop.pays(100_00, "INV-2026-000001 INV-2026-000002 INV-2026-000003 CR-100100", iban: Self.iban, on: "2026-01-20")
        #expect(try await shop.rules() == ["reference_exact"])
        #expect(try await open(shop, 3) == [0, 0, 0])
        #expect(try await shop.open("CR-100100") == 0)
        #expect(try await shop.balance(.receivables) == 0)
        try await shop.proves()
    }

    /// A credit is used once, whoever names it again.
    @Test(arguments: Engine.available) func wish2ACreditRunsOut(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [300_00, 250_00])
        try await credit("CR-100100", -100_00, shop)
        try await shop.pays(200_00, "INV-2026-000001 less CR-100100", iban: Self.iban, on: "2026-01-20")
        try await shop.pays(150_00, "INV-2026-000002 less CR-100100", iban: Self.iban, on: "2026-01-21")
        #expect(try await open(shop, 2) == [0, 100_00])
        #expect(try await shop.open("CR-100100") == 0)
        #expect(try await shop.balance(.receivables) == 100_00)
        try await shop.proves()
    }

    /// A number of ours that we never issued is a question, even where the payer's only item has the amount.
    @Test(arguments: Engine.available) func wish3DifferentNumbersAreNeverPaired(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [100_00])
        try await shop.pays(100_00, "INV-2026-000917", iban: Self.iban, on: "2026-01-20")
        #expect(try await shop.queue() == ["INV2026000917 in the text is no open document of ours"])
        #expect(try await open(shop, 1) == [100_00])
        try await shop.proves()
    }

    /// Many lines for one invoice, one line for many: each receipt is applied once; and the order of rules is the house's to set.
    @Test(arguments: Engine.available) func wish4ManyLinesOneInvoiceOneLineManyInvoices(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [100_00, 60_00, 40_00])
        try await shop.pays(30_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20")
        try await shop.pays(70_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20")
        try await shop.pays(100_00, "INV-2026-000002 INV-2026-000003", iban: Self.iban, on: "2026-01-21")
        #expect(try await open(shop, 3) == [0, 0, 0])
        #expect(try await shop.balance(.receivables) == 0)
        #expect(try await shop.number("SELECT count(*) FROM application WHERE entity_id = 1") == 3)
        #expect(try await shop.balance(.bank) == 200_00)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func wish4ThePriorityIsTheHousesToSet(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [101_10])
        try await shop.statement("S", [.credit(101_10, iban: Self.iban, on: "2026-01-20")])
        var careful = MatchPolicy.standard
        for at in careful.rows.indices where careful.rows[at].documents == .none { careful.rows[at].action = .propose }
        let operation = ApplyReceipts(shop.entity, on: "2026-01-20", toleranceMinor: 0, policy: careful)
        #expect(try await shop.run { try operation.run(in: $0, at: $1) }.queued == 1)
        #expect(try await shop.queue().first?.hasSuffix("rule high 8 leaves it to a person") == true)
        #expect(try await shop.applyCash(on: "2026-01-20").rules == ["payer_amount": 1])
    }

    /// More receipts than one transaction takes are applied in several, each receipt once.
    @Test(arguments: Engine.available) func wish6AThousandAndMoreAtOnce(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, []), count = ApplyReceipts.receiptLimit + 50
        let items = (0..<count).map { at in
            OpeningItem(
                number: "A-\(500_000 + at * 13)", customerNumber: "C1", issuedOn: "2026-01-05", dueOn: "2026-02-04",
                open: Money(minor: 10_00 + Int64(at), .gbp))
        }
        try await shop.run { [entity = shop.entity] tx, now in _ = try ImportOpenItems(entity, items).run(in: tx, at: now) }
        try await shop.statement("S", items.map { .credit($0.open.minor, $0.number, on: "2026-01-20") })
        #expect(try await shop.applyCash(on: "2026-01-20").applied == count)
        #expect(try await shop.balance(.receivables) == 0)
        #expect(try await shop.number("SELECT count(*) FROM application WHERE entity_id = 1") == Int64(count))
    }

    /// The limit is one of the invoice, not of each payment: what is short after a part payment stays open.
    @Test(arguments: Engine.available) func wish9TheToleranceIsOfTheResidualOnce(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [100_00])
        try await shop.pays(55_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20", tolerance: 2_00)
        try await shop.pays(44_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-21", tolerance: 2_00)
        #expect(try await open(shop, 1) == [1_00])
        #expect(try await shop.balance(.bankFees) == 0)
        try await shop.proves()
    }

    /// 990 settles 1,000, and 10 are the bank's: nobody computes; the difference has an account and the invoice's customer.
    @Test(arguments: Engine.available) func wish10NineHundredNinetySettlesAThousand(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [1_000_00])
        try await shop.pays(990_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20", tolerance: 10_00)
        #expect(try await open(shop, 1) == [0])
        #expect(try await shop.balance(.bankFees) == 10_00)
        #expect(try await shop.balance(.receivables) == 0)
        try await shop.proves()
    }

    /// Each difference has its own account and two lines: a cent is rounding, a charge is a charge, and neither touches bank or tax.
    @Test(arguments: Engine.available, [(99_99, "6300", 1), (98_50, "6000", 1_50)] as [(Int64, String, Int64)])
    func wish11ADifferenceHasItsCounterpart(engine: Engine, difference: (paid: Int64, account: String, minor: Int64)) async throws {
        let shop = try await Shop.owed(engine, [100_00])
        try await shop.pays(difference.paid, "INV-2026-000001", iban: Self.iban, on: "2026-01-20", tolerance: 2_00)
        let lines = try await shop.texts(
            """
            SELECT p.account || ' ' || CAST(p.amount_minor AS TEXT) FROM posting p
              JOIN journal_entry e ON e.entity_id = p.entity_id AND e.id = p.entry_id
             WHERE p.entity_id = 1 AND e.kind IN ('bank_charge', 'rounding') ORDER BY p.line
            """)
        #expect(lines == ["\(difference.account) \(difference.minor)", "1200 \(-difference.minor)"])
        try await shop.proves()
    }

    /// A part payment first, then the rest less the discount, in time.
    @Test(arguments: Engine.available) func wish12APartPaymentAndTheDiscount(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [])
        try await credit("A-100001", 100_00, shop, discount: CashDiscount(minor: 2_00, until: "2026-01-19"))
        try await shop.pays(50_00, "A-100001", iban: Self.iban, on: "2026-01-10")
        try await shop.pays(48_00, "A-100001", iban: Self.iban, on: "2026-01-19")
        #expect(try await shop.rules() == ["reference_part", "reference_discount"])
        #expect(try await shop.open("A-100001") == 0)
        #expect(try await shop.balance(.discountsAllowed) == 2_00)
        try await shop.proves()
    }

    /// A reference never switches the amount off: nothing is written off beyond the limit, whoever pays.
    @Test(arguments: Engine.available) func wish13AReferenceDoesNotBypassTheAmount(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [100_00])
        try await shop.pays(55_00, "INV-2026-000001", from: "J. Doe", on: "2026-01-20", tolerance: 2_00)
        #expect(try await shop.queue() == ["55.00 GBP paid against 100.00 GBP named, and the payer is not known"])
        try await shop.pays(97_99, "INV-2026-000001", iban: Self.iban, on: "2026-01-20", tolerance: 2_00)
        #expect(try await open(shop, 1) == [2_01])
        #expect(try await shop.balance(.bankFees) == 0)
        try await shop.proves()
    }

    /// Exactly the limit is within it, a unit more is not; a tenth of the invoice bounds it too.
    @Test(
        arguments: Engine.available,
        [(98_00, 0), (97_99, 2_01)] as [(Int64, Int64)])
    func wish14TheLimitIsExact(engine: Engine, payment: (paid: Int64, open: Int64)) async throws {
        let shop = try await Shop.owed(engine, [100_00, 15_00, 15_00])
        try await shop.pays(payment.paid, "INV-2026-000001", iban: Self.iban, on: "2026-01-20", tolerance: 2_00)
        #expect(try await shop.open("INV-2026-000001") == payment.open)
        try await shop.pays(13_50, "INV-2026-000002", iban: Self.iban, on: "2026-01-20", tolerance: 2_00)
        try await shop.pays(13_49, "INV-2026-000003", iban: Self.iban, on: "2026-01-20", tolerance: 2_00)
        #expect(try await shop.open("INV-2026-000002") == 0)
        #expect(try await shop.open("INV-2026-000003") == 1_51)
        try await shop.proves()
    }

    /// What is paid too much stands in the customer's account, in aging and in the open items, until somebody uses it.
    @Test(arguments: Engine.available) func wish17And22AnUnusedOverpaymentIsSeen(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [100_00])
        try await shop.pays(130_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20")
        #expect(try await shop.balance(.receivables) == -30_00)
        let aging = try #require(try await shop.aging(asOf: "2026-01-31")["GBP"])
        #expect(aging.total == Money(minor: -30_00, .gbp))
        let items = try await shop.texts(
            "SELECT kind || ' ' || CAST(open_minor AS TEXT) FROM open_item WHERE entity_id = 1 AND open_minor <> 0")
        #expect(items == ["receipt -3000"])
        try await shop.proves()
    }

    private func use(_ shop: Shop, _ minor: Int64, of receipt: Int64, for document: String) async throws {
        let line = ApplyByHand.Line(document, Money(minor: minor, shop.currency))
        let operation = ApplyFromAccount(shop.entity, ID(receipt), [line], reason: "asked by phone", on: "2026-01-22")
        try await shop.run { try operation.run(in: $0, at: $1) }
    }

    /// What was paid too much settles the next invoice, once; balance, aging and open items say what is left.
    @Test(arguments: Engine.available) func wish17CreditIsUsedAndTheBalanceIsRight(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [100_00])
        try await shop.pays(130_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20")
        _ = try await shop.invoice("C1", 50_00, on: "2026-01-21")
        let receipt = try #require(try await shop.number("SELECT id FROM receipt WHERE entity_id = 1"))
        try await use(shop, 30_00, of: receipt, for: "INV-2026-000002")
        await refuses("receipt_used_up") { try await use(shop, 1, of: receipt, for: "INV-2026-000002") }
        #expect(try await open(shop, 2) == [0, 20_00])
        #expect(try await shop.balance(.receivables) == 20_00)
        #expect(try await shop.aging(asOf: "2026-01-31")["GBP"]?.total == Money(minor: 20_00, .gbp))
        let items = try await shop.texts(
            "SELECT number || ' ' || CAST(open_minor AS TEXT) FROM open_item WHERE entity_id = 1 AND open_minor <> 0")
        #expect(items == ["INV-2026-000002 2000"])
        try await shop.proves()
    }

    /// Ten uses of 60.00 at once of 100.00 that stand on account, through two sets of connections: one of them is served.
    @Test(arguments: Engine.available) func incident8MoneyIsUsedNoMoreThanItIs(engine: Engine) async throws {
        let doors = try await engine.makePair()
        let first = try await Shop.opened(in: doors.0), second = Shop(doors.1, .gbp)
        try await first.customer("C1", "Meyer Werkzeuge GmbH", ibans: [Self.iban])
        _ = try await first.invoice("C1", 1_00, on: "2026-01-05")
        try await first.pays(101_00, "INV-2026-000001", iban: Self.iban, on: "2026-01-20")
        var numbers: [String] = []
        for _ in 0..<10 { numbers.append(try await first.invoice("C1", 60_00, on: "2026-01-21")) }
        let receipt = try #require(try await first.number("SELECT id FROM receipt WHERE entity_id = 1"))
        let won = await withTaskGroup(of: Bool.self) { group in
            for (at, number) in numbers.enumerated() {
                let shop = at % 2 == 0 ? first : second
                group.addTask { (try? await use(shop, 60_00, of: receipt, for: number)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(won == 1)
        #expect(try await first.balance(.receivables) == 500_00)
        #expect(
            try await first.number("SELECT CAST(SUM(open_minor) AS BIGINT) FROM open_item WHERE entity_id = 1 AND open_minor < 0") == -40_00
        )
        try await first.proves()
    }

    /// A price of one and a half stays one and a half on the document, whatever decimals the currency has.
    @Test(arguments: Engine.available, [("JPY", 1_500), ("HUF", 1_500_00)] as [(String, Int64)])
    func wish26APriceKeepsItsDecimals(engine: Engine, money: (code: String, net: Int64)) async throws {
        let shop = try await Shop.owed(engine, [], currency: try #require(Currency(money.code)))
        try await shop.order("A", "C1", [item("SCREW", 1_000, at: 1_50)], on: "2026-01-05", country: "US")
        try await shop.bill(on: "2026-01-05")
        let document = try await shop.database.read { [entity = shop.entity] in
            try ReadDocument(entity, number: "INV-2026-000001", on: "2026-01-05").run(in: $0)
        }
        let line = try #require(document?.lines.first)
        #expect(line.priceMicro == 1_500_000 && line.quantityMilli == 1_000_000 && line.net.minor == money.net)
        try await shop.proves()
    }

    /// Direct debits that the payer's bank sends back find their receipts without a person, by the id that was sent or by the mandate.
    @Test(arguments: Engine.available) func wish43ReturnedDebitsReopenTheirInvoices(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, [100_00, 60_00])
        try await shop.pays(100_00, "INV-2026-000001", iban: Self.iban, e2e: "COLL-1", mandate: "M-1", on: "2026-01-20")
        try await shop.pays(60_00, "INV-2026-000002", iban: Self.iban, mandate: "M-1", on: "2026-01-20")
        #expect(try await open(shop, 2) == [0, 0])
        var unnamed = BankEntry.returned(60_00, e2e: nil, reason: "MD01", on: "2026-01-23")
        unnamed.transactions[0].counterpartyIBAN = Self.iban
        let report = try await shop.statement("R", [.returned(100_00, e2e: "COLL-1", reason: "AC04", on: "2026-01-23"), unnamed])
        #expect(report.returns == 2 && report.debits == 0)
        #expect(try await open(shop, 2) == [100_00, 60_00])
        #expect(try await shop.balance(.bankClearing) == 0)
        #expect(try await shop.balance(.receivables) == 160_00)
        try await shop.proves()
    }

    /// Two thousandths of a dinar, no part of a yen: limits scale with the currency.
    @Test(arguments: Engine.available) func incident20YenAndDinar(engine: Engine) async throws {
        let yen = try await Shop.owed(engine, [1_000_00, 1_000_00], currency: .jpy)
        try await statement(yen, 998, "INV-2026-000001", .jpy, tolerance: 2_00)
        try await statement(yen, 997, "INV-2026-000002", .jpy, tolerance: 2_00)
        #expect(try await open(yen, 2) == [0, 3])
        #expect(try await yen.balance(.bankFees) == 2)
        try await yen.proves()
        let dinar = try await Shop.owed(engine, [100_50, 100_50], currency: .kwd)
        try await statement(dinar, 98_500, "INV-2026-000001", .kwd, tolerance: 2_00)
        try await statement(dinar, 98_499, "INV-2026-000002", .kwd, tolerance: 2_00)
        #expect(try await open(dinar, 2) == [0, 2_001])
        #expect(try await dinar.balance(.bankFees) == 2_000)
        try await dinar.proves()
    }

    /// Settled and taken back 100,000 times by amounts of every size: what is open is what it was, to the unit.
    @Test(arguments: Engine.available) func incident31AHundredThousandTimesBackAndForth(engine: Engine) async throws {
        let shop = try await Shop.owed(engine, []), amount = Money(minor: 1_234_567_89, .gbp), customer = try await shop.id(of: "C1")
        try await shop.run { [entity = shop.entity] tx, now in
            var books = try Books(lock: entity, at: now, in: tx)
            let invoice: ID<JournalEntry> = books.newID(), receipt: ID<JournalEntry> = books.newID()
            func item(_ id: ID<JournalEntry>, _ kind: OpenItem.Kind, _ amount: Money) -> NewOpenItem {
                NewOpenItem(
                    id: id.value, kind: kind, account: .receivables, customer: customer, number: "D", effectiveOn: "2026-01-05",
                    dueOn: "2026-02-04", amount: amount)
            }
            try books.post(
                invoice, on: "2026-01-05", kind: "opening", memo: "D",
                [Posting(.receivables, customer, debit: amount), Posting(.openingBalances, customer, credit: amount)])
            try books.post(
                receipt, on: "2026-01-05", kind: "receipt", memo: "R",
                [Posting(.bank, customer, debit: amount), Posting(.receivables, customer, credit: amount)])
            var debit = books.add(item(invoice, .opening, amount)), credit = books.add(item(receipt, .receipt, -amount)), random: UInt64 = 7
            for _ in 0..<100_000 {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let part = Money(minor: Int64(random >> 33) % debit.open.minor + 1, .gbp), before: ID<Allocation> = books.newID()
                books.allocate(&debit, with: &credit, part, on: "2026-01-20", rule: "diary")
                books.unallocate(
                    AllocatedAmount(id: ID(before.value + 1), amount: part, effectiveOn: "2026-01-20"), &debit, &credit, on: "2026-01-20",
                    rule: "diary")
            }
            #expect(debit.open == amount && credit.open == -amount)
            try books.close(in: tx)
        }
        let open = try await shop.texts("SELECT CAST(open_minor AS TEXT) FROM open_item WHERE entity_id = 1 ORDER BY id")
        #expect(open == ["123456789", "-123456789"])
        #expect(try await shop.balance(.receivables) == 0)
        let check = try await shop.database.read { [entity = shop.entity] in try CheckBooks(entity).run(in: $0) }
        #expect(check.faults == [])
    }
}
