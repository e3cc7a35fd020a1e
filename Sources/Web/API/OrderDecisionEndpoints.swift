import Domain
import Operations
import Store

/// Several orders decided in one request.
extension Endpoint {
    private static let picked: [Schema.Field] = [
        .init("orders", .array(.text(min: 1, max: 40), min: 1, max: 200)), .init("reason", .text(min: 1, max: 500)),
    ]
    private static let outcome = Schema.object([
        .init("id", .text()), .init("outcome", .choice(["released", "cancelled", "waits", "refused"])),
        .init("reason", .optional(.text(max: 2000))), .init("code", .text(), required: false),
        .init("approval", .text(), required: false),
    ])
    private static let outcomes = Schema.object([.init("orders", .array(outcome, max: 200))])

    static let orderDecisions: [Endpoint] = [
        Endpoint(
            post: "/v1/orders/release",
            "Lets held orders go on to billing, each answered for itself; with `ask`, one that takes two people waits for the second",
            DecideHeldOrders.right(to: .release), body: .object(picked + [SecondPerson.ask]), answer: outcomes
        ) { asked, tx, now in
            try decide(.release, asked, tx, now)
        },
        Endpoint(
            post: "/v1/orders/cancel", "Takes orders out that are not billed, each answered for itself",
            DecideHeldOrders.right(to: .cancel), body: .object(picked), answer: outcomes
        ) { asked, tx, now in
            try decide(.cancel, asked, tx, now)
        },
    ]

    private static func decide(_ event: OrderState.Event, _ asked: APIQuestion, _ tx: any Transaction, _ now: Instant) throws -> JSON {
        let texts = (asked.body["orders"]?.array ?? []).compactMap(\.text), reason = asked.body["reason"]?.text ?? ""
        let ids = texts.map { text in PrefixedID.id("ord", text).map { ID<Order>($0) } }
        let refused = try DecideOrders(
            asked.entity, ids.compactMap { $0 }, event, role: "\(asked.actor.role.rawValue) \(asked.actor.name)", by: asked.actor.id,
            reason: reason, alone: asked.terms.releaseAloneMinor, on: asked.today
        ).run(in: tx, at: now)
        var waiting: [ID<Order>: [JSON.Member]] = [:]
        if SecondPerson.isAsked(asked) {
            for (id, refusal) in refused.sorted(by: { $0.key < $1.key }) {
                guard case .twoPeople = refusal, let order = try OrderView.read(asked.entity, id, in: tx)?.order else { continue }
                waiting[id] = try asking(SecondPerson.release([order], reason: reason), asked, tx, now)
            }
        }
        let told = zip(texts, ids).map { text, id -> JSON in
            let members: [JSON.Member]
            if let id, let asked = waiting[id] {
                members = asked
            } else if let id, let refusal = refused[id] {
                members = Self.members(refusal, of: text)
            } else if id == nil {
                members = Self.members(DecideHeldOrders.Refused.unknown(text), of: text)
            } else {
                members = [.init("outcome", .text(event.rawValue)), .init("reason", .null)]
            }
            return .object([.init("id", .text(text))] + members)
        }
        return ["orders": .array(told)]
    }

    /// What became of asking for a second person: it waits, or it was asked for before.
    private static func asking(
        _ second: SecondPerson, _ asked: APIQuestion, _ tx: any Transaction, _ now: Instant
    ) throws -> [JSON.Member] {
        do {
            let id = try second.file(asked, tx, now)
            try Audit(
                asked.entity, asked.actor, "POST /v1/orders/release", detail: "request=\(second.why)", outcome: "waits for a second person"
            ).run(in: tx, at: now)
            return [.init("outcome", "waits"), .init("reason", .text(second.why)), .init("approval", .text(id))]
        } catch let refusal as PeopleRefusal {
            return members(refusal, of: "")
        }
    }

    private static func members(_ refusal: any Refusal, of order: String) -> [JSON.Member] {
        var message = refusal.message
        if case .unknown? = refusal as? DecideHeldOrders.Refused { message = DecideHeldOrders.Refused.unknown(order).message }
        return [.init("outcome", "refused"), .init("reason", .text(message)), .init("code", .text(refusal.code))]
    }
}
