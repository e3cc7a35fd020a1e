import Domain
import Operations
import Store
import TestSupport
import Testing

@Suite struct WriteOffTests {
    /// C1 owes 120.00 of which 20.00 is tax, due on 4 February.
    private func shop(_ engine: Engine) async throws -> (Shop, String) {
        let shop = try await Shop.open(engine)
        try await shop.order("A1", "C1", net: 100_00, on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        return (shop, "INV-2026-000001")
    }

    @Test(arguments: Engine.available) func aBadDebtIsChargedWithItsTaxOnlyWhereThePolicySaysSo(engine: Engine) async throws {
        let (shop, document) = try await shop(engine)
        try await shop.writeOff(document, 60_00, on: "2026-03-01")
        #expect(try await shop.balance(.badDebt) == 60_00)
        #expect(try await shop.balance(.outputVAT) == -20_00)
        // Half a year past due the tax of what is given up comes back.
        try await shop.writeOff(document, 30_00, relief: 180, on: "2026-08-02")
        #expect(try await shop.balance(.outputVAT) == -20_00)
        try await shop.writeOff(document, 30_00, relief: 180, on: "2026-08-03")
        #expect(try await shop.balance(.badDebt) == 115_00)
        #expect(try await shop.balance(.outputVAT) == -15_00)
        #expect(try await shop.open(document) == 0)
        #expect(try await shop.balance(.receivables) == 0)
        try await shop.proves()
    }

    /// A deduction that is accepted is worth less from the start: its tax falls, and the deduction is gone.
    @Test(arguments: Engine.available) func anAcceptedDeductionIsAConcession(engine: Engine) async throws {
        let (shop, document) = try await shop(engine)
        let deduction = try await shop.apart(document, .deduction, 12_00, code: .damage, on: "2026-02-06")
        let dispute = try await shop.apart(document, .dispute, 8_00, on: "2026-02-06")
        try await shop.writeOff(document, 6_00, slice: deduction, code: .damage, on: "2026-02-10")
        #expect(try await shop.slices() == ["deduction 600", "dispute 800"])
        #expect(try await shop.balance(.discountsAllowed) == 5_00)
        #expect(try await shop.balance(.outputVAT) == -19_00)
        try await shop.writeOff(document, slice: deduction, code: .damage, on: "2026-02-11")
        try await shop.writeOff(document, slice: dispute, code: .price, on: "2026-02-11")
        #expect(try await shop.slices() == ["deduction 0", "dispute 0"])
        #expect(try await shop.sliceEvents() == ["written_off 600", "written_off 600", "written_off 800"])
        #expect(try await shop.open(document) == 100_00)
        await refuses("slice_closed") { try await shop.writeOff(document, slice: deduction, code: .damage, on: "2026-02-12") }
        try await shop.proves()
    }

    /// What a write-off takes is its slice or what nothing stands on, never another part.
    @Test(arguments: Engine.available) func noOtherPartIsGivenUp(engine: Engine) async throws {
        let (shop, document) = try await shop(engine)
        let dispute = try await shop.apart(document, .dispute, 50_00, on: "2026-02-06")
        let promise = try await shop.apart(document, .promise, 40_00, until: "2026-03-01", on: "2026-02-06")
        await refuses("amount_above_free") { try await shop.writeOff(document, 30_01, on: "2026-02-10") }
        await refuses("amount_above_free") { try await shop.writeOff(document, 50_01, slice: dispute, on: "2026-02-10") }
        await refuses("slice_kind") { try await shop.writeOff(document, slice: promise, on: "2026-02-10") }
        await refuses("reason_missing") { try await shop.writeOff(document, 1_00, reason: "", on: "2026-02-10") }
        try await shop.writeOff(document, on: "2026-02-10")
        #expect(try await shop.open(document) == 90_00)
        #expect(try await shop.slices() == ["dispute 5000", "promise 4000"])
        try await shop.proves()
    }

    @Test(
        arguments: [
            (.collector, nil, 50_00, true), (.collector, nil, 50_01, false), (.clerk, nil, 1, false), (.approver, nil, 1_000_00, true),
            (.approver, nil, 1_000_01, false), (.collector, .approver, 1_000_00, true), (.collector, .approver, 1_000_01, false),
            (.collector, .controller, 1_000_01, true), (.collector, .collector, 50_01, false), (.controller, nil, 10_000_01, false),
            (.controller, .controller, 10_000_01, true), (.administrator, .approver, 10_000_01, false), (.viewer, .auditor, 1, false),
        ] as [(Role, Role?, Int64, Bool)])
    func eachRoleHasItsLimit(role: Role, second: Role?, minor: Int64, isAllowed: Bool) async throws {
        let amount = Money(minor: minor, .gbp), counted = WriteOff.Counted(document: amount, person: amount)
        #expect(WriteOffPolicy().allows(counted, by: role, second: second) == isAllowed)
    }

    @Test(arguments: Engine.available) func aboveTheLimitNothingIsGivenUp(engine: Engine) async throws {
        let (shop, document) = try await shop(engine)
        await refuses("above_limit") { try await shop.writeOff(document, by: .collector, on: "2026-02-10") }
        #expect(try await shop.open(document) == 120_00)
        try await shop.writeOff(document, by: .collector, second: .approver, on: "2026-02-10")
        #expect(try await shop.open(document) == 0)
        try await shop.proves()
    }

    /// Small parts of one document add up: the limit is of what stands written off of it, whoever gave it up and on whatever day.
    @Test(arguments: Engine.available) func aDocumentIsNotGivenUpPieceByPiece(engine: Engine) async throws {
        let (shop, document) = try await shop(engine)
        try await shop.writeOff(document, 30_00, by: .collector, on: "2026-02-10")
        await refuses("above_limit") { try await shop.writeOff(document, 30_00, by: .collector, on: "2026-02-20") }
        await refuses("above_limit") { try await shop.writeOff(document, 30_00, by: .collector, name: "Lee", on: "2026-02-20") }
        let deduction = try await shop.apart(document, .deduction, 25_00, code: .damage, on: "2026-02-20")
        await refuses("above_limit") {
            try await shop.writeOff(document, slice: deduction, code: .damage, by: .collector, on: "2026-02-20")
        }
        try await shop.writeOff(document, 20_00, by: .collector, on: "2026-02-20")
        // What was taken back counts no more.
        try await shop.takeBackWriteOff(document, on: "2026-02-21")
        try await shop.writeOff(document, 20_00, by: .collector, on: "2026-02-22")
        try await shop.writeOff(document, 30_00, by: .collector, second: .approver, on: "2026-02-22")
        #expect(try await shop.open(document) == 40_00)
        try await shop.proves()
    }

    /// The same over several documents of one customer, by one person on one day; what a second person agreed to counts to nobody alone.
    @Test(arguments: Engine.available) func aCustomersDocumentsAreNotGivenUpOneByOne(engine: Engine) async throws {
        let (shop, first) = try await shop(engine), second = "INV-2026-000002", third = "INV-2026-000003"
        try await shop.order("A2", "C1", net: 100_00, on: "2026-01-06")
        try await shop.bill(on: "2026-01-06")
        try await shop.order("A3", "C2", net: 100_00, on: "2026-01-07")
        try await shop.bill(on: "2026-01-07")
        try await shop.writeOff(first, 60_00, reason: "gone, Kim", by: .collector, second: .approver, on: "2026-02-10")
        try await shop.writeOff(second, 40_00, reason: "gone, approved by Ann", by: .collector, on: "2026-02-10")
        await refuses("above_limit") { try await shop.writeOff(second, 11_00, by: .collector, on: "2026-02-10") }
        try await shop.takeBackWriteOff(first, on: "2026-02-10")
        await refuses("above_limit") { try await shop.writeOff(first, 11_00, by: .collector, on: "2026-02-10") }
        // Another person, another customer, another day.
        try await shop.writeOff(first, 11_00, by: .collector, name: "Lee", on: "2026-02-10")
        try await shop.writeOff(third, 50_00, by: .collector, on: "2026-02-10")
        try await shop.writeOff(first, 39_00, by: .collector, on: "2026-02-11")
        try await shop.proves()
    }

    /// Whoever gives up by keys too is still one person.
    @Test(arguments: Engine.available) func whatOneGivesUpByKeysIsOneSum(engine: Engine) async throws {
        let (shop, first) = try await shop(engine), second = "INV-2026-000002"
        let entity = shop.entity
        try await shop.order("A2", "C1", net: 100_00, on: "2026-01-06")
        try await shop.bill(on: "2026-01-06")
        try await shop.run { try Invite(entity, .administrator, token: "t1").run(in: $0, at: $1) }
        let accepted = try await AcceptInvitation(
            entity, token: "t1", email: "zoe@example.com", name: "Zoe", password: "a long enough password", shop.database, at: shop.now
        ) { try $0() }
        try await shop.run { try accepted.run(in: $0, at: $1) }
        let zoe = try #require(try await shop.number("SELECT id FROM person WHERE entity_id = 1"))
        let key = CreateAPIKey(entity, name: "shop", role: .collector, by: zoe, token: Secret.token("key_", of: entity))
        try await shop.run { try key.run(in: $0, at: $1) }
        try await shop.writeOff(first, 40_00, by: .collector, name: "key shop", on: "2026-02-10")
        await refuses("above_limit") { try await shop.writeOff(second, 11_00, by: .collector, id: zoe, on: "2026-02-10") }
        try await shop.writeOff(second, 11_00, by: .collector, id: zoe + 1, on: "2026-02-10")
        try await shop.proves()
    }

    @Test func theSumThatCountedIsTold() {
        func told(document: Int64, person: Int64) -> String {
            let counted = WriteOff.Counted(document: Money(minor: document, .gbp), person: Money(minor: person, .gbp))
            return WriteOff.Refused.aboveLimit(WriteOff.Wanted(amount: Money(minor: 20_00, .gbp), counted: counted), "collector").message
        }
        #expect(told(document: 20_00, person: 20_00).hasPrefix("20.00 GBP is above what collector may give up"))
        #expect(told(document: 70_00, person: 60_00).contains("which makes 70.00 GBP written off of this document, is above"))
        #expect(told(document: 20_00, person: 60_00).contains("60.00 GBP given up alone for this customer today"))
    }

    /// The money comes after all: the write-off is taken back, what was given up stands again, and the cash settles it.
    @Test(arguments: Engine.available) func aWriteOffIsTakenBack(engine: Engine) async throws {
        let (shop, document) = try await shop(engine)
        let deduction = try await shop.apart(document, .deduction, 12_00, code: .freight, on: "2026-02-06")
        try await shop.writeOff(document, slice: deduction, code: .freight, on: "2026-02-10")
        try await shop.takeBackWriteOff(document, on: "2026-02-20")
        #expect(try await shop.open(document) == 120_00)
        #expect(try await shop.slices() == ["deduction 1200"])
        #expect(try await shop.sliceEvents() == ["written_off 1200", "reopened 1200"])
        #expect(try await shop.balance(.discountsAllowed) == 0)
        #expect(try await shop.balance(.outputVAT) == -20_00)
        await refuses("write_off_missing") { try await shop.takeBackWriteOff(document, on: "2026-02-21") }
        try await shop.pays(120_00, document, e2e: "E1", on: "2026-02-22")
        #expect(try await shop.open(document) == 0)
        #expect(try await shop.slices() == ["deduction 0"])
        try await shop.proves()
    }
}
