import Domain
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

@testable import Operations

/// A day as tests write it: `on: "2026-01-05"`.
extension Day: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        guard let day = Day(text) else { preconditionFailure("\(text) is no day") }
        self = day
    }
}

/// One trader in London whose days read like a diary. Amounts are minor units of the shop's currency.
final class Shop: Sendable {
    let entity = ID<Entity>(1)
    let database: any Database
    let currency: Currency
    private let time: Mutex<Int64>

    /// The first instant of 2026; every operation takes a second.
    static let opening: Int64 = 1_767_225_600_000_000

    init(_ database: any Database, _ currency: Currency, from instant: Int64 = Shop.opening) {
        (self.database, self.currency) = (database, currency)
        time = Mutex(instant)
    }

    static func open(_ engine: Engine, country: String = "GB", currency: Currency = .gbp) async throws -> Shop {
        try await opened(in: engine.make(), country: country, currency: currency)
    }

    static func opened(in database: any Database, country: String = "GB", currency: Currency = .gbp) async throws -> Shop {
        let shop = Shop(database, currency), entity = shop.entity
        try await shop.run { tx, now in
            try CreateEntity(entity, name: "Example Trading Ltd", country: country, currency: currency).run(in: tx, at: now)
        }
        return shop
    }

    /// The instant of the last operation.
    var now: Instant { Instant(microseconds: time.withLock { $0 }) }

    func tick(seconds: Int64 = 1) -> Instant {
        Instant(
            microseconds: time.withLock {
                $0 += seconds * 1_000_000; return $0
            })
    }

    @discardableResult
    func run<Value: Sendable>(_ body: @escaping @Sendable (any Transaction, Instant) throws -> Value) async throws -> Value {
        let now = tick()
        return try await database.write(entity: entity) { try body($0, now) }
    }

    func close(through last: String, today: String = "2099-12-31") async throws {
        try await run { tx, now in try ClosePeriod(self.entity, through: Day(last)!, today: Day(today)!).run(in: tx, at: now) }
    }

    func sql(_ statement: SQL) async throws { try await run { tx, _ in try tx.run(statement) } }

    func texts(_ query: SQL) async throws -> [String] { try await database.read { try $0.rows(query) { $0.text(0) } } }

    func number(_ query: SQL) async throws -> Int64? { try await database.read { try $0.first(query) { $0.optionalInteger(0) } ?? nil } }
}

extension Shop {
    @discardableResult
    func customer(
        _ number: String, _ name: String? = nil, limit: Int64? = nil, terms: Int = 30, billing: CustomerProfile.Billing = .order,
        policy: CustomerProfile.CashPolicy = .reference, ibans: [String] = [], mandates: [String] = [], email: String? = nil,
        country: String = "GB", discount: DiscountTerms? = nil, address: PostalAddress? = nil
    ) async throws -> ID<Customer> {
        let profile = CustomerProfile(
            number: number, name: name ?? "Customer \(number)", email: email, country: country, termsDays: terms, creditLimitMinor: limit,
            currency: currency, billing: billing, cashPolicy: policy, ibans: ibans, mandates: mandates,
            discountTerms: discount, address: address)
        try await run { [entity] tx, now in _ = try SaveCustomers(entity, [profile]).run(in: tx, at: now) }
        return try await id(of: number)
    }

    func id(of customer: String) async throws -> ID<Customer> {
        ID(try #require(try await number("SELECT id FROM customer WHERE entity_id = \(entity) AND number = \(customer)")))
    }

    func intake(
        _ id: String, _ customer: String?, _ lines: [OrderIntake.Line], on day: Day, kind: OrderIntake.Kind = .sale,
        channel: String = "web",
        country: String = "GB", currency: Currency? = nil
    ) -> OrderIntake {
        OrderIntake(
            channel: channel, externalID: id, kind: kind, customerNumber: customer, country: country, orderedOn: day,
            currency: currency ?? self.currency, lines: lines)
    }

    @discardableResult
    func place(_ orders: [OrderIntake]) async throws -> PlaceOrders.Report {
        try await run { [entity] tx, now in try PlaceOrders(entity, orders).run(in: tx, at: now) }
    }

    @discardableResult
    func order(
        _ id: String, _ customer: String?, _ lines: [OrderIntake.Line], on day: Day, kind: OrderIntake.Kind = .sale,
        channel: String = "web",
        country: String = "GB", currency: Currency? = nil
    ) async throws -> PlaceOrders.Report {
        try await place([intake(id, customer, lines, on: day, kind: kind, channel: channel, country: country, currency: currency)])
    }

    /// An order of one article; tax comes on top.
    @discardableResult
    func order(
        _ id: String, _ customer: String?, net: Int64, on day: Day, country: String = "GB", currency: Currency? = nil
    ) async throws -> PlaceOrders.Report {
        try await order(id, customer, [item("GOODS", 1, at: net)], on: day, country: country, currency: currency)
    }

    @discardableResult
    func cancel(_ id: String, _ customer: String?, _ lines: [OrderIntake.Line], on day: Day) async throws -> PlaceOrders.Report {
        try await order(id, customer, lines, on: day, kind: .cancellation)
    }

    func decide(
        _ orders: [String], _ event: OrderState.Event, role: String = "controller", reason: String = "agreed",
        alone: Int64? = nil, on day: Day
    ) async throws {
        try await run { [entity] tx, now in
            try DecideHeldOrders(entity, orders: orders, event, role: role, reason: reason, alone: alone, on: day).run(in: tx, at: now)
        }
    }

    func state(_ order: String) async throws -> String? {
        try await texts("SELECT state FROM sales_order WHERE entity_id = \(entity) AND external_id = \(order)").first
    }

    /// An order billed on its own day; returns the invoice's number. The export treatment leaves net and gross alike.
    func invoice(_ customer: String, _ gross: Int64, on day: Day, currency: Currency? = nil) async throws -> String {
        let order = "ORD-\(tick().microseconds / 1_000_000)"
        try await self.order(order, customer, net: gross, on: day, country: "US", currency: currency)
        try await bill(on: day)
        let query: SQL = "SELECT number FROM invoice WHERE entity_id = \(entity) AND order_number = \(order)"
        return try #require(try await texts(query).first)
    }
}

extension DunningLadder {
    /// For a shop whose cash comes without statements of a bank.
    static let withoutFeed = {
        var ladder = standard
        ladder.requiresFeed = false
        return ladder
    }()
}

extension Shop {
    /// A mail address for everybody who has none: a customer whom an order creates has none.
    func addresses() async throws {
        try await run { [entity] tx, now in
            var books = try Books(lock: entity, at: now, in: tx)
            let ids = try tx.rows("SELECT id FROM customer WHERE entity_id = \(entity) AND email IS NULL") { $0.integer(0) }
            try tx.run("UPDATE customer SET email = 'ap@' || lower(number) || '.example' WHERE entity_id = \(entity) AND email IS NULL")
            try books.cover(.customer, in: ids, tx)
            try books.close(in: tx)
        }
    }

    func dayRun(_ day: Day, ladder: DunningLadder = .standard, tolerance: Int64 = 0) -> DayRun {
        DayRun(database, entity, on: day, DayRun.Terms(ladder: ladder, toleranceMinor: tolerance), clock: { self.tick() })
    }

    @discardableResult
    func bill(on day: Day) async throws -> BillOrders.Report { try await dayRun(day).bill() }

    @discardableResult
    func applyCash(on day: Day, tolerance: Int64 = 0) async throws -> ApplyReceipts.Report {
        try await dayRun(day, tolerance: tolerance).applyCash()
    }

    @discardableResult
    func dun(on day: Day, _ ladder: DunningLadder = .withoutFeed) async throws -> RunDunning.Report {
        try await dayRun(day, ladder: ladder).dun()
    }

    /// What is open of a document.
    func open(_ document: String) async throws -> Int64? {
        try await number(
            """
            SELECT open_minor FROM open_item WHERE entity_id = \(entity) AND number = \(document)
               AND kind IN ('invoice', 'credit_note', 'opening')
            """)
    }

    func balance(_ account: Account, asOf day: Day = "9999-12-31") async throws -> Int64 {
        try await number(
            """
            SELECT CAST(COALESCE(SUM(p.amount_minor), 0) AS BIGINT) FROM posting p
              JOIN journal_entry e ON e.entity_id = p.entity_id AND e.id = p.entry_id
             WHERE p.entity_id = \(entity) AND p.account = \(account.rawValue) AND e.effective_on <= \(day)
            """) ?? 0
    }

    /// Numbers of documents in the order of their issue.
    func documents() async throws -> [String] { try await texts("SELECT number FROM invoice WHERE entity_id = \(entity) ORDER BY id") }

    /// `account customer? amount` of a document's postings.
    func postings(_ document: String) async throws -> [String] {
        try await texts(
            """
            SELECT p.account || ' ' || CAST(p.amount_minor AS TEXT) FROM posting p
              JOIN invoice i ON i.entity_id = p.entity_id AND i.id = p.entry_id
             WHERE p.entity_id = \(entity) AND i.number = \(document) ORDER BY p.line
            """)
    }
}

/// An order line; the price is in minor units of a currency with two decimals.
func item(_ sku: String, _ quantity: Int64, at price: Int64) -> OrderIntake.Line {
    OrderIntake.Line(sku: sku, description: sku.capitalized, quantityMilli: quantity * 1_000, priceMicro: price * 10_000)
}
