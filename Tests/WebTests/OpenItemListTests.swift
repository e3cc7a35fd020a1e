import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// The items that events name can be read: what each is, whose, and what is open of it, now and at an earlier moment.
@Suite struct OpenItemListTests {
    private struct Story {
        let server: DeskServer
        let program: Program
        /// Before the receipt came, and before it was applied.
        let start, received: String

        func rows(_ query: String = "") async -> [JSON] { await program.get("/v1/open-items?\(query)").rows }
        func kinds(_ query: String = "") async -> [String] { await rows(query).compactMap { $0["kind"]?.text } }
    }
    private static let day = "2026-02-25"

    /// C1 owes 600.00 since 5 January; on 25 February a receipt of 100.00 comes, is applied to it by hand, and 8.00 are disputed.
    private func story(_ engine: Engine) async throws -> Story {
        let server = try await DeskServer.owed(engine), program = try await Program(server, .controller), day = Day(Self.day)!
        let start = server.clock.next().iso8601
        let receipt = ReceiptIntake(
            method: "card", externalID: "R1", bookedOn: day, amount: Money(minor: 100_00, .gbp), payerName: nil, payerIBAN: nil,
            endToEndID: nil, remittance: "?")
        try await server.write { tx, at in _ = try RecordReceipts(ID(1), [receipt], on: day).run(in: tx, at: at) }
        let received = server.clock.next().iso8601
        try await server.write { tx, at in
            try ApplyByHand(
                ID(1), method: "card", externalID: "R1", customer: "C1", [.init(DeskServer.document, Money(minor: 100_00, .gbp))],
                reason: "by phone", on: day
            ).run(in: tx, at: at)
        }
        try await server.write { tx, at in
            try OpenSlice(
                ID(1), document: DeskServer.document, .dispute, Money(minor: 8_00, .gbp), reason: "scratched", role: "clerk", on: day
            ).run(in: tx, at: at)
        }
        return Story(server: server, program: program, start: start, received: received)
    }

    @Test(arguments: Engine.available) func anItemTellsWhatItIs(engine: Engine) async throws {
        let story = try await story(engine)
        let item = try #require(await story.rows().first)
        #expect(await story.rows().count == 1)
        #expect(item["kind"] == "opening" && item["number"]?.text == DeskServer.document && item["customer_number"] == "C1")
        #expect(item["customer_name"] == "Meyer" && item["on"] == "2026-01-05" && item["due_on"] == "2026-02-04")
        #expect(item["amount"]?.minor == 600_00 && item["open"]?.minor == 500_00)
        #expect(item["disputed"]?.minor == 8_00 && item["promised"]?.minor == 0 && item["receipt"] == .null)
        let before = try #require(await story.rows("as_of=\(Self.day)&known_at=\(story.received)&kind=receipt").first)
        #expect(before["customer_number"] == .null && before["customer_name"] == .null && before["number"] == "R1")
        #expect(before["amount"]?.minor == -100_00 && before["open"]?.minor == -100_00)
        let receipt = await story.program.get("/v1/receipts").rows.first
        #expect(before["receipt"] == receipt?["id"] && before["receipt"]?.text != nil)
    }

    @Test(arguments: Engine.available) func itemsAreNarrowedDown(engine: Engine) async throws {
        let story = try await story(engine), all = await story.rows("state=all")
        #expect(all.count > 2 && all.compactMap { $0["id"]?.text } == all.compactMap { $0["id"]?.text }.sorted(by: >))
        #expect(await story.kinds("state=overdue") == ["opening"])
        #expect(await story.kinds("state=overdue&as_of=2026-02-04").isEmpty)
        let settled = await story.kinds("state=settled")
        #expect(settled.count == all.count - 1 && settled.contains("receipt") && !settled.contains("opening"))
        #expect(await story.kinds("state=all&kind=receipt").allSatisfy { $0 == "receipt" })
        #expect(await story.kinds("customer_number=C1") == ["opening"])
        #expect(await story.kinds("customer_number=C9").isEmpty)
        let own = await story.rows("state=all&customer_number=C1")
        #expect(own.count > 1 && own.allSatisfy { $0["customer_number"] == "C1" } && own.last?["kind"] == "opening")
        #expect(await story.rows("state=all&customer_number=C1&as_of=\(Self.day)") == own)
        #expect(await story.kinds("from=2026-01-06").isEmpty)
        #expect(await story.kinds("from=2026-01-05&through=2026-01-05") == ["opening"])
        #expect(await story.kinds("currency=GBP&at_least_minor=60000") == ["opening"])
        #expect(await story.kinds("currency=EUR").isEmpty)
        #expect(await story.kinds("at_least_minor=60001").isEmpty)
        var found: [JSON] = [], after = ""
        for _ in 0..<20 {
            let page = await story.program.get("/v1/open-items?state=all&limit=1\(after)")
            found += page.rows
            guard let next = page.json["next"]?.text else { break }
            after = "&after=\(Link.encoded(next))"
        }
        #expect(found == all)
    }

    @Test(arguments: Engine.available) func anItemIsThatOfTheMoment(engine: Engine) async throws {
        let story = try await story(engine)
        func open(_ query: String) async -> [Int64] { await story.rows(query).compactMap { $0["open"]?.minor } }
        #expect(await open("as_of=2026-01-04").isEmpty)
        #expect(await open("as_of=2026-02-24") == [600_00])
        #expect(await open("known_at=\(story.start)") == [600_00])
        #expect(await open("as_of=\(Self.day)&known_at=\(story.received)") == [-100_00, 600_00])
        #expect(await open("as_of=\(Self.day)") == [500_00])
        let id = try #require(await story.rows().first?["id"]?.text), path = "/v1/open-items/\(id)"
        #expect(await story.program.get(path).json["open"]?.minor == 500_00)
        #expect(await story.program.get("\(path)?known_at=\(story.received)").json["open"]?.minor == 600_00)
        #expect(await story.program.get("\(path)?as_of=2026-01-04").status == 404)
        for date in ["2026-01-31", "2026-02-24", Self.day] {
            let report = await story.program.get("/v1/reports/open-items?as_of=\(date)").rows
            #expect(await open("as_of=\(date)").sorted() == report.compactMap { $0["open"]?.minor }.sorted(), "the report of \(date)")
        }
    }

    /// Whoever adds up the events has what each item tells.
    @Test(arguments: Engine.available) func everyItemOfAnEventIsThere(engine: Engine) async throws {
        let story = try await story(engine)
        var open: [String: Int64] = [:], objects: Set<String> = []
        for event in await story.program.get("/v1/events?since=0&limit=200").rows {
            guard let amount = event["amount"]?.minor else { continue }
            if let item = event["item"]?.text { open[item, default: 0] += amount }
            if let debit = event["debit_item"]?.text, let credit = event["credit_item"]?.text {
                open[debit, default: 0] -= amount
                open[credit, default: 0] += amount
            }
            if let object = event["object"]?.text, object.hasPrefix("itm_") { objects.insert(object) }
        }
        #expect(open.count > 2 && !objects.isEmpty && objects.isSubset(of: open.keys))
        for (id, minor) in open {
            let item = await story.program.get("/v1/open-items/\(id)")
            #expect(item.status == 200 && item.json["open"]?.minor == minor, "\(id): \(item.json)")
        }
    }
}
