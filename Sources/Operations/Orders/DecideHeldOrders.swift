import Domain
import Store

/// Releases held orders for billing, or cancels orders that are not billed yet.
package struct DecideHeldOrders: Sendable {
    package enum Refused: Refusal, Equatable {
        case unknown(String)
        case wrongState(String, OrderState, OrderState.Event)
        case noReason
        case ambiguous(String, channels: [String])
        case role(Role, OrderState.Event)
        case twoPeople([String])

        package var category: RefusalCategory {
            switch self {
            case .unknown: .missing
            case .wrongState, .ambiguous, .twoPeople: .conflict
            case .noReason: .invalid
            case .role: .forbidden
            }
        }
        package var code: String {
            switch self {
            case .unknown: "order_not_found"
            case .wrongState: "order_state"
            case .noReason: "reason_missing"
            case .ambiguous: "order_ambiguous"
            case .role: "order_role"
            case .twoPeople: "order_two_people"
            }
        }
        package var message: String {
            switch self {
            case .unknown(let order): "order \(order) does not exist"
            case .wrongState(let order, let state, let event): "order \(order) is \(state.rawValue): it cannot be \(event.rawValue)"
            case .noReason: "say who decides (role) and why (reason)"
            case .ambiguous(let order, let channels): "order \(order) exists on \(channels.joined(separator: " and ")): name the channel"
            case .role(let role, let event):
                "a role of \(role.rawValue) is not enough: orders are \(event.rawValue) by "
                    + Role.allCases.filter { $0.rights.contains(right(to: event)) }.map(\.rawValue).joined(separator: ", ")
            case .twoPeople(let orders):
                "above what one person releases of one customer within a day: \(orders.joined(separator: ", ")); "
                    + "release on the desk, or with `ask` in the API, where a second person decides; "
                    + "an adjustment takes a controller or two people"
            }
        }
    }

    private let entity: ID<Entity>
    private let externalIDs: [String]
    private let event: OrderState.Event
    private let role, reason: String
    private let channel: String?
    private let actor: Int64?
    private let aloneMinor: Int64?
    private let on: Day

    /// - Parameters:
    ///   - channel: Needed where two channels share an order number.
    ///   - role: The role of who decides and, behind a blank, the name; of two, with `ReleasedAlone.ending`.
    ///   - actor: The id of the person or the key that decides, whose other keys count with it; nil is the command line.
    ///   - aloneMinor: What one person releases of one customer within a day, in minor units; nil once two people have decided.
    package init(
        _ entity: ID<Entity>, orders externalIDs: [String], channel: String? = nil, _ event: OrderState.Event, role: String,
        by actor: Int64? = nil, reason: String, alone aloneMinor: Int64?, on day: Day
    ) {
        precondition(event == .release || event == .cancel)
        (self.entity, self.channel, self.event, self.role, self.reason, on) = (entity, channel, event, role, reason, day)
        (self.actor, self.aloneMinor) = (actor, aloneMinor)
        self.externalIDs = Array(Set(externalIDs)).sorted()
    }

    package static func right(to event: OrderState.Event) -> Role.Right { event == .release ? .approve : .work }

    /// Who may decide, out of a name that a person wrote.
    package static func role(_ name: String, to event: OrderState.Event) throws -> Role {
        guard let role = Role(rawValue: name) else { throw PeopleRefusal.unknownRole(name) }
        guard role.rights.contains(right(to: event)) else { throw Refused.role(role, event) }
        return role
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        guard !role.isEmpty, !reason.isEmpty else { throw Refused.noReason }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let orders = try found(in: tx)
        // Decide and write, all or nothing.
        if event == .release, let aloneMinor {
            let found = externalIDs.map { orders[$0, default: []] }.filter { $0.count == 1 }.map { $0[0].id }
            let above = try ReleasedAlone(entity, by: role, actor, limitMinor: aloneMinor).above(found, in: tx, at: now)
            guard above.isEmpty else { throw Refused.twoPeople(above.map(\.number)) }
        }
        for externalID in externalIDs {
            let found = orders[externalID, default: []]
            guard let order = found.first else { throw Refused.unknown(externalID) }
            guard found.count == 1 else { throw Refused.ambiguous(externalID, channels: found.map(\.channel)) }
            guard let next = order.state.after(event) else { throw Refused.wrongState(externalID, order.state, event) }
            try books.decide(order.id, event, to: next, role: role, reason: reason, on: on, in: tx)
        }
        try books.close(in: tx)
    }

    private func found(in tx: any Transaction) throws -> [String: [(id: ID<Order>, state: OrderState, channel: String)]] {
        var orders: [String: [(id: ID<Order>, state: OrderState, channel: String)]] = [:]
        try tx.forEach(
            """
            SELECT external_id, id, state, channel FROM sales_order
             WHERE entity_id = \(entity) AND external_id IN \(texts: externalIDs) ORDER BY channel
            """
        ) { row in
            let state: OrderState = row.word(2)
            guard channel == nil || channel == row.text(3) else { return }
            orders[row.text(0), default: []].append((row.id(1), state, row.text(3)))
        }
        return orders
    }
}

extension Books {
    mutating func decide(
        _ order: ID<Order>, _ event: OrderState.Event, to state: OrderState, role: String, reason: String, on day: Day,
        in tx: any Transaction
    ) throws {
        try tx.run("UPDATE sales_order SET state = \(state.rawValue) WHERE entity_id = \(entity) AND id = \(order)")
        appendEvent(order, event.rawValue, role: role, reason: reason, on: day)
    }
}
