import Domain
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// A customer got another name: what is asked for a moment before calls it what it was called then.
@Suite struct FormerNameTests {
    @Test(arguments: Engine.available) func listsOfAMomentHaveTheNamesOfThen(engine: Engine) async throws {
        let server = try await DeskServer.owed(engine), entity = server.entity, program = try await Program(server, .viewer)
        let day = Day("2026-02-20")!
        let customer = try await server.count("SELECT id FROM customer WHERE number = 'C1'")
        let receipt = ReceiptIntake(
            method: "card", externalID: "R1", bookedOn: day, amount: Money(minor: 50_00, .gbp), customer: ID(customer),
            remittance: "")
        try await server.write { tx, now in
            _ = try PlaceOrders(entity, [webOrder("O1", on: day)]).run(in: tx, at: now)
            _ = try RecordReceipts(entity, [receipt], on: day).run(in: tx, at: now)
        }
        let order = try #require(await program.get("/v1/orders").rows.first?["id"]?.text)
        let paid = try #require(await program.get("/v1/receipts").rows.first?["id"]?.text)
        let before = server.clock.next().iso8601
        let renamed = CustomerProfile(number: "C1", name: "Baker", country: "GB", currency: .gbp)
        try await server.write { tx, now in _ = try SaveCustomers(entity, [renamed]).run(in: tx, at: now) }
        for path in ["/v1/invoices", "/v1/orders", "/v1/collections"] {
            let now = await program.get(path).rows, then = await program.get("\(path)?known_at=\(before)").rows
            #expect(now.map { $0["customer_name"] } == ["Baker"], "\(path)")
            #expect(then.map { $0["customer_name"] } == ["Meyer"], "\(path)")
        }
        for path in ["/v1/invoices/\(DeskServer.document)", "/v1/orders/\(order)"] {
            #expect(await program.get(path).json["customer_name"] == "Baker", "\(path)")
            #expect(await program.get("\(path)?known_at=\(before)").json["customer_name"] == "Meyer", "\(path)")
        }
        let id = try #require(PrefixedID.id("rcp", paid)), known = try #require(Instant(before))
        let view = try await server.database.read { tx in
            let then = ReadReceipt(entity, ID(id), at: ReportMoment(entity, asOf: day + 5, knownAt: known))
            return (now: try ReadReceipt(entity, ID(id)).run(in: tx), then: try then.run(in: tx))
        }
        #expect(view.now?.customerName == "Baker" && view.then?.customerName == "Meyer")
    }
}
