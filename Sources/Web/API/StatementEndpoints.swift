import Domain
import Operations
import Store

/// What the bank says, as it was taken in.
extension Endpoint {
    private static let lineFields: [Schema.Field] = [
        .init("id", .text()), .init("account", .text()), .init("number", .text(max: 1000)), .init("format", .text()),
        .init("created_on", .optional(.day)), .init("currency", .currency), .init("opening", .optional(.money)),
        .init("closing", .optional(.money)), .init("findings", .array(.prose(max: 10_000), max: 100_000)),
    ]
    private static let line = Schema.object(lineFields)
    private static let entry = Schema.object([
        .init("id", .text()), .init("booked_on", .day), .init("value_on", .day), .init("amount", .money), .init("is_reversal", .flag),
        .init("return_reason", .optional(.text(max: 1000))), .init("reference", .optional(.text(max: 1000))),
        .init("receipt", .optional(.text())), .init("payer", .optional(.prose(max: 1000))),
        .init("remittance", .optional(.prose(max: 10_000))), .init("rule", .optional(.text())), .init("waits", .flag),
    ])

    static let statements: [Endpoint] = [
        Endpoint(
            get: "/v1/statements", "Bank statements with what does not add up in them, the last taken in first",
            query: [.init("account", .text(min: 1, max: 64), "only of this account of ours, with or without blanks")]
                + .days("day on which it was made out") + [.after, .limit],
            at: .told("statements made out on that day or before that were taken in by then"), answer: .page(line)
        ) { asked, tx in
            try StatementList(
                asked.entity, account: asked.query["account"].map { $0.filter { $0 != " " } }, on: asked.filter, after: asked.after,
                limit: asked.limit, at: asked.askedMoment
            ).page(in: tx).json { .object(members($0)) }
        },
        Endpoint(
            get: "/v1/statements/{id}", "One bank statement", id: "stm",
            at: .told("a statement made out on that day or before and taken in by then"), answer: line
        ) { asked, tx in
            let id: ID<StatementView> = try asked.id("stm")
            return try StatementView.read(asked.entity, id.value, limit: 1, at: asked.askedMoment, in: tx).map {
                .object(members($0.statement))
            }
        },
        Endpoint(
            get: "/v1/statements/{id}/entries", "The entries of a bank statement and what became of each", id: "stm",
            query: [.after, .limit],
            at: .told("entries booked on that day or before; `rule` and `waits` by the applications known then"), answer: .page(entry)
        ) { asked, tx in
            let id: ID<StatementView> = try asked.id("stm")
            return try StatementView.read(
                asked.entity, id.value, after: asked.after, limit: asked.limit, at: asked.askedMoment, in: tx
            ).map { ListPage($0.entries, next: $0.next).json(json) }
        },
    ]

    private static func members(_ line: StatementList.Line) -> [JSON.Member] {
        [
            .init("id", .text(PrefixedID.text("stm", line.id))), .init("account", .text(line.account)),
            .init("number", .text(line.number)), .init("format", .text(line.format)), .init("created_on", JSON(line.createdOn)),
            .init("currency", .text(line.currency.code)), .init("opening", line.opening.map { JSON($0) } ?? .null),
            .init("closing", line.closing.map { JSON($0) } ?? .null),
            .init("findings", .array(line.findings.split(separator: "\n").map { .text(String($0)) })),
        ]
    }

    private static func json(_ entry: StatementView.Entry) -> JSON {
        [
            "id": .text(PrefixedID.text("ent", entry.id)), "booked_on": JSON(entry.bookedOn), "value_on": JSON(entry.valueOn),
            "amount": JSON(entry.amount), "is_reversal": .bool(entry.isReversal), "return_reason": JSON(entry.returnReason),
            "reference": JSON(entry.reference), "receipt": JSON(entry.receipt.map { PrefixedID.text("rcp", $0.value) }),
            "payer": JSON(entry.payer), "remittance": JSON(entry.remittance), "rule": JSON(entry.rule), "waits": .bool(entry.isWaiting),
        ]
    }
}
