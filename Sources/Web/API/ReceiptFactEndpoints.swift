import Domain
import Operations
import Store

/// What is known of a receipt, what it may be, and what became of it.
extension Endpoint {
    private static let payment = Schema.object([
        .init("id", .text()), .init("payer_name", .optional(.prose(max: 1000))), .init("payer_iban", .optional(.text(max: 1000))),
        .init("end_to_end_id", .optional(.text(max: 1000))), .init("mandate_id", .optional(.text(max: 1000))),
        .init("structured_reference", .optional(.text(max: 1000))), .init("bank_reference", .optional(.text(max: 1000))),
        .init("remittance", .prose(max: 100_000)),
        .init("statement", .optional(.object([.init("id", .text()), .init("number", .text(max: 1000))]))),
    ])
    private static let candidate = Schema.object([
        .init("customer_number", .text()), .init("customer_name", .name), .init("why", .prose(max: 10_000)),
        .init("proposed", .optional(.money)),
        .init(
            "items",
            .array(
                .object([
                    .init("id", .text()), .init("document", .text(max: 1000)), .init("on", .day), .init("due_on", .day),
                    .init("open", .money), .init("proposed", .money),
                ]), max: 1_000)),
    ])
    private static let settlement = Schema.object([
        .init("id", .text()), .init("on", .day), .init("amount", .money), .init("rule", .text()), .init("item", .text()),
        .init("kind", .text()), .init("document", .text(max: 1000)), .init("customer_number", .optional(.text())),
        .init("reverses", .optional(.text())), .init("is_reversed", .flag),
    ])
    private static let application = Schema.object([
        .init("id", .text()), .init("on", .day), .init("rule", .text()), .init("explanation", .prose(max: 100_000)),
        .init("reverses", .optional(.text())), .init("has_certificate", .flag),
    ])
    private static let inquiry = Schema.object([
        .init("id", .text()), .init("customer_number", .text()), .init("asked_on", .day), .init("answer_by", .day),
        .init("question", .prose(max: 10_000)), .init("role", .text(max: 1000)),
    ])

    static let receiptFacts: [Endpoint] = [
        Endpoint(
            get: "/v1/receipts/{id}/payment", "What was told of the payment: the payer's account, references, the statement", id: "rcp",
            at: .told("a receipt known then: what was told of its payment never changes"), answer: payment
        ) { asked, tx in try view(asked, tx).map(payment) },
        Endpoint(
            get: "/v1/receipts/{id}/candidates", "Whose a receipt that waits may be, the best first, with what each has open", id: "rcp",
            at: .told("what the last run proposes, of a receipt known then: earlier proposals are not kept"),
            answer: .object([.init("candidates", .array(candidate, max: ReceiptView.candidateLimit))])
        ) { asked, tx in try view(asked, tx).map { ["candidates": .array($0.candidates.map(json))] } },
        Endpoint(
            get: "/v1/receipts/{id}/settlements", "What a receipt settled, in the order of recording: each allocation, taken back or not",
            id: "rcp", query: [.after, .limit],
            at: .told("allocations of that day or before that were recorded by then"), answer: .page(settlement)
        ) { asked, tx in
            try facts(asked, tx)?.settlements(after: asked.after, limit: asked.limit, in: tx).json(json)
        },
        Endpoint(
            get: "/v1/receipts/{id}/applications", "When a receipt was applied and taken back, by which rule and why", id: "rcp",
            query: [.after, .limit],
            at: .told("applications of that day or before that were recorded by then"), answer: .page(application)
        ) { asked, tx in
            try facts(asked, tx)?.applications(after: asked.after, limit: asked.limit, in: tx).json {
                [
                    "id": .text(PrefixedID.text("app", $0.id)), "on": JSON($0.told.on), "rule": .text($0.told.rule),
                    "explanation": .text($0.told.explanation), "reverses": JSON($0.reverses.map { PrefixedID.text("app", $0) }),
                    "has_certificate": .bool($0.told.certificate != nil),
                ]
            }
        },
        Endpoint(
            get: "/v1/receipts/{id}/inquiries", "What customers were asked about a receipt", id: "rcp", query: [.after, .limit],
            at: .told("what was asked on that day or before and recorded by then"), answer: .page(inquiry)
        ) { asked, tx in
            try facts(asked, tx)?.inquiries(after: asked.after, limit: asked.limit, in: tx).json {
                [
                    "id": .text(PrefixedID.text("msg", $0.id)), "customer_number": .text($0.customerNumber), "asked_on": JSON($0.askedOn),
                    "answer_by": JSON($0.answerBy), "question": .text($0.question), "role": .text($0.role),
                ]
            }
        },
    ]

    /// nil where it was not there.
    private static func facts(_ asked: APIQuestion, _ tx: any Transaction) throws -> ReceiptFacts? {
        let facts = ReceiptFacts(asked.entity, try asked.id("rcp"), at: asked.askedMoment)
        return try facts.isKnown(in: tx) ? facts : nil
    }

    private static func view(_ asked: APIQuestion, _ tx: any Transaction) throws -> ReceiptView? {
        try facts(asked, tx) == nil ? nil : ReadReceipt(asked.entity, try asked.id("rcp")).run(in: tx)
    }

    private static func payment(_ receipt: ReceiptView) -> JSON {
        [
            "id": .text(PrefixedID.text("rcp", receipt.id.value)), "payer_name": JSON(receipt.payerName),
            "payer_iban": JSON(receipt.payerIBAN), "end_to_end_id": JSON(receipt.endToEndID), "mandate_id": JSON(receipt.mandateID),
            "structured_reference": JSON(receipt.structuredReference), "bank_reference": JSON(receipt.bankReference),
            "remittance": .text(receipt.remittance),
            "statement": receipt.statement.map { ["id": .text(PrefixedID.text("stm", $0.id)), "number": .text($0.number)] } ?? .null,
        ]
    }

    private static func json(_ candidate: ReceiptView.Candidate) -> JSON {
        let items = candidate.items.map { item -> JSON in
            [
                "id": .text(PrefixedID.text("itm", item.id)), "document": .text(item.number), "on": JSON(item.on),
                "due_on": JSON(item.dueOn), "open": JSON(item.open), "proposed": JSON(item.proposed),
            ]
        }
        return [
            "customer_number": .text(candidate.number), "customer_name": .text(candidate.name), "why": .text(candidate.why),
            "proposed": candidate.proposed.map { JSON($0) } ?? .null, "items": .array(items),
        ]
    }

    private static func json(_ row: ReceiptFacts.Settlement) -> JSON {
        [
            "id": .text(PrefixedID.text("alc", row.id)), "on": JSON(row.on), "amount": JSON(row.amount), "rule": .text(row.rule),
            "item": .text(PrefixedID.text("itm", row.item)), "kind": .text(row.kind), "document": .text(row.document),
            "customer_number": JSON(row.customerNumber), "reverses": JSON(row.reverses.map { PrefixedID.text("alc", $0) }),
            "is_reversed": .bool(row.isReversed),
        ]
    }
}
