import Domain
import Operations
import Store

/// The feed of what happened.
extension Endpoint {
    private static let event = Schema.object([
        .init("id", .text()), .init("type", .choice(EventFeed.types)), .init("object", .text()), .init("number", .text(max: 400)),
        .init("on", .day),
    ])

    static let events: [Endpoint] = [
        Endpoint(
            get: "/v1/events", "What happened, in the order of recording, after an event; follow it by the last id you saw",
            query: [.init("since", .integer(0...1 << 53), "the `cursor` of the answer before; 0 is the beginning"), .limit],
            at: .told("events of that day or before that were recorded by then"),
            answer: .object([.init("rows", .array(event, max: 10_000)), .init("cursor", .integer(0...1 << 53))])
        ) { asked, tx in
            let since = asked.query["since"].flatMap { Int64($0) } ?? 0
            let events = try EventFeed(asked.entity, after: since, limit: min(asked.limit, 1_000)).events(in: tx)
            let moment = asked.askedMoment, horizon = try moment?.horizon(in: tx) ?? .max
            let told = events.filter { $0.id <= horizon && $0.on <= moment?.asOf ?? $0.on }
            return ["rows": .array(told.map(\.json)), "cursor": .integer(events.last?.id ?? since)]
        }
    ]
}

extension EventFeed.Event {
    var json: JSON {
        [
            "id": .text(PrefixedID.text("evt", id)), "type": .text(type), "object": .text(PrefixedID.text(prefix, object)),
            "number": .text(number), "on": .text(on.iso8601),
        ]
    }
}
