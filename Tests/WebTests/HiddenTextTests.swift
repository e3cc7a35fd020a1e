import Connectors
import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Texts that turn around or hide come out harmless, and stay what they are in the books and in what a form sends back.
@Suite struct HiddenTextTests {
    private static let name = "Mey\u{202E}er\u{200B} GmbH", shown = "Mey[U+202E]er[U+200B] GmbH"

    /// What a form sends back is not shown.
    private func isHarmless(_ text: String) -> Bool {
        !text.replacing(#/ (name|value)="[^"]*"/#, with: "").unicodeScalars.contains(where: \.isHidden)
    }

    private func server() async throws -> DeskServer {
        let server = try await DeskServer.owed(.sqlite), day = Day("2026-02-20")!
        let customer = CustomerProfile(number: "C9", name: Self.name, email: "ap@meyer.example", country: "GB", currency: .gbp)
        let receipt = ReceiptIntake(
            method: "bank", externalID: "B1", bookedOn: day, amount: Money(minor: 500_00, .gbp), customer: nil, payerName: Self.name,
            remittance: "INV\u{2066}7\u{FEFF}")
        let item = OpeningItem(number: "\u{FF1D}1\u{200F}", customerNumber: "C9", issuedOn: day, dueOn: day, open: Money(minor: 5_00, .gbp))
        try await server.write { tx, now in
            _ = try SaveCustomers(ID(1), [customer]).run(in: tx, at: now)
            _ = try ImportOpenItems(ID(1), [item]).run(in: tx, at: now)
            _ = try RecordReceipts(ID(1), [receipt], on: day).run(in: tx, at: now)
        }
        try await server.write { tx, now in _ = try ApplyReceipts(ID(1), on: day, toleranceMinor: 0).run(in: tx, at: now) }
        return server
    }

    @Test func pagesAndFilesShowWhatHides() async throws {
        let server = try await server(), ann = try await server.person(.administrator, "ann")
        let receipt = try await server.count("SELECT id FROM receipt WHERE entity_id = 1")
        for path in [
            "/customers", "/customers/C9", "/customers/C9/statement", "/cash", "/receipts", "/receipts/\(receipt)", "/invoices",
            "/collections",
            "/search?q=500.00", "/", "/figures/aging", "/customers?format=csv", "/receipts?format=csv", "/invoices?format=csv",
        ] {
            let page = await ann.get(path)
            #expect(page.status == .ok && isHarmless(page.body), "\(path)")
        }
        #expect(await ann.get("/customers/C9").body.contains(Self.shown))
        #expect(await ann.get("/receipts/\(receipt)").body.contains("INV[U+2066]7[U+FEFF]"))
        let file = await ann.get("/invoices?format=csv").body
        #expect(file.contains("'\u{FF1D}1[U+200F],"))
        let key = try await server.key(.viewer)
        let csv = await server.send(.get, "/v1/customers", [("Authorization", "Bearer \(key)"), ("Accept", "text/csv")]).body
        #expect(csv.contains(Self.shown) && isHarmless(csv))
        // Programs read what is stored.
        #expect(await server.send(.get, "/v1/customers/C9", [("Authorization", "Bearer \(key)")]).body.contains(Self.name))
    }

    /// The name stays what it is when somebody changes something else.
    @Test func aFormSendsBackWhatStands() async throws {
        let server = try await server(), ann = try await server.person(.clerk, "ann")
        let page = await ann.get("/customers/C9/terms").body
        #expect(page.contains("name=\"name\" value=\"\(Self.name)\"") && page.contains("name=\"read_name\" value=\"\(Self.name)\""))
        #expect(page.contains("<title>Edit \(Self.shown)"))
        let fields = [
            ("name", Self.name), ("email", "ap@meyer.example"), ("country", "GB"), ("currency", "GBP"), ("billing", "order"),
            ("cash_policy", "reference"),
        ]
        let form = fields.flatMap { name, value in ["\(name)=\(Link.encoded(value))", "read_\(name)=\(Link.encoded(value))"] }
        let saved = await ann.post("/customers/C9/terms", (form + ["terms_days=14", "read_terms_days=30"]).joined(separator: "&"))
        #expect(saved.header(.location) == "/customers/C9", "\(saved.body)")
        let stored = try await server.database.read {
            try $0.first("SELECT name, terms_days FROM customer WHERE entity_id = 1 AND number = 'C9'") { ($0.text(0), $0.integer(1)) }
        }
        #expect(stored?.0 == Self.name && stored?.1 == 14)
    }

    @Test func aMailShowsWhatHides() async throws {
        let server = try await server(), folder = FileManager.default.temporaryDirectory.appending(path: "florin-\(Secret.token(""))")
        let day = Day("2026-02-25")!, statement = SendStatement(ReportMoment(ID(1), asOf: day), customerNumber: "C9", on: day)
        try await server.write { tx, now in _ = try statement.run(in: tx, at: now) }
        defer { try? FileManager.default.removeItem(at: folder) }
        let clock = server.clock
        _ = try await DeliverOutbox(server.database, ID(1), .folder(folder.path), from: "accounts@example.com", clock: { clock.next() })
            .run()
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.count == 1)
        for file in files {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8).replacing("\r\n", with: "\n")
            #expect(text.contains(Self.shown) && isHarmless(text))
        }
    }

    @Test func aLineOfTheLogStaysOneLine() {
        let line = logLine([("message", "job failed"), ("error", "no \u{202E}such\n\"file\"\u{1B}[2J")])
        #expect(line == "{\"message\":\"job failed\",\"error\":\"no [U+202E]such\\u000a\\\"file\\\"[U+001B][2J\"}\n")
    }
}
