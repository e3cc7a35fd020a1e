import Domain
import Operations
import Store

/// Who is late, and what is written to them.
extension Endpoint {
    private static let line = Schema.object([
        .init("customer_number", .text()), .init("customer_name", .name), .init("overdue", .money),
        .init("items", .integer(0...Int64.max / 2)), .init("oldest_due_on", .day), .init("disputed", .money), .init("promised", .money),
        .init("last_notice_level", .optional(.integer(0...1_000))), .init("last_notice_on", .optional(.day)), .init("has_address", .flag),
    ])
    private static let message = Schema.object([
        .init("id", .text()), .init("kind", .choice(MessageList.Kind.allCases.map(\.rawValue))),
        .init("level", .optional(.integer(0...1_000))),
        .init("on", .day), .init("subject", .prose(max: 10_000)), .init("body", .prose(max: 10_000_000)),
        .init("state", .optional(.choice(MessageList.State.allCases.map(\.rawValue)))),
    ])

    static let collections: [Endpoint] = [
        Endpoint(
            get: "/v1/collections",
            "The collections worklist: customers whose items are past due, at most \(CollectionsWorklist.rankLimit)",
            query: [
                .init("order", .choice(CollectionsWorklist.Order.allCases.map(\.rawValue)), "the largest sum or the longest overdue first"),
                .after, .limit,
            ],
            at: .told("what was overdue then and what had been said, with the names of then; addresses as they are now"),
            answer: .page(line)
        ) { asked, tx in
            let order = asked.query["order"].flatMap { CollectionsWorklist.Order(rawValue: $0) } ?? .overdue
            return try CollectionsWorklist(asked.entity, on: asked.today, at: asked.askedMoment).page(
                order, after: asked.after, limit: asked.limit, in: tx
            ).json(json)
        },
        Endpoint(
            get: "/v1/customers/{number}/messages",
            "The conversation with a customer, the latest first: notices, statements of account and questions, each with its mail",
            query: [
                .only("kind", MessageList.Kind.self),
                .only("state", MessageList.State.self, "only those whose mail is in it; all when left out, without a mail too"),
            ] + .days("day on which it went out") + [.after, .limit],
            at: .told("what had gone out by then; what became of a mail is as it is now"), answer: .page(message)
        ) { asked, tx in
            let number = asked.path["number"] ?? ""
            guard try isKnown(number, asked, tx), let id = try customerIDs([number], asked.entity, in: tx)[number] else { return nil }
            return try MessageList(
                asked.entity, ID(id), asked.word("kind"), asked.word("state"), on: asked.filter, after: asked.after, limit: asked.limit,
                at: asked.askedMoment
            ).page(in: tx).json(json)
        },
        Endpoint(
            post: "/v1/customers/{number}/statement/send",
            "Sends a customer its statement of account by mail, once a business day of the account", .collect,
            body: .object([
                .init("as_of", .day, required: false), .init("known_at", .instant, required: false), .init("from", .day, required: false),
            ]), answer: .object([.init("customer_number", .text()), .init("as_of", .day), .init("sent_to", .text(max: 1000))])
        ) { asked, tx, now in
            let number = asked.path["number"] ?? "", day = asked.day("as_of")
            let moment = ReportMoment(asked.entity, asOf: day, knownAt: asked.body["known_at"]?.text.flatMap { Instant($0) })
            let from = asked.body["from"]?.text.flatMap { Day($0) }
            let operation = SendStatement(moment, customerNumber: number, from: from, on: asked.today)
            return [
                "customer_number": .text(number), "as_of": JSON(day), "sent_to": .text(try operation.run(in: tx, at: now)),
            ]
        },
    ]

    private static func json(_ line: CollectionsWorklist.Line) -> JSON {
        [
            "customer_number": .text(line.number), "customer_name": .text(line.name), "overdue": JSON(line.overdue),
            "items": .integer(Int64(line.itemCount)), "oldest_due_on": JSON(line.oldestDueOn), "disputed": JSON(line.standing.disputed),
            "promised": JSON(line.standing.promised),
            "last_notice_level": line.lastNotice.map { .integer(Int64($0.level)) } ?? .null, "last_notice_on": JSON(line.lastNotice?.on),
            "has_address": .bool(line.hasAddress),
        ]
    }

    private static func json(_ message: CustomerView.Message) -> JSON {
        let kind: String, level: JSON
        switch message.kind {
        case .notice(let reached): (kind, level) = ("notice", .integer(Int64(reached)))
        case .statement: (kind, level) = ("statement", .null)
        case .question: (kind, level) = ("question", .null)
        }
        return [
            "id": .text(PrefixedID.text("msg", message.id)), "kind": .text(kind), "level": level, "on": JSON(message.on),
            "subject": .text(message.subject), "body": .text(message.body), "state": message.state.isEmpty ? .null : .text(message.state),
        ]
    }
}
