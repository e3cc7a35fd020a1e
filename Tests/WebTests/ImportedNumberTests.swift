import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Numbers as a file brought them: a request names what is there by the number it has.
@Suite struct ImportedNumberTests {
    private static let number = "K 100", document = "RE 2024/17", day = Day("2026-02-25")!
    private static let terms = "/v1/customers/K%20100/terms"

    private struct Shop {
        let server: DeskServer
        let program: Program
        /// By their numbers.
        let receipts: [String: String]

        func apply(_ receipt: String, _ act: String, _ body: JSON) async -> Program.Reply {
            await program.post("/v1/receipts/\(receipts[receipt] ?? "")/\(act)", body)
        }

        func put(_ body: JSON) async throws -> Answer {
            let bearer = ("Authorization", "Bearer \(program.key)")
            let tag = try #require(await server.send(.get, ImportedNumberTests.terms, [bearer]).header(.eTag))
            return await server.send(
                .put, ImportedNumberTests.terms, [bearer, ("Content-Type", "application/json"), ("If-Match", tag)], body: body.line)
        }
    }

    /// K 100 owes 600.00 on RE 2024/17, and two receipts wait.
    private func shop(_ engine: Engine) async throws -> Shop {
        let server = try await DeskServer.open(engine), program = try await Program(server, .controller), day = Self.day
        let item = OpeningItem(
            number: Self.document, customerNumber: Self.number, issuedOn: day + -50, dueOn: day + -20, open: Money(minor: 600_00, .gbp))
        let receipts = ([("R1", 100_00), ("R2", 7_77)] as [(String, Int64)]).map { number, minor in
            ReceiptIntake(
                method: "card", externalID: number, bookedOn: day, amount: Money(minor: minor, .gbp), payerName: "Nobody", payerIBAN: nil,
                endToEndID: nil, remittance: "?")
        }
        try await server.write { tx, at in _ = try ImportOpenItems(ID(1), [item]).run(in: tx, at: at) }
        try await server.write { tx, at in _ = try RecordReceipts(ID(1), receipts, on: day).run(in: tx, at: at) }
        try await server.write { tx, at in _ = try ApplyReceipts(ID(1), on: day, toleranceMinor: 0, policy: .standard).run(in: tx, at: at) }
        let told = await program.get("/v1/receipts").rows.compactMap { row -> (String, String)? in
            guard let number = row["number"]?.text, let id = row["id"]?.text else { return nil }
            return (number, id)
        }
        return Shop(server: server, program: program, receipts: Dictionary(told, uniquingKeysWith: { first, _ in first }))
    }

    private func line(_ minor: Int64) -> [JSON.Member] {
        [.init("document", .text(Self.document)), .init("amount", ["minor": .integer(minor), "currency": "GBP"])]
    }

    @Test(arguments: Engine.available) func moneyIsAppliedToThem(engine: Engine) async throws {
        let shop = try await shop(engine), number = JSON.text(Self.number)
        let settled = JSON.object(line(40_00) + [.init("customer_number", number)])
        let deducted = JSON.object(line(5_00) + [.init("reason_code", "price")])
        let applied = await shop.apply(
            "R1", "apply",
            ["customer_number": number, "reason": "by phone", "lines": .array([settled]), "deductions": .array([deducted])])
        #expect(applied.status == 200 && applied.json["customer_number"]?.text == Self.number, "\(applied.json)")
        let further = await shop.apply("R1", "apply-from-account", ["reason": "by phone", "lines": .array([.object(line(20_00))])])
        #expect(further.status == 200, "\(further.json)")
        let open = await shop.program.get("/v1/invoices/RE%202024%2F17")
        #expect(open.json["open"]?.minor == 540_00 && open.json["number"]?.text == Self.document)
        #expect(await shop.program.get("/v1/slices").rows.first?["document"]?.text == Self.document)
    }

    @Test(arguments: Engine.available) func termsAreAgreedWithThem(engine: Engine) async throws {
        let shop = try await shop(engine), program = shop.program, number = JSON.text(Self.number)
        var members: [JSON.Member] = [
            .init("number", number), .init("name", "Kunde"), .init("email", "ap@kunde.example"), .init("country", "GB"),
            .init("currency", "GBP"),
        ]
        let put = try await shop.put(.object(members))
        #expect(put.status == .ok, "\(put.body)")
        #expect(await program.get(Self.terms).json["email"] == "ap@kunde.example")
        members[1] = .init("name", "Kunde AG")
        let child: JSON = ["number": "K 100/1", "name": "Child", "country": "GB", "currency": "GBP", "parent_number": number]
        let saved = await program.post("/v1/customers", ["customers": .array([.object(members), child])])
        #expect(saved.json["customers"]?.array?.compactMap { $0["outcome"]?.text } == ["changed", "created"], "\(saved.json)")
        #expect(await program.get("/v1/customers/K%20100%2F1").json["parent_number"]?.text == Self.number)
        #expect(try await shop.put(.object(members + [.init("parent_number", "K 100/1")])).status == .unprocessableContent, "a circle")
        let question: JSON = ["customer_number": number, "question": "What is it for?", "answer_by": "2026-03-10"]
        #expect(await shop.apply("R2", "ask", question).status == 200)
        let code: JSON = ["customer_number": number, "customer_code": "X9", "reason_code": "price"]
        #expect(await program.post("/v1/deduction-codes", code).status == 200)
        #expect(await program.get("/v1/deduction-codes?customer_number=K%20100").rows == [code])
    }

    @Test(arguments: Engine.available) func listsAreNarrowedByThem(engine: Engine) async throws {
        let shop = try await shop(engine)
        for path in [
            "customers", "orders", "invoices", "open-items", "slices", "deduction-codes", "receipts", "cash-queue", "remittances",
            "journal", "events", "reports/open-items",
        ] {
            let reply = await shop.program.get("/v1/\(path)?customer_number=K%20100")
            #expect(reply.status == 200, "\(path): \(reply.json)")
            if ["customers", "invoices", "open-items", "journal", "reports/open-items"].contains(path) {
                #expect(reply.rows.count == 1, "\(path)")
            }
            for wrong in ["K%0A100", "K%00100", "K%7F", "", String(repeating: "K", count: 81)] {
                #expect(await shop.program.get("/v1/\(path)?customer_number=\(wrong)").status == 400, "\(path) of \(wrong)")
            }
        }
    }

    @Test func whatNoNumberHoldsIsRefused() async throws {
        let shop = try await shop(.sqlite), number = JSON.text(Self.number)
        for wrong in ["", "RE\u{0}17", "RE\u{1}17", "RE\n17", "RE\u{7F}", String(repeating: "R", count: 81)] {
            let named: JSON = ["document": .text(wrong), "amount": ["minor": 1, "currency": "GBP"]]
            let bodies: [JSON] = [
                ["customer_number": number, "reason": "none", "lines": .array([named])],
                ["customer_number": .text(wrong), "reason": "none", "lines": .array([])],
            ]
            for body in bodies {
                let reply = await shop.apply("R1", "apply", body)
                #expect(reply.status == 400 && reply.code == "field_invalid", "\(reply.json)")
            }
        }
        func customer(_ number: String) -> JSON { ["number": .text(number), "name": "Meyer", "country": "GB", "currency": "GBP"] }
        let saved = await shop.program.post(
            "/v1/customers", ["customers": .array([" K 100", "K 100 ", " ", "K 100"].map { customer($0) })])
        let told = saved.json["customers"]?.array ?? []
        #expect(told.compactMap { $0["outcome"]?.text } == ["refused", "refused", "refused", "changed"], "\(saved.json)")
        #expect(told.compactMap { $0["field"]?.text } == ["number", "number", "number"])
    }

    /// Who has the document alone may write each number into an address.
    @Test func theDocumentTakesThemInPaths() throws {
        let parameters = try JSONReader.read(OpenAPI.document)["paths"]?["/v1/customers/{number}"]?["get"]?["parameters"]?.array ?? []
        let schema = try #require(parameters.first { $0["name"] == "number" }?["schema"])
        let pattern = try Regex(try #require(schema["pattern"]?.text))
        for number in [Self.number, Self.document, "C1", "Müller & Söhne/7", "=1+1"] {
            #expect(try pattern.wholeMatch(in: number) != nil, "\(number)")
        }
        for number in ["K\n100", "K\u{1}", "K\u{7F}"] { #expect(try pattern.wholeMatch(in: number) == nil) }
    }
}
