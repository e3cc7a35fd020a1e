import Domain
import Operations
import Store
import TestSupport
import Testing

/// Somebody else's copy of what is open, kept from the feed alone.
private struct Mirror {
    private struct Item {
        let name: String
        var open: Int64
    }
    private var items: [Int64: Item] = [:]
    private(set) var types: Set<String> = []
    private(set) var changed: [String] = []
    private(set) var cursor: Int64 = 0

    mutating func take(_ event: EventFeed.Event) throws {
        #expect(event.id > cursor, "each event has an id of its own, in order")
        cursor = event.id
        types.insert(event.type)
        changed += event.customers
        if let item = event.item, let amount = event.amount {
            items[item] = Item(name: "\(event.customer ?? "") \(amount.currency.code)", open: amount.minor)
        }
        guard let settled = event.settled else { return }
        let amount = try #require(event.amount)
        #expect(items[settled.debit] != nil && items[settled.credit] != nil, "an item comes before what settles it")
        items[settled.debit]?.open -= amount.minor
        items[settled.credit]?.open += amount.minor
    }

    var openByItem: [Int64: Int64] { items.mapValues(\.open).filter { $0.value != 0 } }

    var open: [String] { items.values.filter { $0.open != 0 }.map { "\($0.name) \($0.open)" }.sorted() }
}

@Suite struct EventMirrorTests {
    /// Every kind of fact that moves a balance, after those of the covered shop.
    private func story(_ engine: Engine) async throws -> Shop {
        let shop = try await CoveredShop.open(engine), iban = CoveredShop.iban
        let given = try await shop.invoice("C1", 40_00, on: "2026-02-21")
        try await shop.writeOff(given, 15_00, on: "2026-02-21")
        try await shop.takeBackWriteOff(given, on: "2026-02-22")
        try await shop.writeOff(given, 4_00, on: "2026-02-22")
        let returned = try await shop.invoice("C1", 25_00, on: "2026-02-22")
        try await shop.pays(25_00, returned, iban: iban, e2e: "E9", on: "2026-02-23")
        try await shop.statement("R", [.returned(25_00, e2e: "E9", on: "2026-02-24")])
        let undone = try await shop.invoice("C1", 26_00, on: "2026-02-24")
        try await shop.pays(26_00, undone, iban: iban, on: "2026-02-25")
        try await shop.unapply(try #require(try await shop.receipts().last), on: "2026-02-26")
        try await shop.pays(8_88, "meant for our neighbour", from: "Stranger", on: "2026-02-26")
        let aside = SetReceiptAside(
            shop.entity, method: "bank", externalID: try #require(try await shop.receipts().last), reason: "not ours", on: "2026-02-27")
        try await shop.run { try aside.run(in: $0, at: $1) }
        try await shop.customer("C2", "Smith & Daughters Ltd.", email: "books@smith.example")
        return shop
    }

    @Test(arguments: Engine.available, [1, 7, 1_000]) func aMirrorOfTheFeedShowsTrueBalances(engine: Engine, page: Int) async throws {
        let shop = try await story(engine)
        var mirror = Mirror()
        while true {
            let feed = EventFeed(shop.entity, after: mirror.cursor, limit: page)
            let events = try await shop.database.read { try feed.events(in: $0) }
            if events.isEmpty { break }
            for event in events { try mirror.take(event) }
        }
        let report = try await shop.database.read {
            try OpenItemsReport(ReportMoment(shop.entity, asOf: "2099-12-31")).table(in: $0)
        }
        let open = report.rows.map { row -> String in
            guard case .text(let customer) = row[0], case .money(let open) = row[9] else { return "" }
            return "\(customer) \(open.currency.code) \(open.minor)"
        }
        #expect(mirror.open == open.sorted() && !open.isEmpty)
        let items = try await shop.database.read { tx in
            try tx.rows("SELECT id, open_minor FROM open_item WHERE entity_id = \(shop.entity) AND open_minor <> 0") {
                ($0.integer(0), $0.integer(1))
            }
        }
        #expect(mirror.openByItem == Dictionary(uniqueKeysWithValues: items))
        let told: Set<String> = [
            "customer.created", "customers.changed", "period.closed", "open_item.taken_over", "open_item.adjusted", "receipt.returned",
            "receipt.asked", "receipt.set_aside", "receipt.unapplied", "document.written_off", "document.write_off_reversed",
            "allocation.made", "allocation.reversed", "statement.imported", "remittance.recorded", "invoice.issued", "dunning_notice.sent",
        ]
        #expect(told.isSubset(of: mirror.types), "\(told.subtracting(mirror.types))")
        #expect(mirror.types.isSubset(of: EventFeed.types), "\(mirror.types.subtracting(EventFeed.types))")
        #expect(mirror.changed.contains("C2"))
    }
}
