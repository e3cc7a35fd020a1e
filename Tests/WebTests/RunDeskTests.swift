import Domain
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import Operations
@testable import Web

/// Runs that a person starts on the desk.
@Suite struct RunDeskTests {
    @Test(arguments: Engine.available) func aRunByHandIsListedWithItsReport(engine: Engine) async throws {
        let server = try await DeskServer.open(engine), kim = try await server.person(.controller, "kim")
        #expect(await kim.get("/runs").body.contains("Nothing ran yet"))
        #expect(await kim.post("/runs/cash").header(.location) == "/runs")
        let page = await kim.get("/runs").body
        #expect(page.contains("by kim") && page.contains("0 receipts applied, 0 wait") && !page.contains("the books are proven"))
        #expect(await kim.post("/runs/day").header(.location) == "/runs")
        #expect(await kim.get("/runs").body.contains("the books are proven"))
        let today = await kim.get("/").body
        #expect(today.contains("The whole day") && !today.contains("Nothing ran yet"))
        #expect(try await server.count("SELECT count(*) FROM hand_run WHERE entity_id = 1 AND state = 'done'") == 2)
    }

    @Test func anUnknownRunLeavesNoRow() async throws {
        let server = try await DeskServer.open(.sqlite), kim = try await server.person(.controller, "kim")
        _ = await kim.post("/runs/nothing")
        #expect(try await server.count("SELECT count(*) FROM hand_run WHERE entity_id = 1") == 0)
    }
}
