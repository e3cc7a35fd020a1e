import Domain
import Operations
import Store

extension Endpoint {
    private static let orderLine = Schema.object([
        .init("sku", .text(min: 1, max: 60)), .init("description", .text(max: 200), required: false),
        .init("quantity_milli", .integer(anyNumber)), .init("price_micro", .integer(anyNumber)),
    ])
    private static let anyNumber: ClosedRange<Int64> = -(1 << 53)...1 << 53
    private static let quantities = Schema.integer(-1_000_000_000...1_000_000_000), prices = Schema.integer(0...1_000_000_000_000)
    private static let order = Schema.object([
        .init("channel", .word(max: 40)), .init("number", .word(max: 80)),
        .init("kind", .choice(["sale", "cancellation", "adjustment"]), required: false),
        .init("customer_number", .optional(.number), required: false),
        .init("country", .country), .init("ordered_on", .day), .init("currency", .text(max: 20)),
        .init("lines", .array(orderLine, min: 1, max: 200)),
    ])
    private static let outcome = Schema.object(
        [
            .init("number", .text()), .init("channel", .text()), .init("outcome", .choice(["placed", "held", "known", "refused"])),
            .init("id", .optional(.text())),
            .init("reason", .optional(.text(max: 2000))),
        ] + Bulk.fields)
    private static let line = Schema.object([
        .init("id", .text()), .init("number", .text()), .init("channel", .text()), .init("customer_number", .text()),
        .init("customer_name", .text(max: 1000)),
        .init("kind", .text()), .init("ordered_on", .day), .init("gross", .money),
        .init("state", .choice(OrderState.allCases.map(\.rawValue))),
        .init("document_number", .optional(.text())), .init("hold_reason", .optional(.text(max: 2000))),
    ])
    private static let decision: [Schema.Field] = [.init("reason", .text(min: 1, max: 500))]

    static let orders: [Endpoint] = [
        Endpoint(
            get: "/v1/orders", "Orders, newest first",
            query: [.state(OrderList.Filter.self), .customer] + .days("day of ordering")
                + .amounts("a gross amount") + [.after, .limit],
            at: .told("orders taken by then in the state they had; one worth nothing counts as confirmed"), answer: .page(line)
        ) { asked, tx in
            try OrderList(
                asked.entity, asked.word("state") ?? .all, where: asked.filter, after: asked.after, limit: asked.limit,
                at: asked.askedMoment
            ).page(in: tx).json(json)
        },
        Endpoint(get: "/v1/orders/{id}", "One order", id: "ord", at: .told("the state it had then"), answer: line) { asked, tx in
            if let moment = asked.askedMoment {
                return try OrderList(asked.entity, limit: 1, id: try asked.id("ord"), at: moment).page(in: tx).rows.first.map(json)
            }
            return try OrderView.read(asked.entity, try asked.id("ord"), in: tx).map { json($0.order) }
        },
        Endpoint(
            orders: "/v1/orders",
            "Takes orders: (channel, number) identifies one for ever; each is answered for itself, its currency and amounts too",
            .work,
            body: .object([.init("orders", .array(order, min: 1, max: 200))]),
            answer: .object([.init("orders", .array(outcome, max: Bulk.rowLimit))]), intake, told
        ).taking(
            Bulk(
                member: "orders", item: order, identity: ["number", "channel"], csv: Bulk.orderRows,
                columns: "Columns as of `florin import orders`; rows of one number and channel are one order, answered with its first line."
            )
        ),
        Endpoint(
            post: "/v1/orders/{id}/release",
            "Lets a held order go on to billing; with `ask`, one that takes two people waits for the second",
            DecideHeldOrders.right(to: .release), id: "ord", body: .object(decision + [SecondPerson.ask]), answer: line
        ) {
            asked, tx, now in
            try decide(.release, asked, tx, now)
        }.withSecond(releaseAboveLimit),
        Endpoint(
            post: "/v1/orders/{id}/cancel", "Takes an order out that is not billed", DecideHeldOrders.right(to: .cancel), id: "ord",
            body: .object(decision), answer: line
        ) {
            asked, tx, now in
            try decide(.cancel, asked, tx, now)
        },
    ]

    private static let releaseAboveLimit: @Sendable (APIQuestion, any Transaction, Instant) throws -> SecondPerson? = { asked, tx, now in
        let id: ID<Order> = try asked.id("ord")
        let alone = ReleasedAlone(
            asked.entity, by: "\(asked.actor.role.rawValue) \(asked.actor.name)", asked.actor.id,
            limitMinor: asked.terms.releaseAloneMinor)
        guard try !alone.above([id], in: tx, at: now).isEmpty, let order = try OrderView.read(asked.entity, id, in: tx)?.order
        else { return nil }
        return SecondPerson.release([order], reason: asked.body["reason"]?.text ?? "")
    }

    private static func decide(_ event: OrderState.Event, _ asked: APIQuestion, _ tx: any Transaction, _ now: Instant) throws -> JSON {
        let id: ID<Order> = try asked.id("ord")
        guard let order = try OrderView.read(asked.entity, id, in: tx)?.order else { throw APIRefusal.notFound(asked.path["id"] ?? "") }
        try DecideHeldOrders(
            asked.entity, orders: [order.number], channel: order.channel, event, role: "\(asked.actor.role.rawValue) \(asked.actor.name)",
            by: asked.actor.id, reason: asked.body["reason"]?.text ?? "", alone: asked.terms.releaseAloneMinor, on: asked.today
        ).run(in: tx, at: now)
        guard let decided = try OrderView.read(asked.entity, id, in: tx)?.order else { throw APIRefusal.notFound(asked.path["id"] ?? "") }
        return json(decided)
    }

    private static let intake: @Sendable (APIQuestion) -> [OrderIntake] = { ($0.body["orders"]?.array ?? []).compactMap(read) }
    /// Outcomes stand in the order of what could be read; what could not is refused in its place.
    private static let told: @Sendable (APIQuestion, [OrderRequest.Outcome]) -> JSON = { asked, outcomes in
        var rest = outcomes[...]
        let orders = asked.body["orders"]?.array ?? [], isWhole = outcomes.count == orders.count
        let told = orders.compactMap { value -> JSON? in
            if !isWhole, let fault = fault(of: value) {
                return [
                    "number": .text(value["number"]?.text ?? ""), "channel": .text(value["channel"]?.text ?? ""), "outcome": "refused",
                    "id": .null, "reason": .text("\(fault.path): \(fault.message)"), "field": .text(fault.path),
                ]
            }
            guard let outcome = rest.popFirst() else { return nil }
            return [
                "number": .text(outcome.order.externalID), "channel": .text(outcome.order.channel),
                "outcome": .text(outcome.state.rawValue), "id": JSON(outcome.id.map { PrefixedID.text("ord", $0) }),
                "reason": JSON(outcome.reason),
            ]
        }
        return ["orders": .array(told)]
    }

    /// What one order alone has wrong; the others go on.
    private static func fault(of value: JSON) -> (path: String, message: String)? {
        if let fault = Schema.currency.fault(value["currency"] ?? .null, at: "currency") { return fault }
        if let number = value["customer_number"]?.text?.utf8, number.first == UInt8(ascii: " ") || number.last == UInt8(ascii: " ") {
            return ("customer_number", "leave out the blanks around it")
        }
        for (at, line) in (value["lines"]?.array ?? []).enumerated() {
            let quantity = line["quantity_milli"] ?? .null
            if let message = quantities.fault(quantity)?.message ?? (quantity.integer == 0 ? "the quantity is zero" : nil) {
                return ("lines[\(at)].quantity_milli", message)
            }
            if let fault = prices.fault(line["price_micro"] ?? .null) { return ("lines[\(at)].price_micro", fault.message) }
        }
        return nil
    }

    private static func json(_ line: OrderList.Line) -> JSON {
        [
            "id": .text(PrefixedID.text("ord", line.id.value)), "number": .text(line.number), "channel": .text(line.channel),
            "customer_number": .text(line.customerNumber), "customer_name": .text(line.customerName), "kind": .text(line.kind),
            "ordered_on": JSON(line.orderedOn),
            "gross": JSON(line.gross), "state": .text(line.state), "document_number": JSON(line.documentNumber),
            "hold_reason": JSON(line.reason),
        ]
    }

    private static func read(_ value: JSON) -> OrderIntake? {
        guard fault(of: value) == nil, let channel = value["channel"]?.text, let number = value["number"]?.text,
            let country = value["country"]?.text,
            let orderedOn = value["ordered_on"]?.text.flatMap({ Day($0) }), let currency = value["currency"]?.text.flatMap({ Currency($0) })
        else { return nil }
        let lines = (value["lines"]?.array ?? []).compactMap { line -> OrderIntake.Line? in
            guard let sku = line["sku"]?.text, let quantity = line["quantity_milli"]?.integer, let price = line["price_micro"]?.integer
            else { return nil }
            return OrderIntake.Line(sku: sku, description: line["description"]?.text ?? "", quantityMilli: quantity, priceMicro: price)
        }
        return OrderIntake(
            channel: channel, externalID: number, kind: value["kind"]?.text.flatMap { OrderIntake.Kind(rawValue: $0) } ?? .sale,
            customerNumber: value["customer_number"]?.text, country: country, orderedOn: orderedOn, currency: currency, lines: lines)
    }
}
