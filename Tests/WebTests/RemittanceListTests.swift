import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Advices that events name can be read: what the payer says line by line, and which receipt it explains.
@Suite struct RemittanceListTests {
    private struct Story {
        let server: DeskServer
        let program: Program
        /// Before anything was taken in, and before the receipt came.
        let start, advised: String

        func rows(_ query: String = "") async -> [JSON] { await program.get("/v1/remittances?\(query)").rows }
        func references(_ query: String = "") async -> [String] { await rows(query).compactMap { $0["payment_reference"]?.text } }
    }

    private static func at(_ line: Int) -> Citation { Citation(line: line, columns: 1..<9) }

    /// 150.00 for two documents of 101.10, less 1.10, and 50.00.
    private static func advice() -> RemittanceAdvice {
        func money(_ minor: Int64, _ line: Int) -> Cited<Money> { Cited(Money(minor: minor, .gbp), at(line)) }
        var first = RemittanceAdvice.Line(Cited("A-1", at(10))), second = RemittanceAdvice.Line(Cited("A-2", at(11)), kind: .other)
        (first.gross, first.discount, first.paid) = (money(102_10, 10), money(1_00, 10), money(100_00, 10))
        first.deductions = [.init(amount: money(1_10, 10), reason: Cited("damage", at(10)))]
        first.issuedOn = Cited(Day("2026-01-05")!, at(10))
        second.paid = money(50_00, 11)
        second.alsoKnownAs = [Cited("PO-7", at(11)), Cited("LS-8", at(11))]
        var advice = RemittanceAdvice(format: "X12 820 004010", currency: .gbp)
        (advice.total, advice.paymentReference) = (money(150_00, 1), Cited("TR-778899", at(2)))
        advice.payerName = Cited("Meyer", at(3))
        advice.payerIdentifiers = [Cited("021000021", at(4)), Cited("4711", at(4))]
        advice.paidOn = Cited(Day("2026-02-20")!, at(5))
        advice.lines = [first, second]
        return advice
    }

    private func take(_ advice: RemittanceAdvice, _ file: String, version: Int = 1, _ server: DeskServer) async throws {
        try await server.write { tx, at in
            _ = try ImportRemittance(ID(1), fileDigest: file, reader: "x12", version: version, [advice]).run(in: tx, at: at)
        }
    }

    /// An advice explains the receipt of the 25th, which is Meyer's; another, in EUR, explains nothing.
    private func story(_ engine: Engine) async throws -> Story {
        let server = try await DeskServer.owed(engine), program = try await Program(server, .controller), day = Day("2026-02-25")!
        let start = server.clock.next().iso8601
        try await take(Self.advice(), "a1", server)
        var other = RemittanceAdvice(format: "CSV", currency: .eur)
        other.paymentReference = Cited("OTHER", Self.at(1))
        other.lines = [RemittanceAdvice.Line(Cited("X-1", Self.at(2)))]
        try await take(other, "a2", server)
        let advised = server.clock.next().iso8601
        let receipt = ReceiptIntake(
            method: "card", externalID: "R1", bookedOn: day, amount: Money(minor: 150_00, .gbp), payerName: nil, payerIBAN: nil,
            endToEndID: nil, remittance: "TR 778899")
        try await server.write { tx, at in _ = try RecordReceipts(ID(1), [receipt], on: day).run(in: tx, at: at) }
        let linked = try await server.write { tx, at in try LinkRemittances(ID(1)).run(in: tx, at: at).count }
        #expect(linked == 1)
        try await server.write { tx, at in
            try ApplyByHand(
                ID(1), method: "card", externalID: "R1", customer: "C1", [.init(DeskServer.document, Money(minor: 150_00, .gbp))],
                reason: "by phone", on: day
            ).run(in: tx, at: at)
        }
        return Story(server: server, program: program, start: start, advised: advised)
    }

    @Test(arguments: Engine.available) func anAdviceTellsItsLinesAndItsReceipt(engine: Engine) async throws {
        let story = try await story(engine), rows = await story.rows()
        #expect(rows.compactMap { $0["payment_reference"]?.text } == ["OTHER", "TR-778899"])
        let row = try #require(rows.last), receipt = await story.program.get("/v1/receipts").rows.first
        #expect(row["format"] == "X12 820 004010" && row["payer_name"] == "Meyer" && row["paid_on"] == "2026-02-20")
        #expect(row["payer_identifiers"] == .array(["021000021", "4711"]) && row["currency"] == "GBP" && row["line_count"] == 2)
        #expect(row["total"]?.minor == 150_00 && row["findings"] == .array([]) && row["replaced_by"] == .null)
        #expect(row["receipt"] == receipt?["id"] && row["receipt"]?.text != nil && row["rule"] == "reference")
        #expect(rows[0]["receipt"] == .null && rows[0]["rule"] == .null && rows[0]["total"] == .null && rows[0]["paid_on"] == .null)
        let one = await story.program.get("/v1/remittances/\(row["id"]?.text ?? "")").json, lines = one["lines"]?.array ?? []
        #expect(one["receipt"] == row["receipt"] && lines.count == 2)
        let first = try #require(lines.first), second = try #require(lines.last)
        #expect(first["line"] == 1 && first["document"] == "A-1" && first["kind"] == "invoice" && first["issued_on"] == "2026-01-05")
        #expect(first["gross"]?.minor == 102_10 && first["discount"]?.minor == 1_00 && first["paid"]?.minor == 100_00)
        #expect(first["deduction"]?.minor == 1_10 && first["deduction_reasons"] == .array(["damage"]))
        #expect(first["also_known_as"] == .array([]) && second["also_known_as"] == .array(["PO-7", "LS-8"]))
        #expect(second["kind"] == "other" && second["gross"] == .null)
        for event in await story.program.get("/v1/events?since=0&limit=200").rows where event["type"] == "remittance.recorded" {
            let object = try #require(event["object"]?.text)
            #expect(await story.program.get("/v1/remittances/\(object)").json["payment_reference"] == event["number"])
        }
    }

    @Test(arguments: Engine.available) func advicesAreNarrowedDown(engine: Engine) async throws {
        let story = try await story(engine)
        #expect(await story.references("state=linked") == ["TR-778899"])
        #expect(await story.references("state=unlinked") == ["OTHER"])
        #expect(await story.references("customer_number=C1") == ["TR-778899"])
        #expect(await story.references("customer_number=C9").isEmpty)
        #expect(await story.references("from=2026-02-20&through=2026-02-20") == ["TR-778899"])
        #expect(await story.references("from=2026-02-21").isEmpty)
        #expect(await story.references("currency=EUR") == ["OTHER"])
        #expect(await story.references("at_least_minor=15000&at_most_minor=15000") == ["TR-778899"])
        #expect(await story.references("at_most_minor=14999").isEmpty)
        let page = await story.program.get("/v1/remittances?limit=1"), next = try #require(page.json["next"]?.text)
        #expect(await story.references("limit=1&after=\(Link.encoded(next))") == ["TR-778899"])
    }

    @Test(arguments: Engine.available) func anAdviceIsThatOfTheMoment(engine: Engine) async throws {
        let story = try await story(engine), id = try #require(await story.rows("state=linked").first?["id"]?.text)
        #expect(await story.rows("known_at=\(story.start)").isEmpty)
        #expect(await story.rows("as_of=2026-02-24").isEmpty)
        #expect(await story.references("known_at=\(story.advised)").count == 2)
        #expect(await story.references("state=linked&known_at=\(story.advised)").isEmpty)
        #expect(await story.references("customer_number=C1&known_at=\(story.advised)").isEmpty)
        #expect(await story.program.get("/v1/remittances/\(id)?known_at=\(story.advised)").json["receipt"] == .null)
        #expect(await story.program.get("/v1/remittances/\(id)?known_at=\(story.start)").status == 404)
    }

    /// The later reading of an advice takes the place of the one before, and explains the same receipt.
    @Test(arguments: Engine.available) func aLaterReadingIsToldInsteadOfTheFirst(engine: Engine) async throws {
        let story = try await story(engine), before = try #require(await story.rows("state=linked").first)
        let known = story.server.clock.next()
        var again = Self.advice()
        again.payerName = Cited("Meyer GmbH", Self.at(3))
        try await take(again, "a1", version: 2, story.server)
        #expect(await story.references() == ["TR-778899", "OTHER"])
        let after = try #require(await story.rows("state=linked").first)
        #expect(after["payer_name"] == "Meyer GmbH" && after["receipt"] == before["receipt"] && after["id"] != before["id"])
        #expect(await story.references("state=unlinked") == ["OTHER"])
        let path = "/v1/remittances/\(before["id"]?.text ?? "")", first = await story.program.get(path).json
        #expect(first["payer_name"] == "Meyer" && first["replaced_by"] == after["id"] && first["receipt"] == before["receipt"])
        #expect(await story.rows("state=linked&known_at=\(known.iso8601)") == [before])
    }
}
