import Domain
import Store
import TestSupport
import Testing

@testable import Operations

/// Which names begin as asked is the same on both engines, whatever letters there are, in every order and page by page.
@Suite struct NamePrefixTests {
    private static let names = [
        "Ölmühle", "ölig", "ÖSTERREICH AG", "Oslo Ltd", "Zum Ölberg", "MÜLLER KG", "Müller GmbH", "müLLer & Sohn", "Muller Ltd", "Élan",
    ]

    /// K0, K1 … owe 10.00, 20.00 …
    private func shop(_ engine: Engine) async throws -> Shop {
        let shop = try await Shop.open(engine), entity = shop.entity
        let profiles = Self.names.enumerated().map { CustomerProfile(number: "K\($0)", name: $1, country: "GB", currency: .gbp) }
        let items = profiles.enumerated().map { at, profile in
            OpeningItem(
                number: "O-\(at)", customerNumber: profile.number, issuedOn: "2026-01-05", dueOn: "2026-02-05",
                open: Money(minor: Int64(at + 1) * 10_00, .gbp))
        }
        try await shop.run { tx, now in
            _ = try SaveCustomers(entity, profiles).run(in: tx, at: now)
            _ = try ImportOpenItems(entity, items).run(in: tx, at: now)
        }
        return shop
    }

    @Test(arguments: Engine.available) func everyOrderFindsThemOnce(engine: Engine) async throws {
        let shop = try await shop(engine), entity = shop.entity, day: Day = "2026-03-10"
        try await shop.database.read { tx in
            for (prefix, wanted) in [
                ("ö", [0, 1, 2]), ("ÖL", [0, 1]), ("öL", [0, 1]), ("Öst", [2]), ("o", [3]), ("zum ö", [4]), ("ZUM ÖL", [4]),
                ("müller", [5, 6, 7]), ("MÜLLER", [5, 6, 7]), ("Müller g", [6]), ("muller", [8]), ("é", [9]), ("ß", []),
            ] as [(String, [Int])] {
                for limit in [1, 2, 50] {
                    for order in [CustomerList.Order.name, .owed, .overdue] {
                        func found(reversed: Bool, at moment: ReportMoment? = nil, isRanked: Bool = false) throws -> [String] {
                            try whole { place -> ListPage<CustomerList.Line> in
                                let list = CustomerList(
                                    entity, on: day, order, reversed: reversed, prefix: prefix, after: place, limit: limit, at: moment)
                                return try list.page(in: tx, by: isRanked ? list.wholeRanking(in: tx) : nil)
                            }.map(\.number)
                        }
                        let there = try found(reversed: false)
                        #expect(there.sorted() == wanted.map { "K\($0)" }, "\(prefix) by \(order), \(limit) a page")
                        #expect(try found(reversed: true) == there.reversed())
                        #expect(try found(reversed: false, at: ReportMoment(entity, asOf: day)) == there)
                        if order != .name {
                            #expect(there == wanted.reversed().map { "K\($0)" }, "who owes most is first")
                            #expect(try found(reversed: false, isRanked: true) == there)
                        }
                    }
                }
            }
        }
    }

    @Test func spellingsAreToldApart() {
        #expect(spellings(of: "Meyer") == ["meyer"])
        #expect(spellings(of: "") == [""])
        #expect(Set(spellings(of: "müller")) == ["müller", "mÜller"])
        #expect(Set(spellings(of: "zum ölberg öd")) == ["zum ölberg öd", "zum Ölberg Öd"])
        for text in ["ß", "straße", "ŉ", "ǅ", "ΑΣ", "é é É"] {
            let all = spellings(of: text)
            for one in all { #expect(!all.contains { $0 != one && one.hasPrefix($0) }, "\(text)") }
        }
    }
}
