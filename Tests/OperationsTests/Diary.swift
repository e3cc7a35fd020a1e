import Domain
import Operations
import Store

/// A random year of a small shop: what happens on a step depends on the seed alone, so a failing seed replays.
struct Diary {
    private var state: UInt64
    private(set) var today: Day = "2026-01-05"
    private var closedThrough: Day = "2025-12-31"
    private var count = 0
    private var endToEndIDs: [String] = []
    private var entries: [BankEntry] = []
    private(set) var log: [String] = []

    static let customers = ["C0", "C1", "C2", "C3"]

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    func iban(_ customer: String) -> String { "DE0212030000000020205\(customer.suffix(1))" }

    func begin(_ shop: Shop) async throws {
        try await shop.customer("C0", "Alpha GmbH", ibans: [iban("C0")])
        try await shop.customer("C1", "Beta Ltd", policy: .oldestFirst, ibans: [iban("C1")])
        try await shop.customer("C2", "Gamma SA", limit: 900_00, billing: .weekly, ibans: [iban("C2")])
        try await shop.customer("C3", "Delta Inc", billing: .monthly)
        try await shop.addresses()
    }

    mutating func step(_ shop: Shop) async throws {
        count += 1
        switch pick(20) {
        case 0...4: try await order(shop)
        case 5...6: try await note("bill") { try await shop.bill(on: $0) }
        case 7...10: try await pay(shop)
        case 11...12:
            try await note("apply") { [tolerance = Int64(pick(2) * 2_00)] in try await shop.applyCash(on: $0, tolerance: tolerance) }
        case 13: try await receive(shop)
        case 14: try await bounce(shop)
        case 15: try await unapply(shop)
        case 16: try await cancel(shop)
        case 17: try await pick(3) == 0 ? close(shop) : note("dun") { try await shop.dun(on: $0) }
        case 18: try await pick(2) == 0 ? again(shop) : decideByHand(shop)
        default: try await release(shop)
        }
        today = today + pick(4)
    }

    private mutating func pick(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % bound
    }

    private mutating func note<Value>(_ what: String, _ work: (Day) async throws -> Value) async throws {
        log.append("\(count) \(today.iso8601) \(what)")
        _ = try await work(today)
    }

    private mutating func customer() -> String { Self.customers[pick(4)] }

    private mutating func order(_ shop: Shop) async throws {
        let lines = (0...pick(3)).map { _ in item(["TEA", "POT", "MUG"][pick(3)], Int64(1 + pick(5)), at: Int64(1 + pick(60_00))) }
        let who = pick(12) == 0 ? nil : customer(), country = ["GB", "GB", "US", "DE"][pick(4)],
            currency: Currency = pick(8) == 0 ? .eur : .gbp
        let id = "ORD-\(1000 + count)"
        try await note("order \(id) of \(who ?? "a stranger")") {
            try await shop.order(id, who, lines, on: $0, country: country, currency: currency)
        }
    }

    /// Some open invoice, or nil.
    private mutating func openInvoice(_ shop: Shop) async throws -> (number: String, customer: String, open: Int64)? {
        let query: SQL = """
            SELECT i.number || '|' || c.number || '|' || CAST(i.open_minor AS TEXT) FROM open_item i
              JOIN customer c ON c.entity_id = i.entity_id AND c.id = i.customer_id
             WHERE i.entity_id = 1 AND i.kind = 'invoice' AND i.open_minor > 0 AND i.currency = 'GBP' ORDER BY i.id
            """
        let open = try await shop.texts(query)
        guard !open.isEmpty else { return nil }
        let parts = open[pick(open.count)].split(separator: "|").map(String.init)
        return (parts[0], parts[1], Int64(parts[2]) ?? 0)
    }

    /// A transfer: exact, short by little or much, too much, without words, or with somebody else's.
    private mutating func pay(_ shop: Shop) async throws {
        guard let invoice = try await openInvoice(shop) else { return try await order(shop) }
        let amount = max(1, [invoice.open, invoice.open, invoice.open - 1_50, invoice.open / 2, invoice.open + 10_00, 12_34][pick(6)])
        let text = ["\(invoice.number)", "inv \(invoice.number.dropFirst(4))", "thanks", "INV-2026-00000\(1 + pick(9))"][pick(4)]
        let account = [iban(invoice.customer), iban(invoice.customer), iban("C0"), "FR1420041010050500013M02606"][pick(4)]
        let id = pick(3) == 0 ? nil : "E\(pick(4) == 0 ? 1 : count)", on = today + -pick(6)
        let entry = BankEntry.credit(amount, text, iban: account, e2e: id, on: on, reference: "B\(count)")
        if let id { endToEndIDs.append("\(id)|\(amount)") }
        entries.append(entry)
        let statement = "S\(count)"
        try await note("pay \(amount) \(text) \(id ?? "")") { _ in try await shop.statement(statement, [entry]) }
    }

    private mutating func receive(_ shop: Shop) async throws {
        let who = customer(), invoice = try await openInvoice(shop), amount = invoice?.open ?? Int64(1 + pick(90_00)), id = "T\(count)"
        let text = invoice?.number ?? "advance", on = today + -pick(4)
        try await note("receive \(id) \(amount) \(text) from \(who)") { _ in
            try await shop.receive(id, amount, text, from: who, e2e: "E\(id)", on: on)
        }
        endToEndIDs.append("E\(id)|\(amount)")
    }

    private mutating func bounce(_ shop: Shop) async throws {
        guard !endToEndIDs.isEmpty else { return try await order(shop) }
        let parts = endToEndIDs[pick(endToEndIDs.count)].split(separator: "|").map(String.init), on = today + -pick(3)
        let entry = BankEntry.returned(Int64(parts[1]) ?? 1, e2e: parts[0], on: on, reference: "R\(count)")
        entries.append(entry)
        let statement = "S\(count)"
        try await note("return \(parts[0]) \(parts[1])") { _ in try await shop.statement(statement, [entry]) }
    }

    private mutating func unapply(_ shop: Shop) async throws {
        let receipts = try await shop.texts("SELECT method || '|' || external_id FROM receipt WHERE entity_id = 1 ORDER BY id")
        guard !receipts.isEmpty else { return try await order(shop) }
        let parts = receipts[pick(receipts.count)].split(separator: "|").map(String.init)
        try await note("unapply \(parts[1])") { day in
            do { try await shop.unapply(parts[1], method: parts[0], on: day) } catch let refusal as any Refusal
                where refusal.category == .conflict
            {}
        }
    }

    /// A person settles some invoice with the oldest receipt that waits.
    private mutating func decideByHand(_ shop: Shop) async throws {
        let query: SQL = """
            SELECT r.method || '|' || r.external_id || '|' || CAST(r.amount_minor AS TEXT) FROM cash_queue q
              JOIN receipt r ON r.entity_id = q.entity_id AND r.id = q.receipt_id WHERE q.entity_id = 1 ORDER BY r.id
            """
        guard let waiting = try await shop.texts(query).first, let invoice = try await openInvoice(shop) else {
            return try await order(shop)
        }
        let parts = waiting.split(separator: "|").map(String.init), amount = min(invoice.open, Int64(parts[2]) ?? 0)
        try await note("\(parts[1]) by hand to \(invoice.number)") { day in
            do {
                try await shop.byHand(parts[1], method: parts[0], of: invoice.customer, [(invoice.number, amount)], on: day)
            } catch let refusal as any Refusal where refusal.category != .forbidden {}
        }
    }

    private mutating func cancel(_ shop: Shop) async throws {
        let query: SQL = """
            SELECT c.number || '|' || l.sku || '|' || CAST(l.quantity_milli AS TEXT) || '|' || CAST(l.price_micro AS TEXT) FROM invoice_line l
              JOIN invoice i ON i.entity_id = l.entity_id AND i.id = l.invoice_id
              JOIN customer c ON c.entity_id = i.entity_id AND c.id = i.customer_id
             WHERE l.entity_id = 1 AND l.quantity_milli > 0 ORDER BY l.invoice_id, l.line
            """
        let sold = try await shop.texts(query)
        guard !sold.isEmpty else { return try await order(shop) }
        let parts = sold[pick(sold.count)].split(separator: "|").map(String.init), quantity = (Int64(parts[2]) ?? 1_000) / 1_000
        let line = item(parts[1], -Int64(1 + pick(Int(quantity))), at: (Int64(parts[3]) ?? 0) / 10_000), id = "X-\(count)"
        try await note("cancel \(id) \(parts[1]) of \(parts[0])") { try await shop.cancel(id, parts[0], [line], on: $0) }
    }

    /// Closes the days until a few before today: what a bank tells of them later is booked after them.
    private mutating func close(_ shop: Shop) async throws {
        let day = today + -(1 + pick(5))
        guard day > closedThrough else { return try await order(shop) }
        closedThrough = day
        try await note("close through \(day.iso8601)") { _ in try await shop.close(through: day.iso8601) }
    }

    /// Yesterday's bookings come again in another statement.
    private mutating func again(_ shop: Shop) async throws {
        let recent = Array(entries.suffix(1 + pick(6))), statement = "again \(count)"
        guard !recent.isEmpty else { return try await order(shop) }
        try await note("again \(recent.count)") { _ in
            for entry in recent { try await shop.statement(statement, [entry]) }
        }
    }

    private mutating func release(_ shop: Shop) async throws {
        let held = try await shop.texts("SELECT external_id FROM sales_order WHERE entity_id = 1 AND state = 'held' ORDER BY id")
        guard !held.isEmpty else { return try await order(shop) }
        let order = held[pick(held.count)], event: OrderState.Event = pick(4) == 0 ? .cancel : .release
        try await note("\(event) \(order)") { try await shop.decide([order], event, on: $0) }
    }
}
