import Domain
import Operations
import Store

/// The feed of what happened.
extension Endpoint {
    /// One, in the feed and as it is sent to addresses.
    static let feedEvent = Schema.object([
        .init("id", .text()), .init("type", .choice(EventFeed.types)), .init("object", .text()), .init("number", .text(max: 400)),
        .init("on", .day), .init("item", .text(), required: false), .init("amount", .money, required: false),
        .init("due_on", .day, required: false), .init("customer_number", .text(), required: false),
        .init("debit_item", .text(), required: false), .init("credit_item", .text(), required: false),
        .init("customers", .array(.text(), max: 1_000_000), required: false),
    ])

    static let events: [Endpoint] = [
        Endpoint(
            get: "/v1/events", "What happened, in the order of recording, after an event; follow it by the last id you saw",
            query: [.init("since", .integer(0...1 << 53), "the `cursor` of the answer before; 0 is the beginning"), .customer]
                + .days("day")
                + .amounts("an amount") + [.limit],
            at: .told("events of that day or before that were recorded by then"),
            answer: .object([.init("rows", .array(feedEvent, max: 10_000)), .init("cursor", .integer(0...1 << 53))])
        ) { asked, tx in
            let since = asked.query["since"].flatMap { Int64($0) } ?? 0
            let feed = EventFeed(asked.entity, after: since, limit: min(asked.limit, 1_000)), events = try feed.events(in: tx)
            let moment = asked.askedMoment, horizon = try moment?.horizon(in: tx) ?? .max
            let told = try feed.narrowed(
                events.filter { $0.id <= horizon && $0.on <= moment?.asOf ?? $0.on }, by: asked.filter, at: moment, in: tx)
            return ["rows": .array(told.map(\.json)), "cursor": .integer(events.last?.id ?? since)]
        }
    ]
}

extension EventFeed.Event {
    /// Members that say nothing of an event of its type are left out.
    var json: JSON {
        var members: [JSON.Member] = [
            .init("id", .text(PrefixedID.text("evt", id))), .init("type", .text(type)),
            .init("object", .text(PrefixedID.text(prefix, object))), .init("number", .text(number)), .init("on", JSON(on)),
        ]
        if let item { members.append(.init("item", .text(PrefixedID.text("itm", item)))) }
        if let amount { members.append(.init("amount", JSON(amount))) }
        if let dueOn { members.append(.init("due_on", JSON(dueOn))) }
        if let customer { members.append(.init("customer_number", .text(customer))) }
        if let settled {
            members.append(.init("debit_item", .text(PrefixedID.text("itm", settled.debit))))
            members.append(.init("credit_item", .text(PrefixedID.text("itm", settled.credit))))
        }
        if !customers.isEmpty { members.append(.init("customers", .array(customers.map(JSON.text)))) }
        return .object(members)
    }
}
