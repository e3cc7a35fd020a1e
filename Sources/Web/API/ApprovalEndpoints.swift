import Domain
import Operations
import Store

/// Acts that take two people.
extension Endpoint {
    private static let approval = Schema.object([
        .init("id", .text()), .init("state", .choice(ApprovalList.State.allCases.map(\.rawValue))), .init("what", .prose(max: 10_000)),
        .init("act", .text(max: 1000)), .init("reason", .optional(.prose(max: 10_000))), .init("document", .optional(.text(max: 1000))),
        .init("orders", .array(.text(), max: 10_000)), .init("asked_by", .text(max: 1000)), .init("asked_at", .instant),
        .init("decided_by", .optional(.text(max: 1000))), .init("decided_at", .optional(.instant)),
    ])

    static let approvals: [Endpoint] = [
        Endpoint(
            get: "/v1/approvals", "Acts that wait for a second person, and those that were decided, the latest first",
            query: [.state(ApprovalList.State.self), .after, .limit],
            at: .told("what had been asked by then, as far as it was decided"), answer: .page(approval)
        ) { asked, tx in
            try ApprovalList(asked.entity, asked.word("state"), after: asked.after, limit: asked.limit, at: asked.askedMoment).page(in: tx)
                .json(json)
        },
        Endpoint(
            get: "/v1/approvals/{id}", "One of them", id: "apr", at: .told("what had been asked by then, as far as it was decided"),
            answer: approval
        ) { asked, tx in try found(asked, at: asked.askedMoment, tx).map(json) },
        Endpoint(
            run: "/v1/approvals/{id}/approve", "Lets what waits go on, in the name of who asked: whoever asked does not decide", .approve,
            id: "apr", body: .object([]), answer: approval
        ) { asked, books in
            try await decide(asked, books, approve: true)
        },
        Endpoint(
            run: "/v1/approvals/{id}/decline", "Refuses what waits: nothing is done", .approve, id: "apr", body: .object([]),
            answer: approval
        ) { asked, books in
            try await decide(asked, books, approve: false)
        },
    ]

    private static func decide(_ asked: APIQuestion, _ books: DeskBooks, approve isApproved: Bool) async throws -> JSON {
        let id: ID<Actor> = try asked.id("apr"), actor = asked.actor
        guard try await books.database.read({ try found(asked, at: nil, $0) }) != nil else {
            throw APIRefusal.notFound(asked.path["id"] ?? "")
        }
        let decide = DecideApproval(asked.entity, id.value, by: actor, approve: isApproved)
        let request = try await books.database.read { try decide.request(in: $0) }
        @Sendable func kept(_ tx: any Transaction, _ now: Instant) throws -> String {
            if let decided = try found(asked, at: nil, tx) { try books.keep(json(decided), tx, now) }
            return request.noted
        }
        if isApproved {
            // Keys are made on the desk by administrators alone.
            let isOfAdministrator = request.askedRole == Role.administrator.rawValue || request.askedMaker != nil
            guard actor.maker != nil || !isOfAdministrator else {
                throw APIRefusal.noEffect(
                    "an administrator asked, alone or by a key, and may have made this one: another person decides, "
                        + "on the desk or with a key made there")
            }
            guard !request.isOfUnknownMaker else {
                throw APIRefusal.noEffect(
                    "a key of the command line asked, and its maker may have made this key: a person decides, on the desk")
            }
            let reader = DeskReader(
                entityName: "", userName: actor.name, person: actor.id, role: actor.role.rawValue, csrf: "", today: asked.today)
            let question = DeskQuestion(asked.entity, reader, path: "", values: [], memory: asked.memory, terms: asked.terms)
            try await carryOut(request, decide, question, books, noting: kept)
        } else {
            _ = try await books.write(telling: { $0 }) { tx, now in
                try decide.run(in: tx, at: now)
                return try kept(tx, now)
            }
        }
        guard let decided = try await books.database.read({ try found(asked, at: nil, $0) }) else {
            throw APIRefusal.notFound(asked.path["id"] ?? "")
        }
        return json(decided)
    }

    private static func found(_ asked: APIQuestion, at moment: ReportMoment?, _ tx: any Transaction) throws -> ApprovalList.Line? {
        let id: ID<Actor> = try asked.id("apr")
        return try ApprovalList(asked.entity, limit: 1, id: id.value, at: moment).page(in: tx).rows.first
    }

    private static func json(_ line: ApprovalList.Line) -> JSON {
        let pairs = formPairs(line.fields)
        func values(_ name: String) -> [String] { pairs.filter { $0.name == name && !$0.value.isEmpty }.map(\.value) }
        return [
            "id": .text(PrefixedID.text("apr", line.id)), "state": .text(line.state.rawValue), "what": .text(line.why),
            "act": .text(line.act), "reason": JSON(values("reason").first), "document": JSON(values("number").first),
            "orders": .array(values("order").compactMap { Int64($0) }.map { .text(PrefixedID.text("ord", $0)) }),
            "asked_by": .text(line.askedBy), "asked_at": .text(line.askedAt.iso8601), "decided_by": JSON(line.decidedBy),
            "decided_at": JSON(line.decidedAt?.iso8601),
        ]
    }
}
