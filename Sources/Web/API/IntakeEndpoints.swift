import Domain
import Operations
import Store

/// Money that arrives, one message or one file at a time.
extension Endpoint {
    private static let anyMinor: ClosedRange<Int64> = -(1 << 53)...1 << 53
    private static let intake = Schema.object([
        .init("method", .word(max: 40)), .init("number", .word(max: 80)), .init("booked_on", .day),
        .init("amount", .object([.init("minor", .integer(anyMinor)), .init("currency", .text(max: 20))])),
        .init("payer_name", .optional(.text(min: 1, max: 140)), required: false), .init("payer_iban", .optional(.iban), required: false),
        .init("end_to_end_id", .optional(.word(max: 35)), required: false), .init("mandate_id", .optional(.word(max: 35)), required: false),
        .init("remittance", .text(max: 1000), required: false),
    ])
    private static let taken = Schema.object(
        [
            .init("method", .text()), .init("number", .text()), .init("outcome", .choice(["recorded", "known", "refused"])),
            .init("id", .optional(.text())), .init("reason", .optional(.text(max: 2000))),
        ] + Bulk.fields)
    private static let imported = Schema.object([
        .init("facts", .array(.object([.init("name", .text()), .init("value", .text(max: 1000))]), max: 20)),
        .init("findings", .array(.text(max: 2000), max: 100_000)),
    ])

    static let takeReceipts = Endpoint(
        post: "/v1/receipts",
        "Takes money that arrived: (method, number) identifies it for ever; what is certain is applied at once; each is answered for itself",
        .work,
        body: .object([.init("receipts", .array(intake, min: 1, max: 200))]),
        answer: .object([.init("receipts", .array(taken, max: Bulk.rowLimit))])
    ) { asked, tx, now in
        let given = asked.body["receipts"]?.array ?? []
        // Said twice in one request, a receipt is taken once.
        var first: [String: ReceiptIntake] = [:]
        let receipts = given.compactMap { receipt(asked, $0) }.filter { first.updateValue(first[key($0)] ?? $0, forKey: key($0)) == nil }
        let before = try known(receipts, asked.entity, in: tx)
        if !receipts.isEmpty {
            _ = try RecordReceipts(
                asked.entity, receipts, on: asked.today, toleranceMinor: asked.terms.toleranceMinor, policy: asked.terms.policy
            ).run(in: tx, at: now)
        }
        let after = try known(receipts, asked.entity, in: tx)
        return ["receipts": .array(given.map { told(asked, $0, before: before, after: after) })]
    }.taking(
        Bulk(
            member: "receipts", item: intake, identity: ["number", "method"], csv: Bulk.receiptRows,
            columns:
                "Columns \(Bulk.receiptColumns.joined(separator: ", ")), and optionally \(Bulk.receiptTexts.joined(separator: ", ")); amounts as 1234.56."
        ))

    /// What became of one: another that was taken under its number, before or earlier in this request, stands.
    private static func told(
        _ asked: APIQuestion, _ value: JSON, before: [String: Standing], after: [String: Standing]
    ) -> JSON {
        func told(_ outcome: JSON, id: Int64?, _ reason: String?) -> [JSON.Member] {
            [
                .init("method", value["method"] ?? ""), .init("number", value["number"] ?? ""), .init("outcome", outcome),
                .init("id", JSON(id.map { PrefixedID.text("rcp", $0) })), .init("reason", JSON(reason)),
            ]
        }
        guard let receipt = receipt(asked, value) else {
            let fault = fault(of: value) ?? ("amount", "is not an amount")
            return .object(told("refused", id: nil, "\(fault.path): \(fault.message)") + [.init("field", .text(fault.path))])
        }
        let key = key(receipt), standing = after[key]
        let differs = standing.map { $0.amount != receipt.amount || $0.bookedOn != receipt.bookedOn } ?? false
        return .object(
            told(
                before[key] == nil && !differs ? "recorded" : "known", id: standing?.id,
                differs ? "differs from what is in the books: nothing was changed" : nil))
    }

    /// What one receipt alone has wrong; the others go on.
    private static func fault(of value: JSON) -> (path: String, message: String)? {
        Schema.amount.fault(value["amount"] ?? .null, at: "amount")
    }

    static let takeFiles: [Endpoint] = [
        taking(
            .bank, "/v1/statements", "Takes a bank statement file in, as the body: each entry once, the same file again changes nothing"),
        taking(.remittance, "/v1/remittances", "Takes a file of remittance advices in, as the body: what payers say that they pay"),
        taking(
            .invoices, "/v1/open-items",
            "Takes open items of a former system over, as a CSV file in the body; known numbers stay as they are"),
        taking(.orders, "/v1/imports/orders", "Takes orders in, as a CSV file in the body: each once, what cannot be taken is a finding"),
        taking(
            .customers, "/v1/imports/customers",
            "Takes customers in, as a CSV file in the body; the number identifies them"),
    ]

    private static func taking(_ kind: ImportKind, _ path: String, _ summary: String) -> Endpoint {
        var endpoint = Endpoint(run: path, summary, kind.right, body: .anything, answer: imported) { asked, books in
            guard let file = asked.file else { throw APIRefusal.noEffect("send the file as the body") }
            let outcome = try await books.importFile(kind, file, by: asked.actor.role)
            return [
                "facts": .array(outcome.facts.map { ["name": .text($0.name), "value": .text($0.value)] }),
                "findings": .array(outcome.findings.map(JSON.text)),
            ]
        }
        endpoint.takesFile = true
        return endpoint
    }

    private typealias Standing = (id: Int64, amount: Money, bookedOn: Day)

    private static func key(_ receipt: ReceiptIntake) -> String { "\(receipt.method)\u{1F}\(receipt.externalID)" }

    private static func known(_ receipts: [ReceiptIntake], _ entity: ID<Entity>, in tx: any Transaction) throws -> [String: Standing] {
        var known: [String: Standing] = [:]
        try tx.forEach(
            """
            SELECT method, external_id, id, amount_minor, currency, booked_on FROM receipt
             WHERE entity_id = \(entity) AND external_id IN \(texts: Set(receipts.map(\.externalID)))
            """
        ) { known["\($0.text(0))\u{1F}\($0.text(1))"] = ($0.integer(2), $0.money(3, $0.currency(4)), $0.day(5)) }
        return known
    }

    private static func receipt(_ asked: APIQuestion, _ value: JSON) -> ReceiptIntake? {
        guard fault(of: value) == nil, let method = value["method"]?.text, let number = value["number"]?.text,
            let bookedOn = value["booked_on"]?.text.flatMap({ Day($0) }),
            let amount = asked.money(value["amount"])
        else { return nil }
        return ReceiptIntake(
            method: method, externalID: number, bookedOn: bookedOn, amount: amount, payerName: value["payer_name"]?.text,
            payerIBAN: value["payer_iban"]?.text,
            endToEndID: value["end_to_end_id"]?.text, mandateID: value["mandate_id"]?.text, remittance: value["remittance"]?.text ?? "")
    }
}
