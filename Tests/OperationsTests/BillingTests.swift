import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct BillingTests {
    @Test(arguments: Engine.available) func eachOrderIsBilledByItself(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", terms: 14)
        try await shop.order("A1", "C1", [item("TEA", 2, at: 5_00), item("POT", 1, at: 20_00)], on: "2026-01-05")
        try await shop.order("A2", "C1", net: 7_00, on: "2026-01-06")
        #expect(try await shop.bill(on: "2026-01-05").invoices == 1)  // tomorrow's order waits
        #expect(try await shop.bill(on: "2026-01-06").invoices == 1)
        let invoices = try await shop.texts(
            """
            SELECT number || ' ' || order_number || ' ' || issued_on || ' ' || due_on || ' ' || CAST(net_minor AS TEXT) || ' '
                || CAST(tax_minor AS TEXT) || ' ' || CAST(gross_minor AS TEXT) FROM invoice WHERE entity_id = \(shop.entity) ORDER BY id
            """)
        #expect(
            invoices == [
                "INV-2026-000001 A1 2026-01-05 2026-01-19 3000 600 3600", "INV-2026-000002 A2 2026-01-06 2026-01-20 700 140 840",
            ])
        #expect(try await shop.postings("INV-2026-000001") == ["1200 3600", "4000 -3000", "2200 -600"])
        #expect(try await shop.state("A1") == "billed")
        #expect(try await shop.bill(on: "2026-01-07") == BillOrders.Report())
        try await shop.proves()
    }

    /// 2026-01-05 is a Monday; a week is billed once its Sunday is over or is the day itself.
    @Test(arguments: Engine.available) func aWeekIsOneInvoice(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("W", billing: .weekly)
        for (id, day) in [("A1", "2026-01-05"), ("A2", "2026-01-08"), ("A3", "2026-01-11"), ("A4", "2026-01-12")] {
            try await shop.order(id, "W", net: 10_00, on: try #require(Day(day)))
        }
        #expect(try await shop.bill(on: "2026-01-10").invoices == 0)
        let sunday = try await shop.bill(on: "2026-01-11")
        #expect(sunday.invoices == 1 && sunday.invoiced == ["GBP": 36_00])
        #expect(try await shop.bill(on: "2026-01-17").invoices == 0)
        #expect(try await shop.bill(on: "2026-01-19").invoiced == ["GBP": 12_00])
        let orders = try await shop.number("SELECT count(*) FROM invoice WHERE entity_id = \(shop.entity) AND order_number IS NULL")
        #expect(orders == 2)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aMonthIsOneInvoiceACurrency(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("M", billing: .monthly)
        try await shop.order("A1", "M", net: 10_00, on: "2026-01-05")
        try await shop.order("A2", "M", net: 10_00, on: "2026-01-20", currency: .eur)
        try await shop.order("A3", "M", net: 10_00, on: "2026-01-31")
        try await shop.order("A4", "M", net: 10_00, on: "2026-02-01")
        #expect(try await shop.bill(on: "2026-01-30").invoices == 0)
        let end = try await shop.bill(on: "2026-01-31")
        #expect(end.invoices == 2 && end.invoiced == ["GBP": 24_00, "EUR": 12_00])
        #expect(try await shop.bill(on: "2026-02-27").invoices == 0)
        #expect(try await shop.bill(on: "2026-02-28").invoices == 1)
        try await shop.proves()
    }

    /// A month that nobody billed in time is billed on the next day somebody does.
    @Test(arguments: Engine.available) func aMissedMonthIsBilledLater(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("M", billing: .monthly)
        try await shop.order("A1", "M", net: 10_00, on: "2026-01-05")
        #expect(try await shop.bill(on: "2026-02-03").invoices == 1)
    }

    @Test(arguments: Engine.available) func taxFollowsSellerBuyerAndDay(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let cases: [(id: String, country: String, day: Day, tax: Int64, treatment: String)] = [
            ("UK", "GB", "2011-03-01", 20_00, "S 2000"), ("EU", "DE", "2011-03-01", 0, "AE 0"), ("US", "US", "2011-03-01", 0, "G 0"),
            ("EXIT", "DE", "2021-01-01", 0, "G 0"), ("WHO", "ZZ", "2011-03-01", 20_00, "S 2000"), ("HR", "HR", "2012-01-01", 0, "G 0"),
        ]
        for (id, country, day, tax, treatment) in cases {
            try await shop.order(id, "C-\(id)", net: 100_00, on: day, country: country)
            #expect(try await shop.number("SELECT tax_minor FROM sales_order WHERE entity_id = 1 AND external_id = \(id)") == tax)
            let line = try await shop.texts(
                """
                SELECT l.tax_category || ' ' || CAST(l.tax_bp AS TEXT) FROM sales_order_line l
                  JOIN sales_order o ON o.entity_id = l.entity_id AND o.id = l.order_id WHERE l.entity_id = 1 AND o.external_id = \(id)
                """)
            #expect(line == [treatment])
        }
        #expect(try await shop.bill(on: "2021-01-02").invoiced == ["GBP": 640_00])
        try await shop.proves()
    }

    /// Without a VAT number a buyer elsewhere in the Union pays the seller's tax; with one, the tax is the buyer's to pay, and the document
    /// names the number. An order that comes again after the number became known is the same order.
    @Test(arguments: Engine.available) func theReverseChargeNeedsAVATNumber(engine: Engine) async throws {
        let shop = try await Shop.open(engine, country: "DE", currency: .eur)
        try await shop.order("A1", "C1", net: 100_00, on: "2026-01-05", country: "AT")
        let profile = CustomerProfile(number: "C1", name: "Wien GmbH", country: "AT", vatNumber: "ATU12345678", currency: .eur)
        try await shop.run { tx, now in _ = try SaveCustomers(shop.entity, [profile]).run(in: tx, at: now) }
        let again = try await shop.order("A1", "C1", net: 100_00, on: "2026-01-05", country: "AT")
        #expect(again.known == 1 && again.differing == [])
        let other = try await shop.order("A1", "C1", net: 101_00, on: "2026-01-05", country: "AT")
        #expect(other.differing.map(\.externalID) == ["A1"])
        try await shop.order("A2", "C1", net: 100_00, on: "2026-01-06", country: "AT")
        let lines = try await shop.texts(
            """
            SELECT o.external_id || ' ' || l.tax_category || ' ' || CAST(l.tax_bp AS TEXT) || ' ' || CAST(o.tax_minor AS TEXT)
              FROM sales_order_line l JOIN sales_order o ON o.entity_id = l.entity_id AND o.id = l.order_id
             WHERE l.entity_id = 1 ORDER BY o.external_id
            """)
        #expect(lines == ["A1 S 1900 1900", "A2 AE 0 0"])
        #expect(try await shop.bill(on: "2026-01-06").invoiced == ["EUR": 219_00])
        let view = try await shop.database.read { try ReadDocument(shop.entity, number: "INV-2026-000002", on: "2026-01-06").run(in: $0) }
        #expect(view?.buyer.vatNumber == "ATU12345678" && view?.tax.minor == 0)
        try await shop.proves()
    }

    /// 3 × 0.33 at 20 %: 0.198 is 0.20 once, not three times 0.07 (EN 16931-1 BR-CO-17).
    @Test(arguments: Engine.available) func taxIsRoundedOnceACategoryAndRate(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("W", billing: .weekly)
        for id in ["A1", "A2", "A3"] { try await shop.order(id, "W", net: 0_33, on: "2026-01-05") }
        try await shop.order("A4", "W", net: 0_50, on: "2026-01-05", country: "US")
        try await shop.bill(on: "2026-01-12")
        let totals = try await shop.texts(
            "SELECT CAST(net_minor AS TEXT) || ' ' || CAST(tax_minor AS TEXT) || ' ' || CAST(gross_minor AS TEXT) FROM invoice WHERE entity_id = 1"
        )
        #expect(totals == ["149 20 169"])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func whatIsWorthNothingIsNotBilled(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.order("FREE", "C1", [item("SAMPLE", 3, at: 0)], on: "2026-01-05")
        try await shop.order("EVEN", "C2", [item("TEA", 1, at: 5_00), item("TEA", -1, at: 5_00)], on: "2026-01-05")
        try await shop.order("PAID", "C3", net: 10_00, on: "2026-01-05")
        let report = try await shop.bill(on: "2026-01-05")
        #expect(report.noCharge == 2 && report.invoices == 1)
        #expect(try await shop.state("FREE") == "no_charge")
        #expect(try await shop.documents() == ["INV-2026-000001"])
        #expect(try await shop.bill(on: "2026-01-06") == BillOrders.Report())
        try await shop.proves()
    }

    /// A collected invoice whose negative part is taxed otherwise than its positive part: the run must get past it.
    @Test(arguments: Engine.available) func oneOddCustomerDoesNotStopEverybodysBilling(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("ODD", billing: .weekly)
        try await shop.order("A1", "ODD", [item("TEA", 1, at: 100_00)], on: "2026-01-05", country: "US")
        try await shop.order("A2", "ODD", [item("REBATE", 1, at: -10_00)], on: "2026-01-06", country: "GB")
        try await shop.order("B1", "SANE", net: 10_00, on: "2026-01-06")
        let report = try await shop.bill(on: "2026-01-12")
        #expect(report.invoices >= 2)
        #expect(try await shop.state("B1") == "billed")
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func currenciesKeepTheirOwnDecimals(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let line = OrderIntake.Line(sku: "TEA", description: "Tea", quantityMilli: 1_000, priceMicro: 1_234_500_000)
        try await shop.order("JP", "C1", [line], on: "2026-01-05", currency: .jpy)
        try await shop.order("KW", "C2", [line], on: "2026-01-05", currency: .kwd)
        let report = try await shop.bill(on: "2026-01-05")
        #expect(report.invoiced == ["JPY": 1482, "KWD": 1_481_400])
        try await shop.proves()
    }

    /// More orders than one transaction takes: the runs go on until nothing is left, and no customer's week is split.
    @Test(arguments: Engine.available) func aRunGoesOnOverManyTransactions(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        for number in 0..<20 { try await shop.customer("W\(number)", billing: .weekly) }
        let orders = (0..<2_400).map { shop.intake("A\($0)", "W\($0 % 20)", [item("TEA", 1, at: 1_00)], on: "2026-01-05") }
        try await shop.place(orders)
        let report = try await shop.bill(on: "2026-01-12")
        #expect(report.invoices == 20 && report.invoiced == ["GBP": 2_880_00])
        try await shop.proves()
    }
}
