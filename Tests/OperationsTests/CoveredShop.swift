import Domain
import Operations
import Store
import TestSupport
import Testing

/// A shop with at least one row in each table that the check covers.
enum CoveredShop {
    static let iban = "DE02120300000000202051"
    static let seller = Party(
        name: "", country: "", vatNumber: "GB123456789",
        address: PostalAddress(street: "12 Orchard Lane", postalCode: "E1 6AN", city: "London"),
        registration: "Registered in England, number 01234567", account: PaymentAccount(iban: "GB33BUKB20201555555555", bic: "BUKBGB22"))

    static func open(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer Werkzeuge GmbH", ibans: [iban], mandates: ["M-1"], email: "books@meyer.example")
        try await shop.customer(
            "C2", "Smith & Sons Ltd.", limit: 100_00, email: "books@smith.example", discount: DiscountTerms(basisPoints: 200, days: 10))
        try await shop.customer(
            "C3", "Weiss KG", discount: DiscountTerms(basisPoints: 300, days: 8),
            address: PostalAddress(street: "Hauptstr. 1", postalCode: "1010", city: "Wien"))
        try await shop.run { try SaveSeller(shop.entity, seller).run(in: $0, at: $1) }
        for gross in [101_10, 62_20, 33_30, 48_40] as [Int64] { _ = try await shop.invoice("C1", gross, on: "2026-01-05") }
        _ = try await shop.invoice("C3", 83_83, on: "2026-01-05")
        try await shop.order("HELD", "C2", net: 900_00, on: "2026-01-06")
        try await shop.order("OPEN", "C1", net: 10_00, on: "2026-01-06")
        try await opening(shop)
        try await cash(shop)
        try await collections(shop)
        try await people(shop)
        try await shop.run { try RecordFigures(shop.entity, on: "2026-02-20").run(in: $0, at: $1) }
        try await shop.close(through: "2026-01-04")
        return shop
    }

    private static func opening(_ shop: Shop) async throws {
        let item = OpeningItem(
            number: "OLD-77", customerNumber: "C1", issuedOn: "2026-01-02", dueOn: "2026-02-02", open: Money(minor: 70_00, .gbp),
            discount: CashDiscount(minor: 2_00, until: "2026-01-10"), references: ["PO-77812"])
        try await shop.run { _ = try ImportOpenItems(shop.entity, [item]).run(in: $0, at: $1) }
    }

    private static func cash(_ shop: Shop) async throws {
        try await shop.pays(50_00, "INV-2026-000001", iban: iban, mandate: "M-1", on: "2026-01-20")
        try await shop.pays(7_77, "?", from: "Nobody", on: "2026-01-20")
        try await shop.pays(62_20, "TR-778899", on: "2026-01-21")
        try await shop.advises(shop.advice("TR-778899", of: 62_20, [Told("INV-2026-000002", 62_20)]), on: "2026-01-21")
        let unknown = ID<Receipt>(try #require(try await shop.number("SELECT MIN(receipt_id) FROM cash_queue WHERE entity_id = 1")))
        try await shop.run {
            _ = try AskCustomer(
                shop.entity, unknown, customer: "C2", question: "Is it yours?", answerBy: "2026-02-10", role: "clerk", on: "2026-01-22"
            ).run(in: $0, at: $1)
        }
        let given = GiveIdentity(shop.entity, .iban, "GB33BUKB20201555555555", of: "C2")
        try await shop.run { try given.run(in: $0, at: $1) }
        let revoked = RevokeIdentity(
            shop.entity, .iban, "GB33BUKB20201555555555", of: "C2", role: "clerk", reason: "not theirs", on: "2026-01-23")
        try await shop.run { try revoked.run(in: $0, at: $1) }
    }

    private static func collections(_ shop: Shop) async throws {
        try await shop.apart("INV-2026-000003", .deduction, 5_00, code: ReasonCode.allCases[0], theirs: "X1", on: "2026-01-24")
        let slice = try await shop.apart("INV-2026-000004", .dispute, 8_00, on: "2026-01-24")
        try await shop.release(slice, on: "2026-01-25")
        try await shop.statement("END", [], created: "2026-02-20")
        #expect(try await shop.dun(on: "2026-02-20").notices > 0)
        let moment = ReportMoment(shop.entity, asOf: "2026-02-20")
        try await shop.run { _ = try SendStatement(moment, customerNumber: "C1", on: moment.asOf).run(in: $0, at: $1) }
        try await mail(shop)
        try await shop.customer(
            "C2", "Smith & Daughters Ltd.", limit: 200_00, email: "books@smith.example", discount: DiscountTerms(basisPoints: 200, days: 10)
        )
    }

    /// Nothing could be sent: the first goes out again, the others are settled.
    private static func mail(_ shop: Shop) async throws {
        try await shop.sql("UPDATE outbox SET state = 'dead', attempts = 8 WHERE entity_id = 1")
        let ids = try await shop.texts("SELECT CAST(id AS TEXT) FROM outbox WHERE entity_id = 1 ORDER BY id").compactMap { Int64($0) }
        let messages = ids.map { ID<OutboxMessage>($0) }, day: Day = "2026-02-21"
        let again = SendAgain(shop.entity, Array(messages.prefix(1)), role: "collector kim", on: day)
        let settle = SettleMessages(shop.entity, Array(messages.dropFirst()), reason: "phoned", role: "collector kim", on: day)
        try await shop.run { _ = try again.run(in: $0, at: $1) }
        try await shop.run { _ = try settle.run(in: $0, at: $1) }
    }

    private static func people(_ shop: Shop) async throws {
        let kim = Actor(id: 1, name: "Kim", role: .controller), other = ID<Entity>(2)
        try await shop.run { try Invite(shop.entity, .administrator, token: "t1").run(in: $0, at: $1) }
        let accepted = try await AcceptInvitation(
            shop.entity, token: "t1", email: "kim@example.com", name: "Kim", password: "a long enough password", shop.database, at: shop.now
        ) { try $0() }
        try await shop.run { try accepted.run(in: $0, at: $1) }
        let person = try #require(try await shop.number("SELECT id FROM person WHERE entity_id = 1"))
        try await shop.run { try CreateAPIKey(shop.entity, name: "shop", role: .clerk, by: person, token: "k1").run(in: $0, at: $1) }
        try await shop.run { tx, now in
            let webhook = try RegisterWebhook(shop.entity, url: "https://example.com", secret: "s").run(in: tx, at: now)
            _ = try ChangeWebhook(shop.entity, webhook, .replay(after: 0)).run(in: tx, at: now)
        }
        try await shop.run { try AskApproval(shop.entity, kim, act: "write-off", fields: "a=1", why: "large").run(in: $0, at: $1) }
        try await shop.run { try Audit(shop.entity, kim, "sign in", detail: "", outcome: "done").run(in: $0, at: $1) }
        try await shop.database.write(entity: other) { [now = shop.tick()] tx in
            try CreateEntity(other, name: "Other Ltd", country: "GB", currency: .gbp).run(in: tx, at: now)
        }
        try await GrantAccess(Home(shop.entity, person), to: other, .viewer, by: kim).run(shop.database, at: shop.tick())
    }
}
