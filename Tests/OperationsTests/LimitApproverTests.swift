import Domain
import Operations
import Store
import TestSupport
import Testing

/// Who may loosen the limit that holds a customer's orders.
@Suite struct LimitApproverTests {
    private func profile(_ number: String, _ limit: Int64?, _ currency: Currency = .gbp) -> CustomerProfile {
        CustomerProfile(number: number, name: "Customer \(number)", country: "GB", creditLimitMinor: limit, currency: currency)
    }

    private func save(_ profiles: CustomerProfile..., by role: Role?, _ shop: Shop) async throws -> SaveCustomers.Report {
        try await shop.run { try SaveCustomers(shop.entity, profiles, by: role).run(in: $0, at: $1) }
    }

    @Test(arguments: Engine.available) func onlyWhoReleasesLoosensALimit(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", limit: 100_00)
        for role in Role.allCases {
            for (limit, currency) in [(nil, .gbp), (100_01, .gbp), (1, .eur)] as [(Int64?, Currency)] {
                let report = try await save(profile("C1", limit, currency), by: role, shop), may = role.rights.contains(.approve)
                #expect(report.changed == (may ? 1 : 0) && report.refused.map(\.number) == (may ? [] : ["C1"]), "\(role) \(currency.code)")
                #expect(report.refused.allSatisfy { $0.limit == Money(minor: 100_00, .gbp) })
                try await shop.customer("C1", limit: 100_00)
            }
        }
        #expect(try await save(profile("C1", nil), by: nil, shop).changed == 1, "the operator's file")
        for limit in [100_00, 100_00, 99_99, 0] as [Int64] {
            #expect(try await save(profile("C1", limit), by: .clerk, shop).changed == 1, "a first limit, the same one, lower ones")
        }
        let check = try await shop.database.read { try CheckBooks(shop.entity).run(in: $0) }
        #expect(check.faults.isEmpty, "\(check.faults)")
    }

    @Test(arguments: Engine.available) func theOthersOfTheCallAreTaken(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer", limit: 100_00)
        try await shop.customer("C2", limit: 100_00)
        let report = try await save(profile("C1", 200_00), profile("C2", 50_00), profile("C3", nil), by: .clerk, shop)
        #expect(report.changed == 1 && report.created == 1 && report.refused.map(\.number) == ["C1"])
        let standing = try await shop.texts(
            "SELECT number || ' ' || name || ' ' || COALESCE(credit_limit_minor, -1) FROM customer WHERE entity_id = 1 ORDER BY number")
        #expect(standing == ["C1 Meyer 10000", "C2 Customer C2 5000", "C3 Customer C3 -1"])
    }
}
