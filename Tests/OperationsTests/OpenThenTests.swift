import Domain
import Store
import TestSupport
import Testing

@testable import Operations

/// What was open on a former day by a former knowledge.
@Suite struct OpenThenTests {
    /// What was open then is the same, looked up item by item or with what settled it later taken back.
    @Test(arguments: Engine.available) func whatWasOpenIsTheSameFromEitherEnd(engine: Engine) async throws {
        let shop = try await Shop.desk(engine), entity = shop.entity
        try await shop.receive("T1", 100_00, "INV-2026-000001", from: "C1", on: "2026-03-04")
        try await shop.receive("T2", 60_00, "INV-2026-000003", from: "C1", on: "2026-03-06")
        try await shop.unapply("T1", method: "till", on: "2026-03-09")
        let days = try await shop.texts("SELECT DISTINCT effective_on FROM open_item WHERE entity_id = 1 ORDER BY effective_on")
        let known = try await shop.texts("SELECT CAST(last_id AS TEXT) FROM seal WHERE entity_id = 1 ORDER BY last_id").compactMap {
            Int64($0)
        }
        var found: Set<Int> = []
        for day in days.compactMap({ Day($0) }) + ["2026-12-31", "2025-01-01"] {
            for horizon in known + [.max] {
                let (looked, taken) = try await shop.database.read { tx in
                    func rows(_ source: (ReportMoment, inout [SQLValue], Int64) -> String) throws -> [String] {
                        var values: [SQLValue] = [.integer(entity.value)]
                        let source = source(ReportMoment(entity, asOf: day), &values, horizon)
                        let text = "SELECT id, open_minor FROM \(source) WHERE open_minor <> 0 ORDER BY id"
                        return try tx.rows(SQL(text: text, values: values)) { "\($0.integer(0)) \($0.integer(1))" }
                    }
                    return (try rows { openItemsSource($0, &$1, $2) }, try rows { wholeOpenItemsSource($0, &$1, $2) })
                }
                #expect(looked == taken, "\(day.iso8601), known through \(horizon)")
                found.insert(looked.count)
            }
        }
        #expect(found.count > 3, "the moments differ")
    }
}
