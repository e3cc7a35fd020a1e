import Domain
import Operations
import Store

/// What stands on an order, and what was decided about it.
extension Endpoint {
    private static let number: ClosedRange<Int64> = -(1 << 53)...1 << 53
    private static let line = Schema.object([
        .init("line", .integer(0...Int64.max / 2)), .init("sku", .prose(max: 1000)), .init("description", .prose(max: 10_000)),
        .init("quantity_milli", .integer(number)), .init("price_micro", .integer(number)), .init("net", .money),
        .init("tax_basis_points", .integer(0...10_000)),
    ])
    private static let event = Schema.object([
        .init("event", .text()), .init("on", .day), .init("role", .text(max: 1000)), .init("reason", .prose(max: 10_000)),
    ])

    static let orderFacts: [Endpoint] = [
        Endpoint(
            get: "/v1/orders/{id}/lines", "The lines of an order", id: "ord", query: [.after, .limit],
            at: .told("an order taken by then: its lines never change"), answer: .page(line)
        ) { asked, tx in
            guard let id = try known(asked, tx) else { return nil }
            return try OrderLines(asked.entity, id, after: asked.after, limit: asked.limit).page(in: tx).json { row in
                .object([.init("line", .integer(row.line))] + row.goods.members)
            }
        },
        Endpoint(
            get: "/v1/orders/{id}/events", "What was decided about an order, by whom and why, the first first", id: "ord",
            query: [.after, .limit],
            at: .told("what was decided on that day or before and recorded by then"), answer: .page(event)
        ) { asked, tx in
            guard let id = try known(asked, tx) else { return nil }
            return try OrderEvents(asked.entity, id, after: asked.after, limit: asked.limit, at: asked.askedMoment).page(in: tx).json {
                ["event": .text($0.event), "on": JSON($0.on), "role": .text($0.role), "reason": .text($0.reason)]
            }
        },
    ]

    private static func known(_ asked: APIQuestion, _ tx: any Transaction) throws -> ID<Order>? {
        try OrderList(asked.entity, limit: 1, id: try asked.id("ord"), at: asked.askedMoment).page(in: tx).rows.first?.id
    }
}

extension GoodsLine {
    /// As orders and documents tell it.
    var members: [JSON.Member] {
        [
            .init("sku", .text(sku)), .init("description", .text(description)), .init("quantity_milli", .integer(quantityMilli)),
            .init("price_micro", .integer(priceMicro)), .init("net", JSON(net)), .init("tax_basis_points", .integer(Int64(taxBasisPoints))),
        ]
    }
}
