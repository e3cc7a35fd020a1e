import Domain
import Store
import TestSupport
import Testing

@testable import Operations

@Suite struct PeriodTests {
    @Test(arguments: Engine.available) func aMonthIsClosedOnceAndOnlyWhenItIsOver(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        await refuses("period_runs") { try await shop.close(through: "2026-01-31", today: "2026-01-31") }
        try await shop.close(through: "2026-01-31", today: "2026-02-01")
        await refuses("period_closed") { try await shop.close(through: "2026-01-31", today: "2026-02-01") }
        await refuses("period_closed") { try await shop.close(through: "2025-12-31", today: "2026-02-01") }
        try await shop.close(through: "2026-02-28", today: "2026-03-02")
        func closed(_ day: Day, knownAt: Instant? = nil) async throws -> [PeriodList.Period] {
            try await shop.database.read { try PeriodList(ReportMoment(shop.entity, asOf: day, knownAt: knownAt)).run(in: $0) }
        }
        let periods = try await closed("2026-03-02")
        #expect(periods.map(\.endsOn.iso8601) == ["2026-02-28", "2026-01-31"])
        #expect(try await closed("2026-02-27") == [periods[1]])
        #expect(try await closed("2026-03-02", knownAt: periods[1].closedAt) == [periods[1]])
        try await shop.proves()
    }

    /// A statement that comes after the closing keeps the bank's day on the receipt, and is booked on the first open day.
    @Test(arguments: Engine.available) func aLateStatementIsBookedOnTheFirstOpenDay(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.close(through: "2026-01-31")
        try await shop.statement("1", [.credit(70_00, "late", iban: "DE89370400440532013000", on: "2026-01-20")])
        #expect(try await shop.texts("SELECT DISTINCT effective_on FROM journal_entry") == ["2026-02-01"])
        #expect(try await shop.texts("SELECT booked_on FROM receipt") == ["2026-01-20"])
        try await shop.proves()
        try await shop.customer("C1", "Meyer GmbH", ibans: ["DE89370400440532013000"])
        _ = try await shop.invoice("C1", 70_00, on: "2026-02-03")
        try await shop.applyCash(on: "2026-02-05")
        #expect(try await shop.open("INV-2026-000001") == 0)
        try await shop.proves()
    }

    /// The database itself keeps a closed period closed.
    @Test(arguments: Engine.available) func aClosedPeriodStaysClosed(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.close(through: "2026-01-31")
        await #expect(throws: DatabaseFault.self) { try await shop.sql("DELETE FROM period WHERE entity_id = 1") }
    }
}
