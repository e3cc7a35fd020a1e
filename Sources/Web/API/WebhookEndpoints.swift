import Domain
import Operations
import Store

/// Addresses that are told what happens.
extension Endpoint {
    private static let webhook = Schema.object([
        .init("id", .text()), .init("url", .text(max: WebAddress.limit)),
        .init("state", .choice(ReadWebhooks.Filter.allCases.filter { $0 != .all }.map(\.rawValue))),
        .init("cursor", .optional(.integer(0...1 << 53))),
        .init("attempts", .optional(.integer(0...100))), .init("last_error", .optional(.text(max: 1000))),
        .init("secret", .text(), required: false),
    ])

    private static let then = Moment.told(
        "addresses registered by the end of that day and by then, with the state they had; how far one was told is null: it moves on unrecorded"
    )

    static let webhooks: [Endpoint] = [
        Endpoint(
            get: "/v1/webhooks", "Addresses that are told what happens",
            query: [.state(ReadWebhooks.Filter.self, "active and paused"), .after, .limit], at: then, answer: .page(webhook)
        ) { asked, tx in
            let read = ReadWebhooks(asked.entity), state: ReadWebhooks.Filter? = asked.word("state")
            if let moment = asked.askedMoment {
                return try read.page(state, at: moment, after: asked.after, limit: asked.limit, in: tx).json(jsonThen)
            }
            return try read.page(state, after: asked.after, limit: asked.limit, in: tx).json { json($0) }
        },
        Endpoint(
            get: "/v1/webhooks/{id}", "One of them, with how far it was told", id: "whk", at: then, answer: webhook
        ) { asked, tx in
            if let moment = asked.askedMoment {
                return try ReadWebhooks(asked.entity).page(at: moment, id: try asked.id("whk"), in: tx).rows.first.map(jsonThen)
            }
            return try ReadWebhooks(asked.entity).one(try asked.id("whk"), in: tx).map { json($0) }
        },
        Endpoint(
            post: "/v1/webhooks",
            "Tells an https address of every event from now on; the secret that signs and its query are answered once", .administer,
            body: .object([.init("url", .url)]), answer: webhook
        ) { asked, tx, now in
            let secret = Secret.token("whs_"),
                id = try RegisterWebhook(asked.entity, url: asked.body["url"]?.text ?? "", secret: secret).run(in: tx, at: now)
            guard let target = try ReadWebhooks(asked.entity).one(id, in: tx) else { throw APIRefusal.notFound("the webhook") }
            return json(target, secret: secret)
        },
        Endpoint(
            post: "/v1/webhooks/{id}/replay", "Sends again what came after an event", .administer, id: "whk",
            body: .object([.init("since", .integer(0...1 << 53))]), answer: webhook
        ) { asked, tx, now in
            try changed(asked, .replay(after: asked.body["since"]?.integer ?? 0), tx, now)
        },
        Endpoint(post: "/v1/webhooks/{id}/remove", "Tells it nothing any more", .administer, id: "whk", body: .object([]), answer: webhook)
        { asked, tx, now in
            try changed(asked, .remove, tx, now)
        }.noting { asked, tx in try ReadWebhooks(asked.entity).one(try asked.id("whk"), in: tx).map { json($0) } },
    ]

    private static func changed(_ asked: APIQuestion, _ change: ChangeWebhook.Change, _ tx: any Transaction, _ now: Instant) throws -> JSON
    {
        guard let target = try ChangeWebhook(asked.entity, try asked.id("whk"), change).run(in: tx, at: now) else {
            throw APIRefusal.notFound(asked.path["id"] ?? "")
        }
        return json(target)
    }

    private static func jsonThen(_ target: WebhookTarget) -> JSON {
        [
            "id": .text(PrefixedID.text("whk", target.id.value)), "url": .text(target.shownURL), "state": .text(target.state),
            "cursor": .null, "attempts": .null, "last_error": .null,
        ]
    }

    private static func json(_ target: WebhookTarget, secret: String? = nil) -> JSON {
        var members: [JSON.Member] = [
            .init("id", .text(PrefixedID.text("whk", target.id.value))),
            .init("url", .text(secret == nil ? target.shownURL : target.url)),
            .init("state", .text(target.state)),
            .init("cursor", .integer(target.throughID)), .init("attempts", .integer(Int64(target.attempts))),
            .init("last_error", JSON(target.lastError)),
        ]
        if let secret { members.append(.init("secret", .text(secret))) }
        return .object(members)
    }
}
