import Domain
import Store

/// Releases held orders for billing, or cancels orders that are not billed yet.
package struct DecideHeldOrders: Sendable {
    package enum Refused: Refusal {
        case unknown(String)
        case wrongState(String, OrderState, OrderState.Event)
        case noReason
        case ambiguous(String, channels: [String])

        package var category: RefusalCategory {
            switch self {
            case .unknown: .missing
            case .wrongState, .ambiguous: .conflict
            case .noReason: .invalid
            }
        }
        package var code: String {
            switch self {
            case .unknown: "order_not_found"
            case .wrongState: "order_state"
            case .noReason: "reason_missing"
            case .ambiguous: "order_ambiguous"
            }
        }
        package var message: String {
            switch self {
            case .unknown(let order): "order \(order) does not exist"
            case .wrongState(let order, let state, let event): "order \(order) is \(state.rawValue): it cannot be \(event.rawValue)"
            case .noReason: "say who decides (role) and why (reason)"
            case .ambiguous(let order, let channels): "order \(order) exists on \(channels.joined(separator: " and ")): name the channel"
            }
        }
    }

    private let entity: ID<Entity>
    private let externalIDs: [String]
    private let event: OrderState.Event
    private let role, reason: String
    private let channel: String?
    private let on: Day

    /// - Parameter channel: Needed where two channels share an order number.
    package init(
        _ entity: ID<Entity>, orders externalIDs: [String], channel: String? = nil, _ event: OrderState.Event, role: String, reason: String,
        on day: Day
    ) {
        precondition(event == .release || event == .cancel)
        (self.entity, self.channel, self.event, self.role, self.reason, on) = (entity, channel, event, role, reason, day)
        self.externalIDs = Array(Set(externalIDs)).sorted()
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        guard !role.isEmpty, !reason.isEmpty else { throw Refused.noReason }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        var orders: [String: [(id: ID<Order>, state: OrderState, channel: String)]] = [:]
        try tx.forEach(
            "SELECT external_id, id, state, channel FROM sales_order WHERE entity_id = \(entity) AND external_id IN \(texts: externalIDs) ORDER BY channel"
        ) {
            guard let state = OrderState(rawValue: $0.text(2)) else { preconditionFailure("sales_order.state has a CHECK") }
            if channel == nil || channel == $0.text(3) { orders[$0.text(0), default: []].append(($0.id(1), state, $0.text(3))) }
        }
        // Decide and write, all or nothing.
        for externalID in externalIDs {
            let found = orders[externalID, default: []]
            guard let order = found.first else { throw Refused.unknown(externalID) }
            guard found.count == 1 else { throw Refused.ambiguous(externalID, channels: found.map(\.channel)) }
            guard let next = order.state.after(event) else { throw Refused.wrongState(externalID, order.state, event) }
            try tx.run("UPDATE sales_order SET state = \(next.rawValue) WHERE entity_id = \(entity) AND id = \(order.id)")
            books.appendEvent(order.id, event.rawValue, role: role, reason: reason, on: on)
        }
        try books.close(in: tx)
    }
}
