import Domain
import Operations
import Store

/// What became of the mail to customers, and what is done about mail that could not be sent.
extension Endpoint {
    private static let message = Schema.object([
        .init("id", .text()), .init("customer_number", .optional(.text())), .init("recipient", .prose(max: 1_000)),
        .init("customer_address", .optional(.prose(max: 1_000))), .init("subject", .prose(max: 10_000)),
        .init("state", .choice(MessageList.State.allCases.map(\.rawValue))), .init("attempts", .integer(0...1_000)),
        .init("last_tried_at", .optional(.instant)), .init("last_error", .optional(.prose(max: 10_000))),
        .init("settled_on", .optional(.day)), .init("settled_by", .optional(.text(max: 1_000))),
        .init("settled_reason", .optional(.prose(max: 10_000))),
    ])
    private static let then = Moment.told(
        "messages written by the end of that day and recorded by then; where they go and what became of them is as it is now")

    static let messages: [Endpoint] = [
        Endpoint(
            get: "/v1/messages", "Messages to customers with what became of their mail, the latest first; `dead` could not be sent",
            query: [.state(MessageList.State.self), .after, .limit], at: then, answer: .page(message)
        ) { asked, tx in
            try OutboxList(asked.entity, asked.word("state"), after: asked.after, limit: asked.limit, at: asked.askedMoment).page(in: tx)
                .json(json)
        },
        Endpoint(get: "/v1/messages/{id}", "One of them", id: "msg", at: then, answer: message) { asked, tx in
            try found(asked, at: asked.askedMoment, tx).map(json)
        },
        Endpoint(
            post: "/v1/messages/{id}/send-again",
            "Sends a message again that could not be sent, now and with its tries counted anew, to the customer's address of now; not one "
                + "that says what holds no more", .collect,
            id: "msg", body: .object([]), answer: message
        ) { asked, tx, now in
            _ = try SendAgain(asked.entity, [try asked.id("msg")], role: role(asked), on: asked.today).run(in: tx, at: now)
            return try told(asked, tx)
        }.noting(before: standing),
        Endpoint(
            post: "/v1/messages/{id}/settle", "Says how a message that could not be sent was dealt with otherwise", .collect, id: "msg",
            body: .object([.init("reason", .text(min: 1, max: 500))]), answer: message
        ) { asked, tx, now in
            let reason = asked.body["reason"]?.text ?? ""
            try SettleMessages(asked.entity, [try asked.id("msg")], reason: reason, role: role(asked), on: asked.today).run(in: tx, at: now)
            return try told(asked, tx)
        }.noting(before: standing),
    ]

    private static let standing: @Sendable (APIQuestion, any Transaction) throws -> JSON? = { asked, tx in
        try found(asked, at: nil, tx).map(json)
    }

    private static func role(_ asked: APIQuestion) -> String { "\(asked.actor.role.rawValue) \(asked.actor.name)" }

    private static func found(_ asked: APIQuestion, at moment: ReportMoment?, _ tx: any Transaction) throws -> OutboxList.Line? {
        try OutboxList(asked.entity, limit: 1, id: try asked.id("msg"), at: moment).page(in: tx).rows.first
    }

    private static func told(_ asked: APIQuestion, _ tx: any Transaction) throws -> JSON {
        guard let line = try found(asked, at: nil, tx) else { throw OutboxRefusal.unknown }
        return json(line)
    }

    private static func json(_ line: OutboxList.Line) -> JSON {
        [
            "id": .text(PrefixedID.text("msg", line.id.value)), "customer_number": JSON(line.customer?.number),
            "recipient": .text(line.recipient), "customer_address": JSON(line.customer?.email), "subject": .text(line.subject),
            "state": .text(line.state.rawValue), "attempts": .integer(Int64(line.attempts)),
            "last_tried_at": JSON(line.lastTriedAt?.iso8601), "last_error": JSON(line.lastError), "settled_on": JSON(line.settled?.on),
            "settled_by": JSON(line.settled?.role), "settled_reason": JSON(line.settled?.reason),
        ]
    }
}
