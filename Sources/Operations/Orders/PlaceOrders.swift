import Domain
import Store

/// Takes orders from a channel. An order known by (channel, external id) changes nothing; one over its customer's credit limit, or of a
/// customer who is too late with payment, is held for a person, never lost; an unknown customer number becomes a customer.
package struct PlaceOrders: Sendable {
    package struct Report: Equatable, Sendable {
        package var placed = 0
        package var known = 0
        /// Of the known ones those whose amounts, currency or day are others now; what was recorded stands.
        package var differing: [OrderKey] = []
        package var held = 0
        package var customersCreated = 0
        /// External id and reason; nothing of these orders was recorded.
        package var refused: [RefusedOrder] = []
        package init() {}
    }
    /// What a person can do about an order that differs.
    package static let wayForward =
        "take back what was recorded by a cancellation, and send the order as it is now under another number"

    package struct RefusedOrder: Equatable, Sendable {
        package let externalID: String
        package let channel: String
        package let reason: String
    }

    private let entity: ID<Entity>
    private let orders: [OrderIntake]
    private let customerNumbers: [String]
    private let overdueHold: OverdueHold?

    /// - Parameter overdueHold: nil takes orders of late customers too.
    package init(_ entity: ID<Entity>, _ orders: [OrderIntake], overdueHold: OverdueHold? = nil) {
        (self.entity, self.orders, self.overdueHold) = (entity, orders, overdueHold)
        customerNumbers = orders.map(customerNumber).distinct.sorted()
    }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        var books = try Books(lock: entity, at: now, in: tx) { questions }
        var report = Report()
        for order in try place(&books, tx, &report, standing: standing(in: tx)) { books.append(order) }
        try books.close(in: tx)
        return report
    }

    /// What `standing` and `place` read of any order.
    var questions: [SQL] { [knownOrders, terms] }

    /// What `place` reads of any order.
    var terms: SQL { customerTerms(entity, numbers: customerNumbers) }

    /// What `standing` reads.
    private var knownOrders: SQL {
        """
        SELECT channel, external_id, id, currency, gross_minor, net_minor, ordered_on FROM sales_order
         WHERE entity_id = \(entity) AND external_id IN \(texts: orders.map(\.externalID))
        """
    }

    /// Id and amount of orders that were taken before.
    func standing(in tx: any Transaction) throws -> [OrderKey: StandingOrder] {
        var orders: [OrderKey: StandingOrder] = [:]
        try tx.forEach(knownOrders) {
            let currency = $0.currency(3)
            orders[OrderKey(channel: $0.text(0), externalID: $0.text(1))] = StandingOrder(
                id: $0.integer(2), gross: $0.money(4, currency), net: $0.money(5, currency), orderedOn: $0.day(6))
        }
        return orders
    }

    /// Decides each order; recording it is the caller's, who may bill it first.
    func place(
        _ books: inout Books, _ tx: any Transaction, _ report: inout Report, standing: [OrderKey: StandingOrder]
    ) throws -> [PlacedOrder] {
        // Read.
        let fresh = unknown(standing, seller: books.country, &report)
        let customers = try customers(of: fresh, &books, tx, &report)
        var exposures = try exposures(of: customers.values, in: tx)
        let due = try overdueHold == nil ? [:] : dueAmounts(of: customers.values.map(\.id), in: tx)
        // Decide.
        var placed: [PlacedOrder] = []
        placed.reserveCapacity(fresh.count)
        for order in fresh {
            guard let terms = customers[customerNumber(of: order)] else { preconditionFailure("every order has its customer") }
            switch PlacedOrder.decide(order, seller: books.country, terms) {
            case .failure(let reason):
                report.refused.append(RefusedOrder(externalID: order.externalID, channel: order.channel, reason: reason.text))
            case .success(var decided):
                decided.id = books.newID()
                if order.kind == .adjustment {
                    decided.hold = "an adjustment of bad debts names no item: a controller decides, or two people"
                } else if order.kind == .sale {
                    let key = CustomerCurrency(customer: terms.id.value, currency: order.currency)
                    decided.hold =
                        overdueHold?.hold(due[key] ?? [], orderedOn: order.orderedOn, in: order.currency)
                        ?? exposures[terms.id]?.hold(decided.totals.gross)
                }
                report.placed += 1
                if decided.hold != nil { report.held += 1 }
                placed.append(decided)
            }
        }
        return placed
    }

    private func unknown(_ standing: [OrderKey: StandingOrder], seller: String, _ report: inout Report) -> [OrderIntake] {
        // By key the order that may be placed: one that cannot be leaves its number to the next.
        var candidates: [OrderKey: Int] = [:], fresh: [OrderIntake] = []
        candidates.reserveCapacity(orders.count)
        fresh.reserveCapacity(orders.count)
        for (at, order) in orders.enumerated() {
            let key = OrderKey(order)
            if let stands = standing[key] {
                report.known += 1
                if !stands.isSame(as: order, seller: seller) { report.differing.append(key) }
            } else if let before = candidates.updateValue(at, forKey: key), PlacedOrder.fault(in: orders[before], seller: seller) == nil {
                candidates[key] = before
                report.known += 1
            } else {
                fresh.append(order)
            }
        }
        return fresh
    }

    private func customers(
        of orders: [OrderIntake], _ books: inout Books, _ tx: any Transaction, _ report: inout Report
    ) throws -> [ExactText: CustomerTerms] {
        // Of all orders, known ones too: what was asked along with the lock is not asked again.
        let known = try customerTerms(entity, numbers: customerNumbers, in: tx)
        var missing: [CustomerProfile] = [], asked: Set<ExactText> = []
        for order in orders {
            let number = customerNumber(of: order)
            guard known[number] == nil, asked.insert(ExactText(number)).inserted else { continue }
            missing.append(
                order.customerNumber == nil
                    ? .oneTime(country: order.country, currency: order.currency)
                    : CustomerProfile(number: number, name: "Customer \(number)", country: order.country, currency: order.currency))
        }
        report.customersCreated = missing.count
        guard !missing.isEmpty else { return known }
        let created = try createCustomers(missing, in: &books, tx)
        return known.merging(
            missing.map { (ExactText($0.number), CustomerTerms(id: created[$0.number]!, $0)) }, uniquingKeysWith: { first, _ in first })
    }

    /// What is owed by due day, less what stands apart.
    private func dueAmounts(of customers: [ID<Customer>], in tx: any Transaction) throws -> [CustomerCurrency: [(on: Day, open: Money)]] {
        var due: [CustomerCurrency: [(on: Day, open: Money)]] = [:]
        try tx.forEach(
            """
            SELECT i.customer_id, i.currency, i.due_on,
                   CAST(SUM(i.open_minor - COALESCE((SELECT SUM(s.open_minor) FROM slice s WHERE s.entity_id = i.entity_id
                     AND s.item_id = i.id), 0)) AS BIGINT)
              FROM open_item i
             WHERE i.entity_id = \(entity) AND i.open_minor <> 0 AND i.open_minor > 0 AND i.account = '1200'
               AND i.customer_id IN \(ids: customers.map(\.value))
             GROUP BY i.customer_id, i.currency, i.due_on
            """
        ) { row in
            let key = CustomerCurrency(customer: row.integer(0), currency: row.currency(1))
            due[key, default: []].append((row.day(2), row.money(3, key.currency)))
        }
        return due
    }

    private func exposures(of customers: some Sequence<CustomerTerms>, in tx: any Transaction) throws -> [ID<Customer>: CreditExposure] {
        var exposures: [ID<Customer>: CreditExposure] = [:]
        for customer in customers {
            if let limit = customer.creditLimit {
                exposures[customer.id] = CreditExposure(limit: limit, open: .zero(limit.currency), confirmed: .zero(limit.currency))
            }
        }
        guard !exposures.isEmpty else { return [:] }
        let ids = exposures.keys.map(\.value)
        try tx.forEach(
            """
            SELECT customer_id, currency, CAST(SUM(open_minor) AS BIGINT) FROM open_item
             WHERE entity_id = \(entity) AND open_minor <> 0 AND customer_id IN \(ids: ids) GROUP BY customer_id, currency
            """
        ) { row in
            let open = row.money(2, row.currency(1))
            if exposures[row.id(0)]?.limit.currency == open.currency { exposures[row.id(0)]?.open = open }
        }
        try tx.forEach(confirmedOrders(entity, of: ids)) { row in
            let confirmed = row.money(2, row.currency(1))
            if exposures[row.id(0)]?.limit.currency == confirmed.currency { exposures[row.id(0)]?.confirmed = confirmed }
        }
        return exposures
    }
}

/// What customers ordered that is confirmed and not billed, by customer and currency: what is to be credited frees nothing before it is
/// billed.
func confirmedOrders(_ entity: ID<Entity>, of customers: [Int64]) -> SQL {
    """
    SELECT customer_id, currency, CAST(SUM(gross_minor) AS BIGINT) FROM sales_order
     WHERE entity_id = \(entity) AND state = 'confirmed' AND gross_minor > 0 AND customer_id IN \(ids: customers)
     GROUP BY customer_id, currency
    """
}

/// What tells an order from every other of its legal entity.
package struct OrderKey: Hashable, Sendable {
    private let ownChannel, number: ExactText
    package var channel: String { ownChannel.text }
    package var externalID: String { number.text }
    /// The number alone tells most of them apart.
    package func hash(into hasher: inout Hasher) { hasher.combine(number) }
    init(channel: String, externalID: String) { (ownChannel, number) = (ExactText(channel), ExactText(externalID)) }
    init(_ order: OrderIntake) { self.init(channel: order.channel, externalID: order.externalID) }
}

/// What the books hold of an order that comes again.
struct StandingOrder {
    let id: Int64
    let gross: Money
    let net: Money
    let orderedOn: Day

    func isSame(as order: OrderIntake, seller: String) -> Bool {
        order.orderedOn == orderedOn && PlacedOrder.comes(order, to: gross, net: net, seller: seller)
    }
}

private func customerNumber(of order: OrderIntake) -> String {
    order.customerNumber ?? CustomerProfile.oneTime(country: order.country, currency: order.currency).number
}
