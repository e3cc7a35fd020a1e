import Domain
import Store

/// What one person releases alone of one customer within a day: the limit is of the sum, however small each order is, and of what is
/// credited as of what is sold. An adjustment is released by a controller or by two.
package struct ReleasedAlone: Sendable {
    /// An order that takes a second person.
    package struct Above: Equatable, Sendable {
        package let id: ID<Order>
        package let number: String
    }
    private struct Side: Hashable { let customer: Int64, currency: Currency }

    /// How an event says that two have decided: what they released counts to nobody alone.
    package static func ending(_ second: Role?) -> String { second.map { ", with a second person, \($0.rawValue)" } ?? "" }

    private static let dayMicroseconds: Int64 = 86_400_000_000
    private let entity: ID<Entity>
    private let ending: String
    private let actor: Int64?
    private let limitMinor: Int64
    private let isController: Bool

    /// - Parameters:
    ///   - role: As the event will have it: the role, and behind a blank the name, which is the same person in any role; without a name it
    ///     is the command line.
    ///   - actor: The id of the person or the key that releases; nil is the command line.
    ///   - limitMinor: Of each currency.
    package init(_ entity: ID<Entity>, by role: String, _ actor: Int64?, limitMinor: Int64) {
        ending = String(role.drop { $0 != " " })
        isController = Role(rawValue: String(role.prefix { $0 != " " }))?.rights.contains(.control) == true
        (self.entity, self.actor, self.limitMinor) = (entity, actor, limitMinor)
    }

    /// - Parameter orders: Those that are not held are left out.
    /// - Returns: Which of them one person does not release, each on top of what was released and of those before it.
    package func above(_ orders: [ID<Order>], in tx: any Transaction, at now: Instant) throws -> [Above] {
        guard !orders.isEmpty else { return [] }
        // Ids carry their second: a day by the clock, whatever business day a release is told to be of.
        let since = firstIDInSecond(of: Instant(microseconds: now.microseconds - Self.dayMicroseconds))
        let names = try actor.map { try ReadPeople(entity).actingNames(of: $0, in: tx) } ?? []
        let roles = ([ending] + names.map { " \($0)" }).flatMap { name in Role.allCases.map { "\($0.rawValue)\(name)" } }
        var sums: [Side: Int64] = [:], held: [Int64: (number: String, side: Side, gross: Int64, isAdjustment: Bool)] = [:]
        try tx.forEach(
            """
            SELECT o.customer_id, o.currency, CAST(SUM(ABS(o.gross_minor)) AS BIGINT)
              FROM order_event e JOIN sales_order o ON o.entity_id = e.entity_id AND o.id = e.order_id
             WHERE e.entity_id = \(entity) AND e.id >= \(since) AND e.event = 'released' AND e.role IN \(texts: roles)
               AND o.state <> 'cancelled'
               AND o.customer_id IN (SELECT h.customer_id FROM sales_order h
                                      WHERE h.entity_id = \(entity) AND h.id IN \(ids: orders.map(\.value)))
             GROUP BY o.customer_id, o.currency
            """
        ) { sums[Side(customer: $0.integer(0), currency: $0.currency(1))] = $0.integer(2) }
        try tx.forEach(
            """
            SELECT id, external_id, customer_id, currency, gross_minor, kind FROM sales_order
             WHERE entity_id = \(entity) AND id IN \(ids: orders.map(\.value)) AND state = 'held'
            """
        ) {
            let side = Side(customer: $0.integer(2), currency: $0.currency(3))
            held[$0.integer(0)] = (
                number: $0.text(1), side: side, gross: abs($0.integer(4)), isAdjustment: $0.text(5) == OrderIntake.Kind.adjustment.rawValue
            )
        }
        var above: [Above] = []
        for order in orders {
            guard let found = held[order.value] else { continue }
            let sum = sums[found.side, default: 0] + found.gross
            if sum > limitMinor && found.gross > 0 || found.isAdjustment && !isController {
                above.append(Above(id: order, number: found.number))
            } else {
                sums[found.side] = sum
            }
        }
        return above
    }
}
