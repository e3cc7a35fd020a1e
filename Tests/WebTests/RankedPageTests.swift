import Domain
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What a server keeps of its sorted pages is of one legal entity, and right after every booking.
@Suite struct RankedPageTests {
    private func owe(_ server: DeskServer, _ number: String, _ customer: String, _ minor: Int64) async throws {
        let item = OpeningItem(
            number: number, customerNumber: customer, issuedOn: Day("2026-01-05")!, dueOn: Day("2026-01-31")!,
            open: Money(minor: minor, .gbp))
        try await server.write { [entity = server.entity] tx, now in _ = try ImportOpenItems(entity, [item]).run(in: tx, at: now) }
    }

    private func numbers(_ visitor: Visitor, _ sort: String) async -> [String] {
        let lines = await visitor.get("/customers?sort=\(sort)&format=csv").body.split(separator: "\r\n").dropFirst()
        return lines.map { String($0.split(separator: ",", omittingEmptySubsequences: false)[1]) }
    }

    @Test(arguments: Engine.available) func customersComeByWhatTheyOweNow(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), other = DeskServer(server.database, ID(2))
        try await other.create()
        let ann = try await server.person(.administrator, "ann")
        try await ann.grant(2, .administrator)
        try await owe(server, "OLD-1", "C1", 100_00)
        try await owe(server, "OLD-2", "C2", 50_00)
        #expect(await numbers(ann, "owed") == ["C1", "C2"])
        #expect(await numbers(ann, "-overdue") == ["C2", "C1"])
        try await owe(server, "OLD-3", "C2", 70_00)
        try await owe(server, "OLD-4", "C3", 500_00)
        #expect(await numbers(ann, "owed") == ["C3", "C2", "C1"])
        #expect(await numbers(ann, "-overdue") == ["C1", "C2", "C3"])
        try await owe(other, "OLD-1", "D1", 10_00)
        let there = try await ann.choose(2)
        #expect(await numbers(there, "owed") == ["D1"])
        let back = try await there.choose(1)
        #expect(await numbers(back, "owed") == ["C3", "C2", "C1"])
        #expect(await back.get("/customers?sort=owed&begins=customer%20c2&format=csv").body.contains("120.00"))
    }

    /// A name that changed is found by what it is now, and one that is new at once.
    @Test(arguments: Engine.available) func aCustomerIsFoundByTheNameItHasNow(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), ann = try await server.person(.clerk, "ann")
        func found(_ words: String) async -> Bool { await ann.get("/search?q=\(words)").body.contains("/customers/K7") }
        #expect(await !found("stra%C3%9Fe"))
        for (name, words, gone) in [("Hauptstraße 7 GmbH", "STRA%C3%9FE", "markt"), ("Am Markt GmbH", "markt", "stra%C3%9Fe")] {
            let profile = CustomerProfile(number: "K7", name: name, country: "DE", currency: .gbp)
            try await server.write { [entity = server.entity] tx, now in _ = try SaveCustomers(entity, [profile]).run(in: tx, at: now) }
            #expect(await found(words), "\(name)")
            #expect(await !found(gone), "\(name)")
        }
    }

    @Test(arguments: Engine.available) func aNewOrderTakesItsPlaceInASortedList(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), ann = try await server.person(.clerk, "ann")
        for (at, price) in [20, 50, 30].enumerated() {
            let order = webOrder("SO-\(at)", net: Int64(price) * 100, on: Day("2026-02-01")!)
            try await server.write { tx, now in _ = try PlaceOrders(ID(1), [order]).run(in: tx, at: now) }
            let lines = await ann.get("/orders?sort=amount&format=csv").body.split(separator: "\r\n").dropFirst()
            let numbers = lines.map { String($0.split(separator: ",")[0]) }
            #expect(numbers == [["SO-0"], ["SO-1", "SO-0"], ["SO-1", "SO-2", "SO-0"]][at])
        }
    }
}
