import Domain
import Store

/// Orders, the newest first and held ones by amount unless asked otherwise, a page at a time.
package struct OrderList: Sendable {
    /// The latest or the largest first.
    package enum Order: String, CaseIterable, Sendable { case date, amount }
    /// All, or those in a state of `OrderState`.
    package enum Filter: String, CaseIterable, Sendable { case all, held, confirmed, billed, cancelled, noCharge = "no_charge" }
    package struct Line: NamesCustomer, Sendable {
        package let id: ID<Domain.Order>
        package let number: String
        package let channel: String
        package let customerNumber: String
        package internal(set) var customerName: String
        package let kind: String
        package let orderedOn: Day
        package let gross: Money
        package let state: String
        package let documentNumber: String?
        /// Why it is held; nil when it is not.
        package let reason: String?
    }

    private let entity: ID<Entity>
    private let filter: Filter
    private let order: Order?
    private let isReversed: Bool
    private let after: ListPlace?
    private let limit: Int
    private let id: ID<Domain.Order>?
    private let moment: ReportMoment?
    private let narrowed: ListFilter

    /// - Parameters:
    ///   - narrowed: By the day of ordering and the gross amount.
    ///   - id: Only this one.
    ///   - moment: Orders with the state of that day by that knowledge, with the names of then. nil tells of now.
    package init(
        _ entity: ID<Entity>, _ filter: Filter = .all, _ order: Order? = nil, reversed: Bool = false,
        where narrowed: ListFilter = .none, after: ListPlace? = nil, limit: Int = ListLimit.page, id: ID<Domain.Order>? = nil,
        at moment: ReportMoment? = nil
    ) {
        (self.order, isReversed, self.narrowed) = (order ?? (filter == .held ? .amount : nil), reversed, narrowed)
        (self.entity, self.filter, self.after, self.limit, self.id, self.moment) = (entity, filter, after, limit, id, moment)
    }

    /// - Parameters:
    ///   - ranking: Of this list in this snapshot; without one, an order by day or amount reads every row.
    ///   - figures: Of all orders in this snapshot; without them, what the list is narrowed by is looked for in every row.
    package func page(in tx: any Transaction, by ranking: Ranking? = nil, among figures: ListFigures? = nil) throws -> ListPage<Line> {
        var (values, condition, document, state) = try shown(in: tx)
        if let figures {
            let isAlone = filter == .all && moment == nil
            let figure: ListFigures.Figure? = order.map { $0 == .date ? .day : .tenThousandths }
            let places = figures.places(narrowed, listOrder, by: figure, after: after, limit: limit, isAlone: isAlone, &values)
            condition += places.condition(on: "o.id")
        }
        let places = try ranking.flatMap { try ids(of: $0, in: tx) } ?? sortedPlaces(condition, values, in: tx)
        if let places {
            values.append(.integers(places.rows))
            condition += " AND o.id IN (SELECT value FROM §integers($\(values.count)))"
        }
        var page = try ListPage<Line>.read(
            """
            SELECT o.id, o.external_id, o.channel, c.number, c.name, o.kind, o.ordered_on, o.currency, o.gross_minor, \(state), d.number,
                   CASE WHEN \(state) = 'held' THEN (SELECT e.reason FROM order_event e
                     WHERE e.entity_id = o.entity_id AND e.order_id = o.id AND e.event = 'held' ORDER BY e.id LIMIT 1) END
              FROM sales_order o
              JOIN customer c ON c.entity_id = o.entity_id AND c.id = o.customer_id
              LEFT JOIN invoice d ON d.entity_id = o.entity_id AND d.id = o.document_id\(document)
             WHERE o.entity_id = $1\(condition)
            """, listOrder, after: places == nil ? after : nil, limit: limit, values: values, in: tx
        ) { row in
            let gross = row.money(8, row.currency(7))
            let line = Line(
                id: row.id(0), number: row.text(1), channel: row.text(2), customerNumber: row.text(3), customerName: row.text(4),
                kind: row.text(5),
                orderedOn: row.day(6), gross: gross, state: row.text(9), documentNumber: row.optionalText(10), reason: row.optionalText(11))
            return (line, ListPlace(order == .date ? line.orderedOn.iso8601 : String(gross.tenThousandths), row.integer(0)))
        }
        if let places { page.next = places.next }
        try page.name(at: moment, in: tx)
        return page
    }

    /// The ids of a page in an order that no index has, before anything is joined to it: PostgreSQL reads every order to sort the joined rows of
    /// those held. nil for the order of ids, and at a moment, whose states need the documents.
    private func sortedPlaces(_ condition: String, _ values: [SQLValue], in tx: any Transaction) throws -> ListPage<Int64>? {
        guard order != nil || narrowed.customer != nil, moment == nil else { return nil }
        return try .read(
            "SELECT o.id, \(listOrder.column) FROM sales_order o WHERE o.entity_id = $1\(condition)", listOrder, after: after, limit: limit,
            values: values, in: tx
        ) { row in (row.integer(0), ListPlace(order == .date ? row.text(1) : String(row.integer(1)), row.integer(0))) }
    }

    /// Which rows are shown, and how `d`, the document, and the state are known.
    private func shown(in tx: any Transaction) throws -> (values: [SQLValue], condition: String, document: String, state: String) {
        var values: [SQLValue] = [.integer(entity.value)], condition = "", document = "", state = "o.state"
        if let moment {
            condition += try moment.condition("o.ordered_on", "o.id", &values, in: tx)
            document = try moment.condition("d.issued_on", "d.id", &values, in: tx)
            state = Self.state(knowing: try moment.condition("e.happened_on", "e.id", &values, in: tx))
        }
        if filter != .all { condition += " AND \(state) = '\(filter.rawValue)'" }
        if let id {
            values.append(.integer(id.value))
            condition += " AND o.id = $\(values.count)"
        }
        if let customer = narrowed.customerID(&values), let items = try narrowed.items(of: entity, &values, in: tx) {
            // Those that are billed are found by what the customer's items charge; the others have indexes by their states.
            let waiting = ["= 'confirmed'", "= 'held'", "IN ('cancelled', 'no_charge')"].map {
                " UNION ALL SELECT s.id FROM sales_order s WHERE s.entity_id = $1 AND s.state \($0) AND s.customer_id = \(customer)"
            }
            condition += """
                 AND o.id IN (SELECT l.order_id FROM invoice_line l WHERE l.entity_id = $1 AND l.invoice_id IN (SELECT k.id \(items))\
                \(waiting.joined()))
                """
        }
        condition += narrowed.condition(day: "o.ordered_on", amount: "o.gross_minor", currency: "o.currency", &values)
        return (values, condition, document, state)
    }

    private var listOrder: ListOrder {
        switch order {
        case nil: ListOrder("o.id", .integer, id: "o.id", descending: !isReversed)
        case .date: ListOrder("o.ordered_on", .text, id: "o.id", descending: !isReversed)
        case .amount: ListOrder(tenThousandths(of: "o.gross_minor", in: "o.currency"), .integer, id: "o.id", descending: !isReversed)
        }
    }
}

extension OrderList {
    /// From what was decided and billed by then; an order worth nothing stays confirmed, because that is no event.
    ///
    /// - Parameter known: A condition on the events `e`.
    static func state(knowing known: String) -> String {
        """
        CASE WHEN d.id IS NOT NULL THEN 'billed' ELSE COALESCE((SELECT CASE e.event WHEN 'held' THEN 'held' WHEN 'released' THEN 'confirmed'
          ELSE 'cancelled' END FROM order_event e WHERE e.entity_id = o.entity_id AND e.order_id = o.id\(known)
          ORDER BY e.id DESC LIMIT 1), 'confirmed') END
        """
    }
}

extension OrderList: RankedList {
    /// Most are billed: these are picked from all.
    private func ids(of ranking: Ranking, in tx: any Transaction) throws -> ListPage<Int64>? {
        guard filter == .billed else { return ranking.page(after: after, limit: limit) }
        return try ranking.page(after: after, limit: limit) { ids in
            Set(
                try tx.rows("SELECT id FROM sales_order WHERE entity_id = \(entity) AND id IN \(ids: ids) AND state = 'billed'") {
                    $0.integer(0)
                })
        }
    }

    package var rankingName: String? {
        guard filter == .all || filter == .billed, moment == nil, id == nil, narrowed == .none else { return nil }
        return order.map { "orders by \(isReversed ? "-" : "")\($0.rawValue)" }
    }

    /// What an order is sorted by never changes: the first of all are the first of those held and those that are new.
    package func ranking(since kept: Ranking.Kept?, in tx: any Transaction) throws -> Ranking {
        try .firstRows(
            "SELECT o.id, \(listOrder.column) FROM sales_order o WHERE o.entity_id = $1 AND o.id > $2", listOrder, entity, since: kept,
            in: tx)
    }

    package func wholeRanking(in tx: any Transaction) throws -> Ranking? {
        guard order != nil, moment == nil else { return nil }
        let shown = try shown(in: tx)
        return try .rows(
            "SELECT o.id, \(listOrder.column) FROM sales_order o WHERE o.entity_id = $1\(shown.condition)", shown.values, listOrder, in: tx)
    }
}

/// One order with its lines and what was decided about it.
package struct OrderView: Sendable {
    package struct Event: Sendable {
        package let event: String
        package let role: String
        package let reason: String
        package let on: Day
    }
    package let order: OrderList.Line
    package let net: Money
    package let tax: Money
    package let lines: [GoodsLine]
    package let events: [Event]

    package static func read(_ entity: ID<Entity>, _ id: ID<Order>, in tx: any Transaction) throws -> OrderView? {
        let head = try tx.first(
            """
            SELECT o.external_id, o.channel, c.number, c.name, o.kind, o.ordered_on, o.currency, o.gross_minor, o.state, d.number, o.net_minor, o.tax_minor,
                   CASE WHEN o.state = 'held' THEN (SELECT e.reason FROM order_event e
                     WHERE e.entity_id = o.entity_id AND e.order_id = o.id AND e.event = 'held' ORDER BY e.id LIMIT 1) END
              FROM sales_order o
              JOIN customer c ON c.entity_id = o.entity_id AND c.id = o.customer_id
              LEFT JOIN invoice d ON d.entity_id = o.entity_id AND d.id = o.document_id
             WHERE o.entity_id = \(entity) AND o.id = \(id)
            """
        ) { row in
            let currency = row.currency(6)
            let line = OrderList.Line(
                id: id, number: row.text(0), channel: row.text(1), customerNumber: row.text(2), customerName: row.text(3),
                kind: row.text(4),
                orderedOn: row.day(5), gross: row.money(7, currency), state: row.text(8),
                documentNumber: row.optionalText(9), reason: row.optionalText(12))
            return (line, row.money(10, currency), row.money(11, currency))
        }
        guard let (order, net, tax) = head else { return nil }
        let lines = try tx.rows(
            """
            SELECT sku, description, quantity_milli, price_micro, net_minor, tax_bp FROM sales_order_line
             WHERE entity_id = \(entity) AND order_id = \(id) ORDER BY line LIMIT 500
            """
        ) { GoodsLine($0, net.currency) }
        let events = try tx.rows(
            "SELECT event, role, reason, happened_on FROM order_event WHERE entity_id = \(entity) AND order_id = \(id) ORDER BY id"
        ) {
            Event(event: $0.text(0), role: $0.text(1), reason: $0.text(2), on: $0.day(3))
        }
        return OrderView(order: order, net: net, tax: tax, lines: lines, events: events)
    }
}
