import Domain
import Store

/// Receipts, the last recorded first unless asked otherwise, a page at a time.
package struct ReceiptList: Sendable {
    /// The latest or the largest first.
    package enum Order: String, CaseIterable, Sendable { case date, amount }
    package enum Filter: String, CaseIterable, Sendable { case all, unapplied, applied, notOurs = "not_ours", retold, returned, new }
    /// Of a receipt: it waits for a person or for an answer, it was applied, set aside as not ours, told again by the bank under another number,
    /// taken back by the bank, or no run has decided it yet. At an earlier moment one that was not decided yet counts as unapplied.
    package enum State: String, CaseIterable, Sendable { case unapplied, applied, notOurs = "not_ours", retold, returned, new }
    package struct Line: Sendable {
        package let id: ID<Receipt>
        package let bookedOn: Day
        package let method: String
        package let payer: String
        package let remittance: String
        package let amount: Money
        /// The rule of the last application; nil when there is none.
        package let rule: String?
        package let state: State
        /// Of its method; a bank's is a digest of ours.
        package let number: String
        package var isWaiting: Bool { state == .unapplied }
        package var isReturned: Bool { state == .returned }
    }

    private let entity: ID<Entity>
    private let filter: Filter
    private let order: Order?
    private let isReversed: Bool
    private let after: ListPlace?
    private let limit: Int
    private let moment: ReportMoment?
    private let narrowed: ListFilter

    /// - Parameters:
    ///   - narrowed: By the day of booking and the amount; a customer's are those whose money stands on its account.
    ///   - moment: Receipts and their applications of that day or before that were recorded by then; nil tells of now.
    package init(
        _ entity: ID<Entity>, _ filter: Filter = .all, _ order: Order? = nil, reversed: Bool = false,
        where narrowed: ListFilter = .none, after: ListPlace? = nil, limit: Int = ListLimit.page, at moment: ReportMoment? = nil
    ) {
        (self.entity, self.filter, self.after, self.limit, self.moment) = (entity, filter, after, limit, moment)
        (self.order, isReversed, self.narrowed) = (order, reversed, narrowed)
    }

    private var listOrder: ListOrder {
        switch order {
        case nil: ListOrder("r.id", .integer, id: "r.id", descending: !isReversed)
        case .date: ListOrder("r.booked_on", .text, id: "r.id", descending: !isReversed)
        case .amount: ListOrder(tenThousandths(of: "r.amount_minor", in: "r.currency"), .integer, id: "r.id", descending: !isReversed)
        }
    }

    /// - Parameters:
    ///   - ranking: Of this list in this snapshot; without one, an order by day or amount reads every row.
    ///   - figures: Of all receipts in this snapshot; without them, what the list is narrowed by is looked for in every row.
    package func page(in tx: any Transaction, by ranking: Ranking? = nil, among figures: ListFigures? = nil) throws -> ListPage<Line> {
        if let moment { return try page(at: moment, in: tx) }
        let queued = "JOIN cash_queue q ON q.entity_id = r.entity_id AND q.receipt_id = r.id",
            joined = filter == .unapplied ? queued : "LEFT " + queued,
            last = "FROM application p WHERE p.entity_id = r.entity_id AND p.receipt_id = r.id ORDER BY p.id DESC LIMIT 1",
            waits = "q.receipt_id IS NOT NULL", isOfState = filter != .all && filter != .unapplied
        var values: [SQLValue] = [.integer(entity.value)], condition = try condition(&values, in: tx), state = ""
        if let figures {
            let isAlone = filter == .all || figures.isOfState
            let figure: ListFigures.Figure? = order.map { $0 == .date ? .day : .tenThousandths }
            let places = figures.places(narrowed, listOrder, by: figure, after: after, limit: limit, isAlone: isAlone, &values)
            condition += places.condition(on: "r.id")
        }
        if isOfState {
            state = Self.state(waits: waits, isReturned: try isTakenBack("r.id", nil, &values, in: tx), last)
            condition += only(state)
        }
        var places = try ranking.flatMap { try ids(of: $0, in: tx) }
        if places == nil, order != nil, filter == .unapplied || filter == .all && narrowed != .none {
            // Sorted as ids alone: the rule of each would be looked up before.
            let waiting = filter == .unapplied ? " " + queued : ""
            places = try .read(
                "SELECT r.id, \(listOrder.column) FROM receipt r\(waiting) WHERE r.entity_id = $1\(condition)", listOrder, after: after,
                limit: limit,
                values: values, in: tx
            ) { ($0.integer(0), ListPlace($0.text(1), $0.integer(0))) }
        }
        if let places {
            // PostgreSQL wants a place for each value: what led to the places is left out.
            values = [.integer(entity.value), .integers(places.rows)]
            condition = " AND r.id IN (SELECT value FROM §integers($2))"
        }
        if !isOfState { state = Self.state(waits: waits, isReturned: try isTakenBack("r.id", nil, &values, in: tx), last) }
        var page = try ListPage<Line>.read(
            """
            SELECT r.id, r.booked_on, r.method, COALESCE(r.payer_name, ''), r.remittance, r.currency, r.amount_minor, (SELECT p.rule \(last)),
                   \(state), r.external_id
              FROM receipt r \(joined) WHERE r.entity_id = $1\(condition)
            """, listOrder, after: places == nil ? after : nil, limit: limit, values: values, in: tx, line)
        if let places { page.next = places.next }
        return page
    }

    private func page(at moment: ReportMoment, in tx: any Transaction) throws -> ListPage<Line> {
        var values: [SQLValue] = [.integer(entity.value)]
        let known = try moment.condition("r.booked_on", "r.id", &values, in: tx),
            applied = try moment.condition("p.applied_on", "p.id", &values, in: tx), narrower = try condition(&values, in: tx)
        let last = "FROM application p WHERE p.entity_id = r.entity_id AND p.receipt_id = r.id\(applied) ORDER BY p.id DESC LIMIT 1"
        let waits = try isWaiting("r.id", moment, &values, in: tx)
        let state = Self.state(waits: waits, isReturned: try isTakenBack("r.id", moment, &values, in: tx), last)
        return try .read(
            """
            SELECT r.id, r.booked_on, r.method, COALESCE(r.payer_name, ''), r.remittance, r.currency, r.amount_minor, (SELECT p.rule \(last)),
                   \(state), r.external_id
              FROM receipt r WHERE r.entity_id = $1\(known)\(narrower)\(filter == .unapplied ? " AND \(waits)" : only(state))
            """, listOrder, after: after, limit: limit, values: values, in: tx, line)
    }

    /// - Parameters:
    ///   - waits, isReturned: Conditions.
    ///   - last: The last application `p`, from `FROM` on.
    private static func state(waits: String, isReturned: String, _ last: String) -> String {
        """
        CASE WHEN \(waits) THEN 'unapplied' WHEN \(isReturned) THEN 'returned'
          ELSE COALESCE((SELECT CASE WHEN p.reverses_id IS NOT NULL THEN 'unapplied' WHEN p.rule IN ('not_ours', 'retold') THEN p.rule
                                     ELSE 'applied' END \(last)), 'new') END
        """
    }

    /// What the queue does not tell as a condition on the state.
    private func only(_ state: String) -> String { filter == .all || filter == .unapplied ? "" : " AND \(state) = '\(filter.rawValue)'" }

    private func condition(_ values: inout [SQLValue], in tx: any Transaction) throws -> String {
        let condition = narrowed.condition(day: "r.booked_on", amount: "r.amount_minor", currency: "r.currency", &values)
        guard let own = try narrowed.receipts(of: entity, &values, at: moment, in: tx) else { return condition }
        return condition + " AND r.id IN (\(own))"
    }

    private func line(_ row: Row) -> (row: Line, place: ListPlace) {
        let line = Line(
            id: row.id(0), bookedOn: row.day(1), method: row.text(2), payer: row.text(3), remittance: row.text(4),
            amount: row.money(6, row.currency(5)), rule: row.optionalText(7), state: row.word(8), number: row.text(9))
        let value =
            switch order {
            case nil: ""
            case .date: line.bookedOn.iso8601
            case .amount: String(line.amount.tenThousandths)
            }
        return (line, ListPlace(value, row.integer(0)))
    }
}

extension ReceiptList: RankedList {
    /// Of all receipts: those that wait are picked from it, those in another state read from the table.
    package var rankingName: String? {
        moment == nil && narrowed == .none ? order.map { "receipts by \(isReversed ? "-" : "")\($0.rawValue)" } : nil
    }

    /// A receipt never changes: the first of all are the first of those held and those that are new.
    package func ranking(since kept: Ranking.Kept?, in tx: any Transaction) throws -> Ranking {
        try .firstRows(
            "SELECT r.id, \(listOrder.column) FROM receipt r WHERE r.entity_id = $1 AND r.id > $2", listOrder, entity, since: kept,
            in: tx)
    }

    package func wholeRanking(in tx: any Transaction) throws -> Ranking? {
        guard order != nil, moment == nil else { return nil }
        var values: [SQLValue] = [.integer(entity.value)]
        let condition = try condition(&values, in: tx)
        return try .rows("SELECT r.id, \(listOrder.column) FROM receipt r WHERE r.entity_id = $1\(condition)", values, listOrder, in: tx)
    }

    private func ids(of ranking: Ranking, in tx: any Transaction) throws -> ListPage<Int64>? {
        guard filter == .unapplied else { return filter == .all ? ranking.page(after: after, limit: limit) : nil }
        let waiting = Set(try tx.rows("SELECT receipt_id FROM cash_queue WHERE entity_id = \(entity)") { $0.integer(0) })
        return ranking.page(after: after, limit: limit) { waiting.intersection($0) }
    }
}

/// Bank statements, the latest first, a page at a time.
package struct StatementList: Sendable {
    package struct Line: Sendable {
        package let id: Int64
        package let account: String
        package let number: String
        package let format: String
        package let createdOn: Day?
        package let currency: Currency
        package let opening: Money?
        package let closing: Money?
        /// One sentence a line; empty when all is well.
        package let findings: String
    }

    private let entity: ID<Entity>
    private let account: String?
    private let days: ListFilter
    private let after: ListPlace?
    private let limit: Int
    private let moment: ReportMoment?

    /// - Parameters:
    ///   - account: Only this one's, as it is told: without blanks.
    ///   - days: Only what was made out on them.
    ///   - moment: Statements made out on that day or before that were taken in by then; nil tells of now.
    package init(
        _ entity: ID<Entity>, account: String? = nil, on days: ListFilter = .none, after: ListPlace? = nil, limit: Int = ListLimit.page,
        at moment: ReportMoment? = nil
    ) {
        (self.entity, self.account, self.days, self.after, self.limit, self.moment) = (entity, account, days, after, limit, moment)
    }

    package func page(in tx: any Transaction) throws -> ListPage<Line> {
        var values: [SQLValue] = [.integer(entity.value)]
        var known = try moment?.condition(Self.day, "id", &values, in: tx) ?? ""
        known += days.condition(day: "created_on", &values)
        if let account {
            values.append(.text(account))
            known += " AND account_iban = $\(values.count)"
        }
        return try .read(
            "SELECT \(Self.columns) FROM statement WHERE entity_id = $1\(known)", ListOrder("id", .integer, id: "id", descending: true),
            after: after,
            limit: limit, values: values, in: tx
        ) { (Self.line($0), ListPlace("", $0.integer(0))) }
    }

    /// One without a day of its own is of any day.
    fileprivate static let day = "COALESCE(created_on, '')"

    fileprivate static let columns = "id, account_iban, statement_id, format, created_on, currency, opening_minor, closing_minor, findings"
    fileprivate static func line(_ row: Row) -> Line {
        let currency = row.currency(5)
        return Line(
            id: row.integer(0), account: row.text(1), number: row.text(2), format: row.text(3), createdOn: row.optionalDay(4),
            currency: currency,
            opening: row.optionalInteger(6).map { Money(minor: $0, currency) },
            closing: row.optionalInteger(7).map { Money(minor: $0, currency) },
            findings: row.text(8))
    }
}

/// One statement with its entries and what became of each.
package struct StatementView: Sendable {
    package struct Entry: Sendable {
        package let id: Int64
        package let bookedOn: Day
        package let valueOn: Day
        package let amount: Money
        package let isReversal: Bool
        package let returnReason: String?
        package let reference: String?
        package let receipt: ID<Receipt>?
        package let payer: String?
        package let remittance: String?
        package let rule: String?
        package let isWaiting: Bool
        /// The bank took the money of its receipt back.
        package let isReturned: Bool
    }
    package let statement: StatementList.Line
    package let entries: [Entry]
    package let next: ListPlace?

    /// - Parameter moment: The statement as it was known then, with what had become of its entries; nil tells of now.
    package static func read(
        _ entity: ID<Entity>, _ id: Int64, after: ListPlace? = nil, limit: Int = ListLimit.page, at moment: ReportMoment? = nil,
        in tx: any Transaction
    ) throws -> StatementView? {
        var values: [SQLValue] = [.integer(entity.value), .integer(id)]
        let known = try moment?.condition(StatementList.day, "id", &values, in: tx) ?? ""
        let text = "SELECT \(StatementList.columns) FROM statement WHERE entity_id = $1 AND id = $2\(known)"
        guard let statement = try tx.first(SQL(text: text, values: values), StatementList.line) else { return nil }
        values = [.integer(entity.value), .integer(id)]
        let told = try moment?.condition("e.booked_on", "e.id", &values, in: tx) ?? "",
            applied = try moment?.condition("p.applied_on", "p.id", &values, in: tx) ?? "",
            last = "FROM application p WHERE p.entity_id = r.entity_id AND p.receipt_id = r.id\(applied) ORDER BY p.id DESC LIMIT 1"
        let waits = try moment.map { "r.id IS NOT NULL AND \(try isWaiting("r.id", $0, &values, in: tx))" } ?? "q.receipt_id IS NOT NULL"
        let returned = try isTakenBack("r.id", moment, &values, in: tx)
        // An entry follows its statement in time, so the walk begins at the statement's own id.
        let page = try ListPage<Entry>.read(
            """
            SELECT e.id, e.booked_on, e.value_on, e.currency, e.amount_minor, e.reversal, e.return_reason, e.reference, r.id, r.payer_name, r.remittance,
                   (SELECT p.rule \(last)), CASE WHEN \(waits) THEN 1 ELSE 0 END, CASE WHEN \(returned) THEN 1 ELSE 0 END
              FROM statement_entry e
              LEFT JOIN receipt r ON r.entity_id = e.entity_id AND r.external_id = e.entry_key AND r.method = 'bank'
              LEFT JOIN cash_queue q ON q.entity_id = r.entity_id AND q.receipt_id = r.id
             WHERE e.entity_id = $1 AND e.statement_id = $2 AND e.id > $2\(told)
            """, ListOrder("e.id", .integer, id: "e.id"), after: after, limit: limit, values: values, in: tx
        ) { row in
            let entry = Entry(
                id: row.integer(0), bookedOn: row.day(1), valueOn: row.day(2), amount: row.money(4, row.currency(3)),
                isReversal: row.integer(5) == 1,
                returnReason: row.optionalText(6), reference: row.optionalText(7), receipt: row.optionalID(8), payer: row.optionalText(9),
                remittance: row.optionalText(10), rule: row.optionalText(11), isWaiting: row.integer(12) == 1,
                isReturned: row.integer(13) == 1)
            return (entry, ListPlace("", row.integer(0)))
        }
        return StatementView(statement: statement, entries: page.rows, next: page.next)
    }
}
