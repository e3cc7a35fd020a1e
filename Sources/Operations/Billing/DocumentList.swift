import Domain
import Store

/// Invoices and credit notes, a page at a time.
package struct DocumentList: Sendable {
    package enum Filter: String, CaseIterable, Sendable { case all, open, overdue, settled }
    package enum Order: String, CaseIterable, Sendable { case newest, due, largest }
    package struct Line: NamesCustomer, Sendable {
        package let id: ID<Invoice>
        package let number: String
        package let isCreditNote: Bool
        package let customerNumber: String
        package internal(set) var customerName: String
        package let issuedOn: Day
        package let dueOn: Day
        /// Below zero for a credit note.
        package let gross: Money
        package let open: Money
        /// What of it stands apart on the day.
        package internal(set) var slices: [StandingSlice] = []
    }

    private let entity: ID<Entity>
    private let on: Day
    private let filter: Filter
    private let order: Order
    /// Whether the chosen order is turned around.
    package let isReversed: Bool
    private let after: ListPlace?
    private let limit: Int
    private let number: String?
    private let moment: ReportMoment?
    private let late: DaysLate?
    private let narrowed: ListFilter

    /// - Parameters:
    ///   - narrowed: By the day of issue and the gross amount, a credit note's below zero. Newest first, documents of a customer stand by their day.
    ///   - moment: Documents and what was open of them on that day by that knowledge, with the names of then. nil tells of now.
    ///   - number: Only this one.
    ///   - late: Only those that still ask for money and are so late on the day.
    ///   - order: All documents stand newest or largest first, open ones by due day or newest first, settled ones newest first; another order
    ///     is taken as the first of these.
    package init(
        _ entity: ID<Entity>, on day: Day, _ filter: Filter = .all, _ order: Order? = nil, reversed: Bool = false,
        where narrowed: ListFilter = .none, after: ListPlace? = nil, limit: Int = ListLimit.page, number: String? = nil,
        late: DaysLate? = nil, at moment: ReportMoment? = nil
    ) {
        let orders = Self.orders(of: filter)
        (self.entity, on, self.filter, self.after, self.limit) = (entity, moment?.asOf ?? day, filter, after, limit)
        (self.number, self.moment, self.late, self.narrowed) = (number, moment, late, narrowed)
        self.order = order.flatMap { orders.contains($0) ? $0 : nil } ?? orders[0]
        isReversed = reversed && order == self.order
    }

    /// Each has an index that gives the rows in that order.
    package static func orders(of filter: Filter) -> [Order] {
        switch filter {
        case .all: [.newest, .largest]
        case .open, .overdue: [.due, .newest]
        case .settled: [.newest]
        }
    }
    package var chosen: Order { order }

    /// - Parameters:
    ///   - ranking: Of this list in this snapshot; without one, an order by amounts of several decimals reads every document.
    ///   - figures: Of all documents in this snapshot; without them, what the list is narrowed by is looked for in every document.
    package func page(in tx: any Transaction, by ranking: Ranking? = nil, among figures: ListFigures? = nil) throws -> ListPage<Line> {
        var values: [SQLValue] = [.integer(entity.value)]
        let past = try moment.map { openItemsSource($0, &values, try $0.horizon(in: tx)) }
        let source = past.map { "(SELECT x.* FROM \($0))" } ?? "open_item", own = past == nil ? " AND i.entity_id = $1" : ""
        let unit = try minorUnit(in: tx), isMixed = unit == nil
        var start = order == .largest ? unit.flatMap { after?.inMinorUnits(of: $0) } ?? after : after
        var places: ListPage<Int64>?
        if isMixed || moment != nil { places = try ranking?.page(after: after, limit: limit) }
        if places == nil, number == nil, isMixed || figures != nil {
            places = try sortedPlaces(source, own, values, isMixed: isMixed, after: start, figures, in: tx)
        }
        var condition = try shown(&values, in: tx)
        if let places {
            values.append(.integers(places.rows))
            condition += " AND i.id IN (SELECT value FROM §integers($\(values.count)))"
            start = nil
        }
        var page = try ListPage<Line>.read(
            """
            SELECT i.id, i.number, i.kind, c.number, c.name, i.effective_on, i.due_on, i.currency, i.amount_minor, i.open_minor
              FROM \(source) i
              JOIN invoice d ON d.entity_id = $1 AND d.id = i.id
              JOIN customer c ON c.entity_id = d.entity_id AND c.id = d.customer_id
             WHERE d.entity_id = $1\(own)\(condition)
            """, listOrder(isMixed: isMixed), after: start, limit: limit, values: values, in: tx
        ) { row in
            let currency = row.currency(7)
            let line = Line(
                id: row.id(0), number: row.text(1), isCreditNote: row.text(2) == "credit_note", customerNumber: row.text(3),
                customerName: row.text(4),
                issuedOn: row.day(5), dueOn: row.day(6), gross: row.money(8, currency),
                open: row.money(9, currency))
            let value =
                switch order {
                case .due: row.text(6)
                case .newest where narrowed.customer != nil: row.text(5)
                case .newest, .largest: String(line.gross.tenThousandths)
                }
            return (line, ListPlace(value, row.integer(0)))
        }
        if let places { page.next = places.next }
        let horizon = try moment?.horizon(in: tx) ?? .max
        let slices = try standingSlices(entity, page.rows.map(\.id.value), on: on, knownThrough: horizon, in: tx)
        for at in page.rows.indices { page.rows[at].slices = slices[page.rows[at].id.value] ?? [] }
        try page.name(at: moment, in: tx)
        return page
    }

    /// Every row of what was open at a former moment, which no index tells; nil of other lists.
    package func rankingThen(in tx: any Transaction) throws -> Ranking? {
        guard let moment, number == nil, narrowed.customer == nil, late != nil || filter == .open || filter == .overdue else { return nil }
        var values: [SQLValue] = [.integer(entity.value)], order = listOrder(isMixed: false)
        let source = wholeOpenItemsSource(moment, &values, try moment.horizon(in: tx))
        if order.column == order.id { order = ListOrder("i.id", .integer, id: "i.id", descending: order.isDescending) }
        let condition = try shown(&values, in: tx)
        return try .rows(
            "SELECT i.id, \(order.column) FROM (SELECT x.* FROM \(source)) i WHERE \(Self.ofDocuments)\(condition)", values, order, in: tx)
    }

    /// Whether it is in an order that no index has: by amounts that differ in their decimals.
    package func needsRanking(in tx: any Transaction) throws -> Bool { try minorUnit(in: tx) == nil }

    /// The ten-thousandths in a minor unit of what is sorted by amount; nil where amounts differ in their decimals.
    private func minorUnit(in tx: any Transaction) throws -> Int64? {
        guard order == .largest else { return 1 }
        return try narrowed.currency?.minorTenThousandths ?? minorTenThousandths(entity, in: tx)
    }

    /// The ids of a page before anything is joined to them.
    private func sortedPlaces(
        _ source: String, _ own: String, _ values: [SQLValue], isMixed: Bool, after place: ListPlace?, _ figures: ListFigures?,
        in tx: any Transaction
    ) throws -> ListPage<Int64> {
        var values = values, order = listOrder(isMixed: isMixed)
        if order.column == order.id { order = ListOrder("i.id", .integer, id: "i.id", descending: order.isDescending) }
        var condition = try shown(&values, in: tx)
        if let figures {
            let isAlone = (filter == .all || figures.isOfState) && late == nil, bound = try moment?.bound(in: tx)
            let figure: ListFigures.Figure? = self.order == .largest ? isMixed ? .tenThousandths : .minor : nil
            let places = figures.places(
                narrowed, through: bound, order, by: figure, after: place, limit: limit, isAlone: isAlone, &values)
            condition += places.condition(on: "i.id")
        }
        return try .read(
            "SELECT i.id, \(order.column), i.amount_minor, i.currency FROM \(source) i WHERE \(Self.ofDocuments)\(own)\(condition)", order,
            after: place, limit: limit, values: values, in: tx
        ) { row in
            let value = order.kind == .text ? row.text(1) : String(row.money(2, row.currency(3)).tenThousandths)
            return (row.integer(0), ListPlace(value, row.integer(0)))
        }
    }

    /// As the index by amount has it.
    private static let ofDocuments = "i.kind IN ('invoice', 'credit_note', 'opening')"

    /// Which rows are shown, as conditions on the item `i` and the document `d`.
    private func shown(_ values: inout [SQLValue], in tx: any Transaction) throws -> String {
        var condition = ""
        switch filter {
        case .all: break
        case .open: condition = " AND i.open_minor <> 0"
        case .overdue:
            values.append(.text(on.iso8601))
            condition = " AND i.open_minor <> 0 AND i.open_minor > 0 AND i.due_on < $\(values.count)"
        case .settled: condition = " AND i.open_minor = 0"
        }
        if let late { condition += dueCondition(late, &values) }
        condition += narrowed.condition(
            day: "i.effective_on", amount: "i.amount_minor", currency: "i.currency", &values)
        if let customer = narrowed.customerID(&values) {
            condition += " AND i.customer_id = \(customer)"
            condition += narrowed.condition(months: "i.effective_on", of: try ItemMonths(entity, in: tx), &values)
        }
        if order == .largest { condition += " AND \(Self.ofDocuments)" }
        if let number {
            values.append(.text(number))
            condition += " AND d.number = $\(values.count)"
        }
        return condition
    }

    /// - Parameter isMixed: Whether decimals differ: then no index has the order by amount.
    private func listOrder(isMixed: Bool) -> ListOrder {
        switch order {
        // An index gives a customer's items by their months.
        case .newest where narrowed.customer != nil: ListOrder("i.effective_on", .text, id: "i.id", descending: !isReversed)
        case .newest where filter == .all || filter == .settled: ListOrder("d.id", .integer, id: "d.id", descending: !isReversed)
        case .newest: ListOrder("i.id", .integer, id: "i.id", descending: !isReversed)
        case .due: ListOrder("i.due_on", .text, id: "i.id", descending: isReversed)
        case .largest where isMixed:
            ListOrder(tenThousandths(of: "i.amount_minor", in: "i.currency"), .integer, id: "i.id", descending: !isReversed)
        case .largest: ListOrder("i.amount_minor", .integer, id: "i.id", descending: !isReversed)
        }
    }

    private func dueCondition(_ late: DaysLate, _ values: inout [SQLValue]) -> String {
        let due = late.dueDays(on: on)
        var condition = " AND i.open_minor <> 0 AND i.open_minor > 0"
        for (sign, day) in [(">=", due.first), ("<=", due.last)] {
            guard let day else { continue }
            values.append(.text(day.iso8601))
            condition += " AND i.due_on \(sign) $\(values.count)"
        }
        return condition
    }
}

extension DocumentList: RankedList {
    package var rankingName: String? {
        guard order == .largest, moment == nil, number == nil, late == nil, narrowed == .none else { return nil }
        return "documents by \(isReversed ? "-" : "")\(order.rawValue)"
    }

    /// What a document is of never changes: the first of all are the first of those held and those that are new.
    package func ranking(since kept: Ranking.Kept?, in tx: any Transaction) throws -> Ranking {
        let order = listOrder(isMixed: true)
        return try .firstRows(
            "SELECT i.id, \(order.column) FROM open_item i WHERE i.entity_id = $1 AND i.id > $2 AND \(Self.ofDocuments)", order, entity,
            since: kept, in: tx)
    }

    package func wholeRanking(in tx: any Transaction) throws -> Ranking? {
        guard rankingName != nil, try needsRanking(in: tx) else { return nil }
        let order = listOrder(isMixed: true)
        return try .rows(
            "SELECT i.id, \(order.column) FROM open_item i WHERE i.entity_id = $1 AND \(Self.ofDocuments)", [.integer(entity.value)],
            order, in: tx)
    }
}
