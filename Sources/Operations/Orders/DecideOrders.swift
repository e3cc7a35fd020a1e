import Domain
import Store

/// Releases or cancels several orders, each for itself: one that is refused leaves the others decided.
package struct DecideOrders: Sendable {
    private let entity: ID<Entity>
    private let ids: [ID<Order>]
    private let event: OrderState.Event
    private let role, reason: String
    private let actor: Int64?
    private let aloneMinor: Int64
    private let on: Day

    /// - Parameters:
    ///   - ids: In this order they come up to the limit; one that comes twice is decided once.
    ///   - actor, aloneMinor: As of `DecideHeldOrders`.
    package init(
        _ entity: ID<Entity>, _ ids: [ID<Order>], _ event: OrderState.Event, role: String, by actor: Int64? = nil, reason: String,
        alone aloneMinor: Int64, on day: Day
    ) {
        precondition(event == .release || event == .cancel)
        (self.entity, self.event, self.role, self.reason, self.aloneMinor, on) = (entity, event, role, reason, aloneMinor, day)
        self.actor = actor
        var seen: Set<ID<Order>> = []
        self.ids = ids.filter { seen.insert($0).inserted }
    }

    /// - Returns: Why orders were not decided, by their id; nothing of those that were.
    package func run(in tx: any Transaction, at now: Instant) throws -> [ID<Order>: DecideHeldOrders.Refused] {
        guard !role.isEmpty, !reason.isEmpty else { throw DecideHeldOrders.Refused.noReason }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        var orders: [ID<Order>: (number: String, state: OrderState)] = [:]
        try tx.forEach(
            """
            SELECT id, external_id, state FROM sales_order
             WHERE entity_id = \(entity) AND id IN \(ids: ids.map(\.value))
            """
        ) { row in
            orders[row.id(0)] = (number: row.text(1), state: row.word(2))
        }
        let alone = ReleasedAlone(entity, by: role, actor, limitMinor: aloneMinor)
        let above: Set<ID<Order>> = try event == .release ? Set(alone.above(ids, in: tx, at: now).map(\.id)) : []
        // Decide and write.
        var refused: [ID<Order>: DecideHeldOrders.Refused] = [:]
        for id in ids {
            guard let order = orders[id] else {
                refused[id] = .unknown(String(id.value))
                continue
            }
            guard let next = order.state.after(event) else {
                refused[id] = .wrongState(order.number, order.state, event)
                continue
            }
            guard !above.contains(id) else {
                refused[id] = .twoPeople([order.number])
                continue
            }
            try books.decide(id, event, to: next, role: role, reason: reason, on: on, in: tx)
        }
        try books.close(in: tx)
        return refused
    }
}
