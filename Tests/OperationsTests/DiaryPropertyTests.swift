import Domain
import Operations
import Store
import TestSupport
import Testing

/// Whatever order things happen in, the books hold: after every step the control accounts are the open items, and at the end all
/// of it can be proven again.
@Suite struct DiaryPropertyTests {
    private static let cases: [(engine: Engine, seed: UInt64)] = Engine.available.flatMap { engine in
        (1...(engine == .sqlite ? 30 : 5)).map { (engine, UInt64($0)) }
    }

    @Test(arguments: cases) func aRandomDiaryProves(engine: Engine, seed: UInt64) async throws {
        let shop = try await Shop.open(engine)
        var diary = Diary(seed: seed)
        try await diary.begin(shop)
        for _ in 0..<60 {
            do { try await diary.step(shop) } catch {
                Issue.record("seed \(seed): \(error) after \(diary.log.suffix(3))")
                return
            }
            let differing = try await shop.texts(Self.controlAgainstItems)
            guard differing.isEmpty else {
                Issue.record("seed \(seed): \(differing) after \(diary.log.suffix(3))")
                return
            }
        }
        try await shop.bill(on: diary.today + 31)
        try await shop.applyCash(on: diary.today + 31)
        try await shop.proves()
        let billed = try await shop.texts(Self.ordersBilledOtherThanOnce)
        #expect(billed == [], "seed \(seed)")
    }

    private static let controlAgainstItems: SQL = """
        SELECT o.currency FROM (SELECT currency, SUM(open_minor) AS open_minor FROM open_item WHERE entity_id = 1 GROUP BY currency) o
          JOIN (SELECT currency, SUM(amount_minor) AS balance FROM posting WHERE entity_id = 1 AND account IN ('1200', '1290') GROUP BY currency) p
            ON p.currency = o.currency
         WHERE o.open_minor <> p.balance
        """

    private static let ordersBilledOtherThanOnce: SQL = """
        SELECT o.external_id FROM sales_order o
          LEFT JOIN (SELECT order_id, count(DISTINCT invoice_id) AS documents FROM invoice_line WHERE entity_id = 1 GROUP BY order_id) l
            ON l.order_id = o.id
         WHERE o.entity_id = 1 AND COALESCE(l.documents, 0) <> CASE o.state WHEN 'billed' THEN 1 ELSE 0 END
        """
}
