import Domain
import Operations
import Store
import TestSupport
import Testing

/// Parts set apart, ended, paid, bounced, given up and taken back in any order: control accounts stay the open items, slices never exceed
/// what is open, and no reminder asks for a part in dispute or agreed for a later day.
@Suite struct SlicePropertyTests {
    private static let cases: [(engine: Engine, seed: UInt64)] = Engine.available.flatMap { engine in
        (1...(engine == .sqlite ? 25 : 4)).map { (engine, UInt64($0)) }
    }

    @Test(arguments: cases) func whateverHappensTheBooksHold(engine: Engine, seed: UInt64) async throws {
        let shop = try await Shop.open(engine)
        var story = Story(seed: seed)
        for customer in ["C1", "C2"] {
            try await shop.customer(customer, ibans: [Story.iban(customer)], email: "ap@customer.example")
            for gross in [100_00, 61_50, 240_01] as [Int64] { _ = try await shop.invoice(customer, gross, on: "2026-01-05") }
        }
        for _ in 0..<45 {
            do { try await story.step(shop) } catch {
                Issue.record("seed \(seed): \(error) after \(story.log.suffix(3))")
                return
            }
            let wrong = try await shop.texts(Self.slicesAboveOpen)
            guard wrong.isEmpty else {
                Issue.record("seed \(seed): slices above what is open after \(story.log.suffix(3))")
                return
            }
        }
        try await shop.proves()
    }

    private static let slicesAboveOpen: SQL = """
        SELECT CAST(i.id AS TEXT) FROM open_item i
         WHERE i.entity_id = 1 AND i.amount_minor > 0 AND i.open_minor < (SELECT COALESCE(SUM(s.open_minor), 0) FROM slice s WHERE s.entity_id = 1 AND s.item_id = i.id)
        """
}

private struct Story {
    private var state: UInt64
    private var today: Day = "2026-02-06"
    private var count = 0
    private var paid: [(id: String, minor: Int64)] = []
    private(set) var log: [String] = []

    static func iban(_ customer: String) -> String { "DE0212030000000020205\(customer.suffix(1))" }

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    private mutating func pick(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % bound
    }

    mutating func step(_ shop: Shop) async throws {
        count += 1
        let documents = try await shop.documents(), document = documents[pick(documents.count)], day = today
        let open = try await shop.open(document) ?? 0, part = Int64(1 + pick(Int(max(open, 1)))), choice = pick(12)
        let kind = Slice.Kind.allCases[pick(3)], until = day + pick(12), standing = try await standing(shop),
            which = pick(max(standing.count, 1))
        log.append("\(count) \(day.iso8601) \(choice) \(document) \(part)")
        switch choice {
        case 0...3:
            try await unlessRefused {
                try await shop.apart(
                    document, kind, part, until: kind.hasDay ? until : nil, code: kind == .deduction ? .price : nil, on: day)
            }
        case 4: try await unlessRefused { try await shop.plan(document, [(part, until), (part, until + 30)], on: day) }
        case 5 where !standing.isEmpty: try await shop.release(ID(standing[which].id), on: day)
        case 6 where !standing.isEmpty:
            let slice = standing[which]
            try await unlessRefused { try await shop.writeOff(slice.document, slice: ID(slice.id), code: .price, on: day) }
        case 7: try await unlessRefused { try await shop.writeOff(document, part, on: day) }
        case 8: try await unlessRefused { try await shop.takeBackWriteOff(document, on: day) }
        case 9 where !paid.isEmpty:
            let receipt = paid[pick(paid.count)]
            try await shop.statement("R\(count)", [.returned(receipt.minor, e2e: receipt.id, on: day, reference: "R\(count)")])
        case 10, 5, 6, 9:
            try await shop.pays(
                part, document, iban: Self.iban(documents.firstIndex(of: document) ?? 0 < 3 ? "C1" : "C2"), e2e: "E\(count)", on: day)
            paid.append(("E\(count)", part))
        default: try await dun(shop, on: day)
        }
        today = today + pick(4)
    }

    private func unlessRefused(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let refusal as any Refusal where refusal.category != .missing {}
    }

    private func unlessRefused<Value>(_ body: () async throws -> Value) async throws {
        do { _ = try await body() } catch let refusal as any Refusal where refusal.category != .missing {}
    }

    private func standing(_ shop: Shop) async throws -> [(id: Int64, document: String)] {
        try await shop.database.read { tx in
            try tx.rows(
                """
                SELECT s.id, i.number FROM slice s JOIN open_item i ON i.entity_id = s.entity_id AND i.id = s.item_id
                 WHERE s.entity_id = 1 AND s.open_minor > 0 ORDER BY s.id
                """
            ) { ($0.integer(0), $0.text(1)) }
        }
    }

    /// A new statement so that nothing is too old, a run, and what it asked for against what may be asked, counted from the facts alone.
    private func dun(_ shop: Shop, on day: Day) async throws {
        try await shop.statement("D\(count)", [], created: day)
        let before = try await shop.number("SELECT MAX(id) FROM dunning_notice WHERE entity_id = 1") ?? 0
        try await shop.dun(on: day)
        let asked = try await shop.database.read { tx in
            try tx.rows(
                "SELECT item_id, open_minor FROM dunning_notice_item WHERE entity_id = 1 AND notice_id > \(before) AND open_minor > 0"
            ) { (item: $0.integer(0), minor: $0.integer(1)) }
        }
        for line in asked {
            let may = try await shop.number(
                """
                SELECT i.amount_minor
                     - COALESCE((SELECT CAST(SUM(a.amount_minor) AS BIGINT) FROM allocation a WHERE a.entity_id = 1 AND a.debit_item_id = i.id), 0)
                     - COALESCE((SELECT CAST(SUM(s.amount_minor) AS BIGINT) FROM slice s
                                  WHERE s.entity_id = 1 AND s.item_id = i.id AND COALESCE(s.due_on, '9999-12-31') >= \(day)), 0)
                     + COALESCE((SELECT CAST(SUM(CASE WHEN e.event = 'reopened' THEN -e.amount_minor ELSE e.amount_minor END) AS BIGINT)
                                   FROM slice_event e JOIN slice s ON s.entity_id = 1 AND s.id = e.slice_id
                                  WHERE e.entity_id = 1 AND s.item_id = i.id AND COALESCE(s.due_on, '9999-12-31') >= \(day)), 0)
                  FROM open_item i WHERE i.entity_id = 1 AND i.id = \(line.item)
                """)
            #expect(may == line.minor, "\(log.suffix(4))")
        }
    }
}
