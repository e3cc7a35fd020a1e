import Domain
import Store
import TestSupport
import Testing

@testable import Operations

/// Where people read, a bank's receipt goes by payer and booking day; its digest stands in the facts alone.
@Suite struct ReceiptNameTests {
    private static func holdsDigest(_ text: String) -> Bool { text.contains(/[0-9a-f]{20}/) }

    @Test(arguments: Engine.available) func aReceiptGoesByItsPayerAndDay(engine: Engine) async throws {
        let shop = try await Shop.desk(engine)
        try await shop.pays(80_00, "INV-2026-000002", from: "Smith", e2e: "E3", on: "2026-03-04")
        let fee = BankEntry(
            amount: Money(minor: -5_00, .gbp), bookedOn: "2026-03-05", valueOn: "2026-03-05", reference: "FEE-1", transactions: [])
        try await shop.statement("S-FEE", [fee])
        try await shop.receive("T-1", 10_00, "on account", from: "C1", on: "2026-03-05")
        try await shop.database.read { [entity = shop.entity] tx in
            let journal = try JournalList(entity).page(in: tx).rows, names = journal.map(\.name)
            #expect(names.contains("Meyer, 3 Mar 2026") && names.contains("bank entry FEE-1, 5 Mar 2026") && names.contains("T-1"))
            #expect(names.contains("INV-2026-000001") && !names.contains(where: Self.holdsDigest))
            #expect(journal.contains { Self.holdsDigest($0.memo) }, "the fact stays as it was written")
            var memos: [String] = []
            try JournalReading(entity).entries(in: tx) { memos.append($0.memo) }
            #expect(Array(memos.reversed()) == names, "the export names them alike")
            let items = try OpenItemsReport(ReportMoment(entity, asOf: "2026-03-10")).table(in: tx).rows.map { $0[3] }
            #expect(items.contains(.text("Meyer, 3 Mar 2026")) && items.contains(.text("Unknown 100% Ltd, 3 Mar 2026")))
            let hits = try Search(entity, "120.00").run(in: tx).hits
            #expect(hits.map(\.number) == ["Unknown 100% Ltd, 3 Mar 2026"])
            let document = try ReadDocument(entity, number: "INV-2026-000002", on: "2026-03-10").run(in: tx)
            #expect(document?.settlements.map(\.number) == ["Smith, 4 Mar 2026"])
            let customer = try ReadCustomer(ReportMoment(entity, asOf: "2026-03-10"), number: "C2").run(in: tx)
            #expect(customer?.documents.compactMap { $0.receipt?.name } == ["Smith, 4 Mar 2026"])
        }
    }

    /// A bank that tells of nobody, and a digest of which nothing is known any more.
    @Test(arguments: Engine.available) func aNameIsFoundForEveryDigest(engine: Engine) async throws {
        let shop = try await Shop.open(engine), unknown = String(repeating: "0a", count: 15)
        try await shop.pays(10_00, "?", on: "2026-03-03")
        let number = try #require(try await shop.receipts().first)
        try await shop.database.read { [entity = shop.entity] tx in
            let names = try ReceiptNames(entity, [number, unknown, "INV-1"], in: tx)
            #expect(names[number] == "unknown payer, 3 Mar 2026")
            #expect(names[unknown] == "0a0a0a0a0a…" && names["INV-1"] == "INV-1")
        }
    }

    @Test func aDigestIsToldFromAChannelsNumber() {
        let digest = String(repeating: "0123456789", count: 3)
        for text in [digest, digest + "-2", digest + "/1"] { #expect(isEntryKey(text)) }
        for text in ["", "T-1", String(digest.dropLast()), "ORDER " + digest] { #expect(!isEntryKey(text)) }
        #expect(!ReceiptRefusal.notApplied(digest).message.contains("0123456789"))
        #expect(ReceiptRefusal.notApplied("T-1").message.hasPrefix("receipt T-1 "))
    }
}
