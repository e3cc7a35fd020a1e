import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// What is overwritten is told as it stood: by the day before a correction, and by what was known before it.
@Suite struct MomentHistoryTests {
    private static let first = Day("2026-02-25")!, second = first + 1
    private static let account = "GB33BUKB20201555555555"

    private struct Diary {
        let server: DeskServer
        let key: String
        /// Before anything, and between the two days.
        let start, before: String
        let receipt, webhook: String

        func get(_ path: String) async -> (status: Int, json: JSON) {
            let answer = await server.send(.get, path, [("Authorization", "Bearer \(key)")])
            return (answer.status.code, (try? JSONReader.read(answer.bytes)) ?? .null)
        }
        func list(_ path: String, _ name: String = "rows") async -> [JSON] { await get(path).json[name]?.array ?? [] }

        /// The same reading as of the first day, as known before the second, and as it is.
        func three<Value: Sendable>(_ path: String, _ value: @Sendable (JSON) -> Value) async -> [Value] {
            var values: [Value] = []
            for moment in ["as_of=2026-02-25", "as_of=2026-02-26&known_at=\(before)", ""] {
                values.append(value(await get("\(path)?\(moment)").json))
            }
            return values
        }
    }

    /// On 2026-02-25 things are agreed, given and asked; on the day after each is corrected.
    private func diary(_ engine: Engine) async throws -> Diary {
        let server = try await DeskServer.owed(engine), key = try await server.key(.administrator)
        let start = server.clock.next().iso8601
        try await firstDay(server)
        let before = server.clock.next().iso8601
        server.clock.advance(minutes: 24 * 60)
        try await secondDay(server)
        func id(_ prefix: String, _ query: SQL) async throws -> String { PrefixedID.text(prefix, try await server.count(query)) }
        return Diary(
            server: server, key: key, start: start, before: before,
            receipt: try await id("rcp", "SELECT id FROM receipt WHERE entity_id = 1 AND external_id = 'R1'"),
            webhook: try await id("whk", "SELECT id FROM webhook WHERE entity_id = 1"))
    }

    private func firstDay(_ server: DeskServer) async throws {
        let entity = server.entity, day = Self.first, account = Self.account
        try await server.write { tx, at in
            try GiveIdentity(entity, .iban, account, of: "C1").run(in: tx, at: at)
            try MapDeductionCode(entity, customer: "C1", "X9", means: .price).run(in: tx, at: at)
            _ = try RegisterWebhook(entity, url: "https://example.com/hook", secret: "s").run(in: tx, at: at)
        }
        try await server.write { tx, at in
            let receipts = [("R1", 50_00), ("R2", 7_77)].map { number, minor in
                ReceiptIntake(
                    method: "card", externalID: number, bookedOn: day, amount: Money(minor: minor, .gbp), payerName: "Nobody",
                    payerIBAN: nil,
                    endToEndID: nil, remittance: "?")
            }
            _ = try RecordReceipts(entity, receipts, on: day).run(in: tx, at: at)
        }
        try await server.write { tx, at in
            _ = try ApplyReceipts(entity, on: day, toleranceMinor: 0, policy: .standard).run(in: tx, at: at)
        }
        try await server.write { tx, at in
            try OpenSlice(
                entity, document: DeskServer.document, .dispute, Money(minor: 8_00, .gbp), reason: "scratched", role: "clerk", on: day
            ).run(in: tx, at: at)
        }
    }

    private func secondDay(_ server: DeskServer) async throws {
        let entity = server.entity, day = Self.second, account = Self.account
        let renamed = CustomerProfile(
            number: "C1", name: "Zimmer", email: "ap@zimmer.example", country: "GB", termsDays: 14, creditLimitMinor: 500_00,
            currency: .gbp,
            discountTerms: DiscountTerms(basisPoints: 200, days: 10))
        let slice = ID<Slice>(try await server.count("SELECT id FROM slice WHERE entity_id = 1"))
        let webhook = ID<Webhook>(try await server.count("SELECT id FROM webhook WHERE entity_id = 1"))
        try await server.write { tx, at in
            _ = try SaveCustomers(entity, [renamed]).run(in: tx, at: at)
            try RevokeIdentity(entity, .iban, account, of: "C1", role: "clerk", reason: "not theirs", on: day).run(in: tx, at: at)
            try MapDeductionCode(entity, customer: "C1", "X9", means: .damage).run(in: tx, at: at)
            _ = try ChangeWebhook(entity, webhook, .remove).run(in: tx, at: at)
            _ = try ReleaseSlice(entity, slice, reason: "settled by phone", role: "clerk", on: day).run(in: tx, at: at)
        }
        try await server.write { tx, at in
            try ApplyByHand(
                entity, method: "card", externalID: "R1", customer: "C1", [.init(DeskServer.document, Money(minor: 50_00, .gbp))],
                reason: "told by phone", on: day
            ).run(in: tx, at: at)
        }
        try await server.write { tx, at in
            _ = try ApplyReceipts(entity, on: day, toleranceMinor: 0, policy: .strict).run(in: tx, at: at)
        }
    }

    @Test(arguments: Engine.available) func aCustomerHasTheTermsOfTheMoment(engine: Engine) async throws {
        let diary = try await diary(engine)
        let path = "/v1/customers/C1/terms"
        #expect(await diary.three(path) { $0["name"]?.text } == ["Meyer", "Meyer", "Zimmer"])
        #expect(await diary.three(path) { $0["terms_days"]?.integer } == [30, 30, 14])
        #expect(await diary.three(path) { $0["credit_limit"]?["minor"]?.integer } == [nil, nil, 500_00])
        #expect(await diary.three(path) { $0["cash_discount"]?["basis_points"]?.integer } == [nil, nil, 200])
        #expect(await diary.three(path) { $0["ibans"]?.array?.count } == [1, 1, 0])
        #expect(await diary.get("\(path)?as_of=2026-02-26").json == diary.get(path).json, "the day of the change ends with it")
        let list = "/v1/customers"
        #expect(await diary.three(list) { $0["rows"]?.array?.compactMap { $0["name"]?.text } } == [["Meyer"], ["Meyer"], ["Zimmer"]])
        #expect(await diary.three(list) { $0["rows"]?.array?.first?["credit_limit"]?["minor"]?.integer } == [nil, nil, 500_00])
        #expect(await diary.list("\(list)?begins=mey&as_of=2026-02-25").count == 1)
        #expect(await diary.list("\(list)?begins=mey").isEmpty)
        #expect(await diary.list("\(list)?begins=zim&as_of=2026-02-25").isEmpty)
        #expect(await diary.get("/v1/customers/C1?as_of=2026-02-25").json["name"] == "Meyer")
        #expect(await diary.get("\(path)?known_at=2026-02-24").status == 404)
        #expect(await diary.get("\(path)?known_at=2026-02-25").json["name"] == "Meyer", "a day is its end")
        let page = try await diary.server.person(.viewer).get("/customers/C1?as_of=2026-02-25").body
        #expect(page.contains("Meyer") && !page.contains("Zimmer"))
    }

    @Test(arguments: Engine.available) func anIdentityStandsFromItsGivingToItsRevocation(engine: Engine) async throws {
        let diary = try await diary(engine), path = "/v1/customers/C1/identities"
        @Sendable func account(_ json: JSON) -> JSON? { json["identities"]?.array?.first { $0["value"]?.text == Self.account } }
        #expect(await diary.three(path) { account($0)?["revoked_on"] } == [.null, .null, "2026-02-26"])
        #expect(await diary.three(path) { account($0)?["source"] } == ["person", "person", "person"])
        let start = await diary.get("\(path)?known_at=\(diary.start)").json
        #expect(account(start) == nil && start["identities"]?.array?.isEmpty == false, "its name was known, its account was not")
        #expect(await diary.get("\(path)?as_of=2026-02-26").json == diary.get(path).json)
    }

    @Test(arguments: Engine.available) func aCodeMeansWhatItMeantThen(engine: Engine) async throws {
        let diary = try await diary(engine), path = "/v1/deduction-codes"
        #expect(
            await diary.three(path) { $0["rows"]?.array?.compactMap { $0["reason_code"]?.text } } == [["price"], ["price"], ["damage"]])
        #expect(await diary.list("\(path)?known_at=\(diary.start)").isEmpty)
    }

    @Test(arguments: Engine.available) func anAddressIsToldWhileItStood(engine: Engine) async throws {
        let diary = try await diary(engine), path = "/v1/webhooks/\(diary.webhook)"
        #expect(await diary.three("/v1/webhooks") { $0["rows"]?.array?.count } == [1, 1, 0])
        #expect(await diary.three(path) { $0["state"]?.text } == ["active", "active", "removed"])
        #expect(await diary.three(path) { $0["cursor"] == .null } == [true, true, false])
        #expect(await diary.get("\(path)?as_of=2026-02-24").status == 404)
    }

    @Test(arguments: Engine.available) func aReceiptWaitedForTheReasonItHad(engine: Engine) async throws {
        let diary = try await diary(engine), path = "/v1/receipts/\(diary.receipt)", known = "as_of=2026-02-25&known_at=\(diary.before)"
        let then = await diary.get("\(path)?\(known)").json
        #expect(then["unapplied"]?["minor"] == 50_00 && then["customer_number"] == .null && then["waits_because"]?.text?.isEmpty == false)
        #expect(await diary.three(path) { $0["waits_because"]?.text == nil } == [false, false, true])
        #expect(await diary.get(path).json["unapplied"]?["minor"] == 0)
        #expect(await diary.get("\(path)?as_of=2026-02-24").status == 404)
        #expect(await diary.three("\(path)/certificates") { $0["certificates"]?.array?.count } == [0, 0, 1])
        #expect(await diary.three("/v1/cash-queue") { $0["rows"]?.array?.count } == [2, 2, 1])
        #expect(await diary.three("/v1/today") { $0["receipts_waiting"]?.array?.first?["count"]?.integer } == [2, 2, 1])
        #expect(await diary.three("/v1/receipts") { $0["rows"]?.array?.count { $0["waits"] == .bool(true) } } == [2, 2, 1])
        #expect(await diary.list("/v1/cash-queue?known_at=\(diary.start)").isEmpty)
        #expect(
            await diary.get("/v1/cash-queue?as_of=2026-02-26").json == diary.get("/v1/cash-queue").json, "what is asked of today is today's"
        )
    }

    @Test(arguments: Engine.available) func whatStoodApartIsThatOfTheMoment(engine: Engine) async throws {
        let diary = try await diary(engine), path = "/v1/invoices/\(DeskServer.document)/slices"
        #expect(
            await diary.three("/v1/slices") { $0["rows"]?.array?.compactMap { $0["open"]?["minor"]?.integer } } == [[8_00], [8_00], []])
        #expect(await diary.three(path) { $0["slices"]?.array?.first?["events"]?.array?.count } == [0, 0, 1])
        #expect(await diary.three(path) { $0["slices"]?.array?.first?["state"]?.text } == ["dispute", "dispute", "released"])
        #expect(await diary.list("\(path)?as_of=2026-02-24", "slices").isEmpty)
    }

    @Test(arguments: Engine.available) func cashWasAppliedByTheRulesOfThen(engine: Engine) async throws {
        let diary = try await diary(engine), path = "/v1/reports/cash-rules"
        let kept = await diary.get("\(path)?as_of=2026-02-25").json
        #expect(kept == (await diary.get(path).json), "the rules in force are the standard ones, and so were those of the first day")
        #expect(await diary.get("\(path)?as_of=2026-02-26&known_at=\(diary.before)").json == kept)
        #expect(await diary.get("\(path)?as_of=2026-02-26").json["notes"] != kept["notes"])
        #expect(await diary.list("\(path)?known_at=\(diary.start)").isEmpty)
    }

    /// What is kept of the past is proven like every fact, and books that hold it stand.
    @Test(arguments: Engine.available) func theHistoryIsProven(engine: Engine) async throws {
        let diary = try await diary(engine)
        #expect(try await diary.server.database.read { try CheckBooks(ID(1)).run(in: $0).faults } == [])
    }

    @Test(arguments: Engine.available) func reportsCallCustomersWhatTheyWereCalled(engine: Engine) async throws {
        let diary = try await diary(engine)
        @Sendable func name(_ json: JSON) -> String? { json["rows"]?.array?.first { $0["customer"]?.text == "C1" }?["name"]?.text }
        for path in ["/v1/reports/aging", "/v1/reports/open-items"] {
            let names = await diary.three(path, name), ofTheDay = name(await diary.get("\(path)?as_of=2026-02-26").json)
            #expect(names == ["Meyer", "Meyer", "Zimmer"], "\(path)")
            #expect(ofTheDay == "Zimmer", "the day of the change ends with it")
        }
        let page = try await diary.server.person(.viewer).get("/figures/aging?as_of=2026-02-25").body
        #expect(page.contains("Meyer") && !page.contains("Zimmer"))
    }
}
