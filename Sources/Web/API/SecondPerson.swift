import Domain
import Operations
import Store

/// An act that takes a second person, as it is kept: the form of the desk that does it, and what people read of it.
struct SecondPerson: Sendable {
    /// The path of the form.
    let act: String
    let fields: [(name: String, value: String)]
    let why: String

    /// The member of a body that asks for a second person where it takes one.
    static let ask = Schema.Field("ask", .flag, required: false)
    /// What is answered for what waits.
    static let answer = Schema.object([.init("id", .text()), .init("address", .text()), .init("what", .prose(max: 10_000))])

    static func isAsked(_ asked: APIQuestion) -> Bool { asked.body["ask"] == JSON.bool(true) }

    static func release(_ orders: [OrderList.Line], reason: String) -> SecondPerson {
        let picked = orders.map { (name: "order", value: String($0.id.value)) }
        let said = [(name: "event", value: OrderState.Event.release.rawValue), (name: "reason", value: reason)]
        return SecondPerson(act: "/orders/decide", fields: picked + said, why: releaseWords(orders))
    }

    /// Keeps it in the name of who asks.
    ///
    /// - Returns: The id of what waits, as programs see it.
    func file(_ asked: APIQuestion, _ tx: any Transaction, _ now: Instant) throws -> String {
        let request = AskApproval(asked.entity, asked.actor, act: act, fields: Link.query(fields), why: why)
        return PrefixedID.text("apr", try request.run(in: tx, at: now))
    }
}

extension SecondPerson {
    /// A form of the desk, as it was sent but for what is named.
    init(_ act: String, _ asked: DeskQuestion, naming named: [(name: String, value: String)] = [], why: String) {
        let sent = asked.fields.filter { field in field.name != "csrf" && !named.contains { $0.name == field.name } }
        self.init(act: act, fields: sent + named, why: why)
    }
}

/// What the release of these orders is called where it waits.
func releaseWords(_ orders: [OrderList.Line]) -> String {
    "Release of \(orders.map { "\($0.number), \($0.gross.readable)" }.joined(separator: "; "))"
}

/// What a write-off is called where it waits.
///
/// - Parameter code: A `ReasonCode`, as written.
func writeOffWords(_ wanted: WriteOff.Wanted, of document: String, for code: String) -> String {
    let what = "Write-off of \(wanted.amount.readable) of \(document), \(words(code))"
    return what + (wanted.sumText.map { ", \($0)" } ?? "")
}

extension FlorinResponder {
    /// Keeps what takes a second person, where the body asks for one, and notes who asked; nil lets the act go on.
    func waits(
        _ endpoint: Endpoint, _ asked: APIQuestion, _ tx: any Transaction, _ now: Instant
    ) throws -> IdempotencyKey.Answer? {
        guard SecondPerson.isAsked(asked), let waiting = try endpoint.second?(asked, tx, now) else { return nil }
        let id = try waiting.file(asked, tx, now)
        try Audit(
            asked.entity, asked.actor, "\(endpoint.method) \(endpoint.path)", detail: asked.place + asked.excerpt,
            outcome: "waits for a second person"
        ).run(in: tx, at: now)
        let told: JSON = ["id": .text(id), "address": .text("/v1/approvals/\(id)"), "what": .text(waiting.why)]
        return .init(status: 202, body: told.line)
    }
}
