import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// No page of the desk and no export of one shows the digest by which a bank's receipt is known.
@Suite struct ReceiptNamePageTests {
    private func fill(_ server: DeskServer) async throws {
        let day = Day("2026-02-10")!, amount = Money(minor: 60_00, .gbp), account = "GB33BUKB20201555555555"
        let item = OpeningItem(
            number: "OLD-1", customerNumber: "C1", issuedOn: day + -40, dueOn: day + -10, open: Money(minor: 100_00, .gbp))
        let header = StatementHeader(format: "camt.053.001.08", id: "S1", account: account, currency: .gbp, createdOn: day)
        let summary = ImportStatement.Summary(
            header: header, fileDigest: "S1", currency: .gbp, opening: nil, closing: nil, findings: [], throughOn: day)
        var keys = EntryKeys(account: account)
        let entry = keys.key(
            BankEntry(
                amount: amount, bookedOn: day, valueOn: day, reference: "R1",
                transactions: [.init(amount: amount, counterpartyName: "Meyer GmbH", remittance: "see letter")]))
        try await server.write { tx, now in
            _ = try ImportOpenItems(ID(1), [item]).run(in: tx, at: now)
            _ = try ImportStatement(ID(1), summary, [entry]).run(in: tx, at: now)
        }
        try await server.write { tx, now in
            let number = try tx.first("SELECT external_id FROM receipt WHERE entity_id = 1") { $0.text(0) } ?? ""
            let line = ApplyByHand.Line("OLD-1", Money(minor: 50_00, .gbp))
            try ApplyByHand(ID(1), method: "bank", externalID: number, customer: "C1", [line], reason: "by phone", on: day).run(
                in: tx, at: now)
        }
    }

    @Test(arguments: Engine.available) func pagesNameAReceiptByPayerAndDay(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), ann = try await server.person(.controller, "ann")
        try await fill(server)
        let receipt = try await server.count("SELECT id FROM receipt WHERE entity_id = 1")
        for (path, isNamed) in [
            ("/ledger/journal", true), ("/ledger/journal?format=csv", true), ("/search?q=60.00", true), ("/customers/C1", true),
            ("/receipts/\(receipt)", false), ("/receipts?format=csv", false), ("/", false),
        ] {
            let answer = await ann.get(path), text = answer.body.replacing(ann.csrf, with: "")
            #expect(answer.status == .ok, "\(path)")
            #expect(!text.contains(/[0-9a-f]{10,}…/) && !text.contains(/[0-9a-f]{30}/), "\(path)")
            if isNamed { #expect(text.contains("Meyer GmbH, 10 Feb 2026"), "\(path)") }
        }
    }
}
