import Domain
import Store

/// Finds what a person types: a number, the beginning of one, a part of a name, an amount, or what a bank tells of a payment.
package struct Search: Sendable {
    package struct Hit: Sendable {
        package enum Noun: String, CaseIterable, Sendable {
            case customer, order, invoice, receipt, statement
            case creditNote = "credit_note"
        }
        package let noun: Noun
        /// A receipt's is its name.
        package let number: String
        /// Of orders, receipts and statements, whose pages go by id.
        package let id: Int64
        package let name: String
        package let amount: Money?
        package let on: Day?
        /// The whole number was typed.
        package let isExact: Bool
    }

    package struct Found: Sendable {
        package private(set) var hits: [Hit] = []
        /// There are more of a kind than are shown.
        package private(set) var isCut = false

        /// - Parameter more: Of one kind, read one beyond the limit; what was found before stands once.
        fileprivate mutating func add(_ more: [Hit]) {
            isCut = isCut || more.count > Search.limit
            let new = more.prefix(Search.limit).filter { hit in !hits.contains { $0.noun == hit.noun && $0.id == hit.id } }
            hits += new
        }
    }

    package static let limit = 12
    private static let beyond = limit + 1
    /// How many of the newest receipts are read for their amount, besides those with a rest: an index over every receipt's amount would
    /// slow each booking. Of the documents of an amount, which an index has, so many are read for their currency.
    package static let settledReach = 10_000
    /// How many of the receipts that wait, the heaviest first, and of the newest statements are read for words that no index holds.
    package static let scanReach = 2_000
    private static let accountLength = 8
    /// How many of the newest orders are read for their amount, besides those that are held.
    package static let orderReach = 10_000
    private let entity: ID<Entity>
    private let text: String
    private let names: CustomerNames?
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - names: Of this snapshot, which a caller may keep; nil reads them.
    ///   - moment: What was recorded by then and is of that day or before, by what it is called now; receipts that waited then. nil tells of
    ///     now.
    package init(_ entity: ID<Entity>, _ text: String, among names: CustomerNames? = nil, at moment: ReportMoment? = nil) {
        (self.entity, self.text, self.names, self.moment) = (entity, String(text.prefix(80)), names, moment)
    }

    private struct Bounds {
        let day: Day
        let horizon: Int64
        /// Of what has no day of its own.
        let recorded: Int64
    }

    package func run(in tx: any Transaction) throws -> Found {
        var found = Found()
        guard !text.isEmpty else { return found }
        let known = Bounds(
            day: moment?.asOf ?? .latest, horizon: try moment?.horizon(in: tx) ?? .max,
            recorded: try moment?.recordedHorizon(in: tx) ?? .max)
        for more in try customers(known, in: tx) { found.add(more) }
        found.add(try documents(known, in: tx))
        found.add(try orders(known, in: tx))
        found.add(try waitingReceipts(in: tx))
        found.add(try receiptsByEndToEndID(known, in: tx))
        found.add(try statements(known, in: tx))
        if let typed = SearchedAmount(text) {
            found.add(try documents(of: typed, known, in: tx))
            found.add(try receipts(of: typed, known, in: tx))
            found.add(try orders(of: typed, known, in: tx))
        }
        return found
    }

    /// Numbers are mostly written in capitals, and typed without.
    private var capitals: String { text.uppercased() }

    /// A condition: the column holds the words, in whatever case.
    private func holds(_ column: String, _ values: inout [SQLValue]) -> String {
        let matches = spellings(of: text).map { spelling in
            values.append(.text("%\(escaped(spelling))%"))
            return "§lower(\(column)) LIKE $\(values.count) ESCAPE '!'"
        }
        return matches.joined(separator: " OR ")
    }

    /// Those whose number begins so, then those whose name, or mail address where one is typed, holds it.
    private func customers(_ known: Bounds, in tx: any Transaction) throws -> [[Hit]] {
        func hit(_ row: Row) -> Hit {
            Hit(
                noun: .customer, number: row.text(1), id: row.integer(0), name: row.text(2), amount: nil, on: nil,
                isExact: row.text(1).uppercased() == capitals)
        }
        let numbered = try tx.rows(
            """
            SELECT c.id, c.number, c.name
              FROM (SELECT id FROM (SELECT id FROM customer
                                     WHERE entity_id = \(entity) AND number >= \(text) AND number < \(end(ofPrefix: text))
                                       AND id <= \(known.recorded)
                                     ORDER BY number LIMIT \(Self.beyond)) typed
                     UNION
                    SELECT id FROM (SELECT id FROM customer
                                     WHERE entity_id = \(entity) AND number >= \(capitals) AND number < \(end(ofPrefix: capitals))
                                       AND id <= \(known.recorded)
                                     ORDER BY number LIMIT \(Self.beyond)) capital) x
              JOIN customer c ON c.entity_id = \(entity) AND c.id = x.id ORDER BY c.number LIMIT \(Self.beyond)
            """, hit)
        let ids = try (names ?? CustomerNames(entity, in: tx)).ids(holding: text, through: known.recorded, limit: Self.beyond)
        guard !ids.isEmpty else { return [numbered] }
        let named = Dictionary(
            try tx.rows("SELECT id, number, name FROM customer WHERE entity_id = \(entity) AND id IN \(ids: ids)", hit).map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first })
        return [numbered, ids.compactMap { named[$0] }]
    }

    private func documents(_ known: Bounds, in tx: any Transaction) throws -> [Hit] {
        try tx.rows(
            """
            SELECT d.id, d.number, c.name, d.currency, d.gross_minor, d.issued_on, d.type_code
              FROM invoice d JOIN customer c ON c.entity_id = d.entity_id AND c.id = d.customer_id
             WHERE d.entity_id = \(entity) AND d.number >= \(text.uppercased()) AND d.number < \(end(ofPrefix: text.uppercased()))
               AND d.issued_on <= \(known.day) AND d.id <= \(known.horizon)
             ORDER BY d.number LIMIT \(Self.beyond)
            """
        ) { row in
            Hit(
                noun: row.integer(6) == 381 ? .creditNote : .invoice, number: row.text(1), id: row.integer(0), name: row.text(2),
                amount: Money(minor: row.integer(6) == 381 ? -row.integer(4) : row.integer(4), row.currency(3)), on: row.day(5),
                isExact: row.text(1) == text.uppercased())
        }
    }

    private func orders(_ known: Bounds, in tx: any Transaction) throws -> [Hit] {
        try tx.rows(
            """
            SELECT o.id, o.external_id, c.name, o.currency, o.gross_minor, o.ordered_on
              FROM (SELECT id FROM (SELECT id FROM sales_order
                                     WHERE entity_id = \(entity) AND external_id >= \(text) AND external_id < \(end(ofPrefix: text))
                                       AND ordered_on <= \(known.day) AND id <= \(known.horizon)
                                     ORDER BY external_id LIMIT \(Self.beyond)) typed
                     UNION
                    SELECT id FROM (SELECT id FROM sales_order
                                     WHERE entity_id = \(entity) AND external_id >= \(capitals) AND external_id < \(end(ofPrefix: capitals))
                                       AND ordered_on <= \(known.day) AND id <= \(known.horizon)
                                     ORDER BY external_id LIMIT \(Self.beyond)) capital) x
              JOIN sales_order o ON o.entity_id = \(entity) AND o.id = x.id
              JOIN customer c ON c.entity_id = o.entity_id AND c.id = o.customer_id
             ORDER BY o.external_id, o.channel LIMIT \(Self.beyond)
            """, order)
    }

    private func order(_ row: Row) -> Hit {
        Hit(
            noun: .order, number: row.text(1), id: row.integer(0), name: row.text(2), amount: row.money(4, row.currency(3)), on: row.day(5),
            isExact: row.text(1).uppercased() == capitals)
    }

    /// Those of exactly that gross amount, the latest first: the held ones, however old, and all among the newest `orderReach`. One whose
    /// document is of the same amount is left to that.
    private func orders(of typed: SearchedAmount, _ known: Bounds, in tx: any Transaction) throws -> [Hit] {
        var values: [SQLValue] = [.integer(entity.value), .text(known.day.iso8601), .integer(known.horizon)]
        let minors = typed.minors(&values), fits = typed.fits("o.gross_minor", "o.currency", &values)
        let text = """
            SELECT o.id, o.external_id, c.name, o.currency, o.gross_minor, o.ordered_on
              FROM (SELECT id FROM sales_order WHERE entity_id = $1 AND state = 'held' AND gross_minor IN \(minors)
                     UNION
                    SELECT id FROM (SELECT id, gross_minor FROM sales_order WHERE entity_id = $1 AND ordered_on <= $2 AND id <= $3
                                     ORDER BY id DESC LIMIT \(Self.orderReach)) newest
                     WHERE gross_minor IN \(minors)) x
              JOIN sales_order o ON o.entity_id = $1 AND o.id = x.id
              JOIN customer c ON c.entity_id = o.entity_id AND c.id = o.customer_id
              LEFT JOIN invoice d ON d.entity_id = o.entity_id AND d.id = o.document_id AND d.issued_on <= $2 AND d.id <= $3
             WHERE o.ordered_on <= $2 AND o.id <= $3 AND (d.id IS NULL OR d.gross_minor <> o.gross_minor) AND \(fits)
             ORDER BY o.id DESC LIMIT \(Self.beyond)
            """
        return try tx.rows(SQL(text: text, values: values), order)
    }

    /// Those that wait whose payer's name holds the words, or whose payer's account or reference they are, blanks aside; the latest first.
    private func waitingReceipts(in tx: any Transaction) throws -> [Hit] {
        // An amount is no payer: those of that amount are found below.
        guard SearchedAmount(text) == nil else { return [] }
        // Less than that is no account: the range is empty.
        let plain = text.filter { !$0.isWhitespace }.uppercased(),
            last = plain.count < Self.accountLength ? plain : end(ofPrefix: plain)
        var values: [SQLValue] = [.integer(entity.value), .integer(Int64(Self.scanReach))]
        let source = try waitingSource(moment, &values, in: tx)
        let queue = "SELECT q.receipt_id FROM \(source) q ORDER BY q.weight DESC, q.receipt_id DESC LIMIT $2"
        let waiting = try tx.rows(SQL(text: queue, values: values)) { $0.integer(0) }
        var given: [SQLValue] = [
            .integer(entity.value), .integers(waiting), .text(plain), .text(last), .integer(Int64(Self.beyond)),
        ]
        let words = holds("payer_name", &given)
        let told = """
            SELECT id, external_id, COALESCE(payer_name, ''), currency, amount_minor, booked_on FROM receipt
             WHERE entity_id = $1 AND id IN (SELECT value FROM §integers($2))
               AND (\(words) OR upper(replace(structured_reference, ' ', '')) = $3 OR payer_iban >= $3 AND payer_iban < $4)
             ORDER BY booked_on DESC, id DESC LIMIT $5
            """
        return try tx.rows(SQL(text: told, values: given), receipt)
    }

    private func receiptsByEndToEndID(_ known: Bounds, in tx: any Transaction) throws -> [Hit] {
        try tx.rows(
            """
            SELECT id, external_id, COALESCE(payer_name, ''), currency, amount_minor, booked_on FROM receipt
             WHERE entity_id = \(entity) AND end_to_end_id >= \(text) AND end_to_end_id < \(end(ofPrefix: text))
               AND booked_on <= \(known.day) AND id <= \(known.horizon)
             ORDER BY end_to_end_id, id LIMIT \(Self.beyond)
            """, receipt)
    }

    private func receipt(_ row: Row) -> Hit {
        Hit(
            noun: .receipt, number: receiptName(row.text(1), payer: row.text(2), on: row.text(5)), id: row.integer(0), name: row.text(2),
            amount: Money(minor: row.integer(4), row.currency(3)), on: row.day(5), isExact: false)
    }

    /// Those whose number begins so, among the newest.
    private func statements(_ known: Bounds, in tx: any Transaction) throws -> [Hit] {
        try tx.rows(
            """
            SELECT id, statement_id, account_iban, currency, closing_minor, created_on
              FROM (SELECT * FROM statement
                     WHERE entity_id = \(entity) AND COALESCE(created_on, '') <= \(known.day) AND id <= \(known.horizon)
                     ORDER BY id DESC LIMIT \(Self.scanReach)) AS newest
             WHERE §lower(statement_id) LIKE \(escaped(text.lowercased()) + "%") ESCAPE '!' ORDER BY id DESC LIMIT \(Self.beyond)
            """
        ) { row in
            Hit(
                noun: .statement, number: row.text(1), id: row.integer(0), name: row.text(2),
                amount: row.optionalInteger(4).map { Money(minor: $0, row.currency(3)) }, on: row.optionalDay(5),
                isExact: row.text(1) == text)
        }
    }

    /// Those of exactly that amount, settled or not, the latest first: all where it is one in every booked currency, otherwise those among
    /// the newest `settledReach` of that many minor units.
    private func documents(of typed: SearchedAmount, _ known: Bounds, in tx: any Transaction) throws -> [Hit] {
        let booked = Set(try bookedCurrencies(entity, in: tx).map(\.code))
        func latest(_ minor: Int64, _ currencies: Set<String>) -> SQL {
            let reach = currencies == booked ? Self.beyond : Self.settledReach
            return """
                SELECT i.id, i.number, c.name, i.currency, i.amount_minor, i.effective_on
                  FROM (SELECT * FROM (SELECT entity_id, id, customer_id, number, currency, amount_minor, effective_on FROM open_item
                                        WHERE entity_id = \(entity) AND kind IN ('invoice', 'credit_note', 'opening')
                                          AND amount_minor = \(minor) AND effective_on <= \(known.day) AND id <= \(known.horizon)
                                        ORDER BY id DESC LIMIT \(reach)) newest
                         WHERE currency IN \(texts: currencies.sorted()) ORDER BY id DESC LIMIT \(Self.beyond)) i
                  JOIN customer c ON c.entity_id = i.entity_id AND c.id = i.customer_id ORDER BY i.id DESC
                """
        }
        let hits = try typed.signed.flatMap { minor, currencies -> [Hit] in
            let own = booked.intersection(currencies)
            guard !own.isEmpty else { return [] }
            return try tx.rows(latest(minor, own)) { row in
                Hit(
                    noun: minor < 0 ? .creditNote : .invoice, number: row.text(1), id: row.integer(0), name: row.text(2),
                    amount: row.money(4, row.currency(3)), on: row.day(5), isExact: false)
            }
        }
        return Array(hits.sorted { $0.id > $1.id }.prefix(Self.beyond))
    }

    /// Those of exactly that amount, the latest first: all with a rest, and the others among the
    /// newest `settledReach`.
    private func receipts(of typed: SearchedAmount, _ known: Bounds, in tx: any Transaction) throws -> [Hit] {
        var values: [SQLValue] = [.integer(entity.value), .text(known.day.iso8601), .integer(known.horizon)]
        let minors = typed.minors(&values), fits = typed.fits("r.amount_minor", "r.currency", &values)
        let text = """
            SELECT r.id, r.external_id, COALESCE(r.payer_name, ''), r.currency, r.amount_minor, r.booked_on
              FROM (SELECT id FROM open_item WHERE entity_id = $1 AND amount_minor IN \(minors) AND open_minor <> 0 AND kind = 'receipt'
                     UNION
                    SELECT id FROM (SELECT id, amount_minor FROM receipt WHERE entity_id = $1 AND id <= $3
                                     ORDER BY id DESC LIMIT \(Self.settledReach)) newest
                     WHERE amount_minor IN \(minors)) x
              JOIN receipt r ON r.entity_id = $1 AND r.id = x.id
             WHERE r.booked_on <= $2 AND r.id <= $3 AND \(fits)
             ORDER BY r.id DESC LIMIT \(Self.beyond)
            """
        return try tx.rows(SQL(text: text, values: values), receipt)
    }

    private func escaped(_ text: String) -> String { text.replacing("!", with: "!!").replacing("%", with: "!%").replacing("_", with: "!_") }
}

/// `1,234.50`, `1.234,50`, `£1234.50`, `GBP 1234.50` and `-12.5`: an amount of either sign, of the currency that is typed or of any.
private struct SearchedAmount {
    /// Minor units of zero and above, each with the codes of the currencies in which they are what was typed.
    private let amounts: [(minor: Int64, currencies: [String])]

    init?(_ text: String) {
        var plain = text.filter { !$0.isWhitespace && !"£€$¥".contains($0) }.replacing("\u{2212}", with: "-")
        let currency: Currency?
        if let first = Currency(plain.prefix(3).uppercased()) {
            (currency, plain) = (first, String(plain.dropFirst(3)))
        } else if let last = Currency(plain.suffix(3).uppercased()) {
            (currency, plain) = (last, String(plain.dropLast(3)))
        } else {
            currency = nil
        }
        guard let typed = TypedAmount(plain.hasPrefix("-") ? String(plain.dropFirst()) : plain) else { return nil }
        let all = currency.map { [$0] } ?? Currency.codes.compactMap { Currency($0) }
        var codes: [Int64: [String]] = [:]
        for (exponent, currencies) in Dictionary(grouping: all, by: \.exponent) {
            for minor in typed.minors(exponent: exponent) { codes[minor, default: []] += currencies.map(\.code) }
        }
        amounts = codes.sorted { $0.key < $1.key }.map { (minor: $0.key, currencies: $0.value) }
    }

    /// Of both signs.
    var signed: [(minor: Int64, currencies: [String])] {
        amounts.flatMap { one in one.minor == 0 ? [one] : [one, (minor: -one.minor, currencies: one.currencies)] }
    }

    /// Whatever currency they are of, both signs, as a list for `IN`, which an index answers.
    func minors(_ values: inout [SQLValue]) -> String {
        let first = values.count + 1
        values += signed.map { .integer($0.minor) }
        return first > values.count ? "(NULL)" : "(\((first...values.count).map { "$\($0)" }.joined(separator: ", ")))"
    }

    /// A condition: the amount in that currency is what was typed.
    func fits(_ minor: String, _ currency: String, _ values: inout [SQLValue]) -> String {
        let conditions = signed.map { one -> String in
            values += [.integer(one.minor), .texts(one.currencies)]
            return "(\(minor) = $\(values.count - 1) AND \(currency) IN (SELECT value FROM §texts($\(values.count))))"
        }
        return conditions.isEmpty ? "1 = 0" : "(\(conditions.joined(separator: " OR ")))"
    }
}
