import Domain
import Operations
import Store

/// What payers say that they pay, as it was taken in.
extension Endpoint {
    private static let fields: [Schema.Field] = [
        .init("id", .text()), .init("format", .text()), .init("payer_name", .optional(.prose(max: 10_000))),
        .init("payer_identifiers", .array(.prose(max: 10_000), max: 10_000)), .init("payment_reference", .optional(.prose(max: 10_000))),
        .init("paid_on", .optional(.day)), .init("currency", .currency), .init("total", .optional(.money)),
        .init("line_count", .integer(0...Int64.max / 2)), .init("receipt", .optional(.text())),
        .init("rule", .optional(.choice(["reference", "payer"]))), .init("replaced_by", .optional(.text())),
        .init("findings", .array(.prose(max: 10_000), max: 100_000)),
    ]
    private static let line = Schema.object([
        .init("line", .integer(1...Int64.max / 2)), .init("document", .prose(max: 10_000)),
        .init("kind", .choice(RemittanceAdvice.DocumentKind.allCases.map(\.rawValue))), .init("issued_on", .optional(.day)),
        .init("also_known_as", .array(.prose(max: 10_000), max: 10_000)), .init("gross", .optional(.money)),
        .init("discount", .optional(.money)), .init("deduction", .optional(.money)),
        .init("deduction_reasons", .array(.prose(max: 10_000), max: 10_000)), .init("paid", .optional(.money)),
    ])
    private static let then = Moment.told("advices taken in by the end of that day, UTC, and by then, and to what they were linked")

    static let remittances: [Endpoint] = [
        Endpoint(
            get: "/v1/remittances", "Remittance advices, each with the receipt that it explains, if it is known, the last taken in first",
            query: [
                .state(RemittanceList.Filter.self),
                .init("customer_number", .number, "only those of money that stands on this customer's account"),
            ] + .days("day of payment that the advice states") + .amounts("a sum that the advice states") + [.after, .limit],
            at: then, answer: .page(.object(fields))
        ) { asked, tx in
            try RemittanceList(
                asked.entity, asked.word("state") ?? .all, where: asked.filter, after: asked.after, limit: asked.limit,
                at: asked.askedMoment
            ).page(in: tx).json { .object(members($0)) }
        },
        Endpoint(
            get: "/v1/remittances/{id}", "One advice with what it says of each document; one that was read anew names the later reading",
            id: "adv", at: then, answer: .object(fields + [.init("lines", .array(line, max: 1_000_000))])
        ) { asked, tx in
            let id: ID<RemittanceAdvice> = try asked.id("adv")
            guard let advice = try RemittanceList(asked.entity, limit: 1, id: id, at: asked.askedMoment).page(in: tx).rows.first else {
                return nil
            }
            let lines = try RemittanceLine.read(asked.entity, of: id, in: tx)
            return .object(members(advice) + [.init("lines", .array(lines.map(json)))])
        },
    ]

    private static func members(_ advice: RemittanceList.Line) -> [JSON.Member] {
        [
            .init("id", .text(PrefixedID.text("adv", advice.id.value))), .init("format", .text(advice.format)),
            .init("payer_name", JSON(advice.payerName)), .init("payer_identifiers", .array(advice.payerIdentifiers.map(JSON.text))),
            .init("payment_reference", JSON(advice.paymentReference)), .init("paid_on", JSON(advice.paidOn)),
            .init("currency", .text(advice.currency.code)), .init("total", JSON(advice.total)),
            .init("line_count", .integer(advice.lineCount)),
            .init("receipt", JSON(advice.link.map { PrefixedID.text("rcp", $0.receipt.value) })),
            .init("rule", JSON(advice.link?.rule)), .init("replaced_by", JSON(advice.replacedBy.map { PrefixedID.text("adv", $0.value) })),
            .init("findings", .array(advice.findings.map(JSON.text))),
        ]
    }

    private static func json(_ line: RemittanceLine) -> JSON {
        [
            "line": .integer(line.line), "document": .text(line.document), "kind": .text(line.kind.rawValue),
            "issued_on": JSON(line.issuedOn), "also_known_as": .array(line.alsoKnownAs.map(JSON.text)), "gross": JSON(line.gross),
            "discount": JSON(line.discount), "deduction": JSON(line.deduction),
            "deduction_reasons": .array(line.deductionReasons.map(JSON.text)), "paid": JSON(line.paid),
        ]
    }
}
