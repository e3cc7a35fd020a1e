import Domain
import Operations
import Store

/// Who did what.
extension Endpoint {
    private static let act = Schema.object([
        .init("id", .text()), .init("at", .instant), .init("actor", .text(max: 1000)), .init("role", .text()),
        .init("act", .text(max: 1000)),
        .init("detail", .prose(max: 10_000)), .init("outcome", .text(max: 1000)),
    ])

    static let audit: [Endpoint] = [
        Endpoint(
            get: "/v1/audit", "What people and programs did, the last act first: who, what was sent, what stood there before", .audit,
            query: [
                .init("actor", .text(min: 1, max: 200), "only of this person, or of a key as `key NAME`"),
                .init(
                    "act", .text(min: 1, max: 200),
                    "only this act, as the log has it: `/sign-in`, `POST /v1/orders`; a part in braces stands for any text"),
            ] + .days("day, UTC,") + [.after, .limit], at: .told("what was done by then"), answer: .page(act)
        ) { asked, tx in
            try AuditLog(
                asked.entity, actor: asked.query["actor"], act: asked.query["act"], on: asked.filter, at: asked.askedMoment,
                after: asked.after,
                limit: asked.limit
            ).page(in: tx).json {
                [
                    "id": .text(PrefixedID.text("aud", $0.id)), "at": .text($0.at.iso8601), "actor": .text($0.actor),
                    "role": .text($0.role), "act": .text($0.act),
                    "detail": .text($0.detail), "outcome": .text($0.outcome),
                ]
            }
        }
    ]
}
