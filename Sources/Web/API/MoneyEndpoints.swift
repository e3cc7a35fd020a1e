import Domain
import Operations
import Store

extension Endpoint {
    private static let document = Schema.object([
        .init("id", .text()), .init("number", .text()), .init("kind", .choice(["invoice", "credit_note"])),
        .init("customer_number", .text()),
        .init("customer_name", .name), .init("issued_on", .day), .init("due_on", .day), .init("gross", .money),
        .init("open", .money),
    ])

    static let documents: [Endpoint] = [
        Endpoint(
            get: "/v1/invoices", "Invoices and credit notes, newest first",
            query: [.state(DocumentList.Filter.self), .customer] + .days("day of issue")
                + .amounts("a gross amount, a credit note's below zero,") + [.after, .limit],
            at: .told("documents of that day or before, known then, and what was open of them, with the names of then"),
            answer: .page(document)
        ) { asked, tx in
            try DocumentList(
                asked.entity, on: asked.today, asked.word("state") ?? .all, .newest, where: asked.filter, after: asked.after,
                limit: asked.limit,
                at: asked.askedMoment
            ).page(in: tx)
                .json(json)
        },
        Endpoint(get: "/v1/invoices/{number}", "One document by its legal number", at: .told("what was open of it then"), answer: document)
        { asked, tx in
            let number = asked.path["number"] ?? ""
            if let moment = asked.askedMoment {
                return try DocumentList(asked.entity, on: moment.asOf, limit: 1, number: number, at: moment).page(in: tx).rows.first.map(
                    json)
            }
            return try ReadDocument(asked.entity, number: number, on: asked.today).run(in: tx).map { json($0.document) }
        },
    ]

    private static func json(_ line: DocumentList.Line) -> JSON {
        [
            "id": .text(PrefixedID.text("inv", line.id.value)), "number": .text(line.number),
            "kind": line.isCreditNote ? "credit_note" : "invoice",
            "customer_number": .text(line.customerNumber), "customer_name": .text(line.customerName), "issued_on": JSON(line.issuedOn),
            "due_on": JSON(line.dueOn),
            "gross": JSON(line.gross), "open": JSON(line.open),
        ]
    }

    private static let receipt = Schema.object([
        .init("id", .text()), .init("method", .text()), .init("number", .text()), .init("booked_on", .day), .init("amount", .money),
        .init("unapplied", .money), .init("bank_reference", .optional(.text(max: 1000))),
        .init("customer_number", .optional(.text())), .init("payer_name", .optional(.text(max: 1000))),
        .init("remittance", .text(max: 10_000)),
        .init("waits_because", .optional(.text(max: 5000))), .init("state", .choice(ReceiptList.State.allCases.map(\.rawValue))),
    ])
    private static let receiptLine = Schema.object([
        .init("id", .text()), .init("booked_on", .day), .init("method", .text()), .init("number", .text()),
        .init("payer", .text(max: 1000)),
        .init("remittance", .text(max: 10_000)),
        .init("amount", .money), .init("rule", .optional(.text())), .init("waits", .flag),
        .init("state", .choice(ReceiptList.State.allCases.map(\.rawValue))),
    ])
    private static let waiting = Schema.object([
        .init("id", .text()), .init("booked_on", .day), .init("amount", .money), .init("payer", .text(max: 1000)),
        .init("remittance", .text(max: 10_000)),
        .init("reason", .text(max: 5000)), .init("queued_on", .day),
        .init("asked_until", .optional(.day)),
    ])
    private static let application = Schema.object([
        .init("customer_number", .number), .init("reason", .text(min: 1, max: 500)),
        .init("lines", .array(settledLine, max: 200)),
        .init("deductions", .array(deduction, max: 200), required: false),
    ])
    private static let accountLine = Schema.object([.init("document", .number), .init("amount", .amount)])
    private static let settledLine = Schema.object([
        .init("document", .number), .init("amount", .amount), .init("customer_number", .number, required: false),
    ])
    private static let deduction = Schema.object([
        .init("document", .number), .init("amount", .amount, required: false),
        .init("reason_code", .choice(ReasonCode.allCases.map(\.rawValue)), required: false),
        .init("customer_code", .text(min: 1, max: 60), required: false),
    ])

    static let receipts: [Endpoint] = [
        Endpoint(
            get: "/v1/receipts", "Receipts, newest first",
            query: [.state(ReceiptList.Filter.self), .customer] + .days("day of booking")
                + .amounts("an amount")
                + [.after, .limit],
            at: .told(
                "receipts of that day or before, known then; `rule`, `waits` and `state` by the applications known then, undecided ones as unapplied"
            ),
            answer: .page(receiptLine)
        ) { asked, tx in
            try ReceiptList(
                asked.entity, asked.word("state") ?? .all, where: asked.filter, after: asked.after, limit: asked.limit,
                at: asked.askedMoment
            ).page(in: tx).json { line in
                [
                    "id": .text(PrefixedID.text("rcp", line.id.value)), "booked_on": JSON(line.bookedOn), "method": .text(line.method),
                    "number": .text(line.number), "payer": .text(line.payer),
                    "remittance": .text(line.remittance), "amount": JSON(line.amount), "rule": JSON(line.rule),
                    "waits": .bool(line.isWaiting), "state": .text(line.state.rawValue),
                ]
            }
        },
        Endpoint(
            get: "/v1/receipts/{id}", "One receipt", id: "rcp",
            at: .told("what was unapplied of it then, whose it was and why it waited"), answer: receipt
        ) { asked, tx in
            let moment = asked.askedMoment
            return try ReadReceipt(asked.entity, try asked.id("rcp"), at: moment).run(in: tx).map { json($0, isNow: moment == nil) }
        },
        Endpoint(
            get: "/v1/receipts/{id}/certificates", "Why it was applied: each match with its certificate", id: "rcp",
            at: .told("the matches of that day or before that were recorded by then"),
            answer: .object([.init("certificates", .array(.prose(max: 1_000_000), max: 1000))])
        ) { asked, tx in
            let moment = asked.askedMoment
            guard let receipt = try ReadReceipt(asked.entity, try asked.id("rcp"), at: moment).run(in: tx) else { return nil }
            guard !receipt.applications.isEmpty else { return ["certificates": .array([])] }
            return [
                "certificates": .array(
                    try MatchCertificates(asked.entity, receipt: receipt.externalID, at: moment).run(in: tx).map(JSON.text))
            ]
        },
        Endpoint(
            get: "/v1/cash-queue", "Receipts that wait for a person, by money and age, or for a customer's answer",
            query: [
                .state(CashQueue.Filter.self, "waiting"),
                .init("customer_number", .number, "only what this customer paid or, without `as_of` and `known_at`, may have paid"),
            ] + .days("day of booking") + .amounts("an amount") + [.after, .limit],
            at: .told("what waited then, with the reason it had"), answer: .page(waiting)
        ) { asked, tx in
            try CashQueue(
                asked.entity, on: asked.today, asked.word("state") ?? .waiting, where: asked.filter, after: asked.after, limit: asked.limit,
                at: asked.askedMoment
            ).page(in: tx).json { line in
                [
                    "id": .text(PrefixedID.text("rcp", line.receipt.value)), "booked_on": JSON(line.bookedOn), "amount": JSON(line.amount),
                    "payer": .text(line.payer), "remittance": .text(line.remittance), "reason": .text(line.reason),
                    "queued_on": JSON(line.queuedOn), "asked_until": JSON(line.askedUntil),
                ]
            }
        },
        takeReceipts,
        Endpoint(
            post: "/v1/receipts/{id}/apply", "A person's answer: whose it is and what it settles; the rest stays on account", .work,
            id: "rcp", body: application,
            answer: receipt, apply),
        Endpoint(
            post: "/v1/receipts/{id}/apply-from-account", "Settles documents with what an application left on the customer's account",
            .work,
            id: "rcp",
            body: .object([.init("reason", .text(min: 1, max: 500)), .init("lines", .array(accountLine, max: 200))]), answer: receipt
        ) { asked, tx, now in
            try ApplyFromAccount(
                asked.entity, try found(asked, tx).id, lines(asked), reason: "\(asked.body["reason"]?.text ?? ""), \(asked.actor.name)",
                on: asked.today
            ).run(in: tx, at: now)
            return json(try found(asked, tx))
        },
        Endpoint(
            post: "/v1/receipts/{id}/unapply", "Takes the application back; the receipt waits for a person", .work, id: "rcp",
            body: .object([.init("reason", .text(min: 1, max: 500))]), answer: receipt
        ) { asked, tx, now in
            let before = try found(asked, tx)
            try UnapplyReceipt(
                asked.entity, method: before.method, externalID: before.externalID,
                reason: "\(asked.body["reason"]?.text ?? ""), \(asked.actor.name)", on: asked.today
            ).run(in: tx, at: now)
            return json(try found(asked, tx))
        },
        Endpoint(
            post: "/v1/receipts/{id}/ask", "Asks a customer what it is for, by mail; it waits for the answer until the day", .work,
            id: "rcp",
            body: .object([
                .init("customer_number", .number), .init("question", .text(min: 1, max: 500)), .init("answer_by", .day),
            ]), answer: receipt
        ) { asked, tx, now in
            _ = try AskCustomer(
                asked.entity, try found(asked, tx).id, customer: asked.body["customer_number"]?.text ?? "",
                question: asked.body["question"]?.text ?? "", answerBy: asked.day("answer_by"),
                role: "\(asked.actor.role.rawValue) \(asked.actor.name)", on: asked.today
            ).run(in: tx, at: now)
            return json(try found(asked, tx))
        },
        Endpoint(
            post: "/v1/receipts/{id}/set-aside", "Says that it is not ours: it waits to be returned until it is unapplied", .work,
            id: "rcp",
            body: .object([.init("reason", .text(min: 1, max: 500))]), answer: receipt
        ) { asked, tx, now in
            let before = try found(asked, tx)
            try SetReceiptAside(
                asked.entity, method: before.method, externalID: before.externalID,
                reason: "\(asked.body["reason"]?.text ?? ""), \(asked.actor.name)", on: asked.today
            ).run(in: tx, at: now)
            return json(try found(asked, tx))
        },
    ]

    private static let apply: @Sendable (APIQuestion, any Transaction, Instant) throws -> JSON = { asked, tx, now in
        let before = try found(asked, tx)
        let lines = lines(asked)
        let reason = "\(asked.body["reason"]?.text ?? ""), \(asked.actor.name)"
        let application = ApplyByHand(
            asked.entity, method: before.method, externalID: before.externalID, customer: asked.body["customer_number"]?.text ?? "", lines,
            reason: reason, on: asked.today)
        let deductions = (asked.body["deductions"]?.array ?? []).map { one in
            ApplyShort.Deduction(
                one["document"]?.text ?? "", asked.money(one["amount"]),
                code: one["reason_code"]?.text.flatMap { ReasonCode(rawValue: $0) },
                customerCode: one["customer_code"]?.text)
        }
        try ApplyShort(
            asked.entity, application, deductions, reason: reason, asked.terms.writeOff,
            by: .init(asked.actor.role, name: asked.actor.name, id: asked.actor.id), on: asked.today
        ).run(in: tx, at: now)
        return json(try found(asked, tx))
    }

    private static func lines(_ asked: APIQuestion) -> [ApplyByHand.Line] {
        (asked.body["lines"]?.array ?? []).compactMap { line in
            guard let document = line["document"]?.text, let amount = asked.money(line["amount"]) else { return nil }
            return ApplyByHand.Line(document, amount, of: line["customer_number"]?.text)
        }
    }

    private static func found(_ asked: APIQuestion, _ tx: any Transaction) throws -> ReceiptView {
        guard let receipt = try ReadReceipt(asked.entity, try asked.id("rcp")).run(in: tx) else {
            throw APIRefusal.notFound(asked.path["id"] ?? "")
        }
        return receipt
    }

    private static func json(_ receipt: ReceiptView, isNow: Bool = true) -> JSON {
        [
            "id": .text(PrefixedID.text("rcp", receipt.id.value)), "method": .text(receipt.method), "number": .text(receipt.externalID),
            "booked_on": JSON(receipt.bookedOn), "amount": JSON(receipt.amount), "unapplied": JSON(receipt.unapplied),
            "bank_reference": JSON(receipt.bankReference),
            "customer_number": JSON(receipt.customerNumber), "payer_name": JSON(receipt.payerName), "remittance": .text(receipt.remittance),
            "waits_because": JSON(receipt.queueReason), "state": .text(receipt.state(isNow: isNow).rawValue),
        ]
    }
}
