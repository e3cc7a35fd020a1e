import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct AgreeTermsTests {
    private func agree(
        _ profile: CustomerProfile, from read: CustomerProfile?, by role: Role = .clerk, _ shop: Shop
    ) async throws -> AgreeTerms.Report {
        try await shop.run { try AgreeTerms(shop.entity, profile, from: read, by: role).run(in: $0, at: $1) }
    }

    @Test(arguments: Engine.available) func aLimitIsLoosenedByWhoReleases(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        var low = CustomerProfile(number: "T1", name: "Meyer", country: "GB", currency: .gbp)
        let open = low
        low.creditLimitMinor = 1_00
        _ = try await agree(open, from: nil, shop)
        _ = try await agree(low, from: open, shop)
        let first = low
        await refuses("limit_needs_approver") { _ = try await agree(open, from: first, shop) }
        #expect(try await agree(open, from: first, by: .approver, shop).before == first)
    }

    @Test(arguments: Engine.available) func termsAreAgreedFromWhatWasRead(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        let first = CustomerProfile(
            number: "T1", name: "Meyer", country: "DE", currency: .eur, discountTerms: DiscountTerms(basisPoints: 200, days: 10))
        #expect(try await agree(first, from: nil, shop).before == nil)
        await refuses("customer_known") { _ = try await agree(first, from: nil, shop) }
        var second = first
        (second.termsDays, second.ibans) = (14, ["DE02120300000000202051"])
        #expect(try await agree(second, from: first, shop).before == first)
        var third = first
        third.discountTerms = nil
        await refuses("changed_meanwhile") { _ = try await agree(third, from: first, shop) }
        #expect(try await agree(third, from: second, shop).before?.termsDays == 14)
        var stranger = first
        stranger.number = "T9"
        await refuses("customer_not_found") { _ = try await agree(stranger, from: first, shop) }
        let check = try await shop.database.read { try CheckBooks(shop.entity).run(in: $0) }
        #expect(check.faults.isEmpty, "\(check.faults)")
    }

    /// A parent pays for children from one account: that is told, and taken.
    @Test(arguments: Engine.available) func anAccountOfSeveralCustomersIsTold(engine: Engine) async throws {
        let shop = try await Shop.open(engine), iban = "DE02120300000000202051"
        func customer(_ number: String, _ ibans: String...) -> CustomerProfile {
            CustomerProfile(number: number, name: "Customer \(number)", country: "DE", currency: .eur, ibans: ibans)
        }
        #expect(try await agree(customer("T1", iban), from: nil, shop).shared == [])
        #expect(try await agree(customer("T2", iban, "GB29NWBK60161331926819"), from: nil, shop).shared.map(\.customers) == [["T1", "T2"]])
        let many = (10..<30).map { customer("T\($0)", iban) }
        try await shop.run { _ = try SaveCustomers(shop.entity, many).run(in: $0, at: $1) }
        let told = try await shop.database.read { try SharedAccounts(shop.entity, [iban]).run(in: $0) }
        #expect(told.count == 1 && told[0].customers.count == SharedAccounts.customerLimit && told[0].others == 12)
        #expect(told[0].message.contains("T1, T10, T11") && told[0].message.contains("and 12 more"))
    }
}
