import Domain
import Operations
import Store
import Testing

/// The books counted again in Swift from the raw facts, sharing no query with the product.
struct Recount: Sendable {
    struct Item: Sendable {
        let id: Int64, customer: Int64?, number: String, on: String, dueOn: String, currency: String, amount: Int64
    }
    struct Move: Sendable {
        let id, debit, credit, amount: Int64, on: String
    }
    struct Line: Sendable {
        let entry: Int64, account, currency, on: String, amount: Int64
    }

    let items: [Item]
    let moves: [Move]
    let lines: [Line]

    init(_ entity: ID<Entity>, in tx: any Transaction) throws {
        items = try tx.rows(
            "SELECT id, customer_id, number, effective_on, due_on, currency, amount_minor FROM open_item WHERE entity_id = \(entity)"
        ) {
            Item(
                id: $0.integer(0), customer: $0.optionalInteger(1), number: $0.text(2), on: $0.text(3), dueOn: $0.text(4),
                currency: $0.text(5),
                amount: $0.integer(6))
        }
        moves = try tx.rows(
            "SELECT id, debit_item_id, credit_item_id, amount_minor, effective_on FROM allocation WHERE entity_id = \(entity)"
        ) { Move(id: $0.integer(0), debit: $0.integer(1), credit: $0.integer(2), amount: $0.integer(3), on: $0.text(4)) }
        let days = Dictionary(
            try tx.rows("SELECT id, effective_on FROM journal_entry WHERE entity_id = \(entity)") { ($0.integer(0), $0.text(1)) },
            uniquingKeysWith: { first, _ in first })
        lines = try tx.rows("SELECT entry_id, account, currency, amount_minor FROM posting WHERE entity_id = \(entity)") {
            Line(entry: $0.integer(0), account: $0.text(1), currency: $0.text(2), on: days[$0.integer(0)] ?? "?", amount: $0.integer(3))
        }
    }

    /// Every day on which something became effective, and the day before the first.
    var days: [String] { Set(lines.map(\.on) + moves.map(\.on)).sorted() }

    /// Balance of 1200 and 1290 by currency, zeros left out.
    func control(asOf day: String, through id: Int64 = .max) -> [String: Int64] {
        var sums: [String: Int64] = [:]
        for line in lines where (line.account == "1200" || line.account == "1290") && line.on <= day && line.entry <= id {
            sums[line.currency, default: 0] += line.amount
        }
        return sums.filter { $0.value != 0 }
    }

    /// What is open of each item that stands on that day.
    func open(asOf day: String, through id: Int64 = .max) -> [(item: Item, open: Int64)] {
        var settled: [Int64: Int64] = [:]
        for move in moves where move.on <= day && move.id <= id {
            settled[move.debit, default: 0] -= move.amount
            settled[move.credit, default: 0] += move.amount
        }
        return items.filter { $0.on <= day && $0.id <= id }.map { ($0, $0.amount + settled[$0.id, default: 0]) }
    }

    /// The aging of `AgingReport`, one row a currency.
    func aging(asOf day: String, through id: Int64 = .max) -> [String: AgingRow] {
        var rows: [String: AgingRow] = [:]
        guard let asOf = Day(day) else { return [:] }
        for (item, open) in self.open(asOf: day, through: id) where open != 0 {
            guard let currency = Currency(item.currency), let due = Day(item.dueOn) else { continue }
            rows[item.currency, default: AgingRow(asOf: asOf, in: currency)].add(Money(minor: open, currency), dueOn: due)
        }
        return rows
    }

    /// Items that stand beyond their amount on some day: settled twice, or settled before they were there.
    var overAllocated: [String] {
        days.flatMap { day in
            open(asOf: day).filter {
                ($0.item.amount > 0) != ($0.open >= 0) && $0.open != 0 || $0.open.magnitude > $0.item.amount.magnitude
            }
            .map { "on \(day) item \($0.item.number) of \($0.item.amount) has \($0.open) open" }
        }
    }
}

extension Shop {
    func recount() async throws -> Recount { try await database.read { [entity] in try Recount(entity, in: $0) } }

    func aging(asOf day: Day, knownAt: Instant? = nil) async throws -> [String: AgingRow] {
        let report = AgingReport(ReportMoment(entity, asOf: day, knownAt: knownAt))
        return Dictionary(
            uniqueKeysWithValues: try await database.read { try report.totals(in: $0) }.filter { !$0.isEmpty }.map {
                ($0.currency.code, $0)
            })
    }

    /// The whole proof: the product's own check, and everything that can be counted again beside it, for every day of the books.
    func proves(_ sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let check = try await database.read { [entity] in try CheckBooks(entity).run(in: $0) }
        #expect(check.faults == [], sourceLocation: sourceLocation)
        let recount = try await recount()
        #expect(recount.overAllocated == [], sourceLocation: sourceLocation)
        for day in recount.days {
            var sums: [String: Int64] = [:]
            for (item, open) in recount.open(asOf: day) { sums[item.currency, default: 0] += open }
            #expect(sums.filter { $0.value != 0 } == recount.control(asOf: day), "on \(day)", sourceLocation: sourceLocation)
        }
        let end: Day = "9999-12-31"
        #expect(try await aging(asOf: end) == recount.aging(asOf: end.iso8601), "kept sums", sourceLocation: sourceLocation)
        try await numbersHaveNoGap(sourceLocation)
        try await documentsAgree(sourceLocation)
    }

    /// Each series of each year counts 1, 2, 3 … in the order of issue, and so do its dates.
    func numbersHaveNoGap(_ sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let query: SQL = "SELECT i.number || '|' || i.issued_on FROM invoice i WHERE i.entity_id = \(entity) ORDER BY i.id"
        var last: [String: (sequence: Int, on: String)] = [:]
        for row in try await texts(query) {
            let parts = row.split(separator: "|"), words = parts[0].split(separator: "-"), on = String(parts[1])
            guard words.count == 3, ["INV", "CN"].contains(words[0]), let sequence = Int(words[2]) else { continue }
            let series = "\(words[0])-\(words[1])", before = last[series] ?? (0, "")
            #expect(sequence == before.sequence + 1 && on >= before.on && on.hasPrefix(words[1]), "\(row)", sourceLocation: sourceLocation)
            last[series] = (sequence, on)
        }
    }

    /// Document, lines, journal entry and open item say the same.
    func documentsAgree(_ sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let differing: SQL = """
            SELECT i.number FROM invoice i
              JOIN open_item o ON o.entity_id = i.entity_id AND o.id = i.id
              JOIN (SELECT entry_id, SUM(amount_minor) AS amount FROM posting WHERE entity_id = \(entity) AND account = '1200' GROUP BY entry_id) p
                ON p.entry_id = i.id
             WHERE i.entity_id = \(entity) AND (o.amount_minor <> CASE i.type_code WHEN 380 THEN i.gross_minor ELSE -i.gross_minor END
                OR o.amount_minor <> p.amount OR i.gross_minor <> i.net_minor + i.tax_minor)
            """
        #expect(try await texts(differing) == [], sourceLocation: sourceLocation)
        let lines: SQL = """
            SELECT i.number FROM invoice i
              JOIN (SELECT invoice_id, SUM(net_minor) AS net FROM invoice_line WHERE entity_id = \(entity) GROUP BY invoice_id) l
                ON l.invoice_id = i.id
             WHERE i.entity_id = \(entity) AND l.net <> CASE i.type_code WHEN 380 THEN i.net_minor ELSE -i.net_minor END
            """
        #expect(try await texts(lines) == [], sourceLocation: sourceLocation)
    }
}

extension AgingRow {
    var isEmpty: Bool { counts.allSatisfy { $0 == 0 } && creditCount == 0 }
}
