import Domain
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// The printed invoice holds what EN 16931 and article 226 of the VAT directive ask for.
@Suite struct DocumentPageTests {
    @Test(arguments: Engine.available) func anInvoiceSaysWhoWhatWhereAndHow(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), vic = try await server.person(.viewer, "vic"), day = Day("2026-02-20")!
        let seller = Party(
            name: "", country: "", vatNumber: "GB123456789",
            address: PostalAddress(street: "12 Orchard Lane", postalCode: "E1 6AN", city: "London"),
            registration: "Registered in England, number 01234567", account: PaymentAccount(iban: "GB33BUKB20201555555555", bic: "BUKBGB22")
        )
        let customer = CustomerProfile(
            number: "C1", name: "Meyer <GmbH>", country: "GB", vatNumber: "GB987654321", currency: .gbp,
            discountTerms: DiscountTerms(basisPoints: 200, days: 10),
            address: PostalAddress(street: "Mill & Son", postalCode: nil, city: "Leeds"))
        let line = OrderIntake.Line(sku: "A-1", description: "Tea", quantityMilli: 2_000, priceMicro: 50_000_000)
        let order = OrderIntake(
            channel: "web", externalID: "SO-1", kind: .sale, customerNumber: "C1", country: "GB", orderedOn: day, currency: .gbp,
            lines: [line])
        try await server.write { tx, now in
            try SaveSeller(ID(1), seller).run(in: tx, at: now)
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try PlaceOrders(ID(1), [order]).run(in: tx, at: now)
            _ = try BillOrders(ID(1), .sale, on: day + 1).run(in: tx, at: now)
        }
        let page = await vic.get("/invoices/INV-2026-000001").body
        for told in [
            "Example Trading Ltd", "12 Orchard Lane", "E1 6AN London", "VAT number GB123456789", "Registered in England, number 01234567",
            "Meyer &lt;GmbH&gt;", "Mill &amp; Son", "Leeds", "VAT number GB987654321", "<dt>Number</dt><dd>INV-2026-000001</dd>",
            "<dt>Supplied</dt><dd>\(day.html.text)</dd>", "<dt>Due</dt>", "<dt>Currency</dt><dd>GBP</dd>", "VAT 20 % on ",
            "<dt>IBAN</dt><dd>GB33 BUKB 2020 1555 5555 55</dd>", "<dt>BIC</dt><dd>BUKBGB22</dd>",
            "<dt>Payment reference</dt><dd>INV-2026-000001</dd>", "2 % if paid by 3 Mar 2026: 117.60 GBP",
        ] { #expect(page.contains(told), "\(told)") }
        let settings = await vic.get("/settings").body
        #expect(settings.contains("GB33 BUKB 2020 1555 5555 55") && settings.contains("12 Orchard Lane, E1 6AN London"))
        let statement = await vic.get("/customers/C1/statement?as_of=2026-02-25").body
        for told in ["GB33 BUKB 2020 1555 5555 55", "12 Orchard Lane", "2 % if paid by 3 Mar 2026: 117.60 GBP"] {
            #expect(statement.contains(told), "\(told)")
        }
    }
}
