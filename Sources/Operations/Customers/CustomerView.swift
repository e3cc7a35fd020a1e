import Domain
import Store

/// Everything the desk shows of one customer.
package struct CustomerView: Sendable {
    package let id: ID<Customer>
    package let profile: CustomerProfile
    package let balances: [CustomerBalance]
    /// Confirmed and not billed now, in the customer's currency.
    package let confirmed: Money
    /// How invoices settled in the year before the day were paid, as it was known.
    package let behaviour: PaymentBehaviour
    package let openItems: [CustomerItem]
    /// Documents and receipts, the latest first, at most `documentLimit`, with what was open of them.
    package let documents: [CustomerItem]
    /// What was written to the customer, the latest first, at most as many as were asked for.
    package let messages: [Message]
    /// Now.
    package let heldOrders: Int

    package static let documentLimit = 50
    package static let itemLimit = 200
    package static let messageLimit = 20
    /// So many of its messages are shown when all are asked for.
    package static let allMessages = 1_000

    package struct Message: Sendable {
        package enum Kind: Equatable, Sendable { case notice(level: Int), statement, question }
        package let id: Int64
        package let kind: Kind
        package let on: Day
        package let subject: String
        package let body: String
        /// A `MessageList.State`; empty where the message is not kept.
        package let state: String
        /// What a person did when it could not be sent, the oldest first; of the customer's page alone.
        package var events: [OutboxEvent] = []
    }
}

/// An open item as a customer's page lists it.
package struct CustomerItem: Sendable {
    package let id: Int64
    package let kind: String
    package let number: String
    package let on: Day
    package let dueOn: Day
    package let amount: Money
    package let open: Money
    /// What of it stands apart on the day.
    package let slices: [StandingSlice]
    /// Whose credit it is; nil for anything that is no receipt.
    package let receipt: (id: ID<Receipt>, payer: String?, name: String)?
}

/// Reads one customer by number; nil when there is none. Its orders and what became of its mail are as they are now.
package struct ReadCustomer: Sendable {
    private let moment: ReportMoment
    private let number: String
    private let isPast: Bool
    private let messageLimit: Int

    /// - Parameter isPast: Tells what was agreed by the moment and what was written to the customer by then; what stands now and all of it
    ///   otherwise.
    package init(_ moment: ReportMoment, number: String, isPast: Bool = false, messageLimit: Int = CustomerView.messageLimit) {
        (self.moment, self.number, self.isPast, self.messageLimit) = (moment, number, isPast, messageLimit)
    }

    package func run(in tx: any Transaction) throws -> CustomerView? {
        let entity = moment.entity
        guard let (id, profile) = try profile(in: tx) else { return nil }
        let confirmed =
            try tx.rows(confirmedOrders(entity, of: [id.value])) { $0.money(2, $0.currency(1)) }.first { $0.currency == profile.currency }
            ?? .zero(profile.currency)
        let held =
            try tx.first("SELECT count(*) FROM sales_order WHERE entity_id = \(entity) AND state = 'held' AND customer_id = \(id)") {
                $0.integer(0)
            } ?? 0
        let past = try moment.isCurrent(in: tx) ? nil : moment
        return CustomerView(
            id: id, profile: profile, balances: try CustomerBalance.read(entity, [id], on: moment.asOf, at: past, in: tx)[id] ?? [],
            confirmed: confirmed, behaviour: try behaviour(of: id, in: profile.currency, in: tx),
            openItems: try openItems(of: id, in: tx), documents: try documents(of: id, in: tx),
            messages: try CustomerView.Message.latest(messageLimit, entity, id, at: isPast ? moment : nil, in: tx),
            heldOrders: Int(held))
    }

    private func profile(in tx: any Transaction) throws -> (ID<Customer>, CustomerProfile)? {
        if isPast { return try CustomerTermsThen(moment, number: number).run(in: tx) }
        let found: (ID<Customer>, CustomerProfile)? = try tx.first(
            """
            SELECT c.id, c.number, c.name, c.email, c.country, c.vat_number, c.terms_days, c.credit_limit_minor, c.currency, c.billing,
                   c.cash_policy, d.basis_points, d.days, p.street, p.postal_code, p.city, q.number
              FROM customer c
              LEFT JOIN customer q ON q.entity_id = c.entity_id AND q.id = c.parent_id
              LEFT JOIN discount_terms d ON d.entity_id = c.entity_id AND d.customer_id = c.id
              LEFT JOIN party p ON p.entity_id = c.entity_id
                    AND p.id = (SELECT MAX(x.id) FROM party x WHERE x.entity_id = c.entity_id AND x.customer_id = c.id)
             WHERE c.entity_id = \(moment.entity) AND c.number = \(number)
            """
        ) { row in
            var profile = CustomerProfile(row, from: 1)
            profile.parentNumber = row.optionalText(16)
            return (row.id(0), profile)
        }
        guard let (id, base) = found else { return nil }
        var profile = base
        profile.ibans = try identities(.iban, of: id, in: tx)
        profile.mandates = try identities(.mandate, of: id, in: tx)
        return (id, profile)
    }

    private func identities(_ evidence: PayerEvidence, of customer: ID<Customer>, in tx: any Transaction) throws -> [String] {
        try tx.rows(
            """
            SELECT value FROM customer_identity
             WHERE entity_id = \(moment.entity) AND kind = \(evidence.rawValue) AND customer_id = \(customer) ORDER BY value LIMIT 20
            """
        ) { $0.text(0) }
    }

    /// What is open on the day, by the knowledge asked for; the oldest due first.
    private func openItems(of customer: ID<Customer>, in tx: any Transaction) throws -> [CustomerItem] {
        if try moment.isCurrent(in: tx) {
            return try items(
                """
                SELECT \(columns) FROM open_item x WHERE x.entity_id = $1 AND \
                x.customer_id = $2 AND x.open_minor <> 0 ORDER BY x.due_on, x.id LIMIT $3
                """,
                [.integer(moment.entity.value), .integer(customer.value), .integer(Int64(CustomerView.itemLimit))], in: tx)
        }
        var values: [SQLValue] = [.integer(moment.entity.value)]
        let source = try source(of: customer, in: ItemMonths(moment.entity, in: tx).through(moment.asOf), &values, in: tx)
        values.append(.integer(Int64(CustomerView.itemLimit)))
        return try items(
            "SELECT \(columns) FROM \(source) WHERE x.open_minor <> 0 ORDER BY x.due_on, x.id LIMIT $\(values.count)", values, in: tx)
    }

    /// The customer's items of these months as `x`, by the knowledge asked for.
    private func source(
        of customer: ID<Customer>, in months: [String], _ values: inout [SQLValue], in tx: any Transaction
    ) throws -> String {
        guard try moment.isCurrent(in: tx) else {
            return openItemsSource(moment, &values, try moment.horizon(in: tx), of: (customer, months))
        }
        values += [.texts(months), .integer(customer.value)]
        return """
            (SELECT i.* FROM open_item i
              WHERE i.entity_id = $1 AND substr(i.effective_on, 1, 7) IN (SELECT value FROM §texts($\(values.count - 1)))
                AND i.customer_id = $\(values.count)) x
            """
    }

    private func documents(of customer: ID<Customer>, in tx: any Transaction) throws -> [CustomerItem] {
        var months = try ItemMonths(moment.entity, in: tx).through(moment.asOf)[...], found: [CustomerItem] = [], span = 3
        // The latest months first, so that a long history is not read for its end.
        while !months.isEmpty, found.count < CustomerView.documentLimit {
            let latest = Array(months.suffix(span))
            var values: [SQLValue] = [.integer(moment.entity.value)]
            let source = try source(of: customer, in: latest, &values, in: tx)
            values.append(.integer(Int64(CustomerView.documentLimit - found.count)))
            found += try items(
                """
                SELECT \(columns) FROM \(source) WHERE x.kind IN ('invoice', 'credit_note', 'receipt', 'return', 'opening')
                 ORDER BY x.effective_on DESC, x.id DESC LIMIT $\(values.count)
                """, values, in: tx)
            months = months.dropLast(latest.count)
            span *= 4
        }
        return found
    }

    private let columns = "x.id, x.kind, x.number, x.effective_on, x.due_on, x.currency, x.amount_minor, x.open_minor"

    private func items(_ text: String, _ values: [SQLValue], in tx: any Transaction) throws -> [CustomerItem] {
        let rows = try tx.rows(SQL(text: text, values: values)) { row in
            let currency = row.currency(5)
            return CustomerItem(
                id: row.integer(0), kind: row.text(1), number: row.text(2), on: row.day(3), dueOn: row.day(4),
                amount: row.money(6, currency), open: row.money(7, currency), slices: [], receipt: nil)
        }
        let receipts = try ItemReceipts(moment.entity, of: rows.map { ($0.kind, $0.number) }, in: tx)
        let slices = try standingSlices(
            moment.entity, rows.map(\.id), on: moment.asOf, knownThrough: try moment.horizon(in: tx), in: tx)
        return rows.map {
            CustomerItem(
                id: $0.id, kind: $0.kind, number: $0.number, on: $0.on, dueOn: $0.dueOn, amount: $0.amount, open: $0.open,
                slices: slices[$0.id] ?? [], receipt: receipts[$0.id, $0.kind, $0.number])
        }
    }

    private func behaviour(of customer: ID<Customer>, in currency: Currency, in tx: any Transaction) throws -> PaymentBehaviour {
        var behaviour = PaymentBehaviour(in: currency)
        let from = moment.asOf + -365, since = try ItemMonths(moment.entity, in: tx).since(from)
        var values: [SQLValue] = [.integer(moment.entity.value)]
        let known = try moment.condition("a.effective_on", "a.id", &values, in: tx)
        let source = try source(of: customer, in: since.filter { $0 <= moment.asOf.iso8601.prefix(7) }, &values, in: tx)
        values += [.text(currency.code), .text(from.iso8601)]
        // What was taken back pays nothing, and its day is none of payment.
        func paid(_ value: String) -> String {
            """
            (SELECT \(value)
               FROM (SELECT SUM(a.amount_minor) AS minor, MAX(CASE WHEN a.amount_minor > 0 THEN a.effective_on END) AS last_on
                       FROM allocation a JOIN open_item c ON c.entity_id = a.entity_id AND c.id = a.credit_item_id
                      WHERE a.entity_id = $1 AND a.debit_item_id = x.id AND \(isPaidByCash)\(known)
                      GROUP BY a.credit_item_id HAVING SUM(a.amount_minor) > 0) p)
            """
        }
        let sum = paid("CAST(SUM(p.minor) AS BIGINT)"), last = paid("MAX(p.last_on)")
        let text = """
            SELECT \(sum), x.effective_on, x.due_on, \(last)
              FROM \(source)
             WHERE x.kind IN ('invoice', 'opening') AND x.open_minor = 0
               AND x.currency = $\(values.count - 1) AND x.effective_on >= $\(values.count)
             ORDER BY x.effective_on DESC LIMIT 500
            """
        try tx.forEach(SQL(text: text, values: values)) { row in
            guard let paid = row.optionalInteger(0), paid > 0, let settledOn = row.optionalDay(3) else { return }
            behaviour.add(
                SettledItem(amount: Money(minor: paid, currency), invoicedOn: row.day(1), dueOn: row.day(2), settledOn: settledOn)
            )
        }
        return behaviour
    }
}
